package dev.ringwatch.agent.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Answers with defaults, and writes down what was asked as a JSON schema (draft 2020-12). */
final class KeySchema implements Keys {
    private static final String DURATION = "^[0-9]{1,12}(ms|s|m|h|d)$";

    private final ObjectNode properties;

    private KeySchema(ObjectNode properties) {
        this.properties = properties;
    }

    /** The schema of a whole file. */
    static ObjectNode of(String title, Function<Keys, ?> read) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", title);
        mapping(schema, read);
        return schema;
    }

    /** A section without a key in it is null in YAML. */
    private static <T> T mapping(ObjectNode schema, Function<Keys, T> read) {
        schema.putArray("type").add("object").add("null");
        schema.put("additionalProperties", false);
        return read.apply(new KeySchema(schema.putObject("properties")));
    }

    @Override
    public <T> T section(String name, String help, Function<Keys, T> read) {
        return mapping(key(name, help), read);
    }

    @Override
    public <T> List<T> sections(String name, String help, Function<Keys, T> read) {
        ObjectNode key = key(name, help).put("type", "array");
        mapping(key.putObject("items"), read);
        return List.of();
    }

    @Override
    public int number(String name, String help, int least, int most, int unset) {
        key(name, help)
                .put("type", "integer")
                .put("minimum", least)
                .put("maximum", most)
                .put("default", unset);
        return unset;
    }

    @Override
    public Duration duration(
            String name, String help, Duration least, Duration most, Duration unset) {
        String bounds = " From " + Durations.format(least) + " to " + Durations.format(most) + ".";
        key(name, help + bounds)
                .put("type", "string")
                .put("pattern", DURATION)
                .put("default", Durations.format(unset));
        return unset;
    }

    @Override
    public boolean flag(String name, String help, boolean unset) {
        key(name, help).put("type", "boolean").put("default", unset);
        return unset;
    }

    @Override
    public <T> Map<String, T> entries(String name, String help, Form<T> form) {
        ObjectNode key = key(name, help);
        key.putArray("type").add("object").add("null");
        text(key.putObject("additionalProperties"), form);
        return Map.of();
    }

    @Override
    public <E extends Enum<E>> E choice(String name, String help, E unset) {
        ObjectNode key = key(name, help).put("type", "string");
        KeyReader.words(unset).forEach(key.putArray("enum")::add);
        key.put("default", KeyReader.word(unset));
        return unset;
    }

    @Override
    public Switch feature(String name, String help, Switch unset) {
        ObjectNode key = key(name, help);
        ArrayNode values = key.putArray("enum");
        KeyReader.words(unset).forEach(values::add);
        values.add(true).add(false);
        key.put("default", KeyReader.word(unset));
        return unset;
    }

    @Override
    public <T> Optional<T> text(String name, String help, Form<T> form) {
        text(key(name, help), form);
        return Optional.empty();
    }

    @Override
    public <T> List<T> texts(String name, String help, Form<T> form) {
        ObjectNode key = key(name, help);
        key.putArray("type").add("string").add("array");
        key.put("pattern", form.pattern());
        text(key.putObject("items"), form);
        return List.of();
    }

    private static void text(ObjectNode schema, Form<?> form) {
        schema.put("type", "string").put("pattern", form.pattern());
    }

    private ObjectNode key(String name, String help) {
        if (properties.has(name)) {
            throw new IllegalStateException(name + " is asked for twice");
        }
        return properties.putObject(name).put("description", help);
    }
}
