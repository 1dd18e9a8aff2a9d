package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide shows compiles against this library. */
class GuideTest {
    private static final Path GUIDE = Path.of("../docs/uring-native.md");
    private static final Pattern FRAGMENT = Pattern.compile("(?ms)^```java\n(.*?)^```$");
    private static final String IMPORTS =
            """
            import static java.nio.charset.StandardCharsets.UTF_8;
            import dev.ringwatch.uring.*;
            import dev.ringwatch.uring.loop.*;
            import dev.ringwatch.uring.meters.*;
            import dev.ringwatch.uring.resource.*;
            import dev.ringwatch.uring.sys.*;
            import io.micrometer.core.instrument.MeterRegistry;
            import java.lang.foreign.MemorySegment;
            import java.net.*;
            import java.nio.ByteBuffer;
            import java.nio.file.*;
            import java.time.Duration;
            import javax.net.ssl.SSLContext;
            """;
    private static final String PARAMETERS =
            "Uring uring, UringOptions options, RingLoop loop, MeterRegistry registry, Path path,"
                    + " SocketAddress address, OwnedFd unixSocket, int fd";

    @Test
    void everyFragmentCompiles(@TempDir Path classes) throws IOException {
        List<JavaFileObject> sources = sources();
        assertTrue(sources.size() >= 10, sources.size() + " fragments: the guide has more");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        boolean compiled =
                compiler.getTask(
                                said,
                                null,
                                null,
                                List.of("-proc:none", "-d", classes.toString()),
                                null,
                                sources)
                        .call();
        assertEquals("", said.toString());
        assertTrue(compiled);
    }

    private static List<JavaFileObject> sources() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        Matcher fragment = FRAGMENT.matcher(Files.readString(GUIDE));
        while (fragment.find()) {
            sources.add(new Source("Fragment" + sources.size(), fragment.group(1)));
        }
        return sources;
    }

    /** A fragment as the body of a method. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String fragment) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            text =
                    IMPORTS
                            + "class "
                            + name
                            + " { void show("
                            + PARAMETERS
                            + ") throws Exception {\n"
                            + fragment
                            + "}}";
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
