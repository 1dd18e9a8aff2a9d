package dev.ringwatch.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A model and what a test says to it, all by process 1 unless another is named. */
final class Machine {
    static final int PID = 1;

    final KernelModel model;

    Machine(KernelEra era) {
        model = new KernelModel(era);
    }

    static Machine current() {
        return new Machine(KernelEra.current());
    }

    /** A call that must be done; its values. */
    List<Integer> done(Syscall call) {
        Outcome outcome = model.apply(call);
        if (outcome instanceof Done(List<Integer> values)) {
            sound();
            return values;
        }
        throw new AssertionError(call + " gave " + outcome);
    }

    int value(Syscall call) {
        return done(call).getFirst();
    }

    /** A call that must be refused so. */
    void refused(Errno errno, Syscall call) {
        assertEquals(new Refused(errno), model.apply(call), call::toString);
        sound();
    }

    /** A ring that a request of its own holds breaks the fourth assumption on today's kernels. */
    private void sound() {
        List<Violation> violations = new ArrayList<>(Invariants.check(model.state()));
        violations.removeIf(v -> v.rule() == Violation.Rule.ACYCLIC_OTHERWISE);
        assertEquals(List.of(), violations);
    }

    int[] pair(SocketType type) {
        List<Integer> fds = done(new Syscall.SocketPair(PID, type));
        return new int[] {fds.get(0), fds.get(1)};
    }

    int[] pipe() {
        List<Integer> fds = done(new Syscall.Pipe(PID));
        return new int[] {fds.get(0), fds.get(1)};
    }

    int ring() {
        return value(new Syscall.SetupRing(PID));
    }

    int ring(Integer... files) {
        int ring = ring();
        done(new Syscall.RegisterFiles(PID, ring, List.of(files)));
        return ring;
    }

    void send(int via, Integer... fds) {
        done(Syscall.Send.of(PID, via, fds));
    }

    List<Integer> receive(int fd) {
        List<Integer> values = done(Syscall.Receive.of(PID, fd));
        return values.subList(2, values.size());
    }

    void close(int... fds) {
        for (int fd : fds) {
            done(new Syscall.Close(PID, fd));
        }
    }

    int submit(int ring, Request request) {
        return value(new Syscall.Submit(PID, ring, request));
    }

    /** The result of the oldest completion. */
    int reap(int ring) {
        return done(new Syscall.Reap(PID, ring)).get(1);
    }

    OpenFile file(int fd) {
        Task task = Objects.requireNonNull(model.state().tasks().get(PID));
        return Objects.requireNonNull(task.descriptors().get(fd));
    }

    UnixSocket socket(int fd) {
        return Objects.requireNonNull(file(fd).socket());
    }

    /** Whether a stream socket or a pipe's end to read from has reached its end. */
    boolean ended(int fd) {
        Outcome outcome = model.apply(new Syscall.Read(PID, fd, 1));
        return outcome.equals(Done.of(0)) || outcome.equals(new Refused(Errno.ECONNRESET));
    }

    static Request.Target fd(int fd) {
        return new Request.Target.Fd(fd);
    }

    static Request.Target slot(int slot) {
        return new Request.Target.Slot(slot);
    }
}
