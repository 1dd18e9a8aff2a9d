package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Live: the same sockets on rings and on channels. */
@Timeout(60)
class UringSocketTest {
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** Sends back what comes, until the end. */
    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(7919);
        while (socket.read(buffer) >= 0) {
            socket.write(buffer.flip());
            buffer.clear();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentComesBack(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listen(ANY_PORT, UringSocketTest::echo)) {
            for (int size : new int[] {1, 4095, 4097, 100_003, 8 << 20}) {
                try (UringSocket socket = uring.connect(server.localAddress())) {
                    roundTrip(socket, size, size % 2 == 0);
                }
            }
        }
    }

    private static void roundTrip(UringSocket socket, int size, boolean direct) throws Exception {
        byte[] sent = new byte[size];
        new Random(size).nextBytes(sent);
        ByteBuffer from = direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
        from.put(sent).flip();
        CompletableFuture<Integer> writing = socket.writeAsync(from);
        ByteBuffer into = direct ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        while (into.hasRemaining()) {
            assertTrue(socket.read(into) > 0);
        }
        assertEquals(size, writing.get(10, TimeUnit.SECONDS));
        socket.shutdownOutput();
        assertEquals(-1, socket.read(ByteBuffer.allocate(1)));
        byte[] received = new byte[size];
        into.flip().get(received);
        assertArrayEquals(sent, received);
    }

    /** A connection of both ends, the server's handed over by its handler. */
    private static final class Connection implements AutoCloseable {
        private final CountDownLatch over = new CountDownLatch(1);
        private final UringServer server;
        final UringSocket near;
        final UringSocket far;

        Connection(Uring uring) throws Exception {
            this(uring, ANY_PORT);
        }

        Connection(Uring uring, SocketAddress address) throws Exception {
            BlockingQueue<UringSocket> accepted = new LinkedBlockingQueue<>();
            server =
                    uring.listen(
                            address,
                            socket -> {
                                accepted.add(socket);
                                over.await();
                            });
            near = uring.connect(server.localAddress(), Duration.ofSeconds(10));
            UringSocket other = accepted.poll(10, TimeUnit.SECONDS);
            if (other == null) {
                throw new AssertionError("not accepted");
            }
            far = other;
        }

        @Override
        public void close() throws IOException {
            over.countDown();
            near.close();
            far.close();
            server.close();
        }
    }

    /** What a thread that waits in a call gets. */
    private static final class Blocked {
        private final CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        final Thread thread;

