package dev.ringwatch.core.graph;

import java.lang.ref.SoftReference;
import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * The steps of a path, worked out when they are first asked for.
 *
 * <p>Anyone may queue sockets in sockets without limit (the kernel's nesting limit went in 4.14), so
 * the paths to all files of a graph may together be quadratic in its size. Whoever judges a graph
 * makes many and looks at none; who looks at all of them keeps no more of them than there is memory.
 */
final class PathSteps extends AbstractList<HoldingPath.Step> implements RandomAccess {
    private static final SoftReference<int[]> NOT_YET = new SoftReference<>(null);

    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final int file;

    /** The references of the path, the outermost first. Threads that race write equal arrays. */
    private volatile SoftReference<int[]> references = NOT_YET;

    PathSteps(ReferenceGraph graph, HoldingPaths paths, int file) {
        this.graph = graph;
        this.paths = paths;
        this.file = file;
    }

    @Override
    public HoldingPath.Step get(int index) {
        int[] inside = references();
        int top = top(inside);
        if (!paths.heldFromOutside(top)) {
            return step(inside[index]);
        }
        return index == 0
                ? new HoldingPath.Step(graph.firstOutsideHolder(top), top)
                : step(inside[index - 1]);
    }

    @Override
    public int size() {
        int[] inside = references();
        return inside.length + (paths.heldFromOutside(top(inside)) ? 1 : 0);
    }

    private int top(int[] inside) {
        return inside.length == 0 ? file : graph.from(inside[0]);
    }

    private HoldingPath.Step step(int reference) {
        return new HoldingPath.Step(graph.holder(reference), graph.to(reference));
    }

    private int[] references() {
        int[] known = references.get();
        if (known == null) {
            known = paths.referencesTo(file);
            references = new SoftReference<>(known);
        }
        return known;
    }
}
