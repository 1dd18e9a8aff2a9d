package dev.ringwatch.agent.differ;

import static dev.ringwatch.uring.sys.Sys.call;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace of the test's own: every AF_UNIX socket that its tables list is the test's.
 *
 * <p>The tables were opened inside, so every thread can read them.
 */
final class NetworkNamespace implements AutoCloseable {
    private static final int TABLE_BYTES = 1 << 16;
    private static final String EMBRYO = "0";

    private final OwnedFd namespace;
    private final OwnedFd sockets;
    private final OwnedFd protocols;
    private final boolean slotsNameSockets;

    /** Sockets that are not the programs': of who looks, or of programs that ended; see addStuck. */
    private final Set<Long> stuck = new HashSet<>();

    private NetworkNamespace(OwnedFd namespace, OwnedFd sockets, OwnedFd protocols)
            throws ErrnoException {
        slotsNameSockets = LiveFacts.slotsNameSockets();
        this.namespace = namespace;
        this.sockets = sockets;
        this.protocols = protocols;
    }

    /**
     * What {@code /proc/net/unix} lists.
     *
     * @param inodes of the sockets that are behind open files
     * @param embryos how many connections nobody has accepted yet
     */
    record Listed(Set<Long> inodes, int embryos) {}

    static NetworkNamespace open() throws Exception {
        return onThread(
                () -> {
                    Tasks.unshare(Tasks.CLONE_NEWNET);
                    return new NetworkNamespace(
                            read("/proc/thread-self/ns/net"),
                            read("/proc/thread-self/net/unix"),
                            read("/proc/thread-self/net/protocols"));
                });
    }

    private static OwnedFd read(String path) throws ErrnoException {
        return Fds.open(path, Fds.O_RDONLY, 0);
    }

    /** Whether fdinfo of a ring says which sockets it has. */
    boolean slotsNameSockets() {
        return slotsNameSockets;
    }

    /** Does it in a new thread inside of the namespace; the thread has ended when this returns. */
    <T> T in(Callable<T> work) throws Exception {
        return onThread(
                () -> {
                    Tasks.setns(namespace.number(), Tasks.CLONE_NEWNET);
                    return work.call();
                });
    }

    private static <T> T onThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().name("differ").start(task);
        try {
            T result = task.get();
            thread.join();
            return result;
        } catch (ExecutionException e) {
            thread.join();
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** The sockets that it lists now, without those that are stuck. */
    Listed listed() throws ErrnoException {
        Set<Long> inodes = new TreeSet<>();
        int embryos = 0;
        String[] lines = text(sockets).split("\n", -1);
        for (int i = 1; i < lines.length; i++) {
            String[] fields = lines[i].split(" +", 8);
            if (fields.length < 7) {
                continue;
            }
            if (fields[6].equals(EMBRYO)) {
                embryos++;
            } else if (!stuck.contains(Long.valueOf(fields[6]))) {
                inodes.add(Long.valueOf(fields[6]));
            }
        }
        return new Listed(inodes, embryos);
    }

    /** From now on these are not listed. */
    void addStuck(Collection<Long> inodes) {
        stuck.addAll(inodes);
    }

    /** From now on what came since is not listed: whoever looks has sockets of its own. */
    void addOthers(Set<Long> before) throws ErrnoException {
        Set<Long> others = listed().inodes();
        others.removeAll(before);
        stuck.addAll(others);
    }

    /** AF_UNIX sockets of all kinds whose memory is not freed, as {@code /proc/net/protocols} counts. */
    int allocated() throws ErrnoException {
        int sum = 0;
        for (String line : text(protocols).split("\n", -1)) {
            String[] fields = line.split(" +", 4);
            if (fields.length == 4 && fields[0].startsWith("UNIX")) {
                sum += Integer.parseInt(fields[2]);
            }
        }
        return sum;
    }

    private static String text(OwnedFd file) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(TABLE_BYTES);
            long at = 0;
            while (true) {
                long read =
                        Sys.check(
                                Syscall.PREAD64,
                                call(
                                        Syscall.PREAD64,
                                        file.number(),
                                        into.address() + at,
                                        TABLE_BYTES - at,
                                        at),
                                "");
                if (read == 0) {
                    byte[] bytes = into.asSlice(0, at).toArray(ValueLayout.JAVA_BYTE);
                    return new String(bytes, StandardCharsets.ISO_8859_1);
                }
                at += read;
            }
        }
    }

    @Override
    public void close() throws ErrnoException {
        sockets.close();
        protocols.close();
        namespace.close();
    }
}
