package dev.ringwatch.agent.proc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.proc.RingFdinfo.BufferTable;
import dev.ringwatch.agent.proc.RingFdinfo.FileTable;
import dev.ringwatch.agent.proc.RingFdinfo.Listing;
import dev.ringwatch.agent.proc.RingFdinfo.SlotEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Every form of a ring's fdinfo that kernels have had, as recorded. */
class RingFdinfoParserTest {
    private static final BufferTable NO_BUFFERS =
            new BufferTable(0, OptionalInt.of(0), OptionalLong.of(0));

    @Test
    void linux515ListsEverySlotByShortName() {
        RingFdinfo f = parsed("linux-5.15", "5.15.0");
        assertEquals(
                listed(4, entry(0, "app.log"), entry(2, "UNIX-STREAM"), entry(3, "a:b c\\040d")),
                f.files());
        assertEquals(new BufferTable(1, OptionalInt.of(1), OptionalLong.of(4096)), f.buffers());
        assertEquals(OptionalInt.of(1), f.polls());
        assertEquals(OptionalInt.empty(), f.overflowed(), "5.15 does not print it");
        assertEquals(OptionalLong.empty(), f.completionEntries(), "5.15 does not print it");
        assertEquals(OptionalInt.empty(), f.pollThread());
    }

    @Test
    void linux61HasQueuesAndOverflow() {
        RingFdinfo f = parsed("linux-6.1", "6.1.0");
        assertEquals(
                listed(3, entry(0, "app.log"), entry(1, "TCP"), entry(2, "socket:[1]")),
                f.files(),
                "a file called socket:[1] is no socket where names are short");
        assertEquals(new BufferTable(2, OptionalInt.of(2), OptionalLong.of(4196)), f.buffers());
        assertEquals(OptionalInt.of(2), f.polls());
        assertEquals(OptionalInt.of(1), f.overflowed());
        assertEquals(OptionalLong.of(4), f.submissionEntries());
        assertEquals(OptionalLong.of(1), f.submissionsReady());
        assertEquals(OptionalLong.of(8), f.completionEntries());
        assertEquals(OptionalLong.of(2), f.completionsReady());
        assertEquals(OptionalInt.of(4242), f.pollThread());
    }

    @Test
    void aBusyRingOf61KeepsItsCountsAndWithholdsTheRest() {
        RingFdinfo f = parsed("linux-6.1-busy", "6.1.0");
        assertEquals(new FileTable(3, new Listing.Withheld()), f.files());
        assertEquals(OptionalInt.empty(), f.files().occupied());
        assertEquals(new BufferTable(2, OptionalInt.empty(), OptionalLong.empty()), f.buffers());
        assertEquals(OptionalInt.empty(), f.polls());
    }

    @Test
    void linux612MarksEmptySlots() {
        RingFdinfo f = parsed("linux-6.12", "6.12.90");
        assertEquals(listed(3, entry(1, "app.log")), f.files());
        assertEquals(new BufferTable(2, OptionalInt.of(1), OptionalLong.of(4096)), f.buffers());
    }

    @Test
    void aNameThatForgesLinesMakesItsTableUnknown() {
        RingFdinfo f = parsed("linux-6.12-hostile", "6.12.90");
        assertEquals(new FileTable(3, new Listing.Withheld()), f.files());
        assertEquals(new BufferTable(2, OptionalInt.empty(), OptionalLong.empty()), f.buffers());
    }

    @Test
    void aFullTableOfSocketsIsReadByTheReleaseAlone() {
        SlotFile.Socket first = new SlotFile.Socket(9707);
        SlotFile.Socket second = new SlotFile.Socket(9708);
        assertEquals(
                listed(2, new SlotEntry(0, first), new SlotEntry(1, second)),
                parsed("linux-6.14", "6.14.0").files());
        assertEquals(
                listed(2, entry(0, "socket:[9707]"), entry(1, "socket:[9708]")),
                parsed("linux-6.14", "6.1.0").files());
    }

    @Test
    void aTableWithoutEntriesIsEmptyOnlyWhereBusyRingsPrintNothing() {
        assertEquals(
                new Listing.Withheld(),
                parsed("linux-6.14-no-entries", "6.14.0").files().listing());
        assertEquals(
                OptionalInt.of(0), parsed("linux-6.14-no-entries", "6.18.0").files().occupied());
        RingFdinfo unknownKernel =
                RingFdinfoParser.parse(recorded("linux-6.14-no-entries"), Optional.empty())
                        .orElseThrow();
        assertEquals(OptionalInt.empty(), unknownKernel.files().occupied());
    }

