package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketAddresses;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Sockets and servers on rings. Any thread. */
final class RingSockets implements SocketProvider {
    private static final System.Logger LOG = System.getLogger(Uring.class.getName());

    private final RingGroup group;
    private final SocketTuning tuning;
    private final OpenSockets open = new OpenSockets();
    private final StagingMemory staging = new StagingMemory();
    private final AtomicInteger turn = new AtomicInteger();

    /** What is known of the kernel once the first socket was wanted. */
    private Optional<List<Place>> places = Optional.empty();

    /**
     * A loop that sockets can be on.
     *
     * @param buffers where they receive; without, each receives by itself
     */
    private record Place(RingLoop loop, Optional<ReceiveBuffers> buffers) {}

    /** Whether a multishot receive can be told how many bytes to bring. */
    private boolean countsBytes;

    RingSockets(RingGroup group, SocketTuning tuning) {
        this.group = group;
        this.tuning = tuning;
    }

    @Override
    public OpenSockets open() {
        return open;
    }

    @Override
    public UringServer listen(
            SocketAddress address, ServerOptions options, ConnectionHandler handler)
            throws IOException {
        open.requireOpen();
        places();
        return RingServer.listen(this, group.next(), address, options, handler);
    }

    @Override
    public UringSocket connect(SocketAddress address, Deadline deadline) throws IOException {
        open.requireOpen();
        Place place = nextPlace();
        int domain = SocketAddresses.domain(address);
        OwnedFd made = Sockets.socket(domain, Sockets.SOCK_STREAM, 0);
        SharedFd fd = new SharedFd(made.release());
        try {
            connect(new Connect(place.loop(), fd, address, domain), deadline);
        } catch (IOException | RuntimeException | Error e) {
            fd.beginClose();
            fd.close();
            throw e;
        }
        open.counters().connected.increment();
        return socket(place, fd);
    }

    private static void connect(Connect connect, Deadline deadline) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
        AwaitedOperation.Ending ending = connect.run(deadline);
        boolean inTime = ending == AwaitedOperation.Ending.TIMED_OUT && connect.result() == 0;
        switch (inTime ? AwaitedOperation.Ending.COMPLETED : ending) {
            case TIMED_OUT ->
                    throw new SocketTimeoutException(
                            "no connection to " + connect.address + " in time");
            case INTERRUPTED -> throw new ClosedByInterruptException();
            case CLOSING -> throw new AsynchronousCloseException();
            case COMPLETED -> {
                if (connect.result() < 0) {
                    throw SocketErrors.of("connect", -connect.result(), connect.address.toString());
                }
            }
        }
    }

    /** A socket for an accepted descriptor, on the next loop; receiving begins. */
    RingSocket accepted(int number) throws IOException {
        return socket(nextPlace(), new SharedFd(number));
    }

    private RingSocket socket(Place place, SharedFd fd) {
        RingLoop loop = place.loop();
        SocketCounters counters = open.counters();
        Receiver receiver =
                place.buffers()
                        .<Receiver>map(
                                buffers ->
                                        new MultishotReceiver(
                                                loop,
                                                fd,
                                                counters,
                                                buffers,
                                                tuning.queuedBuffers(),
                                                countsBytes))
                        .orElseGet(() -> new SingleReceiver(loop, fd, counters, staging));
        Sender sender = new Sender(loop, fd, counters, staging, tuning.zeroCopyFrom());
        RingSocket socket = new RingSocket(fd, receiver, sender, open);
        receiver.start();
        return socket;
    }

    private Place nextPlace() throws IOException {
        List<Place> all = places();
        return all.get(Integer.remainderUnsigned(turn.getAndIncrement(), all.size()));
    }

    private synchronized List<Place> places() throws IOException {
        if (places.isEmpty()) {
            places = Optional.of(makePlaces());
        }
        return places.get();
    }

    private List<Place> makePlaces() throws IOException {
        for (RingLoop loop : group.loops()) {
            loop.requireWaitable(); // what the kernel can is tried, and waited for
        }
        return switch (tuning.receiving()) {
            case SINGLE -> withoutBuffers();
            case MULTISHOT -> withBuffers();
        };
    }

    private List<Place> withoutBuffers() {
        return group.loops().stream().map(loop -> new Place(loop, Optional.empty())).toList();
    }

    private List<Place> withBuffers() throws IOException {
        List<Place> made = new ArrayList<>();
        try {
            for (RingLoop loop : group.loops()) {
                made.add(new Place(loop, Optional.of(buffers(loop))));
            }
            countsBytes = probe(group.loops().getFirst());
            return made;
        } catch (ErrnoException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "sockets receive once an operation, into memory of their own: {0}",
                    e.getMessage());
            return withoutBuffers();
        }
    }

    /** Tries multishot receiving: true if it can be told how many bytes, an exception if it can't be. */
    private static boolean probe(RingLoop loop) throws ErrnoException {
        try {
            MultishotProbe.run(loop, true);
            return true;
        } catch (ErrnoException e) {
            MultishotProbe.run(loop, false);
            return false;
        }
    }

    private static ReceiveBuffers buffers(RingLoop loop) throws IOException {
        CompletableFuture<ReceiveBuffers> made = new CompletableFuture<>();
        try {
            return LoopTask.call(
                    loop,
                    () -> {
                        loop.receiveBuffers(made);
                        return made.join();
                    });
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    /** The operation that connects. */
    private static final class Connect extends AwaitedOperation {
        private final SocketAddress address;
        private final int domain;

        Connect(RingLoop loop, SharedFd fd, SocketAddress address, int domain) {
            super(loop, fd);
            this.address = address;
            this.domain = domain;
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            MemorySegment name =
                    SocketAddresses.encode(address, domain, SegmentAllocator.prefixAllocator(room));
            entry.connect(fd().number(), name.address(), (int) name.byteSize());
        }

        @Override
        protected String description() {
            return "connecting to " + address;
        }
    }

    /** Whether the kernel has multishot receiving: tried, on a pair of sockets. */
    private static final class MultishotProbe extends LoopOperation {
        private final int socket;
        private final CompletableFuture<Integer> last = new CompletableFuture<>();

        private final boolean countsBytes;

        private MultishotProbe(int socket, boolean countsBytes) {
            this.socket = socket;
            this.countsBytes = countsBytes;
        }

        /**
         * Receives the end of a stream.
         *
         * @throws ErrnoException why that can't be done
         */
        static void run(RingLoop loop, boolean countsBytes) throws ErrnoException {
            List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
            try (OwnedFd one = pair.getFirst();
                    OwnedFd other = pair.getLast()) {
                Sockets.shutdown(other.number(), Sockets.SHUT_WR);
                MultishotProbe probe = new MultishotProbe(one.number(), countsBytes);
                loop.submit(probe);
                int result = probe.last.join();
                if (result < 0 && result != -Errno.ENOBUFS.code()) {
                    throw new ErrnoException(
                            "recv",
                            -result,
                            "again and again; EINVAL means that the kernel is older than 6.0");
                }
            }
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            entry.receiveMultishot(socket, 0, ReceiveBuffers.GROUP);
            if (countsBytes) {
                entry.receiveInAll(1);
            }
        }

        @Override
        protected void completed(int result, int flags) {
            last.complete(result);
        }

        @Override
        protected void abandoned() {
            last.complete(-Errno.ECANCELED.code());
        }
    }
}
