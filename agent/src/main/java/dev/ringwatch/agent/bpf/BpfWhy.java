package dev.ringwatch.agent.bpf;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import dev.ringwatch.uring.sys.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Finds everything that refers to one file, mount, port or network namespace, with the programs of
 * why.bpf.c: what {@link BpfSnapshots} does not list because it is of no use to it. Loaded when
 * somebody asks and closed after the answer.
 *
 * <p>For one thread: its own descriptors are those that {@link #place} and {@code loopDevices} mean.
 */
public final class BpfWhy implements AutoCloseable {
    private static final String RESOURCE = "why.bpf.o";
    private static final int WORK_ENTRIES = 8192;
    private static final int FIRST_ENTRIES = 4096;

    private static final int FOUND_BYTES = 336;
    private static final int HOLDER_BYTES = 40;
    private static final int WORK_BYTES = 16;
    private static final int CONTROL_BYTES = 144;
    private static final int NAME = 80;
    private static final int NAME_BYTES = 256;

    /** Offsets in {@code struct control}. */
    private static final int CURSOR_FOUND = 0;

    private static final int CURSOR_HOLDERS = 4;
    private static final int DROPPED_FOUND = 8;
    private static final int DROPPED_HOLDERS = 12;
    private static final int MATCH = 16;
    private static final int PORT = 20;
    private static final int FILE = 24;
    private static final int INODE = 32;
    private static final int PARENT = 40;
    private static final int MOUNT = 48;
    private static final int NUMBER = 64;
    private static final int TGID = 72;
    private static final int FD = 76;
    private static final int MODE = 84;
    private static final int INODE_NUMBER = 88;
    private static final int DENTRY = 96;
    private static final int IS_ROOT = 104;
    private static final int COUNTED = 108;
    private static final int COUNT = 112;
    private static final int ATTACHED = 120;
    private static final int MOUNT_ID = 124;
    private static final int STASHED = 128;
    private static final int WORK = 132;
    private static final int CHILDREN_COUNT = 140;

    private final Libbpf libbpf;
    private final long maxTableBytes;
    private Tables tables;

    private BpfWhy(Libbpf libbpf, long maxTableBytes) throws BpfUnavailableException {
        this.libbpf = libbpf;
        this.maxTableBytes = maxTableBytes;
        tables = new Tables(libbpf, FIRST_ENTRIES, FIRST_ENTRIES);
    }

    /**
     * Loads the programs.
     *
     * @param maxTableBytes the kernel memory that their tables may take
     * @throws BpfUnavailableException with the cause and its cure
     */
    public static BpfWhy load(long maxTableBytes) throws BpfUnavailableException {
        Privileges.check();
        return new BpfWhy(Libbpf.find(), maxTableBytes);
    }

    /**
     * Where a descriptor of this process leads, as addresses.
     *
     * @param file the open file of the descriptor itself
     * @param directory the entry of the directory that its name is in
     * @param isRoot whether it is the root of its mount
     * @param number the inode's number
     * @param mode the inode's type and permissions
     */
    public record Place(
            long file,
            long inode,
            long entry,
            long directory,
            long mount,
            boolean isRoot,
            long number,
            int mode) {}

    /** Where a descriptor of this process leads. */
    public Place place(int fd) throws BpfUnavailableException {
        tables.reset();
        tables.control.set(ValueLayout.JAVA_INT, FD, fd);
        tables.object.run("read_descriptor");
        return new Place(
                tables.u64(FILE),
                tables.u64(INODE),
                tables.u64(DENTRY),
                tables.u64(PARENT),
                tables.u64(MOUNT),
                tables.u32(IS_ROOT) != 0,
                tables.u64(INODE_NUMBER),
                tables.u32(MODE));
    }

    /** The address of the open file behind a descriptor of another process, if it has one. */
    public OptionalLong file(int pid, int fd) throws BpfUnavailableException {
        tables.reset();
        tables.control.set(ValueLayout.JAVA_INT, TGID, pid);
        tables.control.set(ValueLayout.JAVA_INT, FD, fd);
        iterate("find_file");
        long file = tables.u64(FILE);
        return file == 0 ? OptionalLong.empty() : OptionalLong.of(file);
    }

    /**
     * Looks once over the whole machine.
     *
     * @param files addresses of the open files that rings, queues and requests have
     * @param sockets addresses of AF_UNIX sockets, with or without open files
     * @param loopDevices descriptors of this process, of the loop devices in use
     */
    public Sighting look(Sought sought, long[] files, long[] sockets, List<Integer> loopDevices)
            throws BpfUnavailableException {
        while (true) {
            tables.reset();
            ask(sought);
            iterate("find_tasks");
            iterate("find_descriptors");
            iterate("find_mappings");
            examine("examine_files", files);
            examine("examine_sockets", sockets);
            for (int fd : loopDevices) {
                tables.control.set(ValueLayout.JAVA_INT, FD, fd);
                tables.object.run("find_backing_file");
            }
            Sighting.Whole whole = whole(sought);
            if (!grow()) {
                return sighting(whole);
            }
        }
    }

    private void ask(Sought sought) {
        int match =
                switch (sought) {
                    case Sought.OneFile(long file) -> {
                        tables.set(FILE, file);
                        yield 0;
                    }
                    case Sought.Inode(long inode, long directory) -> {
                        tables.set(INODE, inode);
                        tables.set(PARENT, directory);
                        yield 1;
                    }
                    case Sought.InodeNumber(long number) -> {
                        tables.set(NUMBER, number);
                        yield 2;
                    }
                    case Sought.Mount(long mount) -> {
                        tables.set(MOUNT, mount);
                        yield 3;
                    }
                    case Sought.NetworkNamespace(long number) -> {
                        tables.set(NUMBER, number);
                        yield 4;
                    }
                    case Sought.Port(int port) -> {
                        tables.control.set(ValueLayout.JAVA_INT, PORT, port);
                        yield 5;
                    }
                };
        tables.control.set(ValueLayout.JAVA_INT, MATCH, match);
    }

    private Sighting.Whole whole(Sought sought) throws BpfUnavailableException {
        switch (sought) {
            case Sought.Mount m -> tables.object.run("count_mount");
            case Sought.NetworkNamespace n -> tables.object.run("count_namespace");
            case Sought.OneFile f -> {
                // its count is that of the file
            }
            case Sought.Inode i -> {
                // each of its open files has a count
            }
            case Sought.InodeNumber n -> {
                // as above
            }
            case Sought.Port p -> {
                // as above
            }
        }
        return new Sighting.Whole(
                tables.u32(COUNTED) == 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(tables.u64(COUNT)),
                tables.u32(ATTACHED) != 0,
                tables.u32(MOUNT_ID),
                tables.u32(CHILDREN_COUNT) != 0,
                tables.u32(STASHED) != 0);
    }

    private void iterate(String program) throws BpfUnavailableException {
        try {
            tables.object.iterate(program);
        } catch (ErrnoException e) {
            throw new BpfUnavailableException(Lack.REFUSED, "a look failed: " + e.getMessage(), e);
        }
    }

    private void examine(String program, long[] addresses) throws BpfUnavailableException {
        for (int from = 0; from < addresses.length; from += WORK_ENTRIES) {
            int n = Math.min(WORK_ENTRIES, addresses.length - from);
            for (int i = 0; i < n; i++) {
                tables.work.set(ValueLayout.JAVA_LONG, (long) i * WORK_BYTES, addresses[from + i]);
            }
            tables.control.set(ValueLayout.JAVA_INT, WORK, n);
            tables.object.run(program);
        }
    }

    private Map<Long, Long> counts(long[] files) throws BpfUnavailableException {
        Map<Long, Long> counts = new HashMap<>();
        for (int from = 0; from < files.length; from += WORK_ENTRIES) {
            long[] batch =
                    Arrays.copyOfRange(files, from, Math.min(files.length, from + WORK_ENTRIES));
            examine("count_files", batch);
            for (int i = 0; i < batch.length; i++) {
                counts.put(
                        batch[i],
                        tables.work.get(ValueLayout.JAVA_LONG, (long) i * WORK_BYTES + 8));
            }
        }
        return counts;
    }

    /** Enlarges what was too small; false if nothing was, or the limit does not let it. */
    private boolean grow() {
        int found = tables.u32(CURSOR_FOUND);
        int holders = tables.u32(CURSOR_HOLDERS);
        if (tables.u32(DROPPED_FOUND) == 0 && tables.u32(DROPPED_HOLDERS) == 0) {
            return false;
        }
        int wantedFound = Math.max(FIRST_ENTRIES, found + found / 2);
        int wantedHolders = Math.max(FIRST_ENTRIES, holders + holders / 2);
        long bytes = (long) wantedFound * FOUND_BYTES + (long) wantedHolders * HOLDER_BYTES;
        if (found < 0 || holders < 0 || bytes > maxTableBytes) {
            return false; // the sighting says what it missed
        }
        try {
            Tables larger = new Tables(libbpf, wantedFound, wantedHolders);
            tables.object.close();
            tables = larger;
            return true;
        } catch (BpfUnavailableException e) {
            return false; // the same
        }
    }

    private Sighting sighting(Sighting.Whole whole) throws BpfUnavailableException {
        Map<Long, Found> files = new LinkedHashMap<>();
        List<Found> sockets = new ArrayList<>();
        Records records = tables.found();
        for (int i = 0; i < records.count(); i++) {
            Found found = found(records, i);
            if (found.file() == 0) {
                sockets.add(found);
            } else {
                files.put(found.file(), found);
            }
        }
        int missed = tables.u32(DROPPED_FOUND) + tables.u32(DROPPED_HOLDERS);
        List<FoundHolder> holders = holders();
        long[] addresses = files.keySet().stream().mapToLong(Long::longValue).toArray();
        return new Sighting(files, sockets, holders, counts(addresses), whole, missed);
    }

    private static Found found(Records r, int i) {
        return new Found(
                r.u64(i, 0),
                r.u64(i, 8),
                Found.Kind.values()[r.u32(i, 48)],
                r.u64(i, 16),
                r.u32(i, 40),
                r.u32(i, 44),
                r.u64(i, 24),
                r.u64(i, 32),
                r.u32(i, 52),
                r.u32(i, 56),
                Integer.toUnsignedLong(r.u32(i, 60)),
                r.u32(i, 64),
                r.u16(i, 68),
                r.u16(i, 70),
                r.u16(i, 72),
                r.u8(i, 76),
                r.u8(i, 77) != 0,
                r.u8(i, 78) != 0,
                r.u8(i, 79) != 0,
                r.text(i, NAME, NAME_BYTES));
    }

    private List<FoundHolder> holders() {
        Records r = tables.holders();
        List<FoundHolder> all = new ArrayList<>(r.count());
        for (int i = 0; i < r.count(); i++) {
            all.add(
                    new FoundHolder(
                            FoundHolder.How.values()[r.u32(i, 32)],
                            r.u64(i, 0),
                            r.u64(i, 8),
                            r.u64(i, 16),
                            r.u32(i, 24),
                            r.u32(i, 28)));
        }
        return all;
    }

    @Override
    public void close() {
        tables.object.close();
    }

    /** The object with tables of some size. */
    private static final class Tables {
        private final LoadedObject object;
        private final int foundEntries;
        private final int holderEntries;
        private final MemorySegment found;
        private final MemorySegment holders;
        private final MemorySegment work;
        private final MemorySegment control;

        Tables(Libbpf libbpf, int foundEntries, int holderEntries) throws BpfUnavailableException {
            this.foundEntries = foundEntries;
            this.holderEntries = holderEntries;
            object =
                    new LoadedObject(
                            libbpf,
                            RESOURCE,
                            Map.of(
                                    "found", foundEntries,
                                    "holders", holderEntries,
                                    "work", WORK_ENTRIES));
            boolean mapped = false;
            try {
                found = object.map("found", FOUND_BYTES, foundEntries);
                holders = object.map("holders", HOLDER_BYTES, holderEntries);
                work = object.map("work", WORK_BYTES, WORK_ENTRIES);
                control = object.map("control", CONTROL_BYTES, 1);
                mapped = true;
            } finally {
                if (!mapped) {
                    object.close();
                }
            }
        }

        void reset() {
            control.fill((byte) 0);
        }

        Records found() {
            return new Records(found, FOUND_BYTES, Math.min(u32(CURSOR_FOUND), foundEntries));
        }

        Records holders() {
            return new Records(holders, HOLDER_BYTES, Math.min(u32(CURSOR_HOLDERS), holderEntries));
        }

        int u32(int offset) {
            return control.get(ValueLayout.JAVA_INT, offset);
        }

        long u64(int offset) {
            return control.get(ValueLayout.JAVA_LONG, offset);
        }

        void set(int offset, long value) {
            control.set(ValueLayout.JAVA_LONG, offset, value);
        }
    }
}
