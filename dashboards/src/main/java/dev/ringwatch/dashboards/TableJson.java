package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** Writes what is particular to a table in Grafana's classic JSON model. */
final class TableJson {
    /** What Grafana calls the numbers of a query that is the only one of its panel. */
    private static final String VALUE = "Value";

    private final JsonNodeFactory json = JsonNodeFactory.instance;

    /** How columns look that differ from the others; each is found by its heading. */
    void columns(ObjectNode defaults, ArrayNode overrides, Look.Table table) {
        ObjectNode custom = defaults.putObject("custom");
        custom.put("align", "auto").put("inspect", false);
        custom.putObject("cellOptions").put("type", "auto");
        for (Look.Name name : table.names()) {
            name.link()
                    .ifPresent(
                            link -> {
                                ArrayNode links = json.arrayNode();
                                links.add(TileJson.link(link.title(), link.fromRow()));
                                set(override(overrides, name.title()), "links", links);
                            });
        }
        table.value().ifPresent(value -> value(override(overrides, value.title()), value));
    }

    private void value(ArrayNode properties, Look.Value value) {
        set(properties, "unit", TextNode.valueOf(value.unit().grafanaId()));
        if (!value.levels().equals(Levels.NEUTRAL)) {
            set(properties, "thresholds", TileJson.thresholds(value.levels()));
            set(properties, "color", json.objectNode().put("mode", "thresholds"));
            ObjectNode coloured = json.objectNode().put("type", "color-text");
            set(properties, "custom.cellOptions", coloured);
        }
    }

    private static ArrayNode override(ArrayNode overrides, String title) {
        ObjectNode override = overrides.addObject();
        override.putObject("matcher").put("id", "byName").put("options", title);
        return override.putArray("properties");
    }

    private static void set(ArrayNode properties, String id, JsonNode value) {
        properties.addObject().put("id", id).set("value", value);
    }

    ObjectNode options(Look.Table table) {
        ObjectNode options = json.objectNode();
        options.put("showHeader", true).put("cellHeight", "sm").put("frameIndex", 0);
        ArrayNode sortBy = options.putArray("sortBy");
        table.value()
                .ifPresent(
                        value ->
                                sortBy.addObject()
                                        .put("displayName", value.title())
                                        .put("desc", true));
        return options;
    }

    /** The columns' order and headings, and which are not shown. */
    ArrayNode transformations(Look.Table table) {
        ArrayNode transformations = json.arrayNode();
        ObjectNode organize = transformations.addObject();
        organize.put("id", "organize");
        ObjectNode options = organize.putObject("options");
        ObjectNode hidden = options.putObject("excludeByName").put("Time", true);
        ObjectNode order = options.putObject("indexByName");
        ObjectNode titles = options.putObject("renameByName");
        for (Look.Name name : table.names()) {
            order.put(name.label(), order.size());
            titles.put(name.label(), name.title());
        }
        order.put(VALUE, order.size());
        table.value()
                .ifPresentOrElse(
                        value -> titles.put(VALUE, value.title()), () -> hidden.put(VALUE, true));
        return transformations;
    }
}
