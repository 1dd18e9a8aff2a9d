package dev.ringwatch.uring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Every scenario of the list has a test, and every test's scenario is in the list. */
class ScenarioCoverageTest {
    @Test
    void theListAndTheTestsAgree() throws IOException {
        Set<String> tested = new TreeSet<>();
        annotated().forEach(test -> tested.addAll(List.of(scenarios(test))));
        assertEquals(new TreeSet<>(listed()), tested);
    }

    @Test
    void nothingIsListedTwice() throws IOException {
        assertEquals(new TreeSet<>(listed()).size(), listed().size());
    }

    @Test
    void skippedScenariosAreCountedByReasonAndNotAllMayBe() {
        ScenarioTally.Counts counts = new ScenarioTally.Counts();
        counts.skipped("too old");
        counts.skipped("too old");
        assertThrows(AssertionError.class, counts::requireSome);
        counts.ran();
        counts.requireSome();
        assertEquals("scenarios on layouts: 1 ran, 2 skipped\n  2 times too old", counts.summary());
    }

    @Test
    void whatHasAScenarioIsATest() {
        annotated()
                .forEach(
                        method ->
                                assertTrue(
                                        method.isAnnotatedWith(Test.class)
                                                || method.isAnnotatedWith(ParameterizedTest.class),
                                        method.getFullName()));
    }

    private static Stream<JavaMethod> annotated() {
        return new ClassFileImporter()
                .importPackages("dev.ringwatch.uring").stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(Scenario.class));
    }

    private static String[] scenarios(JavaMethod test) {
        return test.getAnnotationOfType(Scenario.class).value();
    }

    private static List<String> listed() throws IOException {
        try (InputStream list =
                Objects.requireNonNull(
                        ScenarioCoverageTest.class.getResourceAsStream("/scenarios.txt"))) {
            return new String(list.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }
}
