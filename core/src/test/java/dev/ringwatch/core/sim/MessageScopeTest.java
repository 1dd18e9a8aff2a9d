package dev.ringwatch.core.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.sim.MessageScope.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageScopeTest {
    private static final MessageScope SCOPE = new MessageScope(3, 3);
    private static final long SEQUENCES = 8_005;
    private static final long MISSED = 24;

    @ParameterizedTest
    @ValueSource(strings = {"scc-repaired", "packet", "rings-refused", "classic-worker"})
    void nothingIsLeft(String era) {
        Result result = explore(era);
        assertEquals(SEQUENCES, result.sequences());
        assertEquals(0, result.leftByWalks());
        assertEquals(0, result.leftForGood());
    }

    @ParameterizedTest
    @ValueSource(strings = {"current", "scc-6.12", "scc-2024", "scc-6.19"})
    void componentsByLowLinksMissSome(String era) {
        Result result = explore(era);
        assertEquals(MISSED, result.leftByWalks());
        assertEquals(MISSED, result.leftForGood());
        assertEquals(0, result.unexplained());
        assertEquals(Defect.LEAST_MESSAGES, result.shortest());
    }

    @Test
    void theWrongRepairMissesAsManyAndFreesThemOnlyIfNothingChanges() {
        Result result = explore("scc-wrong-repair");
        assertEquals(MISSED, result.leftByWalks());
        assertEquals(0, result.leftForGood());
    }

    @Test
    void isBounded() {
        assertThrows(IllegalArgumentException.class, () -> new MessageScope(3, 7));
        assertThrows(IllegalArgumentException.class, () -> new MessageScope(0, 1));
    }

    private static Result explore(String era) {
        return SCOPE.explore(KernelEra.named(era).orElseThrow());
    }
}
