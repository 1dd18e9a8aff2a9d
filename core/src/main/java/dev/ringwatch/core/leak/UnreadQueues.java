package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import java.util.List;

/** Finds the AF_UNIX sockets within a process's reach that have descriptors in their queue. */
final class UnreadQueues {
    private static final String BECAUSE =
            "Descriptors wait in the queue of this socket, which a process can reach and has not"
                    + " read.";

    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final List<Verdict> verdicts;
    private final Marks listed;

    UnreadQueues(ReferenceGraph graph, HoldingPaths paths, List<Verdict> verdicts) {
        this.graph = graph;
        this.paths = paths;
        this.verdicts = verdicts;
        listed = new Marks(graph);
    }

    void judge() {
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.heldBegin(file) < graph.heldEnd(file)
                    && graph.kind(file) == FileKind.UNIX_SOCKET
                    && paths.reachable(file)) {
                judge(file);
            }
        }
    }

    private void judge(int socket) {
        FileList.Builder held = new FileList.Builder();
        int descriptors = 0;
        for (int i = graph.heldBegin(socket); i < graph.heldEnd(socket); i++) {
            if (graph.by(i) == By.QUEUE) {
                descriptors++;
                if (listed.mark(graph.to(i), socket)) {
                    held.add(graph.to(i));
                }
            }
        }
        if (descriptors > 0) {
            Evidence evidence = new Evidence(paths.path(socket), BECAUSE);
            verdicts.add(new Verdict.NeverReceived(socket, held.build(), descriptors, evidence));
        }
    }
}
