package dev.ringwatch.agent.track;

import dev.ringwatch.agent.track.Finding.Story;
import dev.ringwatch.core.graph.RequestNames;
import dev.ringwatch.core.leak.Verdict;

/** What to say about each case of each kind: why it is one, what call made it, what to do. */
final class Stories {
    static final String LOOK_LONGER =
            "Look again, or longer: a running agent knows since when, and with more privileges every"
                    + " reference can be accounted for.";

    private static final String SEND = "sendmsg(2) with SCM_RIGHTS";
    private static final String REGISTER =
            "io_uring_register(2) with IORING_REGISTER_FILES or its UPDATE, or a direct accept, open"
                    + " or socket";

    private Stories() {}

    static Story leaked(Verdict.Leaked v, boolean uninhabited) {
        return new Story(
                v.evidence().because()
                        + (uninhabited
                                ? " No process is in their network namespace any more: no tool that"
                                        + " enters namespaces shows them."
                                : ""),
                SEND + ", of a socket into a queue that is itself sent or closed unread",
                "Nothing can free these but a reboot; find what sends sockets to each other in a loop"
                        + " and never receives them.",
                false);
    }

    static Story undecided(Verdict v) {
        return new Story(v.evidence().because(), SEND + ", or " + REGISTER, LOOK_LONGER, false);
    }

    static Story pinned(Verdict.PinnedByRing v) {
        String unregister =
                " unregister the slot (IORING_REGISTER_FILES_UPDATE with -1, or a close of the direct"
                        + " descriptor), or close the ring.";
        String advice =
                switch (v.why()) {
                    case PEER_GONE ->
                            "The connection is over: receive its end of file, then" + unregister;
                    case DELETED ->
                            "Its disk space is freed when the last reference goes: reopen the log"
                                    + " after rotation, and"
                                    + unregister;
                    case PEER_UNREACHABLE -> "No process can use either end any more:" + unregister;
                };
        return new Story(v.evidence().because(), REGISTER, advice, false);
    }

    static Story neverReceived(Verdict.NeverReceived v, boolean listening) {
        return neverReceived(v.evidence().because(), listening);
    }

    static Story neverReceived(String because, boolean listening) {
        String advice =
                listening
                        ? "Let the owner accept its connections and receive from them, or close the"
                                + " listener: until then the descriptors count against their sender's"
                                + " limit and keep their files open."
                        : "Let the owner receive from this socket, or close it: until then the"
                                + " descriptors count against their sender's limit and keep their files"
                                + " open.";
        String call =
                listening
                        ? SEND + " by the client, and the accept(2) that does not come"
                        : SEND + " by the other end, and the recvmsg(2) that does not come";
        return new Story(because, call, advice, false);
    }

    static Story orphan(Verdict.OrphanRing v) {
        String call =
                switch (v.keeper()) {
                    case ITSELF ->
                            "io_uring_enter(2) with a poll or read of the ring's own descriptor";
                    case EACH_OTHER ->
                            "io_uring_enter(2) with a poll or read of another ring's descriptor";
                    case TEARDOWN -> "close(2) of the ring, or the end of its process";
                };
        String advice =
                switch (v.keeper()) {
                    case ITSELF, EACH_OTHER ->
                            "Cancel the ring's pending requests before its last descriptor is closed"
                                    + " (IORING_OP_ASYNC_CANCEL); it goes when the task that submitted"
                                    + " them ends or executes another program.";
                    case TEARDOWN ->
                            "A request that cannot be cancelled holds it: look for kernel workers at"
                                    + " io_ring_exit_work and for the device or file system that they wait"
                                    + " for.";
                };
        return new Story(v.evidence().because(), call, advice, false);
    }

    static Story detached(Verdict.DetachedRing v) {
        String call =
                switch (v.how()) {
                    case REGISTERED ->
                            "io_uring_register(2) with IORING_REGISTER_RING_FDS, or io_uring_setup(2)"
                                    + " with IORING_SETUP_REGISTERED_FD_ONLY";
                    case MAPPED -> "close(2) of the ring without munmap(2) of its queues";
                    case INHERITED -> "fork(2) without close-on-exec or a close in the child";
                };
        String advice =
                switch (v.how()) {
                    case REGISTERED ->
                            "If it is done with: unregister the ring (IORING_UNREGISTER_RING_FDS), or"
                                    + " end the task; its table keeps its files until then.";
                    case MAPPED ->
                            "If it is done with: unmap its queues; its table keeps its files until"
                                    + " then.";
                    case INHERITED ->
                            "If it is done with: close the ring in the child, or open it with"
                                    + " close-on-exec and let the child execute its program; its table"
                                    + " keeps its files until then.";
                };
        return new Story(
                v.evidence().because() + " It took in nothing since it was first seen so.",
                call,
                advice,
                true);
    }

    static Story stuck(Verdict.StuckRequest v) {
        return new Story(
                v.evidence().because(),
                RequestNames.of(v.opcode()) + ", and the close(2) of its file before it ended",
                "Cancel the request (IORING_OP_ASYNC_CANCEL), or shut the socket down, before the file"
                        + " is closed; a link timeout bounds how long it may wait.",
                false);
    }
}
