package dev.ringwatch.agent.differ;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.sys.SocketLayouts.Cmsghdr;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.SocketLayouts.SockaddrUn;
import dev.ringwatch.uring.sys.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Memory for the arguments of one system call at a time. */
final class Scratch {
    private static final int ADDRESS = 128;
    private static final int IOVEC = 256;
    private static final int MESSAGE = 320;
    private static final int DATA = 4096;
    private static final int DATA_BYTES = 4096;
    private static final int CONTROL = DATA + DATA_BYTES;
    private static final int CONTROL_BYTES = 8192;
    private static final int SCM_RIGHTS = 1;

    private final MemorySegment memory;

    Scratch(Arena arena) {
        memory = arena.allocate(CONTROL + CONTROL_BYTES, 8);
    }

    /** The first words, for small arguments. */
    MemorySegment words() {
        return memory;
    }

    MemorySegment data(int bytes) {
        return memory.asSlice(DATA, bytes);
    }

    /** An abstract AF_UNIX address. */
    MemorySegment address(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment address = memory.asSlice(ADDRESS, (long) SockaddrUn.PATH + 1 + bytes.length);
        address.set(JAVA_SHORT, SockaddrUn.FAMILY, (short) Sockets.AF_UNIX);
        address.set(JAVA_BYTE, SockaddrUn.PATH, (byte) 0);
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, SockaddrUn.PATH + 1, bytes.length);
        return address;
    }

    /** A message of so many bytes of data; no name and no control messages yet. */
    MemorySegment message(int bytes) {
        MemorySegment iovec = memory.asSlice(IOVEC, Iovec.SIZE);
        iovec.set(JAVA_LONG, Iovec.BASE, data(bytes).address());
        iovec.set(JAVA_LONG, Iovec.LEN, bytes);
        MemorySegment message = memory.asSlice(MESSAGE, Msghdr.SIZE).fill((byte) 0);
        message.set(JAVA_LONG, Msghdr.IOV, iovec.address());
        message.set(JAVA_LONG, Msghdr.IOVLEN, 1);
        return message;
    }

    void passing(MemorySegment message, int[] fds) {
        MemorySegment control = memory.asSlice(CONTROL, Cmsghdr.space(4L * fds.length));
        control.set(JAVA_LONG, Cmsghdr.LEN, Cmsghdr.length(4L * fds.length));
        control.set(JAVA_INT, Cmsghdr.LEVEL, Sockets.SOL_SOCKET);
        control.set(JAVA_INT, Cmsghdr.TYPE, SCM_RIGHTS);
        MemorySegment.copy(fds, 0, control, JAVA_INT, Cmsghdr.DATA, fds.length);
        setControl(message, control.byteSize());
    }

    /** Room for exactly so many descriptors. */
    void room(MemorySegment message, int descriptors) {
        setControl(message, descriptors == 0 ? 0 : Cmsghdr.length(4L * descriptors));
    }

    private void setControl(MemorySegment message, long bytes) {
        message.set(JAVA_LONG, Msghdr.CONTROL, bytes == 0 ? 0 : memory.address() + CONTROL);
        message.set(JAVA_LONG, Msghdr.CONTROLLEN, bytes);
    }

    /** The descriptors that a received message brought. */
    List<Integer> received(MemorySegment message) {
        List<Integer> fds = new ArrayList<>();
        if (message.get(JAVA_LONG, Msghdr.CONTROLLEN) < Cmsghdr.DATA) {
            return fds;
        }
        MemorySegment control = memory.asSlice(CONTROL, CONTROL_BYTES);
        if (control.get(JAVA_INT, Cmsghdr.TYPE) == SCM_RIGHTS) {
            long length = control.get(JAVA_LONG, Cmsghdr.LEN);
            for (long at = Cmsghdr.DATA; at + 4 <= length; at += 4) {
                fds.add(control.get(JAVA_INT, at));
            }
        }
        return fds;
    }
}
