package dev.ringwatch.agent.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a YAML file as its keys are asked for. */
public final class YamlFile {
    private YamlFile() {}

    /**
     * Reads one; a key that nobody asks for is refused.
     *
     * @throws ConfigurationException with one line that has the place
     */
    public static <T> T read(Path file, Function<Keys, T> read) {
        return KeyReader.read(file.toString(), tree(file), read);
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
