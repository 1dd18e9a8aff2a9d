package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Workload.Part;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes one program: decides on a step, plays it on a model of its own, looks at what there is, and
 * decides on the next.
 *
 * <p>A handle is used only while it stands for what it was bound to: no step names a descriptor that
 * was closed, whose number may mean something else by then.
 */
final class ProgramMaker {
    private static final int ATTEMPTS_PER_STEP = 4;
    private static final int LEAST_STEPS = 6;
    private static final int LEAST_DESCRIPTORS = 4;
    private static final int MOST_WEIGHT_BITS = 6; // weights from 1 to 32
    private static final int MOST_COLLECT_STEPS = 12;
    private static final int RARE_WEIGHT_BITS = 3;
    private static final int PARTS = 70; // percent of the parts that a program has
    private static final int KINDS = 70; // percent of the kinds of a part
    private static final int ODD = 3; // percent of handles that are of the wrong kind or state
    private static final int NAMES = 6;
    private static final int MOST_BACKLOG = 4;
    private static final List<Integer> LIMITS = List.of(0, 4, 16, 64, 1024);

    /** Kinds of steps, by the part they belong to; null for every program. */
    private enum Kind {
        SOCKET_PAIR(Part.SOCKETS),
        DUP(Part.SOCKETS),
        SEND(Part.SOCKETS),
        RECEIVE(Part.SOCKETS),
        READ(Part.SOCKETS),
        WRITE(Part.SOCKETS),
        SHUTDOWN(Part.SOCKETS),
        CLOSE(Part.SOCKETS),
        SOCKET(Part.LISTENERS),
        BIND(Part.LISTENERS),
        LISTENER(Part.LISTENERS),
        CONNECT(Part.LISTENERS),
        CONNECTION(Part.LISTENERS),
        ACCEPT(Part.LISTENERS),
        PIPE(Part.PIPES),
        OPEN(Part.PIPES),
        SETUP_RING(Part.RINGS),
        REGISTER_FILES(Part.RINGS),
        UPDATE_FILES(Part.RINGS),
        UNREGISTER_FILES(Part.RINGS),
        SUBMIT(Part.RINGS),
        CANCEL(Part.RINGS),
        REAP(Part.RINGS),
        MAP(Part.RINGS),
        UNMAP(Part.RINGS),
        REGISTER_RING(Part.RINGS),
        UNREGISTER_RING(Part.RINGS),
        INSTALL(Part.INSTALL),
        FORK(Part.PROCESSES),
        EXEC(Part.PROCESSES),
        EXIT(Part.PROCESSES),
        CLOSE_ON_EXEC(Part.PROCESSES),
        SET_LIMIT(Part.PROCESSES),
        SET_USER(Part.PROCESSES),
        COLLECT(Part.INTERLEAVING),
        DO(Part.INTERLEAVING),
        FIRE(Part.INTERLEAVING),
        INTERLEAVE(Part.INTERLEAVING),
        SETTLE(null),
        TRIGGER(null);

        private final @Nullable Part part;

        Kind(@Nullable Part part) {
            this.part = part;
        }

        /** They need nothing, and would be most of each program. */
        boolean alwaysPossible() {
            return switch (this) {
                case EXEC, SET_LIMIT, SET_USER, INTERLEAVE, SETTLE, TRIGGER -> true;
                default -> false;
            };
        }

        /** Without these there is nothing to do the others with. */
        boolean makes() {
            return this == SOCKET_PAIR || this == SETUP_RING || this == SEND;
        }
    }

    /** A name that a listener of that type was given. */
    private record Listening(SocketType type, String name) {}

    /** A request that was submitted, by handles. */
    private record Submitted(int process, int ring, int request) {}

    private final Workload workload;
    private final Dice dice;
    private final Player player;
    private final List<Step> program = new ArrayList<>();
    private final List<Kind> urn = new ArrayList<>();
    private final int steps;
    private final int descriptors;
    private final int singleType;

    private int nextHandle = Step.FIRST_PROCESS + 1;
    private final List<Integer> processes = new ArrayList<>(List.of(Step.FIRST_PROCESS));
    private final Map<Integer, List<Integer>> open = new TreeMap<>();
    private final Map<Integer, List<Integer>> mappings = new TreeMap<>();
    private final Map<Integer, List<Integer>> registered = new TreeMap<>();
    private final List<Submitted> requests = new ArrayList<>();
    private final List<Listening> listening = new ArrayList<>();
    private int process = Step.FIRST_PROCESS;

