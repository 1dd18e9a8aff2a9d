package dev.ringwatch.agent.privilege;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Tasks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;

/**
 * The capabilities of the calling thread, as bits. They belong to threads: no other thread is
 * changed, and a new one begins with those of the thread that made it. Source: capabilities(7).
 *
 * @param effective what the kernel checks
 * @param permitted what can be made effective
 * @param inheritable what survives execve(2) with a file's help; none here
 */
public record CapabilitySet(long effective, long permitted, long inheritable) {
    /** _LINUX_CAPABILITY_VERSION_3: two words of 32 bits for each of the three. */
    private static final int VERSION = 0x20080522;

    private static final int CAP_SETGID = 6;
    private static final int CAP_SETUID = 7;
    private static final int HEADER_BYTES = 8;
    private static final int DATA_BYTES = 24;

    /** Those of the calling thread. */
    public static CapabilitySet ofThisThread() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(DATA_BYTES, 4);
            Tasks.capget(header(arena), data);
            return new CapabilitySet(words(data, 0), words(data, 4), words(data, 8));
        }
    }

    /** Whether a capability is in effect. */
    public boolean has(Capability capability) {
        return (effective & capability.mask()) != 0;
    }

    /** Whether the process may become another user: CAP_SETGID and CAP_SETUID. */
    public boolean mayChangeUser() {
        long both = 1L << CAP_SETGID | 1L << CAP_SETUID;
        return (effective & both) == both;
    }

    /** Exactly these of what is permitted, in effect; none to inherit. */
    public CapabilitySet only(Collection<Capability> kept) {
        long bits = 0;
        for (Capability capability : kept) {
            bits |= capability.mask();
        }
        return new CapabilitySet(bits & permitted, bits & permitted, 0);
    }

    /**
     * Gives them to the calling thread.
     *
     * @throws ErrnoException EPERM if it asks for what is not permitted
     */
    public void apply() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(DATA_BYTES, 4);
            write(data, 0, effective);
            write(data, 4, permitted);
            write(data, 8, inheritable);
            Tasks.capset(header(arena), data);
        }
    }

    private static MemorySegment header(Arena arena) {
        MemorySegment header = arena.allocate(HEADER_BYTES, 4);
        header.set(ValueLayout.JAVA_INT, 0, VERSION);
        return header;
    }

    private static long words(MemorySegment data, int offset) {
        long low = Integer.toUnsignedLong(data.get(ValueLayout.JAVA_INT, offset));
        long high = Integer.toUnsignedLong(data.get(ValueLayout.JAVA_INT, offset + DATA_BYTES / 2));
        return high << 32 | low;
    }

    private static void write(MemorySegment data, int offset, long bits) {
        data.set(ValueLayout.JAVA_INT, offset, (int) bits);
        data.set(ValueLayout.JAVA_INT, offset + DATA_BYTES / 2, (int) (bits >>> 32));
    }
}