    @Test
    void linux618PrintsEscapedPathsOfOccupiedSlots() {
        RingFdinfo f = parsed("linux-6.18", "6.18.44");
        assertEquals(
                listed(
                        12,
                        new SlotEntry(0, new SlotFile.Socket(9707)),
                        new SlotEntry(2, new SlotFile.Socket(9709)),
                        named(3, "pipe:[9710]"),
                        named(4, "/srv/work/new\nline ]: x"),
                        named(5, "/srv/work/socket:[1]"),
                        named(6, "/srv/work/back\\slash gone (deleted)"),
                        named(7, "/srv/work/ends (deleted)"),
                        named(8, "/memfd:mem fd (deleted)"),
                        named(9, "/dev/null")),
                f.files());
        assertEquals(new BufferTable(3, OptionalInt.of(2), OptionalLong.of(4196)), f.buffers());
        assertEquals(OptionalInt.of(2), f.polls());
        assertEquals(OptionalInt.of(2), f.overflowed());
        assertEquals(OptionalLong.of(9706), RingFdinfoParser.inode(recorded("linux-6.18")));
    }

    @Test
    void aBusyRingOf618PrintsNothing() {
        String text = recorded("linux-6.18-busy");
        assertTrue(RingFdinfoParser.parse(text, KernelRelease.parse("6.18.44")).isEmpty());
        assertEquals(OptionalLong.of(9706), RingFdinfoParser.inode(text));
    }

    @Test
    void anEmptyRing() {
        RingFdinfo f =
                RingFdinfoParser.parse("UserFiles:\t0\nUserBufs:\t0\n", Optional.empty())
                        .orElseThrow();
        assertEquals(listed(0), f.files());
        assertEquals(NO_BUFFERS, f.buffers());
        assertEquals(OptionalInt.empty(), f.polls());
    }

    /** Any damage gives some answer, and a listing never exceeds its table. */
    @Test
    void damagedTextNeverFails() {
        SplittableRandom random = new SplittableRandom(20250613);
        String whole = recorded("linux-6.18") + recorded("linux-6.12-hostile");
        for (int i = 0; i < 3_000; i++) {
            StringBuilder text = new StringBuilder(whole);
            for (int j = random.nextInt(8); j >= 0; j--) {
                int at = random.nextInt(text.length());
                text.delete(at, Math.min(text.length(), at + random.nextInt(40)));
                text.insert(at, "\n\\0:[]/ 9".charAt(random.nextInt(9)));
            }
            RingFdinfoParser.parse(text.toString(), Optional.empty())
                    .ifPresent(
                            f -> assertTrue(f.files().occupied().orElse(0) <= f.files().slots()));
        }
    }

    @Test
    void escapesThatAreNone() {
        assertEquals("\\", RingFdinfoParser.unescaped("\\"));
        assertEquals("a\\08", RingFdinfoParser.unescaped("a\\08"));
        assertEquals("\\189", RingFdinfoParser.unescaped("\\189"));
        assertEquals("\\\n", RingFdinfoParser.unescaped("\\134\\012"));
    }

    private static RingFdinfo parsed(String recording, String release) {
        Optional<KernelRelease> kernel = KernelRelease.parse(release);
        assertTrue(kernel.isPresent());
        return RingFdinfoParser.parse(recorded(recording), kernel).orElseThrow();
    }

    static String recorded(String name) {
        return resource("fdinfo/" + name + ".txt");
    }

    static String resource(String path) {
        try (InputStream in =
                Objects.requireNonNull(
                        RingFdinfoParserTest.class.getResourceAsStream("/proc/" + path), path)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTable listed(int slots, SlotEntry... entries) {
        return new FileTable(slots, new Listing.Listed(List.of(entries)));
    }

    private static SlotEntry entry(int slot, String shortName) {
        return new SlotEntry(slot, new SlotFile.ShortName(shortName));
    }

    private static SlotEntry named(int slot, String link) {
        return new SlotEntry(slot, new SlotFile.Named(link));
    }
}
