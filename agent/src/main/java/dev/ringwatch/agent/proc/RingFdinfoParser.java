package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.RingFdinfo.BufferTable;
import dev.ringwatch.agent.proc.RingFdinfo.FileTable;
import dev.ringwatch.agent.proc.RingFdinfo.Listing;
import dev.ringwatch.agent.proc.RingFdinfo.SlotEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the {@code fdinfo} of a ring in every form the kernel has had (io_uring/fdinfo.c, before 5.19
 * fs/io_uring.c).
 *
 * <ul>
 *   <li>Up to 6.13 {@code UserFiles} lists every slot, empty ones as {@code <none>}, with the last
 *       component of the name as it is: a name may hold newlines and forge lines, about its own ring
 *       only; where that shows, the tables are unknown. It never holds a slash.
 *   <li>Since 6.14 it lists occupied slots, with the full name in which space, tab, newline and
 *       backslash are octal escapes. Every such name holds a slash or a colon.
 *   <li>Up to 6.14 the entries of tables are left out while somebody has the ring's lock; since 6.15
 *       everything is.
 * </ul>
 *
 * <p>Which form a text has is told by its content; the kernel's release decides only where the
 * content fits both.
 */
final class RingFdinfoParser {
    private static final String NONE = "<none>";

    private final Optional<KernelRelease> kernel;

    private Section section = Section.HEAD;
    private OptionalInt fileSlots = OptionalInt.empty();
    private OptionalInt bufferSlots = OptionalInt.empty();
    private OptionalInt pollThread = OptionalInt.empty();
    private OptionalLong submissionMask = OptionalLong.empty();
    private OptionalLong completionMask = OptionalLong.empty();
    private OptionalLong submissionsReady = OptionalLong.empty();
    private OptionalLong completionsReady = OptionalLong.empty();
    private boolean pollsPrinted;
    private boolean overflowPrinted;
    private int polls;
    private int overflowed;

    private final List<Line> fileLines = new ArrayList<>();
    private boolean shortNameSeen;

    /** A heading came twice: a short name holds it, and nothing after that name can be trusted. */
    private boolean forged;

    private boolean pathSeen;
    private int bufferLines;
    private int buffersOccupied;
    private long bufferBytes;

    private enum Section {
        HEAD,
        FILES,
        BUFFERS,
        POLLS,
        OVERFLOW,
        OTHER
    }

    private record Line(int slot, String name) {}

    private RingFdinfoParser(Optional<KernelRelease> kernel) {
        this.kernel = kernel;
    }

    /** The ring's tables, or empty if the kernel printed nothing about them. */
    static Optional<RingFdinfo> parse(String text, Optional<KernelRelease> kernel) {
        RingFdinfoParser p = new RingFdinfoParser(kernel);
        int from = 0;
        while (from < text.length()) {
            int newline = text.indexOf('\n', from);
            int to = newline < 0 ? text.length() : newline;
            p.line(text.substring(from, to));
            from = to + 1;
        }
        return p.result();
    }

    /** The value of {@code ino:} in any {@code fdinfo}, empty before Linux 5.14. */
    static OptionalLong inode(String fdinfo) {
        return value(fdinfo, "ino:");
    }

    /** The value of {@code scm_fds:} in the {@code fdinfo} of an AF_UNIX socket. */
    static OptionalLong queuedDescriptors(String fdinfo) {
        return value(fdinfo, "scm_fds:");
    }

    private static OptionalLong value(String fdinfo, String key) {
        return fdinfo.lines()
                .filter(line -> line.startsWith(key))
                .findFirst()
                .map(line -> Numbers.decimal(line.substring(key.length()).strip(), Long.MAX_VALUE))
                .orElse(OptionalLong.empty());
    }

