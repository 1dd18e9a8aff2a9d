package dev.ringwatch.uring.loop;

/** What carries out jobs: a ring, or plain system calls on platform threads. */
sealed interface Engine permits RingEngine, PlainEngine {
    /** Begins a job. Its end is noted in the job, on another thread or this. */
    void begin(Job job);

    /** Has a job end early, if it can. It ends all the same, perhaps with success. */
    void cancel(Job job);

    /** Carries out a job and waits for its last completion. */
    default void run(Job job, Job.Patience patience) {
        requireWaitable();
        begin(job);
        job.await(this, patience);
    }

    /** Refuses a thread that would wait for itself. */
    void requireWaitable();

    /** Carries out a job that nothing cuts short. */
    default void run(Job job) {
        run(job, Job.Patience.FOREVER);
    }
}
