package dev.ringwatch.agent.differ;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Ring.Completion;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A ring that is mapped only while its queues are looked at, since every mapping is a reference to
 * it: in between, nothing holds it but what the program made hold it.
 */
final class LiveRing {
    private static final int ENTRIES = 8;
    private static final int COMPLETIONS = 256;
    private static final int SETUP_CQSIZE = 1 << 3;
    private static final int ENTER_GETEVENTS = 1;
    private static final long SQES_OFFSET = 0x10000000L;
    private static final int PARAMS_BYTES = 120;
    private static final int SQ_OFFSETS = 40;
    private static final int CQ_OFFSETS = 80;
    private static final int SQE_BYTES = 64;
    private static final int CQE_BYTES = 16;
    private static final int SQ_CQ_OVERFLOW = 1 << 1;
    private static final int POLLIN = 1;
    private static final int F_GETFD = 1;

    private static final int IO_LINK = 1 << 2;
    private static final int CQE_SKIP_SUCCESS = 1 << 6;

    private final String name;
    private final int sqTail;
    private final int sqFlags;
    private final int sqArray;
    private final int cqHead;
    private final int cqTail;
    private final int cqes;
    private final long ringBytes;

    private final Map<Integer, Request> requests = new HashMap<>();
    private final Map<Integer, Integer> installed = new HashMap<>();
    private final Map<Integer, Integer> targets = new HashMap<>();
    private final Map<Integer, OwnedFd> gates = new HashMap<>();
    private int nextRequest = 1;

    private LiveRing(MemorySegment params, String name) {
        this.name = name;
        sqTail = params.get(JAVA_INT, SQ_OFFSETS + 4);
        sqFlags = params.get(JAVA_INT, SQ_OFFSETS + 16);
        sqArray = params.get(JAVA_INT, SQ_OFFSETS + 24);
        cqHead = params.get(JAVA_INT, CQ_OFFSETS);
        cqTail = params.get(JAVA_INT, CQ_OFFSETS + 4);
        cqes = params.get(JAVA_INT, CQ_OFFSETS + 20);
        ringBytes = Math.max(sqArray + 4L * ENTRIES, cqes + (long) CQE_BYTES * COMPLETIONS);
    }

    /** A new ring, and its descriptor. */
    record Made(LiveRing ring, int fd) {}

