package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the processes of each group have done, those that have ended among them: no number here
 * becomes smaller, as long as it is there. For one thread.
 *
 * <p>Only so many groups are told apart, those that did something first; what others do is counted
 * as {@link Groups#OTHER}, and stays there. A group that has done nothing for as long as an empty one
 * keeps its series gives way to one that does something: what it did is {@link Groups#OTHER}'s then,
 * so that names that came once take no place for good.
 */
final class EventTotals {
    private record Key(int pid, long startTime) {}

    private final Identity identity;
    private GroupRules rules;

    /** The groups that are told apart, each with the time at which it was last seen to have acted. */
    private final Map<String, Long> told = new HashMap<>();

    private final Map<EventKind, Map<String, Long>> totals = new EnumMap<>(EventKind.class);
    private Map<Key, Map<EventKind, Long>> before = new HashMap<>();

    EventTotals(Identity identity, GroupRules rules) {
        this.identity = identity;
        this.rules = rules;
    }

    /** Goes on with other limits. */
    void use(GroupRules others) {
        rules = others;
        while (told.size() > rules.max()) {
            fold(idlest());
        }
    }

    /**
     * Takes in what was counted, later than all before it.
     *
     * @param nanos when, on a clock that nobody sets
     */
    void accept(long nanos, Activity activity) {
        Map<Key, Map<EventKind, Long>> now = new HashMap<>();
        for (Activity.Actor actor : activity.actors()) {
            Key process = new Key(actor.process().pid(), actor.process().startTime());
            now.computeIfAbsent(process, _ -> new EnumMap<>(EventKind.class))
                    .putAll(actor.counts());
            Map<EventKind, Long> already = before.getOrDefault(process, Map.of());
            actor.counts()
                    .forEach(
                            (kind, n) ->
                                    add(nanos, actor, kind, n, already.getOrDefault(kind, 0L)));
        }
        before = now;
        activity.measured().forEach(kind -> totals.computeIfAbsent(kind, _ -> new TreeMap<>()));
    }

    private void add(long nanos, Activity.Actor actor, EventKind kind, long now, long already) {
        // One that was forgotten in between, as if it had ended, begins anew.
        long more = now >= already ? now - already : now;
        if (more > 0) {
            String group = group(nanos, actor);
            totals.computeIfAbsent(kind, _ -> new TreeMap<>()).merge(group, more, Long::sum);
        }
    }

    private String group(long nanos, Activity.Actor actor) {
        if (actor.kernel()) {
            return Groups.KERNEL;
        }
        String group = identity.group(actor.process());
        if (!told.containsKey(group) && !hasRoom(nanos)) {
            return Groups.OTHER;
        }
        told.put(group, nanos);
        return group;
    }

    private boolean hasRoom(long nanos) {
        if (told.size() < rules.max()) {
            return true;
        }
        String idlest = idlest();
        boolean idle = nanos - told.getOrDefault(idlest, nanos) >= rules.linger().toNanos();
        if (idle) {
            fold(idlest);
        }
        return idle;
    }

    /** The group that has done nothing for the longest time. */
    private String idlest() {
        return told.entrySet().stream()
                .min(
                        Map.Entry.<String, Long>comparingByValue()
                                .thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow()
                .getKey();
    }

    private void fold(String group) {
        told.remove(group);
        for (Map<String, Long> byGroup : totals.values()) {
            Long n = byGroup.remove(group);
            if (n != null) {
                byGroup.merge(Groups.OTHER, n, Long::sum);
            }
        }
    }

    /** The totals by group, of each kind that was ever measured. */
    Map<EventKind, Map<String, Long>> byGroup() {
        Map<EventKind, Map<String, Long>> copy = new EnumMap<>(EventKind.class);
        totals.forEach((kind, groups) -> copy.put(kind, Map.copyOf(groups)));
        return copy;
    }
}
