package dev.ringwatch.uring.sys;

import dev.ringwatch.uring.sys.SocketLayouts.SockaddrUn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Where an AF_UNIX socket is bound. Source: unix(7). */
public sealed interface UnixAddress {
    /**
     * A file in the file system; binding creates it and nothing removes it by itself.
     *
     * @param path 1 to 107 bytes in UTF-8
     */
    record Path(String path) implements UnixAddress {
        /** Refuses a path the kernel has no room for. */
        public Path {
            requireRoom(path);
        }
    }

    /**
     * A name without a file, in the network namespace; gone with its socket.
     *
     * @param name 1 to 107 bytes in UTF-8
     */
    record Abstract(String name) implements UnixAddress {
        /** Refuses a name the kernel has no room for. */
        public Abstract {
            requireRoom(name);
        }
    }

    /** The struct sockaddr_un, of exactly the bytes that count. */
    default MemorySegment encode(SegmentAllocator allocator) {
        return switch (this) {
            case Path(String path) -> encode(allocator, path + "\0");
            case Abstract(String name) -> encode(allocator, "\0" + name);
        };
    }

    private static MemorySegment encode(SegmentAllocator allocator, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment address = allocator.allocate(SockaddrUn.PATH + bytes.length, 8);
        address.set(ValueLayout.JAVA_SHORT, SockaddrUn.FAMILY, (short) Sockets.AF_UNIX);
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, SockaddrUn.PATH, bytes.length);
        return address;
    }

    private static void requireRoom(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes >= SockaddrUn.PATH_MAX) {
            throw new IllegalArgumentException(
                    "an AF_UNIX address has 1 to 107 bytes, this has " + bytes + ": " + text);
        }
    }
}
