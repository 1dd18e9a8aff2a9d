package dev.ringwatch.agent.track;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What each group holds, of one observation. Immutable. The metrics, the history and the page take
 * their figures from here.
 *
 * @param byGroup the groups with series of their own, the agent's ({@code ~other} and the like) among
 *     them, of which something was counted
 * @param complete whether everything that is looked for was seen, so that what is absent is not there
 * @param tableFilesKnown whether it is known of files in tables if a process has them too
 * @param judged whether there was an observation before: only what is seen twice is a finding
 */
public record Holdings(
        Map<String, Held> byGroup, boolean complete, boolean tableFilesKnown, boolean judged) {
    public Holdings {
        byGroup = Map.copyOf(byGroup);
    }

    /** What was counted of a group, which may be nothing. */
    public Held group(String group) {
        return byGroup.getOrDefault(group, Held.NOTHING);
    }

    /** A figure of a group: 0 if it holds none for sure, absent if that is not known. */
    public OptionalLong of(String group, Figure figure) {
        Held held = group(group);
        return orNone(held.counted(figure), figure, held.counted(Figure.RINGS).orElse(0) > 0);
    }

    /** A figure of the whole machine, of what could be read; absent if nothing could. */
    public OptionalLong total(Figure figure) {
        return orNone(counted(figure), figure, counted(Figure.RINGS).orElse(0) > 0);
    }

    private OptionalLong counted(Figure figure) {
        return byGroup.values().stream()
                .map(held -> held.counted(figure))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .reduce(Long::sum)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
    }

    /** Of who has rings and nothing counted in them, none could be read. */
    private OptionalLong orNone(OptionalLong counted, Figure figure, boolean hasRings) {
        if (counted.isPresent() || !complete) {
            return counted;
        }
        boolean none =
                switch (figure) {
                    case RINGS, INFLIGHT_FDS -> true;
                    case REGISTERED_FILES, INFLIGHT_REQUESTS -> !hasRings;
                    case REGISTERED_ONLY_FILES -> tableFilesKnown && !hasRings;
                    case FINDINGS -> judged;
                };
        return none ? OptionalLong.of(0) : counted;
    }
}
