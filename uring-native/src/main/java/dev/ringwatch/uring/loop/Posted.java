package dev.ringwatch.uring.loop;

import org.jspecify.annotations.Nullable;

/** Something posted to a loop, and its link in the mailbox: posting makes no object beside it. */
abstract class Posted {
    @Nullable Posted next;

    /** Runs on the loop's thread. */
    abstract void run(LoopCore core);

    /** The loop has ended instead. Throws nothing that callbacks throw. */
    abstract void refuse(RingLoop loop);
}
