package dev.ringwatch.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers for the keys of a section from a mapping of the file. */
final class KeyReader implements Keys {
    private final String file;
    private final String path;
    private final JsonNode mapping;
    private final Set<String> known = new LinkedHashSet<>();

    private KeyReader(String file, String path, JsonNode mapping) {
        this.file = file;
        this.path = path;
        this.mapping = mapping;
    }

    /**
     * Reads a whole file.
     *
     * @param root its tree; missing or null if it says nothing
     */
    static <T> T read(String file, JsonNode root, Function<Keys, T> read) {
        return section(file, "", root, read);
    }

    private static <T> T section(
            String file, String path, JsonNode mapping, Function<Keys, T> read) {
        boolean says = !mapping.isMissingNode() && !mapping.isNull();
        if (says && !mapping.isObject()) {
            throw wrong(file, path, "must be a mapping of names to values");
        }
        KeyReader keys = new KeyReader(file, path, mapping);
        T section = keys.apply(read);
        keys.refuseUnknown();
        return section;
    }

    /** What is wrong with the section as a whole has its path. */
    private <T> T apply(Function<Keys, T> read) {
        try {
            return read.apply(this);
        } catch (IllegalArgumentException e) {
            throw wrong(file, path, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public <T> T section(String name, String help, Function<Keys, T> read) {
        known.add(name);
        return section(file, at(name), mapping.path(name), read);
    }

    @Override
    public <T> List<T> sections(String name, String help, Function<Keys, T> read) {
        known.add(name);
        JsonNode list = mapping.path(name);
        if (!list.isMissingNode() && !list.isArray()) {
            throw wrong(name, "must be a list");
        }
        List<T> all = new ArrayList<>();
        for (JsonNode item : list) {
            if (item.isEmpty()) {
                throw wrong(name + "[" + all.size() + "]", "must be a mapping of names to values");
            }
            all.add(section(file, at(name) + "[" + all.size() + "]", item, read));
        }
        return List.copyOf(all);
    }

    @Override
    public int number(String name, String help, int least, int most, int unset) {
        return value(name).map(v -> number(name, v, least, most)).orElse(unset);
    }

    @Override
    public Duration duration(
            String name, String help, Duration least, Duration most, Duration unset) {
        return value(name).map(v -> duration(name, v, least, most)).orElse(unset);
    }

    @Override
    public boolean flag(String name, String help, boolean unset) {
        return value(name)
                .map(
                        v -> {
                            if (!v.isBoolean()) {
                                throw wrong(name, "must be true or false");
                            }
                            return v.asBoolean();
                        })
                .orElse(unset);
    }

    @Override
    public <T> Map<String, T> entries(String name, String help, Form<T> form) {
        known.add(name);
        return section(
                file,
                at(name),
                mapping.path(name),
                inner -> {
                    Map<String, T> all = new LinkedHashMap<>();
                    KeyReader reader = (KeyReader) inner;
                    reader.mapping
                            .properties()
                            .forEach(
                                    e ->
                                            reader.text(e.getKey(), "", form)
                                                    .ifPresent(t -> all.put(e.getKey(), t)));
                    return all;
                });
    }

    @Override
    public <E extends Enum<E>> E choice(String name, String help, E unset) {
        return value(name).map(v -> text(name, v, t -> choice(t, unset))).orElse(unset);
    }

    @Override
    public Switch feature(String name, String help, Switch unset) {
        return value(name)
                .map(
                        v ->
                                v.isBoolean()
                                        ? v.asBoolean() ? Switch.ON : Switch.OFF
                                        : text(name, v, t -> choice(t, unset)))
                .orElse(unset);
    }

    @Override
    public <T> Optional<T> text(String name, String help, Form<T> form) {
        return value(name).map(v -> text(name, v, form.parse()));
    }

    @Override
    public <T> List<T> texts(String name, String help, Form<T> form) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return List.of();
        }
        Stream<JsonNode> items =
                value.get().isArray() ? value.get().valueStream() : Stream.of(value.get());
        return items.map(item -> text(name, item, form.parse())).toList();
    }

    static <E extends Enum<E>> List<String> words(E constant) {
        return Stream.of(constant.getDeclaringClass().getEnumConstants())
                .map(KeyReader::word)
                .toList();
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private Optional<JsonNode> value(String name) {
        known.add(name);
        JsonNode value = mapping.path(name);
        if (value.isNull()) {
            throw wrong(name, "has no value; leave the key out for the default");
        }
        return value.isMissingNode() ? Optional.empty() : Optional.of(value);
    }

    private int number(String name, JsonNode value, int least, int most) {
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.asInt() < least
                || value.asInt() > most) {
            throw wrong(name, "must be a whole number from " + least + " to " + most);
        }
        return value.asInt();
    }

    private Duration duration(String name, JsonNode value, Duration least, Duration most) {
        Duration duration = text(name, value, Durations::parse);
        if (duration.compareTo(least) < 0) {
            throw wrong(name, "must be at least " + Durations.format(least));
        }
        if (duration.compareTo(most) > 0) {
            throw wrong(name, "must be at most " + Durations.format(most));
        }
        return duration;
    }

    private static <E extends Enum<E>> E choice(String text, E like) {
        return Stream.of(like.getDeclaringClass().getEnumConstants())
                .filter(c -> word(c).equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'"
                                                + text
                                                + "' is none of "
                                                + String.join(", ", words(like))));
    }

    private <T> T text(String name, JsonNode value, Function<String, T> parse) {
        if (!value.isValueNode()) {
            throw wrong(name, "must be a single value");
        }
        try {
            return parse.apply(value.asText());
        } catch (IllegalArgumentException e) {
            throw wrong(name, String.valueOf(e.getMessage()));
        }
    }

    private void refuseUnknown() {
        for (var field : mapping.properties()) {
            if (!known.contains(field.getKey())) {
                throw new ConfigurationException(
                        prefix(file)
                                + "unknown key '"
                                + at(field.getKey())
                                + "'; known are "
                                + known.stream().collect(Collectors.joining(", ")));
            }
        }
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private ConfigurationException wrong(String name, String what) {
        return wrong(file, at(name), what);
    }

    private static ConfigurationException wrong(String file, String path, String what) {
        return new ConfigurationException(
                prefix(file) + (path.isEmpty() ? "" : path + ": ") + what);
    }

    static String prefix(String file) {
        return file + ": ";
    }
}
