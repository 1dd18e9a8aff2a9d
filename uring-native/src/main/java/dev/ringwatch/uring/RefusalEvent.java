package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.ErrnoException;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** In a flight recording: the kernel made no ring. */
@Name("dev.ringwatch.uring.Refusal")
@Label("Ring Refused")
@Category({"Ringwatch", "io_uring"})
@Description("The kernel refused a ring; what to change stands in the reason")
final class RefusalEvent extends Event {
    @Label("Error")
    String error = "";

    @Label("Options")
    String options = "";

    @Label("Reason")
    String reason = "";

    /** Records a refusal. */
    static void record(ErrnoException refusal, RingOptions options) {
        RefusalEvent event = new RefusalEvent();
        if (event.isEnabled()) {
            event.error = refusal.errno().name();
            event.options = options.toString();
            event.reason = refusal.detail();
            event.commit();
        }
    }
}
