package dev.ringwatch.agent.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The records of one table, read in place from a mapped map. They hold until the next observation
 * overwrites them: whoever wants to keep something copies it before.
 */
public final class Records {
    private final MemorySegment memory;
    private final int recordBytes;
    private final int count;

    Records(MemorySegment memory, int recordBytes, int count) {
        this.memory = memory;
        this.recordBytes = recordBytes;
        this.count = count;
    }

    public int count() {
        return count;
    }

    public long u64(int row, int offset) {
        return memory.get(ValueLayout.JAVA_LONG, at(row, offset));
    }

    public int u32(int row, int offset) {
        return memory.get(ValueLayout.JAVA_INT, at(row, offset));
    }

    public int u16(int row, int offset) {
        return Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT, at(row, offset)));
    }

    public int u8(int row, int offset) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at(row, offset)));
    }

    /** A zero-terminated text of at most {@code bytes} bytes. */
    public String text(int row, int offset, int bytes) {
        byte[] all = memory.asSlice(at(row, offset), bytes).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < bytes && all[length] != 0) {
            length++;
        }
        return new String(all, 0, length, StandardCharsets.UTF_8);
    }

    private long at(int row, int offset) {
        return (long) row * recordBytes + offset;
    }
}
