package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the processes of each group have done, those that have ended among them: no number here ever
 * becomes smaller. For one thread.
 *
 * <p>Only so many groups are told apart, those that did something first; what others do is counted
 * as {@link Groups#OTHER}, and stays there.
 */
final class EventTotals {
    private record Key(int pid, long startTime) {}

    private final Identity identity;
    private final int maxGroups;
    private final Set<String> told = new HashSet<>();
    private final Map<EventKind, Map<String, Long>> totals = new EnumMap<>(EventKind.class);
    private Map<Key, Map<EventKind, Long>> before = new HashMap<>();

    EventTotals(Identity identity, int maxGroups) {
        this.identity = identity;
        this.maxGroups = maxGroups;
    }

    /** Takes in what was counted, later than all before it. */
    void accept(Activity activity) {
        Map<Key, Map<EventKind, Long>> now = new HashMap<>();
        for (Activity.Actor actor : activity.actors()) {
            Key process = new Key(actor.process().pid(), actor.process().startTime());
            now.computeIfAbsent(process, _ -> new EnumMap<>(EventKind.class))
                    .putAll(actor.counts());
            Map<EventKind, Long> already = before.getOrDefault(process, Map.of());
            actor.counts()
                    .forEach((kind, n) -> add(actor, kind, n, already.getOrDefault(kind, 0L)));
        }
        before = now;
        activity.measured().forEach(kind -> totals.computeIfAbsent(kind, _ -> new TreeMap<>()));
    }

    private void add(Activity.Actor actor, EventKind kind, long now, long already) {
        // One that was forgotten in between, as if it had ended, begins anew.
        long more = now >= already ? now - already : now;
        if (more > 0) {
            totals.computeIfAbsent(kind, _ -> new TreeMap<>()).merge(group(actor), more, Long::sum);
        }
    }

    private String group(Activity.Actor actor) {
        if (actor.kernel()) {
            return Groups.KERNEL;
        }
        String group = identity.group(actor.process());
        if (!told.contains(group) && told.size() == maxGroups) {
            return Groups.OTHER;
        }
        told.add(group);
        return group;
    }

    /** The totals by group, of each kind that was ever measured. */
    Map<EventKind, Map<String, Long>> byGroup() {
        Map<EventKind, Map<String, Long>> copy = new EnumMap<>(EventKind.class);
        totals.forEach((kind, groups) -> copy.put(kind, Map.copyOf(groups)));
        return copy;
    }
}
