package dev.ringwatch.core.leak;

import static dev.ringwatch.core.graph.ReferenceGraph.NONE;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.FileSet;
import dev.ringwatch.core.graph.HoldingPaths;
import dev.ringwatch.core.graph.Reachability;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.Scc;
import java.util.List;

/**
 * What becomes of the files that nothing outside reaches.
 *
 * <p>Garbage and undecided files are told in units: a component that no file of the same state holds
 * from without, and all it reaches of that state. A file that several units reach belongs to the
 * first, so that the units together are no larger than the graph. Units that the collector will
 * never free come before the others: whatever else holds what they hold, it stays.
 */
final class UnreachableFiles {
    private static final byte ORPHANED = (byte) Judgement.State.ORPHANED.ordinal();
    private static final byte COLLECTABLE = (byte) Judgement.State.COLLECTABLE.ordinal();
    private static final byte LEAKED = (byte) Judgement.State.LEAKED.ordinal();
    private static final byte UNDECIDED = (byte) Judgement.State.UNDECIDED.ordinal();

    private static final String OUTLIVED =
            "Every reference to these files is accounted for and none comes from a process, yet they"
                    + " have outlived several runs of the kernel's collector.";

    private final ReferenceGraph graph;
    private final HoldingPaths paths;
    private final byte[] states;
    private final List<Verdict> verdicts;
    private final FileSet unreachable;
    private final FileSet claimed;

    /**
     * @param states where to write the state of each file; those that are held are left at 0
     * @param verdicts where to add verdicts
     */
    UnreachableFiles(
            ReferenceGraph graph, HoldingPaths paths, byte[] states, List<Verdict> verdicts) {
        this.graph = graph;
        this.paths = paths;
        this.states = states;
        this.verdicts = verdicts;
        unreachable = paths.unreachable();
        claimed = FileSet.none(graph);
    }

    void judge(CollectorView collector) {
        if (unreachable.isEmpty()) {
            return;
        }
        FileSet orphans = OrphanRings.among(graph, unreachable);
        FileSet orphaned = Reachability.from(graph, orphans, unreachable);
        FileSet rest = unreachable.minus(orphaned);
        FileSet undecided = Reachability.from(graph, unexplained(rest), unreachable);
        setState(rest, COLLECTABLE);
        setState(orphaned, ORPHANED);
        setState(undecided, UNDECIDED);
        judgeOrphans(orphans);
        judgeUnits(unreachable.minus(orphaned.minus(undecided)), collector);
    }

    private FileSet unexplained(FileSet among) {
        FileSet found = FileSet.none(graph);
        for (int f = among.next(0); f != NONE; f = among.next(f + 1)) {
            if (graph.unexplained(f) != 0) {
                found.add(f);
            }
        }
        return found;
    }

    private void setState(FileSet files, byte state) {
        for (int f = files.next(0); f != NONE; f = files.next(f + 1)) {
            states[f] = state;
        }
    }

    private void judgeOrphans(FileSet orphans) {
        if (orphans.isEmpty()) {
            return;
        }
        Marks listed = new Marks(graph);
        for (int ring = orphans.next(0); ring != NONE; ring = orphans.next(ring + 1)) {
            FileList holds = heldByOrphan(ring, orphans, listed);
            verdicts.add(orphan(ring, holds));
        }
    }

    /** The orphaned files below {@code ring}: other orphan rings, but not what those hold. */
    private FileList heldByOrphan(int ring, FileSet orphans, Marks listed) {
        FileList.Builder holds = new FileList.Builder();
        listed.mark(ring, ring);
        addOrphaned(ring, ring, orphans, listed, holds);
        for (int i = 0; i < holds.size(); i++) {
            if (!orphans.contains(holds.get(i))) {
                addOrphaned(holds.get(i), ring, orphans, listed, holds);
            }
        }
        return holds.build();
    }

    private void addOrphaned(
            int file, int ring, FileSet orphans, Marks listed, FileList.Builder holds) {
        for (int i = graph.heldBegin(file); i < graph.heldEnd(file); i++) {
            int held = graph.to(i);
            if (states[held] == ORPHANED
                    && (orphans.contains(held) ? listed.mark(held, ring) : claimed.add(held))) {
                holds.add(held);
            }
        }
    }

    private Verdict.OrphanRing orphan(int ring, FileList holds) {
        Verdict.Keeper keeper = keeper(ring);
        return new Verdict.OrphanRing(
                ring, keeper, holds, new Evidence(paths.path(ring), because(keeper)));
    }

    private Verdict.Keeper keeper(int ring) {
        boolean byOthers = false;
        for (int i = graph.holdersBegin(ring); i < graph.holdersEnd(ring); i++) {
            byOthers |= graph.from(graph.holderReference(i)) != ring;
        }
        if (byOthers) {
            return Verdict.Keeper.EACH_OTHER;
        }
        return graph.holdersBegin(ring) < graph.holdersEnd(ring)
                ? Verdict.Keeper.ITSELF
                : Verdict.Keeper.TEARDOWN;
    }

    private static String because(Verdict.Keeper keeper) {
        return switch (keeper) {
            case ITSELF ->
                    "No descriptor, mapping or task registration holds this ring, only requests of"
                            + " its own.";
            case EACH_OTHER ->
                    "No descriptor, mapping or task registration holds this ring, only requests of"
                            + " rings that are themselves held by nothing else.";
            case TEARDOWN ->
                    "No descriptor, mapping, task registration or request was found to hold this"
                            + " ring, yet it has not been torn down.";
        };
    }

