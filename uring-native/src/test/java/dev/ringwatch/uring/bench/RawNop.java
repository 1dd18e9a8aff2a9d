package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.Completion;
import dev.ringwatch.uring.IoUring;
import java.io.IOException;

/** Our raw loop with no-operations: {@code RawNop BATCH}. */
final class RawNop implements Completion.Visitor {
    private final IoUring ring;
    private final int batch;
    private long sum;

    private RawNop(IoUring ring, int batch) {
        this.ring = ring;
        this.batch = batch;
    }

    public static void main(String[] arguments) throws IOException {
        try (IoUring ring = IoUring.open(RawRing.options(64))) {
            ring.registerDescriptor();
            RawNop nop = new RawNop(ring, Integer.parseInt(arguments[0]));
            Control.runs(nop::turn);
        }
    }

    private void turn(Control.Work work) throws IOException {
        for (int i = 0; i < 1024; i += batch) {
            once(work);
        }
    }

    private void once(Control.Work work) throws IOException {
        sum = 0;
        for (int i = 0; i < batch; i++) {
            ring.next(i).nop();
        }
        ring.submitAndWait(batch);
        work.operations += ring.drain(batch, this);
        work.enters++;
        if (sum != (long) batch * (batch - 1) / 2) {
            throw new IOException("wrong completions");
        }
    }

    @Override
    public void completed(long userData, int result, int flags) {
        sum += userData;
    }
}
