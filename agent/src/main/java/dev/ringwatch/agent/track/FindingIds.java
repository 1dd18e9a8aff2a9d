package dev.ringwatch.agent.track;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Gives findings names that are the same for the same thing: the kind and eight digits that are made
 * of the group and the subject, and a number for the second and later ones of which nothing differs.
 * For one thread.
 */
final class FindingIds {
    private final Map<String, BitSet> taken = new HashMap<>();

    /** A name in use until it is given back. */
    record Id(String base, int ordinal) {
        String text() {
            return ordinal == 0 ? base : base + "-" + (ordinal + 1);
        }
    }

    Id give(FindingKind kind, String group, String subject) {
        CRC32C sum = new CRC32C();
        sum.update((group + "\n" + subject).getBytes(StandardCharsets.UTF_8));
        String base = "%s-%08x".formatted(kind.label(), sum.getValue());
        BitSet ordinals = taken.computeIfAbsent(base, b -> new BitSet());
        int ordinal = ordinals.nextClearBit(0);
        ordinals.set(ordinal);
        return new Id(base, ordinal);
    }

    void giveBack(Id id) {
        BitSet ordinals = taken.get(id.base);
        if (ordinals != null) {
            ordinals.clear(id.ordinal);
            if (ordinals.isEmpty()) {
                taken.remove(id.base);
            }
        }
    }
}
