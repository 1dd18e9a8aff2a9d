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
import java.util.stream.Collectors;
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
 */
public record Configuration(
        List<ListenAddress> listen,
        Duration interval,
        Observer.Choice source,
        Features features,
        GroupRules groups,
        Thresholds thresholds,
        ResourceLimits limits) {

    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_INTERVAL = Duration.ofHours(1);
    private static final Keys.Form<ListenAddress> ADDRESS =
            new Keys.Form<>("^(unix:.+|.+:[0-9]{1,5})$", ListenAddress::parse);

    public Configuration {
        listen = List.copyOf(listen);
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
        return new Configuration(addresses, interval, source, features, groups, thresholds, limits);
    }

    /** The same with other groups. */
    Configuration withGroups(GroupRules rules) {
        return new Configuration(listen, interval, source, features, rules, thresholds, limits);
    }

    /** The same with another source. */
    public Configuration withSource(Observer.Choice choice) {
        return new Configuration(listen, interval, choice, features, groups, thresholds, limits);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigurationException with one line that has the place
     */
    public static Configuration read(Path file) {
        return KeyReader.read(file.toString(), tree(file), Configuration::read);
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
