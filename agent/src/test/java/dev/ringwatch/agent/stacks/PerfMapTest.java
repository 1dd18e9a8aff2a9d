package dev.ringwatch.agent.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process writes down of code that it made, and what somebody else may have put there. */
class PerfMapTest {
    private Path folder;

    @BeforeEach
    void in(@TempDir Path into) {
        folder = into;
    }

    @Test
    void anAddressIsNamedByTheRangeThatItLiesIn() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("map"),
                        """
                        0x0000000000002000 0x0000000000000100 later
                        1000 80 void Some.method(int, long)
                        """);
        PerfMap map = read(file, Optional.empty()).orElseThrow();

        assertEquals("void Some.method(int, long)", name(map, 0x1000));
        assertEquals("void Some.method(int, long)", name(map, 0x107f));
        assertEquals("nothing", name(map, 0x1080));
        assertEquals("nothing", name(map, 0xfff));
        assertEquals("later", name(map, 0x20ff));
    }

    @Test
    void codeThatTookAnothersPlaceIsTheLaterLine() throws Exception {
        Path file = Files.writeString(folder.resolve("map"), "1000 80 old\n1000 40 new\n");
        assertEquals("new", name(read(file, Optional.empty()).orElseThrow(), 0x1010));
    }

    @Test
    void linesThatAreNoneAreLeftOut() {
        for (String line :
                List.of("", "1000", "1000 80", "1000 80 ", "x 80 name", "1000 80g name")) {
            assertEquals(Optional.empty(), PerfMap.range(line), line);
        }
    }

    @Test
    void itIsReadAgainOnlyAfterItWasWrittenTo() throws Exception {
        Path file = Files.writeString(folder.resolve("map"), "1000 80 one\n");
        Optional<PerfMap> first = read(file, Optional.empty());
        assertSame(first, read(file, first));

        Files.writeString(file, "1000 80 two\n");
        Files.setLastModifiedTime(
                file,
                java.nio.file.attribute.FileTime.fromMillis(
                        first.orElseThrow().written().toMillis() + 1000));
        assertEquals("two", name(read(file, first).orElseThrow(), 0x1000));
    }

    @Test
    void anotherUsersFileIsNotBelieved() throws Exception {
        Path file = Files.writeString(folder.resolve("map"), "1000 80 name\n");
        Files.setAttribute(file, "unix:uid", 65534);
        assertTrue(PerfMap.read(file, 1000, Optional.empty()).isEmpty());
        assertTrue(PerfMap.read(file, 65534, Optional.empty()).isPresent());
    }

    @Test
    @Timeout(10)
    void whatIsNoRegularFileIsNotRead() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "1000 80 name\n");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertTrue(read(link, Optional.empty()).isEmpty());
        assertTrue(read(folder, Optional.empty()).isEmpty());
        assertTrue(read(folder.resolve("none"), Optional.empty()).isEmpty());
        Path fifo = folder.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertTrue(read(fifo, Optional.empty()).isEmpty());
    }

    /** Each range is an object of the agent, whose heap is small: a process may write any number. */
    @Test
    void ofTooManyRangesTheFirstAreKept() throws Exception {
        Path file = Files.writeString(folder.resolve("map"), "1000 1 a\n".repeat(1_000_000));
        assertEquals(1 << 18, read(file, Optional.empty()).orElseThrow().ranges().size());
        Files.writeString(file, "1000 1 " + "a".repeat(17 << 20));
        assertTrue(read(file, Optional.empty()).isEmpty(), "a file that is too large");
    }

    private static Optional<PerfMap> read(Path file, Optional<PerfMap> last) throws IOException {
        return PerfMap.read(
                file, (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"), last);
    }

    private static String name(PerfMap map, long address) {
        return map.at(address).map(PerfMap.Range::name).orElse("nothing");
    }
}
