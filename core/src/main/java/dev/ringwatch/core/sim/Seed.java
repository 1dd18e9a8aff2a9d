package dev.ringwatch.core.sim;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Where all chance comes from: the same seed gives the same, on every machine.
 *
 * @param value any number
 */
public record Seed(long value) {
    /** The system property that gives the seed. */
    public static final String PROPERTY = "ringwatch.seed";

    private static final long GOLDEN = 0x9e3779b97f4a7c15L; // as SplittableRandom spreads seeds

    /** The seed that {@value #PROPERTY} gives, decimal or 0x and hex; else a new one. */
    public static Seed given() {
        String text = System.getProperty(PROPERTY);
        return text == null ? fresh() : parse(text);
    }

    /** A new one: not negative, so that everything that reads numbers reads it. */
    public static Seed fresh() {
        return new Seed(new Seed(System.nanoTime()).derive(0).value >>> 1);
    }

    /**
     * Reads a seed.
     *
     * @throws NumberFormatException if it is no number of 64 bits
     */
    public static Seed parse(String text) {
        String digits = text.strip().toLowerCase(Locale.ROOT);
        return new Seed(
                digits.startsWith("0x")
                        ? Long.parseUnsignedLong(digits, 2, digits.length(), 16)
                        : Long.parseLong(digits));
    }

    /** A seed for the n-th of several things, which has nothing to do with those for the others. */
    public Seed derive(long n) {
        return new Seed(new SplittableRandom(value ^ (n + 1) * GOLDEN).nextLong());
    }

    /** A new source of chance that begins at this seed. */
    public RandomGenerator random() {
        return new SplittableRandom(value);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return "0x" + Long.toHexString(value);
    }
}
