package dev.ringwatch.agent.differ;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringwatch.agent.observe.EraProbe;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.Lookup;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Slots;
import dev.ringwatch.core.scenario.Scenario;
import dev.ringwatch.core.scenario.ScenarioLibrary;
import dev.ringwatch.core.sim.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The model and this kernel do the same, in random programs and in those of the library.
 *
 * <p>{@code -Dringwatch.differential.seconds} says how long random programs are played; {@code
 * -Dringwatch.long=true} plays a million steps instead; {@code -Dringwatch.seed} plays those of
 * before.
 */
class DifferentialTest {
    private static final long SECONDS = Long.getLong("ringwatch.differential.seconds", 60);
    private static final long LONG_STEPS = 1_000_000;
    private static final Duration LONG = Duration.ofHours(2);
    private static final Lookup[] EARLY_OR_LATE = {Lookup.AT_SUBMISSION, Lookup.AT_ISSUE};
    private static final Duration FINDING = Duration.ofMinutes(4);

    @BeforeAll
    static void onlyRootHasNamespaces() throws Exception {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "only root can make a network namespace");
    }

    @Test
    void randomPrograms() throws Exception {
        boolean all = Boolean.getBoolean("ringwatch.long");
        Seed seed = Seed.given();
        List<String> disagreements = new ArrayList<>();
        try (Fuzz fuzz = new Fuzz(false)) {
            fuzz.run(
                    seed,
                    0,
                    all ? LONG : Duration.ofSeconds(SECONDS),
                    all ? LONG_STEPS : Long.MAX_VALUE,
                    1,
                    disagreements::add);
            System.out.println("differential: " + fuzz.summary() + ", seed " + seed);
            assertTrue(fuzz.counts().steps > 0);
        }
        assertEquals(List.of(), disagreements);
    }

    /** With a rule that this kernel does not have, they do not: so that the test can fail. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongEras")
    void aWrongRuleIsFound(KernelEra era) throws Exception {
        List<String> disagreements = new ArrayList<>();
        Seed seed = Seed.given();
        try (Fuzz fuzz = new Fuzz(false, era)) {
            fuzz.run(seed, 0, FINDING, Long.MAX_VALUE, 1, disagreements::add);
        }
        assertEquals(1, disagreements.size(), () -> era.name() + " with seed " + seed);
    }

    static Stream<KernelEra> wrongEras() throws Exception {
        KernelEra era = EraProbe.probe().era();
        Set<Detail> details = EnumSet.complementOf(EnumSet.noneOf(Detail.class));
        details.removeAll(era.details());
        return Stream.of(
                era.with(other(era.slots(), Slots.values())).named("slots", ""),
                era.with(other(era.sendRing(), SendRing.values())).named("sending rings", ""),
                era.with(other(era.lookup(), EARLY_OR_LATE)).named("lookup", ""),
                era.withDetails(details).named("details", ""));
    }

    private static <E> E other(E one, E[] both) {
        return both[0].equals(one) ? both[1] : both[0];
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void scenario(String name) throws Exception {
        Scenario scenario = ScenarioLibrary.find(name).orElseThrow();
        try (Fuzz fuzz = new Fuzz(false)) {
            Verdict verdict = fuzz.play(scenario.steps());
            if (verdict instanceof Verdict.NotPlayed(String reason)) {
                System.out.println("differential: " + name + " is not played: " + reason);
                return;
            }
            assertInstanceOf(
                    Verdict.Agreed.class,
                    verdict,
                    () -> verdict + "\n" + Differential.text(scenario.steps()));
        }
    }

    static Stream<String> scenarios() {
        return ScenarioLibrary.names().stream();
    }
}
