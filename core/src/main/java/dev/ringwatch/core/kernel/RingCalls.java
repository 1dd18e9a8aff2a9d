package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.Requests;
import dev.ringwatch.core.kernel.KernelEra.Slots;
import dev.ringwatch.core.kernel.KernelEra.Table;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The system calls of io_uring, its requests, and what becomes of a ring without references. */
final class RingCalls {
    private final KernelState kernel;

    /** Rings with new completions of which nobody was told yet. */
    private final LinkedHashSet<Ring> completed = new LinkedHashSet<>();

    /** A completion that is not in the ring's queue before the next flush. */
    private record Unposted(Ring ring, Ring.Completion completion) {}

    private final List<Unposted> unposted = new ArrayList<>();

    /** What requests that were woken do in the next round. */
    private final List<Runnable> due = new ArrayList<>();

    /** Requests that were linked behind one which completed. */
    private final List<Runnable> linked = new ArrayList<>();

    private int nesting;

    RingCalls(KernelState kernel) {
        this.kernel = kernel;
    }

    Outcome setup(Task task) {
        if (task.freeDescriptor() < 0) {
            return new Refused(Errno.EMFILE);
        }
        Ring ring = kernel.newRing();
        ring.file().get();
        int fd = ProcessCalls.install(task, ring.file());
        if (kernel.era().table() == Table.PINS_RING_IN_FLIGHT) {
            kernel.markRingInFlight(ring);
        }
        return Done.of(fd);
    }

    // ---- the table ----

    Outcome registerFiles(Task task, Ring ring, List<Integer> fds) {
        if (ring.table != null) {
            return new Refused(Errno.EBUSY);
        }
        if (fds.isEmpty()) {
            return new Refused(Errno.EINVAL);
        }
        if (fds.size() > task.descriptorLimit || tooManyInFlight(task, fds.size())) {
            return new Refused(Errno.EMFILE);
        }
        List<@Nullable OpenFile> files = new ArrayList<>();
        for (int fd : fds) {
            OpenFile file = fd == Syscall.EMPTY ? null : task.descriptors.get(fd);
            if (fd != Syscall.EMPTY && (file == null || file.ring() != null)) {
                return new Refused(Errno.EBADF);
            }
            files.add(file);
        }
        List<Ring.@Nullable Node> table = new ArrayList<>(Collections.nCopies(fds.size(), null));
        ring.table = table;
        ring.hint = 0;
        for (int slot = 0; slot < files.size(); slot++) {
            OpenFile file = files.get(slot);
            if (file != null) {
                file.get();
                table.set(slot, occupy(task, ring, file));
            }
        }
        return Done.of();
    }

    private boolean tooManyInFlight(Task task, int more) {
        return kernel.era().table().packets()
                && !task.capable
                && task.user.inFlight + more > task.descriptorLimit;
    }

    /** A node for a file of which the caller has a reference, which the slot takes over. */
    private Ring.Node occupy(Task task, Ring ring, OpenFile file) {
        Ring.Node node = new Ring.Node();
        node.file = file;
        if (kernel.era().table().packets()) {
            node.packet = packetWithRoom(task, ring);
            file.get(); // the packet's, beside the caller's
            kernel.join(node.packet, file);
            kernel.put(file);
            kernel.log(() -> file + " is in flight in the packet that is the table of " + ring);
        }
        return node;
    }

    private static Packet packetWithRoom(Task task, Ring ring) {
        UnixSocket own = ownSocket(ring);
        for (Packet packet : own.queue) {
            PassedFiles passed = packet.passed();
            if (passed != null
                    && passed.files().size() < PassedFiles.MAX
                    && !ofRequest(ring, packet)) {
                return packet;
            }
        }
        PassedFiles passed = new PassedFiles(List.of(), task.user);
        passed.inFlight = true;
        Packet packet = Packet.of(ring, passed);
        own.queue.addFirst(packet);
        return packet;
    }

    private static UnixSocket ownSocket(Ring ring) {
        if (ring.socket == null) {
            throw new IllegalStateException(ring + " has no socket of its own");
        }
        return ring.socket;
    }

    private static boolean ofRequest(Ring ring, Packet packet) {
        return ring.pending.values().stream().anyMatch(request -> request.packet == packet);
    }

