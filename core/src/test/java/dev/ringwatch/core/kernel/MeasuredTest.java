package dev.ringwatch.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.Lookup;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import dev.ringwatch.core.kernel.Request.AfterTimeout;
import dev.ringwatch.core.kernel.Request.Nop;
import dev.ringwatch.core.kernel.Request.Poll;
import dev.ringwatch.core.kernel.Request.Read;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.Ring.Completion;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What a kernel was seen to do where the model did something else, found by playing random programs
 * on both: 6.18 unless the era says otherwise.
 */
class MeasuredTest {
    private static final int PID = 1;
    private static final int POLLED = 1;

    private final KernelModel model = new KernelModel(KernelEra.current());

    private static List<Integer> done(KernelModel on, Syscall call) {
        return ((Done) on.apply(call)).values();
    }

    private List<Integer> done(Syscall call) {
        return done(model, call);
    }

    private Outcome outcome(Syscall call) {
        return model.apply(call);
    }

    private List<Integer> pair(SocketType type) {
        return done(new Syscall.SocketPair(PID, type));
    }

    private int ring() {
        return done(new Syscall.SetupRing(PID)).getFirst();
    }

    private static Refused refused(Errno errno) {
        return new Refused(errno);
    }

    private int submit(int ring, Request request) {
        return done(new Syscall.Submit(PID, ring, request)).getFirst();
    }

    private static Target fd(int fd) {
        return new Target.Fd(fd);
    }

    private List<Completion> completions(int ring) {
        Task task = Objects.requireNonNull(model.state().tasks().get(PID));
        OpenFile file = Objects.requireNonNull(task.descriptors().get(ring));
        return Objects.requireNonNull(file.ring()).completionQueue();
    }

    private static Completion of(int request, int result) {
        return new Completion(request, result);
    }

    private static Syscall.Receive receive(int fd, int bytes, boolean peek, boolean oob) {
        return new Syscall.Receive(PID, fd, Syscall.ALL, bytes, peek, oob);
    }

    private static Syscall.Send urgent(int fd, int bytes) {
        return new Syscall.Send(PID, fd, List.of(), bytes, true, null);
    }

    private static Syscall.Send plain(int fd, int bytes) {
        return new Syscall.Send(PID, fd, List.of(), bytes, false, null);
    }

    // ---- streams ----

    @Test
    void aReadOfNoBytesTakesTheFilesOfTheFirstPacket() {
        List<Integer> ends = pair(SocketType.STREAM);
        done(Syscall.Send.of(PID, ends.get(0), ends.get(0)));
        assertEquals(List.of(0, 0, 2), done(receive(ends.get(1), 0, false, false)));
        assertEquals(List.of(1, 0), done(receive(ends.get(1), 1, false, false)));
    }

    @Test
    void aLookGoesOnToTheFirstPacketWithFiles() {
        List<Integer> ends = pair(SocketType.STREAM);
        done(plain(ends.get(0), 1));
        done(Syscall.Send.of(PID, ends.get(0), ends.get(0)));
        assertEquals(List.of(1, 0, 2), done(receive(ends.get(1), 1, true, false)));
    }

    @Test
    void anEmptyReadOfTheMarkAlone() {
        List<Integer> ends = pair(SocketType.STREAM);
        done(urgent(ends.get(0), 1));
        assertEquals(refused(Errno.EAGAIN), outcome(receive(ends.get(1), 0, false, false)));
    }

    @Test
    void behindAByteReadOutOfBandANewKernelReadsOnAnd61DoesNot() {
        for (boolean old : List.of(false, true)) {
            KernelModel on = new KernelModel(without(Detail.READ_BEHIND_URGENT, old));
            List<Integer> ends = done(on, new Syscall.SocketPair(PID, SocketType.STREAM));
            done(on, urgent(ends.get(0), 1));
            done(on, receive(ends.get(1), 1, false, true));
            done(on, plain(ends.get(0), 1));
            Outcome first = on.apply(receive(ends.get(1), 1, false, false));
            assertEquals(old ? refused(Errno.EAGAIN) : Done.of(1, 0), first);
        }
    }

    private static KernelEra without(Detail detail, boolean without) {
        Set<Detail> details = EnumSet.copyOf(KernelEra.current().details());
        if (without) {
            details.remove(detail);
        }
        return KernelEra.current().withDetails(details);
    }

    // ---- refusals ----

    @Test
    void aDatagramWithoutAPeerIsRefusedForItsSocketFirst() {
        for (boolean old : List.of(false, true)) {
            KernelModel on = new KernelModel(without(Detail.PEER_LOOKED_UP_LAST, old));
            int socket = done(on, new Syscall.Socket(PID, SocketType.DGRAM)).getFirst();
            done(on, new Syscall.Shutdown(PID, socket, false, true));
            assertEquals(refused(old ? Errno.ENOTCONN : Errno.EPIPE), on.apply(plain(socket, 1)));
        }
    }

    @Test
    void aPacketIsRefusedForItsSocketBeforeItsFilesAreLookedAt() {
        int socket = done(new Syscall.Socket(PID, SocketType.SEQPACKET)).getFirst();
        assertEquals(refused(Errno.ENOTCONN), outcome(Syscall.Send.of(PID, socket, ring())));
    }

    @Test
    void theEndOfAPipeThatIsWrittenToCannotBeRead() {
        List<Integer> pipe = done(new Syscall.Pipe(PID));
        assertEquals(refused(Errno.ENODEV), outcome(new Syscall.Map(PID, pipe.get(0))));
        assertEquals(refused(Errno.EACCES), outcome(new Syscall.Map(PID, pipe.get(1))));
    }

