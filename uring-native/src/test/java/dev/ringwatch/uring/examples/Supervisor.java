package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ringwatch.uring.loop.DescriptorChannel;
import dev.ringwatch.uring.loop.Uring;
import dev.ringwatch.uring.loop.UringOptions;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights.Received;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Replaces a server by a new process without refusing a connection.
 *
 * <pre>
 * Supervisor PORT
 * </pre>
 *
 * <p>It listens, and a {@link SupervisedWorker} in a process of its own accepts: the listening socket
 * goes there over AF_UNIX. For each line {@code replace} of the standard input a new worker gets the
 * socket too, and when it accepts the old one is told to stop. What connects meanwhile waits in the
 * socket, which is never closed. When the input ends everything does.
 */
public final class Supervisor {
    private static final int BACKLOG = 1024;
    private static final Duration START = Duration.ofSeconds(30);

    private final Uring uring;
    private final OwnedFd listening;
    private final Path folder;
    private int started;

    private Supervisor(Uring uring, OwnedFd listening, Path folder) {
        this.uring = uring;
        this.listening = listening;
        this.folder = folder;
    }

    /** Runs; port 0 lets the kernel choose one, and the first line of output says which. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 1) {
            System.err.println("usage: Supervisor PORT");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("supervisor");
        try (Uring uring = Uring.open(UringOptions.defaults());
                OwnedFd listening = listen(Integer.parseInt(args[0]))) {
            System.out.println("listening on " + Sockets.localAddress(listening.number()));
            new Supervisor(uring, listening, folder).run();
        } finally {
            Files.delete(folder);
        }
    }

    private static OwnedFd listen(int port) throws IOException {
        OwnedFd socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
        Sockets.setOption(socket.number(), Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        Sockets.bind(socket.number(), Sockets.AF_INET, new InetSocketAddress("0.0.0.0", port));
        Sockets.listen(socket.number(), BACKLOG);
        return socket;
    }

    private void run() throws IOException, InterruptedException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        Worker worker = start();
        String line = input.readLine();
        while (line != null) {
            if (line.equals("replace")) {
                Worker next = start();
                worker.stop();
                worker = next;
            }
            line = input.readLine();
        }
        worker.stop();
    }

    /**
     * A process that accepts.
     *
     * @param control ends it when closed
     */
    private record Worker(int number, Process process, DescriptorChannel control) {
        /** Tells it to stop, and waits until it has served those it accepted. */
        void stop() throws IOException, InterruptedException {
            control.close();
            System.out.println("worker " + number + " ended: " + process.waitFor());
        }
    }

    /** Starts a worker, gives it the socket, and waits until it accepts. */
    private Worker start() throws IOException {
        int number = ++started;
        Path path = folder.resolve("control" + number);
        try (OwnedFd door = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
            Sockets.bind(door.number(), new UnixAddress.Path(path.toString()));
            Sockets.listen(door.number(), 1);
            Process process = launch(number, path);
            DescriptorChannel control = uring.descriptorChannel(Sockets.accept(door.number(), 0));
            control.send(ByteBuffer.wrap("listen".getBytes(UTF_8)), List.of(listening));
            try (Received ready = control.receive(ByteBuffer.allocate(16), START)) {
                if (ready.bytes() == 0) {
                    throw new IOException("worker " + number + " ended before it accepted");
                }
            }
            System.out.println("worker " + number + " accepts");
            return new Worker(number, process, control);
        } finally {
            Files.deleteIfExists(path);
        }
    }

    private static Process launch(int number, Path path) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SupervisedWorker.class.getName(),
                        String.valueOf(number),
                        path.toString())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
