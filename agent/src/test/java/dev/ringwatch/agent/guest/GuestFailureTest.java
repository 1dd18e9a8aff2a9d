package dev.ringwatch.agent.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.guest.Guest.Run;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What comes back from a guest in which something goes wrong. */
class GuestFailureTest {
    private static final Guest GUEST = Guest.kernel("6.12");
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @BeforeAll
    static void isPossible() throws Exception {
        Guest.assumePossible();
    }

    @Test
    void theStatusOfTheCommandIsTheGuests() throws Exception {
        assertEquals(
                new Run(7, "äöü\n'quoted'\n"),
                GUEST.run(TIMEOUT, "echo äöü; echo \"'quoted'\"; exit 7"));
    }

    @Test
    void aPanicIsNamed() throws Exception {
        Run run = GUEST.run(TIMEOUT, "echo said; echo c >/proc/sysrq-trigger; sleep 60");
        assertFailed("Kernel panic", run);
        assertTrue(run.output().startsWith("said\n"), run.output());
    }

    @Test
    void theEndOfTheTimeIsNamed() throws Exception {
        assertFailed("no end after 4 s", GUEST.run(Duration.ofSeconds(4), "sleep 1000"));
    }

    @Test
    void aKernelThatIsNotThereIsNamed() throws Exception {
        assertFailed("no kernel 3.2", Guest.kernel("3.2").run(TIMEOUT, "true"));
        assertFailed("no kernel /none", Guest.kernel("/none").run(TIMEOUT, "true"));
    }

    @Test
    void nothingIsLeftOfOneThatIsInterrupted() throws Exception {
        Process process = GUEST.process(TIMEOUT, "echo up; sleep 1000").start();
        try (BufferedReader out = process.inputReader()) {
            assertEquals("up", out.readLine());
            List<ProcessHandle> children = process.descendants().toList();
            assertFalse(children.isEmpty());
            process.destroy();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            for (ProcessHandle child : children) {
                child.onExit().get(30, TimeUnit.SECONDS);
            }
        } finally {
            Guest.end(process);
        }
    }

    private static void assertFailed(String why, Run run) {
        assertEquals(Guest.FAILED, run.status(), run.output());
        assertTrue(run.output().contains(why), run.output());
    }
}
