package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.ReferenceGraph.NONE;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.FileSet;
import dev.ringwatch.core.graph.Reachability;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;

/**
 * Finds the rings that only requests keep, their own or those of another such ring.
 *
 * <p>A ring that polls itself keeps itself: the request owns a reference to the ring's file ({@code
 * io_file_get_normal} with {@code REQ_F_INFLIGHT}) and only the ring's release would end it. A ring
 * that a queue holds, possible before kernel 6.7, is not one: freeing the message frees it.
 *
 * <p>A ring with more references than were found is not one either. A ring whose count could not
 * be read may be: {@code io_ring_ctx} does not lead to its file, so of a ring known only through
 * {@code task->io_uring} there is no count to read.
 */
final class OrphanRings {
    private OrphanRings() {}

    /** The orphan rings among files that nothing outside reaches. */
    static FileSet among(ReferenceGraph graph, FileSet unreachable) {
        FileSet candidates = FileSet.none(graph);
        for (int f = unreachable.next(0); f != NONE; f = unreachable.next(f + 1)) {
            if (graph.kind(f) == FileKind.RING && onlyRequestsHold(graph, f)) {
                candidates.add(f);
            }
        }
        FileSet othersHold = FileSet.none(graph);
        for (int ring = candidates.next(0); ring != NONE; ring = candidates.next(ring + 1)) {
            if (holderBeyond(graph, ring, candidates)) {
                othersHold.add(ring);
            }
        }
        return candidates.minus(Reachability.from(graph, othersHold, candidates));
    }

    private static boolean onlyRequestsHold(ReferenceGraph graph, int ring) {
        if (graph.unexplained(ring) > 0) {
            return false;
        }
        for (int i = graph.holdersBegin(ring); i < graph.holdersEnd(ring); i++) {
            By by = graph.by(graph.holderReference(i));
            if (by == By.QUEUE || by == By.SLOT) {
                return false;
            }
        }
        return true;
    }

    private static boolean holderBeyond(ReferenceGraph graph, int ring, FileSet candidates) {
        for (int i = graph.holdersBegin(ring); i < graph.holdersEnd(ring); i++) {
            if (!candidates.contains(graph.from(graph.holderReference(i)))) {
                return true;
            }
        }
        return false;
    }
}
