package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.EventKind;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RequestFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One process of a simulated machine: some rings with files in their tables, a socket pair over
 * which it is sent descriptors, and counts that only grow. For one thread.
 */
final class SimulatedService {
    private static final int SLOTS = 64;

    /** Never so full that the table is a finding. */
    private static final int MOST_REGISTERED = 48;

    private static final int MOST_REQUESTS = 32;
    private static final int LIMIT = 1024;
    private static final int RECEIVE = 27;

    /** Files of a service have numbers of their own: identities in all observations. */
    private static final long NUMBERS = 1_000;

    private static final long SOCKET = 900;

    private final Random random;
    private final ProcessFacts process;
    private final long numbers;
    private final int[] registered;
    private final int[] requests;
    private final int[] submissions;
    private final int buffers;
    private final boolean receives;
    private final boolean stuck;
    private final boolean overflows;
    private final Map<EventKind, Long> counts = new EnumMap<>(EventKind.class);
    private int workers;
    private int queued;
    private int overflowEntries;
    private long packet;

    /**
     * @param number of the service on its machine
     * @param stuck whether it never receives what it was sent
     */
    SimulatedService(Random random, int number, ServiceName name, boolean stuck) {
        this.random = random;
        this.stuck = stuck;
        numbers = NUMBERS * (number + 1);
        int pid = 1_000 + number;
        process =
                new ProcessFacts(
                        pid,
                        name.comm(),
                        100,
                        pid,
                        name.cgroups(),
                        Optional.of(new ProcessFacts.Inflight(random.nextInt(8), LIMIT, false)),
                        Optional.empty());
        int rings = 1 + random.nextInt(4);
        registered = random.ints(rings, 4, MOST_REGISTERED).toArray();
        requests = random.ints(rings, 0, MOST_REQUESTS).toArray();
        submissions = random.ints(rings, 0, 1_000_000).toArray();
        buffers = random.nextInt(3) * 64;
        receives = stuck || random.nextInt(3) > 0;
        overflows = random.nextInt(6) == 0;
        counts.put(EventKind.RINGS_CREATED, (long) rings);
    }

    /** What a machine would do in a scrape's time. */
    void step() {
        for (int i = 0; i < registered.length; i++) {
            registered[i] = walk(registered[i], 3, MOST_REGISTERED);
            requests[i] = walk(requests[i], 8, MOST_REQUESTS);
            submissions[i] += 500 + random.nextInt(4_000);
        }
        workers = walk(workers, 1, 6);
        overflowEntries = overflows ? walk(overflowEntries, 4, 20) : 0;
        queued = stuck ? 3 : receives ? random.nextInt(4) : 0;
        packet += stuck ? 0 : 1;
        more(EventKind.IOWQ_PUNTS, random.nextInt(60));
        more(EventKind.CQ_OVERFLOWS, overflows ? random.nextInt(9) : 0);
        more(EventKind.COLLECTOR_RUNS_QUEUED, receives ? random.nextInt(3) : 0);
        more(EventKind.COLLECTOR_WAIT_NANOS, receives ? random.nextInt(40_000) : 0);
        int short_lived = random.nextInt(12) == 0 ? 1 : 0;
        more(EventKind.RINGS_CREATED, short_lived);
        more(EventKind.RINGS_RELEASED, short_lived);
    }

    private int walk(int value, int most, int limit) {
        return Math.clamp(value + random.nextInt(2 * most + 1) - most, 0, limit);
    }

    private void more(EventKind kind, long n) {
        if (n > 0) {
            counts.merge(kind, n, Long::sum);
        }
    }

    ProcessFacts process() {
        return process;
    }

    Activity.Actor actor() {
        return new Activity.Actor(process, false, counts);
    }

    /** Adds what would be seen of it. */
    void addTo(Sight sight) {
        sight.process(process, workers);
        for (int i = 0; i < registered.length; i++) {
            addRing(sight, i);
        }
        if (receives) {
            addSocket(sight);
        }
    }

    private void addRing(Sight sight, int i) {
        long number = numbers + i * 100L;
        int ring = sight.file(FileKind.RING, number, 1, own(3 + i));
        sight.ring(
                new RingFacts(
                        ring,
                        true,
                        OptionalInt.of(registered[i]),
                        OptionalInt.of(SLOTS),
                        OptionalInt.of(buffers),
                        OptionalLong.of(buffers * 4096L),
                        OptionalInt.of(requests[i]),
                        OptionalInt.of(overflowEntries),
                        OptionalInt.of(submissions[i]),
                        OptionalInt.of(128),
                        OptionalInt.of(256),
                        OptionalInt.empty(),
                        List.of(process.pid())));
        if (requests[i] > 0) {
            sight.request(new RequestFacts(ring, OptionalInt.empty(), RECEIVE, number));
        }
        for (int slot = 0; slot < registered[i]; slot++) {
            // Half of them are direct descriptors: in the table and nowhere else.
            boolean direct = slot % 2 == 0;
            int file =
                    direct
                            ? sight.file(FileKind.SOCKET, number + 1 + slot, 1)
                            : sight.file(FileKind.SOCKET, number + 1 + slot, 2, own(100 + slot));
            sight.slot(ring, file, slot);
        }
    }

    private void addSocket(Sight sight) {
        long number = numbers + SOCKET;
        int receiver = sight.file(FileKind.UNIX_SOCKET, number, 1, own(50));
        int sender = sight.file(FileKind.UNIX_SOCKET, number + 1, 1, own(51));
        sight.socket(connected(receiver, number, queued), packet);
        sight.socket(connected(sender, number + 1, 0), 0);
        sight.sent(sender, queued);
        for (int i = 0; i < queued; i++) {
            sight.queued(receiver, sight.file(FileKind.OTHER, number + 2 + i, 1), i);
        }
    }

    private static SocketFacts connected(int file, long inode, int queued) {
        return new SocketFacts(
                file,
                inode,
                SocketFacts.Type.STREAM,
                SocketFacts.State.CONNECTED,
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.of(queued),
                OptionalInt.of(queued),
                Optional.empty());
    }

    private Holder own(int fd) {
        return new Holder.DescriptorSlot(process.pid(), fd);
    }
}
