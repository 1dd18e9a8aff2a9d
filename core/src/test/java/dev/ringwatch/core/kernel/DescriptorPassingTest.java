package dev.ringwatch.core.kernel;

import static dev.ringwatch.core.kernel.Machine.PID;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What SCM_RIGHTS does to references, limits and queues. */
class DescriptorPassingTest {
    private final Machine machine = Machine.current();

    @Test
    void carriesUpTo253Descriptors() {
        int[] pair = machine.pair(SocketType.STREAM);
        List<Integer> most = Collections.nCopies(253, pair[0]);
        machine.done(new Syscall.Send(PID, pair[0], most, 1, false, null));
        assertEquals(254, machine.file(pair[0]).references());
        machine.refused(
                Errno.EINVAL,
                new Syscall.Send(PID, pair[0], Collections.nCopies(254, pair[0]), 1, false, null));
        assertEquals(254, machine.file(pair[0]).references());
    }

    @Test
    void aBadDescriptorDropsWhatWasTaken() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.refused(Errno.EBADF, Syscall.Send.of(PID, pair[0], pair[1], 99));
        assertEquals(1, machine.file(pair[1]).references());
    }

    @Test
    void theLimitIsComparedBeforeTheMessageIsAdded() {
        machine.done(new Syscall.SetUser(PID, 1000, false));
        machine.done(new Syscall.SetLimit(PID, 20));
        int[] pair = machine.pair(SocketType.STREAM);
        int[] pipe = machine.pipe();
        for (int i = 0; i < 21; i++) {
            machine.send(pair[0], pipe[0]);
        }
        machine.refused(Errno.ETOOMANYREFS, Syscall.Send.of(PID, pair[0], pipe[0]));
        machine.close(machine.receive(pair[1]).getFirst());
        machine.send(pair[0], pipe[0], pipe[0], pipe[0], pipe[0], pipe[0]);
        machine.refused(Errno.ETOOMANYREFS, Syscall.Send.of(PID, pair[0], pipe[0]));
    }

    @Test
    void whatDoesNotFitIsDroppedAndSaid() {
        int[] pair = machine.pair(SocketType.STREAM);
        int[] pipe = machine.pipe();
        machine.done(
                new Syscall.Send(PID, pair[0], Collections.nCopies(200, pipe[1]), 1, false, null));
        List<Integer> got = machine.done(new Syscall.Receive(PID, pair[1], 4, 1, false, false));
        assertEquals(1, got.get(1));
        assertEquals(4, got.size() - 2);
        assertEquals(5, machine.file(pipe[1]).references());
    }

    @Test
    void whatNoDescriptorIsLeftForIsDroppedAndSaid() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.send(pair[0], pair[0], pair[0], pair[0]);
        machine.done(new Syscall.SetLimit(PID, 3));
        List<Integer> got = machine.done(Syscall.Receive.of(PID, pair[1]));
        assertEquals(List.of(1, 1, 2), got);
        assertEquals(2, machine.file(pair[0]).references());
    }

    @Test
    void aReadWithoutControlDropsThemAll() {
        int[] pair = machine.pair(SocketType.STREAM);
        int[] pipe = machine.pipe();
        machine.send(pair[0], pipe[1]);
        machine.close(pipe[1]);
        assertFalse(machine.ended(pipe[0]));
        assertEquals(1, machine.value(new Syscall.Read(PID, pair[1], 1)));
        assertTrue(machine.ended(pipe[0]));
    }

    @Test
    void everyPeekMakesMoreDescriptorsAndTheMessageStays() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.send(pair[0], pair[0]);
        Syscall peek = new Syscall.Receive(PID, pair[1], Syscall.ALL, 1, true, false);
        machine.done(peek);
        machine.done(peek);
        assertEquals(4, machine.file(pair[0]).references());
        assertEquals(1, machine.socket(pair[1]).scmFds());
        machine.receive(pair[1]);
        assertEquals(4, machine.file(pair[0]).references());
        assertEquals(0, machine.model.state().inFlight());
    }

    @Test
    void anEmptyStreamMessageLosesItsDescriptors() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.done(new Syscall.Send(PID, pair[0], List.of(pair[0]), 0, false, null));
        assertEquals(1, machine.file(pair[0]).references());
        assertEquals(0, machine.model.state().inFlight());
    }

    @Test
    void anEmptyDatagramKeepsThem() {
        int[] pair = machine.pair(SocketType.DGRAM);
        machine.done(new Syscall.Send(PID, pair[0], List.of(pair[0]), 0, false, null));
        assertEquals(2, machine.file(pair[0]).references());
        assertEquals(1, machine.receive(pair[1]).size());
    }

    @Test
    void aStreamReadEndsBehindDescriptors() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.done(new Syscall.Send(PID, pair[0], List.of(), 2, false, null));
        machine.done(new Syscall.Send(PID, pair[0], List.of(pair[0]), 2, false, null));
        machine.done(new Syscall.Send(PID, pair[0], List.of(), 2, false, null));
        Syscall much = new Syscall.Receive(PID, pair[1], Syscall.ALL, 100, false, false);
        List<Integer> first = machine.done(much);
        assertEquals(4, first.get(0));
        assertEquals(1, first.size() - 2);
        assertEquals(List.of(2, 0), machine.done(much));
    }

    @Test
    void theUrgentByteComesAloneAndItsDescriptorsAreLostLater() {
        int[] pair = machine.pair(SocketType.STREAM);
        int[] pipe = machine.pipe();
        machine.done(new Syscall.Send(PID, pair[0], List.of(pipe[1]), 1, true, null));
        machine.close(pipe[1]);
        assertEquals(
                List.of(1, 0),
                machine.done(new Syscall.Receive(PID, pair[1], Syscall.ALL, 1, false, true)));
        assertFalse(machine.ended(pipe[0]));
        machine.send(pair[0]);
        assertEquals(List.of(), machine.receive(pair[1]));
        assertTrue(machine.ended(pipe[0]));
        assertEquals(1, machine.socket(pair[1]).scmFds(), "stays too high for ever");
    }

    @Test
    void aDatagramSocketThatConnectsElsewhereLosesItsQueue() {
        int[] pair = machine.pair(SocketType.DGRAM);
        int other = machine.value(new Syscall.Socket(PID, SocketType.DGRAM));
        machine.done(new Syscall.Bind(PID, other, "other"));
        machine.send(pair[1], pair[1]);
        machine.done(new Syscall.Connect(PID, pair[0], "other", false));
        assertEquals(1, machine.file(pair[1]).references());
        assertEquals(0, machine.model.state().inFlight());
        assertEquals(1, machine.socket(pair[0]).scmFds(), "stays too high for ever");
        machine.refused(Errno.ECONNRESET, Syscall.Receive.of(PID, pair[1]));
    }

    @Test
    void shutdownKeepsTheQueue() {
        int[] pair = machine.pair(SocketType.STREAM);
        machine.send(pair[0], pair[0]);
        machine.done(new Syscall.Shutdown(PID, pair[1], true, true));
        assertEquals(1, machine.receive(pair[1]).size());
        machine.refused(Errno.EPIPE, Syscall.Send.of(PID, pair[0]));
    }

    @Test
    void closingAListenerResetsAndDropsWhatItsEmbryosHave() {
        int listener = listener("name");
        int client = machine.value(new Syscall.Socket(PID, SocketType.STREAM));
        machine.done(new Syscall.Connect(PID, client, "name", false));
        machine.send(client, listener);
        assertEquals(1, machine.socket(listener).scmFds());
        int[] pipe = machine.pipe();
        machine.send(client, pipe[1]);
        machine.close(pipe[1], listener);
        machine.model.collectAll();
        assertTrue(machine.ended(pipe[0]));
        machine.refused(Errno.EPIPE, Syscall.Send.of(PID, client));
    }

    @Test
    void whatIsAcceptedCarriesWhatTheEmbryoGot() {
        int listener = listener("name");
        int client = machine.value(new Syscall.Socket(PID, SocketType.STREAM));
        machine.done(new Syscall.Connect(PID, client, "name", false));
        machine.send(client, client);
        int accepted = machine.value(new Syscall.Accept(PID, listener));
        machine.refused(Errno.EAGAIN, new Syscall.Accept(PID, listener));
        assertEquals(1, machine.receive(accepted).size());
    }

    private int listener(String name) {
        int listener = machine.value(new Syscall.Socket(PID, SocketType.STREAM));
        machine.done(new Syscall.Bind(PID, listener, name));
        machine.done(new Syscall.Listen(PID, listener, 1));
        return listener;
    }

    @ParameterizedTest
    @EnumSource(SocketType.class)
    void onlyAReleaseStartsTheCollector(SocketType type) {
        int[] pair = machine.pair(type);
        machine.send(pair[1], pair[0]);
        machine.close(pair[1]);
        machine.model.settle();
        machine.close(pair[0]);
        machine.model.settle();
        assertEquals(1, machine.model.state().files().size(), "nobody was released");
        machine.model.trigger();
        machine.model.settle();
        assertEquals(List.of(), List.copyOf(machine.model.state().files()));
    }

    @Test
    void aCycleWithAMemberOutsideIsKeptWhole() {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pairs.add(machine.pair(SocketType.STREAM));
        }
        for (int i = 0; i < 3; i++) {
            machine.send(pairs.get((i + 1) % 3)[1], pairs.get(i)[0]);
        }
        int kept = machine.value(new Syscall.Dup(PID, pairs.getFirst()[0]));
        pairs.forEach(pair -> machine.close(pair));
        machine.model.collectAll();
        assertEquals(3, machine.model.state().files().size());
        machine.close(kept);
        machine.model.collectAll();
        assertEquals(0, machine.model.state().files().size());
    }

    /** A connection under way is no place that the collector cannot find, if it waits for it. */
    @Test
    void aConnectionUnderWayIsFoundWhereTheCollectorWaits() {
        assertEquals(
                List.of(Violation.Rule.IN_QUEUED_PACKETS), brokenWhileConnecting("rings-refused"));
        assertEquals(List.of(), brokenWhileConnecting("classic-worker"));
        assertEquals(List.of(Violation.Rule.IN_QUEUED_PACKETS), brokenWhileConnecting("current"));
    }

    private static List<Violation.Rule> brokenWhileConnecting(String era) {
        KernelModel kernel = new KernelModel(KernelEra.named(era).orElseThrow());
        kernel.apply(new Syscall.Socket(PID, SocketType.STREAM));
        kernel.apply(new Syscall.Bind(PID, 0, "name"));
        kernel.apply(new Syscall.Listen(PID, 0, 1));
        kernel.apply(new Syscall.Socket(PID, SocketType.STREAM));
        kernel.apply(new Syscall.Connect(PID, 1, "name", true));
        kernel.apply(Syscall.Send.of(PID, 1, 1));
        return Invariants.check(kernel.state()).stream().map(Violation::rule).toList();
    }
}
