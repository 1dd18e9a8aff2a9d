package dev.ringwatch.core.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a run tells. */
class ScenarioRunTest {
    private static ScenarioRun run(String text, KernelEra era) throws ScenarioSyntaxException {
        return ScenarioRun.of(ScenarioParser.parse("test", "test.scn", text), era);
    }

    @Test
    void everyLineTellsTheCountsOfEveryFile() throws ScenarioSyntaxException {
        ScenarioRun run =
                run(
                        """
                        a, b = socketpair stream
                        R = ring
                        register R a
                        send b b over a
                        q = submit R poll b hangup
                        """,
                        KernelEra.current());
        assertEquals(
                List.of(
                        "a 2 = 1 descriptor + 1 slot",
                        "b 4 = 1 descriptor + 2 queued + 1 request",
                        "R 1 = 1 descriptor"),
                run.moments().getLast().files().stream()
                        .map(facts -> facts.file() + " " + facts.ledger())
                        .toList());
        assertEquals(2, run.moments().getLast().files().get(1).inFlight());
    }

    @Test
    void aViolationIsToldWithTheLineItBeganWith() throws ScenarioSyntaxException {
        ScenarioRun run =
                run(
                        "a, b = socketpair stream\nR = ring\nq = submit R poll R\n",
                        KernelEra.current());
        assertEquals(List.of(), run.moments().get(1).began());
        assertEquals(
                List.of(Rule.ACYCLIC_OTHERWISE),
                run.moments().get(2).began().stream().map(v -> v.rule()).toList());
    }

    @Test
    void whatIsExpectedAndNotSoIsTold() throws ScenarioSyntaxException {
        ScenarioRun run =
                run(
                        """
                        f, g = pipe
                        close f -> EINVAL
                        expect alive f
                        expect references g = 2
                        expect leak g
                        expect violation V1
                        under packet: expect leak g
                        expect no leak
                        """,
                        KernelEra.current());
        assertEquals(
                List.of(
                        "line 2: close f -> EINVAL: but it was done",
                        "line 3: expect alive f: but f was released",
                        "line 4: expect references g = 2: but it is 1",
                        "line 5: expect leak g: but g does not leak",
                        "line 6: expect violation V1: but that is never broken"),
                run.broken().stream().map(ScenarioRun.Broken::toString).toList());
    }

    @Test
    void whatDependsOnARefusedCallIsLeftOut() throws ScenarioSyntaxException {
        ScenarioRun run =
                run(
                        "a = socket stream\nx = accept a\nclose x\nexpect freed x\n",
                        KernelEra.current());
        assertEquals("refused: EINVAL", words(run, 1));
        assertEquals("left out: something it names was never made", words(run, 2));
        assertEquals(2, run.unexpectedRefusals().getFirst().number());
        assertEquals("x was never opened", run.broken().getFirst().is());
    }

    private static String words(ScenarioRun run, int line) {
        return ScenarioRun.words(run.moments().get(line).results().getFirst());
    }

    @Test
    void aNameUsedAgainIsAnotherFile() throws ScenarioSyntaxException {
        ScenarioRun run = run("f = open\nd = dup f\nf = open\nclose f\n", KernelEra.current());
        assertEquals("[f]", run.after().files().stream().map(f -> f.file()).toList().toString());
        assertEquals(
                "[f, f'2]",
                run.moments().get(2).files().stream().map(f -> f.file()).toList().toString());
    }

    @Test
    void aRingThatItsOwnRequestHoldsSaysSo() throws ScenarioSyntaxException {
        Leak leak =
                run("R = ring\nq = submit R poll R\nclose R\n", KernelEra.current())
                        .leaks()
                        .getFirst();
        assertEquals(Leak.Cause.HELD_BY_REQUEST, leak.cause());
        assertTrue(leak.why().startsWith("Request 1 (poll) of R holds it"), leak.why());
    }

    /** Random closed graphs; sooner or later one has a component of unequal low links. */
    @Test
    void unequalIndicesAreToldWithTheirNumbers() throws ScenarioSyntaxException {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            String text = randomGraph(random);
            for (Leak leak : run(text, KernelEra.current()).leaks()) {
                if (leak.cause() == Leak.Cause.LOW_LINKS) {
                    assertTrue(leak.why().matches(".*\\(s\\d \\d+, s\\d \\d+.*"), leak.why());
                    KernelEra repaired = KernelEra.named("scc-repaired").orElseThrow();
                    assertEquals(List.of(), run(text, repaired).leaks());
                    return;
                }
            }
        }
        throw new AssertionError("no graph had a component of unequal indices");
    }

    private static String randomGraph(Random random) {
        int sockets = 4;
        StringBuilder text = new StringBuilder();
        StringBuilder close = new StringBuilder("close");
        for (int i = 0; i < sockets; i++) {
            text.append("s%1$d, t%1$d = socketpair dgram\n".formatted(i));
            close.append(" s%1$d t%1$d".formatted(i));
        }
        for (int i = 0; i < 2 * sockets; i++) {
            text.append(
                    "send s%d over t%d\n"
                            .formatted(random.nextInt(sockets), random.nextInt(sockets)));
        }
        return text.append(close).append('\n').toString();
    }

    @Test
    void theLastRunOfTheCollectorIsTold() throws ScenarioSyntaxException {
        ScenarioRun run =
                run("a, b = socketpair dgram\nsend b over a\nclose a b\n", KernelEra.current());
        assertFalse(run.before().files().isEmpty());
        assertTrue(run.last().contains("collector: dead: b"), run.last().toString());
    }
}
