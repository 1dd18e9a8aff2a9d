package dev.ringwatch.uring.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.loop.UringDatagrams.Received;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Live: datagrams on both backends. */
@Timeout(60)
class UringDatagramsTest {
    @TempDir Path directory = Path.of("");

    private enum Family {
        INET,
        INET6,
        UNIX
    }

    private int names;

    private SocketAddress local(Family family) throws IOException {
        return switch (family) {
            case INET -> new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
            case INET6 -> new InetSocketAddress(InetAddress.ofLiteral("::1"), 0);
            case UNIX -> UnixDomainSocketAddress.of(directory.resolve("socket" + names++));
        };
    }

    static Stream<Arguments> backendsAndFamilies() {
        return Stream.of(TestBackend.values())
                .flatMap(
                        backend ->
                                Stream.of(Family.values())
                                        .map(family -> Arguments.of(backend, family)));
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @MethodSource("backendsAndFamilies")
    void aDatagramComesWholeWithItsSender(TestBackend backend, Family family) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(family));
                UringDatagrams two = uring.datagrams(local(family))) {
            ByteBuffer data = text("first");
            one.send(data, two.localAddress());
            assertFalse(data.hasRemaining());
            one.send(text(""), two.localAddress());
            one.send(text("third"), two.localAddress(), Duration.ofSeconds(10));
            ByteBuffer into = ByteBuffer.allocateDirect(100);
            Optional<SocketAddress> sender = Optional.of(one.localAddress());
            assertEquals(new Received(5, 5, sender), two.receive(into));
            assertEquals(new Received(0, 0, sender), two.receive(into));
            assertEquals(new Received(5, 5, sender), two.receive(into, Duration.ofSeconds(10)));
            assertEquals(text("firstthird"), into.flip());
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndFamilies")
    void whatIsCutIsSaid(TestBackend backend, Family family) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(family));
                UringDatagrams two = uring.datagrams(local(family))) {
            one.send(text("much too long"), two.localAddress());
            one.send(text("next"), two.localAddress());
            ByteBuffer into = ByteBuffer.allocate(4);
            Received received = two.receive(into);
            assertTrue(received.isTruncated());
            assertEquals(4, received.bytes());
            assertEquals(13, received.length());
            assertEquals(text("much"), into.flip());
            assertFalse(two.receive(into.clear()).isTruncated());
            assertEquals(text("next"), into.flip());
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndFamilies")
    void aConnectedSocketHearsItsPeerOnly(TestBackend backend, Family family) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(family));
                UringDatagrams two = uring.datagrams(local(family));
                UringDatagrams other = uring.datagrams(local(family))) {
            two.connect(one.localAddress());
            one.connect(two.localAddress());
            one.send(text("connected"));
            ByteBuffer into = ByteBuffer.allocate(100);
            two.receive(into);
            assertEquals(text("connected"), into.flip());
            if (family == Family.UNIX) {
                assertEquals(Errno.EPERM, errnoOf(() -> other.send(text("x"), two.localAddress())));
            } else {
                other.send(text("unheard"), two.localAddress());
                assertThrows(
                        OperationTimeoutException.class,
                        () -> two.receive(into.clear(), Duration.ofMillis(20)));
            }
        }
    }

    private static Errno errnoOf(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(ErrnoException.class, call).errno();
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void theErrorsOfDatagramsAreTheKernels(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(Family.INET));
                UringDatagrams unix = uring.datagrams(local(Family.UNIX));
                UringDatagrams nameless = uring.datagrams(UnixDomainSocketAddress.of(""))) {
            assertEquals(Errno.EDESTADDRREQ, errnoOf(() -> one.send(text("x"))));
            ByteBuffer huge = ByteBuffer.allocate(70_000);
            assertEquals(Errno.EMSGSIZE, errnoOf(() -> one.send(huge, one.localAddress())));
            assertEquals(0, huge.position());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> one.send(ByteBuffer.allocate(2 << 20), one.localAddress()));
            assertEquals(
                    Errno.ENOENT,
                    errnoOf(
                            () ->
                                    unix.send(
                                            text("x"),
                                            UnixDomainSocketAddress.of(
                                                    directory.resolve("nobody")))));
            assertEquals(Errno.EADDRINUSE, errnoOf(() -> uring.datagrams(unix.localAddress())));
            nameless.send(text("x"), unix.localAddress());
            assertEquals(Optional.empty(), unix.receive(ByteBuffer.allocate(1)).sender());
            SocketAddress deserted = closedPort(uring);
            one.connect(deserted);
            one.send(text("x"));
            assertEquals(
                    Errno.ECONNREFUSED,
                    errnoOf(() -> one.receive(ByteBuffer.allocate(1), Duration.ofSeconds(10))));
        }
    }

    private SocketAddress closedPort(Uring uring) throws IOException {
        try (UringDatagrams gone = uring.datagrams(local(Family.INET))) {
            return gone.localAddress();
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void noDatagramIsLostThatComesAsTheTimeIsUp(TestBackend backend) throws Exception {
        int count = 200;
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(Family.UNIX));
                UringDatagrams two = uring.datagrams(local(Family.UNIX))) {
            SocketAddress to = two.localAddress();
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    for (int i = 0; i < count; i++) {
                                        one.send(text("%03d".formatted(i)), to);
                                        LockSupport.parkNanos(20_000);
                                    }
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            },
                            Thread::startVirtualThread);
            for (int i = 0; i < count; ) {
                ByteBuffer into = ByteBuffer.allocate(3);
                try {
                    two.receive(into, Duration.ofNanos(1 + i * 500L));
                    assertEquals("%03d".formatted(i), new String(into.array(), UTF_8));
                    i++;
                } catch (OperationTimeoutException e) {
                    assertEquals(0, into.position());
                }
            }
            sent.get();
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void interruptsAndClosingEndAReceive(TestBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            UringDatagrams socket = uring.datagrams(local(Family.INET));
            CompletableFuture<Boolean> stayed = new CompletableFuture<>();
            CompletableFuture<IOException> closed = new CompletableFuture<>();
            Thread receiver =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        ByteBuffer into = ByteBuffer.allocate(1);
                                        assertThrows(
                                                InterruptedIOException.class,
                                                () -> socket.receive(into));
                                        stayed.complete(Thread.interrupted());
                                        closed.complete(
                                                assertThrows(
                                                        IOException.class,
                                                        () -> socket.receive(into)));
                                    });
            receiver.interrupt();
            assertTrue(stayed.get(10, TimeUnit.SECONDS));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (receiver.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
                LockSupport.parkNanos(200_000);
            }
            socket.close();
            assertInstanceOf(AsynchronousCloseException.class, closed.get(10, TimeUnit.SECONDS));
            assertThrows(ClosedChannelException.class, socket::localAddress);
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aSendToAFullReceiverWaitsForRoomAndSendsItAll(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(Family.UNIX));
                UringDatagrams two = uring.datagrams(local(Family.UNIX))) {
            SocketAddress to = two.localAddress();
            int count = 0;
            try {
                while (true) {
                    one.send(text("full"), to, Duration.ofMillis(50));
                    count++;
                }
            } catch (OperationTimeoutException e) {
                assertTrue(count > 0);
            }
            CompletableFuture<String> sent = new CompletableFuture<>();
            Thread sender =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            one.send(text("waited"), to);
                                            sent.complete("sent");
                                        } catch (IOException e) {
                                            sent.completeExceptionally(e);
                                        }
                                    });
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (sender.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
                LockSupport.parkNanos(200_000);
            }
            ByteBuffer into = ByteBuffer.allocate(10);
            for (int i = 0; i < count; i++) {
                assertEquals(4, two.receive(into.clear()).bytes());
            }
            two.receive(into.clear());
            assertEquals(text("waited"), into.flip());
            assertEquals("sent", sent.get(10, TimeUnit.SECONDS));
        }
    }

    /** Asks for items as it is told, and keeps what it is given. */
    private static final class Listener implements Flow.Subscriber<Datagram> {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(Datagram item) {
            events.add(item);
        }

        @Override
        public void onError(Throwable why) {
            events.add(why);
        }

        @Override
        public void onComplete() {
            events.add("complete");
        }

        Object next() throws InterruptedException {
            return Optional.ofNullable(events.poll(10, TimeUnit.SECONDS)).orElse("nothing");
        }

        Datagram datagram() throws InterruptedException {
            return assertInstanceOf(Datagram.class, next());
        }
    }

    @ParameterizedTest
    @MethodSource("backendsAndFamilies")
    void aStreamBringsWhatIsAskedForInOrder(TestBackend backend, Family family) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(family))) {
            UringDatagrams two = uring.datagrams(local(family), 16);
            Listener listener = new Listener();
            two.stream().subscribe(listener);
            Flow.Subscription subscription = listener.subscription.get();
            one.send(text("a"), two.localAddress());
            one.send(text(""), two.localAddress());
            one.send(text("longer than sixteen bytes"), two.localAddress());
            subscription.request(2);
            Datagram first = listener.datagram();
            assertEquals(text("a"), first.data());
            assertEquals(Optional.of(one.localAddress()), first.sender());
            assertEquals(0, listener.datagram().length());
            assertTrue(listener.events.isEmpty(), "more than asked for");
            subscription.request(1);
            Datagram cut = listener.datagram();
            assertTrue(cut.isTruncated());
            assertEquals(25, cut.length());
            assertEquals(text("longer than sixt"), cut.data());
            two.close();
            assertEquals("complete", listener.next());
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aSlowSubscriberGetsMoreThanThereAreBuffers(TestBackend backend) throws Exception {
        int count = 500;
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(Family.UNIX));
                UringDatagrams two = uring.datagrams(local(Family.UNIX))) {
            Listener listener = new Listener();
            two.stream().subscribe(listener);
            Flow.Subscription subscription = listener.subscription.get();
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    for (int i = 0; i < count; i++) {
                                        one.send(text(String.valueOf(i)), two.localAddress());
                                    }
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            },
                            Thread::startVirtualThread);
            for (int i = 0; i < count; i++) {
                subscription.request(1);
                assertEquals(text(String.valueOf(i)), listener.datagram().data());
            }
            sent.get();
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aCancelledStreamLeavesTheSocketToOthers(TestBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringDatagrams one = uring.datagrams(local(Family.INET));
                UringDatagrams two = uring.datagrams(local(Family.INET))) {
            Listener first = new Listener();
            two.stream().subscribe(first);
            first.subscription.get().request(1);
            one.send(text("first"), two.localAddress());
            first.datagram();
            first.subscription.get().cancel();
            Listener wrong = new Listener();
            two.stream().subscribe(wrong);
            wrong.subscription.get().request(0);
            assertInstanceOf(IllegalArgumentException.class, wrong.next());
            // What comes before the first stream has ended is its own, and lost with it.
            ByteBuffer into = ByteBuffer.allocate(10);
            Optional<Received> received = Optional.empty();
            while (received.isEmpty()) {
                one.send(text("second"), two.localAddress());
                received = within(two, into);
            }
            assertEquals(text("second"), into.flip());
            assertTrue(first.events.isEmpty());
        }
    }

    private static Optional<Received> within(UringDatagrams socket, ByteBuffer into)
            throws IOException {
        try {
            return Optional.of(socket.receive(into, Duration.ofMillis(20)));
        } catch (OperationTimeoutException e) {
            return Optional.empty();
        }
    }

    /** A source for tests. */
    private record Given(Iterator<String> items, Errno end, List<String> closed, String name)
            implements Pump.Source<String> {
        @Override
        public Optional<String> next() throws IOException {
            if (items.hasNext()) {
                return Optional.of(items.next());
            }
            throw new ErrnoException("test", end.code(), name);
        }

        @Override
        public void close() {
            closed.add(name);
        }
    }

    @Test
    void whatTheKernelDoesNotKnowIsReplacedBeforeTheFirstItemOnly() throws Exception {
        List<String> closed = new ArrayList<>();
        Given unknown = new Given(List.<String>of().iterator(), Errno.EINVAL, closed, "unknown");
        Given other = new Given(List.of("x").iterator(), Errno.EINVAL, closed, "other");
        try (PreferredSource<String> source = new PreferredSource<>(() -> unknown, () -> other)) {
            assertEquals(Optional.of("x"), source.next());
            assertEquals(List.of("unknown"), closed);
            assertEquals(Errno.EINVAL, errnoOf(source::next));
        }
        assertEquals(List.of("unknown", "other"), closed);
        Given broken = new Given(List.<String>of().iterator(), Errno.EIO, closed, "broken");
        try (PreferredSource<String> source = new PreferredSource<>(() -> broken, () -> other)) {
            assertEquals(Errno.EIO, errnoOf(source::next));
        }
    }
}
