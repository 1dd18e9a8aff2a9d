package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes panels in Grafana's classic JSON model. */
final class PanelJson {
    private final JsonNodeFactory json = JsonNodeFactory.instance;

    /** The data source that the reader chose, as every panel and query refers to it. */
    static ObjectNode dataSource() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "prometheus")
                .put("uid", "${datasource}");
    }

    ObjectNode of(Panel panel, int id, ObjectNode place) {
        ObjectNode node = json.objectNode();
        node.put("id", id);
        node.put("type", type(panel.look()));
        node.put("title", panel.title());
        node.put("description", panel.description());
        node.set("datasource", dataSource());
        node.set("gridPos", place);
        node.set("fieldConfig", fieldConfig(panel));
        node.set("options", options(panel.look()));
        node.set("targets", targets(panel));
        node.set("transformations", transformations(panel.look()));
        return node;
    }

    private static String type(Look look) {
        return switch (look) {
            case Look.Lines() -> "timeseries";
            case Look.States states -> "state-timeline";
            case Look.Table table -> "table";
        };
    }

    private ObjectNode fieldConfig(Panel panel) {
        ObjectNode config = json.objectNode();
        ObjectNode defaults = config.putObject("defaults");
        defaults.put("unit", panel.unit().grafanaId());
        switch (panel.look()) {
            case Look.Lines() -> lines(defaults, panel.unit());
            case Look.States states -> states(defaults, states);
            case Look.Table table -> defaults.putObject("custom").put("align", "auto");
        }
        config.putArray("overrides");
        return config;
    }

    /** Counts start at 0; a gap stays a gap, because unknown is not zero. */
    private static void lines(ObjectNode defaults, Unit unit) {
        defaults.put("min", 0);
        if (unit == Unit.RATIO) {
            defaults.put("max", 1);
        }
        defaults.putObject("color").put("mode", "palette-classic");
        defaults.putObject("custom")
                .put("drawStyle", "line")
                .put("lineWidth", 1)
                .put("fillOpacity", 10)
                .put("showPoints", "auto")
                .put("spanNulls", false);
    }

    private static void states(ObjectNode defaults, Look.States states) {
        ObjectNode mapping = defaults.putArray("mappings").addObject();
        mapping.put("type", "value");
        ObjectNode values = mapping.putObject("options");
        state(values.putObject("0"), 0, states.zero());
        state(values.putObject("1"), 1, states.one());
        defaults.putObject("color").put("mode", "thresholds");
        defaults.putObject("custom")
                .put("fillOpacity", 70)
                .put("lineWidth", 0)
                .put("spanNulls", false);
    }

    private static void state(ObjectNode node, int index, Look.State state) {
        node.put("index", index).put("text", state.text()).put("color", state.colour());
    }

    private ObjectNode options(Look look) {
        return switch (look) {
            case Look.Lines() -> lineOptions();
            case Look.States states -> stateOptions();
            case Look.Table table -> tableOptions(table);
        };
    }

    private ObjectNode lineOptions() {
        ObjectNode options = json.objectNode();
        ObjectNode legend = options.putObject("legend");
        legend.put("displayMode", "table").put("placement", "bottom").put("showLegend", true);
        legend.putArray("calcs").add("lastNotNull").add("max");
        options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
        return options;
    }

    private ObjectNode stateOptions() {
        ObjectNode options = json.objectNode();
        options.put("mergeValues", true).put("showValue", "never").put("rowHeight", 0.9);
        options.putObject("legend")
                .put("displayMode", "list")
                .put("placement", "bottom")
                .put("showLegend", true);
        options.putObject("tooltip").put("mode", "single").put("sort", "none");
        return options;
    }

    private ObjectNode tableOptions(Look.Table table) {
        ObjectNode options = json.objectNode();
        options.put("showHeader", true).put("cellHeight", "sm");
        options.putArray("sortBy")
                .addObject()
                .put("displayName", table.valueTitle())
                .put("desc", true);
        return options;
    }

    private ArrayNode targets(Panel panel) {
        ArrayNode targets = json.arrayNode();
        char refId = 'A';
        for (Query query : panel.queries()) {
            ObjectNode target = targets.addObject();
            target.put("refId", String.valueOf(refId++));
            target.set("datasource", dataSource());
            target.put("expr", query.expression());
            target.put("legendFormat", query.legend());
            target.put("editorMode", "code");
            moment(target, panel.look() instanceof Look.Table);
        }
        return targets;
    }

    private static void moment(ObjectNode target, boolean now) {
        target.put("format", now ? "table" : "time_series");
        target.put("instant", now);
        target.put("range", !now);
    }

    private ArrayNode transformations(Look look) {
        ArrayNode transformations = json.arrayNode();
        if (look instanceof Look.Table(String valueTitle)) {
            ObjectNode organize = transformations.addObject();
            organize.put("id", "organize");
            ObjectNode options = organize.putObject("options");
            options.putObject("excludeByName").put("Time", true);
            options.putObject("renameByName").put("Value", valueTitle);
        }
        return transformations;
    }
}
