package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GeneratedFileTest {
    @ParameterizedTest
    @EnumSource
    void committedFileIsFresh(GeneratedFile file) throws IOException {
        String committed = file.committed(Checkout.TOP);
        assertEquals(
                file.renewed(committed),
                committed,
                () -> file.in(Checkout.TOP) + " is stale; renew it: " + WriteDashboards.COMMAND);
    }

    @Test
    void metricsReferenceWithoutMarkersIsRefused() {
        IllegalArgumentException refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> MetricsReference.renewed("# Metrics\n"));
        assertTrue(String.valueOf(refusal.getMessage()).contains(MetricsReference.BEGIN.strip()));
    }
}
