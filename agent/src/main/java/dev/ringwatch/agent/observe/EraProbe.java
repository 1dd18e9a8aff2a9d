package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.KernelTypes;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Collector;
import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.Lookup;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.KernelEra.Requests;
import dev.ringwatch.core.kernel.KernelEra.Run;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Slots;
import dev.ringwatch.core.kernel.KernelEra.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which rules the running kernel has: by trying, and by what its type information says, never by its
 * version, since stable kernels took some changes back without the others.
 *
 * <p>What cannot be found out stays unknown and is said to be; in the era the rule of {@link
 * KernelEra#current()} stands in for it.
 *
 * @param era all rules together
 * @param rules each rule and how it was found
 */
public record EraProbe(KernelEra era, List<Rule> rules) {
    /** Copies the list. */
    public EraProbe {
        rules = List.copyOf(rules);
    }

    /** How a rule was found. */
    public enum How {
        /** It was tried. */
        TRIED("tried"),
        /** The kernel's type information has what only such a kernel has. */
        TYPES("from the kernel's types"),
        /** It is unknown, and the newest rule is taken. */
        UNKNOWN("unknown, taken to be so");

        private final String words;

        How(String words) {
            this.words = words;
        }

        /** In words. */
        public String words() {
            return words;
        }
    }

    /**
     * A rule of the kernel.
     *
     * @param name what it is about
     * @param what how it is here
     * @param how how that was found
     */
    public record Rule(String name, String what, How how) {}

    /**
     * Finds the rules. Opens and closes a few sockets and rings; for a platform thread.
     *
     * @throws IOException if a socket or a ring that was opened does not do what all kernels do
     */
    public static EraProbe probe() throws IOException {
        Finder finder = new Finder(types());
        finder.find();
        return new EraProbe(
                finder.era.named("running", "What this kernel was found to do."), finder.rules);
    }

    private static Optional<KernelTypes> types() {
        try {
            return Optional.of(KernelTypes.read());
        } catch (IOException e) {
            return Optional.empty(); // a kernel without: what rests on it stays unknown
        }
    }

    private static final class Finder {
        private final Optional<KernelTypes> types;
        private final List<Rule> rules = new ArrayList<>();
        private KernelEra era = KernelEra.current();

        Finder(Optional<KernelTypes> types) {
            this.types = types;
        }

        void find() throws IOException {
            RuleTrials trials = RuleTrials.run();
            sendingRings(trials.sendRing());
            ringInRing(trials.ringInRing());
            table(trials.sendRing());
            slots(trials.slots());
            lookup(trials.lookup());
            requests(trials.requestsHold());
            Optional<Collector> collector = collector();
            run(collector);
            repairs(collector);
            add(
                    "indices of a component",
                    "low links, by which it may miss garbage",
                    How.UNKNOWN); // the only trial would leave sockets behind for good
            details(trials.details());
        }

        private void add(String name, String what, How how) {
            rules.add(new Rule(name, what, how));
        }

        private void sendingRings(Optional<SendRing> found) {
            era = era.with(found.orElse(era.sendRing()));
            add(
                    "sending a ring",
                    switch (era.sendRing()) {
                        case ALLOWED -> "allowed: rings and sockets can hold each other";
                        case REFUSED -> "refused: rings cannot be in flight";
                    },
                    tried(found));
        }

        private void ringInRing(Optional<Boolean> allowed) {
            add(
                    "a ring in a ring's table",
                    allowed.orElse(false) ? "allowed" : "refused",
                    tried(allowed));
        }

        private static How tried(Optional<?> found) {
            return found.isPresent() ? How.TRIED : How.UNKNOWN;
        }

        /** Whether rings have sockets of their own, as which the collector sees them. */
        private void table(Optional<SendRing> sending) {
            boolean pins =
                    types.isPresent()
                            && types.get().hasStructure("io_ring_ctx")
                            && !types.get().hasMember("io_ring_ctx", "ring_sock");
            boolean refused = sending.equals(Optional.of(SendRing.REFUSED));
            How how = pins ? How.TYPES : refused ? How.TRIED : How.UNKNOWN;
            era = era.with(Table.PINS);
            add("files in a ring's table", "are references that no collector sees", how);
        }

        private void slots(Optional<Slots> found) {
            era = era.with(found.orElse(era.slots()));
            add(
                    "emptied slots",
                    switch (era.slots()) {
                        case EACH -> "let go when their own last request ends";
                        case IN_ORDER -> "wait for all slots emptied before that are in use";
                    },
                    tried(found));
        }

        private void lookup(Optional<Lookup> found) {
            era = era.with(found.orElse(era.lookup()));
            add(
                    "a request's descriptor",
                    switch (era.lookup()) {
                        case AT_ISSUE -> "looked up when the request is issued";
                        case AT_SUBMISSION, DESCRIPTOR_AT_SUBMISSION ->
                                "looked up when the request is submitted";
                    },
                    tried(found));
        }

        private void requests(Optional<Boolean> hold) {
            boolean known = hold.orElse(false);
            era = era.with(Requests.HOLD);
            add("a request that waits", "holds its file", known ? How.TRIED : How.UNKNOWN);
        }

        private Optional<Collector> collector() {
            Optional<Collector> found = types.flatMap(Finder::collectorOf);
            era = era.with(found.orElse(era.collector()));
            add(
                    "collector",
                    switch (era.collector()) {
                        case CANDIDATES -> "candidates, the classic one";
                        case COMPONENTS -> "components";
                    },
                    found.isPresent() ? How.TYPES : How.UNKNOWN);
            return found;
        }

        private static Optional<Collector> collectorOf(KernelTypes types) {
            if (types.hasMember("unix_sock", "vertex")) {
                return Optional.of(Collector.COMPONENTS);
            }
            return types.hasMember("unix_sock", "inflight")
                    ? Optional.of(Collector.CANDIDATES)
                    : Optional.empty();
        }

        private void run(Optional<Collector> collector) {
            Optional<Run> found = collector.flatMap(c -> types.flatMap(t -> runOf(t, c)));
            era = era.with(found.orElse(era.run()));
            add(
                    "collection",
                    switch (era.run()) {
                        case INLINE -> "in every close of an AF_UNIX socket, by who closes it";
                        case WORKER -> "by a worker that every close of an AF_UNIX socket starts";
                        case WORKER_IF_CYCLIC -> "by a worker that closes start if a cycle may be";
                    },
                    found.isPresent() ? How.TYPES : How.UNKNOWN);
        }

        private static Optional<Run> runOf(KernelTypes types, Collector collector) {
            if (types.hasFunction("unix_schedule_gc")) {
                return Optional.of(Run.WORKER_IF_CYCLIC);
            }
            if (types.hasFunction("__unix_gc")) {
                return Optional.of(Run.WORKER);
            }
            return collector == Collector.CANDIDATES && types.hasFunction("unix_gc")
                    ? Optional.of(Run.INLINE)
                    : Optional.empty();
        }

        private void repairs(Optional<Collector> collector) {
            Set<Repair> repairs = EnumSet.allOf(Repair.class);
            boolean components = collector.equals(Optional.of(Collector.COMPONENTS));
            boolean peek = types.isPresent() && types.get().hasFunction("unix_peek_fpl");
            boolean decided = components && types.isPresent();
            if (decided && !peek) {
                repairs.remove(Repair.PEEK);
            }
            era = era.with(repairs);
            // The collector of components came with that repair.
            repair(repairs, Repair.CONNECT, components ? How.TYPES : How.UNKNOWN);
            repair(repairs, Repair.PEEK, decided ? How.TYPES : How.UNKNOWN);
            repair(repairs, Repair.FRESH_INDICES, How.UNKNOWN);
        }

        private void repair(Set<Repair> repairs, Repair repair, How how) {
            add("repair of " + repair.knownAs(), repairs.contains(repair) ? "there" : "not", how);
        }

        private void details(Set<Detail> details) {
            era = era.withDetails(details);
            for (Detail detail : Detail.values()) {
                add(detail.words(), details.contains(detail) ? "yes" : "no", How.TRIED);
            }
        }
    }
}
