package dev.ringwatch.core.graph;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Why each file of a graph is still open: a path to every file, found once for all of them.
 *
 * <p>A breadth-first forest. Its first trees grow from all files that something outside holds, at
 * once, so that paths in them are shortest. What they do not reach is covered by trees that begin
 * at the files nothing holds, and then at the lowest files not covered yet. A tree that comes back
 * to the file it began at remembers the reference, so that a loop is told as a loop.
 *
 * <p>Made in time linear in files and references, with 8 bytes a file; 4 bytes and a bit are kept.
 * Immutable; safe for use by many threads.
 */
public final class HoldingPaths {
    private static final int OUTSIDE = -1;
    private static final int ORIGIN = -2;

    /** An origin that holds itself through reference r has {@code CLOSED - r}. */
    private static final int CLOSED = -3;

    private static final int UNSEEN = Integer.MIN_VALUE;

    private final ReferenceGraph graph;

    /** The reference through which a file was found, or one of the constants above. */
    private final int[] via;

    private final FileSet reachable;

    private HoldingPaths(ReferenceGraph graph) {
        this.graph = graph;
        via = new int[graph.fileCount()];
        Arrays.fill(via, UNSEEN);
        reachable = new Forest(graph, via).grow();
    }

    /** Finds the paths of a graph. */
    public static HoldingPaths of(ReferenceGraph graph) {
        return new HoldingPaths(graph);
    }

    /** Whether something outside the graph holds the file, directly or through other files. */
    public boolean reachable(int file) {
        return reachable.contains(file);
    }

    /** The files that nothing outside the graph holds, neither directly nor through other files. */
    public FileSet unreachable() {
        return FileSet.all(graph).minus(reachable);
    }

    /**
     * Why {@code file} is open: a shortest path from outside; for a file that nothing outside
     * reaches, a path from a file that holds it, which is the file itself if the path is a loop. No
     * reference is in it twice. It has no steps if nothing is known to hold the file.
     *
     * <p>The steps are found when they are first asked for, in time linear in their number; until
     * then a path costs nothing, and as long as it is kept it keeps the graph.
     */
    public HoldingPath path(int file) {
        return new HoldingPath(new PathSteps(graph, this, file));
    }

    /**
     * The file whose reference the path to {@code file} ends with, or {@link ReferenceGraph#NONE} if
     * it is held from outside directly or nothing is known to hold it.
     */
    public int holder(int file) {
        int reference = lastReference(file);
        return reference < 0 ? ReferenceGraph.NONE : graph.from(reference);
    }

    /**
     * For each file, the outermost of the files on the path to it that are wanted, or {@link
     * ReferenceGraph#NONE}. The file itself is not asked about, unless its path is a loop.
     *
     * <p>Found for all files at once, in time linear in their number: who asked each path for it
     * would take time that is quadratic in the length of a chain.
     */
    public int[] outermost(IntPredicate wanted) {
        int[] inTree = new int[via.length];
        Arrays.fill(inTree, UNSEEN);
        int[] below = new int[via.length];
        for (int file = 0; file < via.length; file++) {
            int depth = 0;
            int at = file;
            while (inTree[at] == UNSEEN && via[at] >= 0) {
                below[depth++] = at;
                at = graph.from(via[at]);
            }
            if (inTree[at] == UNSEEN) {
                inTree[at] = ReferenceGraph.NONE;
            }
            while (depth > 0) {
                int next = below[--depth];
                inTree[next] = outermost(inTree, at, wanted);
                at = next;
            }
        }
        return withOrigins(inTree, wanted);
    }

    /** An origin's path, if it has one, ends with a reference that is not in its tree. */
    private int[] withOrigins(int[] inTree, IntPredicate wanted) {
        int[] all = inTree.clone();
        for (int file = 0; file < via.length; file++) {
            if (via[file] < 0 && holder(file) != ReferenceGraph.NONE) {
                all[file] = outermost(inTree, holder(file), wanted);
            }
        }
        return all;
    }

    private static int outermost(int[] inTree, int holder, IntPredicate wanted) {
        if (inTree[holder] != ReferenceGraph.NONE) {
            return inTree[holder];
        }
        return wanted.test(holder) ? holder : ReferenceGraph.NONE;
    }

    /** Whether a path that begins at this file begins outside. */
    boolean heldFromOutside(int file) {
        return via[file] == OUTSIDE;
    }

    /** The references between files on the path to {@code file}, the outermost first. */
    int[] referencesTo(int file) {
        int length = 0;
        for (int i = lastReference(file); i >= 0; i = via[graph.from(i)]) {
            length++;
        }
        int[] downwards = new int[length];
        for (int i = lastReference(file); i >= 0; i = via[graph.from(i)]) {
            downwards[--length] = i;
        }
        return downwards;
    }

    /** The reference that a path to {@code file} ends with; negative if it has none. */
    private int lastReference(int file) {
        int found = via[file];
        if (found <= CLOSED) {
            return CLOSED - found;
        }
        // An origin that another file holds: that one was found later, in a tree of its own.
        boolean heldByLater = found == ORIGIN && graph.holdersBegin(file) < graph.holdersEnd(file);
        return heldByLater ? graph.holderReference(graph.holdersBegin(file)) : found;
    }

    private static final class Forest {
        private final ReferenceGraph graph;
        private final int[] via;
        private final int[] queue;
        private int head;
        private int tail;

        Forest(ReferenceGraph graph, int[] via) {
            this.graph = graph;
            this.via = via;
            queue = new int[via.length];
        }

        /** Covers every file; returns those that the trees from outside cover. */
        FileSet grow() {
            for (int file = 0; file < via.length; file++) {
                if (graph.outsideReferences(file) > 0) {
                    plant(file, OUTSIDE);
                }
            }
            spread(ReferenceGraph.NONE);
            FileSet reached = covered();
            for (int file = 0; tail < via.length && file < via.length; file++) {
                if (graph.holdersBegin(file) == graph.holdersEnd(file)) {
                    cover(file);
                }
            }
            for (int file = 0; tail < via.length && file < via.length; file++) {
                cover(file);
            }
            return reached;
        }

        private void cover(int origin) {
            if (via[origin] == UNSEEN) {
                plant(origin, ORIGIN);
                spread(origin);
            }
        }

        private void plant(int file, int how) {
            via[file] = how;
            queue[tail++] = file;
        }

        private void spread(int origin) {
            int[] found = via;
            while (head < tail) {
                int file = queue[head++];
                int end = graph.heldEnd(file);
                for (int i = graph.heldBegin(file); i < end; i++) {
                    int held = graph.to(i);
                    if (found[held] == UNSEEN) {
                        plant(held, i);
                    } else if (held == origin && found[held] == ORIGIN) {
                        found[held] = CLOSED - i;
                    }
                }
            }
        }

        private FileSet covered() {
            FileSet set = FileSet.none(graph);
            for (int i = 0; i < tail; i++) {
                set.add(queue[i]);
            }
            return set;
        }
    }
}
