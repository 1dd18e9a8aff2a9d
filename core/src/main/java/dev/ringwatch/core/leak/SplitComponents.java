package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.ReferenceGraph.NONE;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.FileSet;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.Scc;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The components of garbage that the kernel's collector will never judge dead.
 *
 * <p>The collector frees a component when every descriptor of its members is queued on a socket with
 * the same index as the socket it refers to, and each member's file has no other reference
 * ({@code unix_vertex_dead}). It means the index to be one for a component, but what it compares is
 * the low link that each member was left with when the walk cut the component ({@code
 * __unix_walk_scc}), and those can differ. In a component with two different indices some descriptor
 * always goes from one to the other, so it is never dead.
 *
 * <p>The indices are the collector's last word once it has walked the component as it is. Nobody can
 * add a descriptor of garbage to a queue or take one out, so the walk goes through it by the same
 * way every time: a later walk numbers it anew and leaves the same members with the same low links.
 * (It would begin at another member only if a process that has a member's peer sent it a socket that
 * is in flight already and older.) A socket that was in flight, but not yet walked, has an index of
 * its own and would look the same: hence a run of the collector must lie between.
 *
 * <p>Nothing is concluded unless everything agrees: each member has been garbage before that run, and
 * the kernel's count of references, the collector's count of descriptors in flight and the queued
 * descriptors that were found are one number.
 */
final class SplitComponents {
    private static final int NO_INDEX = CollectorView.UNKNOWN;
    private static final int MOST_TOLD = 8;

    private final Scc scc;
    private final int[] index;
    private final boolean[] differ;
    private final boolean[] doubtful;

    /**
     * @param garbage files that nobody reaches, with every reference to them accounted for
     * @param scc the components of at least these
     */
    SplitComponents(ReferenceGraph graph, FileSet garbage, Scc scc, CollectorView collector) {
        this.scc = scc;
        index = new int[scc.count()];
        differ = new boolean[scc.count()];
        doubtful = new boolean[scc.count()];
        Arrays.fill(index, NO_INDEX);
        for (int f = garbage.next(0); f != NONE; f = garbage.next(f + 1)) {
            if (isSettled(graph, f, collector)) {
                compare(scc.component(f), collector.componentIndex(f));
            } else {
                doubtful[scc.component(f)] = true;
            }
        }
    }

    /** Whether the component of this file is one. It must be garbage. */
    boolean contains(int file) {
        int component = scc.component(file);
        return differ[component] && !doubtful[component];
    }

    /** Why a unit that begins with such a component is leaked, with the numbers to check it by. */
    static String because(
            ReferenceGraph graph, FileList.Builder unit, Scc scc, CollectorView collector) {
        int component = scc.component(unit.get(0));
        SortedSet<Integer> indices = new TreeSet<>();
        long references = 0;
        long inFlight = 0;
        for (int i = 0; i < unit.size() && scc.component(unit.get(i)) == component; i++) {
            indices.add(collector.componentIndex(unit.get(i)));
            references += graph.kernelCount(unit.get(i));
            inFlight += collector.inFlight(unit.get(i));
        }
        return ("The kernel gave the members of this component different indices (%s), so it will"
                        + " never judge them dead; nobody can reach them: references %d = in flight"
                        + " %d.")
                .formatted(listed(indices), references, inFlight);
    }

    private static String listed(SortedSet<Integer> indices) {
        String first =
                indices.stream()
                        .limit(MOST_TOLD)
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "));
        int more = indices.size() - MOST_TOLD;
        return more <= 0 ? first : first + " and " + more + " more";
    }

    private static boolean isSettled(ReferenceGraph graph, int file, CollectorView collector) {
        if (graph.kind(file) != FileKind.UNIX_SOCKET
                || collector.runs(file) < 1
                || collector.componentIndex(file) == NO_INDEX) {
            return false;
        }
        int inFlight = collector.inFlight(file);
        return inFlight == graph.kernelCount(file)
                && inFlight == graph.holdersEnd(file) - graph.holdersBegin(file);
    }

    private void compare(int component, int member) {
        if (index[component] == NO_INDEX) {
            index[component] = member;
        }
        differ[component] |= index[component] != member;
    }
}
