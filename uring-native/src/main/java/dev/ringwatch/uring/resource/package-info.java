/** What was opened and not closed, since when, and where. */
package dev.ringwatch.uring.resource;
