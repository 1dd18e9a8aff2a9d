package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.opentest4j.TestAbortedException;

/** The ways sockets work that the same tests run over. */
enum SocketBackend {
    RING_MULTISHOT(UringOptions.Choice.IO_URING, SocketTuning.defaults()),
    RING_SINGLE(
            UringOptions.Choice.IO_URING,
            SocketTuning.defaults().with(SocketTuning.Receiving.SINGLE)),
    RING_ZERO_COPY(UringOptions.Choice.IO_URING, SocketTuning.defaults().withZeroCopyFrom(4096)),
    CHANNELS(UringOptions.Choice.JDK_CHANNELS, SocketTuning.defaults());

    private final UringOptions.Choice choice;
    private final SocketTuning tuning;

    SocketBackend(UringOptions.Choice choice, SocketTuning tuning) {
        this.choice = choice;
        this.tuning = tuning;
    }

    boolean onRings() {
        return choice == UringOptions.Choice.IO_URING;
    }

    /** Two loops, so that sockets of one server are on both; or a test skipped loudly. */
    Uring open() throws IOException {
        return open(options -> options);
    }

    Uring open(UnaryOperator<UringOptions> change) throws IOException {
        UringOptions options =
                UringOptions.defaults().with(choice).withLoops(2).withSockets(tuning);
        try {
            return Uring.open(change.apply(options));
        } catch (ErrnoException e) {
            String text = "SKIPPED on " + this + ": " + e.getMessage();
            System.out.println(text);
            throw new TestAbortedException(text, e);
        }
    }
}
