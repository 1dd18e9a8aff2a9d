package dev.ringwatch.core.kernel;

/** What the kernel counts for a user: {@code user_struct}. */
public final class User {
    private final int uid;

    /** Files of every kind in flight that this user sent: {@code unix_inflight}. */
    int inFlight;

    User(int uid) {
        this.uid = uid;
    }

    /** The user's number. */
    public int uid() {
        return uid;
    }

    /** Files of every kind that processes of this user have put in flight. */
    public int inFlight() {
        return inFlight;
    }
}