    ProgramMaker(Workload workload, KernelEra era, Seed seed) {
        this.workload = workload;
        dice = new Dice(seed);
        player = new Player(new KernelModel(era));
        steps = dice.between(LEAST_STEPS, dice.between(LEAST_STEPS, Workload.MAX_STEPS));
        descriptors = dice.between(LEAST_DESCRIPTORS, Workload.MAX_DESCRIPTORS);
        singleType = dice.percent(50) ? dice.below(SocketType.values().length) : -1;
        fillUrn();
    }

    /** First whole parts are left out, then single kinds. */
    private void fillUrn() {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (Part part : Part.values()) {
            if (workload.scope().has(part) && (part == Part.SOCKETS || dice.percent(PARTS))) {
                parts.add(part);
            }
        }
        for (Kind kind : Kind.values()) {
            boolean in = kind.part == null || parts.contains(kind.part);
            boolean occurs = in && (kind.makes() || dice.percent(KINDS));
            int bits = kind.alwaysPossible() ? RARE_WEIGHT_BITS : MOST_WEIGHT_BITS;
            int weight = occurs ? 1 << dice.below(bits) : 0;
            for (int i = 0; i < weight; i++) {
                urn.add(kind);
            }
        }
    }

    List<Step> make() {
        for (int i = 0; i < steps * ATTEMPTS_PER_STEP && program.size() < steps; i++) {
            process = dice.of(processes);
            doSomething(dice.of(urn));
        }
        if (workload.closes()) {
            closeAll();
        }
        return List.copyOf(program);
    }

    // ---- playing ----

    private Optional<Outcome> play(Step step) {
        program.add(step);
        return player.play(step);
    }

    private boolean call(Syscall call, Integer... results) {
        return play(new Step.Call(call, List.of(results))).orElse(null) instanceof Done;
    }

    private int newHandle() {
        return nextHandle++;
    }

    /** A call that gives a descriptor. */
    private int open(Syscall call) {
        int handle = newHandle();
        call(call, handle);
        openOf(process).add(handle);
        return handle;
    }

    private void openTwo(Syscall call) {
        int first = newHandle();
        int second = newHandle();
        call(call, first, second);
        openOf(process).addAll(List.of(first, second));
    }

    // ---- what there is ----

    private @Nullable Task task(int ofProcess) {
        return player.model().state().tasks().get(player.handles().valueOf(ofProcess));
    }

    /** The handles that stand for open descriptors of a process. */
    private List<Integer> openOf(int ofProcess) {
        List<Integer> handles = open.computeIfAbsent(ofProcess, _ -> new ArrayList<>());
        Task task = task(ofProcess);
        handles.removeIf(handle -> task == null || !isOpen(task, handle));
        return handles;
    }

    private boolean isOpen(Task task, int handle) {
        OpenFile file = player.file(handle).orElse(null);
        return file != null && task.descriptors().get(player.handles().valueOf(handle)) == file;
    }

    private OpenFile file(int handle) {
        return player.file(handle).orElseThrow();
    }

    private @Nullable UnixSocket socket(int handle) {
        return file(handle).socket();
    }

    private boolean room() {
        return openOf(process).size() < descriptors;
    }

    /** A descriptor such as asked for, rarely another; null where there is none. */
    private @Nullable Integer some(Predicate<Integer> wanted) {
        List<Integer> all = openOf(process);
        if (all.isEmpty()) {
            return null;
        }
        List<Integer> fitting = dice.percent(ODD) ? all : all.stream().filter(wanted).toList();
        return fitting.isEmpty() ? null : dice.of(fitting);
    }

    private @Nullable Integer someDescriptor() {
        return some(_ -> true);
    }

    private @Nullable Integer someSocket() {
        return some(handle -> socket(handle) != null);
    }

    private @Nullable Integer someRing() {
        return some(handle -> file(handle).ring() != null);
    }

    private boolean isIn(int handle, UnixSocket.State state) {
        UnixSocket socket = socket(handle);
        return socket != null && socket.state() == state;
    }

    private boolean isPlain(int handle) {
        return socket(handle) == null && file(handle).ring() == null;
    }

    private SocketType type() {
        return singleType < 0 ? dice.of(SocketType.values()) : SocketType.values()[singleType];
    }

    private String name() {
        return "name" + dice.below(NAMES);
    }

    private int slot() {
        return dice.percent(ODD) ? Workload.MAX_SLOTS : dice.below(Workload.MAX_SLOTS);
    }

    private int bytes() {
        return dice.percent(ODD) ? 0 : dice.between(1, Workload.MAX_BYTES);
    }

    // ---- steps ----

