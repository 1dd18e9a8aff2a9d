/** Meters of rings for Micrometer, for programs that have it; nothing else here needs it. */
package dev.ringwatch.uring.meters;
