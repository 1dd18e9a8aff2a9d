package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.loop.FileOption;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Live: the examples, each in a process of its own. */
@Timeout(120)
class ExamplesTest {
    @TempDir Path directory = Path.of("");

    @Test
    void theLogHasEveryLineThatWasWritten() throws Exception {
        requireDirect();
        Path log = directory.resolve("log");
        try (Example example = Example.start(LogWriter.class, log.toString())) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                lines.add("line " + i + " " + "x".repeat(i % 97));
            }
            lines.add("long ".repeat(100_000));
            lines.add("");
            for (String line : lines) {
                example.say(line + "\n");
            }
            List<String> end = example.end();
            assertEquals("exit 0", end.getLast());
            assertTrue(end.getFirst().startsWith("20002 lines in "), end.getFirst());
            assertEquals(lines, Files.readAllLines(log));
        }
    }

    private void requireDirect() throws IOException {
        Path probe = directory.resolve("probe");
        try (Uring uring = Uring.open(UringOptions.defaults())) {
            uring.openFile(
                            probe,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            FileOption.DIRECT)
                    .close();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            String text = "SKIPPED: the file system of " + probe + " has no O_DIRECT";
            System.out.println(text);
            throw new TestAbortedException(text);
        }
    }

    @Test
    void theEchoIsWhatWasSent() throws Exception {
        try (Example example = Example.start(EchoServer.class, "0")) {
            InetSocketAddress address = example.address();
            byte[] noise = new byte[100_000];
            new Random(1).nextBytes(noise);
            try (Socket one = Example.connect(address);
                    Socket two = Example.connect(address)) {
                two.getOutputStream().write("second".getBytes(UTF_8));
                Thread writer =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                one.getOutputStream().write(noise);
                                            } catch (IOException e) {
                                                throw new java.io.UncheckedIOException(e);
                                            }
                                        });
                assertArrayEquals(noise, one.getInputStream().readNBytes(noise.length));
                assertArrayEquals("second".getBytes(UTF_8), two.getInputStream().readNBytes(6));
                writer.join();
            }
            assertEquals(List.of("exit 0"), example.end());
        }
    }

    @Test
    void filesAreServedAndNothingElse() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        byte[] large = new byte[300_000];
        new Random(2).nextBytes(large);
        Files.write(root.resolve("large file"), large);
        Files.writeString(root.resolve("empty"), "");
        Files.writeString(directory.resolve("secret"), "secret");
        try (Example example = Example.start(StaticFileServer.class, root.toString(), "0")) {
            InetSocketAddress address = example.address();
            assertArrayEquals(large, get(address, "/large%20file", 200));
            get(address, "/empty", 200);
            get(address, "/none", 404);
            get(address, "/", 404);
            assertArrayEquals(large, get(address, "/large%20file", 200));
            assertEquals("HTTP/1.1 400 Bad Request", first(address, "GET /../secret HTTP/1.1"));
            assertEquals("HTTP/1.1 400 Bad Request", first(address, "nonsense"));
            assertEquals("HTTP/1.1 405 Method Not Allowed", first(address, "PUT /x HTTP/1.1"));
            assertEquals(List.of("exit 0"), example.end());
        }
    }

    private static byte[] get(InetSocketAddress address, String path, int status)
            throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        assertEquals(status, connection.getResponseCode());
        return status == 200 ? connection.getInputStream().readAllBytes() : new byte[0];
    }

    /** The first line of the answer to a request. */
    private static String first(InetSocketAddress address, String line) throws IOException {
        try (Socket socket = Example.connect(address)) {
            socket.getOutputStream().write((line + "\r\n\r\n").getBytes(ISO_8859_1));
            byte[] answer = socket.getInputStream().readAllBytes();
            return new String(answer, ISO_8859_1).lines().findFirst().orElse("");
        }
    }

    @Test
    void aWorkerIsReplacedAndNoConnectionIsRefused() throws Exception {
        try (Example example = Example.start(Supervisor.class, "0")) {
            InetSocketAddress address = example.address();
            assertEquals("worker 1 accepts", example.line());
            assertEquals("worker 1", answer(address));
            ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();
            AtomicBoolean over = new AtomicBoolean();
            Thread client =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!over.get()) {
                                            answers.add(answerOrWhy(address));
                                        }
                                    });
            example.say("replace\n");
            assertEquals("worker 2 accepts", example.line());
            assertEquals("worker 1 ended: 0", example.line());
            assertEquals("worker 2", answer(address));
            over.set(true);
            client.join();
            assertEquals(
                    List.of("worker 1", "worker 2"), answers.stream().distinct().sorted().toList());
            assertEquals(List.of("worker 2 ended: 0", "exit 0"), example.end());
        }
    }

    private static String answerOrWhy(InetSocketAddress address) {
        try {
            return answer(address);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String answer(InetSocketAddress address) throws IOException {
        try (Socket socket = Example.connect(address)) {
            byte[] line = new DataInputStream(socket.getInputStream()).readAllBytes();
            return new String(line, UTF_8).strip();
        }
    }
}
