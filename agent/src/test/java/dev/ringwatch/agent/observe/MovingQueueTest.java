package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A queue that always holds one packet, and never the same for long. */
class MovingQueueTest {
    private static final int PACKETS = 50;
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);

    /** The kernel's memory of a packet is used again at once: its address is often the same. */
    @Test
    void eachPacketIsAnother() throws Exception {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd sender = pair.get(0);
                OwnedFd receiver = pair.get(1);
                Observer observer =
                        Observer.open(
                                Observer.Choice.BPF,
                                InstantSource.system(),
                                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            long inode = inode(receiver);
            send(sender);
            for (int i = 0; i < PACKETS; i++) {
                long packet = firstPacket(observer.observe(), inode);
                assertEquals(packet, firstPacket(observer.observe(), inode), "it stood still");
                ScmRights.receive(receiver.number(), MemorySegment.ofArray(new byte[1])).close();
                send(sender);
                assertNotEquals(packet, firstPacket(observer.observe(), inode), "it moved");
            }
        }
    }

    /** Sends a socket that was not there before. */
    private static void send(OwnedFd sender) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (OwnedFd a = pair.get(0);
                OwnedFd b = pair.get(1)) {
            ScmRights.send(sender.number(), BYTE, a.number(), b.number());
        }
    }

    private static long firstPacket(Observation o, long inode) {
        SocketFacts socket =
                o.sockets().stream().filter(s -> s.inode() == inode).findFirst().orElseThrow();
        return Objects.requireNonNull(o.firstPackets().get(socket.file()));
    }

    private static long inode(OwnedFd socket) throws IOException {
        String link =
                Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.number())).toString();
        return Long.parseLong(link, "socket:[".length(), link.length() - 1, 10);
    }
}
