package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a ring is told from the one that had its address before. */
class RingBirthsTest {
    private static final long RING = 0xffff_8880_1234_5000L;

    @Test
    void aRingMadeLaterIsAnother() {
        long first = births(Map.of(RING, 10L), 100).tell(RING, 3, false);
        assertEquals(first, births(Map.of(RING, 10L), 200).tell(RING, 4, false), "it is in use");
        assertNotEquals(first, births(Map.of(RING, 150L), 200).tell(RING, 3, false));
    }

    @Test
    void oneThatWasThereBeforeStaysTheSame() {
        long first = births(Map.of(), 100).tell(RING, 3, false);
        assertEquals(first, births(Map.of(), 200).tell(RING, 9, true));
        assertNotEquals(first, births(Map.of(RING, 150L), 200).tell(RING, 3, false));
    }

    /** What was seen ended, and another has its address by now: the other is not the same. */
    @Test
    void oneMadeSinceTheSnapshotIsNotTheOneThatWasSeen() {
        long seen = births(Map.of(RING, 120L), 100).tell(RING, 0, true);
        assertNotEquals(seen, births(Map.of(RING, 120L), 200).tell(RING, 0, true));
    }

    @Test
    void whereNothingIsFollowedOnlyRingsInTeardownAreToldByWhatTheyTookIn() {
        RingBirths unknown = RingBirths.UNKNOWN;
        assertEquals(unknown.tell(RING, 3, false), unknown.tell(RING, 4, false));
        assertNotEquals(unknown.tell(RING, 3, true), unknown.tell(RING, 4, true));
    }

    private static RingBirths births(Map<Long, Long> made, long begin) {
        return new RingBirths(Optional.of(made), begin);
    }
}
