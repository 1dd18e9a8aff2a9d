package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Names of findings. */
class FindingIdsTest {
    private final FindingIds ids = new FindingIds();

    @Test
    void theSameHasTheSameNameInAnotherAgent() {
        String name = give("unit:a.service", "slot 1");
        assertEquals(
                name,
                new FindingIds()
                        .give(FindingKind.PINNED_BY_RING, "unit:a.service", "slot 1")
                        .text());
        assertTrue(name.matches("pinned_by_ring-[0-9a-f]{8}"), name);
    }

    @Test
    void whateverDiffersIsInTheName() {
        String name = give("unit:a.service", "slot 1");
        assertNotEquals(name, give("unit:a.service", "slot 2"));
        assertNotEquals(name, give("unit:b.service", "slot 1"));
        assertNotEquals(name, ids.give(FindingKind.LEAKED, "unit:a.service", "slot 1").text());
    }

    @Test
    void twinsAreNumberedAndALeftNumberIsUsedAgain() {
        FindingIds.Id first = ids.give(FindingKind.LEAKED, "a", "b");
        FindingIds.Id second = ids.give(FindingKind.LEAKED, "a", "b");
        assertEquals(first.text() + "-2", second.text());
        ids.giveBack(first);
        assertEquals(first.text(), ids.give(FindingKind.LEAKED, "a", "b").text());
        assertEquals(first.text() + "-3", ids.give(FindingKind.LEAKED, "a", "b").text());
    }

    private String give(String group, String subject) {
        return ids.give(FindingKind.PINNED_BY_RING, group, subject).text();
    }
}
