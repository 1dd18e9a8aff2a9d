package dev.ringwatch.agent.stacks;

import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.MapSize;
import dev.ringwatch.agent.bpf.ProgramRuns;
import dev.ringwatch.agent.bpf.RawStack;
import dev.ringwatch.agent.bpf.StackFeature;
import dev.ringwatch.agent.bpf.StackProbes;
import dev.ringwatch.agent.bpf.StackProbes.Family;
import dev.ringwatch.agent.bpf.TracedCall;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows the last calls that registered with each ring and that sent each file, and names the stacks
 * of all of them as soon as they are made, in a thread of its own, while the processes live.
 *
 * <p>Everything but that thread belongs to one thread.
 */
public final class Stacks implements AutoCloseable {
    /** As many as the programs remember to have told, and as many again. */
    private static final int MAX_STACKS = 8192;

    private static final int TURN_MILLIS = 200;

    /** Half a processor, as long as it goes on. */
    private static final long WINDOW_NANOS = 1_000_000_000;

    private static final long MOST_NANOS_A_WINDOW = WINDOW_NANOS / 2;

    private final StackProbes probes;
    private final Symbolizer symbolizer = new Symbolizer(Path.of("/proc"));
    private final Map<Long, Known> known =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
                    return size() > MAX_STACKS;
                }
            };
    private final Set<Long> toNameAgain = ConcurrentHashMap.newKeySet();
    private @Nullable Thread thread;

    /** Of the thread alone. */
    private long windowBegin = System.nanoTime();

    private long spentNanos;
    private volatile boolean closing;

    private record Known(RawStack raw, Symbolizer.Named named) {}

    /**
     * Attaches the programs. Stacks wait in the kernel until {@link #begin}.
     *
     * @throws BpfUnavailableException with the cause and its cure
     */
    public static Stacks attach() throws BpfUnavailableException {
        return new Stacks(StackProbes.attach());
    }

    private Stacks(StackProbes probes) {
        this.probes = probes;
    }

    /**
     * Begins to name stacks, in a thread that has the privileges of the calling one: it reads what
     * {@code /proc} shows of other processes. Does nothing the second time.
     */
    public void begin() {
        if (thread == null) {
            thread = Thread.ofPlatform().name("ringwatch-stacks").daemon().start(this::run);
        }
    }

    /** What the kernel lets us see. */
    public Set<StackFeature> features() {
        return probes.features();
    }

    /** Calls and stacks that could not be kept. */
    public long lost() throws BpfUnavailableException {
        return probes.lost();
    }

    /** What the programs cost, where the kernel counts that. */
    public List<ProgramRuns> programs() throws BpfUnavailableException {
        return probes.programs();
    }

    /** The maps of the programs. */
    public List<MapSize> maps() {
        return probes.maps();
    }

    /** The last call of a kind that registered with a ring, by its address. */
    public Optional<TracedCall> registration(long ring, Family family)
            throws BpfUnavailableException {
        return probes.registration(ring, family);
    }

    /** The last call that sent a message with this file as its first to this socket. */
    public Optional<TracedCall> send(long file, long receiver) throws BpfUnavailableException {
        return probes.send(file, receiver);
    }

    /** The stack of a call, as far as it has names by now. */
    public Optional<CallStack> stack(long id) {
        Known k;
        synchronized (known) {
            k = known.get(id);
        }
        if (k == null) {
            return Optional.empty();
        }
        if (k.named.lacksNames()) {
            toNameAgain.add(id); // the process may write them down at any time
        }
        return Optional.of(k.named.stack());
    }

    private void run() {
        while (!closing) {
            probes.poll(TURN_MILLIS, this::keep);
            List<Long> again = List.copyOf(toNameAgain);
            again.forEach(toNameAgain::remove);
            again.forEach(this::nameAgain);
        }
    }

    private void keep(RawStack raw) {
        Known k =
                new Known(
                        raw,
                        mayName()
                                ? name(raw)
                                : Symbolizer.unnamed("too many new stacks came at the same time"));
        synchronized (known) {
            known.put(raw.id(), k);
        }
    }

    /** A process that makes new stacks without end must not keep a processor busy here. */
    private boolean mayName() {
        long now = System.nanoTime();
        if (now - windowBegin > WINDOW_NANOS) {
            windowBegin = now;
            spentNanos = 0;
        }
        return spentNanos < MOST_NANOS_A_WINDOW;
    }

    private Symbolizer.Named name(RawStack raw) {
        long begin = System.nanoTime();
        Symbolizer.Named named = symbolizer.name(raw);
        spentNanos += System.nanoTime() - begin;
        return named;
    }

    /** What was known of a process that has ended meanwhile is kept. */
    private void nameAgain(long id) {
        Known before;
        synchronized (known) {
            before = known.get(id);
        }
        if (before == null || !mayName()) {
            return; // whoever asks for it next has it tried again
        }
        Symbolizer.Named now = name(before.raw);
        Symbolizer.Named better =
                now.stack().frames().isEmpty()
                        ? new Symbolizer.Named(before.named.stack(), false)
                        : now;
        synchronized (known) {
            known.put(id, new Known(before.raw, better));
        }
    }

    /** Detaches the programs and ends the thread. */
    @Override
    public void close() {
        closing = true;
        Thread naming = thread;
        boolean interrupted = false;
        while (naming != null && naming.isAlive()) {
            try {
                naming.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        probes.close();
    }
}
