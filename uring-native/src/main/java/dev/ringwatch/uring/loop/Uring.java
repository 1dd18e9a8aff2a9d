package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;

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
    private final PlainEngine plain = new PlainEngine();
    private final UringFiles files = new UringFiles(this::engine);
    private final DescriptorPassing passing;

    private Uring(Backend backend, Optional<RingGroup> rings) {
        this.backend = backend;
        this.rings = rings;
        passing =
                rings.map(group -> PassingTrial.of(new RingEngine(group.next())))
                        .orElseGet(() -> PassingTrial.plain("there is no ring"));
        LOG.log(
                System.Logger.Level.INFO,
                "sockets and files run on {0}: {1}",
                backend.kind().label(),
                backend.reason());
        LOG.log(
                System.Logger.Level.INFO,
                "descriptors are passed by {0}: {1}",
                passing.means(),
                passing.reason());
    }

    /**
     * Starts the rings, or falls back.
     *
     * @throws ErrnoException why the kernel refuses rings, and what to change, if the options want
     *     nothing else
     */
    public static Uring open(UringOptions options) throws IOException {
        return switch (options.choice()) {
            case BEST -> best(options);
            case IO_URING -> onRings(options);
            case JDK_CHANNELS -> onChannels("wanted by the options");
        };
    }

    private static Uring best(UringOptions options) throws IOException {
        try {
            return onRings(options);
        } catch (ErrnoException refusal) {
            return onChannels(String.valueOf(refusal.getMessage()));
        }
    }

    private static Uring onRings(UringOptions options) throws IOException {
        RingGroup rings = RingGroup.start(options.loops(), options.loop());
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

    /** Files by name. */
    public UringFiles files() {
        return files;
    }

    /** Opens a file: {@link UringFiles#open(Path, OpenOption...)}. */
    public UringFile openFile(Path path, OpenOption... options) throws IOException {
        return files.open(path, options);
    }

    /**
     * A pool of page-aligned buffers for files, registered with a loop where there are rings.
     *
     * @param count 1 to 16384
     * @param bytes of each, 1 or more
     * @throws IllegalStateException if every loop has such a pool
     * @throws ErrnoException ENOMEM if RLIMIT_MEMLOCK (ulimit -l) is too small
     */
    public FixedBuffers fixedBuffers(int count, int bytes) throws IOException {
        if (rings.isEmpty()) {
            return FixedBuffers.plain(count, bytes);
        }
        for (RingLoop loop : rings.get().loops()) {
            try {
                return FixedBuffers.registered(loop, count, bytes);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException(
                "every loop has a pool of fixed buffers; close one, or start more loops");
    }

    /** By what means descriptors are passed, and why. */
    public DescriptorPassing descriptorPassing() {
        return passing;
    }

    /**
     * Passes descriptors over a socket.
     *
     * @param socket a connected AF_UNIX socket, taken over
     */
    public DescriptorChannel descriptorChannel(OwnedFd socket) {
        return new DescriptorChannel(
                switch (passing.means()) {
                    case RING -> engine();
                    case PLAIN_CALLS -> plain;
                },
                socket);
    }

    private Engine engine() {
        return rings.isPresent() ? new RingEngine(rings.get().next()) : plain;
    }

    /**
     * Ends the rings in order. Servers, sockets and files must be closed before; what is still open
     * is closed here, and their callers get an exception.
     *
     * @throws IOException what did not end
     */
    @Override
    public void close() throws IOException {
        plain.close();
        if (rings.isPresent()) {
            rings.get().close();
        }
    }
}
