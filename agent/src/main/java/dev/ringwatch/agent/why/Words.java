package dev.ringwatch.agent.why;

import dev.ringwatch.agent.bpf.Found;
import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What things of one look are called. */
final class Words {
    /** The most steps of a path that are told: sockets can be nested without limit. */
    private static final int MAX_STEPS = 16;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int AF_PACKET = 17;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ESTABLISHED = 1;
    private static final int CLOSE = 7;
    private static final int LISTEN = 10;

    private final Observation observation;
    private final Map<Integer, ProcessFacts> processes;
    private final HoldingPaths paths;
    private final Map<Integer, RingFacts> rings = new HashMap<>();

    Words(Observation observation, Map<Integer, ProcessFacts> processes) {
        this.observation = observation;
        this.processes = processes;
        paths = HoldingPaths.of(observation.graph());
        observation.rings().forEach(r -> rings.put(r.file(), r));
    }

    /** {@code pid 312 nginx}. */
    String process(int pid) {
        ProcessFacts p = processes.get(pid);
        return p == null ? "pid " + pid : "pid " + pid + " " + p.comm();
    }

    /** A ring, a socket or another file of the graph: {@code ring of pid 312 nginx}. */
    String holdingFile(int file) {
        OptionalInt pid = owner(file);
        String of = pid.isPresent() ? " of " + process(pid.getAsInt()) : " that no process holds";
        FileFacts facts = observation.files().get(file);
        return switch (facts.kind()) {
            case RING -> "ring" + of;
            case UNIX_SOCKET, SOCKET -> "socket " + facts.inode() + of;
            case OTHER -> facts.name() + of;
        };
    }

    /** The process that a file of the graph belongs to. */
    OptionalInt owner(int file) {
        List<HoldingPath.Step> steps = paths.path(file).steps();
        if (!steps.isEmpty()) {
            OptionalInt pid = process(steps.getFirst().holder());
            if (pid.isPresent()) {
                return pid;
            }
        }
        RingFacts ring = rings.get(file);
        return ring == null || ring.users().isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(ring.users().getFirst());
    }

    private static OptionalInt process(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot d -> OptionalInt.of(d.pid());
            case Holder.MemoryMapping m -> OptionalInt.of(m.pid());
            case Holder.TaskRegistration t -> OptionalInt.of(t.pid());
            case Holder.QueuedPacket q -> OptionalInt.empty();
            case Holder.RingSlot s -> OptionalInt.empty();
            case Holder.PendingRequest r -> OptionalInt.empty();
        };
    }

    /** How a process reaches a file that it has no descriptor of; empty if one holds it itself. */
    List<String> path(int file) {
        List<HoldingPath.Step> steps = paths.path(file).steps();
        if (steps.size() < 2) {
            return steps.isEmpty() || paths.reachable(file)
                    ? List.of()
                    : List.of("no process reaches it");
        }
        List<String> lines = new ArrayList<>();
        for (HoldingPath.Step step : steps.subList(0, Math.min(MAX_STEPS, steps.size()))) {
            lines.add(holder(step.holder()) + " has " + file(step.file()));
        }
        if (steps.size() > MAX_STEPS) {
            lines.add((steps.size() - MAX_STEPS) + " more steps");
        }
        if (!paths.reachable(file)) {
            lines.add("no process reaches any of them");
        }
        return lines;
    }

    private String file(int file) {
        FileFacts facts = observation.files().get(file);
        return switch (facts.kind()) {
            case RING -> "a ring";
            case UNIX_SOCKET, SOCKET -> "socket " + facts.inode();
            case OTHER -> facts.name().isEmpty() ? "inode " + facts.inode() : facts.name();
        };
    }

    private String holder(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot d -> process(d.pid()) + ", fd " + d.fd() + ",";
            case Holder.MemoryMapping m -> "a mapping of " + process(m.pid());
            case Holder.TaskRegistration t -> "a registration of " + process(t.pid());
            case Holder.QueuedPacket q -> "the queue of " + file(q.socket());
            case Holder.RingSlot s -> "slot " + s.slot() + " of " + file(s.ring());
            case Holder.PendingRequest r -> "a request of " + file(r.ring());
        };
    }

    /** An entry for a reference that a file of the graph has, and nothing for one from outside. */
    Entry entry(Holder holder) {
        return switch (holder) {
            case Holder.QueuedPacket q ->
                    with(Entry.Kind.QUEUED, holdingFile(q.socket()), owner(q.socket()));
            case Holder.RingSlot s ->
                    with(
                            Entry.Kind.SLOT,
                            holdingFile(s.ring()) + ", slot " + s.slot(),
                            owner(s.ring()));
            case Holder.PendingRequest r -> with(Entry.Kind.REQUEST, request(r), owner(r.ring()));
            case Holder.TaskRegistration t ->
                    Entry.of(
                            Entry.Kind.REGISTRATION,
                            process(t.pid()) + ", task " + t.tid() + ", number " + t.slot(),
                            t.pid());
            case Holder.DescriptorSlot d ->
                    Entry.of(Entry.Kind.DESCRIPTOR, descriptor(d.pid(), d.fd()), d.pid());
            case Holder.MemoryMapping m -> Entry.of(Entry.Kind.MAPPING, process(m.pid()), m.pid());
        };
    }

    private String request(Holder.PendingRequest r) {
        return holdingFile(r.ring())
                + (r.opcode() == Holder.PendingRequest.UNKNOWN_OPCODE
                        ? ""
                        : ", opcode " + r.opcode());
    }

    String descriptor(int pid, long fd) {
        return process(pid) + ", fd " + fd;
    }

    private static Entry with(Entry.Kind kind, String words, OptionalInt pid) {
        return new Entry(kind, 1, words, pid);
    }

    /** What an open file is, where its whole name is not known. */
    static String file(Found f) {
        return switch (f.kind()) {
            case RING -> "io_uring ring";
            case UNIX, SOCKET -> socket(f);
            case OTHER -> f.name().isEmpty() ? "inode " + f.inode() : f.name();
        };
    }

    /** {@code tcp socket 1234, port 80, listening}. */
    static String socket(Found f) {
        StringBuilder b = new StringBuilder();
        b.append(family(f)).append(" socket");
        if (f.file() != 0) {
            b.append(' ').append(f.inode());
        }
        if (f.port() != 0) {
            b.append(", port ").append(f.port());
        }
        if (f.state() == LISTEN) {
            b.append(", listening");
        } else if (f.protocol() == TCP && f.state() == ESTABLISHED) {
            b.append(", connected");
        } else if (f.protocol() == TCP && f.state() != CLOSE) {
            b.append(", closing");
        }
        return b.toString();
    }

    private static String family(Found f) {
        return switch (f.family()) {
            case AF_UNIX -> "AF_UNIX";
            case AF_INET -> protocol(f.protocol());
            case AF_INET6 -> protocol(f.protocol()) + "6";
            case AF_NETLINK -> "netlink";
            case AF_PACKET -> "packet";
            default -> "family " + f.family();
        };
    }

    private static String protocol(int protocol) {
        return switch (protocol) {
            case TCP -> "tcp";
            case UDP -> "udp";
            default -> "protocol " + protocol + " inet";
        };
    }

    /** Whether the graph knows a file to be in use by a request through its slot. */
    boolean usedBySlot(int file) {
        ReferenceGraph graph = observation.graph();
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            if (graph.by(graph.holderReference(i)) == ReferenceGraph.By.REQUEST_BY_SLOT) {
                return true;
            }
        }
        return false;
    }
}
