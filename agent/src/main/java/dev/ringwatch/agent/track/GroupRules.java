package dev.ringwatch.agent.track;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How processes are put into groups, and which groups have series of their own.
 *
 * @param rules the user's own, asked in order and before all others; the first that matches decides
 * @param max how many groups have series of their own, 1 to {@link #MOST}; the rest is {@code ~other}
 * @param minAge how long a group must have been there before it gets series of its own, so that what
 *     comes and goes leaves none behind; what is there when looking begins is taken for old
 * @param linger how long a group keeps its series when it is empty or others outweigh it
 * @param hostRoot where the host's root directory is: below it the names of pods are looked up
 */
public record GroupRules(
        List<Rule> rules, int max, Duration minAge, Duration linger, Path hostRoot) {
    /** The most groups that may have series of their own. */
    public static final int MOST = 200;

    /** No rules, 50 groups of at least 30 seconds that linger for ten minutes. */
    public static final GroupRules DEFAULT =
            new GroupRules(
                    List.of(), 50, Duration.ofSeconds(30), Duration.ofMinutes(10), Path.of("/"));

    public GroupRules {
        rules = List.copyOf(rules);
        if (max < 1 || max > MOST) {
            throw new IllegalArgumentException("must be a whole number from 1 to " + MOST);
        }
    }

    /** What a rule looks at. */
    public enum Field {
        /** The command name, at most 15 characters and chosen by the process itself. */
        COMM,
        /** A path of a control group, as in {@code /proc/PID/cgroup}. */
        CGROUP
    }

    /**
     * A rule: what it looks at and finds the pattern in is in the group.
     *
     * @param pattern is searched for anywhere in the text unless it says {@code ^} and {@code $}
     * @param group the group's name, where {@code $1} stands for the pattern's first parenthesis
     */
    public record Rule(Field field, Pattern pattern, String group) {
        /**
         * @throws IllegalArgumentException if the name is empty, begins with {@code ~} like the
         *     agent's own, or refers to a parenthesis that the pattern does not have
         */
        public Rule {
            if (group.isBlank() || group.startsWith("~")) {
                throw new IllegalArgumentException(
                        "'" + group + "' is no name for a group: it is empty or begins with ~");
            }
            checkReferences(pattern, group);
        }

        private static void checkReferences(Pattern pattern, String group) {
            try {
                // With an empty alternative it matches, and the references are looked at.
                Pattern.compile("(?:" + pattern.pattern() + ")|", pattern.flags())
                        .matcher("")
                        .replaceFirst(group);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "'" + group + "' refers to what the pattern does not have", e);
            }
        }
    }
}
