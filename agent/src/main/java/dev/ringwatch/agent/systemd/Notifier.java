package dev.ringwatch.agent.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the service manager how the service is, if there is one that wants to know. Source:
 * sd_notify(3), sd_watchdog_enabled(3). What cannot be told is a line in the log, once. Safe for any
 * thread.
 */
public final class Notifier {
    private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

    private final Optional<UnixAddress> manager;
    private final Optional<Duration> watchdog;
    private volatile boolean complained;

    private Notifier(Optional<UnixAddress> manager, Optional<Duration> watchdog) {
        this.manager = manager;
        this.watchdog = watchdog;
    }

    /**
     * As the environment says: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.
     *
     * @param pid this process
     */
    public static Notifier of(Map<String, String> environment, long pid) {
        return new Notifier(
                Optional.ofNullable(environment.get("NOTIFY_SOCKET")).flatMap(Notifier::address),
                Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                        .filter(t -> t.matches("[1-9][0-9]{0,14}"))
                        .filter(t -> isFor(pid, environment.get("WATCHDOG_PID")))
                        .map(t -> Duration.ofNanos(Math.multiplyExact(Long.parseLong(t), 1000L))));
    }

    private static Optional<UnixAddress> address(String socket) {
        if (socket.startsWith("/")) {
            return Optional.of(new UnixAddress.Path(socket));
        }
        return socket.startsWith("@")
                ? Optional.of(new UnixAddress.Abstract(socket.substring(1)))
                : Optional.empty();
    }

    private static boolean isFor(long pid, @org.jspecify.annotations.Nullable String text) {
        return text == null || text.equals(Long.toString(pid));
    }

    /** How long the service may be silent; it had better say so twice in that time. */
    public Optional<Duration> watchdog() {
        return manager.isPresent() ? watchdog : Optional.empty();
    }

    /** The service does its work. */
    public void ready() {
        tell("READY=1");
    }

    /** One line for people. */
    public void status(String line) {
        tell("STATUS=" + line.lines().findFirst().orElse(""));
    }

    /** The service is alive. */
    public void alive() {
        tell("WATCHDOG=1");
    }

    /** The service has begun to read its configuration again; {@link #ready} ends it. */
    public void reloading() {
        // System.nanoTime is CLOCK_MONOTONIC, which is what the manager compares it with.
        tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** The service has begun to end. */
    public void stopping() {
        tell("STOPPING=1");
    }

    private void tell(String text) {
        if (manager.isEmpty()) {
            return;
        }
        try (OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0)) {
            Sockets.connect(socket.number(), manager.get());
            Sockets.send(
                    socket.number(),
                    MemorySegment.ofArray(text.getBytes(UTF_8)),
                    Sockets.MSG_DONTWAIT);
        } catch (ErrnoException e) {
            if (!complained) {
                complained = true;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the service manager cannot be told {0}: {1}",
                        text,
                        e.getMessage());
            }
        }
    }
}
