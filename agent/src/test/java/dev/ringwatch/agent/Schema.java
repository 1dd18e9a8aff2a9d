package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The JSON schemas in docs/. */
final class Schema {
    private Schema() {}

    /** Fails if a document is not as its schema says. */
    static void fits(String schema, JsonNode document) throws IOException {
        JsonSchema compiled =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("../docs", schema)));
        Set<ValidationMessage> wrong = compiled.validate(document);
        assertTrue(wrong.isEmpty(), wrong::toString);
    }
}