    Outcome updateFiles(Task task, Ring ring, int offset, List<Integer> fds) {
        List<Ring.@Nullable Node> table = ring.table;
        if (fds.isEmpty()) {
            return new Refused(Errno.EINVAL);
        }
        if (table == null) {
            return new Refused(Errno.ENXIO);
        }
        if (offset < 0 || offset + fds.size() > table.size()) {
            return new Refused(Errno.EINVAL);
        }
        int done = 0;
        for (int fd : fds) {
            Errno refusal = fd == Syscall.SKIP ? null : update(task, ring, offset + done, fd);
            if (refusal != null) {
                return done > 0 ? Done.of(done) : new Refused(refusal);
            }
            done++;
        }
        return Done.of(done);
    }

    /** The old file leaves first, even where the new one is then refused. */
    private @Nullable Errno update(Task task, Ring ring, int slot, int fd) {
        vacate(ring, slot);
        if (fd == Syscall.EMPTY) {
            return null;
        }
        OpenFile file = task.descriptors.get(fd);
        if (file == null || file.ring() != null) {
            return Errno.EBADF;
        }
        file.get();
        install(task, ring, slot, file);
        return null;
    }

    private void install(Task task, Ring ring, int slot, OpenFile file) {
        table(ring).set(slot, occupy(task, ring, file));
        ring.hint = slot + 1;
    }

    private static List<Ring.@Nullable Node> table(Ring ring) {
        List<Ring.@Nullable Node> table = ring.table;
        if (table == null) {
            throw new IllegalStateException(ring + " has no table");
        }
        return table;
    }

    /** Empties a slot; false if it was empty. */
    private boolean vacate(Ring ring, int slot) {
        Ring.Node node = table(ring).get(slot);
        if (node == null) {
            return false;
        }
        table(ring).set(slot, null);
        ring.hint = slot;
        retire(ring, node);
        return true;
    }

    private void retire(Ring ring, Ring.Node node) {
        Ring.Node leaving = node;
        if (kernel.era().slots() == Slots.IN_ORDER) {
            leaving = ring.current;
            leaving.file = node.file;
            leaving.packet = node.packet;
            ring.current = new Ring.Node();
        }
        leaving.retired = true;
        ring.leaving.add(leaving);
        releaseLeaving(ring);
    }

    private void releaseLeaving(Ring ring) {
        if (kernel.era().slots() == Slots.IN_ORDER) {
            while (!ring.leaving.isEmpty() && ring.leaving.peek().requests == 0) {
                drop(ring, ring.leaving.remove());
            }
            return;
        }
        for (Ring.Node node : List.copyOf(ring.leaving)) {
            if (node.requests == 0) {
                ring.leaving.remove(node);
                drop(ring, node);
            }
        }
    }

    private void drop(Ring ring, Ring.Node node) {
        OpenFile file = node.file;
        node.file = null;
        if (file == null) {
            return;
        }
        Packet packet = node.packet;
        if (packet != null) {
            kernel.leave(packet, file);
            PassedFiles passed = packet.passed();
            if (passed == null || passed.files().isEmpty()) {
                ownSocket(ring).queue.remove(packet);
            }
        }
        kernel.put(file);
    }

    Outcome unregisterFiles(Ring ring) {
        List<Ring.@Nullable Node> table = ring.table;
        if (table == null) {
            return new Refused(Errno.ENXIO);
        }
        if (kernel.era().slots() == Slots.IN_ORDER && usesSlots(ring)) {
            return new Refused(Errno.EAGAIN); // waits until they are done
        }
        ring.table = null;
        for (Ring.Node node : table) {
            if (node != null) {
                retire(ring, node);
            }
        }
        return Done.of();
    }

    private static boolean usesSlots(Ring ring) {
        return ring.current.requests > 0 || !ring.leaving.isEmpty();
    }

    // ---- rings registered with a task ----

    Outcome registerRing(Task task, OpenFile ring) {
        for (int i = 0; i < task.registeredRings.length; i++) {
            if (task.registeredRings[i] == null) {
                ring.get();
                task.registeredRings[i] = ring;
                return Done.of(i);
            }
        }
        return new Refused(Errno.EBUSY);
    }

    Outcome unregisterRing(Task task, int index) {
        if (index < 0 || index >= task.registeredRings.length) {
            return new Refused(Errno.EINVAL);
        }
        OpenFile ring = task.registeredRings[index];
        task.registeredRings[index] = null;
        if (ring != null) {
            kernel.put(ring);
        }
        return Done.of();
    }

    // ---- requests ----