    private void judgeUnits(FileSet files, CollectorView collector) {
        Scc scc = Scc.of(graph, files);
        boolean[] heldFromWithout = heldFromWithout(files, scc);
        SplitComponents split = new SplitComponents(graph, files, scc, collector);
        for (int f = files.next(0); f != NONE; f = files.next(f + 1)) {
            if (!heldFromWithout[scc.component(f)] && !claimed.contains(f) && split.contains(f)) {
                judgeSplit(claim(f, scc), scc, collector);
            }
        }
        for (int f = files.next(0); f != NONE; f = files.next(f + 1)) {
            if (!heldFromWithout[scc.component(f)] && !claimed.contains(f)) {
                judgeUnit(claim(f, scc), collector);
            }
        }
    }

    /** For each component, whether a file of another component and of the same state holds it. */
    private boolean[] heldFromWithout(FileSet files, Scc scc) {
        boolean[] is = new boolean[scc.count()];
        for (int f = files.next(0); f != NONE; f = files.next(f + 1)) {
            int own = scc.component(f);
            for (int i = graph.heldBegin(f); i < graph.heldEnd(f); i++) {
                int held = graph.to(i);
                if (states[held] == states[f] && scc.component(held) != own) {
                    is[scc.component(held)] = true;
                }
            }
        }
        return is;
    }

    /** Takes what {@code start} reaches in its own state, its component's members first. */
    private FileList.Builder claim(int start, Scc scc) {
        FileList.Builder reached = new FileList.Builder();
        byte state = states[start];
        claimed.add(start);
        reached.add(start);
        for (int n = 0; n < reached.size(); n++) {
            int file = reached.get(n);
            for (int i = graph.heldBegin(file); i < graph.heldEnd(file); i++) {
                int held = graph.to(i);
                if (states[held] == state && claimed.add(held)) {
                    reached.add(held);
                }
            }
        }
        return membersFirst(reached, scc);
    }

    private static FileList.Builder membersFirst(FileList.Builder unit, Scc scc) {
        int component = scc.component(unit.get(0));
        FileList.Builder ordered = new FileList.Builder();
        for (int i = 0; i < unit.size(); i++) {
            if (scc.component(unit.get(i)) == component) {
                ordered.add(unit.get(i));
            }
        }
        for (int i = 0; i < unit.size(); i++) {
            if (scc.component(unit.get(i)) != component) {
                ordered.add(unit.get(i));
            }
        }
        return ordered;
    }

    /** Of a unit that begins with a component that is never judged dead. */
    private void judgeSplit(FileList.Builder unit, Scc scc, CollectorView collector) {
        int runs = runsOutlived(unit, collector);
        verdicts.add(
                runs < 1
                        ? collectable(unit)
                        : leaked(unit, runs, SplitComponents.because(graph, unit, scc, collector)));
    }

    private void judgeUnit(FileList.Builder unit, CollectorView collector) {
        if (states[unit.get(0)] == UNDECIDED) {
            if (anyHeldByAnother(unit)) {
                verdicts.add(undecided(unit));
            }
            return;
        }
        int runs = runsOutlived(unit, collector);
        verdicts.add(
                runs < LeakFinder.COLLECTOR_RUNS_TO_CONVICT
                        ? collectable(unit)
                        : leaked(unit, runs, OUTLIVED));
    }

    /**
     * Files that no queue, table or request holds are open because of something that was not seen,
     * and no reference of the kinds that leak is involved: there is nothing to decide.
     */
    private boolean anyHeldByAnother(FileList.Builder unit) {
        for (int i = 0; i < unit.size(); i++) {
            if (graph.holdersBegin(unit.get(i)) < graph.holdersEnd(unit.get(i))) {
                return true;
            }
        }
        return false;
    }

    private Verdict undecided(FileList.Builder unit) {
        int first = 0;
        while (graph.unexplained(unit.get(first)) == 0) {
            first++;
        }
        unit.putFirst(first);
        boolean unread = graph.unexplained(unit.get(0)) == ReferenceGraph.UNKNOWN;
        return new Verdict.Undecided(
                unit.build(),
                new Evidence(
                        paths.path(unit.get(0)),
                        unread
                                ? "Nobody seems to reach these files, but the kernel's count of"
                                        + " references could not be read."
                                : "Nobody seems to reach these files, but the kernel counts more"
                                        + " references than were found."));
    }

    private Verdict collectable(FileList.Builder unit) {
        return new Verdict.Collectable(
                unit.build(),
                new Evidence(
                        paths.path(unit.get(0)),
                        "Every reference to these files is accounted for and none comes from a"
                                + " process, so the kernel's collector should free them."));
    }

    private Verdict leaked(FileList.Builder unit, int runs, String because) {
        for (int i = 0; i < unit.size(); i++) {
            states[unit.get(i)] = LEAKED;
        }
        return new Verdict.Leaked(
                unit.build(), runs, new Evidence(paths.path(unit.get(0)), because));
    }

    /** The least of all sockets of the unit; 0 without a socket, which the collector never sees. */
    private int runsOutlived(FileList.Builder unit, CollectorView collector) {
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < unit.size(); i++) {
            if (graph.kind(unit.get(i)) == FileKind.UNIX_SOCKET) {
                least = Math.min(least, collector.runs(unit.get(i)));
            }
        }
        return least == Integer.MAX_VALUE ? 0 : least;
    }
}
