package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Medians and quartiles of few values. */
class QuartilesTest {
    @Test
    void ofOneAllAreThatOne() {
        assertEquals(new Quartiles(3, 3, 3), Quartiles.of(new double[] {3}));
    }

    @Test
    void ofTwoTheMedianLiesBetween() {
        assertEquals(new Quartiles(1.25, 1.5, 1.75), Quartiles.of(new double[] {2, 1}));
    }

    @Test
    void ofFiveTheyAreThreeOfThem() {
        assertEquals(new Quartiles(2, 3, 4), Quartiles.of(new double[] {5, 1, 4, 2, 3}));
    }
}
