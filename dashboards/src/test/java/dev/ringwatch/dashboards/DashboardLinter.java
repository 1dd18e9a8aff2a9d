package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of Grafana's dashboard-linter, under its names, written from their descriptions. Where
 * the linter looks only at some types of panel, this looks at all that ask something.
 *
 * <p>Its two rules for LogQL hold because every target has to ask Prometheus; its two rules for the
 * second schema ({@code v2-required-fields-rule}, {@code element-reference-rule}) do not apply to
 * the classic one. Whether an expression is PromQL is for promtool to say, in {@link
 * ExpressionsTest}. {@code target-histogram-rule} and {@code template-unused-rule} are older rules
 * that the linter no longer runs.
 */
final class DashboardLinter {
    private static final String DATA_SOURCE = "${datasource}";
    private static final String RATE_INTERVAL = "$__rate_interval";

    /** Of Grafana's units, those that this project has a use for. */
    private static final Set<String> UNITS =
            Arrays.stream(Unit.values()).map(Unit::grafanaId).collect(Collectors.toSet());

    /** Metrics of which a dashboard shows only the groups that its reader chose. */
    private static final Set<String> METRICS_OF_GROUPS =
            Arrays.stream(MetricCatalogue.values())
                    .filter(metric -> metric.labels().contains("group"))
                    .map(MetricCatalogue::metricName)
                    .collect(Collectors.toSet());

    private static final Pattern LABEL_QUERY = Pattern.compile("label_values\\((.+), [a-z_]+\\)");
    private static final Pattern GROWTH = Pattern.compile(".*\\b(rate|irate|increase)\\($");
    private static final Pattern QUANTILE = Pattern.compile(".*\\bhistogram_quantile\\(.*");
    private static final Pattern OF_GROUP = Pattern.compile(".*\\bgroup=~\"[^\"]+\".*");

    private final List<String> violations = new ArrayList<>();
    private final JsonNode dashboard;

    private DashboardLinter(JsonNode dashboard) {
        this.dashboard = dashboard;
    }

    /** One line for each place that breaks a rule, beginning with the rule's name. */
    static List<String> lint(JsonNode dashboard) {
        DashboardLinter linter = new DashboardLinter(dashboard);
        linter.dashboard();
        linter.variables();
        linter.panels();
        return linter.violations;
    }

    private void dashboard() {
        JsonNode editable = dashboard.path("editable");
        require(
                "uneditable-dashboard-rule",
                editable.isBoolean() && !editable.asBoolean(),
                "the dashboard can be edited");
    }

    private void variables() {
        JsonNode source = variable("datasource");
        require(
                "template-datasource-rule",
                is(source, "type", "datasource")
                        && is(source, "query", "prometheus")
                        && is(source, "label", "Data source"),
                "no data source to choose");
        labelVariable("template-job-rule", "job");
        labelVariable("template-instance-rule", "instance");
        if (expressions().anyMatch(expression -> asksFor(expression, "group"))) {
            labelVariable("template-required-variables-rule", "group");
        }
        for (JsonNode variable : dashboard.at("/templating/list")) {
            if (is(variable, "type", "query")) {
                query(variable);
            }
        }
    }

    private Stream<String> expressions() {
        return dashboard.path("panels").findValuesAsText("expr").stream();
    }

    private static boolean asksFor(String expression, String variable) {
        return expression.contains("\"$" + variable + "\"");
    }

    private JsonNode variable(String name) {
        for (JsonNode variable : dashboard.at("/templating/list")) {
            if (is(variable, "name", name)) {
                return variable;
            }
        }
        return dashboard.path("no such variable");
    }

    private void labelVariable(String rule, String name) {
        String title = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        JsonNode variable = variable(name);
        require(rule, is(variable, "type", "query"), "not a query");
        require(rule, is(variable, "label", title), "not labelled " + title);
        require(rule, is(variable, "allValue", ".+"), "all is not .+");
        require(rule, variable.path("multi").asBoolean(), "one value only");
        require(rule, variable.path("includeAll").asBoolean(), "all cannot be chosen");
        require(rule, chosenDataSource(variable), "another data source");
    }

    private void query(JsonNode variable) {
        String name = variable.path("name").asText();
        String query = variable.path("query").asText();
        require("template-label-promql-rule", LABEL_QUERY.matcher(query).matches(), query);
        require("template-on-time-change-reload-rule", variable.path("refresh").asInt() == 2, name);
        require(
                "template-unused-rule",
                expressions().anyMatch(expression -> asksFor(expression, name)),
                name);
    }

    private void panels() {
        for (JsonNode panel : dashboard.path("panels")) {
            if (!is(panel, "type", "row")) {
                panel(panel);
            }
        }
    }

    private void panel(JsonNode panel) {
        String title = panel.path("title").asText();
        require("panel-datasource-rule", chosenDataSource(panel), title);
        require(
                "panel-title-description-rule",
                !title.isBlank() && !panel.path("description").asText().isBlank(),
                "panel " + panel.path("id"));
        if (is(panel, "type", "text")) {
            return;
        }
        require(
                "panel-units-rule",
                UNITS.contains(panel.at("/fieldConfig/defaults/unit").asText()),
                title);
        require("panel-no-targets-rule", !panel.path("targets").isEmpty(), title);
        for (JsonNode target : panel.path("targets")) {
            require("panel-datasource-rule", chosenDataSource(target), title);
            expression(title, target);
        }
    }

    private void expression(String title, JsonNode target) {
        String expression = target.path("expr").asText();
        String where = title + ": " + expression;
        require("target-promql-rule", !expression.isBlank(), where);
        List<String> bare = Selector.bareMetricsIn(expression);
        require("target-job-rule", bare.isEmpty(), where);
        require("target-instance-rule", bare.isEmpty(), where);
        for (Selector selector : Selector.in(expression)) {
            selector(where, selector, is(target, "format", "heatmap"));
        }
    }

    private void selector(String where, Selector selector, boolean heatmap) {
        require("target-job-rule", selector.matchers().contains("job=~\"$job\""), where);
        require(
                "target-instance-rule",
                selector.matchers().contains("instance=~\"$instance\""),
                where);
        require(
                "target-required-matchers-rule",
                !METRICS_OF_GROUPS.contains(selector.name())
                        || OF_GROUP.matcher(selector.matchers()).matches(),
                where);
        boolean ranged = !selector.range().isEmpty();
        boolean growth = ranged && GROWTH.matcher(selector.before()).matches();
        require(
                "target-rate-interval-rule",
                !growth || selector.range().equals(RATE_INTERVAL),
                where);
        require("target-counter-agg-rule", growth || !selector.name().endsWith("_total"), where);
        boolean histogram = heatmap || QUANTILE.matcher(selector.before()).matches();
        require("target-histogram-rule", histogram || !selector.name().endsWith("_bucket"), where);
    }

    private static boolean chosenDataSource(JsonNode node) {
        return node.at("/datasource/uid").asText().equals(DATA_SOURCE)
                && node.at("/datasource/type").asText().equals("prometheus");
    }

    private static boolean is(JsonNode node, String field, String value) {
        return node.path(field).asText().equals(value);
    }

    private void require(String rule, boolean holds, String where) {
        if (!holds) {
            violations.add(rule + ": " + where);
        }
    }
}
