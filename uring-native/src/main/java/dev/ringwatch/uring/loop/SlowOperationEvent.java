package dev.ringwatch.uring.loop;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** In a flight recording: an operation that does not wait for others took long. */
@Name("dev.ringwatch.uring.SlowOperation")
@Label("Slow Operation")
@Category({"Ringwatch", "io_uring"})
@Description(
        "From the operation's submission to its first completion; not of those that wait by nature")
@StackTrace(false)
final class SlowOperationEvent extends Event {
    /** From here an operation is slow. */
    static final long SLOW_NANOS = 10_000_000;

    @Label("Ring")
    String ring = "";

    @Label("Operation")
    String operation = "";

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Result")
    int result;
}
