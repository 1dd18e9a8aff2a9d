package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Sockets, servers and files in blocking style for virtual threads: on io_uring, or where that is
 * refused on the channels of the JDK.
 *
 * <pre>{@code
 * try (Uring uring = Uring.open(UringOptions.defaults());
 *         UringServer server = uring.listen(address, socket -> echo(socket))) {
 *     ...
 * }
 * }</pre>
 *
 * <p>A virtual thread that calls is parked until the kernel is done; no platform thread waits with
 * it. Which backend runs, and why, is {@link #backend()}, one line in the log, and a meter.
 *
 * <p>Any thread may use it; calls that block belong on virtual threads.
 */
public final class Uring implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Uring.class.getName());

    private final Backend backend;
    private final Optional<RingGroup> rings;

    private Uring(Backend backend, Optional<RingGroup> rings) {
        this.backend = backend;
        this.rings = rings;
        LOG.log(
                System.Logger.Level.INFO,
                "sockets and files run on {0}: {1}",
                backend.kind().label(),
                backend.reason());
    }

    /**
     * Starts the rings, or falls back.
     *
     * @throws ErrnoException why the kernel refuses rings, and what to change, if the options want
     *     nothing else
     */
    public static Uring open(UringOptions options) throws IOException {
        return open(options, loops -> {});
    }

    /**
     * {@link #open(UringOptions)}, with a look at the loops before they start.
     *
     * @param beforeStart is given the loops, to register their meters; not called without rings
     */
    public static Uring open(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        return switch (options.choice()) {
            case BEST -> best(options, beforeStart);
            case IO_URING -> onRings(options, beforeStart);
            case JDK_CHANNELS -> onChannels("wanted by the options");
        };
    }

    private static Uring best(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        try {
            return onRings(options, beforeStart);
        } catch (ErrnoException refusal) {
            return onChannels(String.valueOf(refusal.getMessage()));
        }
    }

    private static Uring onRings(UringOptions options, Consumer<? super List<RingLoop>> beforeStart)
            throws IOException {
        RingGroup rings = RingGroup.create(options.loops(), options.loop());
        beforeStart.accept(rings.loops());
        rings.start();
        String reason = rings.loops().size() + " rings";
        return new Uring(new Backend(Backend.Kind.IO_URING, reason), Optional.of(rings));
    }

    private static Uring onChannels(String reason) {
        return new Uring(new Backend(Backend.Kind.JDK_CHANNELS, reason), Optional.empty());
    }

    /** What runs, and why. */
    public Backend backend() {
        return backend;
    }

    /** The rings, if io_uring runs. */
    public Optional<RingGroup> rings() {
        return rings;
    }

    /**
     * Ends the rings in order. Servers, sockets and files must be closed before; what is still open
     * is closed here, and their callers get an exception.
     *
     * @throws IOException what did not end
     */
    @Override
    public void close() throws IOException {
        if (rings.isPresent()) {
            rings.get().close();
        }
    }
}
