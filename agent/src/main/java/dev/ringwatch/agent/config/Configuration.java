package dev.ringwatch.agent.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.agent.privilege.Drop;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.track.GroupRules;
import dev.ringwatch.agent.track.Thresholds;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the agent is told. A YAML file may set it, flags override the file; what neither says has the
 * default. The file's keys are those of docs/configuration.md and docs/ringwatch.schema.json.
 *
 * <p>A new key is a component of a section's record and a line in its {@code read}; a new section is
 * the same here.
 *
 * @param listen empty: the default addresses
 * @param interval between two observations
 * @param runAs the user to become when started as root
 * @param keepCapabilities what the observer's thread keeps beyond what its source needs
 */
public record Configuration(
        List<ListenAddress> listen,
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

    /** The same with other addresses. */
    public Configuration withListen(List<ListenAddress> addresses) {
        return with(addresses, source);
    }

    /** The same with another source. */
    public Configuration withSource(Observer.Choice choice) {
        return with(listen, choice);
    }

    private Configuration with(List<ListenAddress> addresses, Observer.Choice choice) {
        return new Configuration(
                addresses,
                interval,
                choice,
                runAs,
                keepCapabilities,
                features,
                groups,
                thresholds,
                limits);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigurationException with one line that has the place
     */
    public static Configuration read(Path file) {
        return KeyReader.read(file.toString(), tree(file), Configuration::read);
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

    private static JsonNode tree(Path file) {
        try {
            return new ObjectMapper(new YAMLFactory())
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw wrong(file, place(e.getLocation()) + oneLine(e.getOriginalMessage()));
        } catch (NoSuchFileException e) {
            throw wrong(file, "no such file");
        } catch (AccessDeniedException e) {
            throw wrong(file, "may not be read by this user");
        } catch (IOException e) {
            throw wrong(file, "cannot be read: " + e.getMessage());
        }
    }

    private static String place(@Nullable JsonLocation at) {
        return at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
    }

    /** The parser's message without the lines that quote the file. */
    private static String oneLine(@Nullable String message) {
        return String.valueOf(message)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .collect(Collectors.joining(", "));
    }

    private static ConfigurationException wrong(Path file, String what) {
        return new ConfigurationException(KeyReader.prefix(file.toString()) + what);
    }
}
