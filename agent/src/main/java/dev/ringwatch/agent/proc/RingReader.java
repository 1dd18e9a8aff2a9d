package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcFiles.Miss;
import dev.ringwatch.agent.proc.ProcFiles.Reading;
import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import dev.ringwatch.agent.proc.ProcRing.Sameness;
import dev.ringwatch.agent.proc.RingContents.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** Reads the {@code fdinfo} of rings, tries busy ones again, and groups descriptors into rings. */
final class RingReader {
    private final ProcOptions options;
    private final ProcFiles files;
    private final Deadline deadline;
    private final SameFile sameFile;
    private final Optional<KernelRelease> kernel;

    RingReader(
            ProcOptions options,
            ProcFiles files,
            Deadline deadline,
            SameFile sameFile,
            Optional<KernelRelease> kernel) {
        this.options = options;
        this.files = files;
        this.deadline = deadline;
        this.sameFile = sameFile;
        this.kernel = kernel;
    }

    /** The first attempt. */
    RingSighting first(DescriptorRef at) {
        if (kernel.map(KernelRelease::ringFdinfoUnsafe).orElse(false)) {
            return unreadable(at, OptionalLong.empty(), Reason.KERNEL_UNSAFE);
        }
        if (deadline.passed()) {
            return unreadable(at, OptionalLong.empty(), Reason.NOT_REACHED);
        }
        return read(at);
    }

    /** Reads busy rings again, in place, until none is busy or attempts or time are spent. */
    void retry(List<RingSighting> sightings) {
        for (int attempt = 1; attempt < options.ringAttempts(); attempt++) {
            if (deadline.passed() || sightings.stream().noneMatch(RingSighting::busy)) {
                return;
            }
            LockSupport.parkNanos(options.ringPause().toNanos());
            sightings.replaceAll(s -> s.busy() && !deadline.passed() ? again(s) : s);
        }
    }

    private RingSighting again(RingSighting busy) {
        boolean still =
                ProcessWalk.got(files.link(path(busy.at(), "fd")))
                        .filter(ProcessWalk.RING_LINK::equals)
                        .isPresent();
        RingSighting now = still ? read(busy.at()) : unreadable(busy, Reason.GONE);
        return now.inode().equals(busy.inode()) ? now : unreadable(busy, Reason.GONE);
    }

    private RingSighting read(DescriptorRef at) {
        return switch (files.text(path(at, "fdinfo"))) {
            case Reading.Got<String>(String text) -> parsed(at, text);
            case Reading.Missed<String>(Miss why) ->
                    unreadable(at, OptionalLong.empty(), reason(why));
        };
    }

    private RingSighting parsed(DescriptorRef at, String text) {
        OptionalLong inode = RingFdinfoParser.inode(text);
        return RingFdinfoParser.parse(text, kernel)
                .map(fdinfo -> new RingSighting(at, inode, new RingContents.Read(fdinfo)))
                .orElseGet(() -> unreadable(at, inode, Reason.BUSY));
    }

    private static Reason reason(Miss why) {
        return switch (why) {
            case GONE -> Reason.GONE;
            case DENIED -> Reason.DENIED;
            case TOO_LONG -> Reason.TOO_LONG;
            case FAILED -> Reason.FAILED;
        };
    }

    private static RingSighting unreadable(RingSighting before, Reason reason) {
        return unreadable(before.at(), before.inode(), reason);
    }

    private static RingSighting unreadable(DescriptorRef at, OptionalLong inode, Reason reason) {
        return new RingSighting(at, inode, new RingContents.Unreadable(reason));
    }

    private Path path(DescriptorRef at, String directory) {
        return options.root()
                .resolve(Integer.toString(at.pid()))
                .resolve(directory)
                .resolve(Integer.toString(at.fd()));
    }

    /** Which descriptors name one ring; the groups come in the order of their first descriptor. */
    List<ProcRing> group(List<RingSighting> sightings, OptionalLong sharedInode) {
        boolean ownInodes = ownInodes(sightings, sharedInode);
        List<Group> groups = new ArrayList<>();
        Map<OptionalLong, List<Group>> byInode = new HashMap<>();
        for (RingSighting s : sightings) {
            List<Group> candidates = byInode.computeIfAbsent(s.inode(), k -> new ArrayList<>());
            boolean inodeTells = ownInodes && s.inode().isPresent();
            if (!join(s, candidates, inodeTells)) {
                Group fresh = new Group(s);
                groups.add(fresh);
                candidates.add(fresh);
            }
        }
        markDoubt(byInode.values());
        return groups.stream().map(Group::ring).toList();
    }

    private boolean join(RingSighting s, List<Group> candidates, boolean inodeTells) {
        for (Group group : candidates) {
            SameFile.Answer answer = inodeTells ? SameFile.Answer.SAME : ask(group.first(), s.at());
            if (answer == SameFile.Answer.SAME) {
                group.add(s);
                return true;
            }
            group.doubtful |= answer == SameFile.Answer.UNKNOWN;
        }
        return false;
    }

    private SameFile.Answer ask(DescriptorRef a, DescriptorRef b) {
        return deadline.passed()
                ? SameFile.Answer.UNKNOWN
                : sameFile.compare(a.pid(), a.fd(), b.pid(), b.fd());
    }

    /** Doubt about one group of an inode is doubt about all that it might have joined. */
    private static void markDoubt(Iterable<List<Group>> candidates) {
        for (List<Group> groups : candidates) {
            boolean doubt = groups.stream().anyMatch(g -> g.doubtful);
            groups.forEach(g -> g.doubtful |= doubt);
        }
    }

    /**
     * Whether rings have inodes of their own: they differ from the shared anonymous inode, or from
     * each other.
     */
    private static boolean ownInodes(List<RingSighting> sightings, OptionalLong sharedInode) {
        long[] known =
                sightings.stream()
                        .map(RingSighting::inode)
                        .filter(OptionalLong::isPresent)
                        .mapToLong(OptionalLong::getAsLong)
                        .distinct()
                        .toArray();
        boolean differFromShared =
                sharedInode.isPresent() && known.length == 1 && known[0] != sharedInode.getAsLong();
        return known.length > 1 || differFromShared;
    }

    /** Descriptors of one ring, and the best of what was read through them. */
    private static final class Group {
        private final List<DescriptorRef> at = new ArrayList<>();
        private RingSighting best;
        private boolean doubtful;

        Group(RingSighting first) {
            best = first;
            at.add(first.at());
        }

        DescriptorRef first() {
            return at.getFirst();
        }

        void add(RingSighting s) {
            at.add(s.at());
            if (!best.read() && s.read()) {
                best = s;
            }
        }

        ProcRing ring() {
            return new ProcRing(
                    best.inode(),
                    at,
                    doubtful ? Sameness.UNKNOWN : Sameness.CERTAIN,
                    best.contents());
        }
    }
}
