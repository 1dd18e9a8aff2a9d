package dev.ringwatch.agent.zoo;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;

/** One observation of the running machine, asked about what the zoo made. */
final class Look {
    /** Everything that was seen twice is a finding. */
    static final Thresholds NONE = Thresholds.all(Duration.ZERO);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Tracked tracked;
    private final Observation observation;
    private final ReferenceGraph graph;

    Look(Tracked tracked) {
        this.tracked = tracked;
        observation = tracked.observation();
        graph = observation.graph();
    }

    /** Looks twice, so that findings can be confirmed. */
    static Look twice(Observer observer) throws ObservationException {
        Tracker tracker = new Tracker(NONE);
        tracker.accept(observer.observe());
        return new Look(tracker.accept(observer.observe()));
    }

    /** Looks, twice each time, until something is so. */
    static Look until(Observer observer, String what, Predicate<Look> condition)
            throws ObservationException {
        long start = System.nanoTime();
        while (true) {
            Look look = twice(observer);
            if (condition.test(look)) {
                return look;
            }
            Assertions.assertTrue(
                    System.nanoTime() - start < PATIENCE.toNanos(),
                    () -> "never came true: " + what + "; " + look.observation.incomplete());
            LockSupport.parkNanos(TimeUnit.NANOSECONDS.convert(PAUSE));
        }
    }

    Observation observation() {
        return observation;
    }

    Tracked tracked() {
        return tracked;
    }

    ReferenceGraph graph() {
        return graph;
    }

    /** The sockets' facts, by number in sockfs; absent if it was not seen. */
    Optional<SocketFacts> findSocket(long inode) {
        return observation.sockets().stream().filter(s -> s.inode() == inode).findFirst();
    }

    SocketFacts socket(long inode) {
        return findSocket(inode).orElseThrow(() -> new AssertionError("no socket " + inode));
    }

    /** The only ring of a process. */
    RingFacts ring(ZooProcess zoo) {
        List<RingFacts> rings = rings(zoo);
        Assertions.assertEquals(1, rings.size(), () -> "rings of " + zoo);
        return rings.getFirst();
    }

    List<RingFacts> rings(ZooProcess zoo) {
        return observation.rings().stream().filter(r -> belongs(r.file(), zoo)).toList();
    }

    /** Every file that belongs to a process. */
    List<Integer> files(ZooProcess zoo) {
        return IntStream.range(0, graph.fileCount()).filter(f -> belongs(f, zoo)).boxed().toList();
    }

    /** Every AF_UNIX socket that belongs to a process. */
    List<SocketFacts> sockets(ZooProcess zoo) {
        return observation.sockets().stream().filter(s -> belongs(s.file(), zoo)).toList();
    }

    List<Finding> findings(ZooProcess zoo) {
        return tracked.findings().stream().filter(f -> belongs(f.files().getFirst(), zoo)).toList();
    }

    private boolean belongs(int file, ZooProcess zoo) {
        return tracked.groups().process(file).equals(OptionalInt.of(zoo.pid()));
    }

    /** Everything that holds a file, as text. */
    List<String> holders(int file) {
        return graph.holders(file).stream().map(this::text).sorted().toList();
    }

    private String text(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot d -> "descriptor of " + d.pid();
            case Holder.MemoryMapping m -> "mapping of " + m.pid();
            case Holder.TaskRegistration t -> "registration of task " + t.tid() + " of " + t.pid();
            case Holder.QueuedPacket q ->
                    "packet " + q.packet() + " of " + observation.files().get(q.socket()).inode();
            case Holder.RingSlot s -> "slot " + s.slot();
            case Holder.PendingRequest r -> "request";
        };
    }

    /** Files held by another, one a reference. */
    List<Integer> held(int file) {
        return IntStream.range(graph.heldBegin(file), graph.heldEnd(file))
                .map(graph::to)
                .boxed()
                .toList();
    }

    /** Asserts that every reference the kernel counts was found, and no more than that. */
    void assertBalanced(int file) {
        Assertions.assertEquals(
                graph.kernelCount(file),
                graph.explained(file),
                () -> describe(file) + " is held by " + holders(file));
    }

    String describe(int file) {
        FileKind kind = graph.kind(file);
        return kind + " " + observation.files().get(file).name();
    }
}
