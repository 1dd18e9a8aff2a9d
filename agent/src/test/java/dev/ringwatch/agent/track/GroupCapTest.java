package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which groups have series of their own, at most two here, from second to second. */
class GroupCapTest {
    private final GroupCap cap =
            new GroupCap(
                    new GroupRules(
                            List.of(),
                            2,
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(600),
                            Path.of("/")));

    @Test
    void whatIsThereAtFirstIsOldAndTheHeaviestHaveSeries() {
        assertOwn(Set.of("a", "b"), 1, see(0, "a 5", "b 4", "c 3"));
    }

    @Test
    void aNewGroupWaitsUntilItIsOldEnough() {
        assertOwn(Set.of("a"), 0, see(0, "a 1"));
        assertOwn(Set.of("a"), 1, see(10, "a 1", "b 9"));
        assertOwn(Set.of("a"), 1, see(39, "a 1", "b 9"));
        assertOwn(Set.of("a", "b"), 0, see(40, "a 1", "b 9"));
    }

    @Test
    void whatComesAndGoesLeavesNoSeries() {
        see(0, "a 1");
        for (int i = 0; i < 9; i++) {
            assertOwn(Set.of("a"), 1, see(20L * i + 10, "a 1", "b 9"));
            assertOwn(Set.of("a"), 0, see(20L * i + 20, "a 1"));
        }
    }

    @Test
    void anEmptyGroupKeepsItsSeriesForAWhile() {
        see(0, "a 1", "b 1");
        GroupSeries series = see(10, "a 1");
        assertOwn(Set.of("a", "b"), 0, series);
        assertEquals(Set.of("b"), series.empty());
        assertOwn(Set.of("a", "b"), 0, see(609, "a 1"));
        assertOwn(Set.of("a"), 0, see(610, "a 1"));
    }

    @Test
    void oneThatComesBackInTimeBeginsAnew() {
        see(0, "a 1", "b 1");
        see(10, "a 1");
        see(600, "a 1", "b 1");
        see(601, "a 1");
        assertOwn(Set.of("a", "b"), 0, see(1200, "a 1"));
        assertOwn(Set.of("a"), 0, see(1201, "a 1"));
    }

    @Test
    void aHeavierGroupReplacesALighterOneAfterAWhile() {
        see(0, "a 5", "b 4", "c 3");
        assertOwn(Set.of("a", "b"), 1, see(10, "a 5", "b 4", "c 9"));
        assertOwn(Set.of("a", "b"), 1, see(609, "a 5", "b 4", "c 9"));
        assertOwn(Set.of("a", "c"), 1, see(610, "a 5", "b 4", "c 9"));
    }

    @Test
    void weightsThatChangeToAndFroChangeNothing() {
        see(0, "a 5", "b 4", "c 3");
        for (int i = 1; i < 200; i++) {
            assertOwn(Set.of("a", "b"), 1, see(10L * i, "a 5", "b 4", i % 2 == 0 ? "c 3" : "c 9"));
        }
    }

    @Test
    void theAgentsOwnGroupsDoNotCount() {
        GroupSeries series = see(0, "a 1", "b 1", "~unreachable 99", "~unknown 99");
        assertOwn(Set.of("a", "b"), 0, series);
        assertEquals(Groups.UNREACHABLE, series.of(Groups.UNREACHABLE));
        assertEquals(Groups.OTHER, series.of("c"));
        assertEquals("a", series.of("a"));
    }

    private GroupSeries see(long second, String... groups) {
        Map<String, Long> weights = new HashMap<>();
        for (String group : groups) {
            weights.put(group.substring(0, group.indexOf(' ')), weight(group));
        }
        return cap.accept(Duration.ofSeconds(second).toNanos(), weights, Map.of());
    }

    private static long weight(String group) {
        return Long.parseLong(group.substring(group.indexOf(' ') + 1));
    }

    private static void assertOwn(Set<String> own, int folded, GroupSeries series) {
        assertEquals(own, series.own().keySet());
        assertEquals(folded, series.folded());
    }
}
