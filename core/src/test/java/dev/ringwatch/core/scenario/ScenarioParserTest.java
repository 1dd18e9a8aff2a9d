package dev.ringwatch.core.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.Syscall;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the language of scenarios takes, and what it says to what it does not take. */
class ScenarioParserTest {
    private static Scenario parse(String text) throws ScenarioSyntaxException {
        return ScenarioParser.parse("test", "test.scn", text);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "a, b = socketpair steam",
                        "1:19: expected \"stream\", \"dgram\" or \"seqpacket\", found \"steam\""),
                Arguments.of(
                        "\n\na = socket",
                        "3:11: expected \"stream\", \"dgram\" or \"seqpacket\","
                                + " found the end of the line"),
                Arguments.of(
                        "a, b = socketpair stream\nclose c",
                        "2:7: expected a descriptor (a or b), found \"c\""),
                Arguments.of(
                        "close c", "1:7: expected a descriptor (none is named yet), found \"c\""),
                Arguments.of(
                        "P = fork\nclose P",
                        "2:7: expected a descriptor (none is named yet)," + " found \"P\""),
                Arguments.of(
                        "f = open\nf: close f",
                        "2:1: expected a process (none is named yet), found \"f\""),
                Arguments.of(
                        "f, g = open",
                        "1:4: expected at most 1 names for what \"open\" gives, found \"g\""),
                Arguments.of(
                        "f = open\nx = write f",
                        "2:5: expected a call that gives something, found \"write\""),
                Arguments.of(
                        "slot = open",
                        "1:1: expected a name that is no word of the language, found \"slot\""),
                Arguments.of(
                        "f-1 = open",
                        "1:1: expected a name (letters, digits and _, a letter first), found"
                                + " \"f-1\""),
                Arguments.of("f = open open", "1:10: expected the end of the line, found \"open\""),
                Arguments.of(
                        "f = open\nwrite f bytes many",
                        "2:15: expected a byte count from 0 to 1048576, found \"many\""),
                Arguments.of(
                        "f = open\nwrite f bytes 99999999999",
                        "2:15: expected a byte count from 0 to 1048576, found \"99999999999\""),
                Arguments.of(
                        "f = open\nsend f f", "2:9: expected \"over\", found the end of the line"),
                Arguments.of("R = ring\nsubmit R fly", "2:10: expected a request: "),
                Arguments.of(
                        "R = ring\nsubmit R open into 4",
                        "2:20: expected \"slot\" or \"any\", found \"4\""),
                Arguments.of(
                        "R = ring\nsubmit R after timeout after timeout nop",
                        "2:30: expected no second timeout before a request, found \"timeout\""),
                Arguments.of("f = open\nclose f -> EWHAT", "2:12: expected an error: "),
                Arguments.of(
                        "under 6.12: expect no leak",
                        "1:7: expected an era or a rule: \"naive-pin\", "),
                Arguments.of(
                        "under table packets: expect no leak",
                        "1:13: expected \"packet\", \"packet-kept\", \"pins\" or"
                                + " \"pins-ring-in-flight\", found \"packets\""),
                Arguments.of(
                        "expect peace", "1:8: expected \"freed\", \"alive\", \"leak\", \"no\","),
                Arguments.of(
                        "expect in flight", "1:17: expected a descriptor (none is named yet),"),
                Arguments.of(
                        "bind", "1:5: expected a descriptor (none is named yet), found the end"),
                Arguments.of(
                        "l = socket stream\nbind l \"name",
                        "2:8: expected a closing quote, found the end of the line"),
                Arguments.of("f = open # fine\n  clse f", "2:3: expected a call, a step or an"),
                Arguments.of("clöse", "1:3: expected a word, found \"\\u00f6se\""),
                Arguments.of("@", "1:1: expected a word, found \"@\""),
                Arguments.of(
                        "\u0000\u001b[31m", "1:1: expected a word, found \"\\u0000\\u001b[31m\""),
                Arguments.of("2000 times settle", "1:1: expected a number of times from 0 to 1000"),
                Arguments.of("P = fork\nP: settle", "2:4: expected a system call after a process"),
                Arguments.of(
                        "settle -> EINVAL", "1:8: expected the end of the line, found \"->\""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistakeIsNamedWithItsPlace(String text, String message) {
        ScenarioSyntaxException e = assertThrows(ScenarioSyntaxException.class, () -> parse(text));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("test.scn:" + message),
                String.valueOf(e.getMessage()));
        assertEquals(1, String.valueOf(e.getMessage()).lines().count());
        assertTrue(message.startsWith(e.line() + ":" + e.column() + ": expected "), message);
    }

