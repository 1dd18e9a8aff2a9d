package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands against real processes that are not this one, with eBPF. */
class CommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void onceShowsQueuedDescriptorsAndPromtoolIsContent() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.NEVER_RECEIVED, 5)) {
            Cli cli = Cli.run("run", "--once");

            assertEquals(ExitStatus.OK, cli.status(), cli.err());
            String group = groupOf("sockets", sample.pid());
            assertEquals(5, value(cli.out(), "ringwatch_unix_inflight_fds", group), cli.out());
            promtoolAccepts(cli.out());
        }
    }

    @Test
    void onceShowsRegisteredFiles() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 37)) {
            String text = Cli.run("run", "--once").out();

            String group = groupOf("rings", sample.pid());
            assertEquals(37, value(text, "ringwatch_uring_registered_files", group), text);
        }
    }

    @Test
    void leaksNamesRingAndProcessOfAPinnedPair() throws Exception {
        Set<String> found;
        try (Sample sample = Sample.start(SampleCommand.Kind.PINNED_BY_RING, 0)) {
            JsonNode report = leaks("--older-than", "0s", "--pid", Long.toString(sample.pid()));

            List<JsonNode> pinned = ofKind(report, "pinned_by_ring");
            assertEquals(2, pinned.size(), report.toPrettyString());
            for (JsonNode finding : pinned) {
                assertEquals(sample.pid(), finding.get("pid").asLong());
                assertEquals("descriptor", finding.at("/path/0/by").asText());
                assertEquals("pid:" + sample.pid(), finding.at("/path/0/from").asText());
                assertEquals("slot", finding.at("/path/1/by").asText());
            }
            found = findings(report);
        }
        Set<String> after = findings(leaks("--older-than", "0s"));
        after.retainAll(found);
        assertEquals(Set.of(), after);
    }

    @Test
    void leaksFindsWhatIsNeverReceived() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.NEVER_RECEIVED, 5)) {
            JsonNode report = leaks("--older-than", "0s", "--pid", Long.toString(sample.pid()));

            assertEquals(1, ofKind(report, "never_received").size(), report.toPrettyString());
        }
    }

    @Test
    void whatCannotBeOldEnoughYetIsUndecided() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.NEVER_RECEIVED, 5)) {
            JsonNode report = leaks("--older-than", "1h", "--pid", Long.toString(sample.pid()));

            assertEquals(1, ofKind(report, "undecided").size(), report.toPrettyString());
            assertEquals(List.of(), ofKind(report, "never_received"));
        }
    }

    @Test
    void aRingThatNoDescriptorNamesIsInTheSnapshotWithItsProcess() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.ORPHAN_RING, 0)) {
            JsonNode snapshot = snapshot();

            List<JsonNode> rings = new ArrayList<>();
            snapshot.get("rings")
                    .forEach(r -> addIf(r.get("pid").asLong() == sample.pid(), r, rings));
            assertEquals(1, rings.size(), snapshot.get("rings").toPrettyString());
            assertEquals("request", rings.getFirst().at("/holders/0/by").asText());
            assertEquals(2, rings.getFirst().get("registered_files").asInt());
        }
    }

    @Test
    void theLedgerOfEveryFileOfASampleBalances() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 19)) {
            JsonNode snapshot = snapshot();

            String socket =
                    snapshot.get("references")
                            .valueStream()
                            .filter(r -> r.get("by").asText().equals("slot"))
                            .filter(r -> ownedBy(snapshot, r.get("from").asText(), sample.pid()))
                            .map(r -> r.get("to").asText())
                            .findFirst()
                            .orElseThrow();
            JsonNode file =
                    snapshot.get("files")
                            .valueStream()
                            .filter(f -> f.get("id").asText().equals(socket))
                            .findFirst()
                            .orElseThrow();
            assertEquals(20, file.get("references").asInt(), file.toString());
            assertEquals(20, file.get("explained").asInt(), file.toString());
            assertEquals(0, file.get("unexplained").asInt(), file.toString());
        }
    }

    @Test
    void aSocketInFlightIsShownWithWhatTheCollectorKeepsOfIt() throws Exception {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd sent = pair.get(0);
                OwnedFd receiver = pair.get(1)) {
            for (int i = 0; i < 2; i++) {
                ScmRights.send(sent.number(), MemorySegment.ofArray(new byte[1]), sent.number());
            }
            JsonNode sockets = snapshot().get("sockets");
            JsonNode found = leaks("--older-than", "0s").get("findings");

            JsonNode kept = byInode(sockets.valueStream(), sent).get("collector");
            assertEquals(2, kept.get("inflight_references").asInt());
            assertTrue(kept.has("component_index"));
            assertTrue(byInode(sockets.valueStream(), receiver).get("collector").isNull());
            JsonNode told =
                    byInode(found.valueStream().flatMap(f -> f.get("files").valueStream()), sent);
            assertEquals(2, told.at("/collector/inflight_references").asInt());
        }
    }

    @Test
    void textAndDotNameTheLeak() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.PINNED_BY_RING, 0)) {
            String text = Cli.run("snapshot").out();
            String dot = Cli.run("snapshot", "--format", "dot").out();

            assertTrue(text.contains("undecided: AF_UNIX stream socket"), text);
            assertTrue(text.contains("is not known."), text);
            assertTrue(text.contains("(pid " + sample.pid() + ")"), text);
            assertTrue(dot.startsWith("digraph ringwatch {"), dot);
            assertTrue(dot.contains("fillcolor=mistyrose"), dot);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pinned_by_ring", "never_received", "orphan_ring"})
    void theDemonstrationFindsItsLeak(String kind) {
        Cli cli = Cli.run("demo", "--leak", kind);

        assertEquals(ExitStatus.OK, cli.status(), cli.out() + cli.err());
        assertTrue(cli.out().contains("\n" + kind + ": "), cli.out());
    }

    @Test
    void theDoctorFindsAllWellHere() throws IOException {
        Cli cli = Cli.run("doctor", "--json");

        JsonNode checks = JSON.readTree(cli.out()).get("checks");
        checks.forEach(c -> assertTrue(c.get("ok").asBoolean(), c.toString()));
        assertEquals(ExitStatus.OK, cli.status());
    }

    @Test
    void theConfigurationIsCheckedByTryingIt(@TempDir Path folder) throws IOException {
        String hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
        Files.writeString(folder.resolve("web.yml"), "basic_auth_users: {a: '" + hash + "'}\n");
        Path socket = folder.resolve("a.sock");
        Path config =
                Files.writeString(
                        folder.resolve("ringwatch.yaml"),
                        "listen: ['127.0.0.1:0', 'unix:"
                                + socket
                                + "']\nweb_config_file: web.yml\nrun_as: root\n");
        Cli cli = Cli.run("run", "--check-config", "--config", config.toString());

        assertEquals(ExitStatus.OK, cli.status(), cli.err());
        for (String line :
                List.of(
                        "source bpf: works",
                        "feature bpf: works",
                        "can listen on 127.0.0.1:",
                        "can listen on unix:" + socket,
                        "over TCP: TLS off, users needed",
                        "stays the user it is",
                        "configuration is good")) {
            assertTrue(cli.out().contains(line), line + " in " + cli.out());
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void whyTellsALedgerThatFitsItsSchemaAndAStatus() throws Exception {
        try (OwnedFd file = Fds.memFd("ringwatch-why", 1)) {
            String target = "pid:" + ProcessHandle.current().pid() + "/" + file.number();
            Cli cli = Cli.run("why", target, "--json", "--source", "bpf");

            assertEquals(ExitStatus.OK, cli.status(), cli.err());
            JsonNode answer = JSON.readTree(cli.out());
            Schema.fits("why.schema.json", answer);
            JsonNode ledger = answer.at("/ledgers/0");
            assertEquals(1, ledger.get("references").asInt(), cli.out());
            assertEquals(0, ledger.get("unexplained").asInt(), cli.out());
            assertEquals("descriptor", ledger.at("/entries/0/by").asText());
            assertEquals(ProcessHandle.current().pid(), ledger.at("/entries/0/pid").asLong());
            String text = Cli.run("why", target, "--source", "bpf").out();
            assertTrue(text.contains("references 1 = 1 descriptor (pid "), text);
        }
    }

    @Test
    void whyWithoutEbpfSaysThatItMayBeIncomplete() throws Exception {
        try (OwnedFd file = Fds.memFd("ringwatch-why", 1)) {
            String target = "pid:" + ProcessHandle.current().pid() + "/" + file.number();
            Cli cli = Cli.run("why", target, "--json", "--source", "proc");

            assertEquals(ExitStatus.OK, cli.status(), cli.err());
            JsonNode answer = JSON.readTree(cli.out());
            Schema.fits("why.schema.json", answer);
            assertFalse(answer.get("complete").asBoolean());
            assertTrue(answer.at("/ledgers/0/references").isNull(), cli.out());
            assertEquals("descriptor", answer.at("/ledgers/0/entries/0/by").asText());
        }
    }

    @Test
    void whyOfWhatNobodyHoldsEndsWithStatus1(@TempDir Path folder) throws Exception {
        Path quiet = Files.createFile(folder.resolve("quiet"));

        for (String source : List.of("bpf", "proc")) {
            Cli cli = Cli.run("why", quiet.toString(), "--source", source);
            assertEquals(ExitStatus.FOUND, cli.status(), cli.out() + cli.err());
            assertTrue(cli.out().startsWith("Nobody "), cli.out());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"run", "leaks", "snapshot", "doctor", "demo", "bench", "simulate", "why"})
    void helpHasExamples(String command) {
        Cli cli = Cli.run(command, "--help");

        assertEquals(ExitStatus.OK, cli.status());
        assertTrue(cli.out().contains("Examples:"), cli.out());
        assertFalse(cli.out().contains("sample"), cli.out());
    }

    @Test
    void benchmarksAreListedWithWhatTheyNeed() {
        Cli cli = Cli.run("bench", "--list");

        assertEquals(ExitStatus.OK, cli.status(), cli.err());
        for (String name :
                List.of("observation", "echo", "facade", "files", "nop", "passing", "fleet")) {
            assertTrue(cli.out().lines().anyMatch(line -> line.startsWith(name)), cli.out());
        }
        assertTrue(cli.out().contains("a checkout, gcc, liburing-dev"), cli.out());
    }

    private static JsonNode leaks(String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("leaks", "--json", "--source", "bpf"));
        args.addAll(List.of(options));
        Cli cli = Cli.run(args.toArray(String[]::new));
        JsonNode report = JSON.readTree(cli.out());
        Schema.fits("leaks.schema.json", report);
        boolean none = report.get("findings").isEmpty();
        assertEquals(none ? ExitStatus.OK : ExitStatus.FOUND, cli.status(), cli.err());
        return report;
    }

    private static JsonNode snapshot() throws IOException {
        Cli cli = Cli.run("snapshot", "--format", "json", "--source", "bpf");
        assertEquals(ExitStatus.OK, cli.status(), cli.err());
        JsonNode snapshot = JSON.readTree(cli.out());
        Schema.fits("snapshot.schema.json", snapshot);
        return snapshot;
    }

    private static JsonNode byInode(Stream<JsonNode> nodes, OwnedFd socket) throws IOException {
        String name =
                Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.number())).toString();
        return nodes.filter(n -> name.equals("socket:[" + n.get("inode").asText() + "]"))
                .findFirst()
                .orElseThrow();
    }

    private static boolean ownedBy(JsonNode snapshot, String ring, long pid) {
        return snapshot.get("rings")
                .valueStream()
                .anyMatch(r -> r.get("id").asText().equals(ring) && r.get("pid").asLong() == pid);
    }

    private static void addIf(boolean wanted, JsonNode node, List<JsonNode> nodes) {
        if (wanted) {
            nodes.add(node);
        }
    }

    private static List<JsonNode> ofKind(JsonNode report, String kind) {
        return report.get("findings")
                .valueStream()
                .filter(f -> f.get("kind").asText().equals(kind))
                .toList();
    }

    /** What is found, by what names it for longer than one look: its kind and its files. */
    private static Set<String> findings(JsonNode report) {
        Set<String> names = new java.util.HashSet<>();
        report.get("findings")
                .forEach(
                        f ->
                                names.add(
                                        f.get("kind").asText()
                                                + " "
                                                + f.at("/files/0/inode").asText()));
        return names;
    }

    /** Under which group a process's rings or sockets are counted. */
    private static String groupOf(String list, long pid) throws IOException {
        return snapshot()
                .get(list)
                .valueStream()
                .filter(item -> item.findValuesAsText("from").contains("pid:" + pid))
                .map(item -> item.get("group").asText())
                .findFirst()
                .orElseThrow();
    }

    private static double value(String exposition, String metric, String group) {
        String series = "%s{group=\"%s\"} ".formatted(metric, group);
        return exposition
                .lines()
                .filter(l -> l.startsWith(series))
                .mapToDouble(l -> Double.parseDouble(l.substring(series.length())))
                .sum();
    }

    private static void promtoolAccepts(String exposition) throws Exception {
        Process promtool =
                new ProcessBuilder("promtool", "check", "metrics")
                        .redirectErrorStream(true)
                        .start();
        try (var in = promtool.outputWriter()) {
            in.write(exposition);
        }
        String said =
                new String(
                        promtool.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, promtool.waitFor(), said);
    }
}
