package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.StackProbes.Family;
import dev.ringwatch.agent.bpf.TracedCall;
import dev.ringwatch.agent.stacks.Stacks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The traced calls of one observation, with times of the clock it was taken by. */
final class Calls {
    private final Optional<Stacks> stacks;
    private final Instant at;
    private final long nanos;

    /**
     * @param at a moment
     * @param nanos the same by {@link System#nanoTime}, which is CLOCK_MONOTONIC
     */
    Calls(Optional<Stacks> stacks, Instant at, long nanos) {
        this.stacks = stacks;
        this.at = at;
        this.nanos = nanos;
    }

    boolean traced() {
        return stacks.isPresent();
    }

    /** The last calls that registered with the ring at an address. */
    List<Attribution> ring(long ring) throws BpfUnavailableException {
        List<Attribution> all = new ArrayList<>();
        if (stacks.isPresent()) {
            Stacks s = stacks.get();
            s.registration(ring, Family.FILES)
                    .ifPresent(c -> all.add(told(s, Attribution.Kind.REGISTERED_FILES, c)));
            s.registration(ring, Family.FILES_UPDATE)
                    .ifPresent(c -> all.add(told(s, Attribution.Kind.UPDATED_FILES, c)));
            s.registration(ring, Family.BUFFERS)
                    .ifPresent(c -> all.add(told(s, Attribution.Kind.REGISTERED_BUFFERS, c)));
        }
        return all;
    }

    /** The last call that sent a message with this first file to this socket. */
    Optional<Attribution> packet(long firstFile, long receiver) throws BpfUnavailableException {
        if (stacks.isEmpty()) {
            return Optional.empty();
        }
        Stacks s = stacks.get();
        return s.send(firstFile, receiver).map(c -> told(s, Attribution.Kind.SENT, c));
    }

    private Attribution told(Stacks s, Attribution.Kind kind, TracedCall c) {
        return new Attribution(
                kind,
                c.pid(),
                c.tid(),
                c.thread(),
                at.minusNanos(nanos - c.nanos()),
                s.stack(c.stack()));
    }
}
