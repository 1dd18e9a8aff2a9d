/** A ring: submit operations, drain completions, register files and buffers. */
package dev.ringwatch.uring;
