package dev.ringwatch.agent.why;

import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.BpfWhy;
import dev.ringwatch.agent.bpf.Sighting;
import dev.ringwatch.agent.bpf.Sought;
import dev.ringwatch.agent.observe.Keyed;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.OwnedFd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers who keeps something open.
 *
 * <p>One look is a snapshot (slots, queues, requests), then a search for everything else that refers
 * to the target, then the kernel's own counts. Nothing stands still meanwhile: a ledger that does not
 * balance is drawn up again, a few times, before it is believed.
 *
 * <p>To be called by the observer's thread.
 */
public final class Why {
    private static final int TRIES = 4;

    private Why() {}

    /**
     * Answers with eBPF where the observer has it, else from /proc.
     *
     * @param maxTableBytes the kernel memory that the search's tables may take
     * @throws NoSuchTargetException if the target is not there
     * @throws ObservationException if no source answered
     */
    public static Answer answer(Target target, Observer observer, long maxTableBytes)
            throws NoSuchTargetException, ObservationException, BpfUnavailableException {
        if (observer.whyNoBpf().isPresent()) {
            return ProcAnswer.of(target, observer.observe());
        }
        try (BpfWhy why = BpfWhy.load(maxTableBytes);
                Question question = Question.of(target, why)) {
            return answer(question, observer, why);
        } catch (ErrnoException e) {
            throw new NoSuchTargetException(target + ": " + e.getMessage());
        }
    }

    private static Answer answer(Question question, Observer observer, BpfWhy why)
            throws NoSuchTargetException, ObservationException, BpfUnavailableException {
        List<Attempt> attempts = new ArrayList<>();
        while (attempts.size() < TRIES) {
            Attempt attempt = attempt(question, observer, why);
            attempts.add(attempt);
            if (attempt.balanced() || stands(attempts)) {
                return finish(question, attempt, attempts);
            }
        }
        Attempt best = attempts.getFirst();
        for (Attempt a : attempts) {
            best = a.imbalance() < best.imbalance() ? a : best;
        }
        return finish(question, best, attempts);
    }

    /** One look: what was seen, and the ledgers made of it. */
    private record Attempt(Keyed keyed, Sighting sighting, Ledgers.Drawn drawn) {
        boolean balanced() {
            return drawn.ledgers().stream().allMatch(Ledger::balanced);
        }

        long imbalance() {
            return drawn.ledgers().stream()
                    .mapToLong(l -> Math.abs(l.references().orElse(l.explained()) - l.explained()))
                    .sum();
        }
    }

    private static Attempt attempt(Question question, Observer observer, BpfWhy why)
            throws ObservationException, BpfUnavailableException {
        Optional<Keyed> keyed = observer.observeKeyed();
        Keyed k = keyed.orElseThrow(() -> new IllegalStateException("no eBPF"));
        List<OwnedFd> loops = loops(question.sought());
        try {
            Sighting sighting =
                    why.look(
                            question.sought(),
                            k.files().keys(),
                            k.sockets().keys(),
                            loops.stream().map(OwnedFd::number).toList());
            return new Attempt(k, sighting, Ledgers.draw(question, k, sighting));
        } finally {
            loops.forEach(Why::close);
        }
    }

    /** Sockets are behind no loop device. */
    private static List<OwnedFd> loops(Sought sought) {
        return switch (sought) {
            case Sought.OneFile f -> KernelUses.openLoopDevices();
            case Sought.Inode i -> KernelUses.openLoopDevices();
            case Sought.InodeNumber n -> KernelUses.openLoopDevices();
            case Sought.Mount m -> KernelUses.openLoopDevices();
            case Sought.NetworkNamespace n -> List.of();
            case Sought.Port p -> List.of();
        };
    }

    private static void close(OwnedFd fd) {
        try {
            fd.close();
        } catch (ErrnoException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Whether the last two looks agree, so that another one would find the same. */
    private static boolean stands(List<Attempt> attempts) {
        if (attempts.size() < 2) {
            return false;
        }
        Attempt last = attempts.getLast();
        Attempt before = attempts.get(attempts.size() - 2);
        return last.sighting.counts().equals(before.sighting.counts())
                && last.sighting.whole().equals(before.sighting.whole())
                && last.drawn.ledgers().equals(before.drawn.ledgers());
    }

    private static Answer finish(Question question, Attempt chosen, List<Attempt> attempts)
            throws NoSuchTargetException {
        if (!question.exists() && chosen.drawn.ledgers().isEmpty()) {
            throw new NoSuchTargetException(
                    question.target()
                            + ": it is not there, and no open file was deleted under that name");
        }
        List<String> incomplete = new ArrayList<>(chosen.keyed.observation().incomplete());
        if (chosen.sighting.missed() > 0) {
            incomplete.add(
                    "the tables of the search were too small by "
                            + chosen.sighting.missed()
                            + " records; raise the limit on table memory");
        }
        List<Ledger> ledgers = new ArrayList<>();
        for (int i = 0; i < chosen.drawn.ledgers().size(); i++) {
            ledgers.add(withMotion(chosen, i, attempts));
        }
        if (question.target() instanceof Target.Port(int port)) {
            PortTables.complete(port, ledgers, incomplete);
        }
        return new Answer(
                question.target(),
                chosen.keyed.observation().takenAt(),
                chosen.keyed.observation().sources(),
                incomplete,
                ledgers,
                chosen.drawn.notes());
    }

    /** A ledger that does not balance and whose count was another in another look moves. */
    private static Ledger withMotion(Attempt chosen, int i, List<Attempt> attempts) {
        Ledger ledger = chosen.drawn.ledgers().get(i);
        if (ledger.balanced()) {
            return ledger;
        }
        long address = chosen.drawn.addresses().get(i);
        Map<Long, Boolean> counts = new HashMap<>();
        for (Attempt a : attempts) {
            Long count = a.drawn.count(address);
            if (count != null) {
                counts.put(count, true);
            }
        }
        return new Ledger(
                ledger.subject(),
                ledger.name(),
                ledger.inode(),
                ledger.references(),
                ledger.entries(),
                ledger.path(),
                ledger.notes(),
                counts.size() > 1);
    }
}