    /** The connection that was made in advance is released again. */
    @Test
    void aConnectionThatIsRefusedStartsTheCollector() {
        List<Integer> ends = pair(SocketType.STREAM);
        done(Syscall.Send.of(PID, ends.get(0), ends.get(0)));
        int other = done(new Syscall.Socket(PID, SocketType.STREAM)).getFirst();
        assertEquals(
                refused(Errno.ECONNREFUSED),
                outcome(new Syscall.Connect(PID, other, "nobody", false)));
        assertEquals(List.of(new Work.Collect()), model.work());
    }

    // ---- requests ----

    @Test
    void whoWaitsLastIsWokenFirst() {
        for (boolean old : List.of(false, true)) {
            KernelModel on = new KernelModel(without(Detail.WOKEN_IN_ORDER, old));
            int ring = done(on, new Syscall.SetupRing(PID)).getFirst();
            List<Integer> ends = done(on, new Syscall.SocketPair(PID, SocketType.STREAM));
            done(on, new Syscall.Submit(PID, ring, new Poll(fd(ends.get(0)))));
            done(on, new Syscall.Submit(PID, ring, new Poll(fd(ends.get(0)))));
            done(on, plain(ends.get(1), 1));
            Syscall.Reap reap = new Syscall.Reap(PID, ring);
            assertEquals(List.of(old ? 1 : 2, POLLED), done(on, reap));
            assertEquals(List.of(old ? 2 : 1, POLLED), done(on, reap));
        }
    }

    /** Woken for nothing, both wait anew, the one that was woken first in front of the other. */
    @Test
    void wokenForNothingTheyChangePlaces() {
        int ring = ring();
        List<Integer> ends = pair(SocketType.STREAM);
        submit(ring, new Poll(fd(ends.get(0))));
        submit(ring, new Poll(fd(ends.get(0))));
        done(new Syscall.Shutdown(PID, ends.get(0), false, true));
        assertEquals(List.of(), completions(ring));
        done(plain(ends.get(1), 1));
        assertEquals(List.of(of(1, POLLED), of(2, POLLED)), completions(ring));
    }

    @Test
    void aPollWokenByInputCompletesEvenIfAnotherHasTakenIt() {
        int ring = ring();
        List<Integer> ends = pair(SocketType.STREAM);
        submit(ring, new Poll(fd(ends.get(0))));
        submit(ring, new Read(fd(ends.get(0))));
        done(plain(ends.get(1), 1));
        assertEquals(List.of(of(2, 1), of(1, POLLED)), completions(ring));
    }

    @Test
    void aCancelledPollOnItsOwnRingCompletesOnce() {
        int ring = ring();
        int poll = submit(ring, new Poll(fd(ring)));
        submit(ring, new Request.Cancel(poll));
        assertEquals(List.of(of(2, 0), of(1, -Errno.ECANCELED.number())), completions(ring));
    }

    @Test
    void aReadThatWouldWaitOnWhatIsShutDownIsToldSo() {
        int ring = ring();
        List<Integer> ends = pair(SocketType.DGRAM);
        submit(ring, new Read(fd(ends.get(0))));
        done(new Syscall.Shutdown(PID, ends.get(0), true, false));
        assertEquals(List.of(of(1, 0)), completions(ring));
    }

    @Test
    void aCompletionThatNobodySeesWakesWhoWaitsForCompletions() {
        int ring = ring();
        submit(ring, new Poll(fd(ring)));
        submit(ring, new AfterTimeout(new Nop()));
        model.run(model.work().getFirst());
        assertEquals(List.of(of(1, POLLED), of(2, 0)), completions(ring));
    }

    @Test
    void aRegularFileHasNothingToWaitAt() {
        int ring = ring();
        int file = done(new Syscall.Open(PID)).getFirst();
        submit(ring, new Request.PollHangUp(fd(file)));
        assertEquals(List.of(of(1, -Errno.EINVAL.number())), completions(ring));
    }

    /** 6.1.192 looks the descriptor of a linked request up when it is submitted, a slot later. */
    @Test
    void aLinkedRequestHoldsItsDescriptorIn61() {
        KernelModel on = new KernelModel(KernelEra.current().with(Lookup.DESCRIPTOR_AT_SUBMISSION));
        int ring = done(on, new Syscall.SetupRing(PID)).getFirst();
        List<Integer> ends = done(on, new Syscall.SocketPair(PID, SocketType.STREAM));
        done(on, new Syscall.Submit(PID, ring, new AfterTimeout(new Poll(fd(ends.get(0))))));
        done(on, new Syscall.Close(PID, ends.get(0)));
        assertEquals(refused(Errno.EAGAIN), on.apply(receive(ends.get(1), 1, false, false)));
    }

    // ---- tables ----

    /** A slot whose file is replaced is marked as used before and after: the hint stays. */
    @Test
    void aReplacedSlotLeavesTheHint() {
        int ring = ring();
        int file = done(new Syscall.Open(PID)).getFirst();
        done(new Syscall.RegisterFiles(PID, ring, List.of(Syscall.EMPTY, file, Syscall.EMPTY)));
        submit(ring, new Request.OpenDirect(1));
        submit(ring, new Request.OpenDirect(Request.ANY_SLOT));
        assertEquals(List.of(of(1, 0), of(2, 0)), completions(ring));
    }
}
