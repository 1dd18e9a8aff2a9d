package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Syscall;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Moves bytes from files to one file through a pipe, in the kernel. Source: splice(2). */
final class Splice implements AutoCloseable {
    /** What a pipe holds, and so the most of one step. */
    static final int MOST = 1 << 16;

    private static final long NONE = -1;

    private final Handle to;
    private final OwnedFd out;
    private final OwnedFd in;
    private long position;

    /**
     * Makes the pipe.
     *
     * @param position where in {@code to}, or -1 for its own position
     */
    Splice(Handle to, long position) throws IOException {
        this.to = to;
        this.position = position;
        List<OwnedFd> pipe = Fds.pipe(0);
        out = pipe.getFirst();
        in = pipe.getLast();
    }

    /** Takes bytes of a file into the empty pipe; how many, 0 at its end. */
    int fill(Handle from, long at, int bytes) throws IOException {
        int source = from.number();
        int sink = in.number();
        boolean slot = from.isSlot();
        Job job =
                new Job(
                        "splice",
                        entry -> {
                            entry.splice(source, at, sink, NONE, bytes, 0);
                            if (slot) {
                                entry.fromSlot();
                            }
                        },
                        () -> plain(source, at, sink, NONE, bytes));
        from.run(job, Job.Patience.FOREVER);
        return job.result(bytes + " bytes at " + at + " into a pipe", Job.Patience.FOREVER);
    }

    /** Moves all that is in the pipe on. */
    void empty(int bytes) throws IOException {
        int left = bytes;
        while (left > 0) {
            left -= step(left);
        }
    }

    private int step(int bytes) throws IOException {
        int source = out.number();
        int sink = to.number();
        long at = position;
        Job job =
                new Job(
                        "splice",
                        entry -> to.mark(entry.splice(source, NONE, sink, at, bytes, 0)),
                        () -> plain(source, NONE, sink, at, bytes));
        to.run(job, Job.Patience.FOREVER);
        if (job.raw() == -Errno.EAGAIN.code()) {
            awaitRoom(sink);
            return 0;
        }
        int moved = job.result(bytes + " bytes out of a pipe", Job.Patience.FOREVER);
        if (moved == 0) {
            throw new EOFException("splice moved none of " + bytes + " bytes out of a pipe");
        }
        position = at == NONE ? NONE : at + moved;
        return moved;
    }

    private void awaitRoom(int sink) throws IOException {
        Job poll =
                new Job(
                        "poll",
                        entry -> to.mark(entry.poll(sink, ReadyCall.OUT)),
                        new ReadyCall(sink, ReadyCall.OUT, () -> 0));
        to.run(poll, Job.Patience.FOREVER);
        poll.result("room in fd " + sink, Job.Patience.FOREVER);
    }

    /** The call wants pointers to positions, and none for a pipe. */
    private static long plain(int from, long fromPosition, int to, long toPosition, int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            return call(
                    Syscall.SPLICE,
                    from,
                    pointer(arena, fromPosition),
                    to,
                    pointer(arena, toPosition),
                    bytes,
                    0);
        }
    }

    private static long pointer(Arena arena, long position) {
        return position == NONE ? 0 : allocated(arena, position).address();
    }

    private static MemorySegment allocated(Arena arena, long position) {
        return arena.allocateFrom(JAVA_LONG, position);
    }

    @Override
    public void close() throws IOException {
        try (out;
                in) {
            position = NONE;
        }
    }
}
