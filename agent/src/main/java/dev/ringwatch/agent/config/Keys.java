package dev.ringwatch.agent.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The keys of one section of the file, as its record asks for them: each once, with what it is for,
 * what it may be and what it is when it is not set.
 *
 * <p>The same questions are put to a {@link KeyReader}, which answers from a file, and to a {@link
 * KeySchema}, which writes them down as a JSON schema. So a key is added in one place, and file and
 * schema cannot disagree.
 */
public sealed interface Keys permits KeyReader, KeySchema {
    /** A section within. */
    <T> T section(String name, String help, Function<Keys, T> read);

    /** A list of sections; empty if it is not set. */
    <T> List<T> sections(String name, String help, Function<Keys, T> read);

    /** A whole number within bounds, both included. */
    int number(String name, String help, int least, int most, int unset);

    /** A duration within bounds, both included. */
    Duration duration(String name, String help, Duration least, Duration most, Duration unset);

    /** true or false. */
    boolean flag(String name, String help, boolean unset);

    /** A mapping of names that the user chooses to texts; empty if it is not set. */
    <T> Map<String, T> entries(String name, String help, Form<T> form);

    /** One of an enum's constants, written in lower case. */
    <E extends Enum<E>> E choice(String name, String help, E unset);

    /** auto, on or off; the last two are true and false to readers of YAML 1.1. */
    Switch feature(String name, String help, Switch unset);

    /** A text that {@code form} reads. */
    <T> Optional<T> text(String name, String help, Form<T> form);

    /** One text or a list of them, each read by {@code form}; empty if it is not set. */
    <T> List<T> texts(String name, String help, Form<T> form);

    /**
     * What a text must look like.
     *
     * @param pattern a regular expression for the schema; matches everything that {@code parse} takes
     * @param parse throws IllegalArgumentException with what was expected
     */
    record Form<T>(String pattern, Function<String, T> parse) {}
}
