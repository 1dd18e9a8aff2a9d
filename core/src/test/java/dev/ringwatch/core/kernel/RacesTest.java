package dev.ringwatch.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others do between the steps of a call or of the collector. */
class RacesTest {
    private static final int PID = 1;

    @Test
    void theReleaseOfAListenerWaitsForAConnectionUnderWay() {
        KernelModel model = new KernelModel(KernelEra.current());
        int listener = listener(model);
        int connected = connectSplit(model);
        done(model.apply(Syscall.Send.of(PID, connected, connected)));
        done(model.apply(new Syscall.Close(PID, listener)));
        done(model.apply(new Syscall.Close(PID, connected)));
        model.collectAll();
        assertEquals(List.of(), List.copyOf(model.state().files()));
        assertEquals(List.of(), model.work());
    }

    @ParameterizedTest
    @ValueSource(strings = {"packet", "rings-refused", "classic-worker", "scc-2024", "current"})
    void whatIsQueuedOnAConnectionUnderWayIsHiddenUnlessTheCollectorWaits(String name) {
        KernelEra era = KernelEra.named(name).orElseThrow();
        KernelModel model = new KernelModel(era);
        listener(model);
        int connected = connectSplit(model);
        done(model.apply(Syscall.Send.of(PID, connected, connected)));
        List<Rule> broken = Invariants.check(model.state()).stream().map(Violation::rule).toList();
        assertEquals(
                name.equals("classic-worker") ? List.of() : List.of(Rule.IN_QUEUED_PACKETS),
                broken);
    }

    @Test
    void aListenerJudgedUnderAConnectionStaysUntilTheGraphChanges() {
        KernelModel model = new KernelModel(KernelEra.current());
        int listener = listener(model);
        int connected = connectSplit(model);
        done(model.apply(Syscall.Send.of(PID, connected, listener)));
        done(model.apply(new Syscall.Close(PID, listener)));
        model.trigger();
        while (model.work().contains(new Work.Collect())) {
            model.run(new Work.Collect());
        }
        done(model.apply(new Syscall.Close(PID, connected)));
        model.collectAll();
        assertEquals(1, model.state().files().size());
        assertEquals(GraphState.NOT_CYCLIC, model.state().graphState());

        List<Integer> pair = done(model.apply(new Syscall.SocketPair(PID, SocketType.STREAM)));
        for (int i = 0; i < 2; i++) {
            done(model.apply(Syscall.Send.of(PID, pair.getLast(), pair.getFirst())));
        }
        pair.forEach(fd -> done(model.apply(new Syscall.Close(PID, fd))));
        model.collectAll();
        assertEquals(List.of(), List.copyOf(model.state().files()));
    }

    @Test
    void aLookAtWhatIsBeingJudgedBreaksTheFifthAssumptionUntilRepaired() {
        KernelEra current = KernelEra.current();
        assertEquals(List.of(), peekWhileJudged(current));
        assertEquals(
                List.of(Rule.UNREACHABLE_UNUSED),
                peekWhileJudged(current.with(Set.of(Repair.CONNECT))));
    }

    private static List<Rule> peekWhileJudged(KernelEra era) {
        KernelModel model = new KernelModel(era);
        List<Integer> a = done(model.apply(new Syscall.SocketPair(PID, SocketType.STREAM)));
        List<Integer> b = done(model.apply(new Syscall.SocketPair(PID, SocketType.STREAM)));
        done(model.apply(Syscall.Send.of(PID, a.getLast(), a.getFirst())));
        done(model.apply(Syscall.Send.of(PID, a.getLast(), b.getFirst())));
        done(model.apply(Syscall.Send.of(PID, a.getLast(), a.getFirst())));
        done(model.apply(new Syscall.Receive(PID, a.getFirst(), Syscall.ALL, 1, false, false)));
        done(model.apply(new Syscall.Close(PID, b.getFirst())));
        done(model.apply(new Syscall.Close(PID, b.getLast())));
        model.run(new Work.Collect());
        done(model.apply(new Syscall.Receive(PID, a.getFirst(), Syscall.ALL, 1, true, false)));
        return model.state().violations().stream().map(Violation::rule).toList();
    }

    @Test
    void aLinkedRequestHoldsNothingWhereRequestsNeverWait() {
        KernelModel model = new KernelModel(KernelEra.named("packet-inline").orElseThrow());
        int ring = done(model.apply(new Syscall.SetupRing(PID))).getFirst();
        Request poll = new Request.Poll(new Request.Target.Fd(ring));
        done(model.apply(new Syscall.Submit(PID, ring, new Request.AfterTimeout(poll))));
        assertEquals(List.of(), Invariants.check(model.state()));
    }

    private static int listener(KernelModel model) {
        int fd = done(model.apply(new Syscall.Socket(PID, SocketType.STREAM))).getFirst();
        done(model.apply(new Syscall.Bind(PID, fd, "name")));
        done(model.apply(new Syscall.Listen(PID, fd, 1)));
        return fd;
    }

    private static int connectSplit(KernelModel model) {
        int fd = done(model.apply(new Syscall.Socket(PID, SocketType.STREAM))).getFirst();
        done(model.apply(new Syscall.Connect(PID, fd, "name", true)));
        return fd;
    }

    private static List<Integer> done(Outcome outcome) {
        return ((Done) outcome).values();
    }
}
