package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.stacks.Frame;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.RequestNames;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What things of an observation are called for people. Every text that comes from a watched process
 * is cleaned: no control characters, no line breaks, bounded length.
 */
final class Names {
    private static final int MAX_NAME = 80;
    private static final int MAX_FUNCTION = 200;
    private static final int MAX_NOTE = 300;

    private final Observation observation;
    private final Groups groups;
    private final Map<Integer, SocketFacts> sockets = new HashMap<>();

    Names(Observation observation, Groups groups) {
        this.observation = observation;
        this.groups = groups;
        observation.sockets().forEach(s -> sockets.put(s.file(), s));
    }

    /** Our own name for a file: good for one observation. */
    static String id(int file) {
        return "file:" + file;
    }

    /** {@code nginx (pid 312)}. */
    String process(int pid) {
        ProcessFacts p = observation.processes().get(pid);
        return p == null ? "pid " + pid : clean(p.comm()) + " (pid " + pid + ")";
    }

    /** {@code io_uring ring of nginx (pid 312)}. */
    String file(int file) {
        FileFacts facts = observation.files().get(file);
        return switch (facts.kind()) {
            case RING -> "io_uring ring " + id(file) + owner(file);
            case UNIX_SOCKET -> socketKind(file) + " socket " + facts.inode() + bound(file);
            case SOCKET -> "network socket " + facts.inode();
            case OTHER -> other(facts, observation.graph().deleted(file));
        };
    }

    /** {@code slot 3 of io_uring ring file:7 of nginx (pid 312)}. */
    String holder(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot d -> "descriptor " + d.fd() + " of " + process(d.pid());
            case Holder.MemoryMapping m -> "a memory mapping of " + process(m.pid());
            case Holder.TaskRegistration t ->
                    "ring registration "
                            + t.slot()
                            + " of task "
                            + t.tid()
                            + " of "
                            + process(t.pid());
            case Holder.QueuedPacket q ->
                    "packet " + q.packet() + " in the queue of " + file(q.socket());
            case Holder.RingSlot s -> "slot " + s.slot() + " of " + file(s.ring());
            case Holder.PendingRequest r ->
                    "a pending " + RequestNames.of(r.opcode()) + " of " + file(r.ring());
        };
    }

    private String owner(int file) {
        OptionalInt pid = groups.process(file);
        return pid.isPresent() ? " of " + process(pid.getAsInt()) : "";
    }

    private String bound(int file) {
        SocketFacts socket = sockets.get(file);
        return socket == null ? "" : socket.name().map(n -> " (" + clean(n) + ")").orElse("");
    }

    private String socketKind(int file) {
        SocketFacts socket = sockets.get(file);
        return socket == null
                ? "AF_UNIX"
                : "AF_UNIX " + socket.type().name().toLowerCase(Locale.ROOT);
    }

    private static String other(FileFacts facts, boolean deleted) {
        String name = facts.name().isEmpty() ? "inode " + facts.inode() : clean(facts.name());
        return "file " + name + (deleted && !name.endsWith("(deleted)") ? " (deleted)" : "");
    }

    static String function(String name) {
        return clean(name, MAX_FUNCTION);
    }

    /** {@code accept_loop+0x1f (server)}; without a name {@code server+0x4f10}. */
    static String frame(Frame frame) {
        String offset =
                frame.offset().isPresent()
                        ? "+0x" + Long.toHexString(frame.offset().getAsLong())
                        : "";
        String module = clean(frame.module());
        return frame.function()
                .map(name -> function(name) + offset + " (" + module + ")")
                .orElse(module + offset);
    }

    static String clean(String text) {
        return clean(text, MAX_NAME);
    }

    /** A sentence of ours, in which something of a process may be quoted. */
    static String note(String text) {
        return clean(text, MAX_NOTE);
    }

    static String clean(String text, int most) {
        StringBuilder b = new StringBuilder();
        text.codePoints().limit(most).forEach(c -> b.appendCodePoint(isHarmless(c) ? c : '?'));
        return b.toString();
    }

    /** Neither moves the cursor nor turns the direction of writing nor hides. */
    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> c != 0xFFFD;
        };
    }
}
