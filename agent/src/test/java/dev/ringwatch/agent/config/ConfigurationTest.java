package dev.ringwatch.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.ringwatch.agent.track.GroupRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file, its schema and its documentation say the same. */
class ConfigurationTest {
    private static final Path DOCS = Path.of("../docs");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @TempDir Path folder = Path.of("");

    @Test
    void theCommittedSchemaIsFresh() throws IOException {
        assertEquals(
                Configuration.schema().toPrettyString() + "\n",
                Files.readString(DOCS.resolve("ringwatch.schema.json")),
                "renew it: ./ringwatch run --config-schema > docs/ringwatch.schema.json");
    }

    @Test
    void theDocumentedFileNamesEveryKeyAndFitsTheSchema() throws IOException {
        JsonNode documented = YAML.readTree(documented());

        assertEquals(Set.of(), problems(documented));
        assertEquals(schemaPaths("", Configuration.schema()), paths("", documented));
    }

    @Test
    void theDocumentedFileShowsTheDefaults() throws IOException {
        Configuration read = Configuration.read(file(documented()));

        assertEquals(Configuration.defaults(), shown(read));
    }

    private static GroupRules withoutRules(GroupRules shown) {
        assertEquals(2, shown.rules().size());
        return new GroupRules(
                List.of(), shown.max(), shown.minAge(), shown.linger(), shown.hostRoot());
    }

    /** What the example shows where the default depends on the machine. */
    private static Configuration shown(Configuration read) {
        assertEquals("[127.0.0.1:9736, unix:/run/ringwatch.sock]", String.valueOf(read.listen()));
        assertEquals(Optional.of("nobody"), read.runAs());
        return new Configuration(
                List.of(),
                Optional.empty(),
                read.interval(),
                read.source(),
                Optional.empty(),
                read.keepCapabilities(),
                read.features(),
                withoutRules(read.groups()),
                read.thresholds(),
                read.limits());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "thresholds:\n",
                "listen: 127.0.0.1:1",
                "listen: ['[::1]:9736', 'unix:/x']",
                "features: {hot: on, freed: 'on', stacks: auto}",
                "groups: {max: 200}",
                "groups: {rules: [{comm: '^a', group: b}, {cgroup: c(.), group: 'd-$1'}]}",
                "limits: {max_table_mib: 4}",
                "interval: 100ms",
                "run_as: root",
                "keep_capabilities: [CAP_SYS_ADMIN]"
            })
    void whatTheReaderTakesFitsTheSchema(String yaml) throws IOException {
        Configuration.read(file(yaml));

        JsonNode tree = YAML.readTree(yaml);
        assertEquals(Set.of(), problems(tree.isMissingNode() ? YAML.nullNode() : tree));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- 1",
                "colour: red",
                "listen: nowhere",
                "listen: [{a: b}]",
                "features: {hot: maybe}",
                "features: on",
                "groups: {max: 201}",
                "groups: {max: 0}",
                "groups: {rules: [{comm: a, group: '~other'}]}",
                "groups: {host_root: here}",
                "groups: {most: 1}",
                "limits: {max_table_mib: 3}",
                "limits: {max_table_mib: 65537}",
                "interval: 5",
                "interval: 5 minutes",
                "interval:",
                "run_as: ../root",
                "keep_capabilities: CAP_CHOWN",
                "thresholds: {orphan_ring: soon}"
            })
    void whatTheReaderRefusesDoesNotFitTheSchema(String yaml) throws IOException {
        assertThrows(ConfigurationException.class, () -> Configuration.read(file(yaml)));

        assertFalse(problems(YAML.readTree(yaml)).isEmpty());
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("ringwatch.yaml"), yaml);
    }

    private static Set<ValidationMessage> problems(JsonNode file) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Configuration.schema())
                .validate(file);
    }

    private static String documented() throws IOException {
        String text = Files.readString(DOCS.resolve("configuration.md"));
        int begin = text.indexOf("```yaml\n");
        assertTrue(begin >= 0, "docs/configuration.md has no example");
        return text.substring(begin + "```yaml\n".length(), text.indexOf("\n```\n", begin));
    }

    private static Set<String> schemaPaths(String at, JsonNode schema) {
        Set<String> all = new TreeSet<>();
        for (var property : schema.path("properties").properties()) {
            String path = at + "/" + property.getKey();
            all.add(path);
            all.addAll(schemaPaths(path, property.getValue()));
            all.addAll(schemaPaths(path, property.getValue().path("items")));
        }
        return all;
    }

    private static Set<String> paths(String at, JsonNode node) {
        Set<String> all = new TreeSet<>();
        for (var field : node.properties()) {
            String path = at + "/" + field.getKey();
            all.add(path);
            all.addAll(paths(path, field.getValue()));
            field.getValue().valueStream().forEach(item -> all.addAll(paths(path, item)));
        }
        return all;
    }
}
