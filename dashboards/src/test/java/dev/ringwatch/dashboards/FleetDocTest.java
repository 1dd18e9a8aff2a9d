package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The configurations of docs/fleet.md are good, and agree with the rules; two seconds. */
class FleetDocTest {
    private static final Path DOC = Checkout.TOP.resolve("docs/fleet.md");
    private static final Pattern BLOCK =
            Pattern.compile("(?ms)^```yaml\n(?<text># prometheus\\.yml: .*?)^```$");
    private static final Pattern METRIC = Pattern.compile("\\bringwatch_[a-z_]+\\b");

    static List<String> configurations() throws IOException {
        return BLOCK.matcher(Files.readString(DOC))
                .results()
                .map(found -> found.group("text"))
                .toList();
    }

    @Test
    void thereAreFour() throws IOException {
        assertEquals(4, configurations().size());
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void promtoolAcceptsTheConfiguration(String text, @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("prometheus.yml"), text);
        Files.copy(Checkout.RULES, folder.resolve("ringwatch.rules.yml"));
        List<String> arguments = new ArrayList<>(List.of("check", "config"));
        if (text.contains("--enable-feature=agent")) {
            arguments.add("--agent");
        }
        arguments.add("prometheus.yml");
        Tool.PROMTOOL.accepts(folder, arguments.toArray(String[]::new));
    }

    @Test
    void namesOnlySeriesThatThereAre() throws IOException {
        assertEquals(Set.of(), MetricNames.all().unknownIn(prose()));
    }

    @Test
    void whatTheRulesReadIsNeitherLeftOutNorDropped() throws IOException {
        List<JsonNode> relabels = new ArrayList<>();
        for (String text : configurations()) {
            JsonNode config = yaml(text);
            config.at("/remote_write/0/write_relabel_configs").forEach(relabels::add);
            config.at("/scrape_configs/0/metric_relabel_configs").forEach(relabels::add);
        }
        assertEquals(3, relabels.size());
        for (JsonNode relabel : relabels) {
            boolean keeps = relabel.path("action").asText().equals("keep");
            for (JsonNode rule : rules()) {
                for (String metric : metricsIn(rule.path("expr").asText())) {
                    boolean matches = metric.matches(relabel.path("regex").asText());
                    assertEquals(keeps, matches, () -> metric + " and " + relabel);
                }
            }
        }
    }

    @Test
    void federationTakesEverythingThatIsRecorded() throws IOException {
        String match = configurations().get(2);
        assertTrue(match.contains("/federate"), match);
        String recorded = yaml(match).at("/scrape_configs/0/params/match[]/0").asText();
        Pattern name = Pattern.compile(recorded.replaceFirst("^.*=~\"(.*)\"}$", "$1"));
        int records = 0;
        for (JsonNode rule : rules()) {
            if (rule.has("record")) {
                records++;
                String text = rule.path("record").asText();
                assertTrue(name.matcher(text).matches(), text);
            }
        }
        assertTrue(records > 0);
        assertFalse(name.matcher("ringwatch_uring_rings").matches());
    }

    /** Regular expressions in it are written like names. */
    private static String prose() throws IOException {
        return BLOCK.matcher(Files.readString(DOC)).replaceAll("");
    }

    private static List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : Checkout.yaml(Checkout.RULES).path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    private static List<String> metricsIn(String expression) {
        return METRIC.matcher(expression).results().map(MatchResult::group).toList();
    }

    private static JsonNode yaml(String text) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(text);
    }
}
