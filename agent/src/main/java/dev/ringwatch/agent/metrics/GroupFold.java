package dev.ringwatch.agent.metrics;

import dev.ringwatch.agent.track.Groups;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Keeps the number of groups with series of their own within a limit: the heaviest stay, the others
 * are counted together, so that sums stay exact.
 */
final class GroupFold {
    private final Map<String, Long> weights = new HashMap<>();
    private final int limit;
    private Set<String> kept = Set.of();

    GroupFold(int limit) {
        this.limit = limit;
    }

    void weigh(String group, long weight) {
        weights.merge(group, weight, Long::sum);
    }

    /** To be called once, when everything was weighed. */
    void decide() {
        kept = new HashSet<>();
        weights.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                .thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .forEach(e -> kept.add(e.getKey()));
    }

    /** Whether the group was weighed at all. */
    boolean knows(String group) {
        return weights.containsKey(group);
    }

    String of(String group) {
        return kept.contains(group) ? group : Groups.OTHER;
    }

    int kept() {
        return kept.size();
    }

    int folded() {
        return weights.size() - kept.size();
    }
}
