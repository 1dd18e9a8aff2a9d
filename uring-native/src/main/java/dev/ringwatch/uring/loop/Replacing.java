package dev.ringwatch.uring.loop;

/** What a rename does where the new name exists. Source: renameat2(2). */
public enum Replacing {
    /** Takes its place, atomically. */
    REPLACE(0),
    /** Fails with EEXIST. */
    REFUSE(1),
    /** Both change their names, atomically. */
    EXCHANGE(2);

    private final int flags;

    Replacing(int flags) {
        this.flags = flags;
    }

    int flags() {
        return flags;
    }
}
