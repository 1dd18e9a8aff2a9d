package dev.ringwatch.core.graph;

import java.util.Arrays;

/** The naive oracle: who holds whom, directly or not, as a table of all pairs (Warshall). */
public final class Closure {
    private final ReferenceGraph graph;

    /** The least number of references from one file to another, at least 1; or far more. */
    private final int[][] distance;

    private static final int FAR = 1_000_000;

    /** Works it out, in cubic time. */
    public Closure(ReferenceGraph graph) {
        this.graph = graph;
        int n = graph.fileCount();
        distance = new int[n][n];
        for (int[] row : distance) {
            Arrays.fill(row, FAR);
        }
        for (int i = 0; i < graph.referenceCount(); i++) {
            distance[graph.from(i)][graph.to(i)] = 1;
        }
        for (int k = 0; k < n; k++) {
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < n; b++) {
                    distance[a][b] = Math.min(distance[a][b], distance[a][k] + distance[k][b]);
                }
            }
        }
    }

    /** Whether {@code a} holds {@code b} over one reference or more. */
    public boolean holds(int a, int b) {
        return distance[a][b] < FAR;
    }

    /** Whether they are the same file or hold it, over one reference or more. */
    public boolean reaches(int a, int b) {
        return a == b || holds(a, b);
    }

    /** Whether something outside holds the file, directly or not. */
    public boolean reachable(int file) {
        return stepsFromOutside(file) < FAR;
    }

    /** The length of a shortest path from outside, the reference from outside counted. */
    public int stepsFromOutside(int file) {
        int least = FAR;
        for (int root = 0; root < distance.length; root++) {
            if (graph.outsideReferences(root) > 0) {
                least = Math.min(least, 1 + (root == file ? 0 : distance[root][file]));
            }
        }
        return least;
    }
}
