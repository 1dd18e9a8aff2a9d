package dev.ringwatch.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a service manager sees it. */
@Timeout(120)
class ServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir Path folder = Path.of("");

    @Test
    void theManagerIsToldWhenItIsReadyAliveAndStopping() throws Exception {
        try (Manager manager = new Manager(folder.resolve("notify"))) {
            ProcessBuilder builder = run(config("interval: 100ms\n"), "--listen", "127.0.0.1:0");
            builder.environment().put("NOTIFY_SOCKET", folder.resolve("notify").toString());
            builder.environment().put("WATCHDOG_USEC", "300000");
            RunningAgent agent = RunningAgent.start(builder, HttpClient.newHttpClient());
            try (agent) {
                manager.await("READY=1"::equals);
                manager.await("STATUS=watching"::equals);
                manager.await("WATCHDOG=1"::equals);
                assertTrue(agent.get(agent.metrics()).body().contains("ringwatch_findings"));

                agent.signal("HUP");
                String reloading = manager.await(t -> t.startsWith("RELOADING=1\n"));
                long at = Long.parseLong(reloading.substring(reloading.indexOf('=', 12) + 1));
                long now = System.nanoTime() / 1000;
                assertTrue(at <= now && now - at < PATIENCE.toNanos() / 1000, reloading);
                manager.await("READY=1"::equals);
            }
            manager.await("STOPPING=1"::equals);
            assertEquals(ExitStatus.OK, agent.awaitEnd());
        }
    }

    /** What systemd does before it starts a service with two sockets, in the perl of every Debian. */
    private static final String ACTIVATE =
            "use Socket; $^F = 9; $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 2;"
                    + " $ENV{LISTEN_FDNAMES} = 'api:metrics';"
                    + " socket(A, PF_UNIX, SOCK_STREAM, 0) && bind(A, sockaddr_un(shift)) or die $!;"
                    + " socket(B, PF_INET, SOCK_STREAM, 0)"
                    + " && bind(B, sockaddr_in(0, INADDR_LOOPBACK)) or die $!;"
                    + " listen(A, 9); listen(B, 9); exec @ARGV or die $!";

    @Test
    void theManagersSocketsAreServedAndStay() throws Exception {
        Path path = folder.resolve("activated.sock");
        List<String> command = new ArrayList<>(List.of("perl", "-e", ACTIVATE, path.toString()));
        command.addAll(run(config("interval: 100ms\n")).command());
        try (RunningAgent agent =
                RunningAgent.start(new ProcessBuilder(command), HttpClient.newHttpClient())) {
            agent.awaitReady();
            assertTrue(agent.scrape().contains("ringwatch_findings_opened_total"));
            agent.awaitLine(
                    l -> l.equals("ringwatch: everything at unix:" + path + " without a token"));
            Pattern listening = Pattern.compile("ringwatch: (metrics|everything) at .*");
            assertEquals(2, agent.said().stream().filter(listening.asMatchPredicate()).count());
            Cli cli = Cli.run("leaks", "--older-than", "0s", "--agent", path.toString());
            assertTrue(cli.status() != ExitStatus.ERROR, cli.err());
            assertFalse(cli.err().contains("does not answer"), cli.err());
        }
        assertTrue(Files.exists(path), "the socket is the manager's");
    }

    /** The same, with one IPv6 socket, and the same address in the short form on the command line. */
    private static final String ACTIVATE_6 =
            "use Socket qw(:all); $^F = 9; $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1;"
                    + " socket(A, PF_INET6, SOCK_STREAM, 0)"
                    + " && bind(A, pack_sockaddr_in6(0, inet_pton(AF_INET6, '::1'))) or die $!;"
                    + " listen(A, 9); my ($port) = unpack_sockaddr_in6(getsockname(A));"
                    + " exec @ARGV, '--listen', \"[::1]:$port\" or die $!";

    @Test
    void theManagersSocketComesInPlaceOfTheSameAddressHoweverWritten() throws Exception {
        List<String> command = new ArrayList<>(List.of("perl", "-e", ACTIVATE_6));
        command.addAll(run(config("interval: 100ms\n")).command());
        try (RunningAgent agent =
                RunningAgent.start(new ProcessBuilder(command), HttpClient.newHttpClient())) {
            agent.awaitReady();
            assertTrue(agent.scrape().contains("ringwatch_findings_opened_total"));
        }
    }

    @Test
    void onHangUpTheConfigurationIsReadAgainAndABrokenOneIsRefused() throws Exception {
        Path file = config("interval: 100ms\ngroups: {max: 200}\n");
        try (RunningAgent agent = RunningAgent.start(file).awaitReady()) {
            String opened = agent.awaitMetric(l -> l.startsWith("ringwatch_findings_opened_total"));
            assertFalse(opened.isEmpty());

            config("interval: soon\n");
            agent.signal("HUP");
            agent.awaitLine(
                    l -> l.contains("cannot be used, the one before holds") && l.contains("soon"));
            agent.awaitMetric(
                    "ringwatch_config_last_reload_successful{file=\"agent\"} 0.0"::equals);

            config("interval: 200ms\nsource: proc\n");
            agent.signal("HUP");
            agent.awaitLine(l -> l.endsWith("holds only from the next start: source"));
            agent.awaitMetric(
                    "ringwatch_config_last_reload_successful{file=\"agent\"} 1.0"::equals);
            agent.awaitMetric("ringwatch_source_up{source=\"bpf\"} 1.0"::equals);
        }
    }

    private Path config(String yaml) throws IOException {
        return Files.writeString(folder.resolve("ringwatch.yaml"), yaml);
    }

    private static ProcessBuilder run(Path config, String... more) {
        List<String> command = new ArrayList<>(Sample.ownProgram());
        command.addAll(List.of("run", "--config", config.toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command);
    }

    /** The service manager's end: what it is told, a datagram a time. */
    private static final class Manager implements AutoCloseable {
        private final OwnedFd socket;
        private final List<String> heard = new ArrayList<>();

        Manager(Path path) throws ErrnoException {
            socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0);
            Sockets.bind(socket.number(), new UnixAddress.Path(path.toString()));
            Fds.setNonBlocking(socket.number(), true);
        }

        /** Waits for a datagram that is wanted; those before are passed over. */
        String await(Predicate<String> wanted) throws Exception {
            Instant end = Instant.now().plus(PATIENCE);
            byte[] room = new byte[4096];
            while (Instant.now().isBefore(end)) {
                try {
                    int n = Sockets.receive(socket.number(), MemorySegment.ofArray(room), 0);
                    String text = new String(room, 0, n, UTF_8);
                    heard.add(text);
                    if (wanted.test(text)) {
                        return text;
                    }
                } catch (ErrnoException nothingYet) {
                    Thread.sleep(10);
                }
            }
            throw new AssertionError("not told; heard " + heard);
        }

        @Override
        public void close() throws ErrnoException {
            socket.close();
        }
    }
}
