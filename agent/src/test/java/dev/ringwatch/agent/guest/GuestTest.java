package dev.ringwatch.agent.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.guest.Guest.Run;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The agent on other kernels. Each kernel boots once and goes through all stages; a test looks at
 * what its stage left.
 */
class GuestTest {
    private static final List<String> KERNELS = List.of("6.1", "6.12");
    private static final String NEVER_FREED = "dev.ringwatch.agent.differ.NeverFreed";

    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @FieldSource("KERNELS")
    private @interface OnEachKernel {}

    /** In the order in which they run, in one machine. */
    private enum Stage {
        RELEASE("uname -r"),
        QUIET(agent("leaks", "--older-than", "0s")),
        DOCTOR(agent("doctor", "--json")),
        EVENTS(Guest.java("dev.ringwatch.agent.zoo.Counted")),
        PINNED_BY_RING(agent("demo", "--leak", "pinned_by_ring")),
        LOOPS(spoiling(NEVER_FREED, "loop")),
        LEAKS_AFTER_LOOPS(agent("leaks", "--older-than", "0s")),
        /** From here on the machine has garbage that stays. */
        NEVER_FREED_PLAYED(spoiling(NEVER_FREED, "3")),
        LEAKS_AFTER_NEVER_FREED(agent("leaks", "--older-than", "0s", "--json")),
        DIFFERENTIAL(spoiling("dev.ringwatch.agent.differ.DifferentialMain", "--seconds", "90")),
        /** The last, since the machine has no rings after it. */
        FORBIDDEN(Guest.java("dev.ringwatch.agent.guest.Forbidden"));

        private final String command;

        Stage(String command) {
            this.command = command;
        }

        private static String spoiling(String main, String... arguments) {
            List<String> options = new ArrayList<>(List.of("-Dringwatch.guest=true"));
            String seed = System.getProperty("ringwatch.seed");
            if (seed != null) {
                options.add("-Dringwatch.seed=" + seed);
            }
            return Guest.java(options, main, arguments);
        }

        private static String agent(String... arguments) {
            return Guest.java("dev.ringwatch.agent.Main", arguments);
        }
    }

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Map<String, FutureTask<List<Run>>> BOOTS = new ConcurrentHashMap<>();

    /** All at once: each has one processor. */
    @BeforeAll
    static void boot() throws Exception {
        Guest.assumePossible();
        List<String> commands = Arrays.stream(Stage.values()).map(s -> s.command).toList();
        for (String series : KERNELS) {
            FutureTask<List<Run>> boot =
                    new FutureTask<>(() -> Guest.kernel(series).runEach(TIMEOUT, commands));
            BOOTS.put(series, boot);
            Thread.ofVirtual().start(boot);
        }
    }

    @AfterAll
    static void end() {
        BOOTS.values().forEach(b -> b.cancel(true));
    }

    @OnEachKernel
    void theKernelIsOfItsSeries(String series) throws Exception {
        assertTrue(succeeded(series, Stage.RELEASE).startsWith(series + "."));
    }

    @OnEachKernel
    void nothingIsFoundOnAQuietMachine(String series) throws Exception {
        assertEquals("No leak found.\n", succeeded(series, Stage.QUIET));
    }

    @OnEachKernel
    void everythingButRequestsIsSeen(String series) throws Exception {
        Run run = left(series, Stage.DOCTOR);
        assertEquals(1, run.status(), run.output());
        JsonNode checks = json(run).get("checks");
        assertEquals(
                List.of("eBPF requests"),
                StreamSupport.stream(checks.spliterator(), false)
                        .filter(c -> !c.get("ok").asBoolean())
                        .map(c -> c.get("name").asText())
                        .toList(),
                checks::toPrettyString);
        assertTrue(checks.size() > 1);
    }

