package dev.ringwatch.dashboards;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One selector in an expression.
 *
 * @param before what stands before it
 * @param name the metric; empty if only matchers choose
 * @param matchers what is between the braces
 * @param range what is between the brackets; empty if it has none
 */
record Selector(String before, String name, String matchers, String range) {
    private static final Pattern SELECTOR =
            Pattern.compile(
                    "(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?\\{(?<matchers>[^}]*)}(\\[(?<range>[^]]*)])?");
    private static final Pattern LABEL =
            Pattern.compile("(?<label>\\w+)\\s*[=!]~?=?\\s*\"[^\"]*\"");
    private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
    private static final Pattern METRIC =
            Pattern.compile("\\b((ringwatch|process|jvm|scrape)_\\w+|up|ALERTS)\\b");

    static List<Selector> in(String expression) {
        return SELECTOR.matcher(expression).results().map(found -> of(expression, found)).toList();
    }

    /** Metrics that are named without any matcher. */
    static List<String> bareMetricsIn(String expression) {
        String rest = SELECTOR.matcher(expression).replaceAll("");
        String withoutStrings = STRING.matcher(rest).replaceAll("");
        return METRIC.matcher(withoutStrings).results().map(MatchResult::group).toList();
    }

    /** The labels that its matchers name. */
    List<String> labels() {
        return LABEL.matcher(matchers).results().map(found -> found.group("label")).toList();
    }

    private static Selector of(String expression, MatchResult found) {
        return new Selector(
                expression.substring(0, found.start()),
                orEmpty(found, "name"),
                orEmpty(found, "matchers"),
                orEmpty(found, "range"));
    }

    private static String orEmpty(MatchResult found, String group) {
        return found.start(group) < 0 ? "" : found.group(group);
    }
}
