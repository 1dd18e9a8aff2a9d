package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Step;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How much was played. */
final class Counts {
    long steps;
    long programs;
    long withheld;
    long notPlayed;

    /** Disagreements that a stranger's start of the collector explains. */
    long strangers;

    /** Times that the kernel collected only after one more trigger. */
    long nudges;

    /** Sockets that the kernel keeps for ever, as the model says; in a guest only. */
    long stuck;

    /** Comparisons with what eBPF sees. */
    long looks;

    final Map<String, Long> kinds = new TreeMap<>();

    void step(Step step, Optional<Outcome> outcome) {
        steps++;
        String kind =
                switch (step) {
                    case Step.Call(Syscall.Submit c, var _) -> "Submit " + kind(c.request());
                    case Step.Call(Syscall c, var _) -> c.getClass().getSimpleName();
                    default -> step.getClass().getSimpleName();
                };
        String result =
                outcome.map(
                                o ->
                                        switch (o) {
                                            case Outcome.Done _ -> "";
                                            case Outcome.Refused(var errno) -> " " + errno;
                                        })
                        .orElse("");
        kinds.merge(kind + result, 1L, Long::sum);
    }

    private static String kind(Request request) {
        return request.getClass().getSimpleName();
    }

    String summary(double seconds) {
        return ("%d programs, %d steps in %.0f s (%.0f a second); %d withheld, %d not played,"
                        + " %d strangers, %d nudges, %d looks, %d sockets stuck")
                .formatted(
                        programs,
                        steps,
                        seconds,
                        steps / Math.max(seconds, 0.001),
                        withheld,
                        notPlayed,
                        strangers,
                        nudges,
                        looks,
                        stuck);
    }
}
