package dev.ringwatch.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks an agent on its unix socket: one request, one connection. */
final class AgentClient {
    private static final int MAX_ANSWER = 256 << 20;
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Where the service of the packages listens: in a folder that is made for it and goes with it. */
    private static final String SERVICE_SOCKET = "/run/ringwatch/ringwatch.sock";

    private AgentClient() {}

    /**
     * What an agent answered.
     *
     * @param found whether the answer tells of findings
     */
    record Answer(String body, boolean found) {}

    /** The header in which an agent says whether there are findings. */
    static final String FINDINGS_HEADER = "Ringwatch-Findings";

    /** Where an agent listens that nobody told where to. */
    static String usualSocket() {
        return Files.exists(Path.of(SERVICE_SOCKET)) ? SERVICE_SOCKET : RunCommand.DEFAULT_SOCKET;
    }

    /**
     * The answer, or nothing if no agent listens there, answers in time, knows what is asked about,
     * or has looked twice yet:
     * then whoever asks had better look without it.
     */
    static Optional<Answer> get(String socket, String path) {
        return get(socket, path, PATIENCE);
    }

    /** The same, for what may take longer. */
    static Optional<Answer> get(String socket, String path, Duration patience) {
        Path file = Path.of(socket);
        if (!Files.isWritable(file)) {
            return Optional.empty();
        }
        FutureTask<Optional<Answer>> exchange = new FutureTask<>(() -> exchange(file, path));
        Thread thread = Thread.ofVirtual().start(exchange);
        try {
            return exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt(); // closes the channel
            System.err.println("ringwatch: the agent at " + socket + " does not answer");
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new CliException(
                    "the agent at " + socket + " did not answer well: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        }
    }

    private static Optional<Answer> exchange(Path socket, String path) throws IOException {
        SocketChannel connected;
        try {
            connected = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return Optional.empty(); // the socket of an agent that ended
        }
        try (SocketChannel channel = connected) {
            String request =
                    "GET " + path + " HTTP/1.1\r\nHost: ringwatch\r\nConnection: close\r\n\r\n";
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            return answer(all(channel));
        }
    }

    private static byte[] all(SocketChannel channel) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        while (channel.read(buffer) >= 0) {
            bytes.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (bytes.size() > MAX_ANSWER) {
                throw new IOException("its answer is larger than " + MAX_ANSWER + " bytes");
            }
        }
        return bytes.toByteArray();
    }

    private static Optional<Answer> answer(byte[] response) throws IOException {
        String text = new String(response, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.startsWith("HTTP/1.1 ")) {
            throw new IOException("its answer is not HTTP");
        }
        String head = text.substring(0, end);
        String body = new String(response, end + 4, response.length - end - 4, UTF_8);
        if (head.startsWith("HTTP/1.1 503") || head.startsWith("HTTP/1.1 404")) {
            return Optional.empty();
        }
        if (!head.startsWith("HTTP/1.1 200")) {
            throw new IOException(body.strip());
        }
        boolean found = head.lines().anyMatch(l -> l.equalsIgnoreCase(FINDINGS_HEADER + ": true"));
        return Optional.of(new Answer(body, found));
    }
}
