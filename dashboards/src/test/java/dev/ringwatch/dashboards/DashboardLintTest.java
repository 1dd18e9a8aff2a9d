package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DashboardLintTest {
    private static final int FIRST_PANEL = 1;

    /** The linter's own list; those for LogQL and for the second schema have nothing to look at. */
    private static final Set<String> RULES =
            Set.of(
                    "panel-datasource-rule",
                    "panel-no-targets-rule",
                    "panel-title-description-rule",
                    "panel-units-rule",
                    "target-counter-agg-rule",
                    "target-instance-rule",
                    "target-job-rule",
                    "target-promql-rule",
                    "target-rate-interval-rule",
                    "target-required-matchers-rule",
                    "template-datasource-rule",
                    "template-instance-rule",
                    "template-job-rule",
                    "template-label-promql-rule",
                    "template-on-time-change-reload-rule",
                    "template-required-variables-rule",
                    "uneditable-dashboard-rule");

    static List<Path> dashboards() throws IOException {
        return Checkout.dashboards();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void committedDashboardBreaksNoRule(Path dashboard) throws IOException {
        assertEquals(List.of(), DashboardLinter.lint(Checkout.json(dashboard)));
    }

    /** Each spoils the dashboard in one place; a linter that misses it proves nothing above. */
    static List<Arguments> spoilings() {
        return List.of(
                spoiling("uneditable-dashboard-rule", d -> d.put("editable", true)),
                spoiling("template-datasource-rule", d -> variable(d, 0).put("name", "source")),
                spoiling("template-job-rule", d -> variable(d, 1).put("allValue", ".*")),
                spoiling("template-instance-rule", d -> variable(d, 2).put("multi", false)),
                spoiling("template-required-variables-rule", d -> variable(d, 3).remove("label")),
                spoiling(
                        "template-required-variables-rule",
                        d -> ((ArrayNode) d.at("/templating/list")).remove(3)),
                spoiling(
                        "template-unused-rule",
                        d ->
                                ((ArrayNode) d.at("/templating/list"))
                                        .add(variable(d, 3).deepCopy().put("name", "kind"))),
                spoiling("template-label-promql-rule", d -> variable(d, 3).put("query", "group")),
                spoiling(
                        "template-on-time-change-reload-rule",
                        d -> variable(d, 1).put("refresh", 1)),
                spoiling(
                        "panel-datasource-rule",
                        d -> ((ObjectNode) panel(d).path("datasource")).put("uid", "a1b2c3")),
                spoiling(
                        "panel-datasource-rule",
                        d ->
                                ((ObjectNode) panel(d).at("/targets/0/datasource"))
                                        .put("type", "loki")),
                spoiling("panel-title-description-rule", d -> panel(d).remove("description")),
                spoiling("panel-units-rule", d -> panel(d).remove("fieldConfig")),
                spoiling("panel-no-targets-rule", d -> panel(d).remove("targets")),
                spoiling("target-promql-rule", d -> ask(d, "")),
                spoiling("target-job-rule", d -> ask(d, "up{instance=~\"$instance\"}")),
                spoiling("target-instance-rule", d -> ask(d, "up{job=~\"$job\"}")),
                spoiling(
                        "target-required-matchers-rule",
                        d -> ask(d, "sum(ringwatch_uring_rings{" + PromQl.TARGET + "})")),
                spoiling(
                        "target-rate-interval-rule",
                        d -> ask(d, "rate(x_total{" + PromQl.TARGET + "}[5m])")),
                spoiling(
                        "target-counter-agg-rule",
                        d -> ask(d, "sum(x_total{" + PromQl.TARGET + "})")),
                spoiling(
                        "target-histogram-rule",
                        d -> ask(d, "sum(x_bucket{" + PromQl.TARGET + "})")));
    }

    @Test
    void everyRuleOfTheLinterHasASpoiling() {
        Set<Object> spoilt = new HashSet<>();
        spoilings().forEach(spoiling -> spoilt.add(spoiling.get()[0]));
        assertTrue(spoilt.containsAll(RULES), spoilt::toString);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("spoilings")
    void linterSeesWhatIsSpoilt(String rule, Consumer<ObjectNode> spoil) throws IOException {
        ObjectNode dashboard = nodeDashboard();
        spoil.accept(dashboard);
        assertEquals(Set.of(rule), rules(DashboardLinter.lint(dashboard)));
    }

    @Test
    void metricWithoutMatchersBreaksBothTargetRules() throws IOException {
        ObjectNode dashboard = nodeDashboard();
        ask(dashboard, "sum(up)");
        assertEquals(
                Set.of("target-job-rule", "target-instance-rule"),
                rules(DashboardLinter.lint(dashboard)));
    }

    private static ObjectNode nodeDashboard() throws IOException {
        return (ObjectNode) Checkout.json(GeneratedFile.NODE_DASHBOARD.in(Checkout.TOP));
    }

    private static Set<String> rules(List<String> violations) {
        Set<String> rules = new TreeSet<>();
        violations.forEach(violation -> rules.add(violation.substring(0, violation.indexOf(':'))));
        return rules;
    }

    private static Arguments spoiling(String rule, Consumer<ObjectNode> spoil) {
        return Arguments.of(rule, spoil);
    }

    private static ObjectNode variable(JsonNode dashboard, int index) {
        return (ObjectNode) dashboard.at("/templating/list/" + index);
    }

    private static ObjectNode panel(JsonNode dashboard) {
        return (ObjectNode) dashboard.at("/panels/" + FIRST_PANEL);
    }

    private static void ask(JsonNode dashboard, String expression) {
        ArrayNode targets = (ArrayNode) panel(dashboard).path("targets");
        ((ObjectNode) targets.path(0)).put("expr", expression);
    }
}
