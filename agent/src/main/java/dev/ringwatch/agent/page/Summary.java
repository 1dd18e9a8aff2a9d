package dev.ringwatch.agent.page;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Tracked;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How the machine stands, in a sentence.
 *
 * @param look good, bad, warn or unknown
 * @param sentence what the page begins with
 * @param reasons why it may not be the whole truth, and the cure where there is one
 */
record Summary(String look, String sentence, List<String> reasons) {
    /** An agent that has missed so many turns does not observe any more. */
    private static final int TURNS_MISSED = 3;

    private static final Duration LEAST_LATE = Duration.ofSeconds(10);

    static Summary of(State state) {
        if (state.tracked().isEmpty()) {
            return new Summary(
                    state.failure().isEmpty() ? "unknown" : "bad",
                    state.failure().isEmpty()
                            ? "The first observation is not done yet"
                            : "Nothing can be observed",
                    state.failure().isEmpty() ? List.of() : List.of(state.failure()));
        }
        Tracked tracked = state.tracked().get();
        Duration age = Duration.between(tracked.observation().takenAt(), state.now());
        if (age.compareTo(late(state.interval())) > 0) {
            return new Summary(
                    "bad",
                    "The last observation is " + Words.age(age) + " old: what follows may be over",
                    tracked.observation().incomplete());
        }
        return of(tracked);
    }

    private static Duration late(Duration interval) {
        Duration late = interval.multipliedBy(TURNS_MISSED);
        return late.compareTo(LEAST_LATE) < 0 ? LEAST_LATE : late;
    }

    private static Summary of(Tracked tracked) {
        Observation o = tracked.observation();
        List<Finding> findings = tracked.findingsOrUndecided();
        Map<FindingKind, Long> kinds = new EnumMap<>(FindingKind.class);
        findings.forEach(f -> kinds.merge(f.kind(), 1L, Long::sum));
        long undecided = kinds.getOrDefault(FindingKind.UNDECIDED, 0L);
        if (findings.size() > undecided) {
            return new Summary("bad", counted(findings.size(), kinds), o.incomplete());
        }
        if (undecided > 0) {
            String sentence =
                    "Undecided: "
                            + Words.count(undecided, "thing looks", "things look")
                            + " like a leak, and may be none";
            return new Summary("warn", sentence, o.incomplete());
        }
        if (tracked.observations() < 2) {
            return new Summary(
                    "unknown",
                    "Looking: a leak must be seen twice, and this was the first look",
                    o.incomplete());
        }
        return o.complete()
                ? new Summary("good", "Nothing leaks", List.of())
                : new Summary("unknown", "No leak in what could be seen", o.incomplete());
    }

    /** {@code 3 findings: 1 leaked for good, 2 never received}. */
    private static String counted(int all, Map<FindingKind, Long> kinds) {
        String each =
                kinds.entrySet().stream()
                        .map(
                                e ->
                                        Words.number(e.getValue())
                                                + " "
                                                + Kinds.name(e.getKey()).toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
        return Words.count(all, "finding") + ": " + each;
    }
}
