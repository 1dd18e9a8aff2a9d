package dev.ringwatch.uring.examples;

import java.io.IOException;

/** The standard input of the examples, whose end is theirs. */
final class Input {
    private Input() {}

    static void awaitEnd() throws IOException {
        while (System.in.read() >= 0) {
            // what is typed is of no interest
        }
    }
}
