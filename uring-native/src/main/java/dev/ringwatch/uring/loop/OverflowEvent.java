package dev.ringwatch.uring.loop;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** In a flight recording: an episode of completions that waited in the kernel. */
@Name("dev.ringwatch.uring.Overflow")
@Label("Completion Queue Overflow")
@Category({"Ringwatch", "io_uring"})
@Description(
        "Completions waited in the kernel because their queue was full; the episode's duration")
@StackTrace(false)
final class OverflowEvent extends Event {
    @Label("Ring")
    String ring = "";

    @Label("Completion Entries")
    int entries;

    @Label("Lost")
    @Description("Completions the kernel lost for want of memory since the ring was made")
    long lost;
}
