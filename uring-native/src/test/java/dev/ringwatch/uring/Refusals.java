package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A program for processes that are refused something: prints what a ring says to it. */
final class Refusals {
    private static final long MEGABYTE = 1 << 20;

    private Refusals() {}

    /** Makes a ring and registers a megabyte with it. */
    public static void main(String[] arguments) throws IOException {
        try (IoUring ring = RingShape.openPatiently(RingOptions.entries(1));
                Arena arena = Arena.ofShared()) {
            System.out.println("made");
            MemorySegment buffer = arena.allocate(MEGABYTE, 4096);
            ring.registerBuffers(buffer);
            System.out.println("registered");
        } catch (ErrnoException e) {
            System.out.println(e.getMessage());
        }
    }
}
