package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeDashboardTest {
    private final JsonNode dashboard = NodeDashboard.build();

    @Test
    void panelsAskForEveryMetricOfTheCatalogue() {
        String asked = String.join("\n", dashboard.path("panels").findValuesAsText("expr"));
        assertEquals(Checkout.catalogue(), Checkout.metricsNamedIn(asked));
    }

    @Test
    void noTextNamesAMetricThatDoesNotExist() {
        assertEquals(Set.of(), Checkout.unknownMetricsIn(dashboard.toString()));
    }

    @Test
    void isFoundUnderItsNames() {
        assertEquals("ringwatch-node", dashboard.path("uid").asText());
        assertEquals("Ringwatch / Node", dashboard.path("title").asText());
        assertEquals(39, dashboard.path("schemaVersion").asInt());
    }

    @Test
    void rowsComeInTheOrderOfAnInvestigation() {
        List<String> rows = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            if (panel.path("type").asText().equals("row")) {
                rows.add(panel.path("title").asText());
            }
        }
        assertEquals(
                List.of("State", "Age", "Collector", "Findings", "Limits", "Agent health"), rows);
    }

    @Test
    void variablesAreAllThere() {
        List<String> names = dashboard.at("/templating/list").findValuesAsText("name");
        assertEquals(List.of("datasource", "job", "instance", "group"), names);
    }

    @Test
    void panelsHaveTheirOwnNumbersAndPlaces() {
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> cells = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertTrue(ids.add(panel.path("id").asInt()), panel.path("title").asText());
            occupy(cells, panel);
        }
        assertFalse(cells.isEmpty());
    }

    private static void occupy(Set<List<Integer>> cells, JsonNode panel) {
        JsonNode place = panel.path("gridPos");
        int right = place.path("x").asInt() + place.path("w").asInt();
        int bottom = place.path("y").asInt() + place.path("h").asInt();
        assertTrue(right <= 24, panel.path("title").asText());
        for (int x = place.path("x").asInt(); x < right; x++) {
            for (int y = place.path("y").asInt(); y < bottom; y++) {
                assertTrue(cells.add(List.of(x, y)), panel.path("title").asText());
            }
        }
    }
}
