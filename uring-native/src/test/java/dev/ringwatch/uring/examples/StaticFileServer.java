package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ringwatch.uring.loop.FileOption;
import dev.ringwatch.uring.loop.FileStatus;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringFile;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.loop.UringServer;
import dev.ringwatch.uring.loop.UringSocket;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Serves the files of a directory by HTTP/1.1, GET only, until the standard input ends.
 *
 * <pre>
 * StaticFileServer DIRECTORY PORT
 * </pre>
 *
 * <p>A file is opened as a slot of a ring where there is one: the process spends no descriptor on it
 * and the kernel looks none up.
 */
public final class StaticFileServer {
    private static final int SLOTS = 1024;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MOST_HEADERS = 100;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Uring uring;
    private final Path root;

    private StaticFileServer(Uring uring, Path root) {
        this.uring = uring;
        this.root = root;
    }

    /** Runs; port 0 lets the kernel choose one, and the first line of output says which. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: StaticFileServer DIRECTORY PORT");
            System.exit(2);
        }
        Path root = Path.of(args[0]).toRealPath();
        InetSocketAddress address = new InetSocketAddress(Integer.parseInt(args[1]));
        UringOptions options = UringOptions.defaults();
        try (Uring uring = Uring.open(options.withLoop(options.loop().withFileSlots(SLOTS)))) {
            StaticFileServer files = new StaticFileServer(uring, root);
            UringServer server = uring.listen(address, files::serve);
            System.out.println("listening on " + server.localAddress());
            Input.awaitEnd();
            server.close(GRACE);
        }
    }

    /** One connection: requests one after the other. */
    private void serve(UringSocket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(socket.inputStream(), ISO_8859_1));
        boolean more = true;
        while (more) {
            Optional<Request> request = Request.read(requests);
            more = request.isPresent() && answer(socket, request.get(), buffer);
        }
    }

    /**
     * What a client asks for.
     *
     * @param line the first line
     * @param close whether the connection ends then
     */
    private record Request(String line, boolean close) {
        /** The next request, or empty at the end. */
        static Optional<Request> read(BufferedReader from) throws IOException {
            String line = from.readLine();
            if (line == null) {
                return Optional.empty();
            }
            boolean close = !line.endsWith("HTTP/1.1");
            for (int headers = 0; headers < MOST_HEADERS; headers++) {
                String header = from.readLine();
                if (header == null) {
                    return Optional.empty();
                }
                if (header.isEmpty()) {
                    return Optional.of(new Request(line, close));
                }
                close |= header.equalsIgnoreCase("Connection: close");
            }
            return Optional.of(new Request("TOO MANY HEADERS", true));
        }
    }

    /** Answers, and says whether the connection goes on. */
    private boolean answer(UringSocket socket, Request request, ByteBuffer buffer)
            throws IOException {
        String[] words = request.line().split(" ");
        if (words.length != 3) {
            return refuse(socket, "400 Bad Request", true);
        }
        if (!words[0].equals("GET")) {
            return refuse(socket, "405 Method Not Allowed", true);
        }
        Optional<Path> path = path(words[1]);
        if (path.isEmpty()) {
            return refuse(socket, "400 Bad Request", true);
        }
        try (UringFile file = uring.openFile(path.get(), FileOption.SLOT)) {
            FileStatus status = file.status();
            if (!status.isRegularFile()) {
                return refuse(socket, "404 Not Found", request.close());
            }
            send(socket, file, status.size(), request.close(), buffer);
            return !request.close();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return refuse(socket, "404 Not Found", request.close());
            }
            throw e;
        }
    }

    /** The file that is meant, if it is below the root. */
    private Optional<Path> path(String target) {
        try {
            String name = new URI(target).getPath();
            if (name == null || !name.startsWith("/")) {
                return Optional.empty();
            }
            Path path = root.resolve(name.substring(1)).normalize();
            return path.startsWith(root) ? Optional.of(path) : Optional.empty();
        } catch (URISyntaxException | InvalidPathException e) {
            return Optional.empty(); // the answer says it
        }
    }

    private static void send(
            UringSocket socket, UringFile file, long size, boolean close, ByteBuffer buffer)
            throws IOException {
        buffer.clear().put(head("200 OK", size, close));
        long at = 0;
        while (at < size) {
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + size - at));
            int bytes = file.read(buffer, at);
            if (bytes < 0) {
                throw new IOException("the file became shorter as it was sent");
            }
            at += bytes;
            socket.write(buffer.flip(), IDLE);
            buffer.clear();
        }
        socket.write(buffer.flip(), IDLE);
    }

    private static boolean refuse(UringSocket socket, String status, boolean close)
            throws IOException {
        socket.write(ByteBuffer.wrap(head(status, 0, close)), IDLE);
        return !close;
    }

    private static byte[] head(String status, long length, boolean close) {
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\nContent-Length: "
                        + length
                        + (close ? "\r\nConnection: close" : "")
                        + "\r\n\r\n";
        return head.getBytes(ISO_8859_1);
    }
}
