package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Syscall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the handles of a program stand for where it is played. For one thread. */
public final class Handles {
    private final Map<Integer, Integer> values = new HashMap<>();

    /**
     * @param firstProcess the process that {@link Step#FIRST_PROCESS} is
     */
    public Handles(int firstProcess) {
        values.put(Step.FIRST_PROCESS, firstProcess);
    }

    /** Lets handles stand for values; what is not given stays unbound. */
    public void bind(List<Integer> handles, List<Integer> given) {
        for (int i = 0; i < Math.min(handles.size(), given.size()); i++) {
            values.put(handles.get(i), given.get(i));
        }
    }

    /** Whether the handle stands for something. */
    public boolean isBound(int handle) {
        return values.containsKey(handle);
    }

    /** What the handle stands for. */
    public int valueOf(int handle) {
        Integer value = values.get(handle);
        if (value == null) {
            throw new Unbound();
        }
        return value;
    }

    /** The same call with values in place of handles; empty if one of them is not bound. */
    public Optional<Syscall> resolve(Syscall call) {
        try {
            return Optional.of(resolved(call));
        } catch (Unbound e) {
            return Optional.empty();
        }
    }

    /** A handle that nothing was bound to: the step that would have was refused or left out. */
    private static final class Unbound extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unbound() {
            super("a handle is not bound", null, false, false);
        }
    }

    private int of(int handle) {
        return handle < 0 ? handle : valueOf(handle);
    }

    private List<Integer> of(List<Integer> handles) {
        List<Integer> resolved = new ArrayList<>(handles.size());
        for (int handle : handles) {
            resolved.add(of(handle));
        }
        return resolved;
    }

    private Syscall resolved(Syscall call) {
        int pid = of(call.pid());
        return switch (call) {
            case Syscall.Dup c -> new Syscall.Dup(pid, of(c.fd()));
            case Syscall.Close c -> new Syscall.Close(pid, of(c.fd()));
            case Syscall.SetCloseOnExec c -> new Syscall.SetCloseOnExec(pid, of(c.fd()), c.on());
            case Syscall.Fork _ -> new Syscall.Fork(pid);
            case Syscall.Exec _ -> new Syscall.Exec(pid);
            case Syscall.Exit _ -> new Syscall.Exit(pid);
            case Syscall.SetLimit c -> new Syscall.SetLimit(pid, c.descriptors());
            case Syscall.SetUser c -> new Syscall.SetUser(pid, c.uid(), c.capable());
            case Syscall.Map c -> new Syscall.Map(pid, of(c.fd()));
            case Syscall.Unmap c -> new Syscall.Unmap(pid, of(c.mapping()));
            case Syscall.Open _ -> new Syscall.Open(pid);
            case Syscall.Pipe _ -> new Syscall.Pipe(pid);
            case Syscall.Write c -> new Syscall.Write(pid, of(c.fd()), c.bytes());
            case Syscall.Read c -> new Syscall.Read(pid, of(c.fd()), c.bytes());
            case Syscall.Socket c -> new Syscall.Socket(pid, c.type());
            case Syscall.SocketPair c -> new Syscall.SocketPair(pid, c.type());
            case Syscall.Bind c -> new Syscall.Bind(pid, of(c.fd()), c.address());
            case Syscall.Listen c -> new Syscall.Listen(pid, of(c.fd()), c.backlog());
            case Syscall.Connect c -> new Syscall.Connect(pid, of(c.fd()), c.address(), c.split());
            case Syscall.Accept c -> new Syscall.Accept(pid, of(c.fd()));
            case Syscall.Send c ->
                    new Syscall.Send(pid, of(c.fd()), of(c.fds()), c.bytes(), c.oob(), c.to());
            case Syscall.Receive c ->
                    new Syscall.Receive(pid, of(c.fd()), c.room(), c.bytes(), c.peek(), c.oob());
            case Syscall.Shutdown c -> new Syscall.Shutdown(pid, of(c.fd()), c.read(), c.write());
            case Syscall.SetupRing _ -> new Syscall.SetupRing(pid);
            case Syscall.RegisterFiles c ->
                    new Syscall.RegisterFiles(pid, of(c.ring()), of(c.fds()));
            case Syscall.UpdateFiles c ->
                    new Syscall.UpdateFiles(pid, of(c.ring()), c.offset(), of(c.fds()));
            case Syscall.UnregisterFiles c -> new Syscall.UnregisterFiles(pid, of(c.ring()));
            case Syscall.RegisterRing c -> new Syscall.RegisterRing(pid, of(c.ring()));
            case Syscall.UnregisterRing c -> new Syscall.UnregisterRing(pid, of(c.index()));
            case Syscall.Submit c -> new Syscall.Submit(pid, of(c.ring()), of(c.request()));
            case Syscall.Reap c -> new Syscall.Reap(pid, of(c.ring()));
        };
    }

    private Request of(Request request) {
        return switch (request) {
            case Request.Nop _,
                    Request.SocketDirect _,
                    Request.OpenDirect _,
                    Request.CloseDirect _,
                    Request.Install _ ->
                    request;
            case Request.Poll(Target target) -> new Request.Poll(of(target));
            case Request.PollHangUp(Target target) -> new Request.PollHangUp(of(target));
            case Request.Read(Target target) -> new Request.Read(of(target));
            case Request.AcceptDirect(Target target, int slot) ->
                    new Request.AcceptDirect(of(target), slot);
            case Request.SendFd(Target ring, int slot, int toSlot) ->
                    new Request.SendFd(of(ring), slot, toSlot);
            case Request.Cancel(int id) -> new Request.Cancel(of(id));
            case Request.AfterTimeout(Request then) -> new Request.AfterTimeout(of(then));
        };
    }

    private Target of(Target target) {
        return switch (target) {
            case Target.Fd(int fd) -> new Target.Fd(of(fd));
            case Target.Slot _ -> target;
        };
    }
}
