package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcFiles.Miss;
import dev.ringwatch.agent.proc.ProcFiles.Reading;
import dev.ringwatch.agent.proc.ProcProcess.DescriptorAccess;
import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Visits every process and sorts its descriptors.
 *
 * <p>A process counts only if it is the same before and after its descriptors were read; whatever was
 * read of one that ended is dropped, so that a reused pid never mixes two processes.
 */
final class ProcessWalk {
    static final String RING_LINK = "anon_inode:[io_uring]";

    /** Kinds that have always shared the one anonymous inode (fs/anon_inodes.c). */
    private static final Set<String> SHARED_INODE_LINKS =
            Set.of("anon_inode:[eventfd]", "anon_inode:[timerfd]", "anon_inode:[signalfd]");

    /** How many descriptors are read between two looks at the clock. */
    private static final int CLOCK_INTERVAL = 64;

    /** A descriptor and the text of its link. */
    record Link(DescriptorRef at, String text) {}

    /** A descriptor of a socket. */
    record SocketAt(DescriptorRef at, long inode) {}

    final List<ProcProcess> processes = new ArrayList<>();
    final List<RingSighting> rings = new ArrayList<>();
    final List<SocketAt> sockets = new ArrayList<>();
    final List<Link> others = new ArrayList<>();
    OptionalLong sharedInode = OptionalLong.empty();
    int ended;
    int notVisited;

    /** Processes of which not even {@code stat} may be read, as with {@code hidepid=1}. */
    int opaque;

    private final Path root;
    private final ProcFiles files;
    private final Deadline deadline;
    private final RingReader ringReader;

    ProcessWalk(Path root, ProcFiles files, Deadline deadline, RingReader ringReader) {
        this.root = root;
        this.files = files;
        this.deadline = deadline;
        this.ringReader = ringReader;
    }

    void run() {
        for (int pid : pids()) {
            if (deadline.passed()) {
                notVisited++;
            } else {
                visit(pid);
            }
        }
    }

    private List<Integer> pids() {
        List<Integer> pids = new ArrayList<>();
        Reading<Boolean> listed = files.numbered(root, entry -> pids.add(ProcFiles.number(entry)));
        if (listed instanceof Reading.Missed<Boolean>(Miss why)) {
            throw new UncheckedIOException(
                    new NoSuchFileException(
                            root.toString(), null, "cannot list the proc file system: " + why));
        }
        pids.sort(null);
        return pids;
    }

    private void visit(int pid) {
        Path directory = root.resolve(Integer.toString(pid));
        switch (files.text(directory.resolve("stat"))) {
            case Reading.Got<String>(String text) ->
                    ProcStat.parse(text)
                            .ifPresentOrElse(s -> visit(pid, directory, s), () -> opaque++);
            case Reading.Missed<String>(Miss why) -> {
                if (why == Miss.GONE) {
                    ended++;
                } else {
                    opaque++;
                }
            }
        }
    }

    private void visit(int pid, Path directory, ProcStat stat) {
        if (stat.kernelThread()) {
            return;
        }
        OptionalLong uid = uid(directory);
        List<CgroupPath> cgroups = cgroups(directory);
        OptionalLong network = namespace(directory.resolve("ns/net"));
        Table table = new Table(pid);
        Optional<DescriptorAccess> access = table.read(directory);
        boolean same = stat(directory).filter(s -> s.startTicks() == stat.startTicks()).isPresent();
        if (access.isEmpty() || !same) {
            ended++;
            return;
        }
        table.keep(directory);
        processes.add(
                new ProcProcess(
                        pid, stat.comm(), uid, stat.startTicks(), cgroups, network, access.get()));
    }

    private Optional<ProcStat> stat(Path directory) {
        return got(files.text(directory.resolve("stat"))).flatMap(ProcStat::parse);
    }

    private OptionalLong uid(Path directory) {
        return got(files.text(directory.resolve("status")))
                .flatMap(
                        text -> // the name before it may have a carriage return
                        Arrays.stream(text.split("\n"))
                                        .filter(l -> l.startsWith("Uid:\t"))
                                        .findFirst())
                .map(line -> Numbers.decimal(line.split("\t", 3)[1], 0xffff_ffffL))
                .orElse(OptionalLong.empty());
    }

    private List<CgroupPath> cgroups(Path directory) {
        return got(files.text(directory.resolve("cgroup")))
                .map(text -> CgroupPath.parse(text))
                .orElse(List.of());
    }

    private OptionalLong namespace(Path link) {
        return namespace(files, link);
    }

    /** The inode number of a network namespace, from {@code net:[number]}. */
    static OptionalLong namespace(ProcFiles files, Path link) {
        return got(files.link(link))
                .map(text -> Numbers.bracketed(text, "net:"))
                .orElse(OptionalLong.empty());
    }

    static <T> Optional<T> got(Reading<T> reading) {
        return switch (reading) {
            case Reading.Got<T>(T value) -> Optional.of(value);
            case Reading.Missed<T>(Miss why) -> Optional.empty();
        };
    }

    /** The descriptors of one process, until it is known that it was one process. */
    private final class Table {
        private final int pid;
        private final List<Link> links = new ArrayList<>();
        private Optional<Miss> linkMissed = Optional.empty();

        Table(int pid) {
            this.pid = pid;
        }

        /** Empty if the process ended. */
        Optional<DescriptorAccess> read(Path directory) {
            return switch (files.numbered(directory.resolve("fd"), this::descriptor)) {
                case Reading.Got<Boolean>(Boolean end) -> Optional.of(outcome(end));
                case Reading.Missed<Boolean>(Miss why) ->
                        why == Miss.GONE ? Optional.empty() : Optional.of(access(why));
            };
        }

        private DescriptorAccess outcome(boolean end) {
            return linkMissed
                    .map(Table::access)
                    .orElse(end ? DescriptorAccess.READ : DescriptorAccess.NOT_REACHED);
        }

        private static DescriptorAccess access(Miss why) {
            return why == Miss.DENIED ? DescriptorAccess.DENIED : DescriptorAccess.FAILED;
        }

        /** The directory may list what its links, checked one by one, refuse to tell. */
        private boolean descriptor(Path entry) {
            switch (files.link(entry)) {
                case Reading.Got<String>(String text) ->
                        links.add(new Link(new DescriptorRef(pid, ProcFiles.number(entry)), text));
                case Reading.Missed<String>(Miss why) -> {
                    if (why != Miss.GONE) {
                        linkMissed = Optional.of(why);
                        return false;
                    }
                }
            }
            return links.size() % CLOCK_INTERVAL != 0 || links.isEmpty() || !deadline.passed();
        }

        void keep(Path directory) {
            for (Link link : links) {
                OptionalLong socket = Numbers.bracketed(link.text(), "socket:");
                if (link.text().equals(RING_LINK)) {
                    rings.add(ringReader.first(link.at()));
                } else if (socket.isPresent()) {
                    sockets.add(new SocketAt(link.at(), socket.getAsLong()));
                } else {
                    others.add(link);
                    learnSharedInode(directory, link);
                }
            }
        }

        private void learnSharedInode(Path directory, Link link) {
            if (sharedInode.isEmpty() && SHARED_INODE_LINKS.contains(link.text())) {
                Path fdinfo = directory.resolve("fdinfo").resolve("" + link.at().fd());
                sharedInode =
                        got(files.text(fdinfo))
                                .map(RingFdinfoParser::inode)
                                .orElse(OptionalLong.empty());
            }
        }
    }
}