    Outcome submit(Task task, Ring ring, Request operation) {
        PendingRequest request = new PendingRequest(ring.nextRequest++, ring, operation, task);
        if (operation instanceof Request.AfterTimeout(Request then)) {
            ring.pending.put(request.id(), request);
            kernel.addWork(new Work.Fire(ring, request.id()));
            Target target = target(then);
            if (target != null && isLookedUpAtSubmission(target)) {
                lookUp(request, target);
            }
        } else {
            together(() -> issue(request, operation));
        }
        return Done.of(request.id());
    }

    /** Where requests never wait for a socket or a ring, one that is linked holds nothing either. */
    private boolean isLookedUpAtSubmission(Target target) {
        boolean early =
                switch (kernel.era().lookup()) {
                    case AT_SUBMISSION -> true;
                    case DESCRIPTOR_AT_SUBMISSION -> target instanceof Target.Fd;
                    case AT_ISSUE -> false;
                };
        return early && kernel.era().requests() != Requests.INLINE;
    }

    private static @Nullable Target target(Request operation) {
        return switch (operation) {
            case Request.Poll(Target target) -> target;
            case Request.PollHangUp(Target target) -> target;
            case Request.Read(Target target) -> target;
            case Request.AcceptDirect(Target target, int _) -> target;
            case Request.SendFd(Target ring, int _, int _) -> ring;
            case Request.AfterTimeout(Request then) -> target(then);
            case Request.Nop _,
                    Request.SocketDirect _,
                    Request.OpenDirect _,
                    Request.CloseDirect _,
                    Request.Install _,
                    Request.Cancel _ ->
                    null;
        };
    }

    /** The timeout fires that the request is linked behind. */
    void fire(Ring ring, int id) {
        PendingRequest request = ring.pending.remove(id);
        if (request != null && request.operation() instanceof Request.AfterTimeout(Request then)) {
            PendingRequest issued = new PendingRequest(id, ring, then, request.submitter);
            issued.file = request.file;
            issued.node = request.node;
            issued.packet = request.packet;
            // Nobody sees the timeout's own completion, but it wakes who waits for completions.
            together(
                    () -> {
                        completed.add(ring);
                        linked.add(() -> issue(issued, then));
                    });
        }
    }

    private void issue(PendingRequest request, Request operation) {
        Target target = target(operation);
        if (target != null && request.file == null) {
            Errno refusal = lookUp(request, target);
            if (refusal != null) {
                complete(request, -refusal.number());
                return;
            }
        }
        attempt(request, operation);
    }

    /** Finds the request's file and takes what the era says a request holds. */
    private @Nullable Errno lookUp(PendingRequest request, Target target) {
        return switch (target) {
            case Target.Slot(int slot) -> lookUpSlot(request, slot);
            case Target.Fd(int fd) -> lookUpDescriptor(request, fd);
        };
    }

    private @Nullable Errno lookUpSlot(PendingRequest request, int slot) {
        List<Ring.@Nullable Node> table = request.ring().table;
        Ring.Node node = table == null || slot < 0 || slot >= table.size() ? null : table.get(slot);
        if (node == null) {
            return Errno.EBADF;
        }
        request.file = node.file;
        request.node = kernel.era().slots() == Slots.IN_ORDER ? request.ring().current : node;
        request.node.requests++;
        return null;
    }

    private @Nullable Errno lookUpDescriptor(PendingRequest request, int fd) {
        OpenFile file = request.submitter.descriptors.get(fd);
        boolean refused =
                file != null
                        && file.ring() != null
                        && kernel.era().requests() == Requests.REFUSE_RINGS;
        if (file == null || refused) {
            return Errno.EBADF;
        }
        request.file = file;
        file.get();
        if (kernel.era().requests() == Requests.IN_FLIGHT) {
            PassedFiles passed = new PassedFiles(List.of(file), request.submitter.user);
            UnixSocket own = ownSocket(request.ring());
            kernel.markInFlight(passed, own);
            request.packet = Packet.of(request.ring(), passed);
            own.queue.add(request.packet);
        }
        return null;
    }

