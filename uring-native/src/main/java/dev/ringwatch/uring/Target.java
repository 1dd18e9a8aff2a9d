package dev.ringwatch.uring;

/** The file an operation is about. */
public sealed interface Target {
    /**
     * An open descriptor of the process.
     *
     * @param number 0 or more
     */
    record Descriptor(int number) implements Target {}

    /**
     * A slot of the ring's file table.
     *
     * @param index 0 to the table's capacity, exclusive
     */
    record Slot(int index) implements Target {}

    /** A descriptor. */
    static Target descriptor(int number) {
        return new Descriptor(number);
    }

    /** A slot of the ring's file table. */
    static Target slot(int index) {
        return new Slot(index);
    }
}
