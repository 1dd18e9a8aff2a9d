package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: TLS with a real certificate, made for the test. */
@Timeout(60)
class TlsSocketTest {
    private static final char[] PASSWORD = "of a test".toCharArray();
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static SSLContext context = empty();

    @BeforeAll
    static void makeCertificate(@TempDir Path directory) throws Exception {
        Path store = directory.resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "test",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, keytool.waitFor(), output);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory key = KeyManagerFactory.getInstance("PKIX");
        key.init(keys, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(keys);
        context.init(key.getKeyManagers(), trust.getTrustManagers(), null);
    }

    private static SSLContext empty() {
        try {
            return SSLContext.getInstance("TLS");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void echo(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(5000);
        while (socket.read(buffer.clear()) >= 0) {
            socket.write(buffer.flip());
        }
    }

    private static SocketAddress named(UringServer server) {
        InetSocketAddress address =
                assertInstanceOf(InetSocketAddress.class, server.localAddress());
        return new InetSocketAddress("localhost", address.getPort());
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(UringSocket socket, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && socket.read(into, LONG) >= 0) {
            assertTrue(socket.isOpen());
        }
        return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within ten seconds");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentComesBackAndEachSideEndsItsDirection(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listenTls(ANY_PORT, context, TlsSocketTest::echo)) {
            for (int size : new int[] {1, 16_384, 1_000_003}) {
                try (TlsSocket socket = uring.connectTls(named(server), context, LONG)) {
                    assertEquals("TLSv1.3", socket.session().getProtocol());
                    byte[] sent = new byte[size];
                    new Random(size).nextBytes(sent);
                    CompletableFuture<Integer> writing = socket.writeAsync(ByteBuffer.wrap(sent));
                    ByteBuffer into = ByteBuffer.allocate(size);
                    while (into.hasRemaining()) {
                        assertTrue(socket.read(into) > 0);
                    }
                    assertEquals(size, writing.get(10, TimeUnit.SECONDS));
                    socket.shutdownOutput();
                    assertEquals(-1, socket.read(ByteBuffer.allocate(1)));
                    assertThrows(ClosedChannelException.class, () -> socket.write(text("x")));
                    assertArrayEquals(sent, into.array());
                }
            }
            eventually(() -> server.connections() == 0);
            assertEquals(0, uring.socketStatistics().handlerFailures());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProtocolsAreAgreedOnAndTheNameIsAskedFor(SocketBackend backend) throws Exception {
        SSLParameters offered = new SSLParameters();
        offered.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        CompletableFuture<List<SNIServerName>> names = new CompletableFuture<>();
        try (Uring uring = backend.open();
                UringServer server =
                        uring.listenTls(
                                ANY_PORT,
                                ServerOptions.defaults(),
                                context,
                                offered,
                                socket -> {
                                    TlsSocket tls = assertInstanceOf(TlsSocket.class, socket);
                                    names.complete(
                                            assertInstanceOf(
                                                            ExtendedSSLSession.class, tls.session())
                                                    .getRequestedServerNames());
                                    seen.complete(tls.applicationProtocol());
                                    echo(socket);
                                })) {
            SSLParameters wanted = new SSLParameters();
            wanted.setApplicationProtocols(new String[] {"http/1.1"});
            wanted.setServerNames(List.of(new SNIHostName("shop.example")));
            wanted.setProtocols(new String[] {"TLSv1.2"});
            try (TlsSocket socket = uring.connectTls(named(server), context, wanted, LONG)) {
                assertEquals("TLSv1.2", socket.session().getProtocol());
                assertEquals(Optional.of("http/1.1"), socket.applicationProtocol());
                assertEquals(Optional.of("http/1.1"), seen.get(10, TimeUnit.SECONDS));
                assertEquals(wanted.getServerNames(), names.get(10, TimeUnit.SECONDS));
                socket.write(text("hello"));
                assertEquals("hello", read(socket, 5));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCertificateThatIsNotTrustedOrAnothersIsRefused(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listenTls(ANY_PORT, context, TlsSocketTest::echo)) {
            assertThrows(
                    SSLException.class,
                    () -> uring.connectTls(named(server), SSLContext.getDefault(), LONG));
            InetSocketAddress address =
                    assertInstanceOf(InetSocketAddress.class, server.localAddress());
            InetAddress impostor =
                    InetAddress.getByAddress("another.example", new byte[] {127, 0, 0, 1});
            SocketAddress other = new InetSocketAddress(impostor, address.getPort());
            assertThrows(SSLException.class, () -> uring.connectTls(other, context, LONG));
            eventually(() -> uring.socketStatistics().open() == 0);
            SSLParameters careless = new SSLParameters();
            careless.setEndpointIdentificationAlgorithm("");
            try (TlsSocket socket = uring.connectTls(other, context, careless, LONG)) {
                assertTrue(socket.isOpen());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void plainTextIsNoHandshake(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listenTls(ANY_PORT, context, TlsSocketTest::echo);
                UringServer plain = uring.listen(ANY_PORT, TlsSocketTest::echo)) {
            try (UringSocket socket = uring.connect(server.localAddress())) {
                socket.write(text("GET / HTTP/1.1\r\n\r\n"));
                assertFalse(read(socket, 1000).contains("GET"));
                eventually(() -> server.connections() == 0);
                assertEquals(1, uring.socketStatistics().handshakeFailures());
            }
            assertThrows(SSLException.class, () -> uring.connectTls(named(plain), context, LONG));
            eventually(() -> uring.socketStatistics().open() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndThatWasNotAnnouncedIsAnError(SocketBackend backend) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        try (Uring uring = backend.open();
                UringServer server =
                        uring.listenTls(
                                ANY_PORT,
                                context,
                                socket -> {
                                    try {
                                        echo(socket);
                                        seen.complete(new AssertionError("a good end"));
                                    } catch (IOException e) {
                                        seen.complete(e);
                                    }
                                })) {
            TlsSocket socket = uring.connectTls(named(server), context, LONG);
            socket.write(text("half a "));
            assertEquals("half a ", read(socket, 7));
            socket.transport().close();
            assertInstanceOf(SSLException.class, seen.get(10, TimeUnit.SECONDS));
            socket.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @SuppressWarnings("try") // when it closes is what is tested
    void timeoutsInterruptsAndClosesAreThoseOfEverySocket(SocketBackend backend) throws Exception {
        try (Uring uring = backend.open();
                UringServer server = uring.listenTls(ANY_PORT, context, TlsSocketTest::echo)) {
            try (TlsSocket socket = uring.connectTls(named(server), context, LONG)) {
                assertThrows(
                        SocketTimeoutException.class,
                        () -> socket.read(ByteBuffer.allocate(1), Duration.ofMillis(5)));
                socket.write(text("still there"));
                assertEquals("still there", read(socket, 11));
                CompletableFuture<Integer> read = socket.readAsync(ByteBuffer.allocate(1));
                socket.close();
                ExecutionException e =
                        assertThrows(
                                ExecutionException.class, () -> read.get(10, TimeUnit.SECONDS));
                assertInstanceOf(ClosedChannelException.class, e.getCause());
            }
            TlsSocket socket = uring.connectTls(named(server), context, LONG);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread reader =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    socket.read(ByteBuffer.allocate(1));
                                } catch (IOException e) {
                                    thrown.complete(e);
                                }
                            });
            reader.interrupt();
            assertInstanceOf(ClosedByInterruptException.class, thrown.get(10, TimeUnit.SECONDS));
            assertFalse(socket.isOpen());
            eventually(() -> uring.socketStatistics().open() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void localSocketsHaveTlsToo(SocketBackend backend, @TempDir Path directory) throws Exception {
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("tls"));
        try (Uring uring = backend.open();
                UringServer server = uring.listenTls(address, context, TlsSocketTest::echo);
                TlsSocket socket = uring.connectTls(server.localAddress(), context, LONG)) {
            socket.write(text("local"));
            assertEquals("local", read(socket, 5));
        }
    }
}
