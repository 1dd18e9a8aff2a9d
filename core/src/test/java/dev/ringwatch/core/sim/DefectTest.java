package dev.ringwatch.core.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.core.kernel.KernelEra;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The program found is not to be printed: see {@link Defect}. */
class DefectTest {
    static Stream<Seed> seeds() {
        return Stream.concat(
                LongStream.rangeClosed(1, 10).mapToObj(Seed::new), Stream.of(Seed.given()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void isFoundFromAnySeedAndShrunkToThreeMessages(Seed seed) {
        Optional<Defect> found = Defect.find(KernelEra.current(), seed);
        assertEquals(
                Optional.of(Defect.LEAST_MESSAGES),
                found.map(Defect::messages),
                () -> "seed " + seed);
    }

    @Test
    void theRepairHasNone() {
        KernelEra repaired = KernelEra.named("scc-repaired").orElseThrow();
        assertEquals(Optional.empty(), Defect.find(repaired, Seed.given()));
    }
}
