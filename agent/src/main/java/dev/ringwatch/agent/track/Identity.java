package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.ProcessFacts;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names the group of a process: by the first that applies of the user's rules, a Kubernetes
 * container ({@code k8s:NAMESPACE/WORKLOAD/CONTAINER}), a systemd service ({@code unit:NAME}),
 * another container ({@code cgroup:PATH}), and the command ({@code comm:NAME}). It is asked of
 * processes that have ended, too: the facts are enough. For one thread.
 */
public final class Identity {
    private static final String SERVICE = ".service";
    private static final int MAX_COMM = 64;
    private static final int MAX_NAME = 160;
    private static final int SHORT_ID = 12;

    /** The identifier that container engines make, which nobody chooses by hand. */
    private static final Pattern LONG_ID = Pattern.compile("[0-9a-f]{64}");

    /** What engines of containers call a control group, where no identifier of 64 digits is in it. */
    private static final Pattern CONTAINER =
            Pattern.compile(
                    "/(?:lxc(?:\\.payload)?[./]|machine\\.slice/machine-|machine/)[^/]+"
                            + "|/[^/]*"
                            + LONG_ID.pattern()
                            + "[^/]*");

    private GroupRules rules;
    private PodNames pods;

    public Identity(GroupRules rules) {
        this.rules = rules;
        pods = new PodNames(rules.hostRoot());
    }

    /** Names by other rules from now on. */
    void use(GroupRules others) {
        if (!others.hostRoot().equals(rules.hostRoot())) {
            pods = new PodNames(others.hostRoot());
        }
        rules = others;
    }

    /**
     * What is known of a process by name.
     *
     * @param group whose it is
     * @param namespace of its pod, empty without one; so are the other two
     * @param cgroup the path of its control group, empty where it is a root or not known
     * @param comm its command name, made safe
     */
    public record Named(
            String group,
            String namespace,
            String pod,
            String container,
            String cgroup,
            String comm) {
        /** A group of which no member is known. */
        static Named only(String group) {
            return new Named(group, "", "", "", "", "");
        }

        /** What two members of a group have in common; empty where they differ. */
        Named common(Named other) {
            return new Named(
                    group,
                    same(namespace, other.namespace),
                    same(pod, other.pod),
                    same(container, other.container),
                    same(cgroup, other.cgroup),
                    same(comm, other.comm));
        }

        private static String same(String a, String b) {
            return a.equals(b) ? a : "";
        }
    }

    /** The group of a process. */
    public String group(ProcessFacts process) {
        return named(process).group();
    }

    /** The group of a process and what it was made of. */
    public Named named(ProcessFacts process) {
        Optional<PodNames.Names> pod =
                first(process, path -> PodContainer.in(path).map(pods::names));
        String comm = clean(process.comm(), MAX_COMM);
        String group =
                byRule(process)
                        .or(() -> pod.map(PodNames.Names::group))
                        .or(() -> first(process, Identity::unit).map(name -> "unit:" + name))
                        .or(() -> first(process, Identity::container).map(name -> "cgroup:" + name))
                        .orElse("comm:" + comm);
        return new Named(
                clean(group, MAX_NAME),
                pod.map(PodNames.Names::namespace).orElse(""),
                pod.map(PodNames.Names::pod).orElse(""),
                pod.map(PodNames.Names::container).orElse(""),
                process.cgroups().isEmpty() ? "" : clean(process.cgroups().getFirst(), MAX_NAME),
                comm);
    }

    private static <T> Optional<T> first(
            ProcessFacts process, Function<String, Optional<T>> matcher) {
        return process.cgroups().stream().flatMap(path -> matcher.apply(path).stream()).findFirst();
    }

    private Optional<String> byRule(ProcessFacts process) {
        return rules.rules().stream().flatMap(rule -> apply(rule, process).stream()).findFirst();
    }

    private static Optional<String> apply(GroupRules.Rule rule, ProcessFacts process) {
        List<String> subjects =
                switch (rule.field()) {
                    case COMM -> List.of(process.comm());
                    case CGROUP -> process.cgroups();
                };
        return subjects.stream()
                .map(rule.pattern()::matcher)
                .filter(Matcher::find)
                .map(matcher -> expand(matcher, rule.group()))
                .filter(name -> !name.isBlank() && !name.startsWith("~"))
                .findFirst();
    }

    private static String expand(Matcher matcher, String group) {
        StringBuilder b = new StringBuilder();
        matcher.appendReplacement(b, group);
        return b.substring(matcher.start());
    }

    /**
     * The outermost part of a path that ends in {@code .service}; further in, whoever has been
     * delegated a control group gives names as they like.
     */
    private static Optional<String> unit(String path) {
        return Pattern.compile("/")
                .splitAsStream(path)
                .filter(part -> part.endsWith(SERVICE) && part.length() > SERVICE.length())
                .findFirst();
    }

    /** The path down to the outermost part that names a container, long identifiers cut short. */
    private static Optional<String> container(String path) {
        Matcher matcher = CONTAINER.matcher(path);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(
                LONG_ID.matcher(path.substring(0, matcher.end()))
                        .replaceAll(id -> id.group().substring(0, SHORT_ID)));
    }

    /** Names are chosen by whoever is watched: only plain characters, and not many. */
    static String clean(String name, int most) {
        StringBuilder b = new StringBuilder();
        name.codePoints().limit(most).forEach(c -> b.append(isPlain(c) ? (char) c : '_'));
        return b.toString();
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\';
    }
}
