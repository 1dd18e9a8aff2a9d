package dev.ringwatch.agent.differ;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Regular files to be opened by name, each another one; they come round again. */
final class LiveFiles {
    private static final int FILES = 64;

    private final List<MemorySegment> paths = new ArrayList<>();
    private int next;

    /** Makes them in a directory, for as long as this process lives. */
    LiveFiles(Path directory) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Path file = directory.resolve("file" + i);
            Files.write(file, new byte[0]);
            file.toFile().deleteOnExit();
            paths.add(Arena.global().allocateFrom(file.toString()));
        }
    }

    MemorySegment nextPath() {
        MemorySegment path = paths.get(next);
        next = (next + 1) % FILES;
        return path;
    }
}
