package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.opentest4j.TestAbortedException;

/** What live tests share: waiting with a deadline, sockets, files. */
final class Live {
    static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    static final long DEADLINE = 5 * SECOND;

    private static final int AF_INET = 2;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private Live() {}

    /** Submits what is prepared and takes so many completions, in the order they came. */
    static List<Completion> await(IoUring ring, int count) throws IOException {
        List<Completion> done = new ArrayList<>();
        long end = System.nanoTime() + DEADLINE;
        while (done.size() < count) {
            ring.submitAndWait(1, SECOND / 20);
            ring.drain(
                    count - done.size(),
                    (userData, result, flags) -> done.add(new Completion(userData, result, flags)));
            assertTrue(
                    System.nanoTime() - end < 0,
                    () -> "of " + count + " completions there came only " + done);
        }
        return done;
    }

    /** Prepares, submits and takes the one completion. */
    static Completion one(IoUring ring, Operation operation) throws IOException {
        ring.prepare(operation, 1);
        return await(ring, 1).getFirst();
    }

    /** Submits until the kernel took everything; a poll thread does so in its own time. */
    static void submitAll(IoUring ring) throws IOException {
        long end = System.nanoTime() + DEADLINE;
        ring.submit();
        while (ring.waiting() > 0) {
            Thread.onSpinWait();
            ring.submit();
            assertTrue(System.nanoTime() - end < 0, "the kernel takes no entries");
        }
    }

    /** Whether there is no completion once the kernel was entered. */
    static boolean quiet(IoUring ring) throws IOException {
        ring.submitAndWait(0);
        return ring.ready() == 0;
    }

    static Completion with(List<Completion> done, long userData) {
        return done.stream().filter(c -> c.userData() == userData).findFirst().orElseThrow();
    }

    /** A struct __kernel_timespec. */
    static MemorySegment time(Arena arena, long nanos) {
        MemorySegment time = arena.allocate(16, 8);
        time.set(JAVA_LONG, 0, nanos / SECOND);
        time.set(JAVA_LONG, 8, nanos % SECOND);
        return time;
    }

    static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text).asSlice(0, text.getBytes(UTF_8).length);
    }

    static String text(MemorySegment memory, long length) {
        return UTF_8.decode(memory.asSlice(0, length).asByteBuffer()).toString();
    }

    static OwnedFd fileWith(String text) throws IOException {
        OwnedFd file = Fds.memFd("test", 0);
        Fds.write(file.number(), MemorySegment.ofArray(text.getBytes(UTF_8)));
        return file;
    }

    static void send(OwnedFd socket, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        assertEquals(bytes.length, Fds.write(socket.number(), MemorySegment.ofArray(bytes)));
    }

    static String receive(OwnedFd socket, int most) throws IOException {
        byte[] bytes = new byte[most];
        int length = Fds.read(socket.number(), MemorySegment.ofArray(bytes));
        return new String(bytes, 0, length, UTF_8);
    }

    static void increment(OwnedFd counter) throws IOException {
        Fds.write(counter.number(), MemorySegment.ofArray(new byte[] {1, 0, 0, 0, 0, 0, 0, 0}));
    }

    /** The value of an eventfd, which is 0 then; -1 if it was 0 and the eventfd does not wait. */
    static long count(OwnedFd counter) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_LONG);
            long read = Sys.call(Syscall.READ, counter.number(), value.address(), 8);
            return read < 0 ? -1 : value.get(JAVA_LONG, 0);
        }
    }

    /** Whether a descriptor is open. */
    static boolean isOpen(int fd) {
        int getFlags = 1;
        return Sys.call(Syscall.FCNTL, fd, getFlags, 0) >= 0;
    }

    /** What /proc tells of one of this process's descriptors, by name. */
    static Map<String, String> fdinfo(int fd) throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.putIfAbsent(
                        line.substring(0, colon).strip(), line.substring(colon + 1).strip());
            }
        }
        return lines;
    }

    /** A name that no other test of this machine uses. */
    static UnixAddress name() {
        return new UnixAddress.Abstract(
                "ringwatch-test-" + Tasks.pid() + "-" + NAMES.incrementAndGet());
    }

    static OwnedFd listener(UnixAddress address) throws IOException {
        OwnedFd listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sockets.bind(listener.number(), address);
        Sockets.listen(listener.number(), 64);
        return listener;
    }

    static OwnedFd connect(UnixAddress address) throws IOException {
        OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sockets.connect(socket.number(), address);
        return socket;
    }

    /** A connection over loopback: our end as a descriptor, the other as the JDK's channel. */
    record Tcp(OwnedFd ours, SocketChannel theirs) implements AutoCloseable {
        static Tcp open() throws IOException {
            try (ServerSocketChannel server = ServerSocketChannel.open()) {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
                OwnedFd ours = Sockets.socket(AF_INET, Sockets.SOCK_STREAM, 0);
                assertEquals(0, internet(Syscall.CONNECT, ours, port));
                return new Tcp(ours, server.accept());
            }
        }

        @Override
        public void close() throws IOException {
            ours.close();
            theirs.close();
        }
    }

    /** A listening socket of ours on loopback. */
    record Listener(OwnedFd socket, int port) implements AutoCloseable {
        static Listener open() throws IOException {
            OwnedFd socket = Sockets.socket(AF_INET, Sockets.SOCK_STREAM, 0);
            int port = 20_000 + Tasks.pid() % 10_000; // below those the kernel hands out
            while (internet(Syscall.BIND, socket, port) < 0) {
                port++;
            }
            Sockets.listen(socket.number(), 16);
            return new Listener(socket, port);
        }

        OwnedFd connect() throws IOException {
            OwnedFd client = Sockets.socket(AF_INET, Sockets.SOCK_STREAM, 0);
            assertEquals(0, internet(Syscall.CONNECT, client, port));
            return client;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static long internet(Syscall call, OwnedFd socket, int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = loopback(arena, port);
            return Sys.call(call, socket.number(), address.address(), address.byteSize());
        }
    }

    /** A struct sockaddr_in of 127.0.0.1. */
    static MemorySegment loopback(Arena arena, int port) {
        MemorySegment address = arena.allocate(16, 8);
        address.set(JAVA_SHORT, 0, (short) AF_INET);
        address.set(JAVA_SHORT, 2, Short.reverseBytes((short) port));
        address.set(JAVA_INT, 4, Integer.reverseBytes(0x7f000001));
        return address;
    }

    /** Skips a test for a reason that is printed and counted. */
    static TestAbortedException skip(String reason) {
        String text = "SKIPPED: " + reason;
        System.out.println(text);
        return new TestAbortedException(text);
    }

    /** Waits for something that comes in its own time. */
    static void eventually(String what, Check check) throws IOException {
        long end = System.nanoTime() + DEADLINE;
        while (!check.holds()) {
            assertTrue(System.nanoTime() - end < 0, what + " did not come");
            Thread.onSpinWait();
        }
    }

    /** Something that holds or does not yet. */
    @FunctionalInterface
    interface Check {
        boolean holds() throws IOException;
    }
}
