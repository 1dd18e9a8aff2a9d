package dev.ringwatch.uring;

import java.util.Locale;

/**
 * The seed of random tests: the one given by {@code -Dringwatch.seed}, decimal or 0x and hex, else a
 * new one, which a failure names.
 */
final class TestSeed {
    static final long VALUE = given();

    private TestSeed() {}

    private static long given() {
        String text = System.getProperty("ringwatch.seed", "").strip().toLowerCase(Locale.ROOT);
        if (text.isEmpty()) {
            return System.nanoTime();
        }
        return text.startsWith("0x")
                ? Long.parseUnsignedLong(text, 2, text.length(), 16)
                : Long.parseLong(text);
    }
}
