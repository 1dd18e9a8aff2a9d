package dev.ringwatch.agent.why;

import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Answers from /proc alone: what processes of this user hold, without the kernel's counts. Open files
 * are told apart by device and inode, so that two opens of one file are one ledger.
 */
final class ProcAnswer {
    private static final Path PROC = Path.of("/proc");
    private static final String DELETED = " (deleted)";

    private final Target target;
    private final Observation observation;
    private final Words words;
    private final Wanted wanted;
    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();
    private final Map<String, OptionalLong> inodes = new LinkedHashMap<>();
    private final List<Entry> places = new ArrayList<>();
    private int unreadable;

    /** What a file must be to be told of. */
    private sealed interface Wanted {
        record Identity(ProcIdentity is, String removed) implements Wanted {}

        record Removed(String link) implements Wanted {}

        record Numbered(long inode) implements Wanted {}

        record OnMount(String mountId, long device) implements Wanted {}

        record Links(Set<String> links) implements Wanted {}
    }

    private ProcAnswer(Target target, Observation observation) throws NoSuchTargetException {
        this.target = target;
        this.observation = observation;
        words = new Words(observation, observation.processes());
        wanted = wanted(target);
    }

    static Answer of(Target target, Observation observation) throws NoSuchTargetException {
        return new ProcAnswer(target, observation).answer();
    }

    private static Wanted wanted(Target target) throws NoSuchTargetException {
        return switch (target) {
            case Target.Named(String path) -> named(path);
            case Target.Port(int port) -> new Wanted.Links(links(SocketTables.inodes(port)));
            case Target.InodeNumber(long number) -> new Wanted.Numbered(number);
            case Target.NetworkNamespace(long number) ->
                    new Wanted.Links(Set.of("net:[" + number + "]"));
            case Target.Descriptor d -> descriptor(d);
        };
    }

    private static Set<String> links(Set<Long> inodes) {
        Set<String> links = new LinkedHashSet<>();
        inodes.forEach(inode -> links.add("socket:[" + inode + "]"));
        return links;
    }

    private static Wanted named(String path) throws NoSuchTargetException {
        Optional<ProcIdentity> is = ProcIdentity.of(Path.of(path));
        if (is.isEmpty()) {
            return new Wanted.Removed(path + DELETED);
        }
        if (is.get().directory()) {
            Path parent = Path.of(path).resolve("..");
            Optional<ProcIdentity> above = ProcIdentity.of(parent);
            boolean root =
                    above.isEmpty()
                            || above.get().device() != is.get().device()
                            || above.get().inode() == is.get().inode();
            if (root) {
                return new Wanted.OnMount(MountTable.idOf(path), is.get().device());
            }
        }
        return new Wanted.Identity(is.get(), path + DELETED);
    }

    private static Wanted descriptor(Target.Descriptor d) throws NoSuchTargetException {
        Path fd = PROC.resolve(d.pid() + "/fd/" + d.fd());
        if (!Files.isDirectory(PROC.resolve(Integer.toString(d.pid())))) {
            throw new NoSuchTargetException(d + ": there is no process " + d.pid());
        }
        Optional<String> link = link(fd);
        if (link.isEmpty()) {
            throw new NoSuchTargetException(
                    d + ": the process has no descriptor " + d.fd() + " that this user may see");
        }
        if (!link.get().startsWith("/")) {
            return new Wanted.Links(Set.of(link.get()));
        }
        return ProcIdentity.of(fd)
                .<Wanted>map(is -> new Wanted.Identity(is, link.get()))
                .orElse(new Wanted.Links(Set.of(link.get())));
    }

    private Answer answer() throws NoSuchTargetException {
        for (Path process : numbered(PROC)) {
            look(process);
        }
        addRings();
        KernelUses.blockDevice(target.toString())
                .ifPresent(device -> places.addAll(KernelUses.usesOf(device)));
        List<Ledger> ledgers = new ArrayList<>();
        if (!places.isEmpty()) {
            ledgers.add(
                    ledger(Ledger.Subject.PLACE, target.toString(), OptionalLong.empty(), places));
        }
        entries.forEach(
                (name, all) ->
                        ledgers.add(
                                ledger(
                                        Ledger.Subject.OPEN_FILE,
                                        name,
                                        inodes.getOrDefault(name, OptionalLong.empty()),
                                        all)));
        if (ledgers.isEmpty() && wanted instanceof Wanted.Removed) {
            throw new NoSuchTargetException(
                    target + ": it is not there, and no open file was deleted under that name");
        }
        List<String> incomplete = new ArrayList<>(observation.incomplete());
        incomplete.add(
                "without eBPF the kernel's counts are not known, nor what only queues, requests and"
                        + " the kernel hold");
        if (unreadable > 0) {
            incomplete.add(unreadable + " processes are not this user's to read");
        }
        if (target instanceof Target.Port(int port)) {
            PortTables.complete(port, ledgers, incomplete);
        }
        return new Answer(
                target,
                observation.takenAt(),
                observation.sources(),
                incomplete,
                ledgers,
                List.of());
    }

