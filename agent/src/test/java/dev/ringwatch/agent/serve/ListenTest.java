package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What may stand in the way of listening, and what is left behind. */
@Timeout(30)
class ListenTest {
    private static final Routes HEALTH =
            Routes.builder()
                    .path("/-/healthy", Routes.Visibility.PUBLIC, HealthRoutes.healthy())
                    .build();

    @TempDir Path dir = Path.of("");

    @Test
    void portZeroTellsThePortItGot() throws IOException {
        try (Server server = listen(new Tcp("127.0.0.1", 0), new Tcp("127.0.0.1", 0))) {
            Tcp first = (Tcp) server.addresses().getFirst();
            Tcp second = (Tcp) server.addresses().getLast();
            assertNotEquals(0, first.port());
            assertNotEquals(first, second);
            assertHealthy(first);
            assertHealthy(second);
        }
    }

    @Test
    void ipv6Loopback() throws IOException {
        try (Server server = listen(new Tcp("::1", 0))) {
            assertHealthy(server.addresses().getFirst());
        }
    }

    @Test
    void portTaken() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Tcp taken = new Tcp("127.0.0.1", other.getLocalPort());
            assertRefused(taken, taken + ": already in use; choose another with --listen");
        }
    }

    @Test
    void anAddressOfAnotherMachine() {
        assertRefused(new Tcp("192.0.2.1", 0), "192.0.2.1:0: no interface here has this address");
    }

    @Test
    void oneAddressTakenListensOnNone() throws IOException {
        Unix free = socket("free.sock");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Tcp taken = new Tcp("127.0.0.1", other.getLocalPort());
            assertThrows(ListenException.class, () -> listen(free, taken));
        }
        assertFalse(Files.exists(free.path()));
    }

    @Test
    void unixSocketHasMode0660AndGoesWithTheServer() throws IOException {
        Unix address = socket("agent.sock");
        try (Server server = listen(address)) {
            assertEquals(List.of(address), server.addresses());
            assertEquals("rw-rw----", mode(address));
            assertHealthy(address);
        }
        assertFalse(Files.exists(address.path(), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void staleUnixSocketIsReplaced() throws IOException {
        Unix address = socket("stale.sock");
        try (ServerSocketChannel crashed = open(address)) {
            assertTrue(crashed.isOpen());
        }
        assertTrue(Files.exists(address.path()), "the JDK leaves the file, like a crash");
        try (Server server = listen(address)) {
            assertHealthy(server.addresses().getFirst());
        }
    }

    @Test
    void liveUnixSocketIsLeftAlone() throws IOException {
        Unix address = socket("live.sock");
        try (Server first = listen(address)) {
            assertRefused(address, address + ": already in use; choose another with --listen");
            assertHealthy(first.addresses().getFirst());
        }
    }

    @Test
    void fileThatIsNoSocketIsLeftAlone() throws IOException {
        Unix address = socket("notes.txt");
        Files.writeString(address.path(), "mine");
        assertRefused(address, "exists and is not a socket");
        assertEquals("mine", Files.readString(address.path()));
    }

    @Test
    void linkToASocketIsLeftAlone() throws IOException {
        Unix target = socket("target.sock");
        Unix link = socket("link.sock");
        try (Server server = listen(target)) {
            Files.createSymbolicLink(link.path(), target.path());
            assertRefused(link, "exists and is not a socket");
            assertHealthy(server.addresses().getFirst());
        }
    }

    @Test
    void missingDirectory() {
        assertRefused(socket("missing/agent.sock"), "its directory does not exist");
    }

    @Test
    void withoutEpollItSaysWhy() throws Exception {
        Process java =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dio.netty.transport.noNative=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                WithoutEpoll.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String said = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, java.waitFor());
        assertTrue(said.startsWith("Netty's epoll transport does not work here: "), said);
        assertTrue(said.contains("io.netty.transport.noNative"), said);
    }

    /** Runs in a JVM of its own, for Netty decides once. */
    static final class WithoutEpoll {
        private WithoutEpoll() {}

        public static void main(String[] args) {
            var e = assertThrows(ListenException.class, () -> listen(new Tcp("127.0.0.1", 0)));
            System.out.println(e.getMessage());
        }
    }

    private Unix socket(String name) {
        return new Unix(dir.resolve(name));
    }

    private static ServerSocketChannel open(Unix address) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(address.path()));
    }

    private static Server listen(ListenAddress... addresses) throws ListenException {
        return Server.start(List.of(addresses), HEALTH);
    }

    private static String mode(Unix address) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(address.path()));
    }

    private static void assertHealthy(ListenAddress address) throws IOException {
        try (RawClient client = RawClient.to(address)) {
            assertEquals("healthy\n", client.get("/-/healthy").answer().text());
        }
    }

    private static void assertRefused(ListenAddress address, String reason) {
        ListenException e = assertThrows(ListenException.class, () -> listen(address));
        String line = String.valueOf(e.getMessage());
        assertTrue(line.contains(reason), line);
        assertFalse(line.contains("\n"), line);
    }
}