    private void attempt(PendingRequest request, Request operation) {
        switch (operation) {
            case Request.Nop() -> complete(request, 0);
            case Request.Poll(Target _), Request.PollHangUp(Target _) -> poll(request);
            case Request.Read(Target _) -> read(request);
            case Request.SocketDirect(SocketType type, int slot) -> {
                OpenFile made = kernel.openSocket(kernel.newSocket(type));
                made.get();
                complete(request, installDirect(request, made, slot));
            }
            case Request.OpenDirect(int slot) -> {
                OpenFile made = kernel.open(new OpenFile.Regular(), "file");
                made.get();
                complete(request, installDirect(request, made, slot));
            }
            case Request.AcceptDirect(Target _, int slot) -> accept(request, slot);
            case Request.CloseDirect(int slot) -> complete(request, closeDirect(request, slot));
            case Request.Install(int slot) -> complete(request, installDescriptor(request, slot));
            case Request.SendFd(Target _, int slot, int toSlot) ->
                    complete(request, sendFd(request, slot, toSlot));
            case Request.Cancel(int id) -> cancel(request, id);
            case Request.AfterTimeout(Request _) ->
                    throw new IllegalArgumentException("a request waits for one timeout at most");
        }
    }

    private void poll(PendingRequest request) {
        if (ready(request)) {
            complete(request, 1);
        } else if (file(request).neverWakes()) {
            complete(request, -Errno.EINVAL.number()); // there is nothing to wait at
        } else {
            await(request);
        }
    }

    private void read(PendingRequest request) {
        OpenFile file = file(request);
        boolean waits = file.ring() != null && !readable(file);
        Outcome outcome =
                waits
                        ? new Refused(Errno.EAGAIN)
                        : new ProcessCalls(kernel).read(request.submitter, file, 1);
        switch (outcome) {
            case Done done -> complete(request, done.value());
            case Refused(Errno errno) when errno == Errno.EAGAIN && endsForWaiters(file) ->
                    complete(request, 0);
            case Refused(Errno errno) when errno == Errno.EAGAIN -> await(request);
            case Refused(Errno errno) -> complete(request, -errno.number());
        }
    }

    /**
     * Whether a read that would wait is told at once that nothing will come. A datagram socket that
     * is shut down says {@code EAGAIN} to who does not wait; poll says that it is readable; so a
     * request is tried again and again, and then in a worker, which waits and is told.
     */
    private static boolean endsForWaiters(OpenFile file) {
        UnixSocket socket = file.socket();
        return socket != null && socket.receiveShutdown;
    }

    private void accept(PendingRequest request, int slot) {
        UnixSocket listener = file(request).socket();
        if (listener == null) {
            complete(request, -Errno.ENOTSOCK.number());
            return;
        }
        Errno refusal = SocketCalls.cannotAccept(listener);
        if (refusal == Errno.EAGAIN && endsForWaiters(file(request))) {
            complete(request, -Errno.EINVAL.number());
        } else if (refusal == Errno.EAGAIN) {
            await(request);
        } else if (refusal != null) {
            complete(request, -refusal.number());
        } else {
            OpenFile made = kernel.openSocket(kernel.socketCalls.takeConnection(listener));
            made.get();
            complete(request, installDirect(request, made, slot));
        }
    }

    /** Waits for the file to become readable; or does not, where the era runs requests inline. */
    private void await(PendingRequest request) {
        OpenFile file = file(request);
        boolean loops = file.socket() != null || file.ring() != null;
        if (loops && kernel.era().requests() == Requests.INLINE) {
            complete(request, -Errno.EAGAIN.number());
            return;
        }
        request.ring().pending.put(request.id(), request);
        enqueue(file, request);
    }

    /** Whoever comes last is woken first. */
    private static void enqueue(OpenFile file, PendingRequest request) {
        file.waiting.remove(request);
        if (request.operation() instanceof Request.AcceptDirect) {
            file.waiting.add(request); // EPOLLEXCLUSIVE: behind all others
        } else {
            file.waiting.addFirst(request);
        }
    }

    /**
     * It was woken: the file may have become readable. If not, it waits as if it came now.
     *
     * @param input whether input was what it was woken for: a poll completes then, even if another
     *     request has taken that input meanwhile
     */
    void retry(PendingRequest request, boolean input) {
        if (request.ring().pending.get(request.id()) != request) {
            return;
        }
        if (input && request.operation() instanceof Request.Poll) {
            complete(request, 1);
        } else if (ready(request)) {
            attempt(request, request.operation());
        } else {
            enqueue(file(request), request);
        }
    }

    private static OpenFile file(PendingRequest request) {
        OpenFile file = request.file;
        if (file == null) {
            throw new IllegalStateException("request " + request.id() + " has no file");
        }
        return file;
    }

    private static boolean ready(PendingRequest request) {
        return request.operation() instanceof Request.PollHangUp
                ? hungUp(file(request))
                : readable(file(request));
    }

