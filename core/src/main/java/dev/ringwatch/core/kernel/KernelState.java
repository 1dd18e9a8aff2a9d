package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Collector;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.KernelEra.Run;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the modelled kernel knows, and what all of its parts do: count references, release
 * files, keep the collector's books.
 *
 * <p>A file whose last reference goes is released at the end of the system call, the last one first
 * ({@code task_work}); or, in a kernel thread, later, as a piece of {@link Work}.
 *
 * <p>To be read by anyone in between the steps of a {@link KernelModel}, which alone changes it. For
 * one thread.
 */
public final class KernelState {
    /** More sockets in flight than this, and sending starts the collector too. */
    static final int TRIGGER = 16_000; // UNIX_INFLIGHT_TRIGGER_GC

    private static final int FIRST_PID = 1;
    private static final int DESCRIPTOR_LIMIT = 1024;

    private final KernelEra era;
    final GarbageCollector collector;
    final SocketCalls socketCalls = new SocketCalls(this);
    final RingCalls ringCalls = new RingCalls(this);

    final TreeMap<Integer, Task> tasks = new TreeMap<>();
    final Map<String, UnixSocket> names = new HashMap<>();
    final SequencedSet<OpenFile> files = new LinkedHashSet<>();
    final SequencedSet<Ring> rings = new LinkedHashSet<>();
    private final TreeMap<Integer, User> users = new TreeMap<>();

    /** Sockets in flight, each as often as it is: {@code unix_tot_inflight}. */
    int inFlight;

    private final Deque<OpenFile> taskWork = new ArrayDeque<>();
    private final SequencedSet<Work> work = new LinkedHashSet<>();
    private final List<Violation> violations = new ArrayList<>();
    private final Deque<Long> recycled = new ArrayDeque<>();

    /** What processes can reach, as long as only the collector acts: it takes away no more of that. */
    private @Nullable Set<OpenFile> reachable;

    private boolean inKernelThread;
    private boolean collectorQueued;
    private @Nullable CollectorRun run;
    private boolean stepwise;

    private @Nullable Consumer<String> log;
    private int nextFile = 1;
    private int nextSocket = 1;
    private int nextRing = 1;
    private int nextPid = FIRST_PID;

    KernelState(KernelEra era) {
        this.era = era;
        collector =
                era.collector() == Collector.COMPONENTS
                        ? new SccCollector(this)
                        : new CandidateCollector(this);
        addTask(new Task(nextPid++, user(0), true, DESCRIPTOR_LIMIT));
    }

    /** The rules. */
    public KernelEra era() {
        return era;
    }

    /** All processes by their ids. */
    public SortedMap<Integer, Task> tasks() {
        return Collections.unmodifiableSortedMap(tasks);
    }

    /** All open files, in the order of opening. */
    public Collection<OpenFile> files() {
        return Collections.unmodifiableCollection(files);
    }

    /** All rings whose teardown is not done. */
    public Collection<Ring> rings() {
        return Collections.unmodifiableCollection(rings);
    }

    /** All users that have a process or files in flight. */
    public Collection<User> users() {
        return Collections.unmodifiableCollection(users.values());
    }

    /** How often sockets are in flight, all together: {@code unix_tot_inflight}. */
    public int inFlight() {
        return inFlight;
    }

    /** The sockets in flight as the collector of components will walk them; else empty. */
    public List<Vertex> vertices() {
        return collector instanceof SccCollector scc ? scc.vertices() : List.of();
    }

    /** What the collector of components knows of the graph; the classic one knows nothing. */
    public GraphState graphState() {
        return collector instanceof SccCollector scc ? scc.state() : GraphState.MAYBE_CYCLIC;
    }

    /** What went wrong so far, oldest first. */
    public List<Violation> violations() {
        return Collections.unmodifiableList(violations);
    }

    /** The socket that stands for a file in the collector's graph ({@code unix_get_socket}), or null. */
    public @Nullable UnixSocket socketOf(OpenFile file) {
        UnixSocket socket = file.socket();
        Ring ring = file.ring();
        return socket == null && ring != null && era.ringsCanBeInFlight() ? ring.socket : socket;
    }

    /** Whether {@code poll} would say that a read does not wait: input, the end or an error. */
    public static boolean readable(OpenFile file) {
        return RingCalls.readable(file);
    }

    // ---- telling ----

