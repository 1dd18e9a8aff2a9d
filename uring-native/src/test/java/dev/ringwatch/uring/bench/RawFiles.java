package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Our raw loop with random reads of 4 KiB into registered buffers from a registered file: {@code
 * RawFiles PATH BYTES DEPTH DIRECT AT_ONCE}, of which it waits for AT_ONCE.
 */
final class RawFiles implements Completion.Visitor {
    private static final int BLOCK = 4096;

    private final IoUring ring;
    private final long buffers;
    private final long blocks;
    private final int depth;
    private final int atOnce;
    private long state = 88172645463325252L;

    private RawFiles(IoUring ring, MemorySegment buffers, long blocks, int depth, int atOnce) {
        this.ring = ring;
        this.buffers = buffers.address();
        this.blocks = blocks;
        this.depth = depth;
        this.atOnce = atOnce;
    }

    public static void main(String[] arguments) throws IOException {
        long blocks = Long.parseLong(arguments[1]) / BLOCK;
        int depth = Integer.parseInt(arguments[2]);
        int direct = arguments[3].equals("1") ? Fds.O_DIRECT : 0;
        try (Arena arena = Arena.ofConfined();
                OwnedFd file = Fds.open(arguments[0], Fds.O_RDONLY | direct, 0);
                IoUring ring = IoUring.open(RawRing.options(64))) {
            MemorySegment buffers = arena.allocate((long) depth * BLOCK, BLOCK);
            ring.registerDescriptor();
            ring.registerBuffers(buffers);
            ring.registerFiles(file.number());
            RawFiles files =
                    new RawFiles(ring, buffers, blocks, depth, Integer.parseInt(arguments[4]));
            for (int i = 0; i < depth; i++) {
                files.read(i);
            }
            Control.runs(files::turn);
        }
    }

    private void turn(Control.Work work) throws IOException {
        ring.submitAndWait(atOnce);
        work.operations += ring.drain(depth, this);
        work.enters++;
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (result != BLOCK) {
            throw new BenchException("a read gave " + (result < 0 ? Errno.of(-result) : result));
        }
        read(userData);
    }

    private void read(long slot) {
        ring.next(slot)
                .readFixed(0, buffers + slot * BLOCK, BLOCK, nextBlock() * BLOCK, 0)
                .fixedFile();
    }

    /** The same sequence as in the C contender. */
    private long nextBlock() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return Long.remainderUnsigned(state, blocks);
    }
}
