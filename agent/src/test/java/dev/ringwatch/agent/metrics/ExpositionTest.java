package dev.ringwatch.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.GroupRules;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.ReferenceGraph;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of a scrape. */
class ExpositionTest {
    /** Of several groups, these have the worst or the oldest. */
    private static final List<MetricCatalogue> NO_SUMS =
            List.of(
                    MetricCatalogue.URING_WORST_FILE_TABLE_USAGE_RATIO,
                    MetricCatalogue.UNIX_WORST_INFLIGHT_LIMIT_RATIO,
                    MetricCatalogue.UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS);

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SCRAPE = BEGIN.plusSeconds(15);
    private static final Thresholds AT_ONCE = Thresholds.all(Duration.ZERO);
    private static final AgentStatus STATUS =
            new AgentStatus(
                    "1.2.3",
                    Map.of("bpf", true, "vertices", false),
                    List.of(
                            new AgentStatus.BpfMap("sockets", 8192, 655360),
                            new AgentStatus.BpfMap("edges", 16384, 524288)),
                    List.of(new AgentStatus.BpfProgram("run_queued", 40, Duration.ofNanos(2500))),
                    OptionalLong.of(3),
                    Map.of("table_memory", false),
                    Map.of("agent", true),
                    Map.of("http_connections", 2L));

    @Test
    void theTextOfAMachineWithSomethingOfEverything() throws Exception {
        assertEquals(golden(), text(machine().activity(activity()), 100));
    }

    @Test
    void everyFamilyIsInIt() throws Exception {
        for (MetricCatalogue metric : MetricCatalogue.values()) {
            String type =
                    switch (metric.type()) {
                        case GAUGE, INFO -> "gauge";
                        case COUNTER -> "counter";
                        case HISTOGRAM -> "histogram";
                    };
            String line = "# TYPE " + metric.metricName() + " " + type + "\n";
            assertTrue(golden().contains(line), line);
            assertTrue(golden().contains("\n" + metric.metricName()), metric::metricName);
        }
    }