    void logTo(@Nullable Consumer<String> sink) {
        log = sink;
    }

    void log(Supplier<String> message) {
        Consumer<String> sink = log;
        if (sink != null) {
            sink.accept(message.get());
        }
    }

    void violated(Rule rule, String detail) {
        Violation violation = new Violation(rule, detail);
        violations.add(violation);
        log(violation::toString);
    }

    // ---- making ----

    User user(int uid) {
        return users.computeIfAbsent(uid, User::new);
    }

    void addTask(Task task) {
        tasks.put(task.pid(), task);
    }

    int newPid() {
        return nextPid++;
    }

    UnixSocket newSocket(SocketType type) {
        return new UnixSocket(nextSocket++, type);
    }

    OpenFile openSocket(UnixSocket socket) {
        OpenFile file = open(socket, "socket");
        socket.file = file;
        return file;
    }

    OpenFile open(Object body, String kind) {
        OpenFile file = new OpenFile(nextFile, body, kind + " " + nextFile);
        nextFile++;
        files.add(file);
        return file;
    }

    Ring newRing() {
        UnixSocket own = era.table().ringHasSocket() ? newSocket(SocketType.DGRAM) : null;
        Ring ring = new Ring(nextRing++, r -> open(r, "ring"), own);
        if (own != null) {
            own.file = ring.file();
        }
        rings.add(ring);
        return ring;
    }

    // ---- references ----

    void put(OpenFile file) {
        if (file.put()) {
            if (inKernelThread) {
                work.add(new Work.Release(file));
            } else {
                taskWork.push(file);
            }
        }
    }

    /** What a task does before it returns from the kernel. */
    void runTaskWork() {
        for (OpenFile file = taskWork.poll(); file != null; file = taskWork.poll()) {
            OpenFile last = file;
            ringCalls.together(() -> release(last));
        }
    }

    /** {@code __fput}: the last reference is gone. */
    void release(OpenFile file) {
        file.markReleased();
        files.remove(file);
        log(() -> file + " is released");
        UnixSocket socket = file.socket();
        Ring ring = file.ring();
        PipeEnd pipe = file.pipe();
        if (socket != null) {
            releaseSocket(socket, false);
        } else if (ring != null) {
            work.add(new Work.TearDown(ring));
        } else if (pipe != null) {
            pipe.close();
            wake(pipe.buffer.reader);
            wake(pipe.buffer.writer);
        }
    }

    /** Something about the file changed: lets all requests that wait for it look again. */
    void wake(@Nullable OpenFile file) {
        if (file != null && !file.waiting.isEmpty()) {
            List<PendingRequest> woken = List.copyOf(file.waiting);
            woken.forEach(r -> ringCalls.inNextRound(() -> ringCalls.retry(r, false)));
        }
    }

    /** Input came: lets those look again that wait for that. */
    void wakeForInput(@Nullable OpenFile file) {
        if (file != null && !file.waiting.isEmpty()) {
            List<PendingRequest> woken =
                    file.waiting.stream().filter(KernelState::waitsForInput).toList();
            woken.forEach(r -> ringCalls.inNextRound(() -> ringCalls.retry(r, true)));
        }
    }

    private static boolean waitsForInput(PendingRequest request) {
        return !(request.operation() instanceof Request.PollHangUp);
    }

    // ---- sockets ----

    /** {@code unix_release_sock}. */
    void releaseSocket(UnixSocket socket, boolean embryo) {
        boolean listened = socket.state == UnixSocket.State.LISTEN;
        if (listened) {
            finishConnects(socket); // a connection under way has the listener's lock
        }
        if (socket.address != null && names.get(nameKey(socket)) == socket) {
            names.remove(nameKey(socket));
        }
        socket.dead = true;
        socket.receiveShutdown = true;
        socket.sendShutdown = true;
        socket.state = UnixSocket.State.CLOSE;
        socket.oob = null;
        UnixSocket peer = socket.peer;
        socket.peer = null;
        if (peer != null && socket.type().connects()) {
            peer.receiveShutdown = true;
            peer.sendShutdown = true;
            if (embryo || hasUnread(socket)) {
                peer.error = Errno.ECONNRESET;
            }
            wake(peer.file);
        }
        for (Packet packet = socket.queue.poll(); packet != null; packet = socket.queue.poll()) {
            UnixSocket waiting = packet.embryo();
            if (listened && waiting != null) {
                releaseSocket(waiting, true);
            }
            free(packet);
        }
        triggerCollector(() -> "the release of " + socket);
    }

