package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.ReferenceGraph.NONE;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import java.util.List;

/**
 * Finds the files that nothing but requests in flight of live rings hold: their descriptor is closed
 * and their slot emptied, and they stay until the request ends.
 *
 * <p>A poll or an accept armed on a live connection is waiting as it should. Whether the others wait
 * too long is for whoever knows since when.
 */
final class LoneRequests {
    private static final int POLL_ADD = 6;
    private static final int ACCEPT = 13;

    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final List<Verdict> verdicts;

    LoneRequests(ReferenceGraph graph, HoldingPaths paths, List<Verdict> verdicts) {
        this.graph = graph;
        this.paths = paths;
        this.verdicts = verdicts;
    }

    void judge() {
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.outsideReferences(file) == 0
                    && graph.holdersBegin(file) < graph.holdersEnd(file)
                    && graph.unexplained(file) == 0
                    && paths.reachable(file)) {
                judge(file);
            }
        }
    }

    private void judge(int file) {
        int request = NONE;
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            int reference = graph.holderReference(i);
            if (!isRequest(reference)) {
                return;
            }
            if (graph.by(reference) == By.REQUEST && !waitsForConnection(reference)) {
                request = reference;
            }
        }
        if (request != NONE) {
            verdicts.add(
                    new Verdict.StuckRequest(
                            file,
                            graph.from(request),
                            graph.detail(request),
                            new Evidence(paths.path(file), because(file))));
        }
    }

    private boolean isRequest(int reference) {
        return switch (graph.by(reference)) {
            case REQUEST, REQUEST_BY_SLOT -> true;
            case QUEUE, SLOT -> false;
        };
    }

    private boolean waitsForConnection(int reference) {
        int opcode = graph.detail(reference);
        int file = graph.to(reference);
        return (opcode == POLL_ADD || opcode == ACCEPT) && isLiveConnection(file);
    }

    private boolean isLiveConnection(int file) {
        return switch (graph.kind(file)) {
            case UNIX_SOCKET, SOCKET -> !graph.peerGone(file) && peerMayBeUsed(file);
            case RING, OTHER -> false;
        };
    }

    private boolean peerMayBeUsed(int file) {
        int peer = graph.peer(file);
        return peer == NONE || paths.reachable(peer);
    }

    private String because(int file) {
        String only =
                "Only requests in flight hold this file: no descriptor, table or queue has it";
        return graph.kind(file) == FileKind.RING || !graph.peerGone(file)
                ? only + "."
                : only + ", and the other end of the socket has been closed.";
    }
}
