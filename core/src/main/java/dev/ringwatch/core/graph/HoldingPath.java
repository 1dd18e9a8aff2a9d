package dev.ringwatch.core.graph;

import java.util.List;

/**
 * Why a file is still open: a holder from outside the graph, then file by file down to the one asked
 * about.
 *
 * @param steps from the outermost; each step's holder owns a reference of its file. The first holder
 *     is outside the graph, except for a file that nothing outside reaches, where the path begins at
 *     one of the files that hold it.
 */
public record HoldingPath(List<Step> steps) {
    /** One reference: {@code holder} has {@code file}. */
    public record Step(Holder holder, int file) {}

    /** Copies the steps, unless {@link HoldingPaths} made them. */
    public HoldingPath {
        steps = steps instanceof PathSteps ? steps : List.copyOf(steps);
    }
}
