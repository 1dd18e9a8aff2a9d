package dev.ringwatch.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable picture of which open file refers to which, and what refers to them from outside.
 *
 * <p>Files are numbered from 0 in the order they were added; references likewise. A reference goes
 * from the file that holds to the file that is held: a socket whose queue carries a descriptor, a
 * ring whose table or request has the file. Roots are the references from outside: descriptors,
 * mappings, ring descriptors registered with a task.
 *
 * <p>Everything is kept in flat arrays, 17 bytes a reference and 31 bytes a file, and both
 * directions are walked without allocation:
 *
 * <pre>{@code
 * for (int i = graph.heldBegin(file); i < graph.heldEnd(file); i++) {
 *     int held = graph.to(i);
 * }
 * for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
 *     int reference = graph.holderReference(i);
 *     int holder = graph.from(reference);
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads.
 */
public final class ReferenceGraph {
    /** A count that could not be read. */
    public static final long UNKNOWN = -1;

    /** No such file: what {@link #peer(int)} gives for a socket without one. */
    public static final int NONE = -1;

    private static final FileKind[] KINDS = FileKind.values();
    private static final By[] BYS = By.values();

    /** How one file holds another. */
    public enum By {
        /** A packet in a receive queue. */
        QUEUE,
        /** A slot of a ring's file table. */
        SLOT,
        /** A request in flight, with a reference of its own. */
        REQUEST,
        /**
         * A request in flight through a registered slot: it uses the file, yet owns no reference
         * beside the slot's. It counts for reachability and not for the ledger.
         */
        REQUEST_BY_SLOT
    }

    private final int files;
    private final byte[] kind;
    private final boolean[] deleted;
    private final long[] kernelCount;
    private final int[] peer;
    private final boolean[] peerGone;
    private final int[] bySlot;

    private final int[] heldBegin;
    private final int[] from;
    private final int[] to;
    private final byte[] by;
    private final int[] detail;
    private final int[] holdersBegin;
    private final int[] holderReference;

    private final int[] rootBegin;
    private final Holder[] roots;

    private ReferenceGraph(Builder b) {
        files = b.files;
        kind = Arrays.copyOf(b.kind, files);
        deleted = Arrays.copyOf(b.deleted, files);
        kernelCount = Arrays.copyOf(b.kernelCount, files);
        peer = Arrays.copyOf(b.peer, files);
        peerGone = Arrays.copyOf(b.peerGone, files);

        heldBegin = offsets(b.from, b.references, files);
        int[] order = sortedBy(b.from, b.references, heldBegin);
        from = permuted(b.from, order);
        to = permuted(b.to, order);
        detail = permuted(b.detail, order);
        by = new byte[order.length];
        for (int i = 0; i < order.length; i++) {
            by[i] = b.by[order[i]];
        }
        holdersBegin = offsets(to, to.length, files);
        holderReference = sortedBy(to, to.length, holdersBegin);

        rootBegin = offsets(b.rootFile, b.roots.size(), files);
        int[] rootOrder = sortedBy(b.rootFile, b.roots.size(), rootBegin);
        roots = new Holder[rootOrder.length];
        for (int i = 0; i < rootOrder.length; i++) {
            roots[i] = b.roots.get(rootOrder[i]);
        }
        bySlot = requestsBySlot(by, to, files);
    }

    private static int[] requestsBySlot(byte[] by, int[] to, int files) {
        int[] count = new int[files];
        for (int i = 0; i < to.length; i++) {
            if (by[i] == By.REQUEST_BY_SLOT.ordinal()) {
                count[to[i]]++;
            }
        }
        return count;
    }

    /** The number of open files. */
    public int fileCount() {
        return files;
    }

    /** The number of references between files. */
    public int referenceCount() {
        return to.length;
    }

    /** What the file is. */
    public FileKind kind(int file) {
        return KINDS[kind[file]];
    }

    /** Whether the file has no name left in its file system. */
    public boolean deleted(int file) {
        return deleted[file];
    }

    /** The kernel's own count of references to the file, or {@link #UNKNOWN}. */
    public long kernelCount(int file) {
        return kernelCount[file];
    }

    /** The other end of a connected socket, or {@link #NONE}. */
    public int peer(int file) {
        return peer[file];
    }

    /** Whether the socket was connected and its other end has been closed. */
    public boolean peerGone(int file) {
        return peerGone[file];
    }

    /** How many references from outside the graph the file has. */
    public int outsideReferences(int file) {
        return rootBegin[file + 1] - rootBegin[file];
    }

    /** The references from outside the graph: descriptors, mappings, registrations with a task. */
    public List<Holder> outsideHolders(int file) {
        return List.of(Arrays.copyOfRange(roots, rootBegin[file], rootBegin[file + 1]));
    }

    /** The first of {@link #outsideHolders}; the file must have one. */
    public Holder firstOutsideHolder(int file) {
        return roots[rootBegin[file]];
    }

    /** What {@link #heldBegin} gives, for all files and one more: not to be written. */
    int[] heldBegins() {
        return heldBegin;
    }

    /** What {@link #to} gives, for all references: not to be written. */
    int[] tos() {
        return to;
    }

    /** The first reference that {@code file} has on another. */
    public int heldBegin(int file) {
        return heldBegin[file];
    }

    /** One past the last reference that {@code file} has on another. */
    public int heldEnd(int file) {
        return heldBegin[file + 1];
    }

    /** The first position, for {@link #holderReference}, of the references to {@code file}. */
    public int holdersBegin(int file) {
        return holdersBegin[file];
    }

    /** One past the last position of the references to {@code file}. */
    public int holdersEnd(int file) {
        return holdersBegin[file + 1];
    }

    /** The reference at a position of {@link #holdersBegin} to {@link #holdersEnd}. */
    public int holderReference(int position) {
        return holderReference[position];
    }

    /** The file that holds. */
    public int from(int reference) {
        return from[reference];
    }

    /** The file that is held. */
    public int to(int reference) {
        return to[reference];
    }

    /** How the reference holds. */
    public By by(int reference) {
        return BYS[by[reference]];
    }

    /** Packet ordinal for a queue, slot number for a slot, opcode for a request. */
    public int detail(int reference) {
        return detail[reference];
    }

    /** The reference as a {@link Holder} of {@link #to}. */
    public Holder holder(int reference) {
        int file = from[reference];
        int n = detail[reference];
        return switch (by(reference)) {
            case QUEUE -> new Holder.QueuedPacket(file, n);
            case SLOT -> new Holder.RingSlot(file, n);
            case REQUEST, REQUEST_BY_SLOT -> new Holder.PendingRequest(file, n);
        };
    }

    /** Every holder of a file, those from outside first. */
    public List<Holder> holders(int file) {
        List<Holder> all = new ArrayList<>(outsideHolders(file));
        for (int i = holdersBegin(file); i < holdersEnd(file); i++) {
            all.add(holder(holderReference(i)));
        }
        return List.copyOf(all);
    }

    /** How many references to the file this graph accounts for. */
    public int explained(int file) {
        return outsideReferences(file) + holdersEnd(file) - holdersBegin(file) - bySlot[file];
    }

    /**
     * How many references the kernel counts that this graph does not account for, never below 0, or
     * {@link #UNKNOWN} where the kernel's count could not be read.
     */
    public long unexplained(int file) {
        return kernelCount[file] == UNKNOWN
                ? UNKNOWN
                : Math.max(0, kernelCount[file] - explained(file));
    }

    private static int[] offsets(int[] key, int n, int keys) {
        int[] begin = new int[keys + 1];
        for (int i = 0; i < n; i++) {
            begin[key[i] + 1]++;
        }
        for (int k = 0; k < keys; k++) {
            begin[k + 1] += begin[k];
        }
        return begin;
    }

    /** Counting sort, stable: positions of {@code key} in ascending order of their value. */
    private static int[] sortedBy(int[] key, int n, int[] begin) {
        int[] next = Arrays.copyOf(begin, begin.length);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[next[key[i]]++] = i;
        }
        return order;
    }

    private static int[] permuted(int[] values, int[] order) {
        int[] result = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            result[i] = values[order[i]];
        }
        return result;
    }

    /** Collects files and references; not for use by more than one thread. */
    public static final class Builder {
        private int files;
        private byte[] kind = new byte[64];
        private boolean[] deleted = new boolean[64];
        private long[] kernelCount = new long[64];
        private int[] peer = new int[64];
        private boolean[] peerGone = new boolean[64];

        private int references;
        private int[] from = new int[64];
        private int[] to = new int[64];
        private byte[] by = new byte[64];
        private int[] detail = new int[64];

        private int[] rootFile = new int[64];
        private final List<Holder> roots = new ArrayList<>();

        /** Nothing yet. */
        public Builder() {}

        /**
         * Adds an open file.
         *
         * @param kernelCount the kernel's count of references ({@code f_count}), or {@link
         *     #UNKNOWN}; 0 for a ring in teardown, whose file is gone
         * @param deleted whether the file has no name left in its file system
         * @return the file's index, counted from 0
         */
        public int file(FileKind fileKind, long kernelCount, boolean deleted) {
            int index = files++;
            if (index == kind.length) {
                growFiles();
            }
            this.kind[index] = (byte) fileKind.ordinal();
            this.kernelCount[index] = kernelCount;
            this.deleted[index] = deleted;
            this.peer[index] = NONE;
            return index;
        }

        /** Says that {@code a} is connected to {@code b}, in this direction only. */
        public void peer(int a, int b) {
            peer[check(a)] = check(b);
        }

        /** Says that the other end of {@code socket} has been closed. */
        public void peerGone(int socket) {
            peerGone[check(socket)] = true;
        }

        /** A descriptor of {@code held} lies in packet number {@code packet} queued on {@code socket}. */
        public void queued(int socket, int held, int packet) {
            add(socket, held, By.QUEUE, packet);
        }

        /** Slot number {@code slot} of {@code ring} has {@code held}. */
        public void slot(int ring, int held, int slot) {
            add(ring, held, By.SLOT, slot);
        }

        /** A request in flight of {@code ring} has a reference of its own on {@code held}. */
        public void request(int ring, int held, int opcode) {
            add(ring, held, By.REQUEST, opcode);
        }

        /** A request in flight of {@code ring} uses {@code held} through a registered slot. */
        public void requestBySlot(int ring, int held, int opcode) {
            add(ring, held, By.REQUEST_BY_SLOT, opcode);
        }

        /** Something outside the graph holds {@code file}. */
        public void outside(int file, Holder holder) {
            if (roots.size() == rootFile.length) {
                rootFile = Arrays.copyOf(rootFile, rootFile.length * 2);
            }
            rootFile[roots.size()] = check(file);
            roots.add(holder);
        }

        /** The graph of what was added so far. */
        public ReferenceGraph build() {
            return new ReferenceGraph(this);
        }

        private void add(int holder, int held, By how, int number) {
            int index = references++;
            if (index == to.length) {
                growReferences();
            }
            from[index] = check(holder);
            to[index] = check(held);
            by[index] = (byte) how.ordinal();
            detail[index] = number;
        }

        private int check(int file) {
            if (file < 0 || file >= files) {
                throw new IndexOutOfBoundsException(
                        "file " + file + " is not one of the " + files + " added");
            }
            return file;
        }

        private void growFiles() {
            int n = kind.length * 2;
            kind = Arrays.copyOf(kind, n);
            deleted = Arrays.copyOf(deleted, n);
            kernelCount = Arrays.copyOf(kernelCount, n);
            peer = Arrays.copyOf(peer, n);
            peerGone = Arrays.copyOf(peerGone, n);
        }

        private void growReferences() {
            int n = to.length * 2;
            from = Arrays.copyOf(from, n);
            to = Arrays.copyOf(to, n);
            by = Arrays.copyOf(by, n);
            detail = Arrays.copyOf(detail, n);
        }
    }
}
