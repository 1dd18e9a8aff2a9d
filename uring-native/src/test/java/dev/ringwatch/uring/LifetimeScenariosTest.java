package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Live: what holds a ring, and what its end lets go. That a file is gone is seen from the other end
 * of its pipe.
 */
class LifetimeScenariosTest {
    @Test
    @Scenario("across-fork")
    void aChildThatInheritsTheDescriptorHoldsTheRing() throws Exception {
        try (Pipe pipe = Pipe.open()) {
            IoUring ring = RingShape.DEFAULT.open(4);
            ring.registerFiles(pipe.takeReader());
            Process child = childWith(ring.descriptor());
            try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
                assertEquals("has", lines.readLine());
                ring.prepare(new Operation.Nop(), 1);
                assertEquals(1, await(ring, 1).size(), "the parent goes on using it");
                ring.close();
                assertTrue(pipe.hasReader(), "the child holds the ring's files");
                child.getOutputStream().write('\n');
                child.getOutputStream().flush();
                assertEquals("over", lines.readLine());
                assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            } finally {
                child.destroyForcibly();
            }
            pipe.awaitNoReader();
        }
    }

    /**
     * A shell that has the file as its standard error, waits for a line and ends. The JDK closes
     * every other descriptor in what it starts, so ours is exchanged for the time of the start.
     */
    private static Process childWith(int fd) throws IOException {
        int standardError = 2;
        try (OwnedFd ours = Fds.dup(standardError)) {
            Sys.check(Syscall.DUP3, Sys.call(Syscall.DUP3, fd, standardError, 0), "");
            try {
                return new ProcessBuilder("/bin/sh", "-c", "echo has; read line; echo over")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
            } finally {
                Sys.check(
                        Syscall.DUP3, Sys.call(Syscall.DUP3, ours.number(), standardError, 0), "");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("thread-exit")
    void whatAThreadBeganGoesOnAfterIt(RingShape shape) throws Exception {
        List<OwnedFd> pipe = Fds.pipe(0);
        try (OwnedFd reader = pipe.get(0);
                OwnedFd writer = pipe.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment room = arena.allocate(8);
            FutureTask<IoUring> begun =
                    new FutureTask<>(
                            () -> {
                                IoUring ring = shape.open(8);
                                ring.next(1).read(reader.number(), room.address(), 8, -1);
                                ring.next(2).poll(reader.number(), Operation.POLLIN);
                                submitAll(ring);
                                ring.unmap();
                                return ring;
                            });
            Thread thread = Thread.ofPlatform().start(begun);
            IoUring ring = begun.get();
            thread.join();
            assertThrows(WrongThreadException.class, ring::close);
            assertEquals(2, inFlightBy(ring));
            Live.send(writer, "x");
            if (shape == RingShape.DEFER) {
                assertEquals(2, inFlightBy(ring), "nobody is left who could run their ends");
            } else {
                Live.eventually("the end of its operations", () -> inFlightBy(ring) == 0);
            }
            Fds.close(ring.descriptor());
        }
    }

    /** Polls the ring has, by /proc. */
    private static long inFlightBy(IoUring ring) throws IOException {
        String text = Files.readString(Path.of("/proc/self/fdinfo/" + ring.descriptor()));
        return text.lines().filter(line -> line.contains("op=")).count();
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("teardowns")
    void ringsComeAndGoWithWorkInFlight(RingShape shape) throws IOException {
        try (OwnedFd counter = Fds.eventFd(0, 0)) {
            for (int i = 0; i < 20; i++) {
                try (IoUring ring = shape.open(4)) {
                    ring.next(1).pollMultishot(counter.number(), Operation.POLLIN);
                    ring.next(2).poll(counter.number(), Operation.POLLIN).async();
                    submitAll(ring);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("exit-no-cleanup")
    void aRingThatIsOnlyLeftLetsItsFilesGo(RingShape shape) throws Exception {
        try (Pipe pipe = Pipe.open()) {
            FutureTask<Boolean> left =
                    new FutureTask<>(
                            () -> {
                                IoUring ring = shape.open(4);
                                ring.registerFiles(pipe.takeReader());
                                ring.next(1).poll(0, Operation.POLLIN).fixedFile();
                                submitAll(ring);
                                ring.unmap();
                                ring.closeDescriptor();
                                return true;
                            });
            Thread thread = Thread.ofPlatform().start(left);
            assertTrue(left.get());
            thread.join();
            pipe.awaitNoReader();
        }
    }

    /** A ring that holds its own file was garbage the kernel had to find; it is refused now. */
    @ParameterizedTest
    @EnumSource
    @Scenario("ring-leak")
    void aRingCanNeitherHoldNorBeSentItself(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(4);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1)) {
            FileTable table = ring.registerFiles(left.number(), right.number());
            ErrnoException own =
                    assertThrows(ErrnoException.class, () -> table.update(0, ring.descriptor()));
            assertEquals(Errno.EBADF, own.errno());
            ErrnoException sent =
                    assertThrows(
                            ErrnoException.class,
                            () ->
                                    ScmRights.send(
                                            left.number(),
                                            MemorySegment.ofArray(new byte[1]),
                                            ring.descriptor()));
            assertEquals(Errno.EINVAL, sent.errno());
        }
    }

    /** The graph of ring-leak without the ring in flight: socket files in a table, pipe files too. */
    @ParameterizedTest
    @EnumSource
    @Scenario("ring-leak")
    void theTablesFilesGoWithTheRing(RingShape shape) throws IOException {
        try (Pipe pipe = Pipe.open()) {
            List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
            try (IoUring ring = shape.open(4);
                    OwnedFd left = pair.get(0);
                    OwnedFd right = pair.get(1)) {
                ring.registerFiles(pipe.takeReader(), left.number(), right.number());
                assertTrue(pipe.hasReader());
            }
            pipe.awaitNoReader();
        }
    }

    /** Two rings in two threads, each with an event read in a worker, fed by the other, then left. */
    @Test
    @Scenario("ring-leak2")
    void ringsThatFeedEachOtherEndWithTheirThreads() throws Exception {
        try (OwnedFd ping = Fds.eventFd(0, 0);
                OwnedFd pong = Fds.eventFd(0, 0);
                Arena arena = Arena.ofShared()) {
            FutureTask<Integer> first = player(ping, pong, arena);
            FutureTask<Integer> second = player(pong, ping, arena);
            Thread one = Thread.ofPlatform().start(first);
            Thread two = Thread.ofPlatform().start(second);
            Live.increment(ping);
            assertEquals(20, first.get());
            assertEquals(20, second.get());
            assertTrue(one.join(Duration.ofSeconds(10)));
            assertTrue(two.join(Duration.ofSeconds(10)));
        }
    }

    private static FutureTask<Integer> player(OwnedFd in, OwnedFd out, Arena arena) {
        return new FutureTask<>(
                () -> {
                    MemorySegment value = arena.allocate(8, 8);
                    int turns = 0;
                    try (IoUring ring = RingShape.DEFAULT.open(4)) {
                        while (turns < 20) {
                            ring.next(1).read(in.number(), value.address(), 8, -1).async();
                            assertEquals(8, await(ring, 1).getFirst().result());
                            Live.increment(out);
                            turns++;
                        }
                        ring.next(2).read(in.number(), value.address(), 8, -1).async();
                        submitAll(ring);
                    }
                    return turns;
                });
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("fdinfo")
    void procTellsTheQueuesAndTheTables(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd counter = Fds.eventFd(0, 0)) {
            ring.registerFiles(counter.number());
            ring.next(0x77).poll(0, Operation.POLLIN).fixedFile();
            submitAll(ring);
            Map<String, String> lines = Live.fdinfo(ring.descriptor());
            assertEquals("0x7", lines.get("SqMask"));
            assertEquals("0xf", lines.get("CqMask"));
            assertEquals("1", lines.get("SqTail"));
            assertEquals("0", lines.get("CqTail"));
            assertEquals("1", lines.get("UserFiles"));
            assertEquals(shape == RingShape.SQPOLL, Integer.parseInt(lines.get("SqThread")) > 0);
            assertEquals(1, inFlightBy(ring));
            Live.increment(counter);
            await(ring, 1);
            assertEquals("1", Live.fdinfo(ring.descriptor()).get("CqHead"));
        }
    }

    @Test
    void workersAndCredentialsAreSetAndTakenBack() throws IOException {
        try (IoUring ring = RingShape.DEFAULT.open(4);
                OwnedFd file = Live.fileWith("x")) {
            RingControl control = ring.control();
            RingControl.Workers before = control.limitWorkers(new RingControl.Workers(3, 5));
            assertTrue(before.bounded() > 0 && before.unbounded() > 0);
            assertEquals(
                    new RingControl.Workers(3, 5),
                    control.limitWorkers(new RingControl.Workers(0, 0)));
            control.pinWorkers(0);
            control.unpinWorkers();

            int id = control.registerPersonality();
            assertTrue(id > 0);
            ring.next(1).sync(file.number(), 0, 0, false).personality(id);
            assertEquals(0, await(ring, 1).getFirst().result());
            control.unregisterPersonality(id);
            ErrnoException gone =
                    assertThrows(ErrnoException.class, () -> control.unregisterPersonality(id));
            assertEquals(Errno.EINVAL, gone.errno());
            ring.next(1).sync(file.number(), 0, 0, false).personality(id);
            assertEquals(Errno.EINVAL, await(ring, 1).getFirst().errno());

            ErrnoException unknown =
                    assertThrows(
                            ErrnoException.class, () -> control.raw(9999, MemorySegment.NULL, 0));
            assertEquals(Errno.EINVAL, unknown.errno());
            assertEquals(0, one(ring, new Operation.Nop()).result());
        }
    }

    /** A pipe whose reading end goes to a ring. */
    private record Pipe(OwnedFd reader, OwnedFd writer) implements AutoCloseable {
        private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);

        static Pipe open() throws IOException {
            List<OwnedFd> ends = Fds.pipe(Fds.O_NONBLOCK);
            return new Pipe(ends.get(0), ends.get(1));
        }

        /** The reading end's number, closed by {@link #hasReader}. */
        int takeReader() {
            return reader.number();
        }

        boolean hasReader() throws IOException {
            reader.close();
            try {
                return Fds.write(writer.number(), BYTE) == 1;
            } catch (ErrnoException e) {
                assertTrue(e.errno() == Errno.EPIPE || e.errno() == Errno.EAGAIN, e.toString());
                return e.errno() == Errno.EAGAIN;
            }
        }

        void awaitNoReader() throws IOException {
            Live.eventually("the end of the ring", () -> !hasReader());
        }

        @Override
        public void close() throws IOException {
            reader.close();
            writer.close();
        }
    }
}
