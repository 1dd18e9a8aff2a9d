package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * a receiver. All on loopback; takes about two minutes, most of them waiting for alerts.
 *
 * <p>{@code leaked} is not here: what the kernel never frees is not made on a machine that anybody
 * still needs. RingwatchLeakFound is left to the tests of promtool.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Only what this test makes: the machine's other users have leaks of their own. */
    private static final String OWN = "zoo-[^l].*";

    /**
     * The leak that fills something, on an instance of its own: there it inhibits what is told of
     * queues. The finding names the machine's fullest queue first.
     */
    private static final String OF_SMALL_AGENT = "zoo-limit|zoo-collected";

    /** The default thresholds, divided as everything is, but no less than some observations. */
    private static final String COMMON =
            """
            groups:
              rules: [{comm: ^(zoo-.*)$, group: $1}]
              min_age: 0s
            thresholds:
              never_received: 5s
              pinned_by_ring: 1s
              orphan_ring: 1s
              stuck_request: 10s
              near_limit: 1s
            """;

    private static final String AGENT =
            COMMON
                    + """
                    interval: 250ms
                    features: {hot: on}
                    """;

    /** Its tables have no room for what a crowd of processes does in a second. */
    private static final String SMALL_AGENT =
            COMMON
                    + """
                    interval: 1s
                    features: {collector: off, freed: off}
                    limits: {max_actors: 16}
                    """;

    private static final String UNUSABLE = "interval: soon\n";

    /** What each program of the zoo must be told as; the name of the program is its group. */
    private static final Map<String, String> TOLD =
            new TreeMap<>(
                    Map.of(
                            "zoo-queued", "RingwatchDescriptorsNotReceived",
                            "zoo-pinned", "RingwatchRegisteredOnlyFiles",
                            "zoo-table", "RingwatchFileTableNearlyFull",
                            "zoo-stuck", "RingwatchRequestStuck",
                            "zoo-overflow", "RingwatchCompletionOverflow",
                            "zoo-limit", "RingwatchInflightLimitNear"));

    @TempDir private static Path folder = Path.of("");

    private static final String FIRING = "ALERTS{alertstate=\"firing\"}";
    private static final String DOWN = "RingwatchAgentDown";

    private static final int SLOTS = 32;

    private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();
    private static final Map<String, Leak> LEAKS = new LinkedHashMap<>();

    private static Receiver receiver;
    private static RunningAgent agent;
    private static RunningAgent smallAgent;
    private static Prometheus prometheus;

    @BeforeAll
    static void start() throws Exception {
        // The agent becomes another user, who must be able to read its configuration again.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        receiver = opened(Receiver.start());
        launchWhatLasts();
        agent = opened(RunningAgent.start("agent", folder, AGENT));
        smallAgent = opened(RunningAgent.start("small-agent", folder, SMALL_AGENT));
        launchWhatHappensOnce();
        for (Leak leak : LEAKS.values()) {
            leak.awaitReady();
        }
        Alertmanager alertmanager = opened(Alertmanager.start(folder, alertmanagerFile()));
        prometheus = startPrometheus(alertmanager);
        fillTable();
        agent.reload(UNUSABLE);
    }

    private static void launchWhatLasts() throws Exception {
        launch("zoo-queued", Leak.java(folder, "zoo-queued", "queued", 3));
        launch("zoo-pinned", Leak.java(folder, "zoo-pinned", "pinned-deleted", 0));
        launch("zoo-table", Leak.java(folder, "zoo-table", "growing-table", SLOTS));
        launch("zoo-stuck", Leak.java(folder, "zoo-stuck", "stuck-poll", 0));
        // launch("zoo-orphan", Leak.java(folder, "zoo-orphan", "self-polling-ring", 0));
        launch("zoo-limit", Leak.c(folder, "zoo-limit", "in-flight-limit"));
        launch("zoo-overflow", Leak.c(folder, "zoo-overflow", "overflowing"));
        launch("zoo-crowd", Leak.c(folder, "zoo-crowd", "crowd"));
        launch("zoo-collected", Leak.c(folder, "zoo-collected", "collected"));
    }

    /** An agent that does not run yet would not know of it. */
    private static void launchWhatHappensOnce() throws Exception {
        launch("zoo-worker", Leak.java(folder, "zoo-worker", "worker", 0));
        launch("zoo-refused", Leak.c(folder, "zoo-refused", "refused"));
    }

    private static void launch(String group, Leak leak) {
        LEAKS.put(group, opened(leak));
    }

    /** The agent has seen it emptier: a table that was made full is none. */
    private static void fillTable() throws Exception {
        prometheus.await(
                "table that is half full",
                "ringwatch_uring_worst_file_table_usage_ratio{group=\"zoo-table\"} == 0.5",
                series -> series.size() == 1);
        for (int taken = SLOTS / 2; taken < SLOTS - 1; taken++) {
            leak("zoo-table").ask();
        }
    }

    private static Leak leak(String group) {
        return Objects.requireNonNull(LEAKS.get(group));
    }

    private static Path alertmanagerFile() throws IOException {
        JsonNode file = FastTime.file(Checkout.yaml(Checkout.ALERTMANAGER));
        for (JsonNode each : file.path("receivers")) {
            String name = each.path("name").asText();
            for (JsonNode webhook : each.path("webhook_configs")) {
                ((ObjectNode) webhook).put("url", receiver.url(name));
            }
        }
        return write("alertmanager.yml", file);
    }

    /**
     * It takes five seconds until it knows of its targets, however fast time runs, and rules would
     * take them for absent.
     */
    private static Prometheus startPrometheus(Alertmanager alertmanager) throws Exception {
        ObjectNode file = prometheusFile(alertmanager);
        file.putArray("rule_files");
        Path written = write("prometheus.yml", file);
        Prometheus started = opened(Prometheus.start(folder, written));
        started.await("count(up == 1)", 2);
        Path rules = write("rules.yml", FastTime.file(Checkout.yaml(Checkout.RULES)));
        file.putArray("rule_files").add(rules.toString());
        write("prometheus.yml", file);
        started.reload();
        return started;
    }

    private static ObjectNode prometheusFile(Alertmanager alertmanager) throws IOException {
        ObjectNode file = (ObjectNode) FastTime.file(Checkout.yaml(Checkout.PROMETHEUS_FILE));
        // A scrape must end before the next begins, on a busy machine too.
        ((ObjectNode) file.path("global")).put("scrape_interval", "1s");
        targets(file.putObject("alerting").putArray("alertmanagers").addObject())
                .add(alertmanager.address());
        ObjectNode job = (ObjectNode) file.at("/scrape_configs/0");
        targets(job).add(agent.instance()).add(smallAgent.instance());
        ObjectNode own = job.putArray("metric_relabel_configs").addObject();
        own.putArray("source_labels").add("instance").add("group");
        own.put("regex", seenBy(agent, OWN) + "|" + seenBy(smallAgent, OF_SMALL_AGENT));
        own.put("action", "keep");
        return file;
    }

    private static String seenBy(RunningAgent agent, String groups) {
        return agent.instance() + ";(" + groups + "|)";
    }

    private static ArrayNode targets(ObjectNode of) {
        return of.putArray("static_configs").addObject().putArray("targets");
    }

    private static Path write(String name, JsonNode yaml) throws IOException {
        Path file = folder.resolve(name);
        YAML.writeValue(file.toFile(), yaml);
        return file;
    }

    private static <T extends AutoCloseable> T opened(T thing) {
        OPEN.addFirst(thing);
        return thing;
    }

    @AfterAll
    static void end() throws Exception {
        for (AutoCloseable thing : OPEN) {
            thing.close();
        }
    }

    @Test
    @Order(1)
    void everyLeakIsToldOnce() throws Exception {
        await(expected(), () -> told(true));
        // Both look at the same leak.
        prometheus.await(
                "alert on the queue that fills the limit",
                FIRING.replace(
                        "}", ",alertname=\"RingwatchDescriptorsNotReceived\",group=\"zoo-limit\"}"),
                series -> !series.isEmpty());
        assertEquals(expected(), told(true));
        for (Notice notice : receiver.notices()) {
            assertTrue(notice.saysAll(), notice::toString);
        }
    }

    @Test
    @Order(3)
    void everyExpressionOfEveryDashboardAndEveryRecordedSeriesHasData() throws Exception {
        List<PanelQuery> queries = new ArrayList<>(PanelQuery.all());
        for (JsonNode rule : prometheus.rules()) {
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
            if (metric.isHere(prometheus)) {
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
            if (!prometheus.answer(FastTime.expression(query.expression())).isEmpty()) {
                queries.remove(query);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Order(3)
    void whatCanHaveNoDataHereHasNone(NoData metric) throws Exception {
        if (metric.isHere(prometheus)) {
            assertEquals(List.of(), prometheus.answer(metric.series()));
        }
    }

    @Test
    @Order(4)
    void whatIsMendedIsToldToBeOver() throws Exception {
        List<String> before = told(true);
        agent.reload(AGENT);
        for (Leak leak : LEAKS.values()) {
            leak.close();
        }
        await(expected(), () -> told(false));
        prometheus.await("end of all alerts", FIRING, List::isEmpty);
        assertEquals(before, told(true));
    }

    @Test
    @Order(5)
    void anAgentThatEndsIsToldUntilItIsBack() throws Exception {
        List<String> down = List.of(DOWN + " of " + smallAgent.instance());
        smallAgent.close();
        await(down, () -> told(true, DOWN));
        smallAgent.startAgain();
        await(down, () -> told(false, DOWN));
    }

    private static List<String> expected() {
        List<String> expected = new ArrayList<>();
        TOLD.forEach((group, alert) -> expected.add(alert + " of " + group));
        expected.add("RingwatchCollectorStealsTime of " + agent.instance());
        expected.add("RingwatchAgentDegraded of " + agent.instance());
        expected.add("RingwatchAgentLosesEvents of " + smallAgent.instance());
        return expected.stream().sorted().toList();
    }

    /** What has been told so far, as often as it was. */
    private static List<String> told(boolean firing) {
        return receiver.notices().stream()
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
        assertEquals(expected, told.get());
    }
}
