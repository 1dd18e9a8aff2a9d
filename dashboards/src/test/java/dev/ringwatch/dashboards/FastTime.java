package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The committed files of Prometheus and Alertmanager, with time running faster: in them an hour is a
 * minute, and nothing else is changed. Every value that is a duration, and in an expression every
 * range, offset and age that something is compared with, is divided by {@link #FACTOR}.
 */
final class FastTime {
    static final int FACTOR = 60;

    private static final String DURATION = "(?:\\d+(?:ms|[smhdwy]))+";
    private static final Pattern EACH = Pattern.compile(DURATION);
    private static final Pattern PART = Pattern.compile("(?<n>\\d+)(?<unit>ms|[smhdwy])");
    private static final Pattern RANGE = Pattern.compile("\\[[^\\]\"]*]");
    private static final Pattern OFFSET = Pattern.compile("(?<=\\boffset )" + DURATION);
    private static final Pattern AGE =
            Pattern.compile(
                    "(?<=(?:_seconds|:age)(?:\\{[^}]{0,200}})? ?[<>]=? )(?<seconds>\\d+)(?![\\d.\\w])");

    private FastTime() {}

    /** A copy of a file in which time runs faster. */
    static JsonNode file(JsonNode committed) {
        return copied("", committed);
    }

    private static JsonNode copied(String key, JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            object.properties()
                    .forEach(e -> copy.set(e.getKey(), copied(e.getKey(), e.getValue())));
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> copy.add(copied(key, element)));
            return copy;
        }
        return node.isTextual()
                ? JsonNodeFactory.instance.textNode(text(key, node.asText()))
                : node;
    }

    private static String text(String key, String value) {
        if (EACH.matcher(value).matches()) {
            return duration(value);
        }
        return key.equals("expr") ? expression(value) : value;
    }

    /** An expression of PromQL. */
    static String expression(String promql) {
        String faster = OFFSET.matcher(promql).replaceAll(found -> duration(found.group()));
        faster = AGE.matcher(faster).replaceAll(FastTime::age);
        return RANGE.matcher(faster).replaceAll(found -> durations(found.group()));
    }

    private static String durations(String text) {
        return EACH.matcher(text).replaceAll(found -> duration(found.group()));
    }

    private static String age(MatchResult found) {
        return Double.toString(Double.parseDouble(found.group()) / FACTOR);
    }

    /** A duration as Prometheus writes them; at least a millisecond, unless it is 0. */
    static String duration(String text) {
        long ms = 0;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            ms += Long.parseLong(part.group("n")) * unit(part.group("unit"));
        }
        return (ms == 0 ? 0 : Math.max(1, ms / FACTOR)) + "ms";
    }

    private static long unit(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            case "w" -> 7 * 86_400_000L;
            case "y" -> 365 * 86_400_000L;
            default -> throw new AssertionError(unit);
        };
    }
}
