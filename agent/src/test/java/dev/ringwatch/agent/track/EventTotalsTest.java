package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.ProcessFacts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Counts of processes become counts of groups, which never go down. */
class EventTotalsTest {
    private static final EventKind KIND = EventKind.RINGS_CREATED;

    private static final Duration LINGER = Duration.ofMinutes(10);
    private static final GroupRules RULES = rules(2);

    private final EventTotals totals = new EventTotals(new Identity(RULES), RULES);
    private long nanos;

    @Test
    void whatIsMeasuredAndDidNotHappenHasNoGroups() {
        accept();
        assertEquals(Map.of(KIND, Map.of()), totals.byGroup());
    }

    @Test
    void processesOfOneNameAreOneGroupAlsoWhenTheyEnd() {
        accept(actor(1, "server", 3), actor(2, "server", 4));
        assertEquals(Map.of("comm:server", 7L), counted());
        accept(actor(1, "server", 5), actor(2, "server", 4));
        accept(actor(1, "server", 5));
        accept();
        assertEquals(Map.of("comm:server", 9L), counted());
    }

    @Test
    void oneThatWasForgottenAndComesBackBeginsAnew() {
        accept(actor(1, "server", 3));
        accept(actor(1, "server", 1));
        assertEquals(Map.of("comm:server", 4L), counted());
    }

    @Test
    void aLaterProcessOfTheSameIdIsAnother() {
        accept(actor(1, "server", 3));
        accept(new Activity.Actor(process(1, 200, "server"), false, Map.of(KIND, 3L)));
        assertEquals(Map.of("comm:server", 6L), counted());
    }

    @Test
    void whatAProcessDidUnderItsOldNameStaysThere() {
        accept(actor(1, "sh", 3));
        accept(actor(1, "server", 5));
        assertEquals(Map.of("comm:sh", 3L, "comm:server", 2L), counted());
    }

    @Test
    void groupsBeyondTheLimitAreCountedTogetherForGood() {
        accept(actor(1, "a", 1), actor(2, "b", 2), actor(3, "c", 3));
        accept(actor(3, "c", 4), actor(4, "d", 5));
        assertEquals(Map.of("comm:a", 1L, "comm:b", 2L, Groups.OTHER, 9L), counted());
    }

    @Test
    void aGroupThatLongDidNothingGivesWayAndTheSumStays() {
        accept(actor(1, "a", 1), actor(2, "b", 2));
        nanos += LINGER.toNanos() - 1;
        accept(actor(1, "a", 1), actor(2, "b", 4), actor(3, "c", 3));
        assertEquals(Map.of("comm:a", 1L, "comm:b", 4L, Groups.OTHER, 3L), counted());
        nanos++;
        accept(actor(1, "a", 1), actor(2, "b", 4), actor(3, "c", 8), actor(4, "d", 1));
        assertEquals(Map.of("comm:c", 5L, "comm:b", 4L, Groups.OTHER, 5L), counted());
    }

    @Test
    void aLowerLimitFoldsThoseThatDidNothingForTheLongestTime() {
        accept(actor(1, "a", 1));
        nanos++;
        accept(actor(1, "a", 1), actor(2, "b", 2));
        totals.use(rules(1));
        assertEquals(Map.of("comm:b", 2L, Groups.OTHER, 1L), counted());
    }

    @Test
    void theKernelsOwnThreadsAreNoProcess() {
        accept(new Activity.Actor(process(0, 0, "kernel"), true, Map.of(KIND, 2L)));
        assertEquals(Map.of(Groups.KERNEL, 2L), counted());
    }

    private Map<String, Long> counted() {
        return totals.byGroup().getOrDefault(KIND, Map.of());
    }

    private void accept(Activity.Actor... actors) {
        totals.accept(
                nanos,
                new Activity(
                        Set.of(KIND),
                        List.of(actors),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static GroupRules rules(int max) {
        return new GroupRules(List.of(), max, Duration.ZERO, LINGER, Path.of("/"));
    }

    private static Activity.Actor actor(int pid, String comm, long n) {
        return new Activity.Actor(process(pid, 100, comm), false, Map.of(KIND, n));
    }

    private static ProcessFacts process(int pid, long startTime, String comm) {
        return new ProcessFacts(pid, comm, 0, startTime, List.of());
    }
}
