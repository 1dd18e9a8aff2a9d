package dev.ringwatch.agent.why;

import dev.ringwatch.agent.bpf.Found;
import dev.ringwatch.agent.bpf.FoundHolder;
import dev.ringwatch.agent.bpf.FoundHolder.How;
import dev.ringwatch.agent.bpf.Sighting;
import dev.ringwatch.agent.bpf.Sought;
import dev.ringwatch.agent.observe.Keyed;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.LongIndex;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Draws up the ledgers of one look with eBPF. */
final class Ledgers {
    private static final int OWN_PID = (int) ProcessHandle.current().pid();

    /** The unit of {@code i_blocks}, whatever the file system's own is. */
    private static final int BLOCK_BYTES = 512;

    private static final int MAX_MOUNT_TABLES = 64;

    /** The address under which the ledger of the mount, namespace or place itself is kept. */
    private static final long WHOLE = 0;

    private final Question question;
    private final Keyed keyed;
    private final Sighting sighting;
    private final ReferenceGraph graph;
    private final Words words;
    private final ThreadCalls calls = new ThreadCalls();
    private final MountTable mounts = new MountTable();

    /** References that one owner has, though several tasks show it, by what they refer to. */
    private final Map<Long, Map<Reference, List<FoundHolder>>> holders = new LinkedHashMap<>();

    private final List<Ledger> ledgers = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private record Reference(How how, long owner, long number) {}

    /**
     * The ledgers of one look.
     *
     * @param addresses of what each ledger is about, 0 for the whole
     */
    record Drawn(List<Ledger> ledgers, List<Long> addresses, List<String> notes) {
        /** The kernel's count of what is at an address; null if it has no ledger or no count. */
        @Nullable Long count(long address) {
            int at = addresses.indexOf(address);
            OptionalLong count = at < 0 ? OptionalLong.empty() : ledgers.get(at).references();
            return count.isPresent() ? count.getAsLong() : null;
        }
    }

    private Ledgers(Question question, Keyed keyed, Sighting sighting) {
        this.question = question;
        this.keyed = keyed;
        this.sighting = sighting;
        graph = keyed.observation().graph();
        words = new Words(keyed.observation(), keyed.processes());
        for (FoundHolder h : sighting.holders()) {
            if (h.subject() != question.ownFile()) {
                holders.computeIfAbsent(h.subject(), s -> new LinkedHashMap<>())
                        .computeIfAbsent(
                                new Reference(h.how(), h.owner(), h.number()),
                                r -> new ArrayList<>())
                        .add(h);
            }
        }
    }

    static Drawn draw(Question question, Keyed keyed, Sighting sighting) {
        return new Ledgers(question, keyed, sighting).draw();
    }

    private Drawn draw() {
        List<Found> files = files();
        List<Ledger> ofFiles = files.stream().map(this::file).toList();
        drawWhole(files, ofFiles);
        for (int i = 0; i < files.size(); i++) {
            add(files.get(i).file(), ofFiles.get(i));
        }
        noteDeleted(files);
        return new Drawn(List.copyOf(ledgers), List.copyOf(addresses), List.copyOf(notes));
    }

    private void add(long address, Ledger ledger) {
        addresses.add(address);
        ledgers.add(ledger);
    }

    /** What was looked for, without the descriptor that the question has, oldest inode first. */
    private List<Found> files() {
        return sighting.files().values().stream()
                .filter(f -> f.file() != question.ownFile())
                .filter(f -> f.same() || f.name().equals(question.removedName()))
                .filter(f -> sighting.counts().getOrDefault(f.file(), 0L) > 0)
                .sorted(Comparator.comparingLong(Found::inode).thenComparingLong(Found::file))
                .toList();
    }

    // ---- open files ----

    private Ledger file(Found f) {
        Map<Reference, List<FoundHolder>> own = holders.getOrDefault(f.file(), Map.of());
        List<Entry> entries = new ArrayList<>();
        addMappings(own, entries);
        own.forEach(
                (reference, seen) -> {
                    if (reference.how != How.MAPPING) {
                        entries.add(entry(reference, seen));
                    }
                });
        int inGraph = keyed.files().get(f.file());
        List<String> path = List.of();
        List<String> fileNotes = new ArrayList<>();
        if (inGraph != LongIndex.ABSENT) {
            addFromGraph(inGraph, entries);
            boolean direct = own.keySet().stream().anyMatch(r -> r.how() != How.LOOP);
            path = direct ? List.of() : words.path(inGraph);
            if (words.usedBySlot(inGraph)) {
                fileNotes.add("a request in flight uses it through its slot");
            }
        }
        OptionalLong count = OptionalLong.of(sighting.counts().getOrDefault(f.file(), 0L));
        addSystemCalls(own, count.getAsLong(), entries);
        return new Ledger(
                Ledger.Subject.OPEN_FILE,
                name(f, own),
                OptionalLong.of(f.inode()),
                count,
                entries,
                path,
                fileNotes,
                false);
    }

