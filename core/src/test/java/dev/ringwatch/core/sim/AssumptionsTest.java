package dev.ringwatch.core.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Assumptions.Row;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AssumptionsTest {
    /** A few moves; the command looks further. */
    private static final Assumptions SMALL = new Assumptions(5, 5);

    private static final List<Row> ROWS = SMALL.table(KernelEra.presets(), _ -> {});

    @Test
    void breakAsTheErasAreKnownFor() {
        TreeMap<String, String> found = new TreeMap<>();
        ROWS.forEach(row -> found.put(row.era().name(), labels(row.broken().keySet())));
        assertEquals(
                """
                classic-worker V4
                current V2 V4
                inflight-at-setup V2 V3 V4 V5
                naive-pin V1 V2 V4
                packet V2 V4 V5
                packet-inline V2
                packet-kept V2 V4 V5
                packet-refuse-rings V2 V5
                packet-requests V2 V5
                rings-refused V2 V4
                scc-2024 V2 V4
                scc-6.12 V2 V4
                scc-6.19 V2 V4
                scc-fresh-indices V2 V4
                scc-repaired V2 V4
                scc-wrong-repair V2 V4
                """,
                found.entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void noneBreaksThatTheEraKeeps() {
        for (Row row : ROWS) {
            for (Rule rule : row.broken().keySet()) {
                assertTrue(
                        EraRules.brokenBecause(row.era(), rule).isPresent(),
                        () -> row.era().name() + " breaks " + rule);
            }
        }
    }

    @Test
    void theProgramsBreakThemAndNoStepCanBeLeftOut() {
        for (Row row : ROWS) {
            row.broken().forEach((rule, program) -> isSmallest(row.era(), rule, program));
        }
    }

    private static void isSmallest(KernelEra era, Rule rule, List<Step> program) {
        assertTrue(Assumptions.breaks(era, program, rule));
        for (int i = 0; i < program.size(); i++) {
            List<Step> shorter = new ArrayList<>(program);
            shorter.remove(i);
            assertTrue(!Assumptions.breaks(era, shorter, rule), () -> rule + " by " + program);
        }
    }

    private static String labels(Set<Rule> rules) {
        return rules.isEmpty()
                ? "-"
                : EnumSet.copyOf(rules).stream().map(Rule::label).collect(Collectors.joining(" "));
    }
}
