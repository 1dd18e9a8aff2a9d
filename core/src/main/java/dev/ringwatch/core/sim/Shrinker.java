package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Handles;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Makes a program small that still does what it was found for.
 *
 * <p>First whole stretches of steps are left out, halved until they are single steps; then arguments
 * are made simpler: fewer descriptors in a message or a table, two messages to one queue made one,
 * one descriptor in another's place. All is tried again until nothing helps: what comes out does it
 * no more if any step, or any descriptor passed along, is left out.
 */
public final class Shrinker {
    /** Above this, what is near is too much to be tried; leaving out alone makes most smaller. */
    private static final int MOST_STEPS_FOR_NEARBY = 48;

    /** Above this, no step is left out and another moved at once. */
    private static final int MOST_STEPS_FOR_REORDERING = 20;

    /** How many programs near one are tried before it is taken for a smallest. */
    private static final int MOST_TRIALS = 8_000;

    private static final int STEP = 1000;

    private final Predicate<List<Step>> does;

    /**
     * @param does whether a program does what it was found for
     */
    public Shrinker(Predicate<List<Step>> does) {
        this.does = does;
    }

    /** A smallest one, as far as leaving out goes. The program must do it. */
    public List<Step> shrink(List<Step> program) {
        if (!does.test(program)) {
            throw new IllegalArgumentException("the program does not do what it was found for");
        }
        List<Step> best = program;
        while (true) {
            List<Step> smaller = nearby(simplified(withoutChunks(best)));
            if (smaller.equals(best)) {
                return best;
            }
            best = smaller;
        }
    }

    private List<Step> withoutChunks(List<Step> program) {
        List<Step> best = program;
        int size = Math.max(1, best.size() / 2);
        while (true) {
            List<Step> smaller = without(best, size);
            boolean helped = smaller.size() < best.size();
            best = smaller;
            if (size == 1 && !helped) {
                return best;
            }
            size = Math.max(1, Math.min(size, best.size()) / 2);
        }
    }

    private List<Step> without(List<Step> program, int size) {
        List<Step> best = program;
        for (int end = best.size(); end > 0; end -= size) {
            List<Step> shorter = new ArrayList<>(best);
            shorter.subList(Math.max(0, end - size), end).clear();
            if (does.test(shorter)) {
                best = shorter;
            }
        }
        return best;
    }

    /** Each step by a simpler one, as long as that helps. */
    private List<Step> simplified(List<Step> program) {
        List<Step> best = program;
        for (int at = 0; at < best.size(); at++) {
            boolean helped = true;
            while (helped) {
                helped = false;
                for (Step simpler : simpler(best.get(at))) {
                    List<Step> other = new ArrayList<>(best);
                    other.set(at, simpler);
                    if (!helped && does.test(other)) {
                        best = other;
                        helped = true;
                    }
                }
            }
        }
        return merged(best);
    }

    /** Simpler steps in place of one; each is simpler by some measure, so that this ends. */
    private static List<Step> simpler(Step step) {
        return switch (step) {
            case Step.Call(Syscall.Send send, List<Integer> results) ->
                    calls(simplerSends(send), results);
            case Step.Call(Syscall.RegisterFiles c, List<Integer> results) ->
                    calls(
                            shorter(c.fds()).stream()
                                    .map(fds -> new Syscall.RegisterFiles(c.pid(), c.ring(), fds))
                                    .toList(),
                            results);
            case Step.Call(Syscall.UpdateFiles c, List<Integer> results) ->
                    calls(
                            shorter(c.fds()).stream()
                                    .map(
                                            fds ->
                                                    new Syscall.UpdateFiles(
                                                            c.pid(), c.ring(), c.offset(), fds))
                                    .toList(),
                            results);
            case Step.Call(Syscall.Receive c, List<Integer> results)
                    when c.bytes() > 1 || c.oob() ->
                    calls(
                            List.of(
                                    new Syscall.Receive(
                                            c.pid(), c.fd(), c.room(), 1, c.peek(), false)),
                            results);
            case Step.Call(Syscall.Connect c, List<Integer> results) when c.split() ->
                    calls(
                            List.of(new Syscall.Connect(c.pid(), c.fd(), c.address(), false)),
                            results);
            case Step.Collect(int steps) when steps > 1 -> List.of(new Step.Collect(steps - 1));
            case Step.Call _,
                    Step.Settle _,
                    Step.Trigger _,
                    Step.Collect _,
                    Step.Fire _,
                    Step.Do _,
                    Step.Interleave _ ->
                    List.of();
        };
    }

