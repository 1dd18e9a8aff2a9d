package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ringwatch.agent.track.FindingKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules, what Alertmanager makes of them, and their runbooks. Takes some seconds. */
class RulesTest {
    /** What each kind of finding is told by; what looks like a leak and may be none, by nothing. */
    private static final Map<FindingKind, List<String>> TOLD =
            Map.of(
                    FindingKind.LEAKED,
                    List.of("RingwatchLeakFound"),
                    FindingKind.PINNED_BY_RING,
                    List.of("RingwatchRegisteredOnlyFiles"),
                    FindingKind.NEVER_RECEIVED,
                    List.of("RingwatchDescriptorsNotReceived"),
                    FindingKind.ORPHAN_RING,
                    List.of("RingwatchOrphanRing"),
                    FindingKind.STUCK_REQUEST,
                    List.of("RingwatchRequestStuck"),
                    FindingKind.NEAR_LIMIT,
                    List.of("RingwatchInflightLimitNear", "RingwatchFileTableNearlyFull"),
                    FindingKind.UNDECIDED,
                    List.of());

    private static final Pattern KIND = Pattern.compile("kind=\"([^\"]*)\"");
    private static final Pattern COMPARISON = Pattern.compile("(?:[<>]=?|[!=]=) [\\d.]+");
    private static final Pattern LISTED =
            Pattern.compile(
                    "#   (?<alert>Ringwatch\\w+)? +(?<condition>[<>=!]+ [\\d.]+)"
                            + "( +for (?<time>\\S+) +keeps (?<keeps>\\S+))? +\\S.*");
    private static final Pattern LINK_TO_DASHBOARD =
            Pattern.compile(
                    "/d/[a-z-]+\\?var-job=\\{\\{ \\$labels\\.job \\| urlquery }}"
                            + "(&var-(?<label>\\w+)=\\{\\{ \\$labels\\.\\k<label> \\| urlquery }})*");
    private static final Pattern ALERT_MATCHER =
            Pattern.compile("alertname(?:=|=~|!=|!~)\"(?<names>[^\"]*)\"");
    private static final Pattern ALERT_NAME = Pattern.compile("\\bRingwatch[A-Z][A-Za-z]+");
    private static final Pattern SOCKET = Pattern.compile("--unix-socket (?<path>\\S+)");
    private static final Pattern SCM_URL =
            Pattern.compile("(?s)<scm>.*?<url>(?<url>[^<]+)</url>.*?</scm>");

    static List<JsonNode> alerts() throws IOException {
        return rules().stream().filter(rule -> rule.has("alert")).toList();
    }

    static List<JsonNode> records() throws IOException {
        return rules().stream().filter(rule -> rule.has("record")).toList();
    }

    static List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : Checkout.yaml(Checkout.RULES).path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    @Test
    void promtoolAcceptsTheRules() throws Exception {
        Tool.PROMTOOL.accepts(Checkout.PROMETHEUS, "check", "rules", "ringwatch.rules.yml");
    }

    @Test
    void promtoolPassesTheRuleTests() throws Exception {
        Tool.PROMTOOL.accepts(Checkout.PROMETHEUS, "test", "rules", "ringwatch.rules.test.yml");
    }

    @Test
    void promtoolAcceptsTheExampleConfiguration() throws Exception {
        Tool.PROMTOOL.accepts(Checkout.PROMETHEUS, "check", "config", "prometheus.yml");
    }

    @Test
    void amtoolAcceptsTheExampleConfiguration() throws Exception {
        Tool.AMTOOL.accepts(Checkout.PROMETHEUS, "check-config", "alertmanager.yml");
    }

