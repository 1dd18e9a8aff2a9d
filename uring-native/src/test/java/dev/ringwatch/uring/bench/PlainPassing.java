package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The same as {@link RawPassing} with {@link ScmRights}, a system call at a time. */
final class PlainPassing {
    private static final int MESSAGES = 16;

    private PlainPassing() {}

    public static void main(String[] arguments) throws IOException {
        int each = Integer.parseInt(arguments[0]);
        var pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (Arena arena = Arena.ofConfined();
                OwnedFd sender = pair.get(0);
                OwnedFd receiver = pair.get(1);
                OwnedFd passed = Fds.eventFd(0, 0)) {
            MemorySegment data = arena.allocate(1);
            int[] descriptors = new int[each];
            Arrays.fill(descriptors, passed.number());
            int from = sender.number();
            int to = receiver.number();
            Control.runs(
                    work -> {
                        for (int i = 0; i < MESSAGES; i++) {
                            ScmRights.send(from, data, descriptors);
                        }
                        for (int i = 0; i < MESSAGES; i++) {
                            try (ScmRights.Received received = ScmRights.receive(to, data)) {
                                work.operations += received.descriptors().size();
                            }
                        }
                    });
        }
    }
}