    private void doSomething(Kind kind) {
        switch (kind) {
            case SOCKET_PAIR -> {
                if (room()) {
                    openTwo(new Syscall.SocketPair(process, type()));
                }
            }
            case DUP -> {
                Integer fd = room() ? someDescriptor() : null;
                if (fd != null) {
                    open(new Syscall.Dup(process, fd));
                }
            }
            case SEND -> send();
            case RECEIVE -> receive();
            case READ -> {
                Integer fd = some(handle -> socket(handle) != null || isPlain(handle));
                if (fd != null) {
                    call(new Syscall.Read(process, fd, dice.between(1, Workload.MAX_BYTES)));
                }
            }
            case WRITE -> {
                Integer fd = some(handle -> socket(handle) != null || isPlain(handle));
                if (fd != null) {
                    call(new Syscall.Write(process, fd, dice.between(1, Workload.MAX_BYTES)));
                }
            }
            case SHUTDOWN -> {
                Integer fd = someSocket();
                if (fd != null) {
                    boolean read = dice.percent(50);
                    call(new Syscall.Shutdown(process, fd, read, !read || dice.percent(50)));
                }
            }
            case CLOSE -> {
                Integer fd = someDescriptor();
                if (fd != null) {
                    call(new Syscall.Close(process, fd));
                }
            }
            case SOCKET -> {
                if (room()) {
                    open(new Syscall.Socket(process, type()));
                }
            }
            case BIND -> {
                Integer fd = some(handle -> isIn(handle, UnixSocket.State.CLOSE));
                if (fd != null) {
                    call(new Syscall.Bind(process, fd, name()));
                }
            }
            case LISTENER -> listener();
            case CONNECT -> connect();
            case CONNECTION -> connection();
            case ACCEPT -> {
                Integer fd = some(this::hasConnection);
                if (fd != null && room()) {
                    open(new Syscall.Accept(process, fd));
                }
            }
            case PIPE -> {
                if (room()) {
                    openTwo(new Syscall.Pipe(process));
                }
            }
            case OPEN -> {
                if (room()) {
                    open(new Syscall.Open(process));
                }
            }
            case SETUP_RING -> {
                if (room()) {
                    open(new Syscall.SetupRing(process));
                }
            }
            case REGISTER_FILES -> {
                Integer ring = someRing();
                if (ring != null) {
                    call(new Syscall.RegisterFiles(process, ring, slots(Workload.MAX_SLOTS)));
                }
            }
            case UPDATE_FILES -> {
                Integer ring = someRing();
                if (ring != null) {
                    call(new Syscall.UpdateFiles(process, ring, dice.below(2), slots(2)));
                }
            }
            case UNREGISTER_FILES -> {
                Integer ring = someRing();
                if (ring != null) {
                    call(new Syscall.UnregisterFiles(process, ring));
                }
            }
            case SUBMIT -> {
                Integer ring = someRing();
                if (ring != null) {
                    submit(ring);
                }
            }
            case CANCEL -> cancel();
            case REAP -> {
                Integer ring = someRing();
                if (ring != null) {
                    call(new Syscall.Reap(process, ring));
                }
            }
            case MAP -> {
                Integer fd = some(handle -> socket(handle) == null);
                if (fd != null) {
                    int mapping = newHandle();
                    if (call(new Syscall.Map(process, fd), mapping)) {
                        of(mappings, process).add(mapping);
                    }
                }
            }
            case UNMAP -> unmapOne();
            case REGISTER_RING -> {
                Integer ring = some(handle -> file(handle).ring() != null);
                if (ring != null && file(ring).ring() != null) {
                    int index = newHandle();
                    if (call(new Syscall.RegisterRing(process, ring), index)) {
                        of(registered, process).add(index);
                    }
                }
            }
            case UNREGISTER_RING -> unregisterOneRing();
            case INSTALL -> install();
            case FORK -> fork();
            case EXEC -> exec();
            case EXIT -> exit();
            case CLOSE_ON_EXEC -> {
                Integer fd = someDescriptor();
                if (fd != null) {
                    call(new Syscall.SetCloseOnExec(process, fd, dice.percent(80)));
                }
            }
            case SET_LIMIT -> call(new Syscall.SetLimit(process, dice.of(LIMITS)));
            case SET_USER -> call(new Syscall.SetUser(process, dice.below(3), dice.percent(30)));
            case COLLECT -> play(new Step.Collect(dice.between(1, MOST_COLLECT_STEPS)));
            case DO -> play(new Step.Do(dice.of(Step.Do.Kind.values())));
            case FIRE -> {
                if (!requests.isEmpty()) {
                    Submitted one = dice.of(requests);
                    play(new Step.Fire(one.process, one.ring, one.request));
                }
            }
            case INTERLEAVE -> play(new Step.Interleave());
            case SETTLE -> play(new Step.Settle());
            case TRIGGER -> play(new Step.Trigger());
        }
    }