    /** One entry for each process, or group of them that shares its memory. */
    private void addMappings(Map<Reference, List<FoundHolder>> own, List<Entry> entries) {
        Map<Long, Entry> bySpace = new LinkedHashMap<>();
        own.forEach(
                (reference, seen) -> {
                    if (reference.how == How.MAPPING) {
                        bySpace.merge(
                                reference.owner,
                                entry(reference, seen),
                                (a, b) -> new Entry(a.kind(), a.count() + 1, a.words(), a.pid()));
                    }
                });
        entries.addAll(bySpace.values());
    }

    private Entry entry(Reference reference, List<FoundHolder> seen) {
        FoundHolder first = seen.getFirst();
        String more = shared(seen);
        return switch (reference.how) {
            case DESCRIPTOR ->
                    Entry.of(
                            Entry.Kind.DESCRIPTOR,
                            words.descriptor(first.pid(), first.number()) + more,
                            first.pid());
            case MAPPING ->
                    Entry.of(Entry.Kind.MAPPING, words.process(first.pid()) + more, first.pid());
            case EXECUTABLE -> ofProcess(Entry.Kind.EXECUTABLE, seen);
            case CWD -> ofProcess(Entry.Kind.WORKING_DIRECTORY, seen);
            case ROOT -> ofProcess(Entry.Kind.ROOT_DIRECTORY, seen);
            case NAMESPACE -> ofProcess(Entry.Kind.TASKS, seen);
            case BOUND -> Entry.of(Entry.Kind.BOUND_SOCKET, bound(first.number()));
            case CHILD -> Entry.of(Entry.Kind.MOUNT_ON_IT, mount((int) first.number()));
            case LOOP -> Entry.of(Entry.Kind.LOOP_DEVICE, "/dev/loop" + first.number());
        };
    }

    private Entry ofProcess(Entry.Kind kind, List<FoundHolder> seen) {
        FoundHolder first = seen.getFirst();
        String thread = first.tid() == first.pid() ? "" : ", thread " + first.tid();
        return Entry.of(kind, words.process(first.pid()) + thread + shared(seen), first.pid());
    }

    /** One reference that several processes share. */
    private String shared(List<FoundHolder> seen) {
        List<Integer> others =
                seen.stream()
                        .map(FoundHolder::pid)
                        .distinct()
                        .filter(p -> p != seen.getFirst().pid())
                        .toList();
        if (others.isEmpty()) {
            return "";
        }
        return others.size() == 1
                ? ", shared with " + words.process(others.getFirst())
                : ", shared with " + others.size() + " more processes";
    }

    private static String bound(long inode) {
        return inode == 0 ? "a connection not accepted" : "socket " + inode;
    }

