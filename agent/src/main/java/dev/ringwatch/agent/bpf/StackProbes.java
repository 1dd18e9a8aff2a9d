package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The programs of stacks.bpf.c, attached: they remember the last call that registered with each ring
 * and that sent each file, and tell of each stack once.
 *
 * <p>{@link #poll} belongs to one thread, everything else to another.
 */
public final class StackProbes implements AutoCloseable {
    /** What a call did to a ring; the numbers are those of {@code enum family}. */
    public enum Family {
        FILES(1),
        FILES_UPDATE(2),
        BUFFERS(3);

        private final int number;

        Family(int number) {
            this.number = number;
        }
    }

    private static final String RESOURCE = "stacks.bpf.o";
    private static final int KEY_BYTES = 16;
    private static final int CALL_BYTES = 40;
    private static final int LOSSES_BYTES = 16;
    private static final int COMM = 24;
    private static final int COMM_BYTES = 16;

    /** Where a send can be seen, the cheapest and most exact first. */
    private static final List<String> SENDS = List.of("on_edges", "on_attach", "on_sent");

    private static final List<String> REGISTRATIONS = List.of("on_register", "on_create");

    private final Libbpf libbpf;
    private final LoadedObject object;
    private final Set<StackFeature> features;
    private final MemorySegment key;
    private final MemorySegment value;
    private final int registrations;
    private final int sends;
    private final int losses;
    private final Libbpf.Ring ring;
    private final List<RawStack> polled = new ArrayList<>();

    /**
     * Loads and attaches what this kernel allows.
     *
     * @throws BpfUnavailableException if not even registrations can be seen
     */
    public static StackProbes attach() throws BpfUnavailableException {
        Privileges.check();
        Libbpf libbpf = Libbpf.find();
        for (String send : SENDS) {
            try {
                return new StackProbes(
                        libbpf,
                        List.of(REGISTRATIONS.get(0), REGISTRATIONS.get(1), send),
                        Set.of(StackFeature.REGISTRATIONS, StackFeature.SENDS));
            } catch (BpfUnavailableException e) {
                if (e.lack() == Lack.LIBRARY) {
                    throw e;
                }
                // the kernel lacks the function or does not let it be traced: the next one may do
            }
        }
        return new StackProbes(libbpf, REGISTRATIONS, Set.of(StackFeature.REGISTRATIONS));
    }

    private StackProbes(Libbpf libbpf, List<String> programs, Set<StackFeature> features)
            throws BpfUnavailableException {
        this.libbpf = libbpf;
        this.features = features;
        Set<String> without = new HashSet<>(REGISTRATIONS);
        without.addAll(SENDS);
        programs.forEach(without::remove);
        object =
                new LoadedObject(
                        libbpf, new LoadedObject.Plan(RESOURCE, Map.of(), without, Map.of()));
        boolean attached = false;
        try {
            key = object.allocate(KEY_BYTES);
            value = object.allocate(Math.max(CALL_BYTES, LOSSES_BYTES));
            registrations = object.fd("registrations", CALL_BYTES);
            sends = object.fd("sends", CALL_BYTES);
            losses = object.fd("losses", LOSSES_BYTES);
            for (String program : programs) {
                object.attach(program);
            }
            ring = libbpf.ring(object.fd("stacks"), this::accept);
            attached = true;
        } finally {
            if (!attached) {
                object.close();
            }
        }
    }

    public Set<StackFeature> features() {
        return features;
    }

    /** The last call of a kind that registered with the ring at this address. */
    public Optional<TracedCall> registration(long ring, Family family)
            throws BpfUnavailableException {
        return call(registrations, ring, family.number);
    }

    /**
     * The last call that sent a message with this file as its first.
     *
     * @param file the address of its struct file
     * @param receiver the address of the socket in whose queue it lies
     */
    public Optional<TracedCall> send(long file, long receiver) throws BpfUnavailableException {
        Optional<TracedCall> exact = call(sends, file, receiver);
        return exact.isPresent() ? exact : call(sends, file, 0);
    }

    private Optional<TracedCall> call(int map, long object, long detail)
            throws BpfUnavailableException {
        key.set(ValueLayout.JAVA_LONG, 0, object);
        key.set(ValueLayout.JAVA_LONG, 8, detail);
        if (!libbpf.lookup(map, key, value)) {
            return Optional.empty();
        }
        return Optional.of(
                new TracedCall(
                        value.get(ValueLayout.JAVA_LONG, 0),
                        value.get(ValueLayout.JAVA_LONG, 8),
                        value.get(ValueLayout.JAVA_INT, 16),
                        value.get(ValueLayout.JAVA_INT, 20),
                        comm()));
    }

    private String comm() {
        byte[] all = value.asSlice(COMM, COMM_BYTES).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < COMM_BYTES && all[length] != 0) {
            length++;
        }
        return new String(all, 0, length, StandardCharsets.UTF_8);
    }

    /** Calls and stacks that could not be kept since the programs were attached. */
    public long lost() throws BpfUnavailableException {
        key.set(ValueLayout.JAVA_INT, 0, 0);
        if (!libbpf.lookup(losses, key, value)) {
            throw new AssertionError("an array's only entry is missing");
        }
        return value.get(ValueLayout.JAVA_LONG, 0) + value.get(ValueLayout.JAVA_LONG, 8);
    }

    /** How often each program ran, where the kernel counts that. */
    public List<ProgramRuns> programs() throws BpfUnavailableException {
        return object.programs().stream()
                .map(p -> new ProgramRuns("stacks_" + p.name(), p.runs(), p.took()))
                .toList();
    }

    /** Its maps; a buffer's entries are bytes. */
    public List<MapSize> maps() {
        return object.maps().stream()
                .map(
                        m ->
                                new MapSize(
                                        "stacks_" + m.name(),
                                        m.entries(),
                                        m.bytes() == 0 ? m.entries() : m.bytes()))
                .toList();
    }

    /** Waits for stacks that nobody was told of, no longer than so, and gives what there is. */
    public void poll(int milliseconds, Consumer<RawStack> consumer) {
        ring.poll(milliseconds);
        polled.forEach(consumer);
        polled.clear();
    }

    /** Called from within {@link Libbpf.Ring#poll}. */
    private void accept(MemorySegment stack) {
        int count = Math.clamp(stack.get(ValueLayout.JAVA_INT, 28), 0, RawStack.MAX_FRAMES);
        polled.add(
                new RawStack(
                        stack.get(ValueLayout.JAVA_LONG, 0),
                        stack.get(ValueLayout.JAVA_INT, 24),
                        stack.get(ValueLayout.JAVA_LONG, 8),
                        stack.get(ValueLayout.JAVA_LONG, 16),
                        stack.asSlice(32, 8L * count)
                                .elements(ValueLayout.JAVA_LONG)
                                .map(e -> e.get(ValueLayout.JAVA_LONG, 0))
                                .toList()));
    }

    /** Detaches everything. Nobody may be in {@link #poll}. */
    @Override
    public void close() {
        ring.close();
        object.close();
    }
}
