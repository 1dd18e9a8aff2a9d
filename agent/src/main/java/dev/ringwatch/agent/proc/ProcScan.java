package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcFiles.Miss;
import dev.ringwatch.agent.proc.ProcFiles.Reading;
import dev.ringwatch.agent.proc.ProcProcess.DescriptorAccess;
import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import dev.ringwatch.agent.proc.ProcSnapshot.Completeness;
import dev.ringwatch.agent.proc.RingContents.Reason;
import dev.ringwatch.agent.proc.RingFdinfo.Listing;
import dev.ringwatch.agent.proc.RingFdinfo.SlotEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Walks a proc tree once and records rings, AF_UNIX sockets and who has descriptors of them.
 *
 * <p>The order of reading keeps what one step needs of another: descriptors first, and the {@code
 * fdinfo} of a ring with them; then the socket tables, so that every socket a descriptor named is in
 * them unless it has been closed; then busy rings again; last the descriptors queued on each socket,
 * read once a socket. Whatever ends in between is left out. Nothing is read that can block on a
 * file system: links and {@code fdinfo} come from the kernel's memory.
 *
 * <p>Reading a ring's {@code fdinfo} takes the ring's lock for as long as its tables are printed,
 * and only if nobody has it; it is read once for each descriptor that names the ring.
 *
 * <p>One scan runs on the calling thread; different threads may scan at once, as far as the given
 * {@link SameFile} and {@link UnixDiag} allow.
 */
public final class ProcScan {
    private final SameFile sameFile;
    private final UnixDiag diag;
    private final LongSupplier nanoTime;

    /** A scan with nothing but the proc tree. */
    public ProcScan() {
        this(SameFile.unknown(), UnixDiag.none(), System::nanoTime);
    }

    /**
     * A scan that also asks the kernel.
     *
     * @param nanoTime as {@link System#nanoTime()}
     */
    public ProcScan(SameFile sameFile, UnixDiag diag, LongSupplier nanoTime) {
        this.sameFile = sameFile;
        this.diag = diag;
        this.nanoTime = nanoTime;
    }

    /**
     * One scan.
     *
     * @throws java.io.UncheckedIOException if the root cannot be listed; never because a process
     *     ended or may not be read
     */
    public ProcSnapshot scan(ProcOptions options) {
        return new Run(options).snapshot();
    }

    /** The state of one scan. */
    private final class Run {
        private final Path root;
        private final ProcFiles files;
        private final Deadline deadline;
        private final Optional<KernelRelease> kernel;
        private final RingReader ringReader;
        private final ProcessWalk walk;
        private final UnixTables tables;
        private final List<String> missed = new ArrayList<>();

        Run(ProcOptions options) {
            root = options.root();
            files = new ProcFiles(options.maxFileBytes());
            deadline = Deadline.in(options.budget(), nanoTime);
            kernel =
                    ProcessWalk.got(files.text(root.resolve("sys/kernel/osrelease")))
                            .flatMap(KernelRelease::parse);
            ringReader = new RingReader(options, files, deadline, sameFile, kernel);
            walk = new ProcessWalk(root, files, deadline, ringReader);
            tables = new UnixTables(root, files, deadline, diag);
        }

        ProcSnapshot snapshot() {
            walk.run();
            tables.read(walk.processes);
            ringReader.retry(walk.rings);
            walk.rings.removeIf(s -> gone(s.contents()));
            List<ProcRing> rings = ringReader.group(walk.rings, walk.sharedInode);
            List<ProcUnixSocket> sockets = withQueues();
            noteMissed(rings);
            return new ProcSnapshot(
                    walk.processes,
                    descriptors(rings),
                    rings,
                    sockets,
                    unreadableProcesses(),
                    walk.ended,
                    (int) rings.stream().filter(r -> unreadable(r.contents())).count(),
                    completeness(),
                    tables.peers,
                    VisibilityProbe.of(root, files),
                    kernel,
                    deadline.elapsed());
        }

        private static boolean unreadable(RingContents contents) {
            return contents instanceof RingContents.Unreadable;
        }

        private static boolean gone(RingContents contents) {
            return contents instanceof RingContents.Unreadable(Reason reason)
                    && reason == Reason.GONE;
        }

        private int unreadableProcesses() {
            long visited =
                    walk.processes.stream()
                            .filter(p -> p.descriptors() != DescriptorAccess.READ)
                            .count();
            return (int) visited + walk.notVisited + walk.opaque;
        }

