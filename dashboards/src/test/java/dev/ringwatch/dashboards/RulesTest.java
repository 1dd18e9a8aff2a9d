package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RulesTest {
    private static final Set<String> KINDS =
            Set.of("leaked", "pinned_by_ring", "never_received", "orphan_ring", "undecided");
    private static final Pattern KIND = Pattern.compile("kind=\"([^\"]*)\"");
    private static final Pattern SCM_URL =
            Pattern.compile("(?s)<scm>.*?<url>(?<url>[^<]+)</url>.*?</scm>");
    private static final Pattern LINK = Pattern.compile("]\\((?<path>[^)#:]+)\\)");

    static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        for (JsonNode group : Checkout.yaml(Checkout.RULES).path("groups")) {
            group.path("rules").forEach(alerts::add);
        }
        return alerts;
    }

    @Test
    void promtoolAcceptsTheRules() throws Exception {
        Promtool.accepts(Checkout.PROMETHEUS, "check", "rules", "ringwatch.rules.yml");
    }

    @Test
    void promtoolPassesTheRuleTests() throws Exception {
        Promtool.accepts(Checkout.PROMETHEUS, "test", "rules", "ringwatch.rules.test.yml");
    }

    @Test
    void promtoolAcceptsTheExampleConfiguration() throws Exception {
        Promtool.accepts(Checkout.PROMETHEUS, "check", "config", "prometheus.yml");
    }

    @Test
    void alertsAreTheseThree() throws IOException {
        assertEquals(
                List.of(
                        "RingwatchDescriptorsNotReceived",
                        "RingwatchRegisteredOnlyFiles",
                        "RingwatchAgentDown"),
                alerts().stream().map(RulesTest::name).toList());
    }

    @Test
    void everyTextNamesOnlyMetricsOfTheCatalogue() throws IOException {
        for (Path text : texts()) {
            assertEquals(
                    Set.of(), Checkout.unknownMetricsIn(Files.readString(text)), text.toString());
        }
    }

    @Test
    void rulesAndTheirTestsNameOnlyKindsThatExist() throws IOException {
        String text = Files.readString(Checkout.RULES) + Files.readString(Checkout.RULE_TESTS);
        Set<String> named =
                KIND.matcher(text)
                        .results()
                        .map(found -> found.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
        named.removeAll(KINDS);
        assertEquals(Set.of(), named);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void alertSaysWhatWhereAndHowBad(JsonNode alert) {
        assertTrue(alert.hasNonNull("for"));
        assertTrue(alert.at("/labels").hasNonNull("severity"));
        assertTrue(alert.at("/annotations/summary").asText().contains("$labels.instance"));
        assertTrue(alert.at("/annotations/description").asText().contains("$labels."));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void thresholdIsListedAtTheTop(JsonNode alert) throws IOException {
        String top = Files.readString(Checkout.RULES).split("groups:", 2)[0];
        Pattern line =
                Pattern.compile(
                        "#   " + name(alert) + " +(?<condition>\\S+ \\d+) +for (?<time>\\S+)");
        Matcher listed = line.matcher(top);
        assertTrue(listed.find(), () -> "no line for " + name(alert) + " in " + Checkout.RULES);
        assertEquals(alert.path("for").asText(), listed.group("time"));
        assertTrue(
                (alert.path("expr").asText() + " ")
                        .contains(" " + listed.group("condition") + " "));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void runbookIsThePageThatTheLinkNames(JsonNode alert) throws IOException {
        Path page = Checkout.RUNBOOKS.resolve(name(alert) + ".md");
        assertEquals(
                projectUrl() + "/" + Checkout.TOP.relativize(page),
                alert.at("/annotations/runbook_url").asText());
        List<String> headings =
                Files.readAllLines(page).stream().filter(line -> line.startsWith("#")).toList();
        assertEquals(
                List.of(
                        "# " + name(alert),
                        "## What it means",
                        "## Find the process",
                        "## What to do",
                        "## How to see that it is over"),
                headings);
    }

    @Test
    void everyRunbookBelongsToAnAlert() throws IOException {
        Set<String> pages = new TreeSet<>();
        for (Path page : files(Checkout.RUNBOOKS)) {
            pages.add(page.getFileName().toString());
        }
        assertEquals(
                alerts().stream()
                        .map(alert -> name(alert) + ".md")
                        .collect(Collectors.toCollection(TreeSet::new)),
                pages);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void ruleTestsSeeItFireAndNotFire(JsonNode alert) throws IOException {
        Set<Boolean> firing = new TreeSet<>();
        for (JsonNode test : Checkout.yaml(Checkout.RULE_TESTS).path("tests")) {
            for (JsonNode moment : test.path("alert_rule_test")) {
                if (moment.path("alertname").asText().equals(name(alert))) {
                    firing.add(!moment.path("exp_alerts").isEmpty());
                }
            }
        }
        assertEquals(Set.of(false, true), firing);
    }

    @Test
    void linksBetweenPagesLeadSomewhere() throws IOException {
        for (Path text : texts()) {
            List<String> links =
                    LINK.matcher(Files.readString(text))
                            .results()
                            .map((MatchResult found) -> found.group("path"))
                            .toList();
            for (String link : links) {
                assertTrue(Files.exists(text.resolveSibling(link)), text + ": " + link);
            }
        }
    }

    private static List<Path> texts() throws IOException {
        List<Path> texts = new ArrayList<>(files(Checkout.RUNBOOKS));
        texts.addAll(files(Checkout.PROMETHEUS));
        texts.add(Checkout.DASHBOARDS.resolve("README.md"));
        texts.add(GeneratedFile.METRICS_REFERENCE.in(Checkout.TOP));
        return texts;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static String projectUrl() throws IOException {
        Matcher scm = SCM_URL.matcher(Files.readString(Checkout.TOP.resolve("pom.xml")));
        assertTrue(scm.find(), "no <scm><url> in the top pom.xml");
        return scm.group("url");
    }

    private static String name(JsonNode alert) {
        return alert.path("alert").asText();
    }
}
