package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.ReferenceGraph.By;
import dev.ringwatch.core.leak.Verdict.Detachment;
import java.util.List;
import java.util.Optional;

/**
 * Finds the rings that have files in their table, no request in flight, and no descriptor of a
 * process that has used them.
 *
 * <p>Each form is legal: a ring may be made without a descriptor ({@code
 * IORING_SETUP_REGISTERED_FD_ONLY}), and a child inherits what its parent had. But what holds such a
 * ring shows in no list of descriptors, and its table keeps its files until the last mapping, task or
 * heir is gone.
 */
final class DetachedRings {
    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final RingView rings;
    private final List<Verdict> verdicts;
    private final Marks listed;

    DetachedRings(
            ReferenceGraph graph, HoldingPaths paths, RingView rings, List<Verdict> verdicts) {
        this.graph = graph;
        this.paths = paths;
        this.rings = rings;
        this.verdicts = verdicts;
        listed = new Marks(graph);
    }

    void judge() {
        for (int file = 0; file < graph.fileCount(); file++) {
            if (graph.kind(file) == FileKind.RING
                    && graph.outsideReferences(file) > 0
                    && graph.holdersBegin(file) == graph.holdersEnd(file)) {
                judge(file);
            }
        }
    }

    private void judge(int ring) {
        Optional<Detachment> how = detachment(ring);
        List<Integer> files = idleTable(ring);
        if (how.isPresent() && !files.isEmpty()) {
            Evidence evidence = new Evidence(paths.path(ring), because(how.get()));
            verdicts.add(new Verdict.DetachedRing(ring, how.get(), files, evidence));
        }
    }

    private Optional<Detachment> detachment(int ring) {
        boolean registered = false;
        boolean byUser = false;
        boolean descriptor = false;
        Optional<List<Integer>> users = rings.users(ring);
        for (Holder holder : graph.outsideHolders(ring)) {
            registered |= holder instanceof Holder.TaskRegistration;
            descriptor |= holder instanceof Holder.DescriptorSlot;
            int pid =
                    switch (holder) {
                        case Holder.DescriptorSlot d -> d.pid();
                        case Holder.MemoryMapping m -> m.pid();
                        case Holder.TaskRegistration t -> t.pid();
                        case Holder.QueuedPacket q -> throw new AssertionError("not from outside");
                        case Holder.RingSlot s -> throw new AssertionError("not from outside");
                        case Holder.PendingRequest r ->
                                throw new AssertionError("not from outside");
                    };
            byUser |= users.isEmpty() || users.get().contains(pid);
        }
        if (!byUser) {
            return Optional.of(Detachment.INHERITED);
        }
        if (descriptor) {
            return Optional.empty();
        }
        return Optional.of(registered ? Detachment.REGISTERED : Detachment.MAPPED);
    }

    /** The files in the table, without doubles; none if a request is in flight. */
    private List<Integer> idleTable(int ring) {
        FileList.Builder files = new FileList.Builder();
        for (int i = graph.heldBegin(ring); i < graph.heldEnd(ring); i++) {
            if (graph.by(i) != By.SLOT) {
                return List.of();
            }
            if (listed.mark(graph.to(i), ring)) {
                files.add(graph.to(i));
            }
        }
        return files.build();
    }

    private static String because(Detachment how) {
        String has = "The ring has files in its table and no request in flight, and ";
        return has
                + switch (how) {
                    case REGISTERED -> "no descriptor: it is registered with a task.";
                    case MAPPED -> "no descriptor: a memory mapping alone holds it.";
                    case INHERITED ->
                            "no task of the processes that hold it has ever used it: whoever made"
                                    + " it is gone.";
                };
    }
}
