package dev.ringwatch.agent.stacks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A 64-bit little-endian ELF file: its build id, where its code is mapped, and the names of its
 * functions. The file is somebody else's: nothing in it is believed before it was checked.
 *
 * <p>A table of symbols is read from the file for each question, in one pass: questions are few, and
 * the tables of a JVM have hundreds of thousands of entries. Source: elf(5).
 */
final class ElfFile {
    /** A function that an address lies in. */
    record Symbol(String name, long offset) {}

    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int SECTION_BYTES = 64;
    private static final int SYMBOL_BYTES = 24;
    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_DYNSYM = 11;
    private static final int NT_GNU_BUILD_ID = 3;
    private static final int STT_NOTYPE = 0;
    private static final int STT_FUNC = 2;
    private static final int STT_GNU_IFUNC = 10;
    private static final int STB_LOCAL = 0;

    /** What is read of a file at most. */
    private static final int MAX_HEADERS = 4096;

    private static final int MAX_NOTES = 1 << 16;
    private static final long MAX_SYMBOLS_BYTES = 128L << 20;
    private static final int MAX_NAME = 1024;
    private static final int CHUNK = SYMBOL_BYTES * 4096;

    /** A symbol without a size ends here at the latest. */
    private static final long MAX_UNSIZED = 4096;

    private final FileChannel file;
    private final List<Segment> segments;
    private final List<Table> tables;

    private record Segment(int type, long offset, long address, long bytes) {}

    private record Table(long offset, long bytes, long names, long namesBytes) {}

    private ElfFile(FileChannel file, List<Segment> segments, List<Table> tables) {
        this.file = file;
        this.segments = segments;
        this.tables = tables;
    }

    /**
     * Reads the headers. The channel must stay open as long as this is used.
     *
     * @throws IOException also if it is no such file
     */
    static ElfFile of(FileChannel file) throws IOException {
        ByteBuffer head = read(file, 0, HEADER_BYTES);
        if (head.getInt(0) != MAGIC || head.get(4) != CLASS_64 || head.get(5) != LITTLE_ENDIAN) {
            throw new IOException("no 64-bit little-endian ELF file");
        }
        List<Segment> segments = new ArrayList<>();
        ByteBuffer s = headers(file, head.getLong(32), head.getShort(54), head.getShort(56), true);
        for (int at = 0; at < s.limit(); at += SEGMENT_BYTES) {
            segments.add(
                    new Segment(
                            s.getInt(at),
                            s.getLong(at + 8),
                            s.getLong(at + 16),
                            s.getLong(at + 32)));
        }
        ByteBuffer sections =
                headers(file, head.getLong(40), head.getShort(58), head.getShort(60), false);
        return new ElfFile(file, List.copyOf(segments), tables(sections));
    }

    private static ByteBuffer headers(
            FileChannel file, long offset, short entryBytes, short count, boolean segments)
            throws IOException {
        int wanted = segments ? SEGMENT_BYTES : SECTION_BYTES;
        int n = Short.toUnsignedInt(count);
        if (n == 0) {
            return ByteBuffer.allocate(0);
        }
        if (entryBytes != wanted || n > MAX_HEADERS) {
            throw new IOException("headers of an unknown size");
        }
        return read(file, offset, wanted * n);
    }

    /**
     * The table of all symbols before that of exported ones. A file has one of each (elf(5)); in more
     * somebody else would have us search without end.
     */
    private static List<Table> tables(ByteBuffer sections) {
        List<Table> tables = new ArrayList<>();
        for (int type : new int[] {SHT_SYMTAB, SHT_DYNSYM}) {
            for (int at = 0; at < sections.limit(); at += SECTION_BYTES) {
                int names = sections.getInt(at + 40);
                boolean linked = names >= 0 && names < sections.limit() / SECTION_BYTES;
                if (sections.getInt(at + 4) == type && linked) {
                    int n = names * SECTION_BYTES;
                    tables.add(
                            new Table(
                                    sections.getLong(at + 24),
                                    sections.getLong(at + 32),
                                    sections.getLong(n + 24),
                                    sections.getLong(n + 32)));
                    break;
                }
            }
        }
        return List.copyOf(tables);
    }

