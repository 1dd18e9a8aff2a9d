package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that the benchmarks watch. */
class SampleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(
            value = SampleCommand.Kind.class,
            names = {"BUSY_RING", "BUSY_UNIX", "BUSY_BYTES"})
    void aBusyOneGoesOnAndOn(SampleCommand.Kind kind) throws Exception {
        try (Sample sample = Sample.start(kind, 0)) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (sample.progress().done() < 1000 && System.nanoTime() < end) {
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
            assertTrue(sample.progress().done() >= 1000, kind + " has stopped");
        }
    }
}
