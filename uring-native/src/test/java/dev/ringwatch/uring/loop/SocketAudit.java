package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Whether sockets left anything behind: compared with how it was before. */
final class SocketAudit {
    private final Uring uring;
    private final Map<String, Integer> before;

    /** Notes how it is, with the rings' own descriptors and before any socket. */
    SocketAudit(Uring uring) throws IOException {
        this.uring = uring;
        // The JDK keeps one socket of its own from its first channel on.
        ServerSocketChannel.open().close();
        before = descriptors();
    }

    /** Waits until nothing is left, ten seconds at most; what is left. */
    List<String> left() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        List<String> left = look();
        while (!left.isEmpty() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            left = look();
        }
        return left;
    }

    private List<String> look() throws Exception {
        List<String> left = new ArrayList<>();
        Map<String, Integer> now = descriptors();
        if (now.getOrDefault("socket", 0) > before.getOrDefault("socket", 0)) {
            left.add("descriptors " + now + ", before " + before);
        }
        note(left, "sockets open", uring.socketStatistics().open());
        if (uring.rings().isPresent()) {
            for (RingLoop loop : uring.rings().get().loops()) {
                look(loop, left);
            }
        }
        return left;
    }

    private static void look(RingLoop loop, List<String> left) throws Exception {
        CompletableFuture<Boolean> turned = new CompletableFuture<>();
        loop.execute(() -> turned.complete(true)); // so that what was given back is taken
        turned.get(10, TimeUnit.SECONDS);
        LoopStatistics statistics = loop.statistics();
        String name = loop.options().name();
        note(left, name + " operations in flight", statistics.inFlight());
        note(left, name + " operations waiting", statistics.waiting());
        note(left, name + " buffers leased", statistics.buffersLeased());
        note(left, name + " callbacks that threw", statistics.failures());
        note(left, name + " completions of nobody", statistics.stray());
        note(left, name + " completions lost", statistics.lostCompletions());
    }

    private static void note(List<String> left, String what, long count) {
        if (count != 0) {
            left.add(count + " " + what);
        }
    }

    /** This process's descriptors without a path, by what they are, from /proc. */
    private static Map<String, Integer> descriptors() throws IOException {
        Map<String, Integer> count = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                String kind = kind(each);
                if (!kind.startsWith("/")) {
                    count.merge(kind, 1, Integer::sum);
                }
            }
        }
        return count;
    }

    private static String kind(Path descriptor) throws IOException {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.replaceFirst(":\\[[0-9]*]$", "");
        } catch (NoSuchFileException e) {
            return "closed meanwhile";
        }
    }
}
