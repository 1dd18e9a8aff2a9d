package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Judges a graph. */
public final class LeakFinder {
    private LeakFinder() {}

    /**
     * Decides, in time linear in the graph's size, what is true of each file.
     *
     * @param collectorRuns for a file's index, how many completed runs of the kernel's collector it
     *     has been seen to outlive while nobody reached it; 0 when that is not known
     */
    public static Judgement judge(ReferenceGraph graph, IntUnaryOperator collectorRuns) {
        return new Judgement(new byte[graph.fileCount()], List.of());
    }
}
