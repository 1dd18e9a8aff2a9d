package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the rules that fire in seconds are the committed ones. */
class FastTimeTest {
    private static final Pattern TIME =
            Pattern.compile("(?<![\\w:])\\d+(ms|[smhdwy])\\b|(?<=_seconds > )[\\d.]+");

    @ParameterizedTest
    @CsvSource({
        "5m, 5000ms",
        "1h30m, 90000ms",
        "15s, 250ms",
        "0s, 0ms",
        "30ms, 1ms",
        "1d, 1440000ms"
    })
    void durationsAreDivided(String committed, String faster) {
        assertEquals(faster, FastTime.duration(committed));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "rate(a_total[5m]) > 1; rate(a_total[5000ms]) > 1",
                "a - a offset 1h; a - a offset 60000ms",
                "max_over_time(a[1h:1m]) == 1; max_over_time(a[60000ms:1000ms]) == 1",
                "a_age_seconds{x=\"y\"} > 300; a_age_seconds{x=\"y\"} > 5.0",
                "g:a_seconds:age >= 90; g:a_seconds:age >= 1.5",
                "g:a_seconds_sum:rate5m > 0.1; g:a_seconds_sum:rate5m > 0.1",
                "a{b=\"5m\"} >= 0.8; a{b=\"5m\"} >= 0.8"
            })
    void onlyTimesInExpressionsAreDivided(String committed, String faster) {
        assertEquals(faster, FastTime.expression(committed));
    }

    @Test
    void theRulesDifferFromTheCommittedOnesInTimesOnly() throws IOException {
        List<JsonNode> committed = rules(Checkout.yaml(Checkout.RULES));
        List<JsonNode> faster = rules(FastTime.file(Checkout.yaml(Checkout.RULES)));
        assertFalse(committed.isEmpty());
        assertEquals(committed.size(), faster.size());
        for (int i = 0; i < committed.size(); i++) {
            assertEquals(timeless(committed.get(i)), timeless(faster.get(i)));
        }
    }

    private static List<JsonNode> rules(JsonNode file) {
        return file.path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();
    }

    private static ObjectNode timeless(JsonNode rule) {
        ObjectNode timeless = rule.deepCopy();
        for (String key : List.of("expr", "for", "keep_firing_for")) {
            timeless.put(key, TIME.matcher(rule.path(key).asText()).replaceAll("TIME"));
        }
        return timeless;
    }
}
