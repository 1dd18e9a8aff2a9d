package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Syscall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes programs in the language that {@link ScenarioParser} reads. A step that the language has no
 * words for, since no program of use has such (a call on a handle that nothing was bound to), becomes
 * a comment: it does nothing where it is played either.
 */
public final class ScenarioText {
    private static final Pattern PLAIN_ADDRESS = Pattern.compile("[A-Za-z0-9_]+");

    private static final int MOST = 1_000_000;

    private final Map<Integer, String> names = new HashMap<>();

    private ScenarioText() {}

    /** A program as a text, a line for each step. */
    public static String of(List<Step> steps) {
        ScenarioText writer = new ScenarioText();
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            text.append(writer.line(step)).append('\n');
        }
        return text.toString();
    }

    /** A handle is named that no step bound, or a number is written that no kernel takes. */
    private static final class Inexpressible extends RuntimeException {
        private static final long serialVersionUID = 1;

        Inexpressible(String what) {
            super(what, null, false, false);
        }
    }

    private String line(Step step) {
        try {
            return written(step);
        } catch (Inexpressible e) {
            return "# left out, " + e.getMessage() + ": " + step.toString().replace('\n', ' ');
        }
    }

    private String written(Step step) {
        return switch (step) {
            case Step.Call(Syscall call, List<Integer> results) -> call(call, results);
            case Step.Settle() -> "settle";
            case Step.Trigger() -> "trigger";
            case Step.Interleave() -> "interleave";
            case Step.Collect(int steps) ->
                    steps == Integer.MAX_VALUE ? "collect" : "collect " + number(steps);
            case Step.Fire(int process, int ring, int request) ->
                    "%sfire %s of %s".formatted(prefix(process), name(request), name(ring));
            case Step.Do(Step.Do.Kind kind) -> EraCondition.word(kind);
        };
    }

    private String call(Syscall call, List<Integer> results) {
        String prefix = prefix(call.pid());
        String words = words(call);
        return prefix + bound(call, results) + words;
    }

    private String prefix(int process) {
        return process == Step.FIRST_PROCESS ? "" : name(process) + ": ";
    }

    private String name(int handle) {
        String name = names.get(handle);
        if (name == null) {
            throw new Inexpressible("nothing is named " + handle);
        }
        return name;
    }

    private String bound(Syscall call, List<Integer> results) {
        String kinds = kinds(call);
        List<String> bound = new ArrayList<>();
        for (int i = 0; i < results.size() && !kinds.isEmpty(); i++) {
            char kind = kinds.charAt(Math.min(i, kinds.length() - 1));
            int handle = results.get(i);
            bound.add(names.computeIfAbsent(handle, h -> String.valueOf(kind) + h));
        }
        return bound.isEmpty() ? "" : String.join(", ", bound) + " = ";
    }

    /** With what letters the names begin of what a call gives. */
    private static String kinds(Syscall call) {
        return switch (call) {
            case Syscall.Dup _ -> "d";
            case Syscall.Fork _ -> "P";
            case Syscall.Map _ -> "m";
            case Syscall.Open _ -> "f";
            case Syscall.Pipe _ -> "rw";
            case Syscall.Socket _, Syscall.SocketPair _ -> "s";
            case Syscall.Accept _ -> "c";
            case Syscall.Receive _ -> "x";
            case Syscall.SetupRing _ -> "R";
            case Syscall.RegisterRing _ -> "i";
            case Syscall.Submit _ -> "q";
            case Syscall.Close _,
                    Syscall.SetCloseOnExec _,
                    Syscall.Exec _,
                    Syscall.Exit _,
                    Syscall.SetLimit _,
                    Syscall.SetUser _,
                    Syscall.Unmap _,
                    Syscall.Write _,
                    Syscall.Read _,
                    Syscall.Bind _,
                    Syscall.Listen _,
                    Syscall.Connect _,
                    Syscall.Send _,
                    Syscall.Shutdown _,
                    Syscall.RegisterFiles _,
                    Syscall.UpdateFiles _,
                    Syscall.UnregisterFiles _,
                    Syscall.UnregisterRing _,
                    Syscall.Reap _ ->
                    "";
        };
    }

    private String words(Syscall call) {
        return switch (call) {
            case Syscall.Dup c -> "dup " + name(c.fd());
            case Syscall.Close c -> "close " + name(c.fd());
            case Syscall.SetCloseOnExec c ->
                    "close-on-exec " + name(c.fd()) + (c.on() ? "" : " off");
            case Syscall.Fork _ -> "fork";
            case Syscall.Exec _ -> "exec";
            case Syscall.Exit _ -> "exit";
            case Syscall.SetLimit c -> "limit " + number(c.descriptors());
            case Syscall.SetUser c -> "user " + number(c.uid()) + (c.capable() ? " capable" : "");
            case Syscall.Map c -> "map " + name(c.fd());
            case Syscall.Unmap c -> "unmap " + name(c.mapping());
            case Syscall.Open _ -> "open";
            case Syscall.Pipe _ -> "pipe";
            case Syscall.Write c -> "write " + name(c.fd()) + bytes(c.bytes());
            case Syscall.Read c -> "read " + name(c.fd()) + bytes(c.bytes());
            case Syscall.Socket c -> "socket " + EraCondition.word(c.type());
            case Syscall.SocketPair c -> "socketpair " + EraCondition.word(c.type());
            case Syscall.Bind c -> "bind " + name(c.fd()) + " " + address(c.address());
            case Syscall.Listen c -> "listen " + name(c.fd()) + " backlog " + number(c.backlog());
            case Syscall.Connect c ->
                    "connect "
                            + name(c.fd())
                            + " "
                            + address(c.address())
                            + (c.split() ? " split" : "");
            case Syscall.Accept c -> "accept " + name(c.fd());
            case Syscall.Send c -> send(c);
            case Syscall.Receive c -> receive(c);
            case Syscall.Shutdown c -> "shutdown " + name(c.fd()) + " " + how(c);
            case Syscall.SetupRing _ -> "ring";
            case Syscall.RegisterFiles c -> "register " + name(c.ring()) + slots(c.fds());
            case Syscall.UpdateFiles c ->
                    "update %s at %d with%s"
                            .formatted(name(c.ring()), number(c.offset()), slots(c.fds()));
            case Syscall.UnregisterFiles c -> "unregister " + name(c.ring());
            case Syscall.RegisterRing c -> "register-ring " + name(c.ring());
            case Syscall.UnregisterRing c -> "unregister-ring " + name(c.index());
            case Syscall.Submit c -> "submit " + name(c.ring()) + " " + request(c.request());
            case Syscall.Reap c -> "reap " + name(c.ring());
        };
    }

    private static int number(int value) {
        if (value < 0 || value > MOST) {
            throw new Inexpressible("a number that is not from 0 to " + MOST);
        }
        return value;
    }

    private static String bytes(int count) {
        return count == 1 ? "" : " bytes " + number(count);
    }

    private static String address(String address) {
        return PLAIN_ADDRESS.matcher(address).matches()
                ? address
                : "\"" + address.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private String send(Syscall.Send call) {
        StringBuilder words = new StringBuilder("send ");
        call.fds().forEach(fd -> words.append(name(fd)).append(' '));
        words.append("over ").append(name(call.fd())).append(bytes(call.bytes()));
        if (call.oob()) {
            words.append(" oob");
        }
        if (call.to() != null) {
            words.append(" to ").append(address(call.to()));
        }
        return words.toString();
    }

    private String receive(Syscall.Receive call) {
        return "receive "
                + name(call.fd())
                + (call.room() == Syscall.ALL ? "" : " room " + number(call.room()))
                + bytes(call.bytes())
                + (call.peek() ? " peek" : "")
                + (call.oob() ? " oob" : "");
    }

    private static String how(Syscall.Shutdown call) {
        if (!call.read() && !call.write()) {
            throw new Inexpressible("a shutdown of nothing");
        }
        return call.read() ? call.write() ? "both" : "read" : "write";
    }

    private String slots(List<Integer> fds) {
        if (fds.isEmpty()) {
            throw new Inexpressible("no slot");
        }
        StringBuilder words = new StringBuilder();
        for (int fd : fds) {
            words.append(' ')
                    .append(
                            switch (fd) {
                                case Syscall.EMPTY -> "_";
                                case Syscall.SKIP -> "skip";
                                default -> name(fd);
                            });
        }
        return words.toString();
    }

    private String request(Request request) {
        return switch (request) {
            case Request.Nop() -> "nop";
            case Request.Poll(Target target) -> "poll " + target(target);
            case Request.PollHangUp(Target target) -> "poll " + target(target) + " hangup";
            case Request.Read(Target target) -> "read " + target(target);
            case Request.SocketDirect c -> "socket " + EraCondition.word(c.type()) + into(c.slot());
            case Request.OpenDirect(int slot) -> "open" + into(slot);
            case Request.AcceptDirect(Target target, int slot) ->
                    "accept " + target(target) + into(slot);
            case Request.CloseDirect(int slot) -> "close slot " + number(slot);
            case Request.Install(int slot) -> "install slot " + number(slot);
            case Request.SendFd(Target ring, int slot, int toSlot) ->
                    "send slot " + number(slot) + " to " + target(ring) + into(toSlot);
            case Request.Cancel(int id) -> "cancel " + name(id);
            case Request.AfterTimeout(Request then) -> "after timeout " + linked(then);
        };
    }

    private String linked(Request then) {
        if (then instanceof Request.AfterTimeout) {
            throw new Inexpressible("two timeouts before a request");
        }
        return request(then);
    }

    private String target(Target target) {
        return switch (target) {
            case Target.Fd(int fd) -> name(fd);
            case Target.Slot(int slot) -> "slot " + number(slot);
        };
    }

    private static String into(int slot) {
        return slot == Request.ANY_SLOT ? " into any" : " into slot " + number(slot);
    }
}
