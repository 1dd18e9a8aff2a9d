package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The processes behind a graph. */
final class Holders {
    private Holders() {}

    /** Every process that holds a file of the graph or has used one of its rings. */
    static Set<Integer> processes(ReferenceGraph graph, List<RingFacts> rings) {
        Set<Integer> pids = new TreeSet<>();
        for (int file = 0; file < graph.fileCount(); file++) {
            for (Holder holder : graph.outsideHolders(file)) {
                switch (holder) {
                    case Holder.DescriptorSlot d -> pids.add(d.pid());
                    case Holder.MemoryMapping m -> pids.add(m.pid());
                    case Holder.TaskRegistration t -> pids.add(t.pid());
                    case Holder.QueuedPacket q -> throw new AssertionError("not from outside");
                    case Holder.RingSlot s -> throw new AssertionError("not from outside");
                    case Holder.PendingRequest r -> throw new AssertionError("not from outside");
                }
            }
        }
        rings.forEach(ring -> pids.addAll(ring.users()));
        return pids;
    }
}