    /** A first packet of which the byte was read out of band does not count. */
    private static boolean hasUnread(UnixSocket socket) {
        Packet first = socket.queue.peek();
        return first != null && (socket.queue.size() > 1 || first.bytes > 0);
    }

    static String nameKey(UnixSocket socket) {
        return nameKey(socket.type(), String.valueOf(socket.address));
    }

    static String nameKey(SocketType type, String address) {
        return type + " " + address;
    }

    // ---- packets ----

    /** {@code scm_stat_add}: a packet is put on a queue. */
    void queued(PassedFiles passed, UnixSocket receiver) {
        if (passed.files().isEmpty()) {
            return;
        }
        receiver.queuedFds += passed.files().size();
        markInFlight(passed, receiver);
    }

    void markInFlight(PassedFiles passed, UnixSocket receiver) {
        awaitCollector();
        collector.queued(passed, receiver);
        passed.user.inFlight += passed.files().size();
        passed.inFlight = true;
    }

    /** {@code scm_stat_del}: a packet is being received. */
    void unqueued(PassedFiles passed, UnixSocket receiver) {
        receiver.queuedFds -= passed.files().size();
        markNotInFlight(passed);
    }

    void markNotInFlight(PassedFiles passed) {
        if (passed.inFlight) {
            awaitCollector();
            collector.unqueued(passed);
            passed.user.inFlight -= passed.files().size();
            passed.inFlight = false;
        }
    }

    /** {@code kfree_skb}: a packet is freed with what it carries. */
    void free(Packet packet) {
        PassedFiles passed = packet.detach();
        if (passed != null) {
            if (packet.madeBy != null) {
                ringCalls.lost(packet.madeBy, packet);
            }
            drop(passed);
        }
    }

    void drop(PassedFiles passed) {
        markNotInFlight(passed);
        for (OpenFile file : passed.files()) {
            put(file);
        }
    }

    /** {@code unix_peek_fds}: whoever peeks has the files, too. */
    void peek(PassedFiles passed) {
        if (collector instanceof CandidateCollector && era.has(Repair.PEEK)) {
            awaitCollector();
        }
        collector.peeked(passed);
        for (OpenFile file : passed.files()) {
            checkPeek(file);
            file.get();
        }
    }

    /** V5: a reference is made of one in flight, behind the back of a collector that judges it. */
    private void checkPeek(OpenFile file) {
        UnixSocket socket = socketOf(file);
        if (run != null
                && run.locked()
                && !era.has(Repair.PEEK)
                && socket != null
                && socket.inFlight() >= file.references()) {
            violated(
                    Rule.UNREACHABLE_UNUSED,
                    "MSG_PEEK takes %s, which is in flight only, while the collector judges it"
                            .formatted(file));
        }
    }

    void accepted(UnixSocket embryo) {
        if (embryo.queuedSockets > 0) {
            awaitCollector();
        }
        collector.accepted(embryo);
    }

    /** A ring's own socket marked in flight without a packet: the proposal that was refused. */
    void markRingInFlight(Ring ring) {
        if (collector instanceof CandidateCollector classic) {
            classic.addOne(ring.file());
        }
    }

    void unmarkRingInFlight(Ring ring) {
        if (collector instanceof CandidateCollector classic) {
            classic.removeOne(ring.file());
        }
    }

    /** Puts one more file into the packet of a ring's table. */
    void join(Packet packet, OpenFile file) {
        PassedFiles passed = packet.passed();
        if (passed != null && collector instanceof CandidateCollector classic) {
            passed.add(file);
            passed.user.inFlight++;
            classic.addOne(file);
        }
    }

    /** Takes one file out of the packet of a ring's table. */
    void leave(Packet packet, OpenFile file) {
        PassedFiles passed = packet.passed();
        if (passed != null && collector instanceof CandidateCollector classic) {
            awaitCollector();
            passed.remove(file);
            passed.user.inFlight--;
            classic.removeOne(file);
        }
    }

    // ---- the collector ----

    void triggerCollector(Supplier<String> why) {
        if (collector.wantsRun()) {
            log(() -> "collector: started by " + why.get());
            if (era.run() != Run.INLINE) {
                collectorQueued = true;
            } else if (run == null) { // one at a time, and whoever comes second does not wait
                startInline();
            }
        }
    }

