package dev.ringwatch.agent.config;

import dev.ringwatch.agent.track.GroupRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The keys of {@link GroupRules}. */
final class GroupKeys {
    private static final Duration MOST = Duration.ofDays(1);
    private static final Keys.Form<Pattern> EXPRESSION =
            new Keys.Form<>("^.+$", GroupKeys::expression);
    private static final Keys.Form<String> NAME = new Keys.Form<>("^[^~].*$", text -> text);
    private static final Keys.Form<Path> DIRECTORY = new Keys.Form<>("^/.*$", GroupKeys::directory);

    private GroupKeys() {}

    static GroupRules read(Keys keys) {
        GroupRules d = GroupRules.DEFAULT;
        return new GroupRules(
                keys
                        .sections(
                                "rules",
                                "Your own, asked in order and before all others.",
                                GroupKeys::rule)
                        .stream()
                        .flatMap(Optional::stream)
                        .toList(),
                keys.number(
                        "max",
                        "Groups with series of their own; the rest is counted as ~other.",
                        1,
                        GroupRules.MOST,
                        d.max()),
                keys.duration(
                        "min_age",
                        "How long a group must have been there before it has series of its own.",
                        Duration.ZERO,
                        MOST,
                        d.minAge()),
                keys.duration(
                        "linger",
                        "How long a group keeps its series when it is empty or others outweigh it.",
                        Duration.ZERO,
                        MOST,
                        d.linger()),
                keys.text(
                                "host_root",
                                "Where the host's root directory is; the names of pods are read"
                                        + " below its var/log/pods. Default: /.",
                                DIRECTORY)
                        .orElse(d.hostRoot()));
    }

    /** Empty only where nothing is asked for: in a schema. */
    private static Optional<GroupRules.Rule> rule(Keys keys) {
        Optional<Pattern> comm =
                keys.text("comm", "A regular expression to find in the command name.", EXPRESSION);
        Optional<Pattern> cgroup =
                keys.text("cgroup", "The same for a path of a control group.", EXPRESSION);
        Optional<String> group =
                keys.text(
                        "group",
                        "The group's name; $1 stands for what the first parenthesis matched.",
                        NAME);
        if (comm.isEmpty() && cgroup.isEmpty() && group.isEmpty()) {
            return Optional.empty();
        }
        if (group.isEmpty() || comm.isPresent() == cgroup.isPresent()) {
            throw new IllegalArgumentException("must have a group, and either comm or cgroup");
        }
        return Optional.of(
                comm.map(p -> new GroupRules.Rule(GroupRules.Field.COMM, p, group.get()))
                        .or(
                                () ->
                                        cgroup.map(
                                                p ->
                                                        new GroupRules.Rule(
                                                                GroupRules.Field.CGROUP,
                                                                p,
                                                                group.get())))
                        .orElseThrow());
    }

    private static Pattern expression(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'%s' is no regular expression: %s at %d"
                            .formatted(text, e.getDescription(), e.getIndex()),
                    e);
        }
    }

    private static Path directory(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("must begin with /");
        }
        return Path.of(text);
    }
}
