package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Programs, maps and links go with who loaded them. */
class NothingLeftTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);
    private static final int ATTRIBUTE_BYTES = 128;

    /** What the kernel numbers, and the command of bpf(2) that opens one by its number. */
    private enum Kind {
        PROGRAM("prog_id:", 13),
        MAP("map_id:", 14),
        LINK("link_id:", 30);

        private final String label;
        private final int command;

        Kind(String label, int command) {
            this.label = label;
            this.command = command;
        }
    }

    private record Loaded(Kind kind, int id) {
        /** Found by its number, without descriptors or names of whoever loaded it. */
        boolean isThere() throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
                attribute.set(ValueLayout.JAVA_INT, 0, id);
                long fd =
                        Sys.call(
                                Syscall.BPF,
                                kind.command,
                                attribute.address(),
                                attribute.byteSize());
                if (fd == -Errno.ENOENT.code()) {
                    return false;
                }
                OwnedFd.own((int) Sys.check(Syscall.BPF, fd, "")).close();
                return true;
            }
        }
    }

    @Test
    void whoClosesLeavesNothing() throws Exception {
        Set<Loaded> before = loadedBy(Tasks.pid());
        Set<Loaded> own;
        try (Observer observer = Watcher.open()) {
            observer.observe();
            own = loadedBy(Tasks.pid());
            own.removeAll(before);
            assertEverythingIsThere(own);
        }
        awaitGone(own);
        assertEquals(before, loadedBy(Tasks.pid()));
    }

    @Test
    void whoIsKilledLeavesNothing() throws Exception {
        List<String> command =
                ZooProcess.java(Watcher.class, System.getProperty("java.class.path"));
        try (ZooProcess watcher = ZooProcess.startCommand("watcher", command)) {
            Set<Loaded> its = loadedBy(watcher.pid());
            assertEverythingIsThere(its);
            watcher.kill();
            awaitGone(its);
        }
    }

    private static void assertEverythingIsThere(Set<Loaded> loaded) throws IOException {
        for (Kind kind : Kind.values()) {
            assertTrue(
                    loaded.stream().filter(l -> l.kind == kind).count() > 5,
                    () -> "too few of " + kind + ": " + loaded);
        }
        for (Loaded l : loaded) {
            assertTrue(l.isThere(), l::toString);
        }
    }

    /** The kernel frees them a while after the last descriptor is closed. */
    private static void awaitGone(Set<Loaded> loaded) throws IOException {
        long start = System.nanoTime();
        for (Loaded l : loaded) {
            while (l.isThere()) {
                assertTrue(System.nanoTime() - start < PATIENCE, () -> l + " stays");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private static Set<Loaded> loadedBy(int pid) throws IOException {
        Set<Loaded> loaded = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                for (String line : lines(descriptor)) {
                    in(line).ifPresent(loaded::add);
                }
            }
        }
        return loaded;
    }

    private static List<String> lines(Path descriptor) throws IOException {
        try {
            return Files.readAllLines(descriptor);
        } catch (NoSuchFileException e) {
            return List.of(); // of the listing itself
        }
    }

    private static Optional<Loaded> in(String line) {
        for (Kind kind : Kind.values()) {
            if (line.startsWith(kind.label)) {
                int id = Integer.parseInt(line.substring(kind.label.length()).strip());
                return Optional.of(new Loaded(kind, id));
            }
        }
        return Optional.empty();
    }
}
