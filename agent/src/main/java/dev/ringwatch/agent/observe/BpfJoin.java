package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.BpfSnapshot;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.Records;
import dev.ringwatch.agent.bpf.SnapshotTable;
import dev.ringwatch.agent.bpf.SnapshotTable.Descriptor;
import dev.ringwatch.agent.bpf.SnapshotTable.Edge;
import dev.ringwatch.agent.bpf.SnapshotTable.Name;
import dev.ringwatch.agent.bpf.SnapshotTable.OpenFile;
import dev.ringwatch.agent.bpf.SnapshotTable.Request;
import dev.ringwatch.agent.bpf.SnapshotTable.Ring;
import dev.ringwatch.agent.bpf.SnapshotTable.Slot;
import dev.ringwatch.agent.bpf.SnapshotTable.Socket;
import dev.ringwatch.agent.bpf.SnapshotTable.Task;
import dev.ringwatch.agent.bpf.SnapshotTable.TaskLink;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.LongIndex;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Joins the records of one BPF snapshot on the addresses they carry. A file is known by the address
 * of its struct file; a ring that no file was found for by that of its context.
 */
final class BpfJoin {
    private static final int NO_ROW = -1;
    private static final OptionalInt ZERO = OptionalInt.of(0);

    private final BpfSnapshot snapshot;
    private final Calls calls;
    private final Records sockets;
    private final Records rings;
    private final Records files;
    private final Vertices vertices;

    /** The graph's files by key, and for each the row that tells most of it. */
    private final LongIndex index = new LongIndex(1 << 12);

    private int[] socketRow = new int[1 << 12];
    private int[] ringRow = new int[1 << 12];
    private int[] fileRow = new int[1 << 12];

    private final LongIndex socketIds = new LongIndex(1 << 12);
    private int[] rowOfSocket = new int[1 << 12];
    private final Map<Long, Long> fileOfRing = new HashMap<>();
    private final Map<Long, Long> fileCountOfRing = new HashMap<>();

    private final RingBirths births;
    private final ReferenceGraph.Builder graph = new ReferenceGraph.Builder();
    private int[] queued = new int[0];
    private int[] packets = new int[0];
    private boolean[] partlySeen = new boolean[0];
    private int[] slots = new int[0];
    private final Map<Integer, Long> firstPackets = new HashMap<>();
    private final Map<Integer, Integer> sent = new HashMap<>();
    private final Map<Long, String> namesByAddress = new HashMap<>();
    private final List<RequestFacts> requestFacts = new ArrayList<>();
    private OptionalLong lastNetns = OptionalLong.empty();
    private int inFlightSockets;

    /**
     * @param calls what is known of calls that put files where they are
     * @param births when rings were made
     */
    BpfJoin(BpfSnapshot snapshot, Calls calls, RingBirths births) {
        this.snapshot = snapshot;
        this.calls = calls;
        this.births = births;
        sockets = snapshot.records(SnapshotTable.SOCKETS);
        rings = snapshot.records(SnapshotTable.RINGS);
        files = snapshot.records(SnapshotTable.FILES);
        vertices = new Vertices(snapshot.records(SnapshotTable.VERTICES));
    }

    Joined join() throws BpfUnavailableException {
        numberSockets();
        numberRings();
        numberFiles();
        List<FileFacts> facts = addFiles();
        addPeers();
        addQueues(facts);
        readNames();
        addSlotsAndRequests();
        addDescriptors();
        Map<Integer, Set<Integer>> users = addTaskLinks();
        return new Joined(
                processes(),
                facts,
                ringFacts(users),
                socketFacts(),
                requestFacts,
                inhabited(),
                firstPackets,
                OptionalInt.of(inFlightSockets),
                Optional.of(sent),
                Optional.of(workers()),
                graph.build(),
                snapshot.incomplete(),
                attributions());
    }

