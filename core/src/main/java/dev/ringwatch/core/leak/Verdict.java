package dev.ringwatch.core.leak;

import java.util.List;

/**
 * What a graph says about some of its files. Files are indices into that graph.
 *
 * <p>A file that a process can still use, and that nothing is wrong with, has no verdict: it is
 * held, see {@link Judgement#state}.
 */
public sealed interface Verdict {
    /** The files it is about, the most telling one first; never empty. */
    List<Integer> files();

    /** What supports it. */
    Evidence evidence();

    /** AF_UNIX sockets that nobody can reach and that the kernel's collector will free when it next runs. */
    record Collectable(List<Integer> files, Evidence evidence) implements Verdict {
        /** Copies the list. */
        public Collectable {
            files = FileList.copyOf(files);
        }
    }

    /**
     * Files that nobody can reach, every reference of which is accounted for, and that the kernel's
     * collector did not free in several runs, or will never free.
     *
     * @param collectorRuns how many runs of the collector they have outlived
     */
    record Leaked(List<Integer> files, int collectorRuns, Evidence evidence) implements Verdict {
        /** Copies the list. */
        public Leaked {
            files = FileList.copyOf(files);
        }
    }

    /** Files that nobody seems to reach, with a reference or a source that could not be accounted for. */
    record Undecided(List<Integer> files, Evidence evidence) implements Verdict {
        /** Copies the list. */
        public Undecided {
            files = FileList.copyOf(files);
        }
    }

    /**
     * A file that only the tables of live rings hold and that can no longer be of use there.
     *
     * @param ring the ring on the path of the evidence
     * @param slots every slot of every ring that holds it, counted
     */
    record PinnedByRing(int file, int ring, int slots, Uselessness why, Evidence evidence)
            implements Verdict {
        @Override
        public List<Integer> files() {
            return List.of(file);
        }
    }

    /** Why a file in a table can no longer be of use. */
    enum Uselessness {
        /** It is a socket and its other end has been closed. */
        PEER_GONE,
        /** It has no name left in its file system. */
        DELETED,
        /** It is a socket and its other end, too, is only in tables and queues. */
        PEER_UNREACHABLE
    }

    /**
     * A socket that a process can reach, with descriptors in its queue. Whether they wait too long is
     * for whoever knows since when.
     *
     * @param descriptors how many wait
     */
    record NeverReceived(int socket, List<Integer> held, int descriptors, Evidence evidence)
            implements Verdict {
        /** Copies the list. */
        public NeverReceived {
            held = FileList.copyOf(held);
        }

        @Override
        public List<Integer> files() {
            return List.of(socket);
        }
    }

    /**
     * A ring that no descriptor, mapping or registration holds: only requests, its own or those of
     * another such ring, or its teardown.
     *
     * @param holds the files that are open because of it
     */
    record OrphanRing(int ring, Keeper keeper, List<Integer> holds, Evidence evidence)
            implements Verdict {
        /** Copies the list. */
        public OrphanRing {
            holds = FileList.copyOf(holds);
        }

        @Override
        public List<Integer> files() {
            return List.of(ring);
        }
    }

    /** What keeps an orphan ring. */
    enum Keeper {
        /** Requests of its own, on itself. */
        ITSELF,
        /** Requests of other orphan rings, perhaps beside its own. */
        EACH_OTHER,
        /** Nothing that was found: it is being torn down, or a worker has a request on it. */
        TEARDOWN
    }

    /**
     * A ring with files in its table and no request in flight that no descriptor of its users holds.
     * It may be meant so: whether it has been idle for too long is for whoever knows since when.
     *
     * @param holds the files in its table
     */
    record DetachedRing(int ring, Detachment how, List<Integer> holds, Evidence evidence)
            implements Verdict {
        /** Copies the list. */
        public DetachedRing {
            holds = FileList.copyOf(holds);
        }

        @Override
        public List<Integer> files() {
            return List.of(ring);
        }
    }

    /** What alone holds a detached ring. */
    enum Detachment {
        /** Registrations with tasks, perhaps beside mappings. */
        REGISTERED,
        /** Memory mappings. */
        MAPPED,
        /** Processes that have never used it. */
        INHERITED
    }

    /**
     * A file that only requests in flight hold, at least one of them other than a poll or an accept on
     * a live connection. Whether it waits too long is for whoever knows since when.
     *
     * @param ring the ring of that request
     * @param opcode the request's {@code IORING_OP_*} number
     */
    record StuckRequest(int file, int ring, int opcode, Evidence evidence) implements Verdict {
        @Override
        public List<Integer> files() {
            return List.of(file);
        }
    }
}
