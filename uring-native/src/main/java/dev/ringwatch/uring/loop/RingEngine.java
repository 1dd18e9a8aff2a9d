package dev.ringwatch.uring.loop;

/**
 * Jobs on a ring.
 *
 * @param loop whose
 */
record RingEngine(RingLoop loop) implements Engine {
    @Override
    public void begin(Job job) {
        loop.submit(job);
    }

    @Override
    public void cancel(Job job) {
        loop.cancel(job);
    }

    @Override
    public void requireWaitable() {
        loop.requireWaitable();
    }
}
