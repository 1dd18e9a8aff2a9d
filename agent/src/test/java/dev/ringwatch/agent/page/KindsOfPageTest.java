package dev.ringwatch.agent.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Limit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The alerts that findings' pages name. Takes no time. */
class KindsOfPageTest {
    @Test
    void everyAlertThatIsNamedHasARunbook() {
        Set<String> named = new TreeSet<>();
        for (FindingKind kind : FindingKind.values()) {
            Kinds.alert(kind, Optional.empty()).ifPresent(named::add);
            for (Limit limit : Limit.values()) {
                Kinds.alert(kind, Optional.of(limit)).ifPresent(named::add);
            }
        }
        assertEquals(7, named.size(), named::toString);
        for (String alert : named) {
            Path runbook = Path.of("../dashboards/runbooks", alert + ".md");
            assertTrue(Files.exists(runbook), runbook::toString);
        }
    }

    @Test
    void lockedMemoryHasNoAlertAndIsNotToldAsAFileTable() {
        assertEquals(
                Optional.empty(),
                Kinds.alert(FindingKind.NEAR_LIMIT, Optional.of(Limit.LOCKED_MEMORY)));
        assertEquals(
                Optional.of("RingwatchFileTableNearlyFull"),
                Kinds.alert(FindingKind.NEAR_LIMIT, Optional.of(Limit.FILE_TABLE)));
    }
}
