package dev.ringwatch.core.leak;

import java.util.List;

/** Everything that was decided about one graph. Immutable; safe for use by many threads. */
public final class Judgement {
    /** What is true of a single file. */
    public enum State {
        /** A process can still reach it. */
        HELD,
        /** Only an orphan ring reaches it. */
        ORPHANED,
        /** Nobody reaches it; the collector will free it. */
        COLLECTABLE,
        /** Nobody reaches it and the collector does not free it. */
        LEAKED,
        /** Nobody seems to reach it, and not everything could be accounted for. */
        UNDECIDED
    }

    private static final State[] STATES = State.values();

    private final byte[] states;
    private final List<Verdict> verdicts;

    Judgement(byte[] states, List<Verdict> verdicts) {
        this.states = states;
        this.verdicts = List.copyOf(verdicts);
    }

    /** What is true of a file, given by its index in the graph. */
    public State state(int file) {
        return STATES[states[file]];
    }

    /** All verdicts, in the order of their first file. */
    public List<Verdict> verdicts() {
        return verdicts;
    }
}
