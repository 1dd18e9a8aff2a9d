package dev.ringwatch.core.graph;

/**
 * Which files are open because some given files are.
 *
 * <p>Each question takes time linear in the files and references it visits, and four bytes a file
 * while it is being answered. All methods are safe for use by many threads.
 */
public final class Reachability {
    private Reachability() {}

    /** The files that something outside the graph has, and all that those hold, directly or not. */
    public static FileSet fromOutside(ReferenceGraph graph) {
        FileSet roots = FileSet.none(graph);
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.outsideReferences(file) > 0) {
                roots.add(file);
            }
        }
        return from(graph, roots);
    }

    /** The files of {@code start} and all that they hold, directly or not. */
    public static FileSet from(ReferenceGraph graph, FileSet start) {
        return from(graph, start, FileSet.all(graph));
    }

    /**
     * The files of {@code start} that are in {@code within}, and all that they hold through files
     * of {@code within} only.
     */
    public static FileSet from(ReferenceGraph graph, FileSet start, FileSet within) {
        FileSet reached = FileSet.none(graph);
        int[] pending = new int[within.size()];
        int n = 0;
        for (int f = start.next(0); f != ReferenceGraph.NONE; f = start.next(f + 1)) {
            if (within.contains(f) && reached.add(f)) {
                pending[n++] = f;
            }
        }
        while (n > 0) {
            int file = pending[--n];
            for (int i = graph.heldBegin(file); i < graph.heldEnd(file); i++) {
                int held = graph.to(i);
                if (within.contains(held) && reached.add(held)) {
                    pending[n++] = held;
                }
            }
        }
        return reached;
    }
}
