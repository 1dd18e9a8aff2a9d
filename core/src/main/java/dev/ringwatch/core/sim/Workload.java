package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.scenario.Step;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Random programs. Each is made step by step against a model, so that most of its steps make sense,
 * and has its own mix: which kinds of steps occur at all, how often each, and how much of everything
 * there is (swarm testing: a mix of everything reaches less than many odd mixes).
 *
 * <p>The same workload, era and seed give the same program, always.
 *
 * @param scope what may occur
 * @param closes whether programs end with closing everything, in a random order
 */
public record Workload(Scope scope, boolean closes) {
    /** How many steps a program has at most, before it closes everything. */
    public static final int MAX_STEPS = 120;

    /** How many descriptors a process of a program has at most: some graphs want many. */
    public static final int MAX_DESCRIPTORS = 32;

    /** How many descriptors a message of a program carries at most: enough for every shape. */
    public static final int MAX_PASSED = 3;

    /** How many processes a program has at most at a time. */
    public static final int MAX_PROCESSES = 3;

    /** How many slots a table of a program has at most. */
    public static final int MAX_SLOTS = 5;

    /** How many bytes a message or a read of a program has at most. */
    public static final int MAX_BYTES = 4;

    /** What may occur in programs. */
    public enum Part {
        /** Socket pairs, dup, send, receive, read, write, shutdown, close. */
        SOCKETS,
        /** Single sockets, bind, listen, connect, accept, datagrams to a name. */
        LISTENERS,
        /** Pipes and regular files. */
        PIPES,
        /** Rings, their tables, requests of every kind but one, mappings, registered rings. */
        RINGS,
        /**
         * {@link dev.ringwatch.core.kernel.Request.Install}: the descriptor that it gives is known
         * from a completion, so handles of a {@link dev.ringwatch.core.kernel.Syscall.Reap} stand
         * for the request and the descriptor. Where other completions come, they stand for other
         * numbers: whoever plays that on a live kernel has to see to it.
         */
        INSTALL,
        /** Fork, exec, exit, close-on-exec, users and limits. */
        PROCESSES,
        /** The collector's steps one by one, work in any order, timeouts, split connects. */
        INTERLEAVING
    }

    /**
     * What may occur.
     *
     * @param parts all of it
     */
    public record Scope(Set<Part> parts) {
        /** Copies the set. */
        public Scope {
            parts = Set.copyOf(parts);
        }

        /** These parts. */
        public static Scope of(Part... parts) {
            return new Scope(Set.of(parts));
        }

        /** Every part. */
        public static Scope all() {
            return new Scope(EnumSet.allOf(Part.class));
        }

        /** Whether the part may occur. */
        public boolean has(Part part) {
            return parts.contains(part);
        }
    }

    /** Programs that end with whatever is open. */
    public static Workload of(Scope scope) {
        return new Workload(scope, false);
    }

    /** Programs that end with closing everything. */
    public Workload closed() {
        return new Workload(scope, true);
    }

    /** The program of that seed. */
    public List<Step> program(KernelEra era, Seed seed) {
        return new ProgramMaker(this, era, seed).make();
    }
}
