package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The words of the language of scenarios that cannot be names, and what names look like. */
final class Words {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    /** Rules as words. */
    static final Map<String, Rule> RULES = rules();

    /** What would be read as something else where a list of names ends. */
    static final Set<String> RESERVED =
            Set.of(
                    "_", "accept", "after", "and", "any", "at", "backlog", "both", "bytes",
                    "cancel", "capable", "close", "expect", "install", "into", "nop", "not", "of",
                    "off", "oob", "open", "over", "peek", "poll", "read", "room", "send", "skip",
                    "slot", "socket", "split", "timeout", "times", "to", "under", "with", "write");

    private Words() {}

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new TreeMap<>();
        for (Rule rule : Rule.values()) {
            rules.put(rule.label().replace(' ', '-'), rule);
        }
        return rules;
    }

    static boolean isName(String word) {
        return NAME.matcher(word).matches() && !RESERVED.contains(word);
    }
}
