package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes tiles in Grafana's classic JSON model. */
final class TileJson {
    /** Without it, Grafana takes a panel for one of version 6 and changes it. */
    private static final String MADE_FOR = "10.4.0";

    private final JsonNodeFactory json = JsonNodeFactory.instance;
    private final TableJson tableJson = new TableJson();

    /** The data source that the reader chose, as every panel and query refers to it. */
    static ObjectNode dataSource() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "prometheus")
                .put("uid", "${datasource}");
    }

    /** Grafana's list of values at which a colour begins; the first has no lower end. */
    static ObjectNode thresholds(Levels levels) {
        ObjectNode thresholds = JsonNodeFactory.instance.objectNode().put("mode", "absolute");
        ArrayNode steps = thresholds.putArray("steps");
        steps.addObject().put("color", levels.base()).putNull("value");
        for (Levels.Step step : levels.steps()) {
            steps.addObject().put("color", step.colour()).put("value", step.from());
        }
        return thresholds;
    }

    static ObjectNode link(String title, String url) {
        return JsonNodeFactory.instance.objectNode().put("title", title).put("url", url);
    }

    ObjectNode of(Tile tile, int id, ObjectNode place) {
        ObjectNode node = json.objectNode();
        node.put("id", id);
        node.put("type", type(tile));
        node.put("title", tile.title());
        node.put("description", tile.description());
        node.put("pluginVersion", MADE_FOR);
        node.set("datasource", dataSource());
        node.set("gridPos", place);
        switch (tile) {
            case Panel panel -> write(node, panel);
            case Tile.Note note -> node.set("options", noteOptions(note));
        }
        return node;
    }

    private static String type(Tile tile) {
        return switch (tile) {
            case Tile.Note note -> "text";
            case Panel panel ->
                    switch (panel.look()) {
                        case Look.Lines() -> "timeseries";
                        case Look.States states -> "state-timeline";
                        case Look.Figure figure -> "stat";
                        case Look.Heatmap() -> "heatmap";
                        case Look.Table table -> "table";
                    };
        };
    }

    private ObjectNode noteOptions(Tile.Note note) {
        return json.objectNode().put("mode", "markdown").put("content", note.markdown());
    }

    private void write(ObjectNode node, Panel panel) {
        node.set("fieldConfig", fieldConfig(panel));
        node.set("options", options(panel));
        node.set("targets", targets(panel));
        node.set("transformations", transformations(panel));
    }

    private ObjectNode fieldConfig(Panel panel) {
        ObjectNode config = json.objectNode();
        ObjectNode defaults = config.putObject("defaults");
        defaults.put("unit", panel.unit().grafanaId());
        ArrayNode overrides = config.putArray("overrides");
        switch (panel.look()) {
            case Look.Lines() -> lines(defaults, panel.unit());
            case Look.States states -> states(defaults, states);
            case Look.Figure figure -> figure(defaults, figure);
            case Look.Heatmap() ->
                    defaults.putObject("custom")
                            .putObject("scaleDistribution")
                            .put("type", "linear");
            case Look.Table table -> tableJson.columns(defaults, overrides, table);
        }
        if (!panel.links().isEmpty()) {
            ArrayNode links = defaults.putArray("links");
            panel.links().forEach(link -> links.add(link(link.title(), link.fromLine())));
        }
        return config;
    }

    /**
     * Counts start at 0; a gap stays a gap, because unknown is not zero. A share of a limit can be
     * above 1.
     */
    private static void lines(ObjectNode defaults, Unit unit) {
        defaults.put("min", 0);
        defaults.putObject("color").put("mode", "palette-classic");
        ObjectNode custom = defaults.putObject("custom");
        custom.put("drawStyle", "line")
                .put("lineWidth", 1)
                .put("fillOpacity", 10)
                .put("showPoints", "auto")
                .put("spanNulls", false);
        if (unit == Unit.RATIO) {
            custom.put("axisSoftMax", 1);
        }
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

    private static void figure(ObjectNode defaults, Look.Figure figure) {
        defaults.put("noValue", figure.absent().text());
        ObjectNode absent = defaults.putArray("mappings").addObject();
        absent.put("type", "special");
        ObjectNode options = absent.putObject("options").put("match", "null+nan");
        state(options.putObject("result"), 0, figure.absent());
        defaults.putObject("color").put("mode", "thresholds");
        defaults.set("thresholds", thresholds(figure.levels()));
    }

    private ObjectNode options(Panel panel) {
        return switch (panel.look()) {
            case Look.Lines() -> lineOptions();
            case Look.States states -> stateOptions();
            case Look.Figure figure -> figureOptions(figure);
            case Look.Heatmap() -> heatmapOptions(panel.unit());
            case Look.Table table -> tableJson.options(table);
        };
    }

    private ObjectNode lineOptions() {
        ObjectNode options = json.objectNode();
        ObjectNode legend = options.putObject("legend");
        legend.put("displayMode", "table").put("placement", "bottom").put("showLegend", true);
        legend.putArray("calcs").add("lastNotNull").add("max").add("diff");
        options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
        return options;
    }

    private ObjectNode stateOptions() {
        ObjectNode options = json.objectNode();
        options.put("mergeValues", true).put("showValue", "never").put("rowHeight", 0.9);
        options.putObject("legend")
                .put("displayMode", "list")
                .put("placement", "bottom")
                .put("showLegend", true)
                .putArray("calcs");
        options.putObject("tooltip").put("mode", "single").put("sort", "none");
        return options;
    }

    private ObjectNode figureOptions(Look.Figure figure) {
        ObjectNode options = json.objectNode();
        ObjectNode reduce = options.putObject("reduceOptions");
        reduce.putArray("calcs").add(figure.span() == Look.Span.NOW ? "lastNotNull" : "diff");
        reduce.put("fields", "").put("values", false);
        options.put("colorMode", "value").put("graphMode", "none").put("justifyMode", "auto");
        options.put("orientation", "auto").put("textMode", "auto").put("wideLayout", true);
        options.put("showPercentChange", false);
        return options;
    }

    /** The buckets come from Prometheus; nothing is to be counted again. */
    private ObjectNode heatmapOptions(Unit unit) {
        ObjectNode options = json.objectNode();
        options.put("calculate", false).put("cellGap", 1).put("showValue", "never");
        options.putObject("color")
                .put("mode", "scheme")
                .put("scheme", "Oranges")
                .put("fill", "dark-orange")
                .put("scale", "exponential")
                .put("exponent", 0.5)
                .put("steps", 64)
                .put("reverse", false);
        options.putObject("exemplars").put("color", "rgba(255,0,255,0.7)");
        options.putObject("filterValues").put("le", 1e-9);
        options.putObject("legend").put("show", true);
        options.putObject("rowsFrame").put("layout", "auto");
        options.putObject("tooltip").put("mode", "single").put("yHistogram", false);
        options.putObject("yAxis")
                .put("axisPlacement", "left")
                .put("reverse", false)
                .put("unit", unit.grafanaId());
        return options;
    }

    private ArrayNode targets(Panel panel) {
        ArrayNode targets = json.arrayNode();
        for (int i = 0; i < panel.queries().size(); i++) {
            Query query = panel.queries().get(i);
            ObjectNode target = targets.addObject();
            target.put("refId", String.valueOf((char) ('A' + i)));
            target.set("datasource", dataSource());
            target.put("expr", query.expression());
            target.put("legendFormat", query.legend());
            target.put("editorMode", "code");
            target.put("exemplar", query.exemplars());
            moment(target, panel.look());
        }
        return targets;
    }

    private static void moment(ObjectNode target, Look look) {
        boolean now =
                switch (look) {
                    case Look.Table table -> true;
                    case Look.Figure figure -> figure.span() == Look.Span.NOW;
                    case Look.Lines _, Look.States _, Look.Heatmap _ -> false;
                };
        target.put("format", format(look)).put("instant", now).put("range", !now);
    }

    private static String format(Look look) {
        return switch (look) {
            case Look.Table table -> "table";
            case Look.Heatmap() -> "heatmap";
            case Look.Lines _, Look.States _, Look.Figure _ -> "time_series";
        };
    }

    private ArrayNode transformations(Panel panel) {
        return panel.look() instanceof Look.Table table
                ? tableJson.transformations(table)
                : json.arrayNode();
    }
}
