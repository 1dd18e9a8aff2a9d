package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Puts panels into rows and writes them in Grafana's classic JSON model. Panels are numbered and
 * placed in the order they come, at most
 * three in a line.
 */
final class DashboardBuilder {
    /** The oldest schema that Grafana 10 writes itself; later versions read it without a change. */
    private static final int SCHEMA_VERSION = 39;

    private static final int GRID_WIDTH = 24;
    private static final int PANELS_PER_LINE = 3;
    private static final int PANEL_HEIGHT = 8;

    private static final int SHARED_CROSSHAIR = 1;

    private final JsonNodeFactory json = JsonNodeFactory.instance;
    private final PanelJson panelJson = new PanelJson();
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

    DashboardBuilder variable(Variable variable) {
        variables.add(VariableJson.of(variable));
        return this;
    }

    /** Marks the moments at which an expression has a value. */
    DashboardBuilder annotation(String name, Query query) {
        ObjectNode annotation = annotations.addObject();
        annotation.put("name", name);
        annotation.set("datasource", PanelJson.dataSource());
        annotation.put("enable", true);
        annotation.put("expr", query.expression());
        annotation.put("titleFormat", query.legend());
        annotation.put("iconColor", "red");
        annotation.put("step", "60s");
        return this;
    }

    DashboardBuilder row(String title, List<Panel> rowPanels) {
        ObjectNode row = panels.addObject();
        row.put("id", nextId++);
        row.put("type", "row");
        row.put("title", title);
        row.put("collapsed", false);
        row.set("gridPos", place(0, GRID_WIDTH, 1));
        row.putArray("panels");
        nextLine++;
        addInLines(rowPanels);
        return this;
    }

    /** Lines of a row differ by at most one panel, and each is filled. */
    private void addInLines(List<Panel> rowPanels) {
        int lines = Math.ceilDiv(rowPanels.size(), PANELS_PER_LINE);
        int from = 0;
        for (int line = 0; line < lines; line++) {
            int to = from + Math.ceilDiv(rowPanels.size() - from, lines - line);
            addLine(rowPanels.subList(from, to));
            from = to;
        }
    }

    private void addLine(List<Panel> line) {
        int width = GRID_WIDTH / line.size();
        int column = 0;
        for (Panel panel : line) {
            panels.add(panelJson.of(panel, nextId++, place(column, width, PANEL_HEIGHT)));
            column += width;
        }
        nextLine += PANEL_HEIGHT;
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
        dashboard.putArray("tags").add("ringwatch");
        dashboard.put("editable", false);
        dashboard.put("graphTooltip", SHARED_CROSSHAIR);
        dashboard.put("refresh", "30s");
        dashboard.put("schemaVersion", SCHEMA_VERSION);
        dashboard.put("timezone", "browser");
        dashboard.putObject("time").put("from", "now-3h").put("to", "now");
        dashboard.putObject("annotations").set("list", annotations);
        dashboard.putArray("links");
        dashboard.putObject("templating").set("list", variables);
        dashboard.set("panels", panels);
        return dashboard;
    }
}
