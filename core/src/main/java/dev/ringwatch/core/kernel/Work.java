package dev.ringwatch.core.kernel;

/**
 * A step that the kernel takes in its own time, when nobody calls: {@link KernelModel#work} lists
 * what is due, {@link KernelModel#run} takes one step of it.
 */
public sealed interface Work {
    /** The collector's next step: it was queued and is not done. */
    record Collect() implements Work {}

    /** A file whose last reference was dropped in a kernel thread is released. */
    record Release(OpenFile file) implements Work {}

    /** A ring without references cancels its requests, then gives up its files. */
    record TearDown(Ring ring) implements Work {}

    /** The timeout fires that a request is linked behind. */
    record Fire(Ring ring, int request) implements Work {}

    /** The last part of a {@link Syscall.Connect} that was split. */
    record FinishConnect(UnixSocket embryo) implements Work {}
}