    /** 5 of everything: rings, and one more for each of overflow and punts; all objects work here. */
    @OnEachKernel
    void whatProcessesDoIsCounted(String series) throws Exception {
        List<String> said = succeeded(series, Stage.EVENTS).lines().toList();
        assertEquals(
                List.of(
                        "lifecycle up",
                        "collector up",
                        "freed up",
                        "waits up",
                        "hot up",
                        "RINGS_CREATED 7",
                        "RINGS_RELEASED 5",
                        "CQ_OVERFLOWS 5",
                        "IOWQ_PUNTS 5",
                        "runs true",
                        "graph true",
                        "rejected 5"),
                said.subList(said.size() - 12, said.size()));
    }

    @OnEachKernel
    void aPinnedPairIsFoundAndGoneAfterwards(String series) throws Exception {
        String said = succeeded(series, Stage.PINNED_BY_RING);
        assertEquals(2, said.lines().filter(l -> l.startsWith("pinned_by_ring: ")).count(), said);
        assertTrue(said.stripTrailing().endsWith("No leak found."), said);
    }

    @OnEachKernel
    void loopsAreFreedAndNeverReported(String series) throws Exception {
        assertAgreed(succeeded(series, Stage.LOOPS), 3);
        assertEquals("No leak found.\n", succeeded(series, Stage.LEAKS_AFTER_LOOPS));
    }

    @OnEachKernel
    void whatIsNeverFreedStaysSocketBySocket(String series) throws Exception {
        assertAgreed(succeeded(series, Stage.NEVER_FREED_PLAYED), 3);
    }

    private static void assertAgreed(String output, int programs) {
        assertEquals(
                programs,
                output.lines().filter(l -> l.endsWith(": model and kernel agree")).count(),
                output);
    }

    /** One look is enough: it says why they will never be freed. */
    @OnEachKernel
    void whatIsNeverFreedIsLeakedAtOnce(String series) throws Exception {
        Run run = left(series, Stage.LEAKS_AFTER_NEVER_FREED);
        assertEquals(1, run.status(), run.output());
        JsonNode findings = json(run).get("findings");
        assertEquals(3, findings.size(), findings::toPrettyString);
        for (JsonNode finding : findings) {
            assertEquals("leaked", finding.get("kind").asText(), findings::toPrettyString);
            assertTrue(finding.toString().contains("different indices"), findings::toPrettyString);
        }
    }

    @OnEachKernel
    void randomProgramsAgree(String series) throws Exception {
        String output = succeeded(series, Stage.DIFFERENTIAL);
        assertTrue(output.contains("differential: "), output);
        System.out.println(series + ": " + output.lines().toList().getLast());
    }

    /** The sysctls came with 6.6. */
    @OnEachKernel
    void aSysctlThatForbidsRingsIsNamed(String series) throws Exception {
        List<String> said = succeeded(series, Stage.FORBIDDEN).lines().toList();
        if (series.equals("6.1")) {
            assertEquals(List.of("no sysctl"), said);
            return;
        }
        assertEquals(List.of("0: works", "1 as administrator: works"), said.subList(0, 2));
        String one = said.get(2);
        assertTrue(one.startsWith("1: io_uring_setup: EPERM"), one);
        assertTrue(one.contains("kernel.io_uring_disabled is 1: join the group"), one);
        assertEquals("1 in the group: works", said.get(3));
        String two = said.get(4);
        assertTrue(two.startsWith("2: io_uring_setup: EPERM"), two);
        assertTrue(two.contains("kernel.io_uring_disabled is 2"), two);
    }

    private static JsonNode json(Run run) throws Exception {
        // Before it, on standard error, stands that nobody keeps Netty's log.
        return new ObjectMapper().readTree(run.output().substring(run.output().indexOf('{')));
    }

    private String succeeded(String series, Stage stage) throws Exception {
        Run run = left(series, stage);
        assertEquals(0, run.status(), run.output());
        return run.output();
    }

    private Run left(String series, Stage stage) throws Exception {
        FutureTask<List<Run>> boot = BOOTS.get(series);
        if (boot == null) {
            throw new AssertionError(series + " was not booted");
        }
        return boot.get().get(stage.ordinal());
    }
}
