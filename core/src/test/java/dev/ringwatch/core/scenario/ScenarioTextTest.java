package dev.ringwatch.core.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written is what is read again. */
class ScenarioTextTest {
    /** Every scenario of the library: written without its names, and read again. */
    @Test
    void libraryScenariosComeBack() throws ScenarioSyntaxException {
        for (Scenario scenario : ScenarioLibrary.all()) {
            String text = ScenarioText.of(scenario.steps());
            assertEquals(
                    scenario.steps(),
                    ScenarioParser.parse("w", "w", text).steps(),
                    scenario.name());
        }
    }

    /** Every kind of step and of request, with every word that it can have. */
    @Test
    void everyStepComesBack() throws ScenarioSyntaxException {
        String text =
                """
                P1 = fork
                s2, s3 = socketpair stream
                r4, w5 = pipe
                f6 = open
                s7 = socket dgram
                s8 = socket seqpacket
                R9 = ring
                d10 = dup s2
                P1: f11 = open
                m12 = map R9
                i13 = register-ring R9
                bind s7 "a \\"name\\" with \\\\ and #"
                bind s8 plain
                listen s8 backlog 5
                connect s7 plain split
                c14 = accept s8
                send s2 s2 s3 over s2 bytes 7 oob to other
                send over s2
                x15, x16 = receive s3 room 2 bytes 9 peek oob
                receive s3
                read r4 bytes 0
                write w5
                shutdown s2 read
                shutdown s2 write
                shutdown s2 both
                close-on-exec f6
                close-on-exec f6 off
                limit 20
                user 1000
                user 0 capable
                register R9 s2 _ s3
                update R9 at 1 with skip s2 _
                q17 = submit R9 poll s2
                submit R9 poll slot 2 hangup
                submit R9 read slot 0
                submit R9 nop
                submit R9 socket stream into slot 1
                submit R9 open into any
                submit R9 accept s8 into any
                submit R9 close slot 1
                submit R9 install slot 0
                submit R9 send slot 0 to R9 into slot 1
                submit R9 cancel q17
                q18 = submit R9 after timeout accept slot 0 into slot 3
                fire q18 of R9
                P1: fire q18 of R9
                reap R9
                unregister R9
                unregister-ring i13
                unmap m12
                settle
                trigger
                interleave
                collect
                collect 4
                release
                tear-down
                finish-connect
                P1: exec
                P1: exit
                close f6
                """;
        assertEquals(text, ScenarioText.of(ScenarioParser.parse("t", "t", text).steps()));
    }

    /** A program that shrank may still use what no step gives any more: it is a comment then. */
    @Test
    void whatHasNoWordsBecomesAComment() throws ScenarioSyntaxException {
        List<Step> steps =
                List.of(
                        new Step.Call(new Syscall.Close(0, 7), List.of()),
                        new Step.Call(new Syscall.Socket(0, SocketType.STREAM), List.of(1)),
                        new Step.Call(new Syscall.Write(0, 1, -5), List.of()),
                        new Step.Call(new Syscall.Close(3, 1), List.of()),
                        new Step.Call(
                                new Syscall.Submit(
                                        0, 1, new Request.Poll(new Request.Target.Fd(-1))),
                                List.of()));
        String text = ScenarioText.of(steps);
        assertEquals(4, text.lines().filter(line -> line.startsWith("# left out")).count(), text);
        assertTrue(text.contains("\ns1 = socket stream\n"), text);
        assertEquals(1, ScenarioParser.parse("t", "t", text).steps().size());
    }
}