    private void startInline() {
        if (stepwise) {
            collectorQueued = true;
            return;
        }
        othersAct();
        CollectorRun now = collector.start();
        run = now;
        boolean more = true;
        while (more) {
            more = now.step();
        }
        run = null;
    }

    /** {@code wait_for_unix_gc}, as far as it starts a run. */
    void triggerIfTooMany() {
        if (inFlight > TRIGGER && run == null && !collectorQueued) {
            triggerCollector(() -> "a send with more than " + TRIGGER + " sockets in flight");
        }
    }

    /** Whoever needs the collector's lock waits until the run under way lets go of it. */
    void awaitCollector() {
        othersAct();
        CollectorRun now = run;
        while (now != null && now.locked()) {
            stepRun(now);
        }
    }

    /** While the collector runs, others may act between its steps, even where it runs inside a call. */
    void stepwise(boolean on) {
        stepwise = on;
    }

    boolean isStepwise() {
        return stepwise;
    }

    private void stepRun(CollectorRun now) {
        boolean before = inKernelThread;
        inKernelThread = true;
        try {
            if (!now.step()) {
                run = null;
            }
        } finally {
            inKernelThread = before;
        }
    }

    private void collect() {
        if (run == null) {
            collectorQueued = false;
            run = collector.start();
        }
        stepRun(run);
    }

    /** What was reachable is not to be relied on any more. */
    void othersAct() {
        reachable = null;
    }

    private boolean isReachable(OpenFile file) {
        Set<OpenFile> known = reachable;
        if (known == null) {
            known = Oracle.reachable(this);
            reachable = known;
        }
        return known.contains(file);
    }

    /** Told by the collector before it empties a queue. */
    void checkCollectable(UnixSocket owner, UnixSocket receiver) {
        OpenFile file = owner.file;
        if (file != null && isReachable(file)) {
            violated(
                    Rule.USE_AFTER_FREE,
                    "the collector empties the queue of %s, which a process can reach%s"
                            .formatted(
                                    owner,
                                    receiver == owner ? "" : " (a connection nobody accepted)"));
        }
    }

    // ---- work ----

    /** Whether a run of the collector is under way. */
    public boolean collecting() {
        return run != null;
    }

    List<Work> work() {
        List<Work> due = new ArrayList<>(work);
        if (collectorQueued || run != null) {
            due.addFirst(new Work.Collect());
        }
        return due;
    }

    boolean isDue(Work piece) {
        return piece instanceof Work.Collect
                ? collectorQueued || run != null
                : work.contains(piece);
    }

    void addWork(Work piece) {
        work.add(piece);
    }

    void removeWork(Work piece) {
        work.remove(piece);
    }

    void run(Work piece) {
        if (!(piece instanceof Work.Collect)) {
            othersAct();
            if (!work.remove(piece)) {
                throw new IllegalArgumentException(piece + " is not due");
            }
        }
        inKernelThread = true;
        try {
            ringCalls.together(() -> step(piece));
        } finally {
            inKernelThread = false;
        }
    }

    private void step(Work piece) {
        switch (piece) {
            case Work.Collect() -> collect();
            case Work.Release(OpenFile file) -> release(file);
            case Work.TearDown(Ring ring) -> ringCalls.tearDown(ring);
            case Work.Fire(Ring ring, int request) -> ringCalls.fire(ring, request);
            case Work.FinishConnect(UnixSocket embryo) -> socketCalls.finishConnect(embryo);
        }
    }

    void finishConnects(UnixSocket listener) {
        for (Work piece : List.copyOf(work)) {
            if (piece instanceof Work.FinishConnect(UnixSocket embryo)
                    && embryo.listener() == listener) {
                work.remove(piece);
                socketCalls.finishConnect(embryo);
            }
        }
    }

    // ---- memory that is used again ----

    void recycle(long componentIndex) {
        if (!era.has(Repair.FRESH_INDICES)) {
            recycled.push(componentIndex);
        }
    }

    /** What a new vertex finds in its component index where nobody sets it. */
    long recycledIndex() {
        Long left = recycled.poll();
        return left == null ? 0 : left;
    }

    /** What was left in the memory of vertices, to be used again from the first. */
    List<Long> recycledIndices() {
        return List.copyOf(recycled);
    }
}
