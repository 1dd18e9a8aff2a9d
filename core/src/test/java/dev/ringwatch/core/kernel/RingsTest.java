package dev.ringwatch.core.kernel;

import static dev.ringwatch.core.kernel.Machine.PID;
import static dev.ringwatch.core.kernel.Machine.fd;
import static dev.ringwatch.core.kernel.Machine.slot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra.Slots;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What rings hold, and until when. */
class RingsTest {
    private final Machine machine = Machine.current();

    /** The measured steps of one socket and one ring on 6.18. */
    @Test
    void referencesFollowTheMeasuredSteps() {
        int[] pair = machine.pair(SocketType.STREAM);
        OpenFile file = machine.file(pair[0]);
        int ring = machine.ring(pair[0], pair[0]);
        assertEquals(3, file.references());
        int fixed = machine.submit(ring, new Request.Poll(slot(0)));
        assertEquals(3, file.references());
        int normal = machine.submit(ring, new Request.Poll(fd(pair[0])));
        assertEquals(4, file.references());
        machine.done(new Syscall.UpdateFiles(PID, ring, 0, List.of(Syscall.EMPTY)));
        assertEquals(4, file.references());
        machine.submit(ring, new Request.Cancel(fixed));
        assertEquals(3, file.references());
        machine.done(new Syscall.UnregisterFiles(PID, ring));
        assertEquals(2, file.references());
        machine.submit(ring, new Request.Cancel(normal));
        assertEquals(1, file.references());
    }

    @Test
    void aRingCountsItsOwnHolders() {
        int ring = machine.ring();
        OpenFile file = machine.file(ring);
        machine.done(new Syscall.Map(PID, ring));
        machine.done(new Syscall.Map(PID, ring));
        assertEquals(3, file.references());
        machine.done(new Syscall.RegisterRing(PID, ring));
        assertEquals(4, file.references());
        machine.submit(ring, new Request.Poll(fd(ring)));
        assertEquals(5, file.references());
        int child = machine.value(new Syscall.Fork(PID));
        assertEquals(8, file.references());
        machine.done(new Syscall.Exit(child));
        assertEquals(5, file.references());
        machine.submit(ring, new Request.Nop());
        assertEquals(4, file.references(), "the next completion fires the poll");
    }

    @Test
    void aRingCanNeitherBeSentNorRegistered() {
        int ring = machine.ring();
        int[] pair = machine.pair(SocketType.STREAM);
        machine.refused(Errno.EINVAL, Syscall.Send.of(PID, pair[0], ring));
        machine.refused(Errno.EBADF, new Syscall.RegisterFiles(PID, ring, List.of(pair[0], ring)));
        assertEquals(1, machine.file(pair[0]).references());
        machine.done(new Syscall.RegisterFiles(PID, ring, List.of(pair[0])));
        machine.refused(Errno.EBADF, new Syscall.UpdateFiles(PID, ring, 0, List.of(ring)));
        assertEquals(1, machine.file(pair[0]).references(), "the old file left before");
    }

