package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.observe.EraProbe.How;
import dev.ringwatch.agent.observe.EraProbe.Rule;
import dev.ringwatch.core.kernel.KernelEra;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What this kernel is found to do. */
class EraProbeTest {
    static boolean isOnTheKindOfKernelThatCurrentIs() throws IOException {
        String release =
                java.nio.file.Files.readString(java.nio.file.Path.of("/proc/sys/kernel/osrelease"));
        return release.startsWith("6.18.");
    }

    @Test
    @EnabledIf("isOnTheKindOfKernelThatCurrentIs")
    void is618() throws IOException {
        KernelEra current = KernelEra.current();
        assertEquals(current, EraProbe.probe().era().named(current.name(), current.about()));
    }

    @Test
    void saysWhatItDoesNotKnow() throws IOException {
        List<Rule> rules = EraProbe.probe().rules();
        List<String> unknown =
                rules.stream().filter(r -> r.how() == How.UNKNOWN).map(Rule::name).toList();
        assertTrue(unknown.contains("indices of a component"), rules::toString);
        assertTrue(unknown.contains("repair of CVE-2025-40214"), rules::toString);
    }
}
