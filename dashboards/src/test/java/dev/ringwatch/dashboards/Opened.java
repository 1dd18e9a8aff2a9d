package dev.ringwatch.dashboards;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a test has opened; all of it is closed, the last first. */
final class Opened implements Closeable {
    private final Deque<Closeable> things = new ArrayDeque<>();

    <T extends Closeable> T add(T thing) {
        things.addFirst(thing);
        return thing;
    }

    @Override
    public void close() throws IOException {
        if (!things.isEmpty()) {
            try {
                things.removeFirst().close();
            } finally {
                close();
            }
        }
    }
}
