package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.PendingRequest;
import dev.ringwatch.core.kernel.Reference;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.kernel.Vertex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A file that stays open although no process can reach it, with every chance to be collected.
 *
 * @param holders what holds it, each in a few words
 * @param cause why it is not collected
 * @param why the same in a sentence with names and numbers
 */
public record Leak(OpenFile file, List<String> holders, Cause cause, String why) {

    /** Copies the list. */
    public Leak {
        holders = List.copyOf(holders);
    }

    /** Why a file is not collected. */
    public enum Cause {
        /** It counts as in flight more often than it is. */
        COUNTED_TOO_HIGH,
        /** A ring's table or request holds it, and the collector takes that for a process. */
        UNSEEN_REFERENCE,
        /** A ring in flight for which no socket stands: it is no part of the collector's graph. */
        RING_IN_FLIGHT,
        /** A ring that a request holds. */
        HELD_BY_REQUEST,
        /** The members of its component have different indices, and indices are compared. */
        LOW_LINKS,
        /** It is held by others that leak, and only by them. */
        BEHIND_OTHERS
    }

    /** Everything that leaks now; to be asked when nothing more is collected. */
    static List<Leak> in(KernelState kernel) {
        Set<OpenFile> garbage = Oracle.garbage(kernel);
        Map<OpenFile, List<Reference>> holding = new LinkedHashMap<>();
        garbage.forEach(file -> holding.put(file, new ArrayList<>()));
        for (Reference reference : Reference.all(kernel)) {
            List<Reference> of = holding.get(reference.file());
            if (of != null) {
                of.add(reference);
            }
        }
        List<Leak> leaks = new ArrayList<>();
        holding.forEach((file, by) -> leaks.add(new Explainer(kernel, file, by).leak()));
        return leaks;
    }

    /** How a reference is told to people. */
    public static String words(Reference reference) {
        return switch (reference) {
            case Reference.Descriptor d ->
                    "descriptor %d of process %d".formatted(d.fd(), d.task().pid());
            case Reference.Mapping m -> "a mapping of process " + m.task().pid();
            case Reference.Registered r ->
                    "ring %d registered with process %d".formatted(r.index(), r.task().pid());
            case Reference.Queued q -> queued(q);
            case Reference.Slot s -> "slot %d of %s".formatted(s.slot(), s.ring());
            case Reference.Left l -> "a slot of %s, emptied and still in use".formatted(l.ring());
            case Reference.Requested r -> words(r.request());
        };
    }

    private static String queued(Reference.Queued q) {
        return q.owner() == q.receiver()
                ? "queued on " + q.owner()
                : "queued on a connection to %s that nobody accepted".formatted(q.owner());
    }

    private static String words(PendingRequest request) {
        return "request %d (%s) of %s"
                .formatted(request.id(), operation(request.operation()), request.ring());
    }

    private static String operation(Request operation) {
        return switch (operation) {
            case Request.Nop _ -> "nop";
            case Request.Poll _ -> "poll";
            case Request.PollHangUp _ -> "poll for the end";
            case Request.Read _ -> "read";
            case Request.SocketDirect _ -> "socket";
            case Request.OpenDirect _ -> "open";
            case Request.AcceptDirect _ -> "accept";
            case Request.CloseDirect _ -> "close";
            case Request.Install _ -> "install";
            case Request.SendFd _ -> "send";
            case Request.Cancel _ -> "cancel";
            case Request.AfterTimeout(Request then) -> operation(then) + " after a timeout";
        };
    }

    /** Finds out about one file. */
    private record Explainer(KernelState kernel, OpenFile file, List<Reference> holding) {
        Leak leak() {
            List<String> holders = holding.stream().map(Leak::words).toList();
            Cause cause = cause();
            return new Leak(file, holders, cause, why(cause));
        }

        private Cause cause() {
            if (countedTooHigh()) {
                return Cause.COUNTED_TOO_HIGH;
            }
            if (file.ring() != null) {
                return ringCause();
            }
            if (holding.stream().anyMatch(this::unseen)) {
                return Cause.UNSEEN_REFERENCE;
            }
            return lowLinksDiffer() ? Cause.LOW_LINKS : Cause.BEHIND_OTHERS;
        }

        private boolean countedTooHigh() {
            UnixSocket socket = kernel.socketOf(file);
            return socket != null && socket.inFlight() > followed();
        }

        private long followed() {
            return holding.stream().filter(Reference::followed).count();
        }

        private Cause ringCause() {
            if (holding.stream().anyMatch(r -> r instanceof Reference.Requested && unseen(r))) {
                return Cause.HELD_BY_REQUEST;
            }
            boolean stoodFor = kernel.socketOf(file) != null;
            boolean queued = holding.stream().anyMatch(r -> r instanceof Reference.Queued);
            return queued && !stoodFor ? Cause.RING_IN_FLIGHT : Cause.BEHIND_OTHERS;
        }

        /** A queue is no process, even where what lies in it is no part of the collector's graph. */
        private boolean unseen(Reference reference) {
            return !reference.followed() && !(reference instanceof Reference.Queued);
        }

        private Set<Vertex> component() {
            UnixSocket socket = file.socket();
            Vertex vertex = socket == null ? null : socket.vertex();
            return vertex == null ? Set.of() : new LinkedHashSet<>(vertex.component());
        }

        private boolean lowLinksDiffer() {
            return component().stream().map(Vertex::componentIndex).distinct().count() > 1
                    && kernel.era().collector() == KernelEra.Collector.COMPONENTS;
        }

        private String why(Cause cause) {
            return switch (cause) {
                case COUNTED_TOO_HIGH ->
                        "It counts as in flight %s and lies in packets %s: the counter was raised by"
                                        .formatted(times(inFlight()), times(followed()))
                                + " something that is no packet, and nothing can be said from it.";
                case UNSEEN_REFERENCE ->
                        ("It has %s, %s of them in flight; the collector does not follow %s, so it"
                                        + " looks as if a process had it open.")
                                .formatted(
                                        references(),
                                        inFlight() == 0 ? "none" : Integer.toString(inFlight()),
                                        unseenWords());
                case RING_IN_FLIGHT ->
                        "No socket stands for a ring that is in flight: the collector sees neither"
                                + " that it is in a queue nor what its table holds.";
                case HELD_BY_REQUEST ->
                        ("%s holds it and is cancelled only when the ring ends or the process does"
                                        + " that submitted it, and the collector does not follow it.")
                                .formatted(capital(unseenWords()));
                case LOW_LINKS ->
                        ("All members of its component are garbage, but their indices differ (%s),"
                                        + " and the collector takes a socket in a queue of another"
                                        + " index for alive.")
                                .formatted(indices());
                case BEHIND_OTHERS -> "Only what leaks itself holds it; it goes when that goes.";
            };
        }

        private int inFlight() {
            UnixSocket socket = kernel.socketOf(file);
            return socket == null ? 0 : socket.inFlight();
        }

        private String references() {
            return file.references() == 1 ? "1 reference" : file.references() + " references";
        }

        private static String times(long count) {
            return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
        }

        private String unseenWords() {
            return holding.stream()
                    .filter(this::unseen)
                    .map(Leak::words)
                    .distinct()
                    .collect(Collectors.joining(", "));
        }

        private static String capital(String text) {
            return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
        }

        private String indices() {
            return component().stream()
                    .map(v -> v.socket() + " " + v.componentIndex())
                    .collect(Collectors.joining(", "));
        }
    }
}
