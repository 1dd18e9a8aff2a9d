package dev.ringwatch.agent.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.TreeMap;

/** Says to a server what no well-behaved client would. Blocks; the tests have timeouts. */
final class RawClient implements AutoCloseable {

    /** One response; headers by name in any case. */
    record Answer(int status, Map<String, String> headers, String text) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private final SocketChannel channel;
    private final InputStream in;

    private RawClient(SocketChannel channel) {
        this.channel = channel;
        this.in = Channels.newInputStream(channel);
    }

    static RawClient to(ListenAddress address) throws IOException {
        return new RawClient(
                switch (address) {
                    case Tcp(String host, int port) ->
                            SocketChannel.open(new InetSocketAddress(host, port));
                    case Unix unix -> SocketChannel.open(UnixDomainSocketAddress.of(unix.path()));
                });
    }

    /** A whole request with a Host header and these others, each ended by its CRLF. */
    RawClient get(String target, String... headers) throws IOException {
        return send(
                "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + String.join("", headers) + "\r\n");
    }

    RawClient send(String bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return this;
    }

    RawClient endOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    Answer answer() throws IOException {
        Answer head = head();
        int length = Integer.parseInt(head.header("Content-Length"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("body ended after " + body.length + " of " + length);
        }
        return new Answer(head.status(), head.headers(), new String(body, ISO_8859_1));
    }

    /** The answer to a HEAD request: no body follows, whatever the length says. */
    Answer head() throws IOException {
        String status = line();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return new Answer(Integer.parseInt(status.split(" ", 3)[1]), headers, "");
    }

    /** How many bytes still come until the server closes. */
    int bytesUntilEnd() throws IOException {
        return in.readAllBytes().length;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection ended within a head: " + line);
            }
            line.write(b);
        }
        return line.toString(ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
