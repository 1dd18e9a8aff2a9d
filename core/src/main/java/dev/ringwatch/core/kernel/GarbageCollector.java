package dev.ringwatch.core.kernel;

import java.util.List;

/** The kernel's AF_UNIX collector: what it keeps as packets come and go, and its runs. */
sealed interface GarbageCollector permits CandidateCollector, SccCollector {
    /** A packet's files come to be in flight towards {@code receiver}. */
    void queued(PassedFiles passed, UnixSocket receiver);

    /** They no longer are, because the packet was received or is being freed. */
    void unqueued(PassedFiles passed);

    /** An embryo is accepted: from now on it stands for itself. */
    void accepted(UnixSocket embryo);

    /** Someone looks at a packet's files with {@code MSG_PEEK}. */
    void peeked(PassedFiles passed);

    /** Whether a release has to start a run. */
    boolean wantsRun();

    /** The sockets in flight, in the order in which a run begins with them. */
    List<UnixSocket> order();

    /** Begins a run. One at a time. */
    CollectorRun start();
}