    private static List<Integer> of(Map<Integer, List<Integer>> lists, int process) {
        return lists.computeIfAbsent(process, _ -> new ArrayList<>());
    }

    private void send() {
        Integer fd = someSocket();
        if (fd == null) {
            return;
        }
        if (dice.percent(80)) {
            Integer connected = some(handle -> isIn(handle, UnixSocket.State.ESTABLISHED));
            fd = connected == null ? fd : connected;
        }
        UnixSocket socket = socket(fd);
        boolean stream = socket == null || socket.type() == SocketType.STREAM;
        boolean named =
                workload.scope().has(Part.LISTENERS)
                        && socket != null
                        && (socket.type() == SocketType.DGRAM ? dice.percent(30) : dice.percent(1));
        boolean oob = stream ? dice.percent(10) : dice.percent(1);
        call(new Syscall.Send(process, fd, passed(), bytes(), oob, named ? name() : null));
    }

    /** Mostly sockets, and seldom none. */
    private List<Integer> passed() {
        List<Integer> passed = new ArrayList<>();
        int count = dice.percent(15) ? 0 : dice.between(1, Workload.MAX_PASSED);
        for (int i = 0; i < count; i++) {
            Integer fd = dice.percent(75) ? someSocket() : someDescriptor();
            if (fd != null) {
                passed.add(fd);
            }
        }
        return passed;
    }

    private void receive() {
        Integer fd = some(this::hasQueued);
        if (fd == null) {
            return;
        }
        int room = dice.percent(70) ? Syscall.ALL : dice.below(Workload.MAX_PASSED);
        Integer[] results = new Integer[Math.min(room, Workload.MAX_PASSED)];
        for (int i = 0; i < results.length; i++) {
            results[i] = newHandle();
        }
        boolean peek = dice.percent(15);
        boolean oob = dice.percent(5);
        call(new Syscall.Receive(process, fd, room, bytes(), peek, oob), results);
        openOf(process).addAll(List.of(results));
    }

    private boolean hasQueued(int handle) {
        UnixSocket socket = socket(handle);
        return socket != null
                && socket.state() != UnixSocket.State.LISTEN
                && (!socket.queue().isEmpty() || dice.percent(ODD));
    }

    private boolean hasConnection(int handle) {
        UnixSocket socket = socket(handle);
        return socket != null
                && socket.state() == UnixSocket.State.LISTEN
                && (!socket.queue().isEmpty() || dice.percent(ODD));
    }

    private void listener() {
        if (room()) {
            Listening made = new Listening(type(), name());
            int fd = open(new Syscall.Socket(process, made.type));
            call(new Syscall.Bind(process, fd, made.name));
            if (call(new Syscall.Listen(process, fd, dice.below(MOST_BACKLOG)))) {
                listening.add(made);
            }
        }
    }

    private void connect() {
        boolean any = listening.isEmpty() || dice.percent(20);
        Listening to = any ? new Listening(type(), name()) : dice.of(listening);
        Integer fd =
                room() && dice.percent(70)
                        ? Integer.valueOf(open(new Syscall.Socket(process, to.type)))
                        : some(handle -> isIn(handle, UnixSocket.State.CLOSE));
        if (fd != null) {
            boolean split = workload.scope().has(Part.INTERLEAVING) && dice.percent(30);
            call(new Syscall.Connect(process, fd, to.name, split));
        }
    }

    /** A listener of its own, and both ends of a connection. */
    private void connection() {
        if (room()) {
            SocketType type = type();
            String name = name();
            int listener = open(new Syscall.Socket(process, type));
            call(new Syscall.Bind(process, listener, name));
            call(new Syscall.Listen(process, listener, dice.below(MOST_BACKLOG)));
            int connected = open(new Syscall.Socket(process, type));
            call(new Syscall.Connect(process, connected, name, false));
            open(new Syscall.Accept(process, listener));
            if (dice.percent(50)) {
                call(new Syscall.Close(process, listener));
            }
        }
    }

    // ---- rings ----

    private List<Integer> slots(int most) {
        List<Integer> slots = new ArrayList<>();
        int count = dice.between(1, most);
        for (int i = 0; i < count; i++) {
            Integer fd = some(handle -> file(handle).ring() == null);
            slots.add(fd == null || dice.percent(25) ? Syscall.EMPTY : fd);
        }
        if (most < Workload.MAX_SLOTS && dice.percent(10)) {
            slots.set(0, Syscall.SKIP);
        }
        return slots;
    }

