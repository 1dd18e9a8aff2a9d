package dev.ringwatch.uring;

/** How many operations have some memory that is otherwise the program's. Owner thread only. */
final class Loan {
    private int operations;

    void lend() {
        operations++;
    }

    /** Notes a completion; whether no operation has the memory any more. */
    boolean completed(int flags) {
        if (operations == 0) {
            throw new IllegalStateException("the memory was lent to no operation");
        }
        if (Completion.isLast(flags)) {
            operations--;
        }
        return operations == 0;
    }

    boolean isLent() {
        return operations > 0;
    }

    void requireBack() {
        if (operations > 0) {
            throw new IllegalStateException(
                    operations
                            + " operations have this memory until their last completion, which for"
                            + " a zero-copy send is its notification; pass it to completed()"
                            + " first");
        }
    }
}
