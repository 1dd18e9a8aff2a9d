package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a kernel says of its io_uring when asked, without a ring. Since 6.18.
 *
 * <p>It says what the kernel knows, not what this process may: {@link RingSupport#probe()} tells
 * that. Source: IORING_REGISTER_QUERY, include/uapi/linux/io_uring/query.h.
 *
 * @param operations how many operations there are; their codes begin at 0
 * @param registrations how many opcodes of io_uring_register(2) there are
 * @param features IORING_FEAT_ bits
 * @param setupFlags IORING_SETUP_ bits
 * @param enterFlags IORING_ENTER_ bits
 * @param entryFlags IOSQE_ bits
 */
public record RingQuery(
        int operations,
        int registrations,
        long features,
        long setupFlags,
        long enterFlags,
        long entryFlags) {
    private static final int REGISTER_QUERY = 35;
    private static final int NO_RING = -1;
    private static final int QUERY_OPCODES = 0;
    private static final int HEADER_SIZE = 40;
    private static final int HEADER_DATA = 8;
    private static final int HEADER_OPERATION = 16;
    private static final int HEADER_LENGTH = 20;
    private static final int HEADER_RESULT = 24;
    private static final int ANSWER_SIZE = 40;

    /** Asks; empty if this kernel can't be asked, or a filter denies it. Any thread. */
    public static Optional<RingQuery> ask() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ANSWER_SIZE, 8);
            MemorySegment header = arena.allocate(HEADER_SIZE, 8);
            header.set(JAVA_LONG, HEADER_DATA, answer.address());
            header.set(JAVA_INT, HEADER_OPERATION, QUERY_OPCODES);
            header.set(JAVA_INT, HEADER_LENGTH, ANSWER_SIZE);
            long result =
                    Sys.call(
                            Syscall.IO_URING_REGISTER,
                            NO_RING,
                            REGISTER_QUERY,
                            header.address(),
                            0);
            boolean answered = result == 0 && header.get(JAVA_INT, HEADER_RESULT) == 0;
            return answered ? Optional.of(read(answer)) : Optional.empty();
        }
    }

    /** The set-up flags it takes, each by itself; bits without a name here are left out. */
    public Set<SetupFlag> flags() {
        Set<SetupFlag> flags = EnumSet.noneOf(SetupFlag.class);
        for (SetupFlag flag : SetupFlag.values()) {
            if ((setupFlags & flag.bit()) != 0) {
                flags.add(flag);
            }
        }
        return flags;
    }

    private static RingQuery read(MemorySegment answer) {
        return new RingQuery(
                answer.get(JAVA_INT, 0),
                answer.get(JAVA_INT, 4),
                answer.get(JAVA_LONG, 8),
                answer.get(JAVA_LONG, 16),
                answer.get(JAVA_LONG, 24),
                answer.get(JAVA_LONG, 32));
    }
}