    @Test
    void alertsAreTheseTwelve() throws IOException {
        assertEquals(
                List.of(
                        "RingwatchDescriptorsNotReceived",
                        "RingwatchInflightLimitNear",
                        "RingwatchCollectorStealsTime",
                        "RingwatchRegisteredOnlyFiles",
                        "RingwatchFileTableNearlyFull",
                        "RingwatchRequestStuck",
                        "RingwatchCompletionOverflow",
                        "RingwatchOrphanRing",
                        "RingwatchLeakFound",
                        "RingwatchAgentLosesEvents",
                        "RingwatchAgentDown",
                        "RingwatchAgentDegraded"),
                alerts().stream().map(RulesTest::name).toList());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void eachKindOfFindingIsToldByItsOwnAlert(FindingKind kind) throws IOException {
        List<String> telling =
                alerts().stream()
                        .filter(alert -> kindsIn(expression(alert)).contains(kind.label()))
                        .map(RulesTest::name)
                        .toList();
        assertEquals(TOLD.get(kind), telling);
    }

    static FindingKind[] kinds() {
        return FindingKind.values();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void thePageOnFindingsSaysWhichAlertTells(FindingKind kind) throws IOException {
        String page = Files.readString(Checkout.TOP.resolve("docs/findings.md"));
        List<String> named =
                page.lines().filter(line -> line.startsWith("| [" + kind.label() + "]")).toList();
        assertEquals(1, named.size());
        for (JsonNode alert : alerts()) {
            String link = "[" + name(alert) + "](../dashboards/runbooks/" + name(alert) + ".md)";
            assertEquals(
                    TOLD.getOrDefault(kind, List.of()).contains(name(alert)),
                    named.getFirst().contains(link),
                    named.getFirst());
        }
    }

    @Test
    void rulesAndTheirTestsNameOnlyKindsThatExist() throws IOException {
        Set<String> named =
                kindsIn(Files.readString(Checkout.RULES) + Files.readString(Checkout.RULE_TESTS));
        Arrays.stream(FindingKind.values()).map(FindingKind::label).forEach(named::remove);
        assertEquals(Set.of(), named);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void alertSaysWhatWhereAndHowBad(JsonNode alert) {
        assertTrue(alert.hasNonNull("for"));
        assertTrue(Set.of("critical", "warning").contains(alert.at("/labels/severity").asText()));
        assertTrue(alert.at("/annotations/summary").asText().contains("$labels.instance"));
        assertTrue(alert.at("/annotations/description").asText().contains("$labels."));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void alertLinksToADashboardWithItsOwnLabels(JsonNode alert) {
        String link = alert.at("/annotations/dashboard").asText();
        assertTrue(LINK_TO_DASHBOARD.matcher(link).matches(), link);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void thresholdsAreListedAtTheTop(JsonNode alert) throws IOException {
        Listed listed = listed().get(name(alert));
        assertTrue(listed != null, () -> "no line for " + name(alert) + " in " + Checkout.RULES);
        assertEquals(conditionsIn(expression(alert)), listed.conditions());
        assertEquals(alert.path("for").asText(), listed.time());
        assertEquals(alert.path("keep_firing_for").asText("0s"), listed.keeps());
    }

    private record Listed(Set<String> conditions, String time, String keeps) {}

    /** The list of thresholds at the top of the rules, by alert. */
    private static Map<String, Listed> listed() throws IOException {
        Map<String, Listed> all = new TreeMap<>();
        Listed last = new Listed(Set.of(), "", "");
        for (String line : Files.readAllLines(Checkout.RULES)) {
            Matcher parts = LISTED.matcher(line);
            if (!parts.matches()) {
                continue;
            }
            if (parts.group("alert") != null) {
                last = new Listed(new TreeSet<>(), parts.group("time"), parts.group("keeps"));
                all.put(parts.group("alert"), last);
            }
            last.conditions().add(parts.group("condition"));
        }
        return all;
    }

    private static Set<String> conditionsIn(String expression) {
        return COMPARISON
                .matcher(expression)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void runbookIsThePageThatTheLinkNames(JsonNode alert) throws IOException {
        Path page = Checkout.RUNBOOKS.resolve(name(alert) + ".md");
        assertEquals(
                projectUrl() + "/" + Checkout.TOP.relativize(page),
                alert.at("/annotations/runbook_url").asText());
        List<String> headings =
                Files.readAllLines(page).stream().filter(line -> line.matches("##? .*")).toList();
        assertEquals(
                List.of(
                        "# " + name(alert),
                        "## What it means",
                        "## Find the process",
                        "## What to do",
                        "## How to see that it is over"),
                headings);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void runbookSaysHowLongTheAlertGoesOn(JsonNode alert) throws IOException {
        String page = Files.readString(Checkout.RUNBOOKS.resolve(name(alert) + ".md"));
        String keeps = alert.path("keep_firing_for").asText("0m").replaceFirst("m$", "");
        boolean atOnce = page.contains("alert resolves at the next evaluation");
        assertEquals(keeps.equals("0"), atOnce, page);
        assertTrue(atOnce || page.contains("alert ends " + keeps + " minutes after that"), page);
    }

    @Test
    void runbooksAskTheSocketOfTheService() throws IOException {
        String service =
                Checkout.yaml(Checkout.TOP.resolve("deploy/ringwatch.yaml"))
                        .path("listen")
                        .toString();
        for (Path page : files(Checkout.RUNBOOKS)) {
            for (MatchResult found : SOCKET.matcher(Files.readString(page)).results().toList()) {
                assertTrue(service.contains(found.group("path")), page + ": " + found.group());
            }
        }
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

    @ParameterizedTest
    @MethodSource("records")
    void whatIsRecordedIsAskedByAnAlertOrATest(JsonNode record) throws IOException {
        String name = record.path("record").asText();
        boolean shared = alerts().stream().anyMatch(alert -> alert.toString().contains(name));
        boolean asked = Files.readString(Checkout.RULE_TESTS).contains(name);
        assertTrue(shared || asked, name);
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void onlyWhatIsCriticalWakesSomebody(JsonNode alert) throws Exception {
        String severity = alert.at("/labels/severity").asText();
        Tool.AMTOOL.accepts(
                Checkout.PROMETHEUS,
                "config",
                "routes",
                "test",
                "--config.file=alertmanager.yml",
                "--verify.receivers=" + (severity.equals("critical") ? "pager" : "tickets"),
                "alertname=" + name(alert),
                "severity=" + severity);
    }

    @Test
    void alertmanagerRoutesAndInhibitsByAlertsThatExist() throws IOException {
        List<String> alerts = alerts().stream().map(RulesTest::name).toList();
        List<String> matchers =
                ALERT_MATCHER
                        .matcher(Files.readString(Checkout.ALERTMANAGER))
                        .results()
                        .map(found -> found.group("names"))
                        .toList();
        assertFalse(matchers.isEmpty());
        for (String names : matchers) {
            assertTrue(alerts.stream().anyMatch(alert -> alert.matches(names)), names);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.ringwatch.dashboards.MetricNamesTest#texts")
    void textsNameOnlyAlertsThatExist(Path text) throws IOException {
        Set<String> named =
                ALERT_NAME
                        .matcher(Files.readString(text))
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toCollection(TreeSet::new));
        alerts().stream().map(RulesTest::name).forEach(named::remove);
        assertEquals(Set.of(), named);
    }

    private static Set<String> kindsIn(String text) {
        return KIND.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
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

    private static String expression(JsonNode rule) {
        return rule.path("expr").asText();
    }

    private static String name(JsonNode alert) {
        return alert.path("alert").asText();
    }
}
