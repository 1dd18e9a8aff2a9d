package dev.ringwatch.core.kernel;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A set of rules that a kernel has had, or that was proposed for it. The rules are independent of
 * each other, since stable kernels took some of them back without the rest: a running kernel's era
 * is found by probing, never by its version.
 *
 * @param name how it is asked for
 * @param about one sentence: when, and what is special
 * @param collector which collector finds garbage
 * @param run when the collector runs and who does the work
 * @param indices how members of a component get the index by which it is judged
 * @param repairs which later repairs of the collector it has
 * @param table what a ring's file table is to the collector
 * @param sendRing what happens to a ring that is sent over a socket
 * @param slots how a file leaves a slot that a request uses
 * @param lookup when a request's descriptor becomes a file
 * @param requests what a request on a descriptor that is not registered holds
 * @param details small things of no consequence for who holds what, by which kernels differ
 */
public record KernelEra(
        String name,
        String about,
        Collector collector,
        Run run,
        Indices indices,
        Set<Repair> repairs,
        Table table,
        SendRing sendRing,
        Slots slots,
        Lookup lookup,
        Requests requests,
        Set<Detail> details) {

    /** Copies the sets; rings in flight go with the classic collector only. */
    public KernelEra {
        repairs = Set.copyOf(repairs);
        details = Set.copyOf(details);
        boolean marksRings = table.ringHasSocket() || requests == Requests.IN_FLIGHT;
        if (marksRings && collector == Collector.COMPONENTS) {
            throw new IllegalArgumentException(
                    "no ring has been in flight since the collector of components came");
        }
    }

    /** A repair of the collector, by what was wrong without it. */
    public enum Repair {
        /** A connection under way was seen by one of the collector's scans and not by the next. */
        CONNECT("CVE-2024-26923"),
        /** {@code MSG_PEEK} took a socket that the collector had judged already. */
        PEEK("CVE-2021-0920 and CVE-2026-23394"),
        /** A socket newly in flight had a component index that memory happened to hold. */
        FRESH_INDICES("CVE-2025-40214");

        private final String known;

        Repair(String known) {
            this.known = known;
        }

        /** Under which numbers the lack of it is known. */
        public String knownAs() {
            return known;
        }
    }

    /** Which collector finds garbage. */
    public enum Collector {
        /** Candidates, subtract, restore: {@code unix_gc} up to 6.9. */
        CANDIDATES,
        /** Components of the graph of sockets in flight: since 6.10. */
        COMPONENTS
    }

    /** When the collector runs, and in whose time. */
    public enum Run {
        /** In every release of an AF_UNIX socket, by who closes it; senders wait for it. */
        INLINE,
        /** In a kernel worker that every release queues. */
        WORKER,
        /** In a kernel worker, which a release queues only if the graph may have a cycle: 6.19. */
        WORKER_IF_CYCLIC
    }

    /** Where the component index comes from that {@code unix_vertex_dead} compares. */
    public enum Indices {
        /** Each member keeps its low link: what every kernel has done. */
        LOW_LINKS,
        /** Every member gets the root's while the component is judged: the tempting repair. */
        ASSIGNED_WHILE_JUDGING,
        /** Every member gets the root's before the component is judged: the right repair. */
        ASSIGNED_BEFORE_JUDGING
    }

    /** What the files in a ring's table are to the collector. */
    public enum Table {
        /** Ordinary references, which it cannot see. */
        PINS,
        /** The same; and the ring's own socket counts as in flight from its creation. */
        PINS_RING_IN_FLIGHT,
        /** A packet on the ring's own socket: 5.1. */
        PACKET,
        /** The same, but the collector puts the packets of a ring back: repair of CVE-2022-2602. */
        PACKET_KEPT;

        /** Whether a ring has a socket of its own. */
        boolean ringHasSocket() {
            return this != PINS;
        }

        /** Whether files in tables are in flight. */
        boolean packets() {
            return this == PACKET || this == PACKET_KEPT;
        }
    }

    /** Whether a ring may be in flight. */
    public enum SendRing {
        /** It is a file like others. */
        ALLOWED,
        /** {@code EINVAL}: since 6.7 and in the stable kernels of January 2024. */
        REFUSED
    }

    /** How a file leaves a slot that a request still uses. */
    public enum Slots {
        /** Behind all slots that were emptied before it and are in use: up to 6.12. */
        IN_ORDER,
        /** When its own last request ends: since 6.13. */
        EACH
    }

    /** When the descriptor of a request becomes a file. */
    public enum Lookup {
        /** When it is submitted: up to 5.17. */
        AT_SUBMISSION,
        /** A descriptor when it is submitted, a slot when it is issued: 6.1 and its stable kernels. */
        DESCRIPTOR_AT_SUBMISSION,
        /** When it is issued: one that waits behind another holds nothing yet. */
        AT_ISSUE
    }

    /** What a request on a descriptor that is not registered holds after the call returned. */
    public enum Requests {
        /** A reference to the file, until it completes. */
        HOLD,
        /** Nothing: on sockets and rings it runs inside the call, or fails where it would wait. */
        INLINE,
        /** A reference; but a ring as target is refused with {@code EBADF}. */
        REFUSE_RINGS,
        /** A packet, marked in flight, on the ring's own socket. */
        IN_FLIGHT
    }

    /** Something small that newer kernels do and older ones do otherwise. */
    public enum Detail {
        /** A datagram is refused for what is wrong with its socket before it is for want of a peer. */
        PEER_LOOKED_UP_LAST("a datagram's peer is looked up last"),
        /** A read of no bytes that finds nothing but the out-of-band mark gives 0, and no error. */
        EMPTY_READ_ENDS("an empty read ends at the out-of-band mark"),
        /** Requests that were woken go on in the order in which they were woken: not in 6.1. */
        WOKEN_IN_ORDER("requests go on in the order in which they were woken"),
        /** A read goes on behind a byte that was read out of band; in 6.1 it ends there. */
        READ_BEHIND_URGENT("a read goes on behind a byte that was read out of band");

        private final String words;

        Detail(String words) {
            this.words = words;
        }

        /** In a few words. */
        public String words() {
            return words;
        }
    }

    private static final KernelEra CURRENT =
            new KernelEra(
                    "current",
                    "6.18: components, rings refused, counted slots, every repair so far.",
                    Collector.COMPONENTS,
                    Run.WORKER,
                    Indices.LOW_LINKS,
                    Set.of(Repair.values()),
                    Table.PINS,
                    SendRing.REFUSED,
                    Slots.EACH,
                    Lookup.AT_ISSUE,
                    Requests.HOLD,
                    Set.of(
                            Detail.PEER_LOOKED_UP_LAST,
                            Detail.WOKEN_IN_ORDER,
                            Detail.READ_BEHIND_URGENT));

    private static final KernelEra PACKET =
            new KernelEra(
                    "packet",
                    "5.1, the merged answer: the table is a packet on the ring's own socket.",
                    Collector.CANDIDATES,
                    Run.INLINE,
                    Indices.LOW_LINKS,
                    Set.of(),
                    Table.PACKET,
                    SendRing.ALLOWED,
                    Slots.IN_ORDER,
                    Lookup.AT_SUBMISSION,
                    Requests.HOLD,
                    Set.of());

    private static final List<KernelEra> PRESETS =
            List.of(
                    PACKET.with(Table.PINS)
                            .named(
                                    "naive-pin",
                                    "The first proposal of 2019: registering simply holds"
                                            + " references."),
                    PACKET.with(Table.PINS_RING_IN_FLIGHT)
                            .named(
                                    "inflight-at-setup",
                                    "The second proposal: the ring's own socket is marked in"
                                            + " flight when the ring is made."),
                    PACKET,
                    PACKET.with(Requests.INLINE)
                            .named(
                                    "packet-inline",
                                    "The seed's way out: never punt a request on what could form"
                                            + " a loop."),
                    PACKET.with(Requests.REFUSE_RINGS)
                            .named(
                                    "packet-refuse-rings",
                                    "A policy tried here: a ring is refused as a request's"
                                            + " target."),
                    PACKET.with(Requests.IN_FLIGHT)
                            .named(
                                    "packet-requests",
                                    "A policy tried here: a request's file, too, is in a packet"
                                            + " marked in flight."),
                    PACKET.with(Table.PACKET_KEPT)
                            .with(Lookup.AT_ISSUE)
                            .named(
                                    "packet-kept",
                                    "October 2022: the collector puts the packets of a ring"
                                            + " back."),
                    PACKET.with(Table.PINS)
                            .with(SendRing.REFUSED)
                            .with(Lookup.AT_ISSUE)
                            .with(Set.of(Repair.PEEK))
                            .named(
                                    "rings-refused",
                                    "December 2023 (6.7): a ring can no longer be sent; the"
                                            + " classic collector, inside close."),
                    PACKET.with(Table.PINS)
                            .with(SendRing.REFUSED)
                            .with(Lookup.AT_ISSUE)
                            .with(Run.WORKER)
                            .with(Set.of(Repair.CONNECT, Repair.PEEK))
                            .named(
                                    "classic-worker",
                                    "6.9: the classic collector in a kernel worker."),
                    CURRENT.with(Slots.IN_ORDER)
                            .withDetails(Set.of())
                            .with(Set.of(Repair.CONNECT))
                            .named(
                                    "scc-2024",
                                    "6.10 as merged: components, without the later repairs."),
                    CURRENT.with(Slots.IN_ORDER)
                            .withDetails(Set.of())
                            .with(Set.of(Repair.CONNECT, Repair.FRESH_INDICES))
                            .named(
                                    "scc-fresh-indices",
                                    "The repair of CVE-2025-40214, before that of"
                                            + " CVE-2026-23394."),
                    CURRENT.with(Slots.IN_ORDER)
                            .withDetails(
                                    Set.of(
                                            Detail.EMPTY_READ_ENDS,
                                            Detail.WOKEN_IN_ORDER,
                                            Detail.READ_BEHIND_URGENT))
                            .named(
                                    "scc-6.12",
                                    "The long-term kernels 6.1.192 and 6.12.117: both repairs,"
                                            + " slots released in order."),
                    CURRENT,
                    CURRENT.with(Run.WORKER_IF_CYCLIC)
                            .named("scc-6.19", "6.19: the worker is queued only for a cycle."),
                    CURRENT.with(Indices.ASSIGNED_BEFORE_JUDGING)
                            .named(
                                    "scc-repaired",
                                    "Ours: every member of a component has the component's"
                                            + " index."),
                    CURRENT.with(Indices.ASSIGNED_WHILE_JUDGING)
                            .named(
                                    "scc-wrong-repair",
                                    "The tempting wrong repair: the index is assigned while the"
                                            + " component is judged."));

    /** All presets, oldest first. */
    public static List<KernelEra> presets() {
        return PRESETS;
    }

    /** The preset of that name. */
    public static Optional<KernelEra> named(String name) {
        return PRESETS.stream().filter(era -> era.name.equals(name)).findFirst();
    }

    /** The rules of 6.18. */
    public static KernelEra current() {
        return CURRENT;
    }

    /** The same rules under another name. */
    public KernelEra named(String newName, String newAbout) {
        return new KernelEra(
                newName, newAbout, collector, run, indices, repairs, table, sendRing, slots, lookup,
                requests, details);
    }

    /** With another collector. */
    public KernelEra with(Collector other) {
        return new KernelEra(
                name, about, other, run, indices, repairs, table, sendRing, slots, lookup, requests,
                details);
    }

    /** With the collector run otherwise. */
    public KernelEra with(Run other) {
        return new KernelEra(
                name, about, collector, other, indices, repairs, table, sendRing, slots, lookup,
                requests, details);
    }

    /** With indices made otherwise. */
    public KernelEra with(Indices other) {
        return new KernelEra(
                name, about, collector, run, other, repairs, table, sendRing, slots, lookup,
                requests, details);
    }

    /** With another table. */
    public KernelEra with(Table other) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, other, sendRing, slots, lookup,
                requests, details);
    }

    /** With another rule for rings that are sent. */
    public KernelEra with(SendRing other) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, table, other, slots, lookup,
                requests, details);
    }

    /** With slots released otherwise. */
    public KernelEra with(Slots other) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, table, sendRing, other, lookup,
                requests, details);
    }

    /** With descriptors of requests looked up at another time. */
    public KernelEra with(Lookup other) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, table, sendRing, slots, other,
                requests, details);
    }

    /** With another policy for requests on descriptors that are not registered. */
    public KernelEra with(Requests other) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, table, sendRing, slots, lookup,
                other, details);
    }

    /** With these repairs and no others. */
    public KernelEra with(Set<Repair> others) {
        return new KernelEra(
                name, about, collector, run, indices, others, table, sendRing, slots, lookup,
                requests, details);
    }

    /** With these details and no others. */
    public KernelEra withDetails(Set<Detail> others) {
        return new KernelEra(
                name, about, collector, run, indices, repairs, table, sendRing, slots, lookup,
                requests, others);
    }

    boolean has(Detail detail) {
        return details.contains(detail);
    }

    boolean has(Repair repair) {
        return repairs.contains(repair);
    }

    boolean ringsCanBeInFlight() {
        return table.ringHasSocket() && sendRing == SendRing.ALLOWED;
    }
}
