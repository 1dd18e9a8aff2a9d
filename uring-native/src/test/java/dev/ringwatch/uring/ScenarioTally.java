package dev.ringwatch.uring;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Counts the scenarios that ran and those that were skipped, over all layouts, and prints both with
 * the reasons when the tests end. A run in which every one was skipped has shown nothing and fails.
 */
final class ScenarioTally implements TestWatcher {
    @Override
    public void testSuccessful(ExtensionContext context) {
        counts(context).ran();
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        counts(context).ran();
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        counts(context).skipped(String.valueOf(cause.getMessage()));
    }

    private static Counts counts(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(ScenarioTally.class))
                .getOrComputeIfAbsent(Counts.class, key -> new Counts(), Counts.class);
    }

    /** The counts of one run of tests; JUnit closes it at the end. */
    static final class Counts implements AutoCloseable {
        private final Map<String, Integer> reasons = new TreeMap<>();
        private int ran;
        private int skipped;

        synchronized void ran() {
            ran++;
        }

        synchronized void skipped(String reason) {
            skipped++;
            reasons.merge(reason, 1, Integer::sum);
        }

        synchronized String summary() {
            StringBuilder text = new StringBuilder();
            text.append("scenarios on layouts: ").append(ran).append(" ran, ");
            text.append(skipped).append(" skipped");
            reasons.forEach(
                    (reason, count) ->
                            text.append("\n  ").append(count).append(" times ").append(reason));
            return text.toString();
        }

        /** Fails if nothing ran. */
        synchronized void requireSome() {
            if (ran == 0) {
                throw new AssertionError("every scenario was skipped: " + summary());
            }
        }

        @Override
        public void close() {
            System.out.println(summary());
            requireSome();
        }
    }
}
