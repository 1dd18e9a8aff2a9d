package dev.ringwatch.agent;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.serve.ListenAddress;
import dev.ringwatch.agent.track.Thresholds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the agent is told. A YAML file may set it, flags override the file; what neither says has the
 * default. The file's keys are those of docs/configuration.md.
 *
 * @param listen empty: the default addresses
 * @param interval between two observations
 * @param maxGroups how many groups have series of their own
 * @param maxTableBytes the kernel memory that BPF tables may take
 */
record Configuration(
        List<ListenAddress> listen,
        Duration interval,
        Observer.Choice source,
        int maxGroups,
        long maxTableBytes,
        Thresholds thresholds) {

    static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    static final int DEFAULT_MAX_GROUPS = 50;
    private static final int MOST_GROUPS = 200;
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    static Configuration defaults() {
        return new Configuration(
                List.of(),
                DEFAULT_INTERVAL,
                Observer.Choice.AUTO,
                DEFAULT_MAX_GROUPS,
                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES,
                Thresholds.DEFAULT);
    }

    Configuration withListen(List<ListenAddress> addresses) {
        return new Configuration(addresses, interval, source, maxGroups, maxTableBytes, thresholds);
    }

    Configuration withSource(Observer.Choice choice) {
        return new Configuration(listen, interval, choice, maxGroups, maxTableBytes, thresholds);
    }

    /** Reads a file; what is wrong with it is one line with the place. */
    static Configuration read(Path file) {
        return new Reader(file).read();
    }

    private static final class Reader {
        private final Path file;

        Reader(Path file) {
            this.file = file;
        }

        Configuration read() {
            JsonNode root = tree();
            Configuration d = defaults();
            if (root.isMissingNode() || root.isNull()) {
                return d;
            }
            if (!root.isObject()) {
                throw wrong("must be a mapping of names to values");
            }
            List<ListenAddress> listen = d.listen;
            Duration interval = d.interval;
            Observer.Choice source = d.source;
            int maxGroups = d.maxGroups;
            long maxTableBytes = d.maxTableBytes;
            Thresholds thresholds = d.thresholds;
            for (var field : root.properties()) {
                JsonNode value = field.getValue();
                String key = field.getKey();
                switch (key) {
                    case "listen" -> listen = addresses(value);
                    case "interval" -> interval = interval(value);
                    case "source" -> source = text(key, value, Reader::choice);
                    case "max_groups" -> maxGroups = (int) number(key, value, 1, MOST_GROUPS);
                    case "max_table_mib" -> maxTableBytes = number(key, value, 4, 1 << 16) << 20;
                    case "thresholds" -> thresholds = thresholds(value);
                    default ->
                            throw wrong(
                                    "unknown key '"
                                            + key
                                            + "'; known are listen, interval, source, max_groups,"
                                            + " max_table_mib, thresholds");
                }
            }
            return new Configuration(
                    listen, interval, source, maxGroups, maxTableBytes, thresholds);
        }

        private JsonNode tree() {
            try {
                return new ObjectMapper(new YAMLFactory()).readTree(Files.readAllBytes(file));
            } catch (JsonProcessingException e) {
                JsonLocation at = e.getLocation();
                String place =
                        at == null
                                ? ""
                                : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
                throw wrong(place + oneLine(e.getOriginalMessage()));
            } catch (NoSuchFileException e) {
                throw wrong("no such file");
            } catch (java.nio.file.AccessDeniedException e) {
                throw wrong("may not be read by this user");
            } catch (IOException e) {
                throw wrong("cannot be read: " + e.getMessage());
            }
        }

        /** The parser's message without the lines that quote the file. */
        private static String oneLine(@Nullable String message) {
            return String.valueOf(message)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith(" "))
                    .collect(Collectors.joining(", "));
        }

        private List<ListenAddress> addresses(JsonNode value) {
            List<ListenAddress> all = new ArrayList<>();
            if (!value.isArray()) {
                all.add(text("listen", value, ListenAddress::parse));
            }
            for (JsonNode item : value) {
                all.add(text("listen", item, ListenAddress::parse));
            }
            return List.copyOf(all);
        }

        private Duration interval(JsonNode value) {
            Duration interval = text("interval", value, Durations::parse);
            if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
                throw wrong("interval: must be at least " + SHORTEST_INTERVAL.toMillis() + "ms");
            }
            return interval;
        }

        private Thresholds thresholds(JsonNode value) {
            Thresholds t = Thresholds.DEFAULT;
            Duration neverReceived = t.neverReceived();
            Duration pinned = t.pinned();
            Duration orphan = t.orphan();
            if (!value.isObject()) {
                throw wrong("thresholds: must be a mapping of kinds to durations");
            }
            for (var field : value.properties()) {
                String key = "thresholds." + field.getKey();
                switch (field.getKey()) {
                    case "never_received" ->
                            neverReceived = text(key, field.getValue(), Durations::parse);
                    case "pinned_by_ring" -> pinned = text(key, field.getValue(), Durations::parse);
                    case "orphan_ring" -> orphan = text(key, field.getValue(), Durations::parse);
                    default ->
                            throw wrong(
                                    "unknown key '"
                                            + key
                                            + "'; known are never_received, pinned_by_ring,"
                                            + " orphan_ring");
                }
            }
            return new Thresholds(neverReceived, pinned, orphan);
        }

        private <T> T text(String key, JsonNode value, Function<String, T> parse) {
            if (!value.isValueNode()) {
                throw wrong(key + ": must be a single value");
            }
            try {
                return parse.apply(value.asText());
            } catch (IllegalArgumentException e) {
                throw wrong(key + ": " + e.getMessage());
            }
        }

        private long number(String key, JsonNode value, long least, long most) {
            if (!value.isIntegralNumber() || value.asLong() < least || value.asLong() > most) {
                throw wrong(key + ": must be a whole number from " + least + " to " + most);
            }
            return value.asLong();
        }

        private static Observer.Choice choice(String text) {
            return Optional.of(text)
                    .map(t -> t.toUpperCase(Locale.ROOT))
                    .filter(t -> List.of("AUTO", "BPF", "PROC").contains(t))
                    .map(Observer.Choice::valueOf)
                    .orElseThrow(
                            () ->
                                    new IllegalArgumentException(
                                            "'" + text + "' is none of auto, bpf, proc"));
        }

        private CliException wrong(String what) {
            return new CliException("configuration " + file + ": " + what);
        }
    }
}
