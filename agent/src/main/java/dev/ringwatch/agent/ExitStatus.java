package dev.ringwatch.agent;

/** What a command's exit status says; scripts rely on these. */
final class ExitStatus {
    /** It did what was asked; nothing was found. */
    static final int OK = 0;

    /** Something was found, or works only in part. */
    static final int FOUND = 1;

    /** It was asked wrongly, or could not be done. */
    static final int ERROR = 2;

    private ExitStatus() {}
}
