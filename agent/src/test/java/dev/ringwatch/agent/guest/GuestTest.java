package dev.ringwatch.agent.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.guest.Guest.Run;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
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

    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @FieldSource("KERNELS")
    private @interface OnEachKernel {}

    /** In the order in which they run, in one machine. */
    private enum Stage {
        RELEASE("uname -r"),
        QUIET(agent("leaks", "--older-than", "0s")),
        DOCTOR(agent("doctor", "--json")),
        PINNED_BY_RING(agent("demo", "--leak", "pinned_by_ring"));

        private final String command;

        Stage(String command) {
            this.command = command;
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
        // Before it, on standard error, stands that nobody keeps Netty's log.
        String json = run.output().substring(run.output().indexOf('{'));
        JsonNode checks = new ObjectMapper().readTree(json).get("checks");
        assertEquals(
                List.of("eBPF requests"),
                StreamSupport.stream(checks.spliterator(), false)
                        .filter(c -> !c.get("ok").asBoolean())
                        .map(c -> c.get("name").asText())
                        .toList(),
                checks::toPrettyString);
        assertTrue(checks.size() > 1);
    }

    @OnEachKernel
    void aPinnedPairIsFoundAndGoneAfterwards(String series) throws Exception {
        String said = succeeded(series, Stage.PINNED_BY_RING);
        assertEquals(2, said.lines().filter(l -> l.startsWith("pinned_by_ring: ")).count(), said);
        assertTrue(said.stripTrailing().endsWith("No leak found."), said);
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
