package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the committed dashboards show, and how they lie on the screen. */
class DashboardsTest {
    private static final int WIDTH = 24;

    private static final Pattern UID_IN_LINK = Pattern.compile("/d/(?<uid>[a-z-]+)");
    private static final Pattern VARIABLE_IN_LINK = Pattern.compile("[?&]var-(?<name>[a-z]+)=");
    private static final Pattern NAMED_IN_RUNBOOK =
            Pattern.compile("\"(?<panel>[^\"]+)\" on the dashboard");
    private static final Pattern IDENTITY_OF_ONE = Pattern.compile("\\b(pid|inode|ring|path)\\b");

    static List<Path> dashboards() throws IOException {
        return Checkout.dashboards();
    }

    @Test
    void thereAreFive() throws IOException {
        assertEquals(
                List.of(
                        "ringwatch-agent.json",
                        "ringwatch-collector.json",
                        "ringwatch-group.json",
                        "ringwatch-node.json",
                        "ringwatch-overview.json"),
                dashboards().stream().map(DashboardsTest::name).toList());
    }

    @Test
    void panelsAskForEveryMetricOfTheCatalogue() throws IOException {
        Set<String> asked = new TreeSet<>();
        for (Path file : dashboards()) {
            List<String> expressions = Checkout.json(file).path("panels").findValuesAsText("expr");
            asked.addAll(MetricNames.metricsIn(String.join("\n", expressions)));
        }
        assertEquals(MetricNames.catalogue(), asked);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void noTextNamesAMetricThatDoesNotExist(Path file) throws IOException {
        assertEquals(Set.of(), MetricNames.all().unknownIn(Files.readString(file)));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void expressionsAskOnlyForLabelsOfTheirMetrics(Path file) throws IOException {
        MetricNames names = MetricNames.ofTheAgent();
        for (String expression : Checkout.json(file).path("panels").findValuesAsText("expr")) {
            assertEquals(List.of(), names.unknownLabelsIn(expression), expression);
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void isFoundUnderItsNames(Path file) throws IOException {
        JsonNode dashboard = Checkout.json(file);
        String uid = dashboard.path("uid").asText();
        assertEquals(name(file), uid + ".json");
        assertEquals(
                uid.replace("ringwatch-", "ringwatch / "),
                dashboard.path("title").asText().toLowerCase(Locale.ROOT));
        assertFalse(dashboard.path("description").asText().isBlank());
        assertEquals(39, dashboard.path("schemaVersion").asInt());
        assertEquals(List.of("ringwatch"), texts(dashboard.path("tags")));
    }

    @Test
    void rowsOfTheNodeComeInTheOrderOfAnInvestigation() {
        List<String> rows = new ArrayList<>();
        for (JsonNode panel : NodeDashboard.build().path("panels")) {
            if (isRow(panel)) {
                rows.add(panel.path("title").asText());
            }
        }
        assertEquals(
                List.of("State", "Age", "Collector", "Findings", "Limits", "Agent health"), rows);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void variablesAreThoseThatFit(Path file) throws IOException {
        List<String> names = new ArrayList<>(List.of("datasource", "job", "instance"));
        if (!name(file).equals("ringwatch-agent.json")) {
            names.add("group");
        }
        assertEquals(names, variables(Checkout.json(file)));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void panelsHaveTheirOwnNumbersAndNames(Path file) throws IOException {
        Set<Integer> ids = new HashSet<>();
        Set<String> titles = new HashSet<>();
        for (JsonNode panel : Checkout.json(file).path("panels")) {
            String title = panel.path("title").asText();
            assertTrue(ids.add(panel.path("id").asInt()), title);
            assertTrue(isRow(panel) || titles.add(title), title);
        }
    }

    /** Each line of the grid is full from end to end, and nothing lies on anything else. */
    @ParameterizedTest
    @MethodSource("dashboards")
    void panelsFillTheGridWithoutOverlap(Path file) throws IOException {
        Map<Integer, Set<Integer>> lines = new HashMap<>();
        for (JsonNode panel : Checkout.json(file).path("panels")) {
            occupy(lines, panel);
        }
        for (int y = 0; y < lines.size(); y++) {
            assertEquals(WIDTH, lines.getOrDefault(y, Set.of()).size(), "line " + y);
        }
    }

    private static void occupy(Map<Integer, Set<Integer>> lines, JsonNode panel) {
        String title = panel.path("title").asText();
        JsonNode place = panel.path("gridPos");
        int right = place.path("x").asInt() + place.path("w").asInt();
        int bottom = place.path("y").asInt() + place.path("h").asInt();
        assertTrue(right <= WIDTH, title);
        for (int y = place.path("y").asInt(); y < bottom; y++) {
            Set<Integer> line = lines.computeIfAbsent(y, row -> new HashSet<>());
            for (int x = place.path("x").asInt(); x < right; x++) {
                assertTrue(line.add(x), title);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void leadsToTheOthersWithVariablesAndTime(Path file) throws IOException {
        JsonNode links = Checkout.json(file).at("/links");
        assertEquals(1, links.size());
        assertEquals(List.of("ringwatch"), texts(links.at("/0/tags")));
        assertTrue(links.at("/0/includeVars").asBoolean());
        assertTrue(links.at("/0/keepTime").asBoolean());
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void linksOfValuesLeadToDashboardsThatHaveTheirVariables(Path file) throws IOException {
        Map<String, List<String>> variables = variables();
        List<String> urls = dataLinks(Checkout.json(file));
        assertFalse(urls.isEmpty());
        for (String url : urls) {
            List<String> there =
                    variables.getOrDefault(found(UID_IN_LINK, url, "uid").getFirst(), List.of());
            assertTrue(there.containsAll(found(VARIABLE_IN_LINK, url, "name")), url);
            assertTrue(url.contains("${datasource:queryparam}&${job:queryparam}"), url);
            assertTrue(url.endsWith("&${__url_time_range}"), url);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.ringwatch.dashboards.RulesTest#alerts")
    void alertsLeadToDashboardsThatHaveTheirVariables(JsonNode alert) throws IOException {
        String url = alert.at("/annotations/dashboard").asText();
        List<String> there = variables().get(found(UID_IN_LINK, url, "uid").getFirst());
        assertTrue(there != null && there.containsAll(found(VARIABLE_IN_LINK, url, "name")), url);
    }

    @Test
    void runbooksNamePanelsThatExist() throws IOException {
        Set<String> titles = new HashSet<>();
        for (Path file : dashboards()) {
            titles.addAll(Checkout.json(file).path("panels").findValuesAsText("title"));
        }
        List<String> named = new ArrayList<>();
        try (Stream<Path> pages = Files.list(Checkout.RUNBOOKS)) {
            for (Path page : pages.toList()) {
                named.addAll(found(NAMED_IN_RUNBOOK, Files.readString(page), "panel"));
            }
        }
        assertFalse(named.isEmpty());
        named.forEach(panel -> assertTrue(titles.contains(panel), panel));
    }

    /** A link that takes a label from a value leads nowhere if the value has no such label. */
    @ParameterizedTest
    @MethodSource("dashboards")
    void linksOfValuesTakeOnlyLabelsThatTheirValuesHave(Path file) throws IOException {
        for (JsonNode panel : Checkout.json(file).path("panels")) {
            List<String> labels = new ArrayList<>();
            for (String url : dataLinks(panel)) {
                labels.addAll(
                        found(Pattern.compile("(fields|labels)\\.(?<label>\\w+):"), url, "label"));
            }
            for (JsonNode target : panel.path("targets")) {
                String legend = target.path("legendFormat").asText();
                labels.forEach(
                        label -> assertTrue(legend.contains("{{" + label + "}}"), panel::toString));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void nothingIsAskedByWhatComesAndGoes(Path file) throws IOException {
        for (String expression : Checkout.json(file).findValuesAsText("expr")) {
            assertFalse(IDENTITY_OF_ONE.matcher(expression).find(), expression);
        }
    }

    /** That no alert fires is known from there being none; of all else, no figure is no news. */
    @ParameterizedTest
    @MethodSource("dashboards")
    void figureThatIsMissingDoesNotLookWell(Path file) throws IOException {
        for (JsonNode panel : Checkout.json(file).path("panels")) {
            if (panel.path("type").asText().equals("stat")) {
                JsonNode absent = panel.at("/fieldConfig/defaults/mappings/0/options");
                assertEquals("null+nan", absent.path("match").asText());
                boolean alerts = panel.path("title").asText().equals("Alerts firing");
                String colour = absent.at("/result/color").asText();
                assertEquals(alerts, colour.equals("green"), panel::toString);
            }
        }
    }

    @Test
    void openedFindingsShowTheirExemplars() throws IOException {
        for (String name : List.of("ringwatch-overview.json", "ringwatch-node.json")) {
            for (JsonNode panel : Checkout.json(Checkout.GRAFANA.resolve(name)).path("panels")) {
                boolean opened = panel.toString().contains("ringwatch_findings_opened_total");
                assertEquals(opened, panel.at("/targets/0/exemplar").asBoolean(), panel::toString);
            }
        }
    }

    /** The whole folder is provisioned, so that no dashboard is forgotten. */
    @Test
    void provisioningPutsAllOfThemIntoOneFolder() throws IOException {
        JsonNode provider =
                Checkout.yaml(Checkout.GRAFANA.resolve("provisioning/dashboards/ringwatch.yaml"))
                        .at("/providers/0");
        assertEquals("file", provider.path("type").asText());
        assertFalse(provider.path("allowUiUpdates").asBoolean(true));
        String folder = provider.at("/options/path").asText();
        String readme = Files.readString(Checkout.DASHBOARDS.resolve("README.md"));
        assertTrue(
                readme.contains("dashboards/grafana/ringwatch-*.json " + folder + "/\n"), folder);
    }

    @Test
    void everyDashboardIsInTheReadme() throws IOException {
        String readme = Files.readString(Checkout.DASHBOARDS.resolve("README.md"));
        for (Path file : dashboards()) {
            JsonNode dashboard = Checkout.json(file);
            assertTrue(readme.contains("`grafana/" + name(file) + "`"), name(file));
            for (JsonNode panel : dashboard.path("panels")) {
                String title = panel.path("title").asText();
                assertTrue(!isRow(panel) || readme.contains(title), name(file) + ": " + title);
            }
        }
    }

    private static boolean isRow(JsonNode panel) {
        return panel.path("type").asText().equals("row");
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** Those of each dashboard, by its uid. */
    private static Map<String, List<String>> variables() throws IOException {
        Map<String, List<String>> variables = new HashMap<>();
        for (Path each : dashboards()) {
            JsonNode dashboard = Checkout.json(each);
            variables.put(dashboard.path("uid").asText(), variables(dashboard));
        }
        return variables;
    }

    private static List<String> variables(JsonNode dashboard) {
        return dashboard.at("/templating/list").findValuesAsText("name");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** Addresses in the links of values; the dashboard's own links have none. */
    private static List<String> dataLinks(JsonNode node) {
        return node.findValuesAsText("url").stream().filter(url -> !url.isEmpty()).toList();
    }

    private static List<String> found(Pattern pattern, String text, String group) {
        return pattern.matcher(text).results().map((MatchResult m) -> m.group(group)).toList();
    }
}
