package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Judges a graph.
 *
 * <p>What something outside reaches is held. What nothing outside reaches belongs, in this order, to
 *
 * <ol>
 *   <li>whoever reaches a file with references that the graph does not account for: undecided, for
 *       that reference may be a process's;
 *   <li>rings that only requests hold, their own or each other's: orphaned, for a request lives as
 *       long as the task that submitted it;
 *   <li>the kernel's collector: garbage, leaked once one of the collector's runs has shown that it
 *       will never free it, or it has outlived {@link #COLLECTOR_RUNS_TO_CONVICT} of them;
 *       collectable until then.
 * </ol>
 *
 * <p>Having an orphan ring above it excuses a file's unexplained references, since the ring holds it
 * whatever else does; but a ring that has more references than were found is undecided itself.
 *
 * <p>The kernel's own question ({@code unix_vertex_dead}, {@code unix_scc_dead}) is whether every
 * reference to every socket of a component comes from a queue of that component; it can answer no
 * for ever where the answer is yes, which is predicted from what the kernel keeps. Ours is
 * reachability, which is what should be freed: what the kernel does not free, it counts as leaked.
 */
public final class LeakFinder {
    /**
     * How many runs of the collector garbage must outlive before it is called leaked. One run frees
     * only components that no other garbage holds, and each release then starts another run: most
     * garbage is gone after one run, all that is ever freed nearly always after three.
     */
    public static final int COLLECTOR_RUNS_TO_CONVICT = 3;

    private LeakFinder() {}

    /**
     * Decides, in time linear in the graph's size, what is true of each file. Safe for use by many
     * threads.
     *
     * @param collector what is known of the kernel's collector; {@code _ -> 0} if nothing is
     */
    public static Judgement judge(ReferenceGraph graph, CollectorView collector) {
        return judge(graph, collector, RingView.UNKNOWN);
    }

    /**
     * The same with what is known of rings.
     *
     * @param rings {@link RingView#UNKNOWN} if nothing is
     */
    public static Judgement judge(ReferenceGraph graph, CollectorView collector, RingView rings) {
        HoldingPaths paths = HoldingPaths.of(graph);
        byte[] states = new byte[graph.fileCount()];
        List<Verdict> verdicts = new ArrayList<>();
        new UnreachableFiles(graph, paths, states, verdicts).judge(collector);
        new PinnedFiles(graph, paths, verdicts).judge();
        new UnreadQueues(graph, paths, verdicts).judge();
        new LoneRequests(graph, paths, verdicts).judge();
        new DetachedRings(graph, paths, rings, verdicts).judge();
        verdicts.sort(Comparator.comparingInt(verdict -> verdict.files().getFirst()));
        return new Judgement(states, verdicts);
    }
}
