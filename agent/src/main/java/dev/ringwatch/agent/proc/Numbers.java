package dev.ringwatch.agent.proc;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** Numbers as the kernel prints them; anything else is empty, never an exception. */
final class Numbers {
    private Numbers() {}

    /** A number of decimal digits only, at most {@code max}. */
    static OptionalLong decimal(String text, long max) {
        if (text.isEmpty() || text.length() > 19) {
            return OptionalLong.empty();
        }
        long n = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || n > (max - digit) / 10) {
                return OptionalLong.empty();
            }
            n = n * 10 + digit;
        }
        return OptionalLong.of(n);
    }

    /** As {@link #decimal}, for what fits in an int. */
    static OptionalInt decimalInt(String text) {
        OptionalLong n = decimal(text, Integer.MAX_VALUE);
        return n.isPresent() ? OptionalInt.of((int) n.getAsLong()) : OptionalInt.empty();
    }

    /** Hexadecimal digits without a prefix, at most eight. */
    static OptionalLong hex(String text) {
        if (text.isEmpty() || text.length() > 8) {
            return OptionalLong.empty();
        }
        long n = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                return OptionalLong.empty();
            }
            n = n << 4 | digit;
        }
        return OptionalLong.of(n);
    }

    /** The number in {@code prefix[number]}, as in {@code socket:[7]}. */
    static OptionalLong bracketed(String text, String prefix) {
        int from = prefix.length() + 1;
        boolean fits =
                text.length() > from
                        && text.startsWith(prefix)
                        && text.charAt(from - 1) == '['
                        && text.endsWith("]");
        return fits
                ? decimal(text.substring(from, text.length() - 1), Long.MAX_VALUE)
                : OptionalLong.empty();
    }
}
