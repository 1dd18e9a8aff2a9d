package dev.ringwatch.agent.config;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.Drop;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.track.GroupRules;
import dev.ringwatch.agent.track.Thresholds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the agent is told. A YAML file may set it, flags override the file; what neither says has the
 * default. The file's keys are those of docs/configuration.md and docs/ringwatch.schema.json.
 *
 * <p>A new key is a component of a section's record and a line in its {@code read}; a new section is
 * the same here.
 *
 * @param listen empty: the default addresses
 * @param webConfigFile what is demanded over TCP
 * @param interval between two observations
 * @param runAs the user to become when started as root
 * @param keepCapabilities what the observer's thread keeps beyond what its source needs
 */
public record Configuration(
        List<ListenAddress> listen,
        Optional<Path> webConfigFile,
        Duration interval,
        Observer.Choice source,
        Optional<String> runAs,
        List<Capability> keepCapabilities,
        Features features,
        GroupRules groups,
        Thresholds thresholds,
        ResourceLimits limits) {

    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_INTERVAL = Duration.ofHours(1);
    private static final Keys.Form<ListenAddress> ADDRESS =
            new Keys.Form<>("^(unix:.+|.+:[0-9]{1,5})$", ListenAddress::parse);

    private static final Keys.Form<Path> FILE = new Keys.Form<>("^[^\\x00]+$", Path::of);
    private static final Keys.Form<String> USER =
            new Keys.Form<>("^[A-Za-z_][A-Za-z0-9_.-]*[$]?$", Configuration::user);
    private static final Keys.Form<Capability> CAPABILITY =
            new Keys.Form<>(
                    Stream.of(Capability.values())
                            .map(Enum::name)
                            .collect(Collectors.joining("|", "^(", ")$")),
                    Configuration::capability);

    public Configuration {
        listen = List.copyOf(listen);
        keepCapabilities = List.copyOf(keepCapabilities);
    }

    private static Configuration read(Keys keys) {
        return new Configuration(
                keys.texts(
                        "listen",
                        "HOST:PORT, [IPV6]:PORT or unix:PATH, one or a list. Default:"
                                + " 127.0.0.1:9736, and unix:/run/ringwatch.sock where it can be"
                                + " made.",
                        ADDRESS),
                keys.text(
                        "web_config_file",
                        "TLS and users, in the format of the Prometheus exporter-toolkit; relative to"
                                + " this file.",
                        FILE),
                keys.duration(
                        "interval",
                        "Between two observations.",
                        SHORTEST_INTERVAL,
                        LONGEST_INTERVAL,
                        DEFAULT_INTERVAL),
                keys.choice(
                        "source",
                        "auto: eBPF, or /proc where that is refused; bpf or proc: that one only.",
                        Observer.Choice.AUTO),
                keys.text(
                        "run_as",
                        "The user to become when started as root; root stays. Default: ringwatch if"
                                + " there is one, else nobody.",
                        USER),
                keys.texts(
                        "keep_capabilities",
                        "What the observer's thread keeps beyond what its source needs, one or a"
                                + " list.",
                        CAPABILITY),
                keys.section(
                        "features",
                        "What goes beyond looking: auto, where it works; on; or off.",
                        Features::read),
                keys.section("groups", "How processes are told apart.", GroupKeys::read),
                keys.section(
                        "thresholds", "From what age something is a finding.", ThresholdKeys::read),
                keys.section("limits", "What the agent may take.", ResourceLimits::read));
    }

    /** What holds when nothing is said. */
    public static Configuration defaults() {
        return KeyReader.read("", new ObjectMapper().nullNode(), Configuration::read);
    }

    /** The JSON schema of the file, draft 2020-12. */
    public static ObjectNode schema() {
        return KeySchema.of("The configuration file of ringwatch run", Configuration::read);
    }

    /** The keys in which another configuration differs and that hold only from the next start. */
    public List<String> needingRestart(Configuration next) {
        Map<String, Boolean> differs = new LinkedHashMap<>();
        differs.put("listen", !listen.equals(next.listen));
        differs.put("web_config_file", !webConfigFile.equals(next.webConfigFile));
        differs.put("source", source != next.source);
        differs.put("run_as", !runAs.equals(next.runAs));
        differs.put("keep_capabilities", !keepCapabilities.equals(next.keepCapabilities));
        differs.put("features", !features.equals(next.features));
        differs.put("limits", !limits.equals(next.limits));
        return differs.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The same with other addresses. */
    public Configuration withListen(List<ListenAddress> addresses) {
        return with(addresses, source, features);
    }

    /** The same with another source. */
    public Configuration withSource(Observer.Choice choice) {
        return with(listen, choice, features);
    }

    /** The same with another file for TLS and users. */
    public Configuration withWebConfigFile(Optional<Path> other) {
        return new Configuration(
                listen,
                other,
                interval,
                source,
                runAs,
                keepCapabilities,
                features,
                groups,
                thresholds,
                limits);
    }

    private Configuration with(
            List<ListenAddress> addresses, Observer.Choice choice, Features others) {
        return new Configuration(
                addresses,
                webConfigFile,
                interval,
                choice,
                runAs,
                keepCapabilities,
                others,
                groups,
                thresholds,
                limits);
    }

    /** The same with other features. */
    public Configuration withFeatures(Features others) {
        return with(listen, source, others);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigurationException with one line that has the place
     */
    public static Configuration read(Path file) {
        Configuration c = YamlFile.read(file, Configuration::read);
        return c.withWebConfigFile(c.webConfigFile.map(file.toAbsolutePath()::resolveSibling));
    }

    private static String user(String text) {
        if (!text.matches(USER.pattern())) {
            throw new IllegalArgumentException("'" + text + "' is no user's name");
        }
        return text;
    }

    private static Capability capability(String text) {
        return Stream.of(Capability.values())
                .filter(c -> c.name().equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'"
                                                + text
                                                + "' is none of "
                                                + Drop.names(List.of(Capability.values()))));
    }
}
