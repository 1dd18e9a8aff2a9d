package dev.ringwatch.uring.resource;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many resources of one kind are open with one owner, written by the owner's thread alone
 * without an atomic instruction, and added up by the {@link ResourceTracker}.
 */
public final class Tally {
    private final ResourceTracker tracker;
    private final ResourceKind kind;
    private final AtomicLong open = new AtomicLong();
    private int untilSample = 1;

    Tally(ResourceTracker tracker, ResourceKind kind) {
        this.tracker = tracker;
        this.kind = kind;
    }

    /**
     * One more is open.
     *
     * @return whether it is one to be followed with {@link ResourceTracker#follow}
     */
    public boolean opened() {
        open.setOpaque(open.getPlain() + 1);
        return switch (tracker.level()) {
            case OFF -> false;
            case SIMPLE -> --untilSample == 0 && startSample();
            case FULL -> true;
        };
    }

    /** One is closed. */
    public void closed() {
        open.setOpaque(open.getPlain() - 1);
    }

    /** So many are open. */
    public void set(long count) {
        open.setOpaque(count);
    }

    /** How many are open. Any thread. */
    public long open() {
        return open.getOpaque();
    }

    /** The owner has ended, and with it all that was open. */
    public void end() {
        tracker.ended(this);
    }

    ResourceKind kind() {
        return kind;
    }

    private boolean startSample() {
        untilSample = ResourceTracker.SAMPLE;
        return true;
    }
}