    @Test
    void aTableKeepsASocketOpenUntilTheRingIsTornDown() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring(pair[0]);
        machine.close(pair[0]);
        assertFalse(machine.ended(pair[1]));
        machine.close(ring);
        assertFalse(machine.ended(pair[1]), "closing a ring releases nothing by itself");
        machine.model.settle();
        assertTrue(machine.ended(pair[1]));
    }

    @Test
    void aSlotEmptiedUnderARequestKeepsItsFile() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring(pair[0], pair[0]);
        machine.submit(ring, new Request.Poll(slot(0)));
        machine.close(pair[0]);
        machine.done(new Syscall.UpdateFiles(PID, ring, 0, List.of(-1, -1)));
        assertFalse(machine.ended(pair[1]));
        machine.send(pair[1]);
        machine.model.settle();
        assertTrue(machine.ended(pair[1]));
    }

    @Test
    void slotsReleasedInOrderWaitForOlderOnes() {
        Machine before = new Machine(KernelEra.current().with(Slots.IN_ORDER));
        assertFalse(secondSlotEndsWhileFirstIsPolled(before));
        assertTrue(secondSlotEndsWhileFirstIsPolled(Machine.current()));
    }

    private static boolean secondSlotEndsWhileFirstIsPolled(Machine machine) {
        int[] a = machine.pair(SocketType.STREAM);
        int[] b = machine.pair(SocketType.STREAM);
        int ring = machine.ring(a[0], b[0]);
        machine.submit(ring, new Request.Poll(slot(0)));
        machine.close(b[0]);
        machine.done(new Syscall.UpdateFiles(PID, ring, 0, List.of(-1, -1)));
        return machine.ended(b[1]);
    }

    @Test
    void directDescriptorsTakeTheNextFreeSlot() {
        int ring = machine.ring(-1, -1, -1);
        machine.submit(ring, new Request.SocketDirect(SocketType.STREAM, Request.ANY_SLOT));
        machine.submit(ring, new Request.OpenDirect(Request.ANY_SLOT));
        machine.submit(ring, new Request.CloseDirect(0));
        machine.submit(ring, new Request.OpenDirect(Request.ANY_SLOT));
        machine.submit(ring, new Request.OpenDirect(Request.ANY_SLOT));
        machine.submit(ring, new Request.OpenDirect(Request.ANY_SLOT));
        machine.submit(ring, new Request.CloseDirect(7));
        machine.submit(ring, new Request.Install(2));
        assertEquals(
                List.of(0, 1, 0, 0, 2, -Errno.ENFILE.number(), -Errno.EINVAL.number(), 1),
                List.of(
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring),
                        machine.reap(ring)));
        machine.refused(Errno.EAGAIN, new Syscall.Reap(PID, ring));
    }

    @Test
    void aFileSentToAnotherRingIsInBoth() {
        int[] pair = machine.pair(SocketType.STREAM);
        int from = machine.ring(pair[0]);
        int to = machine.ring(-1, -1);
        machine.submit(from, new Request.SendFd(fd(to), 0, Request.ANY_SLOT));
        machine.submit(from, new Request.SendFd(fd(from), 0, 0));
        machine.submit(from, new Request.SendFd(fd(pair[1]), 0, 0));
        assertEquals(0, machine.reap(from));
        assertEquals(-Errno.EINVAL.number(), machine.reap(from));
        assertEquals(-Errno.EBADFD.number(), machine.reap(from));
        assertEquals(3, machine.file(pair[0]).references());
    }

    @Test
    void aLinkedRequestHoldsNothingBeforeItIsIssued() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring();
        machine.submit(ring, new Request.AfterTimeout(new Request.Poll(fd(pair[0]))));
        machine.close(pair[0]);
        assertTrue(machine.ended(pair[1]));
        machine.model.work().forEach(machine.model::run);
        assertEquals(-Errno.EBADF.number(), machine.reap(ring));
    }

    @Test
    void aRequestOutlivesItsSubmitterWhereAnotherHoldsTheRing() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring();
        machine.submit(ring, new Request.Poll(fd(pair[0])));
        machine.submit(ring, new Request.Poll(fd(ring)));
        int child = machine.value(new Syscall.Fork(PID));
        machine.done(new Syscall.Close(child, pair[0]));
        Ring modelled = Objects.requireNonNull(machine.file(ring).ring());
        machine.done(new Syscall.Exit(PID));
        machine.model.settle();
        assertEquals(1, modelled.pending().size(), "only the poll of the ring itself is cancelled");
        machine.done(new Syscall.Exit(child));
        machine.model.settle();
        assertEquals(0, machine.model.state().files().size());
    }

    @Test
    void execEndsEveryRequestOfTheTask() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring();
        machine.submit(ring, new Request.Poll(fd(pair[0])));
        machine.done(new Syscall.SetCloseOnExec(PID, pair[0], true));
        machine.done(new Syscall.Map(PID, ring));
        machine.done(new Syscall.Exec(PID));
        assertTrue(machine.ended(pair[1]));
        assertEquals(1, machine.file(ring).references());
    }

    @Test
    void aRingThatPollsItselfStaysUntilItsTaskEnds() {
        int[] pair = machine.pair(SocketType.STREAM);
        int ring = machine.ring(pair[0]);
        machine.submit(ring, new Request.Poll(fd(ring)));
        machine.close(pair[0], ring);
        machine.model.collectAll();
        assertFalse(machine.ended(pair[1]));
        assertEquals(2, Oracle.garbage(machine.model.state()).size());
        machine.done(new Syscall.Exit(PID));
        machine.model.settle();
        assertEquals(0, machine.model.state().files().size());
    }

    /** A poll for the end alone is not completed by what lies in the queue. */
    @Test
    void aPollForTheEndWaitsBesideAMessage() {
        int[] pair = machine.pair(SocketType.STREAM);
        int[] pipe = machine.pipe();
        int ring = machine.ring();
        machine.submit(ring, new Request.PollHangUp(fd(pair[0])));
        machine.submit(ring, new Request.PollHangUp(fd(pipe[0])));
        machine.send(pair[1], pair[1]);
        machine.done(new Syscall.Write(PID, pipe[1], 1));
        assertEquals(2, machine.file(pair[0]).references());
        assertEquals(2, machine.file(pipe[0]).references());
        machine.done(new Syscall.Shutdown(PID, pair[0], true, false));
        assertEquals(1, machine.file(pair[0]).references());
        machine.close(pipe[1]);
        assertEquals(1, machine.file(pipe[0]).references());
    }
}