    private void submit(int ring) {
        int handle = newHandle();
        Request request = request();
        if (dice.percent(10)) {
            request = new Request.AfterTimeout(request);
        }
        if (call(new Syscall.Submit(process, ring, request), handle)) {
            requests.add(new Submitted(process, ring, handle));
        }
    }

    private Request request() {
        Target target = target();
        return switch (dice.below(10)) {
            case 0 -> new Request.Nop();
            case 1, 2 -> new Request.Poll(target);
            case 3 -> new Request.PollHangUp(target);
            case 4 -> new Request.Read(target);
            case 5 -> new Request.SocketDirect(type(), directSlot());
            case 6 -> new Request.OpenDirect(directSlot());
            case 7 -> new Request.AcceptDirect(target, directSlot());
            case 8 -> new Request.CloseDirect(slot());
            default -> sendFd();
        };
    }

    private Request sendFd() {
        Integer ring = someRing();
        return ring == null
                ? new Request.Nop()
                : new Request.SendFd(new Target.Fd(ring), slot(), directSlot());
    }

    private int directSlot() {
        return dice.percent(40) ? Request.ANY_SLOT : slot();
    }

    private Target target() {
        Integer fd = dice.percent(30) ? someRing() : someDescriptor();
        return fd == null || dice.percent(40) ? new Target.Slot(slot()) : new Target.Fd(fd);
    }

    private void cancel() {
        Integer ring = someRing();
        if (ring != null && !requests.isEmpty()) {
            Submitted one = dice.of(requests);
            int on = openOf(process).contains(one.ring) ? one.ring : ring;
            call(new Syscall.Submit(process, on, new Request.Cancel(one.request)));
        }
    }

    /** The descriptor that it gives is in its completion, which is the last. */
    private void install() {
        Integer fd = someRing();
        Ring ring = fd == null ? null : file(fd).ring();
        if (fd == null || ring == null || !room()) {
            return;
        }
        call(new Syscall.Submit(process, fd, new Request.Install(slot())));
        while (ring.completions() > 1) {
            call(new Syscall.Reap(process, fd));
        }
        int request = newHandle();
        int descriptor = newHandle();
        call(new Syscall.Reap(process, fd), request, descriptor);
        if (player.handles().isBound(descriptor) && player.handles().valueOf(descriptor) >= 0) {
            openOf(process).add(descriptor);
        }
    }

    private void unmapOne() {
        List<Integer> mapped = of(mappings, process);
        if (!mapped.isEmpty()) {
            call(new Syscall.Unmap(process, mapped.remove(dice.below(mapped.size()))));
        }
    }

    private void unregisterOneRing() {
        List<Integer> indices = of(registered, process);
        if (!indices.isEmpty()) {
            call(new Syscall.UnregisterRing(process, indices.remove(dice.below(indices.size()))));
        }
    }

    // ---- processes ----

    private void fork() {
        if (processes.size() < Workload.MAX_PROCESSES) {
            int child = newHandle();
            if (call(new Syscall.Fork(process), child)) {
                processes.add(child);
                open.put(child, new ArrayList<>(openOf(process)));
            }
        }
    }

    private void exec() {
        call(new Syscall.Exec(process));
        of(mappings, process).clear();
        of(registered, process).clear();
    }

    private void exit() {
        if (process != Step.FIRST_PROCESS) {
            end(process);
        }
    }

    private void end(int ending) {
        call(new Syscall.Exit(ending));
        processes.remove(Integer.valueOf(ending));
        open.remove(ending);
        mappings.remove(ending);
        registered.remove(ending);
    }

    // ---- the end ----

    private void closeAll() {
        for (int child : dice.shuffled(processes)) {
            if (child != Step.FIRST_PROCESS) {
                end(child);
            }
        }
        process = Step.FIRST_PROCESS;
        if (workload.scope().has(Part.PROCESSES) && dice.percent(30)) {
            end(process);
            return;
        }
        List<Syscall> closing = new ArrayList<>();
        openOf(process).forEach(fd -> closing.add(new Syscall.Close(process, fd)));
        of(mappings, process).forEach(m -> closing.add(new Syscall.Unmap(process, m)));
        of(registered, process).forEach(i -> closing.add(new Syscall.UnregisterRing(process, i)));
        dice.shuffled(closing).forEach(call -> call(call));
    }
}
