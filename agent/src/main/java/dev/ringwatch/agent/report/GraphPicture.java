package dev.ringwatch.agent.report;

import dev.ringwatch.agent.draw.Drawing;
import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Frame;
import dev.ringwatch.agent.draw.Drawing.Kind;
import dev.ringwatch.agent.draw.Drawing.Shape;
import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Draws what rings and queues hold, and who holds those: findings first, each in a frame of its own,
 * then the rest as far as there is room. Files that differ in nothing but their name are one box.
 */
public final class GraphPicture {
    /** More than this, and nobody can follow the lines. */
    static final int MAX_BOXES = 120;

    /** So many files that are held alike are drawn one by one. */
    private static final int MAX_ALIKE = 3;

    /** So many slots or descriptors are named at an arrow. */
    private static final int MAX_NAMED = 4;

    private final Observation observation;
    private final ReferenceGraph graph;
    private final Names names;
    private final List<Finding> findings;
    private final Map<Integer, RingFacts> rings = new HashMap<>();
    private final Map<Integer, SocketFacts> sockets = new HashMap<>();

    /** The finding that a file is drawn in. */
    private final Map<Integer, Integer> frameOf = new HashMap<>();

    private final Set<Integer> drawn = new LinkedHashSet<>();

    /** Files that are drawn as one, by what they have in common. */
    private final Map<Alike, Set<Integer>> alike = new LinkedHashMap<>();

    private final Map<Between, List<Mark>> arrows = new LinkedHashMap<>();
    private final Set<Integer> processes = new TreeSet<>();
    private final Set<Integer> leftOut = new HashSet<>();

    private record Between(String from, String to, Kind kind) {}

    /** One reference: what it is called when it is alone, and one of many. */
    private record Mark(String what, OptionalInt number) {}

    private record Alike(FileKind kind, int holder, ReferenceGraph.By by, int frame) {}

    private GraphPicture(Tracked tracked, List<Finding> findings) {
        this.findings = findings;
        observation = tracked.observation();
        graph = observation.graph();
        names = new Names(observation, tracked.groups());
        observation.rings().forEach(r -> rings.put(r.file(), r));
        observation.sockets().forEach(s -> sockets.put(s.file(), s));
    }

    /** The machine, with these findings marked. */
    public static Drawing snapshot(Tracked tracked, List<Finding> findings) {
        GraphPicture picture = new GraphPicture(tracked, findings);
        picture.chooseFindings();
        picture.chooseRest();
        return picture.draw("What rings and queues hold");
    }

    /** These findings alone, with what holds them. */
    public static Drawing findings(Tracked tracked, List<Finding> findings) {
        GraphPicture picture = new GraphPicture(tracked, findings);
        picture.chooseFindings();
        return picture.draw(findings.size() == 1 ? "What holds it" : findings.size() + " findings");
    }

    private void chooseFindings() {
        for (int i = 0; i < findings.size(); i++) {
            for (int file : findings.get(i).files()) {
                if (drawn.size() < MAX_BOXES || drawn.contains(file)) {
                    frameOf.putIfAbsent(file, frameFor(file, i));
                }
                choose(file);
            }
        }
        for (Finding finding : findings) {
            finding.path().steps().stream().map(HoldingPath.Step::file).forEach(this::choose);
            for (int file : finding.files()) {
                if (drawn.contains(file)) {
                    chooseHolders(file);
                }
            }
        }
    }

    /** The two ends of a pair that were found for the same reason are one matter. */
    private int frameFor(int file, int finding) {
        int peer = graph.peer(file);
        Integer peers = frameOf.get(peer);
        boolean same =
                peers != null
                        && findings.get(peers).kind() == findings.get(finding).kind()
                        && findings.get(peers).group().equals(findings.get(finding).group());
        return same ? peers : finding;
    }

