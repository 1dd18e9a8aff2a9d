package dev.ringwatch.agent.bpf;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which events are counted, and for how many processes.
 *
 * @param sources the objects that are loaded where the kernel lets them
 * @param maxActors how many processes each object can tell apart between two observations; the
 *     events of more are counted as lost
 */
public record EventOptions(Set<EventSource> sources, int maxActors) {
    /** Kernel memory for it: about half a mebibyte an object. */
    public static final int DEFAULT_MAX_ACTORS = 4096;

    /** Nothing is counted. */
    public static final EventOptions NONE =
            new EventOptions(EnumSet.noneOf(EventSource.class), DEFAULT_MAX_ACTORS);

    /** What tells a ring from the one before it at the same address, for a look or two. */
    public static final EventOptions RINGS =
            new EventOptions(EnumSet.of(EventSource.LIFECYCLE), DEFAULT_MAX_ACTORS);

    /** All there is, on the way of every request too. */
    public static final EventOptions ALL =
            new EventOptions(EnumSet.allOf(EventSource.class), DEFAULT_MAX_ACTORS);

    public EventOptions {
        sources = Set.copyOf(sources);
        if (maxActors < 1) {
            throw new IllegalArgumentException("room for no process");
        }
    }
}