    private static List<Step> calls(List<? extends Syscall> calls, List<Integer> results) {
        List<Step> steps = new ArrayList<>();
        calls.forEach(call -> steps.add(new Step.Call(call, results)));
        return steps;
    }

    private static List<Syscall.Send> simplerSends(Syscall.Send send) {
        List<Syscall.Send> simpler = new ArrayList<>();
        for (List<Integer> fds : shorter(send.fds())) {
            simpler.add(with(send, fds));
        }
        if (send.bytes() > 1 || send.oob()) {
            simpler.add(new Syscall.Send(send.pid(), send.fd(), send.fds(), 1, false, send.to()));
        }
        return simpler;
    }

    private static Syscall.Send with(Syscall.Send send, List<Integer> fds) {
        return new Syscall.Send(send.pid(), send.fd(), fds, send.bytes(), send.oob(), send.to());
    }

    /** The list without one of its elements. */
    private static List<List<Integer>> shorter(List<Integer> list) {
        List<List<Integer>> shorter = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            List<Integer> one = new ArrayList<>(list);
            one.remove(i);
            shorter.add(one);
        }
        return shorter;
    }

    /** Two messages through one descriptor made one. */
    private List<Step> merged(List<Step> program) {
        List<Step> best = program;
        for (int i = 0; i < best.size(); i++) {
            for (int j = best.size() - 1; j > i; j--) {
                Optional<List<Step>> other = merge(best, i, j);
                if (other.isPresent() && does.test(other.get())) {
                    best = other.get();
                }
            }
        }
        return best;
    }

    private static Optional<List<Step>> merge(List<Step> program, int i, int j) {
        if (program.get(i) instanceof Step.Call one && program.get(j) instanceof Step.Call two) {
            if (one.call() instanceof Syscall.Send a && two.call() instanceof Syscall.Send b) {
                return a.fd() == b.fd()
                        ? Optional.of(merge(program, i, j, a, b))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static List<Step> merge(
            List<Step> program, int i, int j, Syscall.Send a, Syscall.Send b) {
        List<Integer> fds = new ArrayList<>(a.fds());
        fds.addAll(b.fds());
        List<Step> other = new ArrayList<>(program);
        other.set(i, new Step.Call(with(a, fds), List.of()));
        other.remove(j);
        return other;
    }

    /**
     * What is near the program, where steps or descriptors become needless by that; and what is near
     * what is near, as far as the number of trials goes.
     */
    private List<Step> nearby(List<Step> program) {
        if (program.size() > MOST_STEPS_FOR_NEARBY) {
            return program;
        }
        Set<List<Step>> seen = new HashSet<>(Set.of(program));
        Deque<List<Step>> pending = new ArrayDeque<>(seen);
        int trials = 0;
        for (List<Step> near = pending.poll(); near != null; near = pending.poll()) {
            for (List<Step> other : neighbours(near)) {
                if (trials == MOST_TRIALS) {
                    return program;
                }
                if (!seen.add(other)) {
                    continue;
                }
                trials++;
                if (does.test(other)) {
                    List<Step> smaller = simplified(withoutChunks(other));
                    if (size(smaller) < size(program)) {
                        return smaller;
                    }
                    pending.add(other);
                }
            }
        }
        return program;
    }

    /** A step counts for more than all descriptors of a program. */
    private static int size(List<Step> program) {
        int size = 0;
        for (Step step : program) {
            size += STEP;
            if (step instanceof Step.Call call && call.call() instanceof Syscall.Send send) {
                size += send.fds().size();
            }
        }
        return size;
    }

    private static List<List<Step>> neighbours(List<Step> program) {
        SequencedSet<Integer> handles = new LinkedHashSet<>();
        for (Step step : program) {
            if (step instanceof Step.Call call) {
                handles.addAll(call.results());
            }
        }
        List<List<Step>> neighbours = new ArrayList<>();
        for (int i = 0; i < program.size(); i++) {
            for (int j = i + 1; j < program.size(); j++) {
                List<Step> without = new ArrayList<>(program);
                without.remove(j);
                without.remove(i);
                neighbours.add(without);
            }
        }
        addWholeRenamings(program, handles, neighbours);
        for (int old : handles) {
            for (int other : handles) {
                if (old != other) {
                    neighbours.add(renamed(program, handles, List.of(old), List.of(other)));
                    addSingleRenamings(program, handles, old, other, neighbours);
                }
            }
        }
        addReordered(program, neighbours);
        if (program.size() <= MOST_STEPS_FOR_REORDERING) {
            for (int i = 0; i < program.size(); i++) {
                List<Step> without = new ArrayList<>(program);
                without.remove(i);
                addReordered(without, neighbours);
            }
        }
        return neighbours;
    }

    /** One step elsewhere, and the descriptors of one message the other way round. */
    private static void addReordered(List<Step> program, List<List<Step>> neighbours) {
        for (int from = 0; from < program.size(); from++) {
            for (int to = 0; to < program.size(); to++) {
                List<Step> moved = new ArrayList<>(program);
                moved.add(to, moved.remove(from));
                neighbours.add(moved);
                if (program.get(from) instanceof Step.Call call
                        && call.call() instanceof Syscall.Send send
                        && send.fds().size() > 1) {
                    List<Step> turned = new ArrayList<>(moved);
                    turned.set(to, new Step.Call(with(send, send.fds().reversed()), List.of()));
                    neighbours.add(turned);
                }
            }
        }
    }

    /** The same in one message only. */
    private static void addSingleRenamings(
            List<Step> program,
            SequencedSet<Integer> handles,
            int old,
            int other,
            List<List<Step>> neighbours) {
        for (int i = 0; i < program.size(); i++) {
            if (program.get(i) instanceof Step.Call call && call.call() instanceof Syscall.Send) {
                List<Step> one = renamed(List.of(call), handles, List.of(old), List.of(other));
                if (!one.getFirst().equals(call)) {
                    List<Step> changed = new ArrayList<>(program);
                    changed.set(i, one.getFirst());
                    neighbours.add(changed);
                }
            }
        }
    }

    /** All that one call gave for what another gave: one pair of sockets for another. */
    private static void addWholeRenamings(
            List<Step> program, SequencedSet<Integer> handles, List<List<Step>> neighbours) {
        for (Step one : program) {
            for (Step two : program) {
                if (one instanceof Step.Call(Syscall _, List<Integer> old)
                        && two instanceof Step.Call(Syscall _, List<Integer> other)
                        && old.size() > 1
                        && old.size() == other.size()) {
                    neighbours.add(renamed(program, handles, old, other));
                    neighbours.add(renamed(program, handles, old, other.reversed()));
                }
            }
        }
    }

    /** The program with other handles, wherever the old ones are used. */
    private static List<Step> renamed(
            List<Step> program,
            SequencedSet<Integer> handles,
            List<Integer> old,
            List<Integer> other) {
        Handles names = new Handles(Step.FIRST_PROCESS);
        List<Integer> all = List.copyOf(handles);
        names.bind(all, all);
        names.bind(old, other);
        List<Step> renamed = new ArrayList<>();
        for (Step step : program) {
            renamed.add(
                    step instanceof Step.Call(Syscall call, List<Integer> results)
                            ? new Step.Call(names.resolve(call).orElse(call), results)
                            : step);
        }
        return renamed;
    }
}
