package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.draw.DotWriter;
import dev.ringwatch.agent.draw.Drawing;
import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.report.ScenarioPicture;
import dev.ringwatch.agent.report.ScenarioReport;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Scenario;
import dev.ringwatch.core.scenario.ScenarioLibrary;
import dev.ringwatch.core.scenario.ScenarioRun;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** The command "model", as a user sees it. */
class ModelTest {
    @TempDir private Path folder = Path.of("");

    private static Cli model(String... args) {
        return Cli.run(Stream.concat(Stream.of("model"), Stream.of(args)).toArray(String[]::new));
    }

    private static void shows(Cli cli, int status, String... words) {
        assertEquals(status, cli.status(), cli.out() + cli.err());
        for (String word : words) {
            assertTrue(cli.out().contains(word), word + " in:\n" + cli.out());
        }
        assertEquals("", cli.err());
    }

    // ---- the seed ----

    @Test
    void theFirstProposalLeaksAndSaysWhy() {
        shows(
                model("seed-2019", "--era", "naive-pin", "--explain"),
                ExitStatus.FOUND,
                "send R over a",
                "a 2 = 1 descriptor + 1 slot   b 2 = 1 descriptor + 1 slot   R 2 = 1 descriptor + 1"
                        + " queued",
                "broken from here on: V1",
                "LEAK: 3 files stay open",
                "the collector does not follow slot 0 of R",
                "No socket stands for a ring that is in flight");
    }

    @Test
    void theSecondProposalShowsWhatBreaks() {
        shows(
                model("seed-2019", "--era", "inflight-at-setup"),
                ExitStatus.FOUND,
                "V2: every reference in flight must lie in a packet",
                "V3: the counts of references in flight must be right",
                "V5: what is only in flight must not be the object of a call",
                "BUG_ON in unix_gc: R counts as in flight 2 times and has 1 references");
    }

    @Test
    void theMergedAnswerCollects() {
        shows(
                model("seed-2019", "--era", "packet", "--explain"),
                ExitStatus.OK,
                "collector: garbage: [a, b, R]",
                "NO LEAK: freed at last: a, b, R; nothing is open any more.");
    }

    @Test
    void todayTheSendIsRefused() {
        shows(
                model("seed-2019"),
                ExitStatus.OK,
                "seed-2019 under current",
                "Line 11, send R over a: refused: EINVAL.",
                "NO LEAK");
    }

    @Test
    void allErasAreATable() {
        shows(
                model("seed-2019", "--era", "all"),
                ExitStatus.FOUND,
                "naive-pin            leaks      V1, V4",
                "packet               collected  none",
                "current              refused    none");
    }

    @Test
    void theWholeLibraryUnderAllErasIsATable() {
        shows(
                model("--era", "all"),
                ExitStatus.FOUND,
                "\nseed-2019                               L L . . . . . R R R R R R R R R\n",
                "\nring-polls-itself                       L L L . . . L L L L L L L L L L\n",
                "L leaks   V no leak, a rule is broken");
    }

    // ---- other names ----

    @Test
    void everySelftestGraphIsCollected() {
        for (String graph : List.of("self_ref", "triangle", "cross_edge", "backtrack_from_scc")) {
            for (String kind :
                    List.of(
                            "dgram",
                            "stream",
                            "stream_oob",
                            "stream_listener",
                            "stream_listener_oob")) {
                shows(model(graph + "-" + kind), ExitStatus.OK, "NO LEAK: freed at last: s");
            }
        }
    }

    @Test
    void theListNamesScenariosAndEras() {
        Cli cli = model("--list");
        shows(cli, ExitStatus.OK, "seed-2019 ", "cve-2025-40214", "self_ref-stream_oob", "live  ");
        for (KernelEra era : KernelEra.presets()) {
            assertTrue(cli.out().contains(era.name() + " "), era.name());
        }
    }

    @Test
    void anUnknownNameIsOneLine() {
        Cli cli = model("seed");
        assertEquals(ExitStatus.ERROR, cli.status());
        assertEquals(
                "ringwatch: no scenario and no file is called \"seed\" (did you mean seed-2019,"
                        + " seed-2019-fork?); see 'ringwatch model --list'\n",
                cli.err());
    }

    @Test
    void anUnknownEraNamesTheKnown() {
        Cli cli = model("seed-2019", "--era", "6.12");
        assertEquals(ExitStatus.ERROR, cli.status());
        assertEquals(1, cli.err().lines().count());
        assertTrue(
                cli.err()
                        .startsWith(
                                "ringwatch: --era: no era is called \"6.12\"; known are naive-pin,"),
                cli.err());
        assertTrue(cli.err().endsWith("scc-wrong-repair, live and all\n"), cli.err());
    }

