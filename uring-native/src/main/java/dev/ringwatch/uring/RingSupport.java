package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether io_uring works for this process on this kernel. Found out by trying, never by version. */
public sealed interface RingSupport {
    /**
     * It works.
     *
     * @param features what the kernel says it can do
     * @param flags the set-up flags it takes
     * @param refused why it refuses each of the others
     * @param operations those it has; it may have more than are named here
     * @param query what the kernel says of itself, since 6.18; empty before
     */
    record Available(
            Set<Feature> features,
            Set<SetupFlag> flags,
            Map<SetupFlag, ErrnoException> refused,
            Set<Opcode> operations,
            Optional<RingQuery> query)
            implements RingSupport {
        /** Whether it takes a set-up flag. */
        public boolean takes(SetupFlag flag) {
            return flags.contains(flag);
        }

        /** Whether it has an operation. */
        public boolean has(Opcode operation) {
            return operations.contains(operation);
        }
    }

    /**
     * It does not.
     *
     * @param reason the refusal, with cause and cure
     */
    record Refused(ErrnoException reason) implements RingSupport {}

    /**
     * Makes and closes a few small rings to find out.
     *
     * @throws IOException if closing one of them fails
     * @throws WrongThreadException on a virtual thread
     */
    static RingSupport probe() throws IOException {
        try (IoUring ring = RingLadder.openPatiently(RingOptions.entries(2))) {
            return available(ring);
        } catch (ErrnoException refused) {
            return new Refused(refused);
        }
    }

    private static RingSupport available(IoUring ring) throws IOException {
        Set<SetupFlag> taken = EnumSet.noneOf(SetupFlag.class);
        Map<SetupFlag, ErrnoException> refused = new LinkedHashMap<>();
        for (SetupFlag flag : SetupFlag.values()) {
            try (IoUring tried = RingLadder.openPatiently(withNeeded(flag))) {
                taken.addAll(tried.options().flags());
            } catch (ErrnoException e) {
                refused.put(flag, e);
            }
        }
        return new Available(
                features(ring),
                Set.copyOf(taken),
                Map.copyOf(refused),
                operations(ring),
                RingQuery.ask());
    }

    private static RingOptions withNeeded(SetupFlag flag) {
        RingOptions options = RingOptions.entries(2);
        for (SetupFlag needed : flag.needsOneOf()) {
            options = options.with(needed);
            break; // one is enough
        }
        return options.with(flag);
    }

    private static Set<Feature> features(IoUring ring) {
        Set<Feature> set = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.values()) {
            if (ring.has(feature)) {
                set.add(feature);
            }
        }
        return Set.copyOf(set);
    }

    /** struct io_uring_probe: 16 bytes, then 8 for each operation. */
    private static Set<Opcode> operations(IoUring ring) throws ErrnoException {
        int registerProbe = 8;
        int header = 16;
        int each = 8;
        int most = 256;
        Set<Opcode> operations = EnumSet.noneOf(Opcode.class);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment probe = arena.allocate(header + (long) each * most, 8);
            ring.register(registerProbe, probe, most, "probe");
            int count = Byte.toUnsignedInt(probe.get(JAVA_BYTE, 1));
            for (int i = 0; i < count; i++) {
                long at = header + (long) each * i;
                int code = Byte.toUnsignedInt(probe.get(JAVA_BYTE, at));
                if ((probe.get(JAVA_SHORT, at + 2) & 1) != 0) {
                    Opcode.of(code).ifPresent(operations::add);
                }
            }
        }
        return Set.copyOf(operations);
    }
}
