package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A metric that is renamed is renamed in every text too. Takes a second. */
class MetricNamesTest {
    /** Everything that people read or copy from. */
    static List<Path> texts() throws IOException {
        List<Path> texts = new ArrayList<>();
        texts.add(Checkout.TOP.resolve("README.md"));
        texts.add(Checkout.DASHBOARDS.resolve("README.md"));
        texts.addAll(files(Checkout.TOP.resolve("docs")));
        texts.addAll(files(Checkout.RUNBOOKS));
        texts.addAll(files(Checkout.PROMETHEUS));
        texts.removeIf(text -> !text.toString().matches(".*\\.(md|yml)"));
        return texts;
    }

    @ParameterizedTest
    @MethodSource("texts")
    void textsNameOnlyMetricsThatExist(Path text) throws IOException {
        assertEquals(Set.of(), MetricNames.all().unknownIn(Files.readString(text)));
    }

    @ParameterizedTest
    @MethodSource("dev.ringwatch.dashboards.RulesTest#rules")
    void rulesAskOnlyForLabelsOfTheirMetrics(JsonNode rule) throws IOException {
        assertEquals(List.of(), MetricNames.all().unknownLabelsIn(rule.path("expr").asText()));
    }

    @ParameterizedTest
    @MethodSource("dev.ringwatch.dashboards.RulesTest#records")
    void recordedNamesSayLevelMetricAndOperations(JsonNode rule) {
        String name = rule.path("record").asText();
        assertTrue(MetricNames.ofTheAgent().describes(name), name);
    }

    @Test
    void aNameThatIsNoneIsFound() throws IOException {
        MetricNames names = MetricNames.all();
        assertEquals(
                Set.of("ringwatch_unix_inflight", "instance:ringwatch_findings:sum"),
                names.unknownIn(
                        "`ringwatch_unix_inflight` instance:ringwatch_findings:sum"
                                + " ringwatch_findings ringwatch_unix_gc_duration_seconds_sum"));
        assertEquals(
                List.of("ringwatch_findings{pid}"),
                names.unknownLabelsIn("ringwatch_findings{kind=\"leaked\",pid=\"1\"}"));
        assertFalse(names.describes("instance:ringwatch_unix_gc_runs:sum"));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