    private Map<Integer, List<Attribution>> attributions() throws BpfUnavailableException {
        Map<Integer, Set<Attribution>> all = new HashMap<>();
        if (calls.traced()) {
            for (int i = 0; i < index.size(); i++) {
                if (ringRow[i] != NO_ROW) {
                    addAll(all, i, calls.ring(rings.u64(ringRow[i], Ring.RING)));
                }
            }
            for (BpfSnapshot.Queue queue : snapshot.queues()) {
                if (fileOfSocket(queue.sk()) != LongIndex.ABSENT) {
                    addSends(all, queue);
                }
            }
        }
        Map<Integer, List<Attribution>> inOrder = new HashMap<>();
        all.forEach((file, known) -> inOrder.put(file, inOrder(known)));
        return inOrder;
    }

    private static List<Attribution> inOrder(Set<Attribution> calls) {
        return calls.stream().sorted(Comparator.comparing(Attribution::at)).toList();
    }

    /** A message is known by its first file; what is said of that holds for its others. */
    private void addSends(Map<Integer, Set<Attribution>> all, BpfSnapshot.Queue queue)
            throws BpfUnavailableException {
        Records edges = snapshot.records(SnapshotTable.EDGES);
        List<Attribution> ofPacket = List.of();
        int packet = -1;
        for (int i = queue.firstEdge(); i < queue.endEdge(); i++) {
            if (edges.u32(i, Edge.PACKET) != packet) {
                packet = edges.u32(i, Edge.PACKET);
                ofPacket = calls.packet(edges.u64(i, Edge.FILE), queue.sk()).stream().toList();
            }
            int held = fileAt(edges.u64(i, Edge.FILE));
            if (held != LongIndex.ABSENT) {
                addAll(all, held, ofPacket);
            }
        }
    }

    /** One file may be in any number of queues: whether a call is known must not take a search. */
    private static void addAll(
            Map<Integer, Set<Attribution>> all, int file, List<Attribution> calls) {
        if (!calls.isEmpty()) {
            all.computeIfAbsent(file, f -> new LinkedHashSet<>()).addAll(calls);
        }
    }

    boolean collectorRan() {
        return snapshot.collectorRan();
    }

    /** The number, in the graph of {@link #join}, of the file at an address. */
    LongIndex files() {
        return index;
    }

    /** The addresses of all sockets that were seen and of what they are or were connected to. */
    LongIndex sockets() {
        LongIndex all = new LongIndex(Math.max(16, 2 * sockets.count()));
        for (int i = 0; i < sockets.count(); i++) {
            long sk = sockets.u64(i, Socket.SK);
            if (sk != 0 && !snapshot.own().contains(sk)) {
                all.add(sk);
                long peer = sockets.u64(i, Socket.PEER);
                if (peer != 0 && !snapshot.own().contains(peer)) {
                    all.add(peer);
                }
            }
        }
        return all;
    }

    /** After the join: the graph's file of a ring. */
    OptionalInt fileOfRing(long ring) {
        int file = fileAt(keyOfRing(ring));
        return file == LongIndex.ABSENT ? OptionalInt.empty() : OptionalInt.of(file);
    }

    private void numberSockets() {
        for (int i = 0; i < sockets.count(); i++) {
            long sk = sockets.u64(i, Socket.SK);
            if (sk == 0 || snapshot.own().contains(sk)) {
                continue;
            }
            boolean first = socketIds.add(sk);
            int id = socketIds.get(sk);
            rowOfSocket = room(rowOfSocket, id);
            rowOfSocket[id] = i;
            long file = sockets.u64(i, Socket.FILE);
            if (file != 0) {
                int number = number(file); // may replace the array
                socketRow[number] = i;
            }
            if (first && (sockets.u8(i, Socket.FLAGS) & Socket.IN_FLIGHT) != 0) {
                inFlightSockets++;
            }
        }
    }

