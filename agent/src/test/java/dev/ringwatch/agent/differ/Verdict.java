package dev.ringwatch.agent.differ;

/** What came of playing a program on both sides. */
sealed interface Verdict {
    /** They agreed on everything. */
    record Agreed() implements Verdict {}

    /** It was not played on this machine. */
    record Withheld(String reason) implements Verdict {}

    /** It has a step that the live player cannot play. */
    record NotPlayed(String reason) implements Verdict {}

    /**
     * They did not agree.
     *
     * @param step after how many steps; all of them if it was at the end
     * @param lines what was different
     */
    record Disagreed(int step, String lines) implements Verdict {}
}