    private void line(String line) {
        if (line.isEmpty()) {
            return;
        }
        if (line.charAt(0) == ' ' || Character.isDigit(line.charAt(0))) {
            entry(line);
            return;
        }
        int colon = line.indexOf(':');
        if (colon > 0) {
            heading(line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    private void heading(String name, String value) {
        switch (name) {
            case "SqMask" -> submissionMask = hexValue(value);
            case "CqMask" -> completionMask = hexValue(value);
            case "SQEs" -> {
                section = Section.OTHER;
                submissionsReady = Numbers.decimal(value, Integer.MAX_VALUE);
            }
            case "CQEs" -> {
                section = Section.OTHER;
                completionsReady = Numbers.decimal(value, Integer.MAX_VALUE);
            }
            case "SqThread" -> pollThread = Numbers.decimalInt(value);
            case "UserFiles" -> {
                forged |= fileSlots.isPresent();
                section = Section.FILES;
                fileSlots = fileSlots.isPresent() ? fileSlots : Numbers.decimalInt(value);
            }
            case "UserBufs" -> {
                forged |= bufferSlots.isPresent();
                section = Section.BUFFERS;
                bufferSlots = Numbers.decimalInt(value);
            }
            case "PollList" -> {
                section = Section.POLLS;
                pollsPrinted = true;
            }
            case "CqOverflowList" -> {
                section = Section.OVERFLOW;
                overflowPrinted = true;
            }
            case "Personalities" -> section = Section.OTHER;
            default -> {
                // a later kernel's, or the rest of a hostile short name
            }
        }
    }

    private static OptionalLong hexValue(String value) {
        return value.startsWith("0x") ? Numbers.hex(value.substring(2)) : OptionalLong.empty();
    }

    private void entry(String line) {
        switch (section) {
            case FILES -> file(line);
            case BUFFERS -> buffer(line);
            case POLLS -> {
                if (line.startsWith("  op=")) {
                    polls++;
                }
            }
            case OVERFLOW -> {
                if (line.startsWith("  user_data=")) {
                    overflowed++;
                }
            }
            case HEAD, OTHER -> {
                // queue entries and credentials: not ours to show
            }
        }
    }

    private void file(String line) {
        int colon = line.indexOf(": ");
        OptionalInt slot =
                colon < 0
                        ? OptionalInt.empty()
                        : Numbers.decimalInt(line.substring(0, colon).strip());
        if (slot.isEmpty() || !nextSlot(slot.getAsInt())) {
            return;
        }
        String name = line.substring(colon + 2);
        boolean path = name.indexOf('/') >= 0;
        pathSeen |= path;
        shortNameSeen |= !path && name.indexOf(':') < 0;
        fileLines.add(new Line(slot.getAsInt(), name));
    }

    private boolean nextSlot(int slot) {
        int after = fileLines.isEmpty() ? -1 : fileLines.getLast().slot();
        return slot > after && slot < fileSlots.orElse(0);
    }

    private void buffer(String line) {
        int colon = line.indexOf(": ");
        if (colon < 0) {
            return;
        }
        bufferLines++;
        int slash = line.indexOf('/', colon);
        if (slash >= 0) {
            buffersOccupied++;
            bufferBytes += Numbers.decimal(line.substring(slash + 1), Long.MAX_VALUE).orElse(0);
        }
    }

    private Optional<RingFdinfo> result() {
        if (fileSlots.isEmpty() || bufferSlots.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new RingFdinfo(
                        new FileTable(fileSlots.getAsInt(), listing(fileSlots.getAsInt())),
                        buffers(bufferSlots.getAsInt()),
                        pollsPrinted && !forged && lockWasHeld()
                                ? OptionalInt.of(polls)
                                : OptionalInt.empty(),
                        overflowPrinted && !forged
                                ? OptionalInt.of(overflowed)
                                : OptionalInt.empty(),
                        entries(submissionMask),
                        submissionsReady,
                        entries(completionMask),
                        completionsReady,
                        pollThread));
    }

    private static OptionalLong entries(OptionalLong mask) {
        return mask.isPresent() ? OptionalLong.of(mask.getAsLong() + 1) : mask;
    }

    /** Whether the reader had the ring's lock, as far as the text proves it. */
    private boolean lockWasHeld() {
        return !fileLines.isEmpty()
                || bufferLines > 0
                || kernel.map(KernelRelease::printsAllOrNothing).orElse(false);
    }

    private BufferTable buffers(int slots) {
        return !forged && (slots == 0 || bufferLines > 0)
                ? new BufferTable(
                        slots, OptionalInt.of(buffersOccupied), OptionalLong.of(bufferBytes))
                : new BufferTable(slots, OptionalInt.empty(), OptionalLong.empty());
    }

    private Listing listing(int slots) {
        if (forged) {
            return new Listing.Withheld();
        }
        if (slots == 0) {
            return new Listing.Listed(List.of());
        }
        if (fileLines.isEmpty()) {
            return emptyMeansEmpty() ? new Listing.Listed(List.of()) : new Listing.Withheld();
        }
        boolean full = fullNames(slots);
        if (!full && fileLines.size() != slots) {
            return new Listing.Withheld(); // a name forged lines and hides others
        }
        List<SlotEntry> entries = new ArrayList<>();
        for (Line line : fileLines) {
            if (full || !line.name().equals(NONE)) {
                entries.add(
                        new SlotEntry(line.slot(), full ? named(line.name()) : shortName(line)));
            }
        }
        return new Listing.Listed(entries);
    }

    /** No entry was printed for a table that has slots: is it empty, or was the lock taken? */
    private boolean emptyMeansEmpty() {
        return kernel.map(KernelRelease::printsAllOrNothing).orElse(false) || bufferLines > 0;
    }

    private boolean fullNames(int slots) {
        if (shortNameSeen) {
            return false;
        }
        boolean someLeftOut = fileLines.size() < slots;
        return pathSeen || someLeftOut || kernel.map(KernelRelease::printsFullNames).orElse(false);
    }

    private static SlotFile shortName(Line line) {
        return new SlotFile.ShortName(line.name());
    }

    private static SlotFile named(String escaped) {
        String name = unescaped(escaped);
        OptionalLong socket = Numbers.bracketed(name, "socket:");
        return socket.isPresent()
                ? new SlotFile.Socket(socket.getAsLong())
                : new SlotFile.Named(name);
    }

    /** Undoes mangle_path(): a backslash and three octal digits stand for one byte. */
    static String unescaped(String escaped) {
        if (escaped.indexOf('\\') < 0) {
            return escaped;
        }
        StringBuilder out = new StringBuilder(escaped.length());
        int i = 0;
        while (i < escaped.length()) {
            int octal = octalAt(escaped, i);
            if (octal >= 0) {
                out.append((char) octal);
                i += 4;
            } else {
                out.append(escaped.charAt(i));
                i++;
            }
        }
        return out.toString();
    }

    private static int octalAt(String s, int backslash) {
        if (s.charAt(backslash) != '\\' || backslash + 4 > s.length()) {
            return -1;
        }
        int value = 0;
        for (int i = backslash + 1; i < backslash + 4; i++) {
            int digit = s.charAt(i) - '0';
            if (digit < 0 || digit > 7) {
                return -1;
            }
            value = value * 8 + digit;
        }
        return value;
    }
}
