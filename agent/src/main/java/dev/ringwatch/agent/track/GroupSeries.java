package dev.ringwatch.agent.track;

import java.util.Map;
import java.util.Set;

/**
 * Which groups have series of their own. Immutable.
 *
 * @param own the groups that have, each with what its members have in common
 * @param empty those of them that hold nothing
 * @param folded how many others hold something
 */
public record GroupSeries(Map<String, Identity.Named> own, Set<String> empty, int folded) {
    public GroupSeries {
        own = Map.copyOf(own);
        empty = Set.copyOf(empty);
    }

    /** The group under which something of {@code group} is counted. */
    public String of(String group) {
        return isAgents(group) || own.containsKey(group) ? group : Groups.OTHER;
    }

    /** Whether a name is one of the agent's: these are few and always have series. */
    static boolean isAgents(String group) {
        return group.startsWith("~");
    }
}