    private static Ledger ledger(
            Ledger.Subject subject, String name, OptionalLong inode, List<Entry> entries) {
        return new Ledger(
                subject, name, inode, OptionalLong.empty(), entries, List.of(), List.of(), false);
    }

    // ---- processes ----

    private void look(Path process) {
        int pid = Integer.parseInt(process.getFileName().toString());
        lookAtDescriptors(process, pid);
        lookAtMappings(process, pid);
        lookAtLink(process.resolve("exe"), pid, Entry.Kind.EXECUTABLE);
        lookAtLink(process.resolve("cwd"), pid, Entry.Kind.WORKING_DIRECTORY);
        lookAtLink(process.resolve("root"), pid, Entry.Kind.ROOT_DIRECTORY);
        lookAtNamespace(process, pid);
    }

    private void lookAtDescriptors(Path process, int pid) {
        Path folder = process.resolve("fd");
        if (!Files.isReadable(folder)) {
            unreadable++;
            return;
        }
        for (Path fd : numbered(folder)) {
            Optional<String> link = link(fd);
            if (link.isPresent() && wants(link.get(), fd)) {
                String number = fd.getFileName().toString();
                add(
                        name(link.get()),
                        inode(link.get(), fd),
                        Entry.of(Entry.Kind.DESCRIPTOR, process(pid) + ", fd " + number, pid));
            }
        }
    }

    private boolean wants(String link, Path fd) {
        return switch (wanted) {
            case Wanted.Links(Set<String> links) -> links.contains(link);
            case Wanted.Removed(String removed) -> link.equals(removed);
            case Wanted.Numbered(long inode) ->
                    link.startsWith("/")
                            ? ProcIdentity.of(fd).filter(i -> i.inode() == inode).isPresent()
                            : link.endsWith(":[" + inode + "]");
            case Wanted.Identity(ProcIdentity is, String removed) ->
                    link.equals(removed)
                            || (!link.contains(":[")
                                    && ProcIdentity.of(fd).filter(is::same).isPresent());
            case Wanted.OnMount(String id, long device) -> link.startsWith("/") && onMount(fd, id);
        };
    }

