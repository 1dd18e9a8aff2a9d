package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.Fingerprint;
import dev.ringwatch.core.kernel.Invariants;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.Violation;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All sequences of a few kinds of moves with a few things, up to their names, short ones first. Each
 * state is looked at once: what must hold is checked in it, and for each rule that breaks the first
 * program that broke it is kept, which is a shortest one.
 *
 * @param moves which moves there are
 * @param depth how many moves a sequence has at most
 */
public record SyscallScope(Moves.Set moves, int depth) {
    /** More would take hours. */
    public static final int MAX_DEPTH = 9;

    /** Refuses what would take too long. */
    public SyscallScope {
        if (depth < 1 || depth > MAX_DEPTH) {
            throw new IllegalArgumentException("depth must be 1 to " + MAX_DEPTH);
        }
    }

    /**
     * What was found.
     *
     * @param sequences how many moves were tried
     * @param states how many states these led to
     * @param broken for each rule that was broken a shortest program that breaks it
     */
    public record Result(long sequences, long states, Map<Rule, List<Step>> broken) {}

    /** A state by the moves that lead to it. */
    private record Node(@Nullable Node before, List<Step> move, int moves) {
        List<Step> program() {
            Deque<Step> steps = new ArrayDeque<>();
            for (Node node = this; node != null; node = node.before) {
                node.move.reversed().forEach(steps::push);
            }
            return List.copyOf(steps);
        }
    }

    /** What is kept of a fingerprint: 128 bits, since there are a million. */
    private record Digest(long high, long low) {
        private static final long ODD = 0x9e3779b97f4a7c15L;

        static Digest of(String fingerprint) {
            long high = 1;
            long low = 1;
            for (int i = 0; i < fingerprint.length(); i++) {
                char letter = fingerprint.charAt(i);
                high = high * 1_000_003 + letter;
                low = (low ^ letter) * ODD;
                low ^= low >>> 29;
            }
            return new Digest(high, low);
        }
    }

    /** Looks at all states under an era. */
    public Result explore(KernelEra era, LongConsumer progress) {
        return new Exploration(era, progress).explore();
    }

    private final class Exploration {
        private final KernelEra era;
        private final LongConsumer progress;
        private final Set<Digest> seen = new HashSet<>();
        private final Deque<Node> pending = new ArrayDeque<>();
        private final Map<Rule, List<Step>> broken = new EnumMap<>(Rule.class);
        private long sequences;
        private long states;

        Exploration(KernelEra era, LongConsumer progress) {
            this.era = era;
            this.progress = progress;
        }

        Result explore() {
            pending.add(new Node(null, moves.first(era), 0));
            for (Node node = pending.poll(); node != null; node = pending.poll()) {
                if (node.moves < depth) {
                    expand(node);
                }
            }
            return new Result(sequences, states, broken);
        }

        private void expand(Node node) {
            List<Step> program = node.program();
            for (List<Step> move : moves.in(played(program))) {
                sequences++;
                progress.accept(sequences);
                tryMove(new Node(node, move, node.moves + 1));
            }
        }

        private Player played(List<Step> program) {
            Player player = new Player(new KernelModel(era));
            program.forEach(player::play);
            return player;
        }

        private void tryMove(Node node) {
            List<Step> program = node.program();
            try {
                Player player = played(program);
                if (isNew(player)) {
                    states++;
                    if (check(player, program)) {
                        pending.add(node);
                    }
                }
            } catch (IllegalStateException e) {
                // What was used after it was freed has no states any more; that was told before.
            }
        }

        private boolean isNew(Player player) {
            Optional<String> fingerprint = Fingerprint.of(player.model().state());
            return fingerprint.isEmpty() || seen.add(Digest.of(fingerprint.get()));
        }

        /** Whether it makes sense to go on from here. */
        private boolean check(Player player, List<Step> program) {
            boolean sane = true;
            List<Violation> all = new ArrayList<>(player.model().state().violations());
            all.addAll(Invariants.check(player.model().state()));
            for (Violation violation : all) {
                broken.putIfAbsent(violation.rule(), program);
                sane &= violation.rule() != Rule.USE_AFTER_FREE;
            }
            return sane;
        }
    }
}
