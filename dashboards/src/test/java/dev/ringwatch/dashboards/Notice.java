package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One alert in one delivery of Alertmanager.
 *
 * @param at when it arrived
 * @param receiver to whom, by the name in Alertmanager's configuration
 * @param firing or else resolved
 */
record Notice(
        Instant at,
        String receiver,
        boolean firing,
        Map<String, String> labels,
        Map<String, String> annotations) {

    static Notice of(String receiver, JsonNode alert) {
        return new Notice(
                Instant.now(),
                receiver,
                alert.path("status").asText().equals("firing"),
                texts(alert.path("labels")),
                texts(alert.path("annotations")));
    }

    String alert() {
        return label("alertname");
    }

    /** Empty if it has no such label. */
    String label(String name) {
        return labels.getOrDefault(name, "");
    }

    /** Whether every annotation could be worked out. */
    boolean saysAll() {
        return !annotations.isEmpty()
                && annotations.values().stream()
                        .noneMatch(
                                t ->
                                        t.isBlank()
                                                || t.contains("<no value>")
                                                || t.contains("<error"));
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }
}
