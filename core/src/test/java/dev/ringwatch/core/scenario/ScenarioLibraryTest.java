package dev.ringwatch.core.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.ScenarioRun.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every known scenario under every era: what is expected, is so. */
class ScenarioLibraryTest {
    static Stream<String> names() {
        return ScenarioLibrary.names().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void isAsExpectedUnderEveryEra(String name) {
        Scenario scenario = ScenarioLibrary.find(name).orElseThrow();
        for (KernelEra era : KernelEra.presets()) {
            ScenarioRun run = ScenarioRun.of(scenario, era);
            assertEquals(List.of(), run.broken(), "under " + era.name());
            assertEquals(List.of(), run.unexpectedRefusals(), "under " + era.name());
        }
    }

    /**
     * A scenario that expects nothing which depends on what it does proves nothing. Steps that give
     * names are kept: without them everything is otherwise.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void noticesAMissingStep(String name) {
        Scenario scenario = ScenarioLibrary.find(name).orElseThrow();
        boolean noticed = false;
        for (int i = 0; i < scenario.lines().size() && !noticed; i++) {
            if (namesNothing(scenario.lines().get(i).statement())) {
                Scenario less = without(scenario, i);
                noticed =
                        Stream.of("current", "packet", "naive-pin", "scc-2024")
                                .map(era -> KernelEra.named(era).orElseThrow())
                                .anyMatch(era -> !ScenarioRun.of(less, era).broken().isEmpty());
            }
        }
        assertTrue(noticed, name + " expects the same without any of its steps");
    }

    private static boolean namesNothing(Statement statement) {
        return statement instanceof Statement.Act(List<Step> steps, Optional<Statement.Refusal> _)
                && steps.stream()
                        .allMatch(
                                step ->
                                        !(step instanceof Step.Call call)
                                                || call.results().isEmpty());
    }

    private static Scenario without(Scenario scenario, int line) {
        List<Scenario.Line> lines = new ArrayList<>(scenario.lines());
        lines.remove(line);
        return new Scenario(scenario.name(), scenario.description(), lines, scenario.names());
    }

    @Test
    void isDescribedForPeople() {
        Set<String> abouts = new HashSet<>();
        for (Scenario scenario : ScenarioLibrary.all()) {
            assertTrue(scenario.about().endsWith("."), scenario.name());
            abouts.add(scenario.description());
        }
        assertEquals(ScenarioLibrary.names().size(), abouts.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"self_ref", "triangle", "cross_edge", "backtrack_from_scc"})
    void hasTheKernelsOwnGraphs(String graph) {
        for (String kind :
                List.of(
                        "dgram",
                        "stream",
                        "stream_oob",
                        "stream_listener",
                        "stream_listener_oob")) {
            assertTrue(ScenarioLibrary.names().contains(graph + "-" + kind));
        }
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertEquals(Optional.empty(), ScenarioLibrary.find("../index"));
        assertEquals(Optional.empty(), ScenarioLibrary.find("index"));
        assertEquals(Optional.empty(), ScenarioLibrary.find(""));
    }

    // ---- the seed ----

    private static ScenarioRun seed(String era) {
        return ScenarioRun.of(
                ScenarioLibrary.find("seed-2019").orElseThrow(),
                KernelEra.named(era).orElseThrow());
    }

    @Test
    void theSeedLeaksWhereRegisteringHolds() {
        ScenarioRun run = seed("naive-pin");
        assertEquals(Verdict.LEAKS, run.verdict());
        assertEquals(
                List.of(
                        Leak.Cause.UNSEEN_REFERENCE,
                        Leak.Cause.UNSEEN_REFERENCE,
                        Leak.Cause.RING_IN_FLIGHT),
                run.leaks().stream().map(Leak::cause).toList());
        assertEquals(
                List.of("[slot 0 of R]", "[slot 1 of R]", "[queued on b]"),
                run.leaks().stream().map(leak -> leak.holders().toString()).toList());
        assertEquals(Set.of("V1", "V4"), run.brokenRules());
    }

    @Test
    void theSeedShowsWhatAMarkWithoutAPacketBreaks() {
        ScenarioRun run = seed("inflight-at-setup");
        assertEquals(Set.of("V2", "V3", "V5", "assertion"), run.brokenRules());
        assertEquals(Leak.Cause.COUNTED_TOO_HIGH, run.leaks().getLast().cause());
    }

    @Test
    void theSeedIsCollectedWhereTheTableIsAPacket() {
        ScenarioRun run = seed("packet");
        assertEquals(Verdict.COLLECTED, run.verdict());
        assertEquals(List.of(), run.after().files());
        assertFalse(run.before().files().isEmpty());
    }

    @Test
    void theSeedIsRefusedToday() {
        assertEquals(Verdict.REFUSED, seed("current").verdict());
    }
}
