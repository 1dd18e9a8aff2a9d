package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Puts tiles into rows and writes them in Grafana's classic JSON model. Tiles are numbered and
 * placed in the order they come.
 */
final class DashboardBuilder {
    /** What every dashboard of the project carries, and its links to the others go by. */
    private static final String TAG = "ringwatch";

    /** The oldest schema that Grafana 10 writes itself; later versions read it without a change. */
    private static final int SCHEMA_VERSION = 39;

    private static final int GRID_WIDTH = 24;

    private static final int SHARED_CROSSHAIR = 1;

    private final JsonNodeFactory json = JsonNodeFactory.instance;
    private final TileJson tileJson = new TileJson();
    private final ObjectNode dashboard = json.objectNode();
    private final ArrayNode annotations = json.arrayNode();
    private final ArrayNode panels = json.arrayNode();
    private final ArrayNode variables = json.arrayNode();
    private int nextId = 1;
    private int nextLine;

    /**
     * @param uid what links to the dashboard name it by; it never changes
     */
    DashboardBuilder(String uid, String title, String description) {
        dashboard.put("uid", uid);
        dashboard.put("title", title);
        dashboard.put("description", description);
    }

    DashboardBuilder variables(List<Variable> all) {
        all.forEach(variable -> variables.add(VariableJson.of(variable)));
        return this;
    }

    DashboardBuilder row(String title, List<Line> lines) {
        ObjectNode row = panels.addObject();
        row.put("id", nextId++);
        row.put("type", "row");
        row.put("title", title);
        row.put("collapsed", false);
        row.set("gridPos", place(0, GRID_WIDTH, 1));
        row.putArray("panels");
        nextLine++;
        lines.forEach(this::add);
        return this;
    }

    DashboardBuilder row(String title, Line... lines) {
        return row(title, List.of(lines));
    }

    private void add(Line line) {
        int width = GRID_WIDTH / line.tiles().size();
        int column = 0;
        for (Tile tile : line.tiles()) {
            panels.add(tileJson.of(tile, nextId++, place(column, width, line.height())));
            column += width;
        }
        nextLine += line.height();
    }

    private ObjectNode place(int column, int width, int height) {
        return json.objectNode()
                .put("x", column)
                .put("y", nextLine)
                .put("w", width)
                .put("h", height);
    }

    /** The whole dashboard; the builder is used up. */
    ObjectNode build() {
        dashboard.putArray("tags").add(TAG);
        dashboard.put("editable", false);
        dashboard.put("graphTooltip", SHARED_CROSSHAIR);
        dashboard.put("refresh", "30s");
        dashboard.put("schemaVersion", SCHEMA_VERSION);
        dashboard.put("timezone", "browser");
        dashboard.putObject("time").put("from", "now-3h").put("to", "now");
        annotate("Ringwatch alerts", PromQl.firingAlerts());
        dashboard.putObject("annotations").set("list", annotations);
        dashboard.putArray("links").add(linksToTheOthers());
        dashboard.putObject("templating").set("list", variables);
        dashboard.set("panels", panels);
        return dashboard;
    }

    /** Marks the moments at which an expression has a value. */
    private void annotate(String name, Query query) {
        ObjectNode annotation = annotations.addObject();
        annotation.put("name", name);
        annotation.set("datasource", TileJson.dataSource());
        annotation.put("enable", true);
        annotation.put("expr", query.expression());
        annotation.put("titleFormat", query.legend());
        annotation.put("iconColor", "red");
        annotation.put("step", "60s");
    }

    /** A button for each dashboard of the project, which takes variables and time along. */
    private ObjectNode linksToTheOthers() {
        ObjectNode links = json.objectNode();
        links.put("type", "dashboards").put("title", "Ringwatch").put("icon", "dashboard");
        links.putArray("tags").add(TAG);
        links.put("asDropdown", false).put("includeVars", true).put("keepTime", true);
        links.put("targetBlank", false).put("tooltip", "").put("url", "");
        return links;
    }
}
