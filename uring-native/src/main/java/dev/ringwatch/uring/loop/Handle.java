package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * An open file of one engine, and the jobs that use it. It is closed after the last of them: the
 * kernel gives a closed number to somebody else, whose file a late job would hit.
 */
final class Handle implements AutoCloseable {
    /** How the engine names the file. */
    sealed interface Name {
        /** By a descriptor of the process. */
        record Descriptor(OwnedFd fd) implements Name {}

        /** By a slot of the loop's file table. */
        record Slot(RingLoop loop, int index) implements Name {}
    }

    private final Engine engine;
    private final Name name;
    private final Map<Job, Engine> jobs = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch unused = new CountDownLatch(1);

    Handle(Engine engine, Name name) {
        this.engine = engine;
        this.name = name;
    }

    Engine engine() {
        return engine;
    }

    Name name() {
        return name;
    }

    boolean isOpen() {
        return !closed.get();
    }

    /** Whether it is a slot. */
    boolean isSlot() {
        return name instanceof Name.Slot;
    }

    /** Whether another ring can work on it: a slot is its own loop's alone. */
    boolean isUsableBy(RingEngine other) {
        return switch (name) {
            case Name.Descriptor(OwnedFd fd) -> true;
            case Name.Slot(RingLoop loop, int index) -> loop == other.loop();
        };
    }

    /** The descriptor or slot. */
    int number() throws ClosedChannelException {
        if (closed.get()) {
            throw new ClosedChannelException();
        }
        return switch (name) {
            case Name.Descriptor(OwnedFd fd) -> fd.number();
            case Name.Slot(RingLoop loop, int index) -> index;
        };
    }

    /** Says in an entry what kind of number {@link #number()} is. */
    SubmissionEntry mark(SubmissionEntry entry) {
        return switch (name) {
            case Name.Descriptor(OwnedFd fd) -> entry;
            case Name.Slot(RingLoop loop, int index) -> entry.fixedFile();
        };
    }

    /** Carries out a job on this file and waits for its last completion. */
    void run(Job job, Job.Patience patience) throws ClosedChannelException {
        run(engine, job, patience);
    }

    /** {@link #run} by another engine. */
    void run(Engine by, Job job, Job.Patience patience) throws ClosedChannelException {
        by.requireWaitable();
        enter(by, job);
        try {
            if (!job.tryQuickly()) {
                by.begin(job);
                stopIfClosed(by, job);
                job.await(by, patience);
            }
        } finally {
            leave(job);
        }
    }

    /**
     * Carries out attempts until one ends otherwise than with EAGAIN, and between them waits until
     * the file is ready. A ring ends with that what was sent with MSG_DONTWAIT, and under memory
     * pressure other sends and receives too.
     *
     * @param events of poll(2)
     * @return the last attempt, or what waited if that was cut short
     */
    Job attempts(Supplier<Job> attempt, short events, Job.Patience patience) throws IOException {
        long start = System.nanoTime();
        while (true) {
            Job job = attempt.get();
            run(job, patience.left(start));
            if (job.raw() != -Errno.EAGAIN.code() || job.ending() != Job.Ending.NONE) {
                return job;
            }
            Job ready = ready(events);
            run(ready, patience.left(start));
            if (ready.raw() < 0) {
                return ready;
            }
        }
    }

    private Job ready(short events) throws ClosedChannelException {
        int number = number();
        return new Job(
                "poll",
                entry -> mark(entry.poll(number, events)),
                new ReadyCall(number, events, () -> 0));
    }

    /** Begins a job on this file; {@code after} runs when it is done. */
    void begin(Job job, Runnable after) throws ClosedChannelException {
        enter(engine, job);
        job.whenDone(
                () -> {
                    leave(job);
                    after.run();
                });
        try {
            engine.begin(job);
        } catch (RuntimeException e) {
            leave(job);
            throw e;
        }
        stopIfClosed(engine, job);
    }

    private void enter(Engine by, Job job) throws ClosedChannelException {
        jobs.put(job, by);
        if (closed.get()) {
            leave(job);
            throw new ClosedChannelException();
        }
    }

    /** Who closes looks at the jobs after he says so; a job that he saw too early stops here. */
    private void stopIfClosed(Engine by, Job job) {
        if (closed.get()) {
            stop(job, by);
        }
    }

    private void leave(Job job) {
        jobs.remove(job);
        if (closed.get() && jobs.isEmpty()) {
            unused.countDown();
        }
    }

    private static void stop(Job job, Engine by) {
        job.ending(Job.Ending.CLOSE);
        by.cancel(job);
    }

    /**
     * Cancels the jobs that use the file, waits for the last completion of each, and closes. Does
     * nothing the second time.
     */
    @Override
    public void close() throws IOException {
        if (!jobs.isEmpty()) {
            engine.requireWaitable(); // before anything is changed
        }
        if (closed.getAndSet(true)) {
            return;
        }
        jobs.forEach(Handle::stop);
        if (!jobs.isEmpty()) {
            awaitUnused();
        }
        switch (name) {
            case Name.Descriptor(OwnedFd fd) -> fd.close();
            case Name.Slot(RingLoop loop, int index) -> closeSlot(loop, index);
        }
    }

    private static void closeSlot(RingLoop loop, int index) throws IOException {
        if (loop.isClosing()) {
            return; // its slots are emptied with the ring
        }
        Job close = LoopSlots.closing(loop, index);
        new RingEngine(loop).run(close);
        close.result("slot " + index, Job.Patience.FOREVER);
    }

    private void awaitUnused() {
        boolean interrupted = false;
        while (true) {
            try {
                unused.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // the kernel still uses the file
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
