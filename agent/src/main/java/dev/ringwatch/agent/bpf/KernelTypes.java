package dev.ringwatch.agent.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The running kernel's type information (BTF): which functions it has and what its structures
 * contain. Everyone may read it, no privilege is needed.
 *
 * <p>Source: Documentation/bpf/btf.rst.
 */
public final class KernelTypes {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");
    private static final int MAGIC = 0xeb9f;
    private static final int TYPE_BYTES = 12;
    private static final int MEMBER_BYTES = 12;

    private static final int INT = 1;
    private static final int ARRAY = 3;
    private static final int STRUCT = 4;
    private static final int UNION = 5;
    private static final int ENUM = 6;
    private static final int FUNC = 12;
    private static final int FUNC_PROTO = 13;
    private static final int VAR = 14;
    private static final int DATASEC = 15;
    private static final int DECL_TAG = 17;
    private static final int ENUM64 = 19;

    private final ByteBuffer bytes;
    private final int strings;
    private final Set<String> functions = new HashSet<>();
    private final Map<String, Set<String>> structures = new HashMap<>();

    private KernelTypes(ByteBuffer bytes) throws IOException {
        this.bytes = bytes.order(ByteOrder.nativeOrder());
        if (Short.toUnsignedInt(bytes.getShort(0)) != MAGIC) {
            throw new IOException("not the type information of a kernel of this byte order");
        }
        int header = bytes.getInt(4);
        int types = header + bytes.getInt(8);
        strings = header + bytes.getInt(16);
        for (int at = types; at < types + bytes.getInt(12); ) {
            at = read(at);
        }
    }

    /**
     * Reads it anew.
     *
     * @throws IOException if the kernel was built without it (CONFIG_DEBUG_INFO_BTF)
     */
    public static KernelTypes read() throws IOException {
        return of(Files.readAllBytes(VMLINUX));
    }

    static KernelTypes of(byte[] btf) throws IOException {
        try {
            return new KernelTypes(ByteBuffer.wrap(btf));
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("the kernel's type information is cut off", e);
        }
    }

    /** Whether there is a function of that name that was not inlined everywhere. */
    public boolean hasFunction(String name) {
        return functions.contains(name);
    }

    /** Whether there is a structure of that name. */
    public boolean hasStructure(String name) {
        return structures.containsKey(name);
    }

    /** Whether a structure has that member, outside of nested ones. */
    public boolean hasMember(String structure, String member) {
        return structures.getOrDefault(structure, Set.of()).contains(member);
    }

    /** Reads one type; where the next begins. */
    private int read(int at) throws IOException {
        int info = bytes.getInt(at + 4);
        int kind = info >>> 24 & 0x1f;
        int count = info & 0xffff;
        int end = at + TYPE_BYTES + extraBytes(kind, count);
        if (kind == FUNC) {
            functions.add(text(bytes.getInt(at)));
        } else if (kind == STRUCT) {
            Set<String> members =
                    structures.computeIfAbsent(text(bytes.getInt(at)), _ -> new HashSet<>());
            for (int member = at + TYPE_BYTES; member < end; member += MEMBER_BYTES) {
                members.add(text(bytes.getInt(member)));
            }
        }
        return end;
    }

    private static int extraBytes(int kind, int count) {
        return switch (kind) {
            case INT, VAR, DECL_TAG -> 4;
            case ARRAY -> 12;
            case STRUCT, UNION, DATASEC, ENUM64 -> 12 * count;
            case ENUM, FUNC_PROTO -> 8 * count;
            default -> 0; // pointers, typedefs, qualifiers: they only name another type
        };
    }

    private String text(int offset) {
        int begin = strings + offset;
        int end = begin;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - begin];
        bytes.get(begin, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
