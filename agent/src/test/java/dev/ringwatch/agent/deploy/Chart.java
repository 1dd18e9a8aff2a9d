package dev.ringwatch.agent.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Helm chart whose templates use no more than values, {@code default}, {@code toYaml | nindent N},
 * {@code sha256sum} and {@code if}: that much of Helm is here, and anything else is an error.
 */
final class Chart {
    static final ObjectMapper YAML =
            new ObjectMapper(
                    new YAMLFactory()
                            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS));

    /** An action, with the white space that "{{-" takes away. */
    private static final Pattern ACTION =
            Pattern.compile("(?:\\{\\{ |\\s*\\{\\{- )(.*?) (?:\\}\\}|-\\}\\}\\s*)");

    private final Path folder;

    Chart(Path folder) {
        this.folder = folder;
    }

    JsonNode values() throws IOException {
        return YAML.readTree(folder.resolve("values.yaml").toFile());
    }

    JsonNode about() throws IOException {
        return YAML.readTree(folder.resolve("Chart.yaml").toFile());
    }

    /** What comes out of each template that is a manifest, in the order of their kinds. */
    List<JsonNode> render(JsonNode values, String namespace) throws IOException {
        ObjectNode root = YAML.createObjectNode();
        root.set("Values", values);
        root.putObject("Chart").set("AppVersion", about().get("appVersion"));
        root.putObject("Release").put("Namespace", namespace);
        List<JsonNode> all = new ArrayList<>();
        try (Stream<Path> templates = Files.list(folder.resolve("templates"))) {
            for (Path t : templates.filter(f -> f.toString().endsWith(".yaml")).toList()) {
                all.addAll(documents(new Rendering(root, Files.readString(t)).text()));
            }
        }
        return inOrder(all);
    }

    static List<JsonNode> documents(String text) throws IOException {
        return YAML.readerFor(JsonNode.class).<JsonNode>readValues(text).readAll().stream()
                .filter(d -> !d.isNull() && !d.isMissingNode())
                .toList();
    }

    static List<JsonNode> inOrder(List<JsonNode> documents) {
        return documents.stream()
                .sorted(java.util.Comparator.comparing(d -> d.path("kind").asText()))
                .toList();
    }

    /** One template on its way. */
    private static final class Rendering {
        private final JsonNode root;
        private final String template;
        private final Matcher action;
        private int end;

        Rendering(JsonNode root, String template) {
            this.root = root;
            this.template = template;
            action = ACTION.matcher(template);
        }

        String text() throws IOException {
            StringBuilder out = new StringBuilder();
            if (block(out, true)) {
                throw new IOException("an end without an if");
            }
            return out.append(template.substring(end)).toString();
        }

        /** Up to the "end" of this block, or of the template: whether it was the former. */
        private boolean block(StringBuilder out, boolean shown) throws IOException {
            while (action.find()) {
                MatchResult found = action.toMatchResult();
                String before = template.substring(end, found.start());
                end = found.end();
                out.append(shown ? before : "");
                String what = found.group(1).strip();
                if (what.equals("end")) {
                    return true;
                } else if (what.startsWith("if ")) {
                    if (!block(out, shown && isTrue(value(what.substring(3))))) {
                        throw new IOException("no end: " + what);
                    }
                } else {
                    out.append(shown ? piped(what) : "");
                }
            }
            return false;
        }

        private String piped(String pipeline) throws IOException {
            String[] stages = pipeline.split(" \\| ");
            JsonNode value = value(stages[0]);
            String text = value.asText();
            for (int i = 1; i < stages.length; i++) {
                String[] words = stages[i].split(" ");
                text =
                        switch (words[0]) {
                            case "default" -> text.isEmpty() ? value(words[1]).asText() : text;
                            case "toYaml" -> YAML.writeValueAsString(value).stripTrailing();
                            case "sha256sum" -> sha256(text);
                            case "nindent" -> "\n" + text.indent(Integer.parseInt(words[1]));
                            default ->
                                    throw new IOException("a function not known here: " + words[0]);
                        };
            }
            return text.stripTrailing();
        }

        private static String sha256(String text) throws IOException {
            try {
                return HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IOException(e);
            }
        }

        private JsonNode value(String path) throws IOException {
            JsonNode found = root.at(path.replace('.', '/'));
            if (found.isMissingNode()) {
                throw new IOException("no such value: " + path);
            }
            return found;
        }

        private static boolean isTrue(JsonNode value) {
            return value.isContainerNode() ? !value.isEmpty() : value.asBoolean();
        }
    }
}
