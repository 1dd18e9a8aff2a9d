package dev.ringwatch.core.graph;

import java.util.SplittableRandom;

/** Graphs too big for recursion, boxing or a quadratic step. */
public final class BigGraphs {
    private BigGraphs() {}

    /** Sockets that each hold the next, from none outside. */
    public static ReferenceGraph chain(int files) {
        return build(files, false);
    }

    /** Sockets that each hold the next, and the last the first. */
    public static ReferenceGraph loop(int files) {
        return build(files, true);
    }

    private static ReferenceGraph build(int files, boolean closed) {
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        for (int f = 0; f < files; f++) {
            builder.file(FileKind.UNIX_SOCKET, f == 0 && !closed ? 0 : 1, false);
        }
        for (int f = 0; f + 1 < files; f++) {
            builder.queued(f, f + 1, 0);
        }
        if (closed) {
            builder.queued(files - 1, 0, 0);
        }
        return builder.build();
    }

    /**
     * Any file may be held. Every fourth file is a ring, and their tables are nearly all references;
     * one in a thousand is a descriptor queued on one of the sockets, which are half of all files.
     *
     * @param files a multiple of four
     * @param descriptors how many files, the first ones, a process has a descriptor of
     */
    public static ReferenceGraph random(int files, int references, int descriptors, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] from = new int[references];
        int[] to = new int[references];
        int[] count = new int[files];
        for (int i = 0; i < references; i++) {
            int group = random.nextInt(files / 4) * 4;
            from[i] = random.nextInt(1_000) == 0 ? group + 1 + random.nextInt(2) : group;
            to[i] = random.nextInt(files);
            count[to[i]]++;
        }
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        for (int f = 0; f < files; f++) {
            builder.file(kind(f), count[f] + (f < descriptors ? 1 : 0), false);
        }
        for (int i = 0; i < references; i++) {
            if (kind(from[i]) == FileKind.RING) {
                builder.slot(from[i], to[i], i);
            } else {
                builder.queued(from[i], to[i], i);
            }
        }
        for (int f = 0; f < descriptors; f++) {
            builder.outside(f, new Holder.DescriptorSlot(1, f));
        }
        return builder.build();
    }

    private static FileKind kind(int file) {
        return switch (file % 4) {
            case 0 -> FileKind.RING;
            case 3 -> FileKind.OTHER;
            default -> FileKind.UNIX_SOCKET;
        };
    }
}