        /** How many descriptors each socket has queued, through the first descriptor that tells. */
        private List<ProcUnixSocket> withQueues() {
            Map<Long, List<DescriptorRef>> holders = new HashMap<>();
            for (ProcessWalk.SocketAt s : walk.sockets) {
                holders.computeIfAbsent(s.inode(), k -> new ArrayList<>(1)).add(s.at());
            }
            List<ProcUnixSocket> sockets = new ArrayList<>(tables.sockets.size());
            int unread = 0;
            for (ProcUnixSocket s : tables.sockets) {
                List<DescriptorRef> at = holders.getOrDefault(s.inode(), List.of());
                if (!at.isEmpty() && deadline.passed()) {
                    unread++;
                    sockets.add(s);
                } else {
                    sockets.add(s.withQueuedDescriptors(queued(s.inode(), at)));
                }
            }
            if (unread > 0) {
                missed.add("the queues of " + unread + " sockets");
            }
            return sockets;
        }

        private OptionalLong queued(long inode, List<DescriptorRef> holders) {
            for (DescriptorRef at : holders) {
                Path fdinfo = root.resolve(at.pid() + "/fdinfo/" + at.fd());
                switch (files.text(fdinfo)) {
                    case Reading.Got<String>(String text) -> {
                        // the descriptor may have been closed and used again
                        if (RingFdinfoParser.inode(text).orElse(inode) == inode) {
                            return RingFdinfoParser.queuedDescriptors(text);
                        }
                    }
                    case Reading.Missed<String>(Miss why) -> {
                        // the next holder may tell
                    }
                }
            }
            return OptionalLong.empty();
        }

        private List<ProcDescriptor> descriptors(List<ProcRing> rings) {
            List<ProcDescriptor> all = new ArrayList<>();
            for (int i = 0; i < rings.size(); i++) {
                for (DescriptorRef at : rings.get(i).descriptors()) {
                    all.add(descriptor(at, new DescriptorTarget.Ring(i)));
                }
            }
            addSockets(all);
            addNamed(all, namesInTables(rings));
            all.sort(
                    Comparator.comparingInt(ProcDescriptor::pid)
                            .thenComparingInt(ProcDescriptor::fd));
            return all;
        }

        private static ProcDescriptor descriptor(DescriptorRef at, DescriptorTarget target) {
            return new ProcDescriptor(at.pid(), at.fd(), target);
        }

        private void addSockets(List<ProcDescriptor> all) {
            Set<Long> unix = new HashSet<>();
            tables.sockets.forEach(s -> unix.add(s.inode()));
            for (ProcessWalk.SocketAt s : walk.sockets) {
                DescriptorTarget target =
                        unix.contains(s.inode())
                                ? new DescriptorTarget.UnixSocket(s.inode())
                                : new DescriptorTarget.UnknownSocket(s.inode());
                all.add(descriptor(s.at(), target));
            }
        }

        private void addNamed(List<ProcDescriptor> all, Set<String> names) {
            for (ProcessWalk.Link link : walk.others) {
                if (names.contains(link.text())) {
                    all.add(descriptor(link.at(), new DescriptorTarget.NamedFile(link.text())));
                }
            }
        }

        private static Set<String> namesInTables(List<ProcRing> rings) {
            Set<String> names = new HashSet<>();
            for (ProcRing ring : rings) {
                if (ring.contents() instanceof RingContents.Read(RingFdinfo fdinfo)
                        && fdinfo.files().listing() instanceof Listing.Listed(List<SlotEntry> e)) {
                    e.forEach(entry -> addName(names, entry.file()));
                }
            }
            return names;
        }

        private static void addName(Set<String> names, SlotFile file) {
            switch (file) {
                case SlotFile.Named(String link) -> names.add(link);
                case SlotFile.Socket(long inode) -> {
                    // kept already, as every socket
                }
                case SlotFile.ShortName(String name) -> {
                    // identifies nothing
                }
            }
        }

        private void noteMissed(List<ProcRing> rings) {
            long cut =
                    walk.processes.stream()
                            .filter(p -> p.descriptors() == DescriptorAccess.NOT_REACHED)
                            .count();
            note(walk.notVisited, " processes");
            note(cut, " processes in part");
            note(rings.stream().filter(Run::notReached).count(), " rings");
            note(tables.namespacesMissed, " network namespaces");
        }

        private static boolean notReached(ProcRing ring) {
            return ring.contents() instanceof RingContents.Unreadable(Reason reason)
                    && reason == Reason.NOT_REACHED;
        }

        private void note(long count, String what) {
            if (count > 0) {
                missed.add(count + what);
            }
        }

        private Completeness completeness() {
            return missed.isEmpty()
                    ? new Completeness.Complete()
                    : new Completeness.CutShort(
                            "not read, with a budget of "
                                    + deadline.budgetNanos() / 1_000_000
                                    + " ms: "
                                    + String.join(", ", missed));
        }
    }
}