    @Test
    void theLeadingCommentIsTheDescription() throws ScenarioSyntaxException {
        Scenario scenario =
                parse(
                        """
                        # One sentence, over
                        # two lines. And another.
                        #
                        # A second paragraph.

                        # No part of it.
                        settle   # nor this
                        """);
        assertEquals(
                "One sentence, over two lines. And another.\n\nA second paragraph.",
                scenario.description());
        assertEquals("One sentence, over two lines.", scenario.about());
        assertEquals(List.of(new Step.Settle()), scenario.steps());
        assertEquals("settle", scenario.lines().getFirst().text());
        assertEquals(7, scenario.lines().getFirst().number());
    }

    @Test
    void namesStandForWhatCallsGive() throws ScenarioSyntaxException {
        Scenario scenario =
                parse("P = fork\nP: a, b = socketpair dgram\nP: close b a\na = dup a\n");
        assertEquals(List.of("", "P", "a", "b"), scenario.names());
        assertEquals(
                List.of(
                        new Step.Call(new Syscall.Fork(0), List.of(1)),
                        new Step.Call(
                                new Syscall.SocketPair(
                                        1, dev.ringwatch.core.kernel.SocketType.DGRAM),
                                List.of(2, 3)),
                        new Step.Call(new Syscall.Close(1, 3), List.of()),
                        new Step.Call(new Syscall.Close(1, 2), List.of()),
                        new Step.Call(new Syscall.Dup(0, 2), List.of(2))),
                scenario.steps());
    }

    @Test
    void conditionsAreAlternativesOfConjunctions() throws ScenarioSyntaxException {
        Scenario scenario = parse("under packet, slots each and not repair peek: expect no leak\n");
        Statement.Expect expect = (Statement.Expect) scenario.lines().getFirst().statement();
        assertTrue(expect.under().holds(KernelEra.named("packet").orElseThrow()));
        assertEquals(false, expect.under().holds(KernelEra.current()));
        assertTrue(expect.under().holds(KernelEra.current().with(java.util.Set.of())));
        assertEquals("packet, slots each and not repair peek", expect.under().toString());
    }

    @Test
    void aScenarioHasABoundedSize() {
        ScenarioSyntaxException e =
                assertThrows(
                        ScenarioSyntaxException.class,
                        () -> parse("f = open\n" + "1000 times write f\n".repeat(101)));
        assertTrue(String.valueOf(e.getMessage()).contains("at most 100000 steps"));
    }

    /** Whatever it is given, it says where it stumbles or takes it, and what it takes can be played. */
    @Test
    void nothingElseEscapes() {
        Random random = new Random(20190207);
        List<String> sources =
                ScenarioLibrary.names().stream()
                        .filter(name -> !name.equals("idle-owner"))
                        .map(name -> ScenarioLibrary.source(name).orElseThrow())
                        .toList();
        int taken = 0;
        for (int i = 0; i < 4_000; i++) {
            String text =
                    i % 4 == 0
                            ? bytes(random)
                            : mutated(sources.get(random.nextInt(sources.size())), random);
            try {
                Scenario scenario = parse(text);
                taken++;
                if (taken % 10 == 0) {
                    List<KernelEra> eras = KernelEra.presets();
                    ScenarioRun.of(scenario, eras.get(random.nextInt(eras.size())));
                }
            } catch (ScenarioSyntaxException e) {
                assertTrue(e.line() > 0 && e.column() > 0, text);
                assertEquals(1, String.valueOf(e.getMessage()).lines().count(), text);
            }
        }
        assertTrue(taken > 100, "mutations that are still scenarios: " + taken);
    }

    private static String bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A few words or letters replaced, doubled, dropped or swapped, lines too. */
    private static String mutated(String text, Random random) {
        StringBuilder b = new StringBuilder(text);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && b.length() > 2; i++) {
            int at = random.nextInt(b.length());
            switch (random.nextInt(5)) {
                case 0 -> b.deleteCharAt(at);
                case 1 -> b.setCharAt(at, (char) random.nextInt(128));
                case 2 -> b.insert(at, b.charAt(random.nextInt(b.length())));
                case 3 -> dropLine(b, at);
                default -> repeatLine(b, at, random.nextInt(b.length()));
            }
        }
        return b.toString();
    }

    private static void dropLine(StringBuilder b, int at) {
        int begin = b.lastIndexOf("\n", at) + 1;
        int end = b.indexOf("\n", at);
        b.delete(Math.min(begin, at), end < 0 ? b.length() : end + 1);
    }

    private static void repeatLine(StringBuilder b, int from, int to) {
        int begin = b.lastIndexOf("\n", from) + 1;
        int end = b.indexOf("\n", from);
        String line = b.substring(Math.min(begin, from), end < 0 ? b.length() : end + 1);
        b.insert(b.lastIndexOf("\n", to) + 1, line);
    }
}
