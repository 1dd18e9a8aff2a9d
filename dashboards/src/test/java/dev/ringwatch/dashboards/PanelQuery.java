package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a committed dashboard asks of Prometheus in one place: a target of a panel, a variable, or an
 * annotation.
 *
 * @param where for people: the dashboard, and what in it asks
 * @param expression with what Grafana would put in for its variables, "All" chosen everywhere
 */
record PanelQuery(String where, String expression) {
    private static final Pattern LABEL_VALUES =
            Pattern.compile("label_values\\((?<selector>.+), (?<label>[a-z_]+)\\)");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(?<name>[a-z_]+)(:[a-z]+)?}?");

    private static final Map<String, String> VALUES =
            Map.of(
                    "__rate_interval", "5m",
                    "__interval", "1m",
                    "__range", "1h",
                    "job", ".+",
                    "instance", ".+",
                    "group", ".+");

    /** Of every dashboard there is. */
    static List<PanelQuery> all() throws IOException {
        List<PanelQuery> queries = new ArrayList<>();
        for (Path file : Checkout.dashboards()) {
            String name = String.valueOf(file.getFileName());
            JsonNode dashboard = Checkout.json(file);
            panels(name, dashboard.path("panels"), queries);
            for (JsonNode variable : dashboard.at("/templating/list")) {
                if (variable.path("type").asText().equals("query")) {
                    queries.add(
                            of(
                                    name + ", variable " + variable.path("name").asText(),
                                    ofLabelValues(variable.path("query").asText())));
                }
            }
            for (JsonNode annotation : dashboard.at("/annotations/list")) {
                if (annotation.has("expr")) {
                    queries.add(
                            of(
                                    name + ", annotation " + annotation.path("name").asText(),
                                    annotation.path("expr").asText()));
                }
            }
        }
        assertFalse(queries.isEmpty());
        return queries;
    }

    private static void panels(String dashboard, JsonNode panels, List<PanelQuery> queries) {
        for (JsonNode panel : panels) {
            String where = dashboard + ", \"" + panel.path("title").asText() + '"';
            for (JsonNode target : panel.path("targets")) {
                queries.add(of(where, target.path("expr").asText()));
            }
            panels(dashboard, panel.path("panels"), queries);
        }
    }

    private static String ofLabelValues(String query) {
        Matcher matcher = LABEL_VALUES.matcher(query);
        assertTrue(matcher.matches(), query);
        return "count by (" + matcher.group("label") + ") (" + matcher.group("selector") + ")";
    }

    private static PanelQuery of(String where, String expression) {
        String asked =
                VARIABLE.matcher(expression).replaceAll(found -> value(where, found.group("name")));
        return new PanelQuery(where, asked);
    }

    private static String value(String where, String variable) {
        String value = VALUES.get(variable);
        return value == null ? fail(where + " has a variable $" + variable) : value;
    }
}