    private static boolean hungUp(OpenFile file) {
        UnixSocket socket = file.socket();
        PipeEnd pipe = file.pipe();
        return socket != null ? socket.hungUp() : pipe != null && pipe.hungUp();
    }

    static boolean readable(OpenFile file) {
        UnixSocket socket = file.socket();
        PipeEnd pipe = file.pipe();
        Ring ring = file.ring();
        if (socket != null) {
            return socket.readable();
        }
        if (pipe != null) {
            return pipe.readable();
        }
        return ring == null || !ring.completions.isEmpty();
    }

    private void complete(PendingRequest request, int result) {
        Ring ring = request.ring();
        stopWaiting(request);
        unposted.add(new Unposted(ring, new Ring.Completion(request.id(), result)));
        letGo(request);
        together(() -> completed.add(ring));
    }

    /**
     * Does something that a task does in the kernel at one go. At its end completions are flushed,
     * so that whoever waits for them is woken; what was woken, and what was linked behind others, is
     * done in rounds, each with a flush at its end ({@code tctx_task_work_run}).
     */
    void together(Runnable work) {
        nesting++;
        work.run();
        if (nesting == 1) {
            flush();
            while (!due.isEmpty()) {
                List<Runnable> round = new ArrayList<>(due);
                due.clear();
                if (!kernel.era().has(Detail.WOKEN_IN_ORDER)) {
                    Collections.reverse(round);
                }
                round.forEach(Runnable::run);
                flush();
            }
        }
        nesting--;
    }

    private void flush() {
        unposted.forEach(one -> one.ring.completions.add(one.completion));
        unposted.clear();
        while (!completed.isEmpty()) {
            kernel.wakeForInput(completed.removeFirst().file());
        }
        due.addAll(linked);
        linked.clear();
    }

    /** Has something done in the next round. */
    void inNextRound(Runnable work) {
        together(() -> due.add(work));
    }

    private void letGo(PendingRequest request) {
        OpenFile file = request.file;
        Ring.Node node = request.node;
        request.file = null;
        if (node != null) {
            node.requests--;
            releaseLeaving(request.ring());
        } else if (request.packet != null) {
            ownSocket(request.ring()).queue.remove(request.packet);
            kernel.free(request.packet);
        } else if (file != null) {
            kernel.put(file);
        }
    }

    /** Puts a new file, of which the caller has the reference, into a slot. */
    private int installDirect(PendingRequest request, OpenFile file, int slot) {
        Ring ring = request.ring();
        int at = slot == Request.ANY_SLOT ? freeSlot(ring) : slot;
        Errno refusal = cannotInstall(ring, slot, at);
        if (refusal != null) {
            kernel.put(file);
            return -refusal.number();
        }
        int hint = ring.hint;
        boolean replaced = vacate(ring, at);
        install(request.submitter, ring, at, file);
        if (replaced) {
            ring.hint = hint; // the slot was and is marked as used
        }
        return slot == Request.ANY_SLOT ? at : 0;
    }

    private static @Nullable Errno cannotInstall(Ring ring, int slot, int at) {
        if (slot == Request.ANY_SLOT) {
            return at < 0 ? Errno.ENFILE : null;
        }
        if (ring.table == null) {
            return Errno.ENXIO;
        }
        return at < 0 || at >= ring.table.size() ? Errno.EINVAL : null;
    }

    /** {@code io_file_bitmap_get}: from the hint to the end, then from the beginning. */
    private static int freeSlot(Ring ring) {
        List<Ring.@Nullable Node> table = ring.table;
        if (table == null) {
            return -1;
        }
        int size = table.size();
        for (int i = 0; i < size; i++) {
            int slot = (ring.hint + i) % size;
            if (table.get(slot) == null) {
                return slot;
            }
        }
        return -1;
    }

    private int closeDirect(PendingRequest request, int slot) {
        List<Ring.@Nullable Node> table = request.ring().table;
        if (table == null) {
            return -Errno.ENXIO.number();
        }
        if (slot < 0 || slot >= table.size()) {
            return -Errno.EINVAL.number();
        }
        return vacate(request.ring(), slot) ? 0 : -Errno.EBADF.number();
    }

    private int installDescriptor(PendingRequest request, int slot) {
        Errno refusal = lookUpSlot(request, slot);
        if (refusal != null) {
            return -refusal.number();
        }
        Outcome outcome = new ProcessCalls(kernel).dup(request.submitter, file(request));
        return outcome instanceof Done done ? done.value() : -Errno.EMFILE.number();
    }