    @Test
    void everyKindOfFindingIsOpenInTheExample() throws Exception {
        for (FindingKind kind :
                List.of(
                        FindingKind.PINNED_BY_RING,
                        FindingKind.NEVER_RECEIVED,
                        FindingKind.ORPHAN_RING,
                        FindingKind.STUCK_REQUEST,
                        FindingKind.UNDECIDED)) {
            assertTrue(golden().contains("kind=\"" + kind.label() + "\"} "), kind::label);
        }
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        Process promtool;
        try {
            promtool =
                    new ProcessBuilder("promtool", "check", "metrics")
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            fail("promtool is missing: install the package prometheus (Debian, Ubuntu)", e);
            return;
        }
        try (var in = promtool.getOutputStream()) {
            in.write(golden().getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, promtool.waitFor(), said);
        assertEquals("", said);
    }

    @Test
    void theHeaviestGroupsStayAndSumsToo() throws Exception {
        String all = text(machine(), 100);
        String folded = text(machine(), 2);
        assertTrue(folded.contains("ringwatch_groups 2.0\n"));
        long named = groups(all).stream().filter(g -> !g.startsWith("~")).count();
        assertTrue(named > 2);
        assertTrue(folded.contains("ringwatch_groups_folded " + (named - 2) + ".0\n"));
        Set<String> left = groups(folded);
        assertEquals(2, left.stream().filter(g -> !g.startsWith("~")).count());
        assertTrue(left.contains(Groups.OTHER));
        assertEquals(sums(all), sums(folded));
    }

    @Test
    void whatCouldNotBeReadIsAbsent() throws Exception {
        HandMade o = new HandMade().process(3, "secretive");
        o.descriptor(3, o.unreadableRing());
        o.descriptor(3, o.countedSocket(OptionalInt.empty()));
        String text = text(o, 100);
        assertTrue(text.contains("ringwatch_uring_unreadable_rings{group=\"comm:secretive\"} 1.0"));
        for (String absent :
                List.of(
                        "ringwatch_uring_registered_files",
                        "ringwatch_uring_file_table_slots",
                        "ringwatch_uring_registered_only_files",
                        "ringwatch_uring_registered_buffers",
                        "ringwatch_uring_registered_buffer_bytes",
                        "ringwatch_uring_inflight_requests",
                        "ringwatch_uring_cq_overflow_entries",
                        "ringwatch_uring_worst_file_table_usage_ratio",
                        "ringwatch_unix_inflight_fds",
                        "ringwatch_unix_inflight_sockets")) {
            assertFalse(text.contains(absent), absent);
        }
    }

    /** /proc names files by text, which tells two of the same name not apart. */
    @Test
    void fromProcNobodyKnowsWhichFilesAreInTablesOnly() throws Exception {
        HandMade o = new HandMade().from(Source.PROC).process(3, "server");
        int ring = o.ring(ReferenceGraph.UNKNOWN, 1, 1);
        o.descriptor(3, ring);
        o.graph().slot(ring, o.file(FileKind.OTHER, ReferenceGraph.UNKNOWN, false), 0);
        String text = text(o, 100);
        assertTrue(text.contains("ringwatch_uring_registered_files{group=\"comm:server\"} 1.0"));
        assertFalse(text.contains("registered_only"), text);
    }

    /** The text format 0.0.4 has none. */
    @Test
    void inOpenMetricsTheLastOpenedFindingIsAnExemplar() throws Exception {
        Tracker tracker = new Tracker(AT_ONCE);
        tracker.accept(machine().seenAt(BEGIN));
        Tracked tracked = tracker.accept(machine().seenAt(BEGIN.plusSeconds(10)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OpenMetricsTextFormatWriter.create()
                .write(
                        out,
                        Exposition.of(tracked, STATUS, SCRAPE),
                        EscapingScheme.UNDERSCORE_ESCAPING);
        String id =
                Objects.requireNonNull(tracked.lastOpened().get(FindingKind.NEVER_RECEIVED)).id();
        String line =
                out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(l -> l.contains("opened_total{kind=\"never_received\"}"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(line.contains("# {leak_id=\"" + id + "\",pid=\"20\"} 1.0 "), line);
        assertFalse(golden().contains("leak_id"));
    }

    @Test
    void namesCannotBreakTheText() throws Exception {
        HandMade o = new HandMade().process(3, "e\"v\ni l\\").process(4, "x", "a\n\".service");
        o.descriptor(3, o.ring(1, 0, 0)).descriptor(4, o.ring(1, 0, 0));
        assertEquals(Set.of("comm:e_v_i_l_", "unit:a__.service"), groups(text(o, 100)));
    }

    @Test
    void withoutAnObservationOnlyTheAgentIsTold() throws Exception {
        String text =
                text(
                        Exposition.withoutObservation(
                                STATUS,
                                List.of(new SourceReport(Source.BPF, false, Duration.ZERO, "no"))));
        assertTrue(text.contains("ringwatch_source_up{source=\"bpf\"} 0.0"));
        assertFalse(text.contains("source=\"proc\""), text);
        assertTrue(text.contains("ringwatch_build_info{version=\"1.2.3\"} 1"));
        assertFalse(text.contains("ringwatch_observation"), text);
        assertFalse(text.contains("ringwatch_uring"), text);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noLabelsTwiceAndSumsStay(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 25; i++) {
            HandMade o = randomMachine(random);
            String all = text(o, GroupRules.MOST);
            assertNoneTwice(all);
            for (int limit = 1; limit < 5; limit++) {
                String folded = text(o, limit);
                assertNoneTwice(folded);
                assertTrue(
                        groups(folded).stream().filter(g -> !g.startsWith("~")).count() <= limit);
                assertEquals(sums(all), sums(folded), "seed " + seed + ", machine " + i);
            }
        }
    }

    /** Every kind of finding, every kind of group. */
    private static HandMade machine() {
        HandMade o =
                new HandMade()
                        .process(10, "database", "db.service")
                        .process(20, "reader")
                        .process(30, "a b")
                        .inFlightSockets(2)
                        .incomplete("by hand");
        int ring = o.ring(1, 3, 4, 10);
        o.descriptor(10, ring);
        int a = o.socket(1, 0);
        int b = o.socket(1, 0);
        o.graph().slot(ring, a, 0);
        o.graph().slot(ring, b, 1);
        o.graph().peer(a, b);
        o.graph().peer(b, a);
        int log = o.file(FileKind.OTHER, 2, false);
        o.graph().slot(ring, log, 3);
        o.descriptor(10, log);
        int reader = o.socket(1, 2);
        o.descriptor(20, reader).firstPacket(reader, 7);
        o.sent(reader, 2).workers(10, 3);
        o.graph().queued(reader, o.file(FileKind.OTHER, 1, false), 0);
        o.graph().queued(reader, o.file(FileKind.OTHER, 1, true), 1);
        o.descriptor(30, o.unreadableRing());
        int closed = o.file(FileKind.OTHER, 1, false);
        o.graph().request(ring, closed, 22);
        o.request(ring, closed, 22);
        int orphan = o.ring(1, 0, 0, 20);
        o.graph().request(orphan, orphan, 6);
        int c = o.socket(1, 1);
        int d = o.socket(2, 1);
        o.graph().queued(c, d, 0);
        o.graph().queued(d, c, 0);
        return o;
    }

    /** Something of every kind, by a process that has ended among others. */
    private static Activity activity() {
        Map<EventKind, Long> all = new EnumMap<>(EventKind.class);
        for (EventKind kind : EventKind.values()) {
            all.put(kind, 10L + kind.ordinal());
        }
        Activity.Durations durations =
                new Activity.Durations(
                        List.of(Duration.ofNanos(10_000), Duration.ofMillis(3)),
                        List.of(2L, 0L, 1L),
                        Duration.ofMillis(1500));
        return new Activity(
                EnumSet.allOf(EventKind.class),
                List.of(
                        actor("database", List.of("/system.slice/db.service"), all),
                        actor("gone", List.of(), Map.of(EventKind.COLLECTOR_RUNS_QUEUED, 1L)),
                        new Activity.Actor(
                                process("kernel", List.of()),
                                true,
                                Map.of(EventKind.RINGS_RELEASED, 2L))),
                Optional.empty(),
                Optional.of(durations),
                Optional.of(
                        new Activity.CollectorRuns(
                                durations,
                                OptionalLong.of(5),
                                OptionalLong.of(7),
                                Optional.of(BEGIN),
                                Optional.of(true))));
    }

    private static Activity.Actor actor(
            String comm, List<String> cgroups, Map<EventKind, Long> counts) {
        return new Activity.Actor(process(comm, cgroups), false, counts);
    }

    private static ProcessFacts process(String comm, List<String> cgroups) {
        return new ProcessFacts(comm.hashCode(), comm, 0, 1, cgroups);
    }

    private static HandMade randomMachine(Random random) {
        List<String> names = List.of("a", "b", "a b", "a_b", "a\tb", "~other", "c\"", "");
        HandMade o = new HandMade();
        int processes = 1 + random.nextInt(8);
        for (int pid = 0; pid < processes; pid++) {
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(4) == 0) {
                o.process(pid, "x", name);
            } else {
                o.process(pid, name);
            }
        }
        for (int i = random.nextInt(12); i > 0; i--) {
            addRing(o, random, processes);
            addSocket(o, random, processes);
        }
        return o;
    }

    private static void addRing(HandMade o, Random random, int processes) {
        if (random.nextInt(5) == 0) {
            o.descriptor(random.nextInt(processes + 1), o.unreadableRing());
            return;
        }
        int registered = random.nextInt(4);
        int ring = o.ring(1, registered, registered + random.nextInt(2));
        if (random.nextInt(5) > 0) {
            o.descriptor(random.nextInt(processes + 1), ring);
        }
        for (int slot = 0; slot < registered; slot++) {
            int file = o.file(FileKind.OTHER, 1, random.nextBoolean());
            o.graph().slot(ring, file, slot);
            if (random.nextInt(3) == 0) {
                o.descriptor(random.nextInt(processes), file);
            }
        }
    }

    private static void addSocket(HandMade o, Random random, int processes) {
        int queued = random.nextInt(4);
        int socket = o.socket(1, queued);
        if (random.nextInt(5) > 0) {
            o.descriptor(random.nextInt(processes + 1), socket);
        }
        for (int i = 0; i < queued; i++) {
            o.graph().queued(socket, o.file(FileKind.OTHER, 1, false), i);
        }
    }

    private static String text(HandMade o, int maxGroups) throws IOException {
        Tracker tracker =
                new Tracker(
                        AT_ONCE,
                        new GroupRules(
                                List.of(), maxGroups, Duration.ZERO, Duration.ZERO, Path.of("/")));
        tracker.accept(o.seenAt(BEGIN));
        Tracked tracked = tracker.accept(o.seenAt(BEGIN.plusSeconds(10)));
        return text(Exposition.of(tracked, STATUS, SCRAPE));
    }

    private static String text(MetricSnapshots snapshots) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create()
                .write(out, snapshots, EscapingScheme.UNDERSCORE_ESCAPING);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String golden() throws IOException {
        try (InputStream in = ExpositionTest.class.getResourceAsStream("/metrics/exposition.txt")) {
            if (in == null) {
                return fail("src/test/resources/metrics/exposition.txt is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> samples(String text) {
        return text.lines().filter(l -> !l.startsWith("#")).toList();
    }

    private static void assertNoneTwice(String text) {
        Set<String> seen = new HashSet<>();
        for (String line : samples(text)) {
            assertTrue(seen.add(line.substring(0, line.lastIndexOf(' '))), line);
        }
    }

    private static Set<String> groups(String text) {
        Set<String> groups = new HashSet<>();
        for (String line : samples(text)) {
            int at = line.indexOf("{group=\"");
            if (at > 0) {
                groups.add(line.substring(at + 8, line.indexOf('"', at + 8)));
            }
        }
        return groups;
    }

    /** By family and kind of finding, the sum over groups; what is no sum is left out. */
    private static Map<String, Double> sums(String text) {
        Map<String, Double> sums = new TreeMap<>();
        for (String line : samples(text)) {
            String labels = line.substring(0, line.lastIndexOf(' '));
            boolean isSum =
                    labels.contains("{group=")
                            && NO_SUMS.stream().noneMatch(m -> labels.startsWith(m.metricName()));
            if (isSum) {
                sums.merge(
                        labels.replaceAll("group=\"[^\"]*\",?", ""),
                        Double.parseDouble(line.substring(line.lastIndexOf(' '))),
                        Double::sum);
            }
        }
        return sums;
    }
}
