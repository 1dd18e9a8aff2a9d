package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.Outcome.Refused;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kernel, as far as open files, AF_UNIX sockets and io_uring go, under the rules of an era.
 *
 * <p>System calls are transitions: {@link #apply} does one and tells its outcome, with the error that
 * the kernel gives. What the kernel does in its own time (the collector's run, files released by
 * kernel threads, the end of a ring) is {@link #work} that is due: {@link #run} takes one step of a
 * piece of it, so that every order can be tried; {@link #settle} does all of it.
 *
 * <p>It begins with one process, number 1, of a user with all capabilities. Calls never wait. Two
 * models that are told the same do the same: nothing depends on time, on hash orders or on chance.
 *
 * <p>For one thread.
 */
public final class KernelModel {
    private static final int FRUITLESS_RUNS = 2;

    private final KernelState state;
    private final ProcessCalls processes;

    /** A kernel that has just started. */
    public KernelModel(KernelEra era) {
        state = new KernelState(era);
        processes = new ProcessCalls(state);
    }

    /** Everything that it knows; it changes as the model goes on. */
    public KernelState state() {
        return state;
    }

    /** Where to tell, line by line, what the collector and the rest of the kernel do; null for nowhere. */
    public void explainTo(@Nullable Consumer<String> sink) {
        state.logTo(sink);
    }

    /** Gives a file of a process a name for people. */
    public void name(int pid, int fd, String name) {
        Task task = state.tasks.get(pid);
        OpenFile file = task == null ? null : task.descriptors.get(fd);
        if (file != null) {
            file.label(name);
        }
    }

    /**
     * Whether others may act while the collector runs, even in eras where it runs inside the call
     * that started it: as another processor would.
     */
    public void interleave(boolean on) {
        state.stepwise(on);
    }

    /** Does a system call. */
    public Outcome apply(Syscall call) {
        Task task = state.tasks.get(call.pid());
        if (task == null) {
            return new Refused(Errno.ESRCH);
        }
        state.othersAct();
        Outcome[] outcome = new Outcome[1];
        state.ringCalls.together(() -> outcome[0] = dispatch(task, call));
        state.runTaskWork();
        return outcome[0];
    }

    /** What the kernel has still to do, in no order. */
    public List<Work> work() {
        return state.work();
    }

    /** Takes one step of a piece of {@link #work}. */
    public void run(Work piece) {
        state.run(piece);
    }

    /** Does all work that is due, and what that brings, until there is none; but fires no timeouts. */
    public void settle() {
        boolean more = true;
        while (more) {
            more = false;
            for (Work piece : state.work()) {
                if (!(piece instanceof Work.Fire) && state.isDue(piece)) {
                    state.run(piece);
                    more = true;
                }
            }
        }
    }

    /**
     * Opens and closes an AF_UNIX socket, which starts the collector if anything is in flight, and
     * settles; as often as that frees files. One that frees none is not the end, since the next may
     * judge otherwise: a walk leaves behind what later runs trust.
     */
    public void collectAll() {
        settle();
        int fruitless = 0;
        while (fruitless < FRUITLESS_RUNS) {
            int before = state.files.size();
            trigger();
            settle();
            fruitless = state.files.size() < before ? 0 : fruitless + 1;
        }
    }

    /** Releases an AF_UNIX socket that has nothing to do with any other: what starts the collector. */
    public void trigger() {
        state.releaseSocket(state.newSocket(SocketType.DGRAM), false);
        state.runTaskWork();
    }

    private Outcome dispatch(Task task, Syscall call) {
        return switch (call) {
            case Syscall.Dup c -> onFile(task, c.fd(), file -> processes.dup(task, file));
            case Syscall.Close c -> processes.close(task, c.fd());
            case Syscall.SetCloseOnExec c -> processes.closeOnExec(task, c.fd(), c.on());
            case Syscall.Fork _ -> processes.fork(task);
            case Syscall.Exec _ -> processes.exec(task);
            case Syscall.Exit _ -> processes.exit(task);
            case Syscall.SetLimit c -> {
                task.descriptorLimit = c.descriptors();
                yield Outcome.Done.of();
            }
            case Syscall.SetUser c -> {
                task.user = state.user(c.uid());
                task.capable = c.capable();
                yield Outcome.Done.of();
            }
            case Syscall.Map c -> onFile(task, c.fd(), file -> processes.map(task, file));
            case Syscall.Unmap c -> processes.unmap(task, c.mapping());
            case Syscall.Open _ -> processes.open(task);
            case Syscall.Pipe _ -> processes.pipe(task);
            case Syscall.Write c ->
                    onFile(task, c.fd(), file -> processes.write(task, file, c.bytes()));
            case Syscall.Read c ->
                    onFile(task, c.fd(), file -> processes.read(task, file, c.bytes()));
            case Syscall.Socket c -> state.socketCalls.socket(task, c.type());
            case Syscall.SocketPair c -> state.socketCalls.socketPair(task, c.type());
            case Syscall.Bind c ->
                    onSocket(task, c.fd(), s -> state.socketCalls.bind(s, c.address()));
            case Syscall.Listen c ->
                    onSocket(task, c.fd(), s -> state.socketCalls.listen(s, c.backlog()));
            case Syscall.Connect c ->
                    onSocket(
                            task,
                            c.fd(),
                            s -> state.socketCalls.connect(s, c.address(), c.split()));
            case Syscall.Accept c -> onSocket(task, c.fd(), s -> state.socketCalls.accept(task, s));
            case Syscall.Send c -> onSocket(task, c.fd(), s -> state.socketCalls.send(task, s, c));
            case Syscall.Receive c ->
                    onSocket(task, c.fd(), s -> state.socketCalls.receive(task, s, c));
            case Syscall.Shutdown c ->
                    onSocket(task, c.fd(), s -> state.socketCalls.shutdown(s, c.read(), c.write()));
            case Syscall.SetupRing _ -> state.ringCalls.setup(task);
            case Syscall.RegisterFiles c ->
                    onRing(task, c.ring(), r -> state.ringCalls.registerFiles(task, r, c.fds()));
            case Syscall.UpdateFiles c ->
                    onRing(
                            task,
                            c.ring(),
                            r -> state.ringCalls.updateFiles(task, r, c.offset(), c.fds()));
            case Syscall.UnregisterFiles c ->
                    onRing(task, c.ring(), state.ringCalls::unregisterFiles);
            case Syscall.RegisterRing c ->
                    onRing(task, c.ring(), r -> state.ringCalls.registerRing(task, r.file()));
            case Syscall.UnregisterRing c -> state.ringCalls.unregisterRing(task, c.index());
            case Syscall.Submit c ->
                    onRing(task, c.ring(), r -> state.ringCalls.submit(task, r, c.request()));
            case Syscall.Reap c -> onRing(task, c.ring(), state.ringCalls::reap);
        };
    }

    private static Outcome onFile(Task task, int fd, Function<OpenFile, Outcome> then) {
        OpenFile file = task.descriptors.get(fd);
        return file == null ? new Refused(Errno.EBADF) : then.apply(file);
    }

    private static Outcome onSocket(Task task, int fd, Function<UnixSocket, Outcome> then) {
        return onFile(
                task,
                fd,
                file -> {
                    UnixSocket socket = file.socket();
                    return socket == null ? new Refused(Errno.ENOTSOCK) : then.apply(socket);
                });
    }

    private static Outcome onRing(Task task, int fd, Function<Ring, Outcome> then) {
        return onFile(
                task,
                fd,
                file -> {
                    Ring ring = file.ring();
                    return ring == null ? new Refused(Errno.EOPNOTSUPP) : then.apply(ring);
                });
    }
}
