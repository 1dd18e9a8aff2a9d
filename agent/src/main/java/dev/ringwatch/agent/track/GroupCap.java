package dev.ringwatch.agent.track;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps the number of groups with series of their own within a limit. The heaviest have them. A group
 * gets them when it is old enough, and loses them when it has been empty, or outweighed by one that
 * waits, for long enough: neither a burst nor a restart takes a group's series away. For one thread.
 */
final class GroupCap {
    private GroupRules rules;
    private final Map<String, State> states = new HashMap<>();
    private boolean first = true;

    private static final class State {
        final long since;
        long weight;
        boolean own;

        /** Since when it has been empty or outweighed; meaningless otherwise. */
        long weakSince;

        boolean weak;
        Identity.Named info;

        State(long since, Identity.Named info) {
            this.since = since;
            this.info = info;
        }
    }

    GroupCap(GroupRules rules) {
        this.rules = rules;
    }

    /** Goes on with other limits. */
    void use(GroupRules others) {
        rules = others;
    }

    /**
     * Takes in an observation, later than all before it.
     *
     * @param nanos when it was taken, on a clock that nobody sets
     * @param weights of the groups that hold something
     * @param info what the members of each group have in common, where it has any
     */
    GroupSeries accept(long nanos, Map<String, Long> weights, Map<String, Identity.Named> info) {
        weigh(nanos, weights, info);
        dropEmpty(nanos);
        List<String> waiting = waiting(nanos);
        while (owners() > rules.max()) {
            state(lightestOwn()).own = false; // the limit was lowered
        }
        int free = rules.max() - owners();
        waiting.stream().limit(Math.max(0, free)).forEach(this::give);
        replace(
                nanos,
                waiting.subList(Math.min(waiting.size(), Math.max(0, free)), waiting.size()));
        first = false;
        return new GroupSeries(
                states.entrySet().stream()
                        .filter(e -> e.getValue().own)
                        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().info)),
                states.entrySet().stream()
                        .filter(e -> e.getValue().own && e.getValue().weight == 0)
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()),
                (int) states.values().stream().filter(s -> !s.own).count());
    }

    private void weigh(long nanos, Map<String, Long> weights, Map<String, Identity.Named> info) {
        Set<String> named = new HashSet<>(weights.keySet());
        named.removeIf(GroupSeries::isAgents);
        for (String group : named) {
            Identity.Named common = info.get(group);
            State state =
                    states.computeIfAbsent(
                            group,
                            g -> new State(first ? nanos - old() : nanos, Identity.Named.only(g)));
            if (common != null) {
                state.info = common;
            }
        }
        states.forEach((group, state) -> state.weight = weights.getOrDefault(group, 0L));
        states.values().removeIf(state -> state.weight == 0 && !state.own);
    }

    /** What is there at first may be of any age. */
    private long old() {
        return rules.minAge().toNanos();
    }

    private void dropEmpty(long nanos) {
        for (State state : states.values()) {
            if (state.weight > 0 && state.own && state.weak && !isOutweighed(state)) {
                state.weak = false;
            }
            if (state.weight == 0) {
                markWeak(state, nanos);
            }
        }
        states.values().removeIf(s -> s.weight == 0 && weakFor(s, nanos, rules.linger()));
    }

    private boolean isOutweighed(State own) {
        return states.values().stream().anyMatch(s -> !s.own && s.weight > own.weight);
    }

    private static void markWeak(State state, long nanos) {
        if (!state.weak) {
            state.weak = true;
            state.weakSince = nanos;
        }
    }

    private static boolean weakFor(State state, long nanos, Duration time) {
        return state.weak && nanos - state.weakSince >= time.toNanos();
    }

    /** The groups that are old enough, the heaviest first. */
    private List<String> waiting(long nanos) {
        return states.entrySet().stream()
                .filter(e -> !e.getValue().own && nanos - e.getValue().since >= old())
                .sorted(
                        Comparator.comparingLong(
                                        (Map.Entry<String, State> e) -> -e.getValue().weight)
                                .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .toList();
    }

    private void give(String group) {
        State state = state(group);
        state.own = true;
        state.weak = false;
    }

    /** The lightest with series give way to heavier ones, when they were lighter for long enough. */
    private void replace(long nanos, List<String> waiting) {
        for (String group : waiting) {
            String lightest = lightestOwn();
            State weak = state(lightest);
            if (weak.weight >= state(group).weight) {
                return;
            }
            markWeak(weak, nanos);
            if (!weakFor(weak, nanos, rules.linger())) {
                return;
            }
            weak.own = false;
            weak.weak = false;
            give(group);
        }
    }

    private int owners() {
        return (int) states.values().stream().filter(s -> s.own).count();
    }

    private String lightestOwn() {
        return states.entrySet().stream()
                .filter(e -> e.getValue().own)
                .min(
                        Comparator.comparingLong(
                                        (Map.Entry<String, State> e) -> e.getValue().weight)
                                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .orElseThrow()
                .getKey();
    }

    private State state(String group) {
        State state = states.get(group);
        if (state == null) {
            throw new AssertionError("no group " + group);
        }
        return state;
    }
}
