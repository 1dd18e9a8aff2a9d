package dev.ringwatch.agent;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.Target;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * A program to be observed: makes one situation, says {@code READY}, and keeps it until its standard
 * input ends. The demonstration and the benchmarks start it as a process of its own.
 */
@Command(name = "sample", hidden = true, description = "Makes something to be observed.")
final class SampleCommand implements Callable<Integer> {
    /** What can be made. */
    enum Kind {
        /** A socket pair that only a ring's table holds. */
        PINNED_BY_RING,
        /** COUNT descriptors sent and not received. */
        NEVER_RECEIVED,
        /** A ring that polls itself and has no descriptor and no mapping left. */
        ORPHAN_RING,
        /** COUNT connected sockets. */
        SOCKETS,
        /** One ring with COUNT occupied slots. */
        SLOTS,
        /** A ring that is never idle. */
        BUSY_RING,
        /** Descriptors passed over AF_UNIX without end. */
        BUSY_UNIX,
        /** Sends bytes over AF_UNIX and receives them, for ever. */
        BUSY_BYTES,
        /** Sends to a socket in whose queue COUNT packets wait. */
        SENDS_BEHIND_PACKETS,
        /** Sends to a socket in whose queue COUNT descriptors wait. */
        SENDS_BEHIND_DESCRIPTORS
    }

    private static final String COMM = "ringwatch-demo";
    private static final int POLLPRI = 2;

    @Parameters(index = "0", paramLabel = "KIND")
    private Kind kind = Kind.SOCKETS;

    @Parameters(index = "1", paramLabel = "COUNT", defaultValue = "5")
    private int count = 5;

    private Optional<Workload> workload = Optional.empty();

    private final List<AutoCloseable> kept = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        nameProcess();
        make();
        System.out.println("READY");
        System.out.flush();
        while (System.in.read() >= 0) {
            // whoever started this ends it by closing our input, and asks by a byte
            workload.map(Workload::report).ifPresent(System.out::println);
            System.out.flush();
        }
        for (AutoCloseable c : kept.reversed()) {
            c.close();
        }
        return ExitStatus.OK;
    }

    /** A process is known by its first thread's name, which the JVM leaves at "java". */
    private static void nameProcess() throws IOException {
        Path comm = Path.of("/proc/self/task/" + ProcessHandle.current().pid() + "/comm");
        Files.writeString(comm, COMM);
    }

    private void make() throws IOException {
        switch (kind) {
            case PINNED_BY_RING -> pinPair();
            case NEVER_RECEIVED -> queue();
            case ORPHAN_RING -> orphanRing();
            case SOCKETS -> sockets();
            case SLOTS -> slots();
            case BUSY_RING -> workload = Optional.of(Workload.busyRing());
            case BUSY_UNIX -> workload = Optional.of(Workload.busyUnix());
            case BUSY_BYTES -> workload = Optional.of(Workload.busyBytes());
            case SENDS_BEHIND_PACKETS -> workload = Optional.of(Workload.sendsBehindPackets(count));
            case SENDS_BEHIND_DESCRIPTORS ->
                    workload = Optional.of(Workload.sendsBehindDescriptors(count));
        }
    }

    private void pinPair() throws IOException {
        IoUring ring = keep(IoUring.open(RingOptions.entries(8)));
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        ring.registerFiles(pair.get(0).number(), pair.get(1).number());
        for (OwnedFd end : pair) {
            end.close();
        }
    }

    private void queue() throws IOException {
        List<OwnedFd> carrier = Sockets.pair(Sockets.SOCK_STREAM);
        carrier.forEach(this::keep);
        Path file = Files.createTempFile("ringwatch-sample", ".log");
        try (OwnedFd open = Fds.open(file.toString(), Fds.O_RDONLY, 0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(1);
            for (int sent = 0; sent < count; sent += ScmRights.MAX_DESCRIPTORS) {
                int[] fds = new int[Math.min(ScmRights.MAX_DESCRIPTORS, count - sent)];
                Arrays.fill(fds, open.number());
                ScmRights.send(carrier.get(0).number(), data, fds);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void orphanRing() throws IOException {
        // Not kept: that nothing closes it in order is what is shown.
        IoUring ring = IoUring.open(RingOptions.entries(8));
        List<OwnedFd> pipe = Fds.pipe(0);
        ring.registerFiles(pipe.get(0).number(), pipe.get(1).number());
        for (OwnedFd end : pipe) {
            end.close();
        }
        ring.prepare(
                new Operation.PollAdd(Target.descriptor(ring.descriptor()), POLLPRI, false), 1);
        ring.submit();
        ring.closeDescriptor();
        ring.unmap();
    }

    private void sockets() throws ErrnoException {
        for (int i = 0; i < count; i += 2) {
            Sockets.pair(Sockets.SOCK_STREAM).forEach(this::keep);
        }
    }

    private void slots() throws IOException {
        IoUring ring = keep(IoUring.open(RingOptions.entries(8)));
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        pair.forEach(this::keep);
        int[] fds = new int[count];
        Arrays.fill(fds, pair.getFirst().number());
        ring.registerFiles(fds);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        kept.add(resource);
        return resource;
    }
}
