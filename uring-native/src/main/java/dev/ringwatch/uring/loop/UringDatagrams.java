package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.loop.Job.Patience;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.RightsMessage;
import dev.ringwatch.uring.sys.SocketAddresses;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * A socket for datagrams: UDP over IPv4 or IPv6, or AF_UNIX.
 *
 * <p>A call parks its virtual thread; it is an operation of a ring, or a plain call on a platform
 * thread. An interrupt cancels with {@link java.io.InterruptedIOException} and leaves the interrupt
 * status set; a time limit cancels with {@link OperationTimeoutException}; either way the call waits
 * for the last completion, and a datagram that came all the same is returned.
 *
 * <p>Safe for use by many threads; each datagram is received once. Sources: udp(7), unix(7).
 */
public final class UringDatagrams implements AutoCloseable {
    private static final int DONT_WAIT = Sockets.MSG_DONTWAIT;

    /** The result is then the datagram's length, also if it was cut. */
    private static final int REAL_LENGTH = Sockets.MSG_TRUNC;

    private static final int SEND_NOW = RightsMessage.SEND_FLAGS | Sockets.MSG_DONTWAIT;

    /** How long a wait for an AF_UNIX receiver goes on after it was cancelled. */
    private static final int SLICE_MICROS = 20_000;

    private static final int SO_SNDTIMEO = 21;

    /** A struct io_uring_recvmsg_out, before name and data. */
    private static final int OUT_HEADER = 16;

    private static final int OUT_LENGTH = 8;

    /** Room for a name, so that what is behind it is aligned. */
    private static final int NAME_ROOM = (SocketAddresses.MAX_SIZE + 7) & ~7;

    private static final int STREAM_BUFFERS = 64;

    private final Handle handle;
    private final PlainEngine plain;
    private final int domain;
    private final Pump<Datagram> pump;

    private UringDatagrams(Handle handle, PlainEngine plain, int domain, int streamBytes) {
        this.handle = handle;
        this.plain = plain;
        this.domain = domain;
        pump = new Pump<>("datagrams", () -> source(streamBytes));
    }

    /** Makes a socket and binds it. */
    static UringDatagrams bind(
            Engine engine, PlainEngine plain, SocketAddress local, int streamBytes)
            throws IOException {
        int domain = SocketAddresses.domain(local);
        OwnedFd socket = Sockets.socket(domain, Sockets.SOCK_DGRAM, 0);
        try {
            if (!isUnnamed(local)) {
                Sockets.bind(socket.number(), domain, local);
            }
            if (domain == Sockets.AF_UNIX) {
                sliceSends(socket.number());
            }
            Handle handle = new Handle(engine, new Handle.Name.Descriptor(socket));
            return new UringDatagrams(handle, plain, domain, streamBytes);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void sliceSends(int socket) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocateFrom(JAVA_LONG, 0, SLICE_MICROS);
            long at = time.address();
            long result =
                    call(
                            Syscall.SETSOCKOPT,
                            socket,
                            Sockets.SOL_SOCKET,
                            SO_SNDTIMEO,
                            at,
                            time.byteSize(),
                            0);
            Sys.check(Syscall.SETSOCKOPT, result, "fd " + socket + " SO_SNDTIMEO");
        }
    }

    private static boolean isUnnamed(SocketAddress local) {
        return local.equals(UnixDomainSocketAddress.of(""));
    }

    /** Where it is bound. */
    public SocketAddress localAddress() throws IOException {
        return Sockets.localAddress(handle.number());
    }

