/** One platform thread a ring, many virtual threads above it: loops, sockets, servers, files. */
package dev.ringwatch.uring.loop;
