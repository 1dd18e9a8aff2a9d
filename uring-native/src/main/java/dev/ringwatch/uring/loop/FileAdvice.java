package dev.ringwatch.uring.loop;

/** What a program is about to do with a range of a file. Source: posix_fadvise(2). */
public enum FileAdvice {
    /** Nothing special. */
    NORMAL(0),
    /** Read here and there: no reading ahead. */
    RANDOM(1),
    /** Read from the beginning on: more reading ahead. */
    SEQUENTIAL(2),
    /** Read soon: begin reading now. */
    WILL_NEED(3),
    /** Not read soon: written pages may leave the cache. */
    DONT_NEED(4),
    /** Read once. */
    NO_REUSE(5);

    private final int number;

    FileAdvice(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
