package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.proc.DescriptorTarget;
import dev.ringwatch.agent.proc.ProcDescriptor;
import dev.ringwatch.agent.proc.ProcProcess;
import dev.ringwatch.agent.proc.ProcRing;
import dev.ringwatch.agent.proc.ProcSnapshot;
import dev.ringwatch.agent.proc.ProcUnixSocket;
import dev.ringwatch.agent.proc.RingContents;
import dev.ringwatch.agent.proc.RingFdinfo;
import dev.ringwatch.agent.proc.SlotFile;
import dev.ringwatch.agent.proc.UnixName;
import dev.ringwatch.agent.proc.UnixPeer;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Makes an observation of what /proc tells. The kernel's counts of references are not in it, nor
 * which files are in flight: both stay unknown.
 */
final class ProcJoin {
    private static final String ANONYMOUS = "anon_inode:";
    private static final String DELETED = " (deleted)";

    private final ProcSnapshot snapshot;
    private final ReferenceGraph.Builder graph = new ReferenceGraph.Builder();
    private final List<FileFacts> files = new ArrayList<>();
    private final Map<Long, Integer> sockets = new HashMap<>();
    private final Map<String, Integer> named = new HashMap<>();
    private final int[] rings;

    ProcJoin(ProcSnapshot snapshot) {
        this.snapshot = snapshot;
        rings = new int[snapshot.rings().size()];
    }

