package dev.ringwatch.agent.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's page size, from the auxiliary vector (getauxval(3), AT_PAGESZ). */
final class PageSize {
    private static final long AT_PAGESZ = 6;
    private static final long USUAL = 4096;

    /** In bytes. */
    static final long BYTES = read();

    private PageSize() {}

    private static long read() {
        try {
            ByteBuffer pairs =
                    ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/self/auxv")))
                            .order(ByteOrder.nativeOrder());
            while (pairs.remaining() >= 2 * Long.BYTES) {
                long key = pairs.getLong();
                long value = pairs.getLong();
                if (key == AT_PAGESZ) {
                    return value;
                }
            }
            return USUAL;
        } catch (IOException e) {
            return USUAL; // /proc is hidden: then hardly anything else is read either
        }
    }
}
