package dev.ringwatch.core.graph;

import java.util.Arrays;

/**
 * The strongly connected components of a graph: files are in the same one if each holds the other,
 * directly or not.
 *
 * <p>This is Tarjan's algorithm in the form that David Pearce gave it (A space-efficient algorithm
 * for finding strongly connected components, 2016): one walk, one number a file. While a file is
 * being visited its number is the lowest position, in the order of visits, of a file still undecided
 * that it is known to reach; a file whose number stays its own position is the first visited of its
 * component, and cuts it. Once cut, every member's number is the component's. The kernel's {@code
 * __unix_walk_scc} is the same walk over the AF_UNIX sockets in flight, but leaves in each member
 * the number it had when the component was cut; that is why we never compare numbers of files
 * whose component has not been cut.
 *
 * <p>Numbers of visits grow from 1 and those of components fall from the largest int, so one
 * comparison tells that a file lies in a component already cut. Two stacks share one array: the
 * files being visited grow up from its begin; those visited whose component is not cut yet grow
 * down from its end. Nothing recurses. Time is linear in files and references; 12 bytes a file are
 * used meanwhile, 4 are kept.
 *
 * <p>Immutable; safe for use by many threads.
 */
public final class Scc {
    private static final int UNVISITED = 0;

    /** The number of a file that was left out: higher than all, so that nothing is learnt from it. */
    private static final int LEFT_OUT = Integer.MAX_VALUE;

    private static final int FIRST_COMPONENT = LEFT_OUT - 1;

    private final int[] number;
    private final int count;

    private Scc(int[] number, int count) {
        this.number = number;
        this.count = count;
    }

    /** The components of the whole graph. */
    public static Scc of(ReferenceGraph graph) {
        return walked(new Walk(graph));
    }

    /** The components of the part of the graph that consists of the files {@code within}. */
    public static Scc of(ReferenceGraph graph, FileSet within) {
        Walk walk = new Walk(graph);
        Arrays.fill(walk.number, LEFT_OUT);
        for (int f = within.next(0); f != ReferenceGraph.NONE; f = within.next(f + 1)) {
            walk.number[f] = UNVISITED;
        }
        return walked(walk);
    }

    private static Scc walked(Walk walk) {
        for (int file = 0; file < walk.number.length; file++) {
            if (walk.number[file] == UNVISITED) {
                walk.from(file);
            }
        }
        return new Scc(walk.number, walk.components);
    }

    /** How many components there are. */
    public int count() {
        return count;
    }

    /**
     * The component of a file: 0 to {@link #count} - 1, or {@link ReferenceGraph#NONE} for a file
     * that was left out. Where a file of one component holds a file of another, the held one's
     * component has the lower number.
     */
    public int component(int file) {
        return FIRST_COMPONENT - number[file];
    }

    private static final class Walk {
        private final int[] heldBegin;
        private final int[] to;

        private final int[] number;
        private final int[] stack;

        /** For each file being visited its next reference, inverted if it reaches an earlier file. */
        private final int[] next;

        private int visiting;
        private int uncut;
        private int position = UNVISITED;
        private int components;

        Walk(ReferenceGraph graph) {
            heldBegin = graph.heldBegins();
            to = graph.tos();
            number = new int[graph.fileCount()];
            stack = new int[number.length];
            next = new int[number.length];
            uncut = stack.length;
        }

        void from(int start) {
            enter(start);
            while (visiting > 0) {
                int unvisited = advance(stack[visiting - 1]);
                if (unvisited == ReferenceGraph.NONE) {
                    leave();
                } else {
                    enter(unvisited);
                }
            }
        }

        private void enter(int file) {
            number[file] = ++position;
            next[visiting] = heldBegin[file];
            stack[visiting++] = file;
        }

        /**
         * Learns from what {@code file} holds, up to the first that is unvisited, which is returned
         * and looked at again after its visit; {@link ReferenceGraph#NONE} at the end.
         */
        private int advance(int file) {
            int[] numbers = number;
            int saved = next[visiting - 1];
            boolean reachesEarlier = saved < 0;
            int i = reachesEarlier ? ~saved : saved;
            int end = heldBegin[file + 1];
            int lowest = numbers[file];
            int unvisited = ReferenceGraph.NONE;
            for (; i < end; i++) {
                int n = numbers[to[i]];
                if (n == UNVISITED) {
                    unvisited = to[i];
                    break;
                }
                if (n < lowest) {
                    lowest = n;
                    reachesEarlier = true;
                }
            }
            numbers[file] = lowest;
            next[visiting - 1] = reachesEarlier ? ~i : i;
            return unvisited;
        }

        private void leave() {
            int file = stack[--visiting];
            if (next[visiting] < 0) {
                stack[--uncut] = file;
            } else {
                cut(file);
            }
        }

        private void cut(int first) {
            int component = FIRST_COMPONENT - components++;
            int own = number[first];
            number[first] = component;
            position--;
            while (uncut < stack.length && number[stack[uncut]] >= own) {
                number[stack[uncut++]] = component;
                position--;
            }
        }
    }
}