    private void addFromGraph(int file, List<Entry> entries) {
        for (Holder holder : graph.outsideHolders(file)) {
            if (holder instanceof Holder.TaskRegistration) {
                entries.add(words.entry(holder));
            }
        }
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            int reference = graph.holderReference(i);
            if (graph.by(reference) != ReferenceGraph.By.REQUEST_BY_SLOT) {
                entries.add(words.entry(graph.holder(reference)));
            }
        }
    }

    /** Only what nothing else explains is looked for there. */
    private void addSystemCalls(
            Map<Reference, List<FoundHolder>> own, long count, List<Entry> entries) {
        long left = count - entries.stream().mapToLong(Entry::count).sum();
        for (Map.Entry<Reference, List<FoundHolder>> e : own.entrySet()) {
            if (left <= 0 || e.getKey().how != How.DESCRIPTOR) {
                continue;
            }
            for (FoundHolder h : e.getValue()) {
                for (String call : calls.on(h.pid(), (int) h.number())) {
                    if (left > 0) {
                        left--;
                        entries.add(
                                Entry.of(
                                        Entry.Kind.SYSTEM_CALL,
                                        words.process(h.pid()) + ", " + call,
                                        h.pid()));
                    }
                }
            }
        }
    }

    /** The whole name where a process shows it, else what the kernel keeps. */
    private String name(Found f, Map<Reference, List<FoundHolder>> own) {
        if (f.kind() != Found.Kind.OTHER) {
            return Words.file(f);
        }
        String name = f.name();
        for (Map.Entry<Reference, List<FoundHolder>> e : own.entrySet()) {
            if (e.getKey().how == How.DESCRIPTOR) {
                FoundHolder h = e.getValue().getFirst();
                name = link("/proc/" + h.pid() + "/fd/" + h.number(), name);
                break;
            }
        }
        boolean deleted = (f.isRegular() && f.links() == 0) || f.nameRemoved();
        boolean special = !f.isRegular() && !f.isDirectory();
        return deleted && !special && !name.endsWith("(deleted)") ? name + " (deleted)" : name;
    }

    private static String link(String path, String otherwise) {
        try {
            return Files.readSymbolicLink(Path.of(path)).toString();
        } catch (IOException e) {
            return otherwise; // closed meanwhile, or not ours to read
        }
    }

    /** What deleting did not free. */
    private void noteDeleted(List<Found> files) {
        Map<String, Found> inodes = new LinkedHashMap<>();
        for (Found f : files) {
            if (f.isRegular() && f.links() == 0 && space(f) > 0) {
                inodes.putIfAbsent(f.device() + " " + f.inode(), f);
            }
        }
        for (Found f : inodes.values()) {
            notes.add(
                    "inode %d has no name left: its %s are freed when nothing refers to it any more"
                            .formatted(f.inode(), bytes(space(f))));
        }
    }

    /** What it takes; where the file system has not placed it yet, what it will. */
    private static long space(Found f) {
        return f.blocks() > 0 ? f.blocks() * BLOCK_BYTES : f.size();
    }

    private static String bytes(long n) {
        if (n < 10 * 1024) {
            return n + " bytes";
        }
        return n < 10L << 20
                ? "%.0f KiB".formatted(n / 1024.0)
                : "%.0f MiB".formatted(n / (1024.0 * 1024));
    }

    // ---- what is not one open file ----

    private void drawWhole(List<Found> files, List<Ledger> ofFiles) {
        switch (question.sought()) {
            case Sought.Mount(long mount) -> drawMount(mount, files, ofFiles);
            case Sought.NetworkNamespace n -> drawNamespace(files);
            case Sought.Inode(long inode, long directory) -> drawPlace(inode);
            case Sought.OneFile f -> {
                // its own ledger says it
            }
            case Sought.InodeNumber n -> {
                // theirs do
            }
            case Sought.Port p -> {
                // theirs do
            }
        }
    }

    private void drawPlace(long inode) {
        List<Entry> entries = new ArrayList<>();
        holders.getOrDefault(inode, Map.of()).forEach((r, seen) -> entries.add(entry(r, seen)));
        KernelUses.blockDevice(question.target().toString())
                .ifPresent(device -> entries.addAll(KernelUses.usesOf(device)));
        for (String swap : KernelUses.swapAreas()) {
            if (isTarget(swap)) {
                entries.add(Entry.of(Entry.Kind.SWAP, swap));
            }
        }
        if (inode != 0 && !entries.isEmpty()) {
            add(
                    WHOLE,
                    new Ledger(
                            Ledger.Subject.PLACE,
                            question.target().toString(),
                            OptionalLong.empty(),
                            OptionalLong.empty(),
                            entries,
                            List.of(),
                            List.of(),
                            false));
        }
    }

    private boolean isTarget(String swap) {
        try {
            return question.target() instanceof Target.Named(String path)
                    && Files.isSameFile(Path.of(swap), Path.of(path));
        } catch (IOException e) {
            return false; // its name is not there, or not here
        }
    }

    private void drawMount(long mount, List<Found> files, List<Ledger> ofFiles) {
        readMountTables();
        Sighting.Whole whole = sighting.whole();
        List<Entry> entries = new ArrayList<>();
        if (whole.attached()) {
            entries.add(Entry.of(Entry.Kind.MOUNTED, mount(whole.mountId())));
        }
        holders.getOrDefault(mount, Map.of())
                .forEach((r, seen) -> entries.add(ofMount(whole, r, entry(r, seen))));
        for (int i = 0; i < files.size(); i++) {
            entries.add(openFile(ofFiles.get(i)));
        }
        List<String> mountNotes = new ArrayList<>();
        if (!whole.attached()) {
            mountNotes.add("it was unmounted lazily: it goes when nothing refers to it any more");
        }
        if (whole.references().isEmpty()) {
            mountNotes.add("the kernel's count of this mount can't be read");
        }
        add(
                WHOLE,
                new Ledger(
                        Ledger.Subject.MOUNT,
                        "mount " + mount(whole.mountId()),
                        OptionalLong.empty(),
                        withoutOwn(whole.references()),
                        entries,
                        List.of(),
                        mountNotes,
                        false));
    }

    private static Entry ofMount(Sighting.Whole whole, Reference reference, Entry entry) {
        return reference.how == How.CHILD && !whole.childrenCount()
                ? new Entry(entry.kind(), 0, entry.words(), entry.pid())
                : entry;
    }

    /** Ours, and those of holders, who may be in other mount namespaces. */
    private void readMountTables() {
        mounts.addOf(question.target().toString());
        mounts.add("/proc/self");
        sighting.holders().stream()
                .filter(h -> h.pid() != 0 && h.pid() != OWN_PID)
                .map(h -> "/proc/" + h.pid() + "/task/" + h.tid())
                .distinct()
                .limit(MAX_MOUNT_TABLES)
                .forEach(mounts::add);
    }

    /** The descriptor of the question itself refers to the mount. */
    private OptionalLong withoutOwn(OptionalLong count) {
        return count.isEmpty() || question.descriptor().isEmpty()
                ? count
                : OptionalLong.of(count.getAsLong() - 1);
    }

    private static Entry openFile(Ledger file) {
        String by = file.entries().isEmpty() ? "" : " by " + file.entries().getFirst().words();
        OptionalInt pid =
                file.entries().isEmpty() ? OptionalInt.empty() : file.entries().getFirst().pid();
        return new Entry(Entry.Kind.OPEN_FILE, 1, file.name() + by, pid);
    }

    private String mount(int id) {
        return mounts.words(id).map(w -> w + ", id " + id).orElse("id " + id);
    }

    private void drawNamespace(List<Found> files) {
        Sighting.Whole whole = sighting.whole();
        List<Entry> entries = new ArrayList<>();
        for (Map<Reference, List<FoundHolder>> refs : holders.values()) {
            refs.forEach(
                    (r, seen) -> {
                        if (r.how == How.NAMESPACE) {
                            entries.add(entry(r, seen));
                        }
                    });
        }
        List<Entry> sockets = new ArrayList<>();
        Map<Long, Boolean> counted = new HashMap<>();
        for (Found f : files) {
            boolean socket = f.kind() == Found.Kind.UNIX || f.kind() == Found.Kind.SOCKET;
            if (socket && f.keepsNamespace() && counted.put(f.object(), true) == null) {
                sockets.add(Entry.of(Entry.Kind.SOCKET, Words.socket(f)));
            }
            if (socket && f.kind() == Found.Kind.SOCKET && f.backlog() > 0) {
                sockets.add(
                        new Entry(
                                Entry.Kind.NOT_ACCEPTED,
                                f.backlog(),
                                "of " + Words.socket(f),
                                OptionalInt.empty()));
            }
        }
        for (Found f : sighting.sockets()) {
            if (f.keepsNamespace() && counted.put(f.object(), true) == null) {
                sockets.add(Entry.of(Entry.Kind.CLOSED_SOCKET, withoutFile(f)));
            }
        }
        if (whole.hasFile()) {
            entries.add(Entry.of(Entry.Kind.NAMESPACE_FILE, namespaceFile(files)));
        }
        entries.addAll(sockets);
        if (!entries.isEmpty() || whole.references().orElse(0) > 0) {
            add(
                    WHOLE,
                    new Ledger(
                            Ledger.Subject.NETWORK_NAMESPACE,
                            "network namespace " + question.target().toString().substring(6),
                            OptionalLong.empty(),
                            whole.references(),
                            entries,
                            List.of(),
                            List.of(),
                            false));
        }
    }

    private static String withoutFile(Found f) {
        return Words.socket(f) + ", not accepted or closed while another end is open";
    }

    private static String namespaceFile(List<Found> files) {
        long open = files.stream().filter(f -> f.kind() == Found.Kind.OTHER).count();
        return open == 0 ? "mounted somewhere" : open + (open == 1 ? " open file" : " open files");
    }
}
