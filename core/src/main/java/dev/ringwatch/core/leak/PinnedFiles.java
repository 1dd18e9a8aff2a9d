package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.ReferenceGraph.NONE;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.FileSet;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import dev.ringwatch.core.leak.Verdict.PinnedByRing;
import dev.ringwatch.core.leak.Verdict.Uselessness;
import java.util.List;

/**
 * Finds files that only the tables of live rings hold and that are of no use there.
 *
 * <p>A file in a table only is normal: that is what a direct descriptor is. It must also have lost
 * what makes it useful, have no request in flight, and every reference accounted for. Whatever is
 * cheap to ask is asked first, so that most files cost no walk over their holders.
 */
final class PinnedFiles {
    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final List<Verdict> verdicts;

    /** Peers that were looked at, since many sockets may be connected to one. */
    private final FileSet judgedPeers;

    private final FileSet unreachablePeers;

    PinnedFiles(ReferenceGraph graph, HoldingPaths paths, List<Verdict> verdicts) {
        this.graph = graph;
        this.paths = paths;
        this.verdicts = verdicts;
        judgedPeers = FileSet.none(graph);
        unreachablePeers = FileSet.none(graph);
    }

    void judge() {
        for (int file = 0; file < graph.fileCount(); file++) {
            if (accountedForInside(file)
                    && paths.reachable(file)
                    && graph.kind(file) != FileKind.RING
                    && useless(file)
                    && onlyLiveTablesHold(file)) {
                verdicts.add(pinned(file));
            }
        }
    }

    private boolean accountedForInside(int file) {
        return graph.outsideReferences(file) == 0 && graph.unexplained(file) == 0;
    }

    private boolean useless(int file) {
        return graph.peerGone(file) || graph.deleted(file) || peerUnreachable(file);
    }

    private boolean onlyLiveTablesHold(int file) {
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            int reference = graph.holderReference(i);
            if (graph.by(reference) != By.SLOT || !paths.reachable(graph.from(reference))) {
                return false;
            }
        }
        return true;
    }

    private boolean peerUnreachable(int file) {
        int peer = graph.peer(file);
        if (peer == NONE) {
            return false;
        }
        if (judgedPeers.add(peer) && onlyTablesAndQueuesHold(peer)) {
            unreachablePeers.add(peer);
        }
        return unreachablePeers.contains(peer);
    }

    private boolean onlyTablesAndQueuesHold(int peer) {
        if (!accountedForInside(peer) || graph.holdersBegin(peer) == graph.holdersEnd(peer)) {
            return false;
        }
        for (int i = graph.holdersBegin(peer); i < graph.holdersEnd(peer); i++) {
            By by = graph.by(graph.holderReference(i));
            if (by != By.SLOT && by != By.QUEUE) {
                return false;
            }
        }
        return true;
    }

    private PinnedByRing pinned(int file) {
        int slots = graph.holdersEnd(file) - graph.holdersBegin(file);
        Uselessness why = why(file);
        Evidence evidence = new Evidence(paths.path(file), because(why));
        return new PinnedByRing(file, paths.holder(file), slots, why, evidence);
    }

    private Uselessness why(int file) {
        if (graph.peerGone(file)) {
            return Uselessness.PEER_GONE;
        }
        return graph.deleted(file) ? Uselessness.DELETED : Uselessness.PEER_UNREACHABLE;
    }

    private static String because(Uselessness why) {
        String only = "Only file tables of live rings hold this file, no request uses it, and ";
        return only
                + switch (why) {
                    case PEER_GONE -> "the other end of the socket has been closed.";
                    case DELETED -> "it has no name left in its file system.";
                    case PEER_UNREACHABLE ->
                            "the other end of the socket, too, is only in tables or queues.";
                };
    }
}
