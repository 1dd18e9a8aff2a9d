package dev.ringwatch.agent.zoo;

import static dev.ringwatch.agent.zoo.CalledProgram.WITH_FRAME_POINTERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.StackFeature;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.report.JsonReport;
import dev.ringwatch.agent.report.TextReport;
import dev.ringwatch.agent.track.Finding;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Findings are told with the stacks of the calls that made them. */
class StacksTest {
    private static Observer observer;
    private static Path folder;

    @BeforeAll
    static void traceCalls(@TempDir Path into) throws Exception {
        folder = into;
        observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
        observer.traceStacks();
    }

    @AfterAll
    static void end() {
        observer.close();
    }

    @Test
    void thisKernelShowsRegistrationsAndSends() {
        assertEquals(
                Set.of(StackFeature.REGISTRATIONS, StackFeature.SENDS), observer.stackFeatures());
    }

    @ParameterizedTest
    @CsvSource({
        "register, registered by, registers_files",
        "update, updated by, updates_files",
        "send, sent by, sends_file",
        "send-much, sent by, sends_file",
        "send-to, sent by, sends_to_address",
        "send-by-ring, sent by, sends_by_ring"
    })
    void aFindingTellsTheCallsOfTheProgramInOrder(String what, String words, String function)
            throws Exception {
        try (CalledProgram program = CalledProgram.start(folder, what)) {
            String text = told(program.pid(), function);

            assertInOrder(
                    text,
                    words + " thread calls (tid " + program.pid() + ") of calls",
                    function + "+0x",
                    "outer+0x",
                    "main+0x");
            assertTrue(!text.contains("note:"), text);
        }
    }

    @Test
    void jsonHasTheSame() throws Exception {
        try (CalledProgram program = CalledProgram.start(folder, "send")) {
            told(program.pid(), "sends_file");
            Look look = Look.twice(observer);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            JsonReport.leaks(look.tracked(), findings(look, program.pid()), out);
            JsonNode call =
                    new ObjectMapper().readTree(out.toByteArray()).at("/findings/0/calls/0");

            assertEquals("sent", call.path("kind").asText());
            assertEquals(program.pid(), call.path("pid").asInt());
            assertEquals("calls", call.path("thread").asText());
            List<String> functions = new ArrayList<>();
            call.path("frames").forEach(f -> functions.add(f.path("function").asText()));
            assertTrue(
                    Collections.indexOfSubList(functions, List.of("sends_file", "outer", "main"))
                            >= 0,
                    functions.toString());
            assertEquals("calls", call.at("/frames/1/module").asText());
        }
    }

    @Test
    void whatIsKnownOfAProcessOutlivesIt() throws Exception {
        try (CalledProgram program = CalledProgram.start(folder, "send-from-child")) {
            told(program.pid(), "sends_file");
            program.endChild();

            String text = told(program.pid(), "sent by");
            assertInOrder(text, "sent by thread calls", "sends_file+0x", "outer+0x", "main+0x");
        }
    }

    @Test
    void aStackWithoutFramePointersSaysHowToGetThem() throws Exception {
        Path program =
                CalledProgram.compile(folder.resolve("without"), List.of("-fomit-frame-pointer"));
        try (CalledProgram running = CalledProgram.run(program, "send")) {
            String text = told(running.pid(), "-fno-omit-frame-pointer");
            assertInOrder(text, "sent by", "sendmsg+0x", "note:");
        }
    }

    @Test
    void aStrippedProgramIsToldByModuleAndAddress() throws Exception {
        List<String> options = new ArrayList<>(WITH_FRAME_POINTERS);
        options.add("-s");
        Path program = CalledProgram.compile(folder.resolve("stripped"), options);
        try (CalledProgram running = CalledProgram.run(program, "send")) {
            String text = told(running.pid(), "          stripped+0x");
            assertTrue(!text.contains("sends_file"), text);
        }
    }

    @Test
    void aJavaMethodIsNamedOnceTheJvmWroteItsNamesDown() throws Exception {
        try (JavaSender sender = JavaSender.start("-XX:+PreserveFramePointer")) {
            String before = told(sender.pid(), "jcmd " + sender.pid() + " Compiler.perfmap");
            assertTrue(!before.contains("PreserveFramePointer"), before);

            sender.writePerfMap();
            String after = told(sender.pid(), "JavaSender.sendsFromJava");
            assertInOrder(after, "sent by thread", "JavaSender.sendsFromJava");
        }
    }

    @Test
    void aJvmWithoutFramePointersSaysHowToGetThem() throws Exception {
        try (JavaSender sender = JavaSender.start("-XX:-PreserveFramePointer")) {
            String text = told(sender.pid(), "-XX:+PreserveFramePointer");
            assertInOrder(text, "sent by", "note:");
        }
    }

    /** The text about a process's finding, once it has a word. */
    private static String told(int pid, String word) throws Exception {
        StringBuilder last = new StringBuilder();
        Look.until(
                observer,
                word + " of " + pid,
                look -> {
                    last.setLength(0);
                    last.append(TextReport.leaks(look.tracked(), findings(look, pid)));
                    return last.indexOf(word) >= 0;
                });
        return last.toString();
    }

    private static List<Finding> findings(Look look, int pid) {
        return look.tracked().findings().stream()
                .filter(f -> look.tracked().concerns(f, pid))
                .toList();
    }

    private static void assertInOrder(String text, String... words) {
        int at = 0;
        for (String word : words) {
            int next = text.indexOf(word, at);
            assertTrue(next >= at, () -> word + " is not behind those before it in " + text);
            at = next + word.length();
        }
    }
}