    /** The number that the linker gave this very build, in hexadecimal digits. */
    Optional<String> buildId() throws IOException {
        for (Segment segment : segments) {
            if (segment.type == PT_NOTE && segment.bytes > 0 && segment.bytes <= MAX_NOTES) {
                Optional<String> id = buildId(read(file, segment.offset, (int) segment.bytes));
                if (id.isPresent()) {
                    return id;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> buildId(ByteBuffer notes) {
        long at = 0;
        while (at + 12 <= notes.limit()) {
            long nameBytes = Integer.toUnsignedLong(notes.getInt((int) at));
            long bytes = Integer.toUnsignedLong(notes.getInt((int) at + 4));
            int type = notes.getInt((int) at + 8);
            long content = at + 12 + (nameBytes + 3 & ~3);
            if (content + bytes > notes.limit()) {
                return Optional.empty();
            }
            boolean gnu = nameBytes == 4 && notes.getInt((int) at + 12) == 0x554e47; // "GNU\0"
            if (gnu && type == NT_GNU_BUILD_ID && bytes > 0) {
                byte[] id = new byte[(int) bytes];
                notes.get((int) content, id);
                return Optional.of(HexFormat.of().formatHex(id));
            }
            at = content + (bytes + 3 & ~3);
        }
        return Optional.empty();
    }

    /** The address that its symbols have for a place in the file; absent for what is not mapped. */
    OptionalLong addressOf(long offset) {
        for (Segment s : segments) {
            if (s.type == PT_LOAD && offset >= s.offset && offset - s.offset < s.bytes) {
                return OptionalLong.of(offset - s.offset + s.address);
            }
        }
        return OptionalLong.empty();
    }

    /** The function that an address lies in. */
    Optional<Symbol> symbol(long address) throws IOException {
        for (Table table : tables) {
            Optional<Symbol> found = symbol(table, address);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Symbol> symbol(Table table, long address) throws IOException {
        if (table.bytes < 0 || table.bytes > MAX_SYMBOLS_BYTES) {
            throw new IOException("a table of symbols that is too large");
        }
        Best best = new Best(table, address);
        for (long done = 0; done + SYMBOL_BYTES <= table.bytes; done += CHUNK) {
            int wanted = (int) Math.min(CHUNK, (table.bytes - done) / SYMBOL_BYTES * SYMBOL_BYTES);
            best.look(read(file, table.offset + done, wanted));
        }
        return best.symbol();
    }

    /** The symbol that says most of an address, of those seen so far. */
    private final class Best {
        private final Table table;
        private final long address;
        private long value;
        private boolean sized;
        private boolean global;
        private long name = -1;

        Best(Table table, long address) {
            this.table = table;
            this.address = address;
        }

        void look(ByteBuffer symbols) {
            for (int at = 0; at < symbols.limit(); at += SYMBOL_BYTES) {
                int info = symbols.get(at + 4);
                boolean defined = symbols.getShort(at + 6) != 0;
                long start = symbols.getLong(at + 8);
                long bytes = symbols.getLong(at + 16);
                if (defined && isCode(info & 0xf) && covers(start, bytes)) {
                    take(symbols.getInt(at), start, bytes > 0, info >> 4 != STB_LOCAL);
                }
            }
        }

        private boolean covers(long start, long bytes) {
            long into = address - start;
            return into >= 0 && into < (bytes > 0 ? bytes : MAX_UNSIZED);
        }

        /** Sized before guessed, then the innermost, then what others can call it by. */
        private void take(int nameAt, long start, boolean hasSize, boolean isGlobal) {
            boolean better =
                    name < 0
                            || (hasSize != sized
                                    ? hasSize
                                    : start != value ? start > value : isGlobal && !global);
            if (better) {
                name = Integer.toUnsignedLong(nameAt);
                value = start;
                sized = hasSize;
                global = isGlobal;
            }
        }

        Optional<Symbol> symbol() throws IOException {
            if (name < 0 || name >= table.namesBytes) {
                return Optional.empty();
            }
            int most = (int) Math.min(MAX_NAME, table.namesBytes - name);
            String text = text(read(file, table.names + name, most));
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Symbol(text, address - value));
        }
    }

    private static boolean isCode(int type) {
        return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
    }

    private static String text(ByteBuffer bytes) {
        int length = 0;
        while (length < bytes.limit() && bytes.get(length) != 0) {
            length++;
        }
        byte[] text = new byte[length];
        bytes.get(0, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static ByteBuffer read(FileChannel file, long offset, int bytes) throws IOException {
        if (offset < 0) {
            throw new IOException("an offset that no file has");
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) {
                throw new IOException("the file is cut off");
            }
        }
        return buffer.flip();
    }
}
