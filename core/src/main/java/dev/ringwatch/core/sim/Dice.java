package dev.ringwatch.core.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Decisions taken by chance. */
final class Dice {
    private final RandomGenerator random;

    Dice(Seed seed) {
        random = seed.random();
    }

    /** From 0 to below {@code bound}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Between both, which may come too. */
    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    /** True in so many of a hundred cases. */
    boolean percent(int cases) {
        return below(100) < cases;
    }

    /** One of them, of which there must be some. */
    <T> T of(List<T> choices) {
        return choices.get(below(choices.size()));
    }

    /** One of them. */
    @SafeVarargs
    final <T> T of(T... choices) {
        return choices[below(choices.length)];
    }

    /** The same in another order. */
    <T> List<T> shuffled(List<T> items) {
        List<T> order = new ArrayList<>(items);
        for (int i = order.size(); i > 1; i--) {
            int j = below(i);
            T swapped = order.get(i - 1);
            order.set(i - 1, order.get(j));
            order.set(j, swapped);
        }
        return order;
    }
}
