package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.List;

/**
 * What a scenario expects. Leaks and violations are those of the whole run, wherever the line
 * stands; all else is meant where it stands.
 */
public sealed interface Expectation {
    /** The files are released. */
    record Freed(List<Integer> handles) implements Expectation {
        /** Copies the list. */
        public Freed {
            handles = List.copyOf(handles);
        }
    }

    /** The files are not released. */
    record Alive(List<Integer> handles) implements Expectation {
        /** Copies the list. */
        public Alive {
            handles = List.copyOf(handles);
        }
    }

    /** The files stay open at the end although no process can reach them; perhaps others do too. */
    record Leaks(List<Integer> handles) implements Expectation {
        /** Copies the list. */
        public Leaks {
            handles = List.copyOf(handles);
        }
    }

    /** No file stays open at the end that no process can reach. */
    record NoLeak() implements Expectation {}

    /** The file has so many references. */
    record References(int handle, int count) implements Expectation {}

    /** The file is so often in flight, as the era's collector counts; if that does not count it, as it is. */
    record InFlight(int handle, int count) implements Expectation {}

    /** The socket's {@code fdinfo} says that so many descriptors are queued on it. */
    record ScmFds(int handle, int count) implements Expectation {}

    /** The completion of a request, taken from its ring before, has this result. */
    record Result(int ring, int request, int value) implements Expectation {}

    /** A rule is broken at some time. */
    record Violates(Rule rule) implements Expectation {}

    /** This rule is not broken at any time. */
    record Keeps(Rule rule) implements Expectation {}

    /** No rule is broken at any time. */
    record NoViolation() implements Expectation {}
}
