package dev.ringwatch.agent.differ;

/** A step that cannot be played on a live kernel from inside of one thread. */
final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String what) {
        super(what, null, false, false);
    }
}