    @Test
    void whatCannotBeIsOneLine() {
        for (String[] args :
                new String[][] {
                    {},
                    {folder.toString()},
                    {folder.resolve("none.scn").toString()},
                    {"\0"},
                    {""},
                    {"seed-2019", "--era", "all", "--format", "svg"},
                    {"seed-2019", "--format", "png"}
                }) {
            Cli cli = model(args);
            assertEquals(ExitStatus.ERROR, cli.status(), String.join(" ", args) + cli.err());
            assertEquals(1, cli.err().lines().count(), cli.err());
            assertEquals("", cli.out());
        }
    }

    // ---- files ----

    @Test
    void aFileIsPlayed() throws Exception {
        Path file = folder.resolve("mine.scn");
        Files.writeString(file, "a, b = socketpair dgram\nsend b over a\nclose a b\n");
        shows(
                model(file.toString()),
                ExitStatus.OK,
                "mine under current",
                "NO LEAK: freed at last: b");
    }

    @Test
    void whatIsNotAsExpectedIsFound() throws Exception {
        Path file = folder.resolve("mine.scn");
        Files.writeString(file, "f = open\nexpect freed f\n");
        shows(
                model(file.toString()),
                ExitStatus.FOUND,
                "Not as expected:",
                "line 2: expect freed f: but f is open");
    }

    @Test
    void aMistakeIsToldWithLineAndColumn() throws Exception {
        Path file = folder.resolve("mine.scn");
        Files.writeString(file, "# Wrong.\na, b = socketpair steam\n");
        Cli cli = model(file.toString());
        assertEquals(ExitStatus.ERROR, cli.status());
        assertEquals(
                "ringwatch: "
                        + file
                        + ":2:19: expected \"stream\", \"dgram\" or \"seqpacket\", found"
                        + " \"steam\"\n",
                cli.err());
    }

    @Test
    void bytesThatAreNoTextAreAMistakeToo() throws Exception {
        Path file = folder.resolve("noise.scn");
        Files.write(file, new byte[] {0, -1, -2, 7, 27, '[', '3', '1', 'm'});
        Cli cli = model(file.toString());
        assertEquals(ExitStatus.ERROR, cli.status());
        assertTrue(cli.err().contains("noise.scn:1:1: expected a word"), cli.err());
        assertFalse(cli.err().contains("\u001b"), "what a terminal would obey is not shown");
    }

    /** The example that the language is explained with. */
    @Test
    void theExampleOfTheDocumentationIsAsItSays() throws Exception {
        String text = Files.readString(Path.of("../docs/scenarios.md")).split("```\\n")[1];
        Path file = Files.writeString(folder.resolve("example.scn"), text);
        shows(model(file.toString()), ExitStatus.OK, "NO LEAK");
    }

    // ---- pictures ----

    @Test
    void aPictureIsWellFormedAndSaysWhatItShows() throws Exception {
        Cli cli = model("seed-2019", "--era", "naive-pin", "--format", "svg");
        assertEquals(ExitStatus.FOUND, cli.status());
        Document svg = parsed(cli.out());
        assertEquals("svg", svg.getDocumentElement().getNodeName());
        assertEquals(
                "seed-2019 under naive-pin: leaks",
                svg.getElementsByTagName("title").item(0).getTextContent());
        String description = svg.getElementsByTagName("desc").item(0).getTextContent();
        assertTrue(description.contains("R, a ring: queued on b."), description);
        assertTrue(cli.out().contains("prefers-color-scheme: dark"));
        assertEquals(0, svg.getElementsByTagName("image").getLength());
    }

    @Test
    void dotShowsWhatHoldsWhat() {
        shows(
                model("seed-2019", "--era", "naive-pin", "--format", "dot"),
                ExitStatus.FOUND,
                "\"file 2\" -> \"file 3\" [label=\"queued\"",
                "\"file 3\" -> \"file 1\" [label=\"slot 0\"",
                "fillcolor=mistyrose");
    }

    static Stream<Scenario> scenarios() {
        return ScenarioLibrary.all().stream();
    }

    /** Whatever a run leaves can be drawn and told. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void everyScenarioCanBeDrawn(Scenario scenario) throws Exception {
        for (String era : List.of("inflight-at-setup", "packet", "scc-2024", "current")) {
            ScenarioRun run = ScenarioRun.of(scenario, KernelEra.named(era).orElseThrow());
            Drawing drawing = ScenarioPicture.of(run);
            assertNotNull(parsed(SvgWriter.write(drawing)));
            assertTrue(DotWriter.write(drawing).endsWith("}\n"));
            assertFalse(ScenarioReport.explained(run, false).contains("\u001b"));
        }
    }

    private static Document parsed(String svg) throws Exception {
        byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(
                        new InputSource(
                                new StringReader(new String(bytes, StandardCharsets.UTF_8))));
    }
}