    private static boolean onMount(Path fd, String id) {
        Path process = fd.getName(1);
        Path fdinfo = PROC.resolve(process + "/fdinfo/" + fd.getFileName());
        try {
            return Files.readAllLines(fdinfo).contains("mnt_id:\t" + id);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private void lookAtMappings(Path process, int pid) {
        Optional<ProcIdentity> is =
                wanted instanceof Wanted.Identity i ? Optional.of(i.is()) : Optional.empty();
        if (is.isEmpty() && !(wanted instanceof Wanted.Removed)) {
            return;
        }
        List<String> lines;
        try {
            lines = ProcIdentity.lines(process.resolve("maps"));
        } catch (IOException e) {
            return; // gone, or counted as unreadable by its descriptors
        }
        for (String line : lines) {
            String[] parts = line.split("\\s+", 6);
            if (parts.length == 6 && isMapped(parts, is)) {
                add(
                        name(parts[5]),
                        OptionalLong.of(Long.parseLong(parts[4])),
                        Entry.of(Entry.Kind.MAPPING, process(pid), pid));
            }
        }
    }

    private boolean isMapped(String[] parts, Optional<ProcIdentity> is) {
        return is.isPresent()
                ? parts[3].equals(is.get().deviceInMaps())
                        && parts[4].equals(Long.toString(is.get().inode()))
                : wanted instanceof Wanted.Removed(String link) && parts[5].equals(link);
    }

    private void lookAtLink(Path path, int pid, Entry.Kind kind) {
        Optional<ProcIdentity> seen =
                switch (wanted) {
                    case Wanted.Identity(ProcIdentity is, String removed) ->
                            ProcIdentity.of(path).filter(is::same);
                    case Wanted.OnMount(String id, long device) ->
                            ProcIdentity.of(path).filter(i -> i.device() == device);
                    case Wanted.Numbered(long inode) ->
                            ProcIdentity.of(path).filter(i -> i.inode() == inode);
                    case Wanted.Links links -> Optional.empty();
                    case Wanted.Removed removed -> Optional.empty();
                };
        if (seen.isPresent()) {
            places.add(Entry.of(kind, process(pid), pid));
        }
    }

    private void lookAtNamespace(Path process, int pid) {
        if (!(target instanceof Target.NetworkNamespace(long number))) {
            return;
        }
        String name = "net:[" + number + "]";
        Set<String> told = new LinkedHashSet<>();
        for (Path task : numbered(process.resolve("task"))) {
            if (link(task.resolve("ns/net")).filter(name::equals).isPresent()) {
                told.add(task.getFileName().toString());
            }
        }
        if (!told.isEmpty()) {
            String first = told.iterator().next();
            String thread = first.equals(Integer.toString(pid)) ? "" : ", thread " + first;
            places.add(Entry.of(Entry.Kind.TASKS, process(pid) + thread, pid));
        }
    }

    // ---- rings ----

    private void addRings() {
        ReferenceGraph graph = observation.graph();
        for (int file = 0; file < graph.fileCount(); file++) {
            FileFacts facts = observation.files().get(file);
            if (graph.holdersBegin(file) < graph.holdersEnd(file) && isWanted(facts)) {
                String name =
                        facts.name().isEmpty() ? "socket:[" + facts.inode() + "]" : facts.name();
                for (Holder holder : graph.holders(file)) {
                    if (holder instanceof Holder.RingSlot) {
                        OptionalLong inode =
                                facts.inode() == 0
                                        ? OptionalLong.empty()
                                        : OptionalLong.of(facts.inode());
                        add(name(name), inode, words.entry(holder));
                    }
                }
            }
        }
    }

    private boolean isWanted(FileFacts facts) {
        String link = facts.name().isEmpty() ? "socket:[" + facts.inode() + "]" : facts.name();
        return switch (wanted) {
            case Wanted.Links(Set<String> links) -> links.contains(link);
            case Wanted.Removed(String removed) -> removed.equals(link);
            case Wanted.Numbered(long inode) ->
                    facts.inode() == inode || link.endsWith(":[" + inode + "]");
            case Wanted.Identity(ProcIdentity is, String removed) ->
                    link.equals(removed)
                            || (link.startsWith("/")
                                    && ProcIdentity.of(Path.of(link)).filter(is::same).isPresent());
            case Wanted.OnMount(String id, long device) ->
                    link.startsWith("/")
                            && ProcIdentity.of(Path.of(link))
                                    .filter(i -> i.device() == device)
                                    .isPresent();
        };
    }

    // ---- words ----

    private void add(String name, OptionalLong inode, Entry entry) {
        entries.computeIfAbsent(name, n -> new ArrayList<>()).add(entry);
        inodes.putIfAbsent(name, inode);
    }

    private static String name(String link) {
        if (link.startsWith("socket:[")) {
            return "socket " + link.substring(8, link.length() - 1);
        }
        return link;
    }

    private static OptionalLong inode(String link, Path fd) {
        Optional<ProcIdentity> is =
                link.startsWith("/") || link.contains(":[")
                        ? ProcIdentity.of(fd)
                        : Optional.empty();
        return is.isPresent() ? OptionalLong.of(is.get().inode()) : OptionalLong.empty();
    }

    private static String process(int pid) {
        try {
            return "pid "
                    + pid
                    + " "
                    + Files.readString(PROC.resolve(pid + "/comm")).stripTrailing();
        } catch (IOException e) {
            return "pid " + pid;
        }
    }

    private static Optional<String> link(Path path) {
        try {
            return Optional.of(Files.readSymbolicLink(path).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Set<Path> numbered(Path folder) {
        Set<Path> all = new TreeSet<>(java.util.Comparator.comparingInt(ProcAnswer::number));
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(
                        folder, e -> e.getFileName().toString().matches("[0-9]{1,9}"))) {
            entries.forEach(all::add);
        } catch (IOException | DirectoryIteratorException e) {
            return all; // what was read until it went away
        }
        return all;
    }

    private static int number(Path entry) {
        return Integer.parseInt(entry.getFileName().toString());
    }
}
