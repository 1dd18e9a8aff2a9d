package dev.ringwatch.core.graph;

import java.util.Random;

/**
 * Small random graphs from a seed: the one given by {@code -Dringwatch.seed}, else a new one, which
 * is printed.
 */
public final class RandomGraphs {
    /** The seed of this run. */
    public static final long SEED = Long.getLong("ringwatch.seed", System.nanoTime());

    static {
        System.out.println("random graphs: -Dringwatch.seed=" + SEED);
    }

    private RandomGraphs() {}

    /** Says how to make graph number {@code n} again. */
    public static String hint(int n) {
        return "graph " + n + " of -Dringwatch.seed=" + SEED;
    }

    /** Graph number {@code n}: at most 12 files, any reference of any kind between any two. */
    public static ReferenceGraph graph(int n) {
        Random random = new Random(SEED * 1_000_003 + n);
        int files = 1 + random.nextInt(12);
        int references = random.nextInt(2 * files + 1);
        int[] from = random.ints(references, 0, files).toArray();
        int[] to = random.ints(references, 0, files).toArray();
        int[] by = random.ints(references, 0, 5).toArray();
        int[] outside = random.ints(files, -4, 3).toArray();
        long[] counts = new long[files];
        for (int f = 0; f < files; f++) {
            counts[f] = Math.max(0, outside[f]);
        }
        for (int i = 0; i < references; i++) {
            counts[to[i]] += by[i] == 3 ? 0 : 1;
        }
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        for (int f = 0; f < files; f++) {
            FileKind kind = FileKind.values()[Math.max(0, random.nextInt(6) - 2)];
            builder.file(kind, misread(counts[f], random), random.nextInt(4) == 0);
        }
        for (int i = 0; i < references; i++) {
            refer(builder, from[i], to[i], by[i], i);
        }
        for (int f = 0; f < files; f++) {
            surround(builder, f, outside[f], files, random);
        }
        return builder.build();
    }

    private static long misread(long count, Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> ReferenceGraph.UNKNOWN;
            case 1 -> count + 1;
            case 2 -> Math.max(0, count - 1);
            default -> count;
        };
    }

    private static void refer(ReferenceGraph.Builder b, int from, int to, int by, int number) {
        switch (by) {
            case 1 -> b.slot(from, to, number);
            case 2 -> b.request(from, to, number);
            case 3 -> b.requestBySlot(from, to, number);
            default -> b.queued(from, to, number);
        }
    }

    private static void surround(
            ReferenceGraph.Builder b, int file, int outside, int files, Random random) {
        for (int fd = 0; fd < outside; fd++) {
            b.outside(file, new Holder.DescriptorSlot(1, fd));
        }
        switch (random.nextInt(4)) {
            case 0 -> b.peerGone(file);
            case 1 -> b.peer(file, random.nextInt(files));
            default -> {}
        }
    }
}
