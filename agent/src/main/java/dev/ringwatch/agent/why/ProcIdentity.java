package dev.ringwatch.agent.why;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stat(2) tells a file by.
 *
 * @param device as {@code st_dev} has it
 */
record ProcIdentity(long device, long inode, boolean directory) {
    /** Of what a path or a link of /proc leads to; empty if it is not there or not ours to see. */
    static Optional<ProcIdentity> of(Path path) {
        try {
            Map<String, Object> all = Files.readAttributes(path, "unix:dev,ino,isDirectory");
            return Optional.of(
                    new ProcIdentity(
                            ((Number) value(all, "dev")).longValue(),
                            ((Number) value(all, "ino")).longValue(),
                            (Boolean) value(all, "isDirectory")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The lines of a text with names in it. These need not be UTF-8 and may have a carriage return: one
     * such hides no other.
     */
    static List<String> lines(Path file) throws IOException {
        return List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n"));
    }

    private static Object value(Map<String, Object> all, String name) throws IOException {
        Object value = all.get(name);
        if (value == null) {
            throw new IOException("no attribute " + name);
        }
        return value;
    }

    /** The device as {@code /proc/PID/maps} writes it, such as {@code fe:00}. */
    String deviceInMaps() {
        return "%02x:%02x".formatted(major(device), minor(device));
    }

    /** Source: gnu_dev_major of the C library. */
    static long major(long device) {
        return (device >> 8 & 0xfff) | (device >> 32 & ~0xfffL);
    }

    static long minor(long device) {
        return (device & 0xff) | (device >> 12 & ~0xffL);
    }

    boolean same(ProcIdentity other) {
        return device == other.device && inode == other.inode;
    }
}
