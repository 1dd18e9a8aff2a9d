package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.scenario.ScenarioLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/collector.md rests on: scenarios that exist, pictures that the model draws. */
class CollectorDocTest {
    private static final Path DOCS = Path.of("..", "docs").toAbsolutePath().normalize();

    private static List<MatchResult> inDocument(String pattern) throws IOException {
        String text = Files.readString(DOCS.resolve("collector.md"));
        List<MatchResult> found = Pattern.compile(pattern).matcher(text).results().toList();
        assertFalse(found.isEmpty(), pattern);
        return found;
    }

    @Test
    void everyScenarioItNamesIsInTheLibrary() throws IOException {
        for (MatchResult link : inDocument("(?m)^\\[([^]]+)]: (\\S+\\.scn)$")) {
            assertTrue(ScenarioLibrary.find(link.group(1)).isPresent(), link.group());
            assertTrue(Files.exists(DOCS.resolve(link.group(2))), link.group());
        }
    }

    @Test
    void everyReferenceIsDefined() throws IOException {
        List<String> defined =
                inDocument("(?m)^\\[([^]]+)]: ").stream().map(link -> link.group(1)).toList();
        for (MatchResult reference : inDocument("\\[([^]]+)]\\[]")) {
            assertTrue(defined.contains(reference.group(1)), reference.group());
        }
    }

    /** A picture's name says of what it is: SCENARIO.ERA.svg or SCENARIO.ERA.LINE.svg. */
    @Test
    void everyPictureIsWhatTheModelDraws() throws IOException {
        for (MatchResult picture :
                inDocument("\\(collector/(([^.)]+)\\.([^.)]+)(?:\\.(\\d+))?\\.svg)\\)")) {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    "model",
                                    picture.group(2),
                                    "--era",
                                    picture.group(3),
                                    "--format",
                                    "svg"));
            if (picture.group(4) != null) {
                command.addAll(List.of("--up-to", picture.group(4)));
            }
            Cli drawn = Cli.run(command.toArray(String[]::new));
            Path file = DOCS.resolve("collector").resolve(picture.group(1));
            assertEquals(
                    drawn.out(),
                    Files.readString(file),
                    () ->
                            "renew it: ./ringwatch %s > docs/collector/%s"
                                    .formatted(String.join(" ", command), picture.group(1)));
        }
    }
}
