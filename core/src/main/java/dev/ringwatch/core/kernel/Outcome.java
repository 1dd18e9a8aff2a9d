package dev.ringwatch.core.kernel;

import java.util.List;

/** What a system call gives back. */
public sealed interface Outcome {
    /**
     * It did what it was asked.
     *
     * @param values what the call returns, each call says what: descriptors, byte counts, indices
     */
    record Done(List<Integer> values) implements Outcome {
        /** Copies the list. */
        public Done {
            values = List.copyOf(values);
        }

        /** With these values. */
        public static Done of(Integer... values) {
            return new Done(List.of(values));
        }

        /** The only value, or the first. */
        public int value() {
            return values.getFirst();
        }
    }

    /** It failed and says why. */
    record Refused(Errno errno) implements Outcome {}
}
