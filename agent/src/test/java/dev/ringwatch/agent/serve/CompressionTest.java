package dev.ringwatch.agent.serve;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"gzip", "GZIP", "deflate, gzip;q=0.5", "br, *", "*;q=0.1", "gzip;q=0.001"})
    void takesGzip(String accepted) {
        assertTrue(Compression.accepts(List.of(accepted)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "identity",
                "deflate",
                "gzip;q=0",
                "gzip; q=0.000, *",
                "*;q=0",
                "gzipped"
            })
    void takesNone(String accepted) {
        assertFalse(Compression.accepts(List.of(accepted)));
    }

    @Test
    void absentHeaderTakesNone() {
        assertFalse(Compression.accepts(List.of()));
    }
}
