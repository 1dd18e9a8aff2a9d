package dev.ringwatch.core.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The scenarios that come with the program: what is known to have gone wrong, and what must not. */
public final class ScenarioLibrary {
    private static final String INDEX = "index";
    private static final String SUFFIX = ".scn";

    private static volatile @Nullable List<String> names;

    private ScenarioLibrary() {}

    /** The names of all scenarios, in the order in which to read them. */
    public static List<String> names() {
        List<String> known = names;
        if (known == null) {
            List<String> all = new ArrayList<>();
            for (String line : text(INDEX).lines().toList()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    all.add(line.strip());
                }
            }
            SelftestGraphs.names().forEach(all::add);
            known = List.copyOf(all);
            names = known;
        }
        return known;
    }

    /** All scenarios, in the order of their names. */
    public static List<Scenario> all() {
        return names().stream().map(name -> find(name).orElseThrow()).toList();
    }

    /** The text of the scenario of that name. */
    public static Optional<String> source(String name) {
        if (!names().contains(name)) {
            return Optional.empty();
        }
        return Optional.of(SelftestGraphs.source(name).orElseGet(() -> text(name + SUFFIX)));
    }

    /** The scenario of that name. */
    public static Optional<Scenario> find(String name) {
        return source(name).map(text -> parse(name, text));
    }

    private static Scenario parse(String name, String text) {
        try {
            return ScenarioParser.parse(name, name + SUFFIX, text);
        } catch (ScenarioSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String resource) {
        try (InputStream in = ScenarioLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from the library");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