    private int sendFd(PendingRequest request, int slot, int toSlot) {
        Ring target = file(request).ring();
        if (target == null) {
            return -Errno.EBADFD.number();
        }
        if (target == request.ring()) {
            return -Errno.EINVAL.number();
        }
        List<Ring.@Nullable Node> table = request.ring().table;
        Ring.Node node = table == null || slot < 0 || slot >= table.size() ? null : table.get(slot);
        OpenFile file = node == null ? null : node.file;
        if (file == null) {
            return -Errno.EBADF.number();
        }
        file.get();
        PendingRequest there =
                new PendingRequest(0, target, request.operation(), request.submitter);
        int result = installDirect(there, file, toSlot);
        if (result >= 0) {
            target.completions.add(new Ring.Completion(0, result));
            completed.add(target);
        }
        return result;
    }

    private void cancel(PendingRequest request, int id) {
        PendingRequest other = request.ring().pending.get(id);
        if (other == null) {
            complete(request, -Errno.ENOENT.number());
            return;
        }
        stopWaiting(other); // so that the completion of the first does not complete the other
        together(
                () -> {
                    complete(request, 0);
                    complete(other, -Errno.ECANCELED.number());
                });
    }

    private void cancel(PendingRequest request) {
        stopWaiting(request);
        complete(request, -Errno.ECANCELED.number());
    }

    private void stopWaiting(PendingRequest request) {
        kernel.removeWork(new Work.Fire(request.ring(), request.id()));
        request.ring().pending.remove(request.id(), request);
        if (request.file != null) {
            request.file.waiting.remove(request);
        }
    }

    /** The end of a task: only requests on rings, or all of them. */
    void cancel(Task task, boolean onlyOnRings) {
        for (Ring ring : List.copyOf(kernel.rings)) {
            for (PendingRequest request : List.copyOf(ring.pending.values())) {
                OpenFile file = request.file;
                boolean onRing = file != null && file.ring() != null;
                if (request.submitter == task && (onRing || !onlyOnRings)) {
                    cancel(request);
                }
            }
        }
    }

    Outcome reap(Ring ring) {
        Ring.Completion completion = ring.completions.poll();
        return completion == null
                ? new Refused(Errno.EAGAIN)
                : Done.of(completion.request(), completion.result());
    }

    // ---- the end of a ring ----

    /** {@code io_ring_exit_work}: first its requests, in a later step its files. */
    void tearDown(Ring ring) {
        if (!ring.pending.isEmpty()) {
            kernel.log(() -> ring + " cancels its requests");
            List.copyOf(ring.pending.values()).forEach(this::cancel);
            kernel.addWork(new Work.TearDown(ring));
            return;
        }
        kernel.log(() -> ring + " gives up its files");
        List<Ring.@Nullable Node> table = ring.table;
        ring.table = null;
        if (table != null) {
            for (Ring.Node node : table) {
                if (node != null) {
                    retire(ring, node);
                }
            }
        }
        if (kernel.era().table() == Table.PINS_RING_IN_FLIGHT) {
            kernel.unmarkRingInFlight(ring);
        }
        if (ring.socket != null) {
            kernel.releaseSocket(ring.socket, false);
        }
        ring.ended = true;
        kernel.rings.remove(ring);
    }

    /** The collector frees a packet that a ring's table or request rests on. */
    void lost(Ring ring, Packet packet) {
        for (PendingRequest request : List.copyOf(ring.pending.values())) {
            if (request.packet == packet) {
                request.packet = null;
                request.file = null;
                cancel(request);
            } else if (request.node != null && usesPacket(ring, request, packet)) {
                kernel.violated(
                        Rule.USE_AFTER_FREE,
                        "%s loses %s while request %d works on it"
                                .formatted(ring, request.file, request.id()));
            }
        }
        List<Ring.@Nullable Node> table = ring.table;
        if (table != null) {
            for (int slot = 0; slot < table.size(); slot++) {
                Ring.Node node = table.get(slot);
                if (node != null && node.packet == packet) {
                    table.set(slot, null);
                }
            }
        }
        for (Ring.Node node : ring.leaving) {
            if (node.packet == packet) {
                node.packet = null;
                node.file = null;
            }
        }
    }

    private static boolean usesPacket(Ring ring, PendingRequest request, Packet packet) {
        List<Ring.@Nullable Node> table = ring.table;
        if (table == null) {
            return false;
        }
        for (Ring.Node node : table) {
            if (node != null && node.packet == packet && node.file == request.file) {
                return true;
            }
        }
        return false;
    }
}