    static Made make(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(PARAMS_BYTES, 8);
            params.set(JAVA_INT, 4, COMPLETIONS);
            params.set(JAVA_INT, 8, SETUP_CQSIZE);
            long fd =
                    Sys.check(
                            Syscall.IO_URING_SETUP,
                            call(Syscall.IO_URING_SETUP, ENTRIES, params.address(), 0),
                            "");
            return new Made(new LiveRing(params, name), (int) fd);
        }
    }

    String name() {
        return name;
    }

    /**
     * Submits a request.
     *
     * @param fd a descriptor of this ring
     * @return its number
     */
    int submit(int fd, Request request, SqeWriter writer) throws ErrnoException {
        return submit(fd, request, writer::write);
    }

    /** Submits something that waits until the ring ends. */
    void submitWaiting(int fd) throws ErrnoException {
        submit(fd, new Request.AfterTimeout(new Request.Nop()), (sqe, _) -> {});
    }

    private int submit(int fd, Request request, BiConsumer<MemorySegment, Request> writer)
            throws ErrnoException {
        int id = nextRequest++;
        Request then = request instanceof Request.AfterTimeout(Request behind) ? behind : request;
        requests.put(id, then);
        int count = 1;
        try (Mapping ring = new Mapping(fd, 0, ringBytes);
                Mapping sqes = new Mapping(fd, SQES_OFFSET, (long) SQE_BYTES * ENTRIES)) {
            int tail = ring.memory.get(JAVA_INT, sqTail);
            if (then != request) {
                OwnedFd gate = Fds.eventFd(0, 0);
                gates.put(id, gate);
                MemorySegment head = sqe(ring, sqes, tail++);
                SqeWriter.poll(head, gate.number(), POLLIN);
                head.set(JAVA_BYTE, SqeWriter.FLAGS, (byte) (IO_LINK | CQE_SKIP_SUCCESS));
                head.set(JAVA_LONG, SqeWriter.USER_DATA, id);
                count++;
            }
            MemorySegment sqe = sqe(ring, sqes, tail++);
            writer.accept(sqe, then);
            sqe.set(JAVA_LONG, SqeWriter.USER_DATA, id);
            targets.put(id, sqe.get(JAVA_INT, SqeWriter.FD));
            ring.memory.set(JAVA_INT, sqTail, tail);
        }
        long taken = call(Syscall.IO_URING_ENTER, fd, count, 0, 0);
        if (taken != count) {
            throw new IllegalStateException(name + " took " + taken + " of " + count);
        }
        return id;
    }

    private MemorySegment sqe(Mapping ring, Mapping sqes, int tail) {
        int index = tail & (ENTRIES - 1);
        ring.memory.set(JAVA_INT, sqArray + 4L * index, index);
        return sqes.memory.asSlice((long) index * SQE_BYTES, SQE_BYTES).fill((byte) 0);
    }

    /**
     * Opens the gate behind which a request waits, if it does.
     *
     * @throws Unsupported if the number that the request names its file by means another file now,
     *     in one of the two ways of counting and not in the other
     */
    void fire(int request, Numbers numbers) throws ErrnoException, Unsupported {
        OwnedFd gate = gates.remove(request);
        if (gate != null) {
            try (gate;
                    Arena arena = Arena.ofConfined()) {
                requireSameTarget(request, numbers);
                Fds.write(gate.number(), arena.allocateFrom(JAVA_LONG, 1));
            }
        }
    }

    private void requireSameTarget(int request, Numbers numbers) throws Unsupported {
        Integer written = targets.get(request);
        Request.Target target = target(requests.get(request));
        if (written != null && target instanceof Request.Target.Fd(int fd)) {
            boolean open = numbers.all().containsKey(fd);
            boolean same = open ? numbers.real(fd) == written : !isOpen(written);
            if (!same) {
                throw new Unsupported("a number was used again");
            }
        }
    }

    private static boolean isOpen(int fd) {
        return call(Syscall.FCNTL, fd, F_GETFD, 0) >= 0;
    }

    private static Request.@org.jspecify.annotations.Nullable Target target(
            @org.jspecify.annotations.Nullable Request request) {
        return switch (request) {
            case Request.Poll(Request.Target target) -> target;
            case Request.PollHangUp(Request.Target target) -> target;
            case Request.Read(Request.Target target) -> target;
            case Request.AcceptDirect(Request.Target target, int _) -> target;
            case Request.SendFd(Request.Target ring, int _, int _) -> ring;
            case null, default -> null;
        };
    }

    /**
     * The completions that wait, oldest first.
     *
     * @param fd a descriptor of this ring
     */
    List<Completion> completions(int fd, Numbers numbers) throws ErrnoException {
        try (Mapping ring = new Mapping(fd, 0, ringBytes)) {
            flush(fd, ring);
            List<Completion> found = new ArrayList<>();
            int tail = ring.memory.get(JAVA_INT, cqTail);
            for (int at = ring.memory.get(JAVA_INT, cqHead); at != tail; at++) {
                found.add(completion(ring, at, numbers));
            }
            return found;
        }
    }

    /** Takes the oldest completion; null if there is none. */
    @org.jspecify.annotations.Nullable
    Completion reap(int fd, Numbers numbers) throws ErrnoException {
        try (Mapping ring = new Mapping(fd, 0, ringBytes)) {
            flush(fd, ring);
            int head = ring.memory.get(JAVA_INT, cqHead);
            if (head == ring.memory.get(JAVA_INT, cqTail)) {
                return null;
            }
            Completion oldest = completion(ring, head, numbers);
            ring.memory.set(JAVA_INT, cqHead, head + 1);
            return oldest;
        }
    }

    private void flush(int fd, Mapping ring) {
        if ((ring.memory.get(JAVA_INT, sqFlags) & SQ_CQ_OVERFLOW) != 0) {
            call(Syscall.IO_URING_ENTER, fd, 0, 0, ENTER_GETEVENTS);
        }
    }

    private Completion completion(Mapping ring, int at, Numbers numbers) throws ErrnoException {
        long cqe = cqes + (long) CQE_BYTES * (at & (COMPLETIONS - 1));
        int request = (int) ring.memory.get(JAVA_LONG, cqe);
        int result = ring.memory.get(JAVA_INT, cqe + 8);
        Request operation = requests.get(request);
        boolean poll = operation instanceof Request.Poll || operation instanceof Request.PollHangUp;
        if (poll && result > 0) {
            result = 1; // which events they were is not modelled
        } else if (operation instanceof Request.Install && result >= 0) {
            Integer number = installed.get(request);
            if (number == null) {
                number = numbers.add(LiveFile.of(result));
                installed.put(request, number);
            }
            result = number;
        }
        return new Completion(request, result);
    }

    /** Whether descriptors may come with completions that nobody has looked at. */
    boolean installs() {
        return requests.values().stream().anyMatch(Request.Install.class::isInstance);
    }

    /** Closes what belongs to requests; they themselves end with the ring. */
    void forget() throws ErrnoException {
        for (OwnedFd gate : gates.values()) {
            gate.close();
        }
        gates.clear();
    }

    /** A mapping for a moment. */
    private static final class Mapping implements AutoCloseable {
        private final long bytes;
        final MemorySegment memory;

        @SuppressWarnings("restricted") // unmapped in close, and used in between only
        Mapping(int fd, long offset, long bytes) throws ErrnoException {
            this.bytes = bytes;
            long address =
                    Sys.check(
                            Syscall.MMAP,
                            call(
                                    Syscall.MMAP,
                                    0,
                                    bytes,
                                    MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                                    MappedMemory.MAP_SHARED | MappedMemory.MAP_POPULATE,
                                    fd,
                                    offset),
                            "fd " + fd);
            memory = MemorySegment.ofAddress(address).reinterpret(bytes);
        }

        @Override
        public void close() throws ErrnoException {
            Sys.check(Syscall.MUNMAP, call(Syscall.MUNMAP, memory.address(), bytes, 0), "a ring");
        }
    }
}
