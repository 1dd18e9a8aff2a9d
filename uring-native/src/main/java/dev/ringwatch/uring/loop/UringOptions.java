package dev.ringwatch.uring.loop;

/**
 * What {@link Uring} is made with. Immutable; each {@code with} method returns a changed copy.
 *
 * @param choice which backend
 * @param loops how many rings, each with a thread; 1 or more
 * @param loop what each is made with
 * @param sockets how sockets on them receive and send
 */
public record UringOptions(Choice choice, int loops, LoopOptions loop, SocketTuning sockets) {
    /** Which backend is wanted. */
    public enum Choice {
        /** io_uring if the kernel lets us, otherwise the channels of the JDK. */
        BEST,
        /** io_uring, or a refusal that names the cure. */
        IO_URING,
        /** The channels of the JDK. */
        JDK_CHANNELS
    }

    /** Refuses what makes no sense. */
    public UringOptions {
        if (loops < 1) {
            throw new IllegalArgumentException("1 loop or more, not " + loops);
        }
    }

    /** The best backend, a ring for every two processors, {@link LoopOptions#defaults()}. */
    public static UringOptions defaults() {
        int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new UringOptions(
                Choice.BEST,
                loops,
                LoopOptions.defaults().withName("uring"),
                SocketTuning.defaults());
    }

    /** With a wanted backend. */
    public UringOptions with(Choice wanted) {
        return new UringOptions(wanted, loops, loop, sockets);
    }

    /** With so many rings. */
    public UringOptions withLoops(int count) {
        return new UringOptions(choice, count, loop, sockets);
    }

    /** With loops made like this. */
    public UringOptions withLoop(LoopOptions options) {
        return new UringOptions(choice, loops, options, sockets);
    }

    /** With sockets that receive and send like this. */
    public UringOptions withSockets(SocketTuning tuning) {
        return new UringOptions(choice, loops, loop, tuning);
    }
}
