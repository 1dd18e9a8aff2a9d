package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.ringwatch.agent.metrics.MetricCatalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** What the committed dashboards ask, asked of the real promtool. */
class ExpressionsTest {
    private static final String TARGET_LABELS = "job=\"ringwatch\",instance=\"host:9736\"";

    @TempDir private Path directory = Path.of("");

    private final List<String> expressions = new ArrayList<>();

    @BeforeEach
    void readExpressions() throws IOException {
        PanelQuery.all().forEach(query -> expressions.add(query.expression()));
        assertFalse(expressions.isEmpty());
    }

    @Test
    void eachIsValid() throws Exception {
        checkAll();
    }

    @Test
    void oneThatIsNotWouldBeRefused() {
        expressions.add("sum by (group) (ringwatch_uring_rings");
        assertThrows(AssertionFailedError.class, this::checkAll);
    }

    private void checkAll() throws Exception {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        ObjectNode group = file.putArray("groups").addObject().put("name", "dashboard");
        ArrayNode rules = group.putArray("rules");
        for (int i = 0; i < expressions.size(); i++) {
            rules.addObject().put("record", "expression:" + i).put("expr", expressions.get(i));
        }
        write("expressions.yml", file);
        Tool.PROMTOOL.accepts(directory, "check", "rules", "expressions.yml");
    }

    @Test
    void eachShowsSomethingWhenEveryMetricIsThere() throws Exception {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        file.putArray("rule_files");
        ObjectNode test = file.putArray("tests").addObject().put("interval", "1m");
        everyMetric(test.putArray("input_series"));
        ArrayNode questions = test.putArray("promql_expr_test");
        expressions.forEach(expression -> expectAnswer(questions, expression));
        write("expressions.test.yml", file);
        Tool.PROMTOOL.accepts(directory, "test", "rules", "expressions.test.yml");
    }

    @Test
    void anAgentThatIsDownIsSeenToBeWhenItAloneIsChosen() throws Exception {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        file.putArray("rule_files");
        ObjectNode test = file.putArray("tests").addObject().put("interval", "1m");
        ArrayNode series = test.putArray("input_series");
        series.addObject()
                .put("series", "ringwatch_build_info{" + TARGET_LABELS + "}")
                .put("values", "1x10 stale");
        series.addObject().put("series", "up{" + TARGET_LABELS + "}").put("values", "1x10 0x90");
        ObjectNode question = test.putArray("promql_expr_test").addObject();
        String down = PromQl.agentsThatDoNot().expression();
        question.put("expr", down.replace("$job", "ringwatch").replace("$instance", "host:9736"));
        question.put("eval_time", "90m");
        question.putArray("exp_samples").addObject().put("labels", "{}").put("value", 1);
        write("expressions.test.yml", file);
        Tool.PROMTOOL.accepts(directory, "test", "rules", "expressions.test.yml");
    }

    private static void everyMetric(ArrayNode series) {
        for (MetricCatalogue metric : MetricCatalogue.values()) {
            String labels =
                    metric.labels().stream()
                            .map(label -> "," + label + "=\"some\"")
                            .collect(Collectors.joining());
            if (metric.type() == MetricCatalogue.Type.HISTOGRAM) {
                String bucket = metric.metricName() + "_bucket{" + TARGET_LABELS + labels;
                series(series, bucket + ",le=\"0.1\"}");
                series(series, bucket + ",le=\"+Inf\"}");
                series(series, metric.metricName() + "_sum{" + TARGET_LABELS + labels + "}");
            } else {
                series(series, metric.metricName() + "{" + TARGET_LABELS + labels + "}");
            }
        }
        series(
                series,
                "ringwatch_findings{" + TARGET_LABELS + ",group=\"some\",kind=\"undecided\"}");
        for (OwnMetric metric : OwnMetric.values()) {
            series(series, metric.metricName() + "{" + TARGET_LABELS + ",area=\"heap\"}");
        }
        series(series, "up{" + TARGET_LABELS + "}");
        series(
                series,
                "ALERTS{alertname=\"RingwatchAgentDown\",alertstate=\"firing\","
                        + TARGET_LABELS
                        + "}");
    }

    private static void series(ArrayNode series, String name) {
        series.addObject().put("series", name).put("values", "1+1x10");
    }

    private static void expectAnswer(ArrayNode questions, String expression) {
        ObjectNode question = questions.addObject();
        question.put("expr", "group(" + expression + ")").put("eval_time", "10m");
        question.putArray("exp_samples").addObject().put("labels", "{}").put("value", 1);
    }

    private void write(String name, JsonNode file) throws IOException {
        new ObjectMapper(new YAMLFactory()).writeValue(directory.resolve(name).toFile(), file);
    }
}