    Joined join() {
        List<SocketFacts> socketFacts = addSockets();
        addPeers();
        addRings();
        List<RingFacts> ringFacts = new ArrayList<>();
        for (int i = 0; i < rings.length; i++) {
            ringFacts.add(ringFacts(rings[i], snapshot.rings().get(i)));
        }
        snapshot.descriptors().forEach(this::addDescriptor);
        return new Joined(
                processes(),
                files,
                ringFacts,
                socketFacts,
                List.of(),
                Set.of(),
                Map.of(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                graph.build(),
                incomplete(),
                Map.of());
    }

    private int add(FileKind kind, long identity, long inode, String name, boolean deleted) {
        files.add(new FileFacts(kind, identity, inode, 0, name));
        return graph.file(kind, ReferenceGraph.UNKNOWN, deleted);
    }

    private List<SocketFacts> addSockets() {
        List<SocketFacts> facts = new ArrayList<>();
        for (ProcUnixSocket socket : snapshot.unixSockets()) {
            if (socket.inode() == 0 || sockets.containsKey(socket.inode())) {
                continue;
            }
            int file = add(FileKind.UNIX_SOCKET, socket.inode(), socket.inode(), "", false);
            sockets.put(socket.inode(), file);
            facts.add(socketFacts(file, socket));
        }
        return facts;
    }

    private static SocketFacts socketFacts(int file, ProcUnixSocket socket) {
        OptionalLong queued = socket.queuedDescriptors();
        return new SocketFacts(
                file,
                socket.inode(),
                switch (socket.type()) {
                    case STREAM -> SocketFacts.Type.STREAM;
                    case DGRAM -> SocketFacts.Type.DGRAM;
                    case SEQPACKET -> SocketFacts.Type.SEQPACKET;
                    case OTHER -> SocketFacts.Type.UNKNOWN;
                },
                switch (socket.state()) {
                    case UNCONNECTED, CLOSED -> SocketFacts.State.UNCONNECTED;
                    case CONNECTED -> SocketFacts.State.CONNECTED;
                    case LISTENING -> SocketFacts.State.LISTENING;
                    case EMBRYO, OTHER -> SocketFacts.State.UNKNOWN;
                },
                socket.name().map(ProcJoin::name),
                socket.networkNamespace(),
                queued.isPresent() ? OptionalInt.of((int) queued.getAsLong()) : OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty());
    }

    private static String name(UnixName name) {
        return switch (name.kind()) {
            case PATH -> name.text();
            case ABSTRACT -> "@" + name.text();
        };
    }

    private void addPeers() {
        for (ProcUnixSocket socket : snapshot.unixSockets()) {
            Integer file = sockets.get(socket.inode());
            if (file == null) {
                continue;
            }
            switch (socket.peer()) {
                case UnixPeer.Connected(long inode) -> {
                    Integer peer = sockets.get(inode);
                    if (peer != null) {
                        graph.peer(file, peer);
                    }
                }
                case UnixPeer.WithoutFile() -> {
                    if (socket.shutdown().orElse(0) == 3) {
                        graph.peerGone(file);
                    }
                }
                case UnixPeer.None(), UnixPeer.Unknown() -> {
                    // nothing to say
                }
            }
        }
    }

    private void addRings() {
        for (int i = 0; i < rings.length; i++) {
            ProcRing ring = snapshot.rings().get(i);
            rings[i] = add(FileKind.RING, identity(ring), 0, "[io_uring]", false);
        }
        for (int i = 0; i < rings.length; i++) {
            if (snapshot.rings().get(i).contents() instanceof RingContents.Read(RingFdinfo info)) {
                addSlots(rings[i], info.files().listing());
            }
        }
    }

    private static long identity(ProcRing ring) {
        ProcRing.DescriptorRef first = ring.descriptors().getFirst();
        return ring.inode().orElse(((long) first.pid() << 32) + first.fd());
    }

    private void addSlots(int ring, RingFdinfo.Listing listing) {
        switch (listing) {
            case RingFdinfo.Listing.Listed(List<RingFdinfo.SlotEntry> entries) ->
                    entries.forEach(e -> graph.slot(ring, fileOf(ring, e), e.slot()));
            case RingFdinfo.Listing.Withheld() -> {
                // the ring's facts say that its occupied slots are unknown
            }
        }
    }

    private int fileOf(int ring, RingFdinfo.SlotEntry entry) {
        return switch (entry.file()) {
            case SlotFile.Socket(long inode) ->
                    sockets.computeIfAbsent(
                            inode, n -> add(FileKind.SOCKET, inode, inode, "", false));
            case SlotFile.Named(String link) ->
                    link.startsWith(ANONYMOUS)
                            ? unnamed(ring, entry, link)
                            : named.computeIfAbsent(
                                    link,
                                    l -> add(FileKind.OTHER, l.hashCode(), 0, l, isDeleted(l)));
            case SlotFile.ShortName(String name) -> unnamed(ring, entry, name);
        };
    }

    /** A file whose name tells nothing: every eventfd has the same. It is taken for one of its own. */
    private int unnamed(int ring, RingFdinfo.SlotEntry entry, String name) {
        return add(FileKind.OTHER, ((long) ring << 32) + entry.slot(), 0, name, false);
    }

    private static boolean isDeleted(String link) {
        return link.endsWith(DELETED);
    }

    private RingFacts ringFacts(int file, ProcRing ring) {
        List<Integer> users = List.of();
        return switch (ring.contents()) {
            case RingContents.Read(RingFdinfo info) ->
                    new RingFacts(
                            file,
                            info.files().occupied().isPresent(),
                            info.files().occupied(),
                            OptionalInt.of(info.files().slots()),
                            info.buffers().occupied(),
                            info.buffers().bytes(),
                            OptionalInt.empty(),
                            info.overflowed(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            users);
            case RingContents.Unreadable(RingContents.Reason reason) ->
                    RingFacts.unreadable(file, users);
        };
    }

    private void addDescriptor(ProcDescriptor descriptor) {
        Integer file =
                switch (descriptor.target()) {
                    case DescriptorTarget.Ring(int ring) -> Integer.valueOf(rings[ring]);
                    case DescriptorTarget.UnixSocket(long inode) -> sockets.get(inode);
                    case DescriptorTarget.UnknownSocket(long inode) -> sockets.get(inode);
                    case DescriptorTarget.NamedFile(String link) -> named.get(link);
                };
        if (file != null) {
            graph.outside(file, new Holder.DescriptorSlot(descriptor.pid(), descriptor.fd()));
        }
    }

    private Map<Integer, ProcessFacts> processes() {
        Map<Integer, ProcessFacts> all = new HashMap<>();
        for (ProcProcess p : snapshot.processes()) {
            all.put(
                    p.pid(),
                    new ProcessFacts(
                            p.pid(),
                            p.comm(),
                            (int) p.uid().orElse(-1),
                            p.startTicks(),
                            Cgroups.of(p.cgroups()),
                            Optional.empty(),
                            Optional.empty()));
        }
        return all;
    }

    private List<String> incomplete() {
        List<String> reasons = new ArrayList<>();
        reasons.add(
                "read from /proc: descriptors in flight are counted, not named, and rings and"
                        + " sockets that no descriptor names are not seen; files in tables are told"
                        + " apart by name");
        if (snapshot.unreadableProcesses() > 0) {
            reasons.add(
                    "the descriptors of "
                            + snapshot.unreadableProcesses()
                            + " processes cannot be read by this user");
        }
        if (snapshot.unreadableRings() > 0) {
            reasons.add(snapshot.unreadableRings() + " rings could not be read");
        }
        if (snapshot.completeness() instanceof ProcSnapshot.Completeness.CutShort(String why)) {
            reasons.add(why);
        }
        if (snapshot.peers() instanceof ProcSnapshot.PeerSource.Unavailable(String why)) {
            reasons.add("the other ends of sockets are not known: " + why);
        }
        return reasons;
    }
}
