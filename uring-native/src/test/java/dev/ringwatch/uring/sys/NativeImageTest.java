package dev.ringwatch.uring.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A native image can call what the metadata in the jar names, and nothing else. */
class NativeImageTest {
    private static final String METADATA =
            "/META-INF/native-image/dev.ringwatch/ringwatch-uring-native/reachability-metadata.json";

    @Test
    void theMetadataNamesEveryDowncall() throws IOException {
        Set<String> calls = new LinkedHashSet<>();
        Sys.DOWNCALLS.forEach(call -> calls.add(entry(call)));
        String expected =
                calls.stream()
                        .collect(
                                Collectors.joining(
                                        ",\n",
                                        "{\n  \"foreign\": {\n    \"downcalls\": [\n",
                                        "\n    ]\n  }\n}\n"));
        assertEquals(expected, metadata());
    }

    /** The names in the metadata are those of the linker, and mean what Java's layouts mean. */
    @Test
    void theNamesOfTypesAreTheLinkers() {
        var canonical = Linker.nativeLinker().canonicalLayouts();
        for (MemoryLayout layout :
                new MemoryLayout[] {
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS
                }) {
            MemoryLayout named = Objects.requireNonNull(canonical.get(name(layout)));
            assertEquals(layout.byteSize(), named.byteSize());
        }
    }

    private static String entry(Sys.Downcall call) {
        String parameters =
                call.type().argumentLayouts().stream()
                        .map(layout -> "\"" + name(layout) + "\"")
                        .collect(Collectors.joining(", "));
        String variadic =
                call.variadic().isPresent()
                        ? ", \"firstVariadicArg\": " + call.variadic().getAsInt()
                        : "";
        return """
                      {
                        "returnType": "%s",
                        "parameterTypes": [%s],
                        "options": { "captureCallState": true%s }
                      }\
                """
                .formatted(name(call.type().returnLayout().orElseThrow()), parameters, variadic);
    }

    private static String name(MemoryLayout layout) {
        return switch (layout) {
            case ValueLayout.OfLong number -> "long";
            case ValueLayout.OfInt number -> "int";
            case java.lang.foreign.AddressLayout address -> "void*";
            default -> throw new IllegalArgumentException("no name for " + layout);
        };
    }

    private static String metadata() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(NativeImageTest.class.getResourceAsStream(METADATA))) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }
}
