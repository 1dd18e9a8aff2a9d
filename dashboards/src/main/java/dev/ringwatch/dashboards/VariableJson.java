package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes variables in Grafana's classic JSON model. */
final class VariableJson {
    /** Matches every value, but no series that lacks the label. */
    private static final String ANY_VALUE = ".+";

    private static final int REFRESH_ON_LOAD = 1;
    private static final int REFRESH_ON_TIME_RANGE = 2;
    private static final int SORT_BY_NAME = 1;

    private VariableJson() {}

    static ObjectNode of(Variable variable) {
        return switch (variable) {
            case Variable.DataSource() -> dataSource();
            case Variable.LabelValues values -> labelValues(values);
        };
    }

    private static ObjectNode dataSource() {
        return named("datasource", "datasource", "Data source")
                .put("query", "prometheus")
                .put("refresh", REFRESH_ON_LOAD)
                .put("multi", false)
                .put("includeAll", false);
    }

    private static ObjectNode labelValues(Variable.LabelValues values) {
        String query = "label_values(" + values.selector() + ", " + values.name() + ")";
        ObjectNode variable = named("query", values.name(), values.title());
        variable.set("datasource", TileJson.dataSource());
        variable.put("query", query)
                .put("definition", query)
                .put("refresh", REFRESH_ON_TIME_RANGE)
                .put("sort", SORT_BY_NAME)
                .put("multi", true)
                .put("includeAll", true)
                .put("allValue", ANY_VALUE);
        if (values.first() == Variable.First.ALL) {
            variable.set("current", all());
        }
        return variable;
    }

    private static ObjectNode named(String type, String name, String title) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("name", name)
                .put("label", title)
                .put("hide", 0);
    }

    private static ObjectNode all() {
        ObjectNode current = JsonNodeFactory.instance.objectNode().put("selected", true);
        current.putArray("text").add("All");
        current.putArray("value").add("$__all");
        return current;
    }
}