    private void numberRings() {
        for (int i = 0; i < rings.count(); i++) {
            long file = rings.u64(i, Ring.FILE);
            if (file != 0) {
                fileOfRing.put(rings.u64(i, Ring.RING), file);
                fileCountOfRing.put(rings.u64(i, Ring.RING), rings.u64(i, Ring.FILE_COUNT));
            }
        }
        for (int i = 0; i < rings.count(); i++) {
            long ring = rings.u64(i, Ring.RING);
            if (ring == 0 || snapshot.goneRings().contains(ring)) {
                continue;
            }
            int number = number(keyOfRing(ring));
            if (ringRow[number] == NO_ROW || rings.u32(i, Ring.WHOLE) == 1) {
                ringRow[number] = i;
            }
        }
    }

    /**
     * Only files that something was seen to hold: a file met in a queue that was then read again may
     * have been received since, and would seem to be nobody's.
     */
    private void numberFiles() {
        LongIndex held = heldFiles();
        for (int i = 0; i < files.count(); i++) {
            long file = files.u64(i, OpenFile.FILE);
            int kind = files.u32(i, OpenFile.KIND);
            boolean ownRecord = kind == OpenFile.UNIX || kind == OpenFile.RING;
            if (!ownRecord && held.get(file) != LongIndex.ABSENT) {
                int number = number(file); // may replace the array
                fileRow[number] = i;
            }
        }
    }

    private LongIndex heldFiles() {
        LongIndex held = new LongIndex(1 << 12);
        Records edges = snapshot.records(SnapshotTable.EDGES);
        for (BpfSnapshot.Queue queue : snapshot.queues()) {
            if (fileOfSocket(queue.sk()) != LongIndex.ABSENT) {
                for (int i = queue.firstEdge(); i < queue.endEdge(); i++) {
                    addFile(held, edges.u64(i, Edge.FILE));
                }
            }
        }
        Records slotRecords = snapshot.records(SnapshotTable.SLOTS);
        for (int i = 0; i < slotRecords.count(); i++) {
            addFile(held, slotRecords.u64(i, Slot.FILE));
        }
        Records requests = snapshot.records(SnapshotTable.REQUESTS);
        for (int i = 0; i < requests.count(); i++) {
            addFile(held, requests.u64(i, Request.FILE));
        }
        return held;
    }

    private static void addFile(LongIndex held, long file) {
        if (file != 0) {
            held.add(file);
        }
    }

    private long keyOfRing(long ring) {
        return fileOfRing.getOrDefault(ring, ring);
    }

    private int number(long key) {
        boolean isNew = index.add(key);
        int number = index.get(key);
        if (isNew) {
            socketRow = room(socketRow, number);
            ringRow = room(ringRow, number);
            fileRow = room(fileRow, number);
            socketRow[number] = NO_ROW;
            ringRow[number] = NO_ROW;
            fileRow[number] = NO_ROW;
        }
        return number;
    }

    private static int[] room(int[] array, int at) {
        return at < array.length ? array : Arrays.copyOf(array, array.length * 2);
    }

