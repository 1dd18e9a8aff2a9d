package dev.ringwatch.uring.resource;

import java.io.PrintWriter;
import java.io.StringWriter;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** In a flight recording: something that was not closed can be no more. */
@Name("dev.ringwatch.uring.Leak")
@Label("Leaked Resource")
@Category({"Ringwatch", "io_uring"})
@Description("A ring, descriptor, buffer or slot went out of reach without being closed")
@StackTrace(false)
final class LeakEvent extends Event {
    @Label("Kind")
    String kind = "";

    @Label("Resource")
    String resource = "";

    @Label("Age")
    @Timespan(Timespan.NANOSECONDS)
    long age;

    @Label("Opened At")
    @Description(
            "The stack of the opening, if it was kept; see the system property ringwatch.leaks")
    String openedAt = "";

    /** Records a leak. */
    static void record(OpenResource leaked) {
        LeakEvent event = new LeakEvent();
        if (event.isEnabled()) {
            event.kind = leaked.kind().name();
            event.resource = leaked.description();
            event.age = leaked.age().toNanos();
            event.openedAt = leaked.opened().map(LeakEvent::stack).orElse("");
            event.commit();
        }
    }

    private static String stack(Throwable opened) {
        StringWriter text = new StringWriter();
        opened.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