    private void chooseHolders(int file) {
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            choose(graph.from(graph.holderReference(i)));
        }
    }

    /** Rings and full queues, the fullest first, with what they hold. */
    private void chooseRest() {
        List<Integer> heads = new ArrayList<>();
        for (int file = 0; file < graph.fileCount(); file++) {
            SocketFacts socket = sockets.get(file);
            boolean full = socket != null && socket.inflight().orElse(0) > 0;
            if (full || rings.containsKey(file) || graph.heldBegin(file) < graph.heldEnd(file)) {
                heads.add(file);
            }
        }
        heads.sort(Comparator.comparingInt((Integer f) -> -held(f)).thenComparing(f -> f));
        for (int head : heads) {
            choose(head);
            for (int r = graph.heldBegin(head); r < graph.heldEnd(head); r++) {
                choose(graph.to(r));
            }
        }
    }

    private int held(int file) {
        return graph.heldEnd(file) - graph.heldBegin(file);
    }

    private void choose(int file) {
        if (drawn.contains(file)) {
            return;
        }
        boolean room = drawn.size() + alike.size() < MAX_BOXES;
        Optional<Alike> kin = kin(file);
        if (room || kin.map(alike::containsKey).orElse(false)) {
            kin.map(k -> alike.computeIfAbsent(k, _ -> new LinkedHashSet<>()))
                    .orElse(drawn)
                    .add(file);
        } else {
            leftOut.add(file);
        }
    }

    /** What a file shares with others that it may be drawn with: it holds nothing and has one holder. */
    private Optional<Alike> kin(int file) {
        boolean plain = graph.kind(file) == FileKind.OTHER || graph.kind(file) == FileKind.SOCKET;
        int holders = graph.holdersEnd(file) - graph.holdersBegin(file);
        if (!plain || graph.outsideReferences(file) > 0 || holders != 1) {
            return Optional.empty();
        }
        int reference = graph.holderReference(graph.holdersBegin(file));
        return Optional.of(
                new Alike(
                        graph.kind(file),
                        graph.from(reference),
                        graph.by(reference),
                        frameOf.getOrDefault(file, -1)));
    }

    private Drawing draw(String title) {
        List<Box> boxes = new ArrayList<>();
        Map<Integer, String> boxOf = new HashMap<>();
        for (int file : drawn) {
            boxOf.put(file, Names.id(file));
            boxes.add(box(file));
        }
        alike.values().forEach(files -> addAlike(List.copyOf(files), boxes, boxOf));
        boxOf.forEach(this::addArrows);
        boxOf.keySet().forEach(file -> addHeldBy(file, boxOf));
        boxOf.keySet().forEach(file -> addPeer(file, boxOf));
        processes.forEach(pid -> boxes.addFirst(process(pid)));
        return new Drawing(
                leftOut.isEmpty()
                        ? title
                        : title + "; no room for %d more".formatted(leftOut.size()),
                words(),
                boxes,
                arrows.entrySet().stream().map(e -> arrow(e.getKey(), e.getValue())).toList(),
                frames(boxes));
    }

    private void addAlike(List<Integer> files, List<Box> boxes, Map<Integer, String> boxOf) {
        if (files.size() <= MAX_ALIKE) {
            for (int file : files) {
                boxOf.put(file, Names.id(file));
                boxes.add(box(file));
            }
            return;
        }
        String id = "files:" + files.getFirst();
        files.forEach(file -> boxOf.put(file, id));
        List<String> lines = new ArrayList<>();
        boolean sockets = graph.kind(files.getFirst()) == FileKind.SOCKET;
        lines.add(files.size() + (sockets ? " network sockets" : " files"));
        files.stream().limit(MAX_ALIKE).map(this::name).forEach(lines::add);
        lines.add("and " + (files.size() - MAX_ALIKE) + " more");
        boxes.add(
                new Box(
                        id,
                        lines,
                        sockets ? Shape.SOCKET : Shape.FILE,
                        frameOf.containsKey(files.getFirst()),
                        frame(files.getFirst())));
    }

    private Box box(int file) {
        FileFacts facts = observation.files().get(file);
        List<String> lines = new ArrayList<>();
        Shape shape =
                switch (facts.kind()) {
                    case RING -> {
                        lines.add("io_uring ring");
                        lines.add(Names.id(file));
                        ringLine(file).ifPresent(lines::add);
                        yield Shape.RING;
                    }
                    case UNIX_SOCKET -> {
                        lines.add("socket " + facts.inode());
                        lines.add(socketLine(file));
                        yield Shape.SOCKET;
                    }
                    case SOCKET -> {
                        lines.add("socket " + facts.inode());
                        lines.add("network");
                        yield Shape.SOCKET;
                    }
                    case OTHER -> {
                        lines.add(name(file));
                        yield Shape.FILE;
                    }
                };
        if (graph.peerGone(file)) {
            lines.add("its peer is gone");
        }
        if (graph.unexplained(file) > 0) {
            lines.add(graph.unexplained(file) + " unexplained");
        }
        return new Box(Names.id(file), lines, shape, frameOf.containsKey(file), frame(file));
    }

    private Optional<String> frame(int file) {
        return Optional.ofNullable(frameOf.get(file)).map(i -> "finding:" + i);
    }

    private String name(int file) {
        String name = names.file(file);
        return name.startsWith("file ") ? name.substring("file ".length()) : name;
    }

    private Optional<String> ringLine(int file) {
        RingFacts ring = rings.get(file);
        if (ring == null || ring.fileTableSlots().orElse(0) == 0) {
            return Optional.empty();
        }
        return Optional.of(
                "%d of %d slots used"
                        .formatted(
                                ring.registeredFiles().orElse(0),
                                ring.fileTableSlots().getAsInt()));
    }

    private String socketLine(int file) {
        SocketFacts socket = sockets.get(file);
        if (socket == null) {
            return "AF_UNIX";
        }
        String kind = "AF_UNIX " + socket.type().name().toLowerCase(Locale.ROOT);
        return switch (socket.state()) {
            case LISTENING -> kind + ", listens";
            case CONNECTED, UNCONNECTED, UNKNOWN -> kind;
        };
    }

    private Box process(int pid) {
        ProcessFacts facts = observation.processes().get(pid);
        String comm = facts == null ? "process" : Names.clean(facts.comm());
        return new Box(
                "pid:" + pid, List.of(comm, "pid " + pid), Shape.PROCESS, false, Optional.empty());
    }

    /** From processes. */
    private void addArrows(int file, String box) {
        for (Holder holder : graph.outsideHolders(file)) {
            switch (holder) {
                case Holder.DescriptorSlot d ->
                        held(d.pid(), box, new Mark("fd", OptionalInt.of(d.fd())));
                case Holder.MemoryMapping m ->
                        held(m.pid(), box, new Mark("mapping", OptionalInt.empty()));
                case Holder.TaskRegistration t ->
                        held(t.pid(), box, new Mark("registration", OptionalInt.empty()));
                case Holder.QueuedPacket q -> throw outside(q);
                case Holder.RingSlot s -> throw outside(s);
                case Holder.PendingRequest r -> throw outside(r);
            }
        }
    }

    private static AssertionError outside(Holder holder) {
        return new AssertionError(holder + " does not hold from outside");
    }

    private void held(int pid, String box, Mark mark) {
        processes.add(pid);
        add("pid:" + pid, box, Kind.HELD, mark);
    }

    /** From other files. */
    private void addHeldBy(int file, Map<Integer, String> boxOf) {
        String box = boxOf.getOrDefault(file, "");
        for (int i = graph.holdersBegin(file); i < graph.holdersEnd(file); i++) {
            int reference = graph.holderReference(i);
            String from = boxOf.get(graph.from(reference));
            if (from != null) {
                OptionalInt number = OptionalInt.of(graph.detail(reference));
                switch (graph.by(reference)) {
                    case QUEUE ->
                            add(from, box, Kind.QUEUED, new Mark("in flight", OptionalInt.empty()));
                    case SLOT -> add(from, box, Kind.SLOT, new Mark("slot", number));
                    case REQUEST, REQUEST_BY_SLOT ->
                            add(from, box, Kind.REQUEST, new Mark("request", OptionalInt.empty()));
                }
            }
        }
    }

    private void addPeer(int file, Map<Integer, String> boxOf) {
        int peer = graph.peer(file);
        String to = boxOf.get(peer);
        if (to != null && (peer > file || graph.peer(peer) != file)) {
            add(
                    boxOf.getOrDefault(file, ""),
                    to,
                    Kind.CONNECTED,
                    new Mark("connected", OptionalInt.empty()));
        }
    }

    private void add(String from, String to, Kind kind, Mark mark) {
        arrows.computeIfAbsent(new Between(from, to, kind), b -> new ArrayList<>()).add(mark);
    }

    private static Arrow arrow(Between between, List<Mark> marks) {
        Map<String, List<Mark>> byWhat = new LinkedHashMap<>();
        marks.forEach(m -> byWhat.computeIfAbsent(m.what, w -> new ArrayList<>()).add(m));
        List<String> labels = new ArrayList<>();
        byWhat.forEach((what, same) -> labels.add(label(what, same)));
        return new Arrow(between.from, between.to, between.kind, String.join(", ", labels));
    }

    /** {@code slot 3}, {@code slots 3, 4}, {@code 2 mappings}, {@code in flight ×5}. */
    private static String label(String what, List<Mark> marks) {
        boolean numbered = marks.stream().allMatch(m -> m.number.isPresent());
        if (numbered && marks.size() <= MAX_NAMED) {
            List<String> numbers =
                    marks.stream().map(m -> Integer.toString(m.number.orElseThrow())).toList();
            return what + (marks.size() == 1 ? " " : "s ") + String.join(", ", numbers);
        }
        if (marks.size() == 1) {
            return what;
        }
        return what.equals("in flight")
                ? what + " ×" + marks.size()
                : marks.size() + " " + what + "s";
    }

    /** Only frames that something is in: the others' files are in an earlier finding. */
    private List<Frame> frames(List<Box> boxes) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < findings.size(); i++) {
            String id = "finding:" + i;
            if (boxes.stream().anyMatch(box -> box.frame().equals(Optional.of(id)))) {
                Finding finding = findings.get(i);
                String label = finding.kind().label() + ", group " + Names.clean(finding.group());
                frames.add(new Frame(id, label, true));
            }
        }
        return frames;
    }

    private String words() {
        StringBuilder b = new StringBuilder();
        for (Finding finding : findings) {
            b.append(finding.kind().label()).append(": ").append(finding.because()).append(' ');
            for (HoldingPath.Step step : finding.path().steps()) {
                b.append(names.holder(step.holder())).append(" has ");
                b.append(names.file(step.file())).append(". ");
            }
        }
        if (findings.isEmpty()) {
            b.append("No leak was found. ");
        }
        if (!leftOut.isEmpty()) {
            b.append("Not drawn for want of room: ").append(leftOut.size()).append(" files. ");
        }
        return b.toString().strip();
    }
}
