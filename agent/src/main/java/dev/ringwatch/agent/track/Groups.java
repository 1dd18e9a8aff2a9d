package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.leak.Judgement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whose a file is. A file belongs to the process at the beginning of the shortest path that holds
 * it; what a process is called is {@link Identity}'s to say.
 */
public final class Groups {
    /** Of files that no process holds. */
    public static final String UNREACHABLE = "~unreachable";

    /** Of files that something holds which was not seen, or whose process could not be resolved. */
    public static final String UNKNOWN = "~unknown";

    /** Of what the kernel's own threads do. */
    public static final String KERNEL = "~kernel";

    /** Where groups beyond the limit are counted. */
    public static final String OTHER = "~other";

    private final HoldingPaths paths;
    private final Judgement judgement;
    private final Map<Integer, Identity.Named> names = new HashMap<>();
    private final Map<Integer, RingFacts> rings = new HashMap<>();
    private final ReferenceGraph graph;

    /** By file, where the path to it begins, and the first ring on it that somebody has used. */
    private final int[] outermost;

    private final int[] outermostUsed;

    Groups(Observation observation, HoldingPaths paths, Judgement judgement, Identity identity) {
        this.paths = paths;
        this.judgement = judgement;
        observation.rings().forEach(ring -> rings.put(ring.file(), ring));
        observation.processes().forEach((pid, facts) -> names.put(pid, identity.named(facts)));
        graph = observation.graph();
        outermost = paths.outermost(file -> true);
        outermostUsed = paths.outermost(file -> !users(file).isEmpty());
    }

    /** The group of a file. */
    public String of(int file) {
        OptionalInt pid = process(file);
        if (pid.isPresent()) {
            return ofProcess(pid.getAsInt());
        }
        return judgement.state(file) == Judgement.State.UNDECIDED ? UNKNOWN : UNREACHABLE;
    }

    /** The process that a file belongs to, if any holds it. */
    public OptionalInt process(int file) {
        if (paths.reachable(file)) {
            int first = outermost[file] == ReferenceGraph.NONE ? file : outermost[file];
            OptionalInt pid = process(graph.firstOutsideHolder(first));
            if (pid.isPresent()) {
                return pid;
            }
        }
        return user(file);
    }

    /** The group of a process. */
    public String ofProcess(int pid) {
        return named(pid).map(Identity.Named::group).orElse(UNKNOWN);
    }

    /** By group, what its members have in common. */
    Map<String, Identity.Named> common() {
        Map<String, Identity.Named> common = new HashMap<>();
        names.values().forEach(n -> common.merge(n.group(), n, Identity.Named::common));
        return common;
    }

    /** What a process is called; empty if it was not seen. */
    public Optional<Identity.Named> named(int pid) {
        return Optional.ofNullable(names.get(pid));
    }

    /** The processes that have used a file, if it is a ring. */
    List<Integer> users(int file) {
        RingFacts ring = rings.get(file);
        return ring == null ? List.of() : ring.users();
    }

    /** A ring that nothing holds, and what hangs on it, belongs to whoever used the ring. */
    private OptionalInt user(int file) {
        int ring = users(file).isEmpty() ? outermostUsed[file] : file;
        return ring == ReferenceGraph.NONE
                ? OptionalInt.empty()
                : OptionalInt.of(users(ring).getFirst());
    }

    /** The process behind a holder from outside the graph. */
    static OptionalInt process(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot d -> OptionalInt.of(d.pid());
            case Holder.MemoryMapping m -> OptionalInt.of(m.pid());
            case Holder.TaskRegistration t -> OptionalInt.of(t.pid());
            case Holder.QueuedPacket q -> OptionalInt.empty();
            case Holder.RingSlot s -> OptionalInt.empty();
            case Holder.PendingRequest r -> OptionalInt.empty();
        };
    }
}