    /**
     * From now on sends to this peer and receives from no other: connect(2). Errors the peer's host
     * reports come back from later calls, ECONNREFUSED where nobody listens.
     */
    public void connect(SocketAddress peer) throws IOException {
        int socket = handle.number();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = SocketAddresses.encode(peer, domain, arena);
            long result = call(Syscall.CONNECT, socket, name.address(), name.byteSize());
            Sys.check(Syscall.CONNECT, result, peer.toString());
        }
    }

    /**
     * What one receive brought.
     *
     * @param bytes put into the buffer
     * @param length bytes that were sent; more than {@code bytes} if it was cut
     * @param sender absent if its socket has no name
     */
    public record Received(int bytes, int length, Optional<SocketAddress> sender) {
        /** Whether a part of it was lost for want of room. */
        public boolean isTruncated() {
            return length > bytes;
        }
    }

    /**
     * Receives a datagram.
     *
     * @param into as much of it as there is room for, at most a mebibyte of a heap buffer; its
     *     position advances by that
     */
    public Received receive(ByteBuffer into) throws IOException {
        return receive(into, Patience.UNTIL_INTERRUPT);
    }

    /** {@link #receive(ByteBuffer)} within a time. */
    public Received receive(ByteBuffer into, Duration limit) throws IOException {
        return receive(into, Patience.of(limit, true));
    }

    /**
     * Sends all that is in a buffer as a datagram.
     *
     * @throws dev.ringwatch.uring.sys.ErrnoException EMSGSIZE if it is too long, and what else
     *     sendmsg(2) says
     */
    public void send(ByteBuffer data, SocketAddress to) throws IOException {
        send(data, Optional.of(to), Patience.UNTIL_INTERRUPT);
    }

    /** {@link #send(ByteBuffer, SocketAddress)} within a time. */
    public void send(ByteBuffer data, SocketAddress to, Duration limit) throws IOException {
        send(data, Optional.of(to), Patience.of(limit, true));
    }

    /** {@link #send(ByteBuffer, SocketAddress)} to the peer connected to. */
    public void send(ByteBuffer data) throws IOException {
        send(data, Optional.empty(), Patience.UNTIL_INTERRUPT);
    }

    /**
     * Datagrams as a stream, to each subscriber on a virtual thread of its own; several subscribers
     * share them. On rings one operation receives them all into a ring of buffers. {@link #close}
     * completes it.
     */
    public Flow.Publisher<Datagram> stream() {
        return pump;
    }

    private Received receive(ByteBuffer into, Patience patience) throws IOException {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        int socket = handle.number();
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lend(into);
            MemorySegment name = scratch.allocate(NAME_ROOM);
            MemorySegment message = message(scratch, lent, name, NAME_ROOM);
            long at = message.address();
            Job job =
                    handle.attempts(
                            () -> scratch.of(receiveJob(socket, at).keeping(into)),
                            ReadyCall.IN,
                            patience);
            int length = job.result(() -> "fd " + socket, patience);
            int bytes = (int) Math.min(length, lent.byteSize());
            Scratch.take(lent, into, bytes);
            return new Received(bytes, length, sender(name, message.get(JAVA_INT, Msghdr.NAMELEN)));
        }
    }

    private void send(ByteBuffer data, Optional<SocketAddress> to, Patience patience)
            throws IOException {
        int socket = handle.number();
        try (Scratch scratch = new Scratch()) {
            MemorySegment lent = scratch.lendFilled(data);
            if (lent.byteSize() < data.remaining()) {
                throw new IllegalArgumentException(
                        data.remaining() + " bytes are more than any datagram has");
            }
            MemorySegment name =
                    to.map(peer -> SocketAddresses.encode(peer, domain, scratch.allocator()))
                            .orElse(MemorySegment.NULL);
            long at = message(scratch, lent, name, (int) name.byteSize()).address();
            Job job = sent(scratch, socket, at, data, patience);
            job.result(() -> about(lent, socket, to), patience);
            data.position(data.limit());
        }
    }

    /**
     * Sends, and waits for room without having the kernel wait: a ring that waits to send (6.18)
     * takes the bytes at its first attempt and then sends an empty datagram.
     */
    private Job sent(Scratch scratch, int socket, long at, ByteBuffer data, Patience patience)
            throws IOException {
        long start = System.nanoTime();
        if (domain != Sockets.AF_UNIX) {
            return handle.attempts(
                    () -> scratch.of(sendJob(socket, at).keeping(data)), ReadyCall.OUT, patience);
        }
        // A full receiver does not make the sender's socket wait for it in poll(2), only in
        // sendmsg.
        Job now = scratch.of(nowJob(socket, at).keeping(data));
        handle.run(now, patience);
        if (now.raw() != -Errno.EAGAIN.code() || now.ending() != Job.Ending.NONE) {
            return now;
        }
        Job later = scratch.of(Job.plainly("sendmsg", new SlicedSend(socket, at)));
        handle.run(plain, later.keeping(data), patience.left(start));
        return later;
    }

    private static Job receiveJob(int socket, long message) {
        int flags = RightsMessage.RECEIVE_FLAGS | REAL_LENGTH;
        return new Job(
                "recvmsg",
                entry -> entry.receiveMessage(socket, message, flags),
                new ReadyCall(
                        socket,
                        ReadyCall.IN,
                        () -> call(Syscall.RECVMSG, socket, message, flags | DONT_WAIT)));
    }

    private static Job sendJob(int socket, long message) {
        return new Job(
                "sendmsg",
                entry -> entry.sendMessage(socket, message, SEND_NOW),
                new ReadyCall(
                        socket,
                        ReadyCall.OUT,
                        () -> call(Syscall.SENDMSG, socket, message, SEND_NOW)));
    }

    private static Job nowJob(int socket, long message) {
        return new Job(
                "sendmsg",
                entry -> entry.sendMessage(socket, message, SEND_NOW),
                () -> call(Syscall.SENDMSG, socket, message, SEND_NOW));
    }

    /** Waits in sendmsg(2), which the socket's SO_SNDTIMEO ends now and then to look round. */
    private static final class SlicedSend implements Job.Call {
        private final int socket;
        private final long message;
        private volatile boolean cancelled;

        SlicedSend(int socket, long message) {
            this.socket = socket;
            this.message = message;
        }

        @Override
        public long make() {
            long sent = -Errno.EAGAIN.code();
            while (sent == -Errno.EAGAIN.code() && !cancelled) {
                sent = call(Syscall.SENDMSG, socket, message, RightsMessage.SEND_FLAGS);
            }
            return sent == -Errno.EAGAIN.code() ? -Errno.ECANCELED.code() : sent;
        }

        @Override
        public void wake() {
            cancelled = true;
        }
    }

    private static String about(MemorySegment data, int socket, Optional<SocketAddress> to) {
        String whom = to.map(peer -> " to " + peer).orElse("");
        return data.byteSize() + " bytes over fd " + socket + whom;
    }

    private static MemorySegment message(
            Scratch scratch, MemorySegment data, MemorySegment name, int nameBytes) {
        MemorySegment message = scratch.allocate(Msghdr.SIZE);
        message.set(JAVA_LONG, Msghdr.NAME, name.address());
        message.set(JAVA_INT, Msghdr.NAMELEN, nameBytes);
        message.set(JAVA_LONG, Msghdr.IOV, scratch.iovec(data).address());
        message.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        return message;
    }

    private static Optional<SocketAddress> sender(MemorySegment name, int bytes) {
        return bytes <= 2 ? Optional.empty() : Optional.of(SocketAddresses.decode(name, bytes));
    }

    // Streams.

    private Pump.Source<Datagram> source(int bytes) throws IOException {
        return switch (handle.engine()) {
            case RingEngine(RingLoop loop) -> multishot(loop, bytes);
            case PlainEngine plain -> new OneByOne(bytes);
        };
    }

    private Pump.Source<Datagram> multishot(RingLoop loop, int bytes) throws IOException {
        int socket = handle.number();
        // For all receives: how much of each buffer the name gets.
        MemorySegment message = Arena.ofAuto().allocate(Msghdr.SIZE, 8);
        message.set(JAVA_INT, Msghdr.NAMELEN, NAME_ROOM);
        int flags = RightsMessage.RECEIVE_FLAGS | REAL_LENGTH;
        return new PreferredSource<>(
                () ->
                        MultishotSource.begin(
                                loop,
                                "recvmsg",
                                STREAM_BUFFERS,
                                OUT_HEADER + NAME_ROOM + bytes,
                                (entry, group) ->
                                        entry.receiveMessageMultishot(
                                                socket, message.address(), flags, group),
                                UringDatagrams::parse),
                () -> new OneByOne(bytes));
    }

    private static Datagram parse(MemorySegment out) {
        int nameBytes = Math.min(out.get(JAVA_INT, 0), NAME_ROOM);
        int length = out.get(JAVA_INT, OUT_LENGTH);
        MemorySegment name = out.asSlice(OUT_HEADER, NAME_ROOM);
        MemorySegment data = out.asSlice(OUT_HEADER + NAME_ROOM);
        long bytes = Math.min(length, data.byteSize());
        ByteBuffer copy = ByteBuffer.allocate((int) bytes);
        copy.put(data.asSlice(0, bytes).asByteBuffer()).flip();
        return new Datagram(copy.asReadOnlyBuffer(), length, sender(name, nameBytes));
    }

    /** Where one operation can't receive them all. */
    private final class OneByOne implements Pump.Source<Datagram> {
        private final int most;

        OneByOne(int most) {
            this.most = most;
        }

        @Override
        public Optional<Datagram> next() throws IOException {
            ByteBuffer into = ByteBuffer.allocate(most);
            Received received = receive(into);
            ByteBuffer data = into.flip().slice().asReadOnlyBuffer();
            return Optional.of(new Datagram(data, received.length(), received.sender()));
        }

        @Override
        public void close() {}
    }

    /** Completes the streams, cancels the calls under way, waits for them, and closes the socket. */
    @Override
    public void close() throws IOException {
        pump.close();
        handle.close();
    }

    @Override
    public String toString() {
        return "UringDatagrams[" + handle.name() + "]";
    }
}
