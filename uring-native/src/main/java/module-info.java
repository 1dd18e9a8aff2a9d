/** io_uring and descriptor passing for Java, over the Foreign Function and Memory API. */
@org.jspecify.annotations.NullMarked
module dev.ringwatch.uring {
    requires jdk.jfr;
    requires static micrometer.core;
    requires static org.jspecify;

    exports dev.ringwatch.uring;
    exports dev.ringwatch.uring.loop;
    exports dev.ringwatch.uring.meters;
    exports dev.ringwatch.uring.resource;
    exports dev.ringwatch.uring.sys;
}
