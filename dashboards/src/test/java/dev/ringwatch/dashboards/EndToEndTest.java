package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A leak is seen, told once, and told again when it is over: real leaks, the real agent, Prometheus
 * and Alertmanager with the committed files, in which only time runs faster ({@link FastTime}), and
 * a receiver. All on loopback; takes two minutes, most of them spent waiting for alerts.
 *
 * <p>{@code leaked} is not here: what the kernel never frees is not made on a machine that anybody
 * still needs ({@link LeakFoundTest}).
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String FIRING = "ALERTS{alertstate=\"firing\"}";
    private static final String DOWN = "RingwatchAgentDown";

    /** What each program of the zoo must be told as; the name of the program is its group. */
    private static final Map<String, String> TOLD =
            new TreeMap<>(
                    Map.of(
                            "e2e-queued", "RingwatchDescriptorsNotReceived",
                            "e2e-pinned", "RingwatchRegisteredOnlyFiles",
                            "e2e-table", "RingwatchFileTableNearlyFull",
                            "e2e-stuck", "RingwatchRequestStuck",
                            "e2e-overflow", "RingwatchCompletionOverflow",
                            "e2e-orphan", "RingwatchOrphanRing",
                            "e2e-limit", "RingwatchInflightLimitNear"));

    @TempDir private static Path folder = Path.of("");

    private static final Opened OPENED = new Opened();
    private static World world;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "only root can make these leaks and see them");
        world = OPENED.add(World.start(folder));
    }

    @AfterAll
    static void end() throws Exception {
        OPENED.close();
    }

    @Test
    @Order(1)
    void everyLeakIsToldOnce() throws Exception {
        await(expected(), () -> told(true));
        // The same leak twice, of which the limit alone is told.
        world.prometheus()
                .await(
                        "alert on the queue that fills the limit",
                        FIRING.replace(
                                "}",
                                ",alertname=\"RingwatchDescriptorsNotReceived\",group=\"e2e-limit\"}"),
                        series -> !series.isEmpty());
        assertEquals(expected(), told(true));
        for (Notice notice : world.receiver().notices()) {
            assertTrue(notice.saysAll(), notice::toString);
        }
    }

    @Test
    @Order(2)
    void everyExpressionOfEveryDashboardAndEveryRecordedSeriesHasData() throws Exception {
        List<PanelQuery> queries = new ArrayList<>(PanelQuery.all());
        for (JsonNode rule : world.prometheus().rules()) {
            if (rule.path("type").asText().equals("recording")) {
                String name = rule.path("name").asText();
                queries.add(new PanelQuery("recording rule " + name, name));
            }
        }
        assertEquals(List.of(), withoutData(queries));
    }

    /** Those that have none although nothing says why, once everything has been seen for an hour. */
    private static List<PanelQuery> withoutData(List<PanelQuery> queries) throws Exception {
        List<NoData> none = new ArrayList<>();
        for (NoData metric : NoData.values()) {
            if (metric.isHere(world.prometheus())) {
                none.add(metric);
            }
        }
        List<PanelQuery> left = new ArrayList<>(queries);
        left.removeIf(query -> none.stream().anyMatch(n -> n.concerns(query.expression())));
        Instant end = Instant.now().plus(PATIENCE);
        while (!left.isEmpty() && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(200);
            removeAnswered(left);
        }
        return left;
    }

    private static void removeAnswered(List<PanelQuery> queries) throws Exception {
        for (PanelQuery query : List.copyOf(queries)) {
            if (!world.prometheus().answer(FastTime.expression(query.expression())).isEmpty()) {
                queries.remove(query);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Order(2)
    void whatCanHaveNoDataHereHasNone(NoData metric) throws Exception {
        if (metric.isHere(world.prometheus())) {
            assertEquals(List.of(), world.prometheus().answer(metric.series()));
        }
    }

    @Test
    @Order(3)
    void whatIsMendedIsToldToBeOver() throws Exception {
        List<String> before = told(true);
        world.mend();
        await(expected(), () -> told(false));
        world.prometheus().await("end of all alerts", FIRING, List::isEmpty);
        assertEquals(before, told(true));
    }

    @Test
    @Order(4)
    void anAgentThatEndsIsToldUntilItIsBack() throws Exception {
        List<String> down = List.of(DOWN + " of " + world.smallAgent().instance());
        world.smallAgent().close();
        await(down, () -> told(true, DOWN));
        world.smallAgent().startAgain();
        await(down, () -> told(false, DOWN));
    }

    private static List<String> expected() {
        List<String> expected = new ArrayList<>();
        TOLD.forEach((group, alert) -> expected.add(alert + " of " + group));
        expected.add("RingwatchCollectorStealsTime of " + world.agent().instance());
        expected.add("RingwatchAgentDegraded of " + world.agent().instance());
        expected.add("RingwatchAgentLosesEvents of " + world.smallAgent().instance());
        return expected.stream().sorted().toList();
    }

    /** What has been told so far, as often as it was. */
    private static List<String> told(boolean firing) {
        return world.receiver().notices().stream()
                .filter(notice -> notice.firing() == firing)
                .map(EndToEndTest::told)
                .sorted()
                .toList();
    }

    private static List<String> told(boolean firing, String alert) {
        return told(firing).stream().filter(told -> told.startsWith(alert)).toList();
    }

    private static String told(Notice notice) {
        String group = notice.label("group");
        return notice.alert() + " of " + (group.isEmpty() ? notice.label("instance") : group);
    }

    private static void await(List<String> expected, Supplier<List<String>> told)
            throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (!told.get().containsAll(expected) && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertEquals(expected, told.get(), () -> world.receiver().toString());
    }
}