    private List<FileFacts> addFiles() {
        int n = index.size();
        queued = new int[n];
        packets = new int[n];
        partlySeen = new boolean[n];
        slots = new int[n];
        long[] keys = index.keys();
        List<FileFacts> facts = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            facts.add(addFile(i, keys[i]));
        }
        return facts;
    }

    private FileFacts addFile(int i, long key) {
        if (ringRow[i] != NO_ROW) {
            return addRing(i, key);
        }
        if (socketRow[i] != NO_ROW) {
            return addSocket(i, key);
        }
        int row = fileRow[i];
        boolean socket = files.u32(row, OpenFile.KIND) == OpenFile.SOCKET;
        FileKind kind = socket ? FileKind.SOCKET : FileKind.OTHER;
        long inode = files.u64(row, OpenFile.INODE);
        String name = files.text(row, OpenFile.NAME, OpenFile.NAME_BYTES);
        boolean deleted =
                !socket && files.u32(row, OpenFile.LINKS) == 0 && !neverHadName(name, inode);
        graph.file(kind, files.u64(row, OpenFile.COUNT), deleted);
        if (socket && files.u32(row, OpenFile.STATE) == OpenFile.CLOSE_WAIT) {
            graph.peerGone(i);
        }
        return new FileFacts(kind, mixed(key, inode), inode, files.u32(row, OpenFile.DEVICE), name);
    }

    private FileFacts addRing(int i, long key) {
        long ring = rings.u64(ringRow[i], Ring.RING);
        graph.file(
                FileKind.RING, fileCountOfRing.getOrDefault(ring, ReferenceGraph.UNKNOWN), false);
        long submissions = rings.u32(ringRow[i], Ring.SUBMISSIONS);
        long identity = mixed(key, births.tell(ring, submissions, key == ring));
        return new FileFacts(FileKind.RING, identity, 0, 0, "[io_uring]");
    }

    private FileFacts addSocket(int i, long key) {
        int row = socketRow[i];
        long inode = sockets.u64(row, Socket.INODE);
        graph.file(FileKind.UNIX_SOCKET, sockets.u64(row, Socket.FILE_COUNT), false);
        if ((sockets.u8(row, Socket.FLAGS) & Socket.PEER_GONE) != 0) {
            graph.peerGone(i);
        }
        return new FileFacts(FileKind.UNIX_SOCKET, mixed(key, inode), inode, 0, "");
    }

    /** Addresses are used again soon, inode numbers late: together they are nearly unique. */
    private static long mixed(long address, long inode) {
        return address * 31 + inode;
    }

    /** Files of memfd_create(2) and O_TMPFILE have no link from the start: nobody deleted them. */
    private static boolean neverHadName(String name, long inode) {
        return name.startsWith("memfd:") || name.equals("#" + inode);
    }

    private void addPeers() {
        for (int i = 0; i < index.size(); i++) {
            if (socketRow[i] == NO_ROW) {
                continue;
            }
            int peer = fileOfSocket(sockets.u64(socketRow[i], Socket.PEER));
            if (peer != LongIndex.ABSENT) {
                graph.peer(i, peer);
            }
        }
    }

    /** The graph's file of a socket; for a connection nobody accepted, that of its listener. */
    private int fileOfSocket(long sk) {
        int id = sk == 0 ? LongIndex.ABSENT : socketIds.get(sk);
        if (id == LongIndex.ABSENT) {
            return LongIndex.ABSENT;
        }
        int row = rowOfSocket[id];
        long file = sockets.u64(row, Socket.FILE);
        if (file != 0) {
            return index.get(file);
        }
        long listener = sockets.u64(row, Socket.LISTENER);
        return listener == sk ? LongIndex.ABSENT : fileOfSocket(listener);
    }

    private void addQueues(List<FileFacts> facts) {
        Records edges = snapshot.records(SnapshotTable.EDGES);
        for (BpfSnapshot.Queue queue : snapshot.queues()) {
            int owner = fileOfSocket(queue.sk());
            if (owner == LongIndex.ABSENT) {
                continue; // the self-check's own, or a socket that was closed meanwhile
            }
            partlySeen[owner] |= !queue.whole();
            if (queue.firstEdge() == queue.endEdge()) {
                continue;
            }
            int firstPacket = packets[owner];
            firstPackets.merge(owner, firstPacket(queue, facts), (a, b) -> Math.min(a, b));
            for (int i = queue.firstEdge(); i < queue.endEdge(); i++) {
                int held = fileAt(edges.u64(i, Edge.FILE));
                int packet = firstPacket + edges.u32(i, Edge.PACKET);
                packets[owner] = Math.max(packets[owner], packet + 1);
                queued[owner]++;
                if (held != LongIndex.ABSENT) {
                    graph.queued(owner, held, packet);
                }
                int sender = fileOfSocket(edges.u64(i, Edge.SENDER));
                if (sender != LongIndex.ABSENT) {
                    sent.merge(sender, 1, Integer::sum);
                }
            }
        }
    }

    /**
     * Tells a queue's first packet from later ones. The kernel uses the memory of a packet again at
     * once: what it carries must tell them apart.
     */
    private long firstPacket(BpfSnapshot.Queue queue, List<FileFacts> facts) {
        Records edges = snapshot.records(SnapshotTable.EDGES);
        int first = edges.u32(queue.firstEdge(), Edge.PACKET);
        long packet = edges.u64(queue.firstEdge(), Edge.SKB);
        for (int i = queue.firstEdge();
                i < queue.endEdge() && edges.u32(i, Edge.PACKET) == first;
                i++) {
            int held = fileAt(edges.u64(i, Edge.FILE));
            packet = packet * 31 + (held == LongIndex.ABSENT ? 0 : facts.get(held).identity());
        }
        return packet;
    }

    private int fileAt(long address) {
        return address == 0 ? LongIndex.ABSENT : index.get(address);
    }

    private void addSlotsAndRequests() {
        Records records = snapshot.records(SnapshotTable.SLOTS);
        LongIndex nodes = new LongIndex(Math.max(16, records.count()));
        for (int i = 0; i < records.count(); i++) {
            int ring = fileAt(keyOfRing(records.u64(i, Slot.RING)));
            int held = fileAt(records.u64(i, Slot.FILE));
            if (ring == LongIndex.ABSENT || held == LongIndex.ABSENT) {
                continue;
            }
            graph.slot(ring, held, records.u32(i, Slot.SLOT));
            slots[ring]++;
            long node = records.u64(i, Slot.NODE);
            if (node != 0) {
                nodes.add(node);
            }
        }
        addRequests(nodes);
        addUnlistedRequests(records);
    }

    /**
     * A request by slot uses the reference of its slot's node. If that node has left the table, the
     * requests that still use it share the one reference that it keeps (io_free_rsrc_node).
     */
    private void addRequests(LongIndex nodes) {
        Records records = snapshot.records(SnapshotTable.REQUESTS);
        for (int i = 0; i < records.count(); i++) {
            int ring = fileAt(keyOfRing(records.u64(i, Request.RING)));
            int held = fileAt(records.u64(i, Request.FILE));
            if (ring == LongIndex.ABSENT || held == LongIndex.ABSENT) {
                continue;
            }
            int opcode = records.u32(i, Request.OPCODE);
            requestFacts.add(
                    new RequestFacts(
                            ring,
                            OptionalInt.of(held),
                            opcode,
                            mixed(
                                    records.u64(i, Request.REQUEST),
                                    records.u64(i, Request.USER_DATA))));
            long node = records.u64(i, Request.NODE);
            boolean ownReference =
                    records.u32(i, Request.REGISTERED) == 0 || (node != 0 && nodes.add(node));
            if (ownReference) {
                graph.request(ring, held, opcode);
            } else {
                graph.requestBySlot(ring, held, opcode);
            }
        }
    }

    /**
     * Requests that wait in a worker or a driver are in no list, yet each has a reference of its
     * slot's node beside the table's own (io_req_assign_rsrc_node): their file is in use.
     */
    private void addUnlistedRequests(Records slotRecords) {
        Records listed = snapshot.records(SnapshotTable.REQUESTS);
        Map<Long, Integer> listedOfNode = new HashMap<>();
        for (int i = 0; i < listed.count(); i++) {
            listedOfNode.merge(listed.u64(i, Request.NODE), 1, Integer::sum);
        }
        for (int i = 0; i < slotRecords.count(); i++) {
            int refs = slotRecords.u32(i, Slot.NODE_REFS);
            long node = slotRecords.u64(i, Slot.NODE);
            int ring = fileAt(keyOfRing(slotRecords.u64(i, Slot.RING)));
            int held = fileAt(slotRecords.u64(i, Slot.FILE));
            boolean known = ring != LongIndex.ABSENT && held != LongIndex.ABSENT;
            if (known && refs > 1 + listedOfNode.getOrDefault(node, 0)) {
                graph.requestBySlot(ring, held, Holder.PendingRequest.UNKNOWN_OPCODE);
            }
        }
    }

    private void addDescriptors() {
        Records records = snapshot.records(SnapshotTable.DESCRIPTORS);
        for (int i = 0; i < records.count(); i++) {
            int file = fileAt(records.u64(i, Descriptor.FILE));
            if (file != LongIndex.ABSENT) {
                graph.outside(
                        file,
                        new Holder.DescriptorSlot(
                                records.u32(i, Descriptor.TGID), records.u32(i, Descriptor.FD)));
            }
        }
    }

    private Map<Integer, Set<Integer>> addTaskLinks() {
        Map<Integer, Set<Integer>> users = new HashMap<>();
        Records records = snapshot.records(SnapshotTable.TASK_LINKS);
        for (int i = 0; i < records.count(); i++) {
            int ring = fileAt(keyOfRing(records.u64(i, TaskLink.RING)));
            if (ring == LongIndex.ABSENT) {
                continue;
            }
            int pid = records.u32(i, TaskLink.TGID);
            switch (records.u32(i, TaskLink.LINK)) {
                case TaskLink.MAPPING -> graph.outside(ring, new Holder.MemoryMapping(pid));
                case TaskLink.REGISTRATION ->
                        graph.outside(
                                ring,
                                new Holder.TaskRegistration(
                                        pid,
                                        records.u32(i, TaskLink.TID),
                                        records.u32(i, TaskLink.NUMBER)));
                case TaskLink.USE -> users.computeIfAbsent(ring, r -> new TreeSet<>()).add(pid);
                default -> throw new AssertionError("a link of an unknown kind");
            }
        }
        return users;
    }

    /** The user whose descriptors in flight include those that are there because the agent looks. */
    private static int ownUid(Records records) {
        int own = (int) ProcessHandle.current().pid();
        for (int i = 0; i < records.count(); i++) {
            if (records.u32(i, Task.TGID) == own) {
                return records.u32(i, Task.UID);
            }
        }
        return -1;
    }

    private Map<Integer, ProcessFacts> processes() {
        Records records = snapshot.records(SnapshotTable.PROCESSES);
        int ownUid = ownUid(records);
        Map<Integer, ProcessFacts> all = new HashMap<>();
        for (int i = 0; i < records.count(); i++) {
            all.put(records.u32(i, Task.TGID), process(records, i, ownUid));
        }
        return all;
    }

    private ProcessFacts process(Records records, int i, int ownUid) {
        int uid = records.u32(i, Task.UID);
        int exempt = records.u32(i, Task.EXEMPT);
        long own = uid == ownUid ? snapshot.ownInFlight() : 0;
        return new ProcessFacts(
                records.u32(i, Task.TGID),
                records.text(i, Task.COMM, Task.COMM_BYTES),
                uid,
                records.u64(i, Task.START_TIME),
                List.of(),
                Optional.of(
                        new ProcessFacts.Inflight(
                                records.u64(i, Task.USER_INFLIGHT) - own,
                                records.u64(i, Task.DESCRIPTOR_LIMIT),
                                (exempt & Task.EXEMPT_IN_FLIGHT) != 0)),
                Optional.of(
                        new ProcessFacts.Locked(
                                records.u64(i, Task.USER_LOCKED) * PageSize.BYTES,
                                records.u64(i, Task.LOCKED_LIMIT),
                                (exempt & Task.EXEMPT_LOCKED) != 0)));
    }

    private void readNames() {
        Records records = snapshot.records(SnapshotTable.NAMES);
        for (int i = 0; i < records.count(); i++) {
            int length = records.u32(i, Name.LENGTH);
            boolean isAbstract = length > 0 && records.u8(i, Name.PATH) == 0;
            if (length > 0) {
                namesByAddress.put(
                        records.u64(i, Name.ADDRESS),
                        isAbstract
                                ? "@" + records.text(i, Name.PATH + 1, length - 1)
                                : records.text(i, Name.PATH, length));
            }
        }
    }

    private Set<Long> inhabited() {
        Set<Long> all = new HashSet<>();
        Records tasks = snapshot.records(SnapshotTable.PROCESSES);
        for (int i = 0; i < tasks.count(); i++) {
            all.add(Integer.toUnsignedLong(tasks.u32(i, Task.NETNS)));
        }
        Records links = snapshot.records(SnapshotTable.TASK_LINKS);
        for (int i = 0; i < links.count(); i++) {
            if (links.u32(i, TaskLink.LINK) == TaskLink.NETNS) {
                all.add(Integer.toUnsignedLong(links.u32(i, TaskLink.NUMBER)));
            }
        }
        return all;
    }

    private Map<Integer, Integer> workers() {
        Map<Integer, Integer> workers = new HashMap<>();
        Records links = snapshot.records(SnapshotTable.TASK_LINKS);
        for (int i = 0; i < links.count(); i++) {
            if (links.u32(i, TaskLink.LINK) == TaskLink.WORKER) {
                workers.merge(links.u32(i, TaskLink.TGID), 1, Integer::sum);
            }
        }
        return workers;
    }

    private List<RingFacts> ringFacts(Map<Integer, Set<Integer>> users) {
        List<RingFacts> all = new ArrayList<>();
        for (int i = 0; i < index.size(); i++) {
            if (ringRow[i] != NO_ROW) {
                all.add(ringFacts(i, List.copyOf(users.getOrDefault(i, Set.of()))));
            }
        }
        return all;
    }

    private RingFacts ringFacts(int file, List<Integer> users) {
        int row = ringRow[file];
        if (rings.u32(row, Ring.WHOLE) == 0) {
            return RingFacts.unreadable(file, users);
        }
        int allocated = rings.u32(row, Ring.REQUESTS_ALLOCATED);
        int submitter = rings.u32(row, Ring.SUBMITTER);
        return new RingFacts(
                file,
                true,
                OptionalInt.of(slots[file]),
                OptionalInt.of(rings.u32(row, Ring.FILE_SLOTS)),
                OptionalInt.of(rings.u32(row, Ring.BUFFERS)),
                OptionalLong.of(rings.u64(row, Ring.BUFFER_BYTES)),
                allocated == Ring.UNCOUNTED
                        ? OptionalInt.empty()
                        : OptionalInt.of(
                                Math.max(0, allocated - rings.u32(row, Ring.REQUESTS_FREE))),
                OptionalInt.of(rings.u32(row, Ring.CQ_OVERFLOW)),
                OptionalInt.of(rings.u32(row, Ring.SUBMISSIONS)),
                OptionalInt.of(rings.u32(row, Ring.ENTRIES)),
                OptionalInt.of(rings.u32(row, Ring.CQ_ENTRIES)),
                submitter == 0 ? OptionalInt.empty() : OptionalInt.of(submitter),
                users);
    }

    private List<SocketFacts> socketFacts() {
        List<SocketFacts> all = new ArrayList<>();
        for (int i = 0; i < index.size(); i++) {
            int row = socketRow[i];
            if (row == NO_ROW) {
                continue;
            }
            all.add(
                    new SocketFacts(
                            i,
                            sockets.u64(row, Socket.INODE),
                            SocketFacts.Type.of(sockets.u16(row, Socket.TYPE)),
                            SocketFacts.State.of(sockets.u8(row, Socket.STATE)),
                            Optional.ofNullable(
                                    namesByAddress.get(sockets.u64(row, Socket.ADDRESS))),
                            netns(sockets.u32(row, Socket.NETNS)),
                            count(sockets.u32(row, Socket.QUEUED_FDS)),
                            partlySeen[i] ? OptionalInt.empty() : count(queued[i]),
                            vertices.of(sockets.u64(row, Socket.SK))));
        }
        return all;
    }

    /** Nearly every socket has nothing queued: they share one object. */
    private static OptionalInt count(int n) {
        return n == 0 ? ZERO : OptionalInt.of(n);
    }

    /** Nearly every socket is in the namespace of the one before: they share one object. */
    private OptionalLong netns(int inode) {
        long number = Integer.toUnsignedLong(inode);
        if (lastNetns.orElse(-1) != number) {
            lastNetns = OptionalLong.of(number);
        }
        return lastNetns;
    }
}
