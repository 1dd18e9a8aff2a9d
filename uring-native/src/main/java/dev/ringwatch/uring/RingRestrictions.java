package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * What a restricted ring may still do; all else is EACCES. For a ring that is handed to code less
 * trusted than its maker.
 *
 * <p>Source: io_uring_register(2), IORING_REGISTER_RESTRICTIONS.
 *
 * @param operations the operations it takes
 * @param registrations the io_uring_register(2) opcodes it takes
 * @param allowedFlags entry flags an operation may have, constants of {@link SqeLayout}
 * @param requiredFlags entry flags every operation must have, such as {@link SqeLayout#FIXED_FILE}
 */
public record RingRestrictions(
        Set<Opcode> operations, Set<Integer> registrations, int allowedFlags, int requiredFlags) {
    /** Bytes of a struct io_uring_restriction. */
    static final int SIZE = 16;

    private static final int REGISTER_OP = 0;
    private static final int SQE_OP = 1;
    private static final int SQE_FLAGS_ALLOWED = 2;
    private static final int SQE_FLAGS_REQUIRED = 3;

    /** Keeps copies. */
    public RingRestrictions {
        operations = Set.copyOf(operations);
        registrations = Set.copyOf(registrations);
    }

    /** Only these operations, without entry flags, and no registrations. */
    public static RingRestrictions to(Opcode... operations) {
        return new RingRestrictions(Set.of(operations), Set.of(), 0, 0);
    }

    /** An array of struct io_uring_restriction. */
    MemorySegment encode(Arena arena) {
        int count = operations.size() + registrations.size() + 2;
        MemorySegment list = arena.allocate((long) SIZE * count, 8);
        int next = 0;
        for (Opcode operation : operations) {
            put(list, next++, SQE_OP, operation.code());
        }
        for (int registration : registrations) {
            put(list, next++, REGISTER_OP, registration);
        }
        put(list, next++, SQE_FLAGS_ALLOWED, allowedFlags);
        put(list, next, SQE_FLAGS_REQUIRED, requiredFlags);
        return list;
    }

    private static void put(MemorySegment list, int index, int kind, int value) {
        long at = (long) SIZE * index;
        list.set(JAVA_SHORT, at, (short) kind);
        list.set(JAVA_BYTE, at + 2, (byte) value);
    }
}