        Blocked(Call call) {
            thread =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            call.make();
                                            thrown.complete(new AssertionError("it returned"));
                                        } catch (Throwable e) {
                                            boolean status = Thread.currentThread().isInterrupted();
                                            if (status) {
                                                e.addSuppressed(new InterruptedException("kept"));
                                            }
                                            thrown.complete(e);
                                        }
                                    });
            eventually(
                    () ->
                            thread.getState() == Thread.State.WAITING
                                    || thread.getState() == Thread.State.TIMED_WAITING
                                    || thrown.isDone());
        }

        Throwable thrown() throws Exception {
            return thrown.get(10, TimeUnit.SECONDS);
        }

        boolean interruptKept() throws Exception {
            return thrown().getSuppressed().length == 1;
        }
    }

    @FunctionalInterface
    private interface Call {
        void make() throws Exception;
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within ten seconds");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(UringSocket socket, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && socket.read(into, Duration.ofSeconds(10)) >= 0) {
            assertTrue(socket.isOpen());
        }
        return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
    }

    private static void fill(UringSocket socket) throws IOException {
        ByteBuffer much = ByteBuffer.allocate(64 << 20);
        socket.write(much);
    }

    @ParameterizedTest
    @EnumSource
    void eachSideEndsItsOwnDirection(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            pair.near.write(text("last words"));
            pair.near.shutdownOutput();
            assertEquals("last words", read(pair.far, 100));
            assertEquals(-1, pair.far.read(ByteBuffer.allocate(1)));
            assertThrows(ClosedChannelException.class, () -> pair.near.write(text("more")));
            pair.far.write(text("answer"));
            assertEquals("answer", read(pair.near, 6));
            Blocked reader =
                    new Blocked(() -> assertEquals(-1, pair.near.read(ByteBuffer.allocate(1))));
            pair.near.shutdownInput();
            assertInstanceOf(AssertionError.class, reader.thrown());
            assertEquals("it returned", reader.thrown().getMessage());
            assertEquals(-1, pair.near.read(ByteBuffer.allocate(1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetByThePeerIsSaid(SocketBackend backend) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Uring uring = backend.open();
                UringSocket socket = uring.connect(server.getLocalSocketAddress())) {
            Socket peer = server.accept();
            peer.setSoLinger(true, 0);
            Blocked reader = new Blocked(() -> socket.read(ByteBuffer.allocate(10)));
            peer.close();
            assertInstanceOf(SocketException.class, reader.thrown());
            if (backend.onRings()) {
                ErrnoException cause =
                        assertInstanceOf(ErrnoException.class, reader.thrown().getCause());
                assertEquals(Errno.ECONNRESET, cause.errno());
            }
            assertThrows(IOException.class, () -> socket.write(text("too late")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobodyThereRefuses(SocketBackend backend) throws Exception {
        SocketAddress gone;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            gone = server.getLocalSocketAddress();
        }
        try (Uring uring = backend.open()) {
            assertThrows(ConnectException.class, () -> uring.connect(gone));
            assertThrows(ConnectException.class, () -> uring.connect(gone, Duration.ofSeconds(10)));
            assertEquals(0, uring.socketStatistics().open());
        }
    }

    /** A listener whose backlog is full, so that the kernel drops further attempts. */
    private static List<Socket> fillBacklog(ServerSocket server) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        while (true) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException full) {
                return waiting;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectingTimesOutOrIsInterrupted(SocketBackend backend) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Uring uring = backend.open()) {
            List<Socket> waiting = fillBacklog(server);
            SocketAddress address = server.getLocalSocketAddress();
            assertThrows(
                    SocketTimeoutException.class,
                    () -> uring.connect(address, Duration.ofMillis(50)));
            Blocked caller = new Blocked(() -> uring.connect(address));
            caller.thread.interrupt();
            assertInstanceOf(ClosedByInterruptException.class, caller.thrown());
            assertTrue(caller.interruptKept());
            assertEquals(0, uring.socketStatistics().open());
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReadThatTimesOutLosesNothing(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            ByteBuffer into = ByteBuffer.allocate(10);
            for (int i = 0; i < 3; i++) {
                assertThrows(
                        SocketTimeoutException.class,
                        () -> pair.near.read(into, Duration.ofMillis(5)));
            }
            pair.far.write(text("late"));
            assertEquals("late", read(pair.near, 4));
            pair.far.write(text("again"));
            assertEquals("again", read(pair.near, 5));
            assertEquals(0, into.position());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWriteThatTimesOutSaysHowFarItCame(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            byte[] data = new byte[32 << 20];
            new Random(7).nextBytes(data);
            ByteBuffer from = ByteBuffer.wrap(data);
            assertThrows(
                    SocketTimeoutException.class,
                    () -> pair.near.write(from, Duration.ofMillis(50)));
            assertTrue(from.hasRemaining());
            CompletableFuture<Integer> rest = pair.near.writeAsync(from);
            ByteBuffer into = ByteBuffer.allocate(data.length);
            while (into.hasRemaining()) {
                assertTrue(pair.far.read(into, Duration.ofSeconds(10)) > 0);
            }
            rest.get(10, TimeUnit.SECONDS);
            assertArrayEquals(data, into.array());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CHANNELS")
    void aBufferOfAClosedArenaIsRefused(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            ByteBuffer freed;
            try (Arena arena = Arena.ofShared()) {
                freed = arena.allocate(8).asByteBuffer();
            }
            assertThrows(IllegalStateException.class, () -> pair.near.write(freed));
            assertTrue(pair.near.isOpen());
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingWakesWhoReadsAndWhoWrites(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            Blocked reader = new Blocked(() -> pair.near.read(ByteBuffer.allocate(1)));
            Blocked second = new Blocked(() -> pair.near.read(ByteBuffer.allocate(1)));
            Blocked writer = new Blocked(() -> fill(pair.near));
            pair.near.close();
            assertInstanceOf(AsynchronousCloseException.class, reader.thrown());
            assertInstanceOf(ClosedChannelException.class, second.thrown());
            assertInstanceOf(AsynchronousCloseException.class, writer.thrown());
            assertFalse(pair.near.isOpen());
            assertThrows(ClosedChannelException.class, () -> pair.near.write(text("no")));
            assertThrows(
                    ClosedChannelException.class, () -> pair.near.read(ByteBuffer.allocate(1)));
            assertThrows(ClosedChannelException.class, pair.near::localAddress);
            pair.near.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptClosesTheSocket(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            try (Connection pair = new Connection(uring)) {
                Blocked reader = new Blocked(() -> pair.near.read(ByteBuffer.allocate(1)));
                reader.thread.interrupt();
                assertInstanceOf(ClosedByInterruptException.class, reader.thrown());
                assertTrue(reader.interruptKept());
                assertFalse(pair.near.isOpen());
                assertEquals("", read(pair.far, 1)); // the end
            }
            try (Connection pair = new Connection(uring)) {
                Blocked writer = new Blocked(() -> fill(pair.near));
                writer.thread.interrupt();
                assertInstanceOf(ClosedByInterruptException.class, writer.thrown());
                assertTrue(writer.interruptKept());
                assertFalse(pair.near.isOpen());
            }
            try (Connection pair = new Connection(uring)) {
                Blocked late =
                        new Blocked(
                                () -> {
                                    Thread.currentThread().interrupt();
                                    pair.near.read(ByteBuffer.allocate(1));
                                });
                assertInstanceOf(ClosedByInterruptException.class, late.thrown());
                Blocked timed =
                        new Blocked(
                                () ->
                                        pair.far.read(
                                                ByteBuffer.allocate(1), Duration.ofSeconds(30)));
                timed.thread.interrupt();
                assertFalse(timed.thrown() instanceof SocketTimeoutException);
            }
            eventually(() -> uring.socketStatistics().open() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReaderAndAWriterDoNotHinderEachOther(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            Blocked reader = new Blocked(() -> pair.near.read(ByteBuffer.allocate(1)));
            pair.near.write(text("there"));
            assertEquals("there", read(pair.far, 5));
            pair.far.write(text("!"));
            assertEquals("it returned", reader.thrown().getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void ipv6AndLocalSocketsWorkAlike(SocketBackend backend, @TempDir Path directory)
            throws Exception {
        try (Uring uring = backend.open()) {
            SocketAddress six = new InetSocketAddress(InetAddress.ofLiteral("::1"), 0);
            try (Connection pair = new Connection(uring, ipv6(uring, six))) {
                exchange(pair);
                assertEquals(pair.near.localAddress(), pair.far.remoteAddress());
            }
            Path path = directory.resolve("socket");
            try (Connection pair = new Connection(uring, UnixDomainSocketAddress.of(path))) {
                exchange(pair);
                assertEquals(UnixDomainSocketAddress.of(path), pair.near.remoteAddress());
                assertEquals(UnixDomainSocketAddress.of(""), pair.far.remoteAddress());
            }
            Files.delete(path);
            try (Connection pair = new Connection(uring, new InetSocketAddress(0))) {
                exchange(pair);
                assertEquals(pair.near.localAddress(), pair.far.remoteAddress());
            }
        }
    }

    private static SocketAddress ipv6(Uring uring, SocketAddress address) {
        try {
            uring.listen(address, socket -> {}).close();
            return address;
        } catch (IOException e) {
            String text = "SKIPPED: no IPv6 here: " + e.getMessage();
            System.out.println(text);
            throw new TestAbortedException(text, e);
        }
    }

    private static void exchange(Connection pair) throws IOException {
        pair.near.write(text("ping"));
        assertEquals("ping", read(pair.far, 4));
        pair.far.write(text("pong"));
        assertEquals("pong", read(pair.near, 4));
    }

    @ParameterizedTest
    @EnumSource
    void optionsAreTheKernels(SocketBackend backend) throws Exception {
        ServerOptions options =
                ServerOptions.defaults()
                        .with(StandardSocketOptions.TCP_NODELAY, true)
                        .with(StandardSocketOptions.SO_KEEPALIVE, true);
        CompletableFuture<List<Boolean>> seen = new CompletableFuture<>();
        try (Uring uring = backend.open();
                UringServer server =
                        uring.listen(
                                ANY_PORT,
                                options,
                                socket ->
                                        seen.complete(
                                                List.of(
                                                        socket.option(
                                                                StandardSocketOptions.TCP_NODELAY),
                                                        socket.option(
                                                                StandardSocketOptions
                                                                        .SO_KEEPALIVE))));
                UringSocket socket = uring.connect(server.localAddress())) {
            assertEquals(List.of(true, true), seen.get(10, TimeUnit.SECONDS));
            assertFalse(socket.option(StandardSocketOptions.TCP_NODELAY));
            socket.option(StandardSocketOptions.TCP_NODELAY, true)
                    .option(StandardSocketOptions.SO_LINGER, 3)
                    .option(StandardSocketOptions.SO_RCVBUF, 40_000);
            assertTrue(socket.option(StandardSocketOptions.TCP_NODELAY));
            assertEquals(3, socket.option(StandardSocketOptions.SO_LINGER));
            assertEquals(40_000, socket.option(StandardSocketOptions.SO_RCVBUF));
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> socket.option(StandardSocketOptions.IP_MULTICAST_LOOP));
        }
    }

    @ParameterizedTest
    @EnumSource
    void asynchronousCallsKeepTheirOrder(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            ByteBuffer first = ByteBuffer.allocate(3);
            ByteBuffer second = ByteBuffer.allocate(3);
            CompletableFuture<Integer> one = pair.near.readAsync(first);
            CompletableFuture<Integer> two = pair.near.readAsync(second);
            CompletableFuture<Integer> sent = pair.far.writeAsync(text("one"));
            assertEquals(3, pair.far.writeAsync(text("two")).get(10, TimeUnit.SECONDS));
            assertEquals(3, sent.get(10, TimeUnit.SECONDS));
            assertEquals(3, one.get(10, TimeUnit.SECONDS));
            assertEquals(3, two.get(10, TimeUnit.SECONDS));
            assertArrayEquals(text("one").array(), first.array());
            assertArrayEquals(text("two").array(), second.array());
            CompletableFuture<Integer> never = pair.near.readAsync(ByteBuffer.allocate(1));
            pair.near.close();
            ExecutionException e =
                    assertThrows(ExecutionException.class, () -> never.get(10, TimeUnit.SECONDS));
            assertInstanceOf(ClosedChannelException.class, e.getCause());
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsOfJavaIoReadAndWrite(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            pair.near.outputStream().write("line".getBytes(StandardCharsets.UTF_8));
            pair.near.outputStream().write(0xff);
            pair.near.shutdownOutput();
            try (InputStream input = pair.far.inputStream()) {
                assertEquals('l', input.read());
                assertEquals(4, input.readAllBytes().length);
                assertEquals(-1, input.read());
            }
            assertFalse(pair.far.isOpen());
        }
    }

    /** Asks for items one by one, and notes everything. */
    private static final class Listener implements Flow.Subscriber<ByteBuffer> {
        final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(ByteBuffer item) {
            seen.add(StandardCharsets.UTF_8.decode(item).toString());
        }

        @Override
        public void onError(Throwable e) {
            seen.add(e);
        }

        @Override
        public void onComplete() {
            seen.add("end");
        }

        Object next() throws InterruptedException {
            Object next = seen.poll(10, TimeUnit.SECONDS);
            return next == null ? "nothing" : next;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamGivesWhatIsAskedForAndThenTheEnd(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            Listener listener = new Listener();
            pair.near.received().subscribe(listener);
            Flow.Subscription subscription = listener.subscription.get(10, TimeUnit.SECONDS);
            pair.far.write(text("first"));
            subscription.request(1);
            assertEquals("first", listener.next());
            pair.far.write(text("second"));
            Listener other = new Listener();
            pair.near.received().subscribe(other);
            assertInstanceOf(IllegalStateException.class, other.next());
            assertEquals(0, listener.seen.size()); // nothing was asked for
            subscription.request(5);
            assertEquals("second", listener.next());
            pair.far.shutdownOutput();
            assertEquals("end", listener.next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamEndsWithTheReason(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                Connection pair = new Connection(uring)) {
            Listener listener = new Listener();
            pair.near.received().subscribe(listener);
            Flow.Subscription subscription = listener.subscription.get(10, TimeUnit.SECONDS);
            subscription.request(2);
            pair.near.close();
            assertInstanceOf(ClosedChannelException.class, listener.next());
            Listener careless = new Listener();
            pair.far.received().subscribe(careless);
            careless.subscription.get(10, TimeUnit.SECONDS).request(0);
            assertInstanceOf(IllegalArgumentException.class, careless.next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatThrowsEndsItsConnectionOnly(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server =
                        uring.listen(
                                ANY_PORT,
                                socket -> {
                                    if (read(socket, 1).equals("!")) {
                                        throw new IllegalStateException("a handler of a test");
                                    }
                                    socket.write(text("fine"));
                                })) {
            try (UringSocket bad = uring.connect(server.localAddress());
                    UringSocket good = uring.connect(server.localAddress())) {
                bad.write(text("!"));
                assertEquals("", read(bad, 1));
                good.write(text("?"));
                assertEquals("fine", read(good, 100));
            }
            eventually(() -> server.connections() == 0);
            assertEquals(1, uring.socketStatistics().handlerFailures());
        }
    }

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("try") // when it closes is what is tested
    void aServerAcceptsNoMoreThanItsLimit(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server =
                        uring.listen(
                                ANY_PORT,
                                ServerOptions.defaults().withMaxConnections(2),
                                socket -> {
                                    socket.write(text("hello"));
                                    read(socket, 1);
                                })) {
            try (UringSocket one = uring.connect(server.localAddress());
                    UringSocket two = uring.connect(server.localAddress());
                    UringSocket three = uring.connect(server.localAddress())) {
                assertEquals("hello", read(one, 5));
                assertEquals("hello", read(two, 5));
                assertThrows(
                        SocketTimeoutException.class,
                        () -> three.read(ByteBuffer.allocate(1), Duration.ofMillis(100)));
                assertEquals(2, server.connections());
                assertEquals(2, uring.socketStatistics().accepted());
                assertEquals(1, uring.socketStatistics().limitEpisodes());
                one.close();
                assertEquals("hello", read(three, 5));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("try") // when it closes is what is tested
    void aServerEndsWithGrace(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            UringServer server = uring.listen(ANY_PORT, UringSocketTest::echo);
            SocketAddress address = server.localAddress();
            try (UringSocket stays = uring.connect(address);
                    UringSocket leaves = uring.connect(address)) {
                stays.write(text("a"));
                assertEquals("a", read(stays, 1));
                leaves.write(text("b"));
                assertEquals("b", read(leaves, 1));
                leaves.close();
                assertEquals(1, server.close(Duration.ofMillis(200)));
                assertFalse(server.isOpen());
                assertEquals("", read(stays, 1));
                assertThrows(IOException.class, () -> uring.connect(address));
            }
            eventually(() -> server.connections() == 0);
            assertEquals(0, server.close(Duration.ofSeconds(1)));
        }
    }

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("try") // when it closes is what is tested
    void closingTheUringClosesWhatIsOpen(SocketBackend backend) throws Exception {
        Uring uring = backend.open();
        Connection pair = new Connection(uring);
        Blocked reader = new Blocked(() -> pair.far.read(ByteBuffer.allocate(1)));
        Blocked writer = new Blocked(() -> fill(pair.far));
        uring.close();
        // Whose end is closed first is not said; the other reads the end of the stream.
        assertNotNull(reader.thrown());
        assertInstanceOf(IOException.class, writer.thrown());
        assertFalse(pair.near.isOpen());
        assertFalse(pair.far.isOpen());
        assertFalse(pair.server.isOpen());
        pair.close();
        assertEquals(0, uring.socketStatistics().open());
        assertThrows(IllegalStateException.class, () -> uring.connect(ANY_PORT));
        assertThrows(IllegalStateException.class, () -> uring.listen(ANY_PORT, socket -> {}));
    }
}
