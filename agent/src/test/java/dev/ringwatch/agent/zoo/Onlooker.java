package dev.ringwatch.agent.zoo;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Tasks;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;

/**
 * A program that makes a ring and a queue, looks at the machine with the rights it has, and tells
 * what it saw of them, a line each.
 */
public final class Onlooker {
    private Onlooker() {}

    /** Looks once. */
    public static void main(String[] args) throws Exception {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = IoUring.open(RingOptions.entries(4));
                OwnedFd file = Fds.open("/dev/null", Fds.O_RDWR, 0);
                OwnedFd a = pair.get(0);
                OwnedFd b = pair.get(1);
                Observer observer =
                        Observer.open(
                                Observer.Choice.AUTO,
                                InstantSource.system(),
                                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            ring.registerFiles(file.number(), file.number());
            ScmRights.send(
                    a.number(), MemorySegment.ofArray(new byte[1]), file.number(), b.number());
            Observation o = observer.observe();
            System.out.println("why " + observer.whyNoBpf().orElse(""));
            System.out.println("complete " + o.complete());
            o.incomplete().forEach(reason -> System.out.println("reason " + reason));
            for (RingFacts r : o.rings()) {
                if (isOurs(o, r.file())) {
                    System.out.println("ring " + r.registeredFiles());
                }
            }
            for (SocketFacts s : o.sockets()) {
                if (isOurs(o, s.file()) && s.inflight().orElse(0) > 0) {
                    System.out.println("queue " + s.inflight().orElseThrow());
                }
                if (!isOurs(o, s.file()) && !s.inflight().equals(OptionalInt.empty())) {
                    System.out.println("foreign " + s.inflight());
                }
            }
        }
    }

    private static boolean isOurs(Observation o, int file) {
        return o.graph().outsideHolders(file).stream()
                .anyMatch(h -> h instanceof Holder.DescriptorSlot d && d.pid() == Tasks.pid());
    }
}
