package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Violation.Rule;

/** What a program showed that the era does not account for: the model or the era's rules are wrong. */
public sealed interface Failure {
    /** Two failures of one class are taken for the same fault. */
    String kind();

    /**
     * A rule is broken that the era keeps.
     *
     * @param rule which
     * @param detail by what
     */
    record Broken(Rule rule, String detail) implements Failure {
        @Override
        public String kind() {
            return "broken: " + rule.label();
        }
    }

    /**
     * Garbage stays, and no trait of the collector says why.
     *
     * @param files how many files
     */
    record Left(int files) implements Failure {
        @Override
        public String kind() {
            return "garbage left";
        }
    }

    /**
     * The other collector ends with other files open, and no trait says why.
     *
     * @param detail which
     */
    record Differs(String detail) implements Failure {
        @Override
        public String kind() {
            return "collectors differ";
        }
    }

    /**
     * The model gave up.
     *
     * @param exception how
     */
    record Crash(String exception) implements Failure {
        @Override
        public String kind() {
            return "crash";
        }
    }
}
