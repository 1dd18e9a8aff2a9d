package dev.ringwatch.agent.report;

import dev.ringwatch.agent.draw.Drawing;
import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Frame;
import dev.ringwatch.agent.draw.Drawing.Kind;
import dev.ringwatch.agent.draw.Drawing.Shape;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Reference;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.core.scenario.Leak;
import dev.ringwatch.core.scenario.ScenarioRun;
import dev.ringwatch.core.scenario.Snapshot.FileFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Draws what holds what when the last line of a scenario was done and nothing more was collected yet;
 * what then leaked is tinted and framed.
 */
public final class ScenarioPicture {
    private static final String LEAKED = "leaked";
    private static final String FREED = "freed";

    private final ScenarioRun run;
    private final Set<OpenFile> leaked = new HashSet<>();
    private final Set<OpenFile> drawn = new HashSet<>();
    private final Set<OpenFile> freed = new HashSet<>();

    /** Rings without a reference that have not given up their files yet. */
    private final Set<OpenFile> ending = new LinkedHashSet<>();

    private final Map<Between, Set<String>> arrows = new LinkedHashMap<>();
    private final Map<Integer, Task> tasks = new TreeMap<>();

    private record Between(String from, String to, Kind kind) {}

    private ScenarioPicture(ScenarioRun run) {
        this.run = run;
        run.leaks().forEach(leak -> leaked.add(leak.file()));
        run.before().files().forEach(facts -> drawn.add(facts.file()));
        freed.addAll(drawn);
        run.after().files().forEach(facts -> freed.remove(facts.file()));
    }

    /** The picture of a run. */
    public static Drawing of(ScenarioRun run) {
        return new ScenarioPicture(run).draw();
    }

    private Drawing draw() {
        run.before().references().forEach(this::add);
        List<Box> boxes = new ArrayList<>();
        for (Task task : tasks.values()) {
            boxes.add(
                    new Box(
                            id(task),
                            List.of("process " + task.pid()),
                            Shape.PROCESS,
                            false,
                            Optional.empty()));
        }
        for (FileFacts facts : run.before().files()) {
            boxes.add(box(facts));
        }
        for (OpenFile file : ending) {
            boxes.add(
                    new Box(
                            id(file),
                            List.of(file.label(), file.kind() + ", about to end"),
                            Shape.RING,
                            false,
                            Optional.empty()));
        }
        if (boxes.isEmpty()) {
            boxes.add(
                    new Box(
                            "none",
                            List.of("nothing is open"),
                            Shape.PROCESS,
                            false,
                            Optional.empty()));
        }
        List<Arrow> lines = new ArrayList<>();
        arrows.forEach(
                (between, labels) ->
                        lines.add(
                                new Arrow(
                                        between.from(),
                                        between.to(),
                                        between.kind(),
                                        label(between.kind(), labels))));
        connections(lines);
        return new Drawing(title(), description(), boxes, lines, frames());
    }

    private List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        if (!leaked.isEmpty()) {
            frames.add(new Frame(LEAKED, "no process can reach these, and they stay", true));
        }
        if (!freed.isEmpty()) {
            frames.add(new Frame(FREED, "freed when all is settled and collected", false));
        }
        return frames;
    }

    private String title() {
        boolean nothingToCollect =
                run.verdict() == ScenarioRun.Verdict.COLLECTED && freed.isEmpty();
        return "%s under %s: %s"
                .formatted(
                        run.scenario().name(),
                        run.era().name(),
                        nothingToCollect ? "no leak" : ScenarioReport.words(run.verdict()));
    }

    private String description() {
        StringBuilder words = new StringBuilder("What holds what when the last line was done.");
        for (FileFacts facts : run.before().files()) {
            List<String> holders =
                    run.before().references().stream()
                            .filter(r -> r.file() == facts.file())
                            .map(Leak::words)
                            .toList();
            words.append(" %s, a %s: ".formatted(facts.file(), facts.file().kind()));
            words.append(holders.isEmpty() ? "nothing" : String.join(", ", holders)).append('.');
        }
        for (Leak leak : run.leaks()) {
            words.append(' ').append(leak.file()).append(" leaks.");
        }
        return words.toString();
    }

    private Box box(FileFacts facts) {
        OpenFile file = facts.file();
        boolean leaks = leaked.contains(file);
        return new Box(
                id(file),
                List.of(
                        file.label(),
                        "%s, %d reference%s"
                                .formatted(
                                        file.kind(),
                                        facts.references(),
                                        facts.references() == 1 ? "" : "s")),
                switch (file.kind()) {
                    case "socket" -> Shape.SOCKET;
                    case "ring" -> Shape.RING;
                    default -> Shape.FILE;
                },
                leaks,
                frame(file));
    }

    private Optional<String> frame(OpenFile file) {
        if (leaked.contains(file)) {
            return Optional.of(LEAKED);
        }
        return freed.contains(file) ? Optional.of(FREED) : Optional.empty();
    }

    private static String id(OpenFile file) {
        return "file " + file.id();
    }

    private static String id(Task task) {
        return "process " + task.pid();
    }

    private void add(Reference reference) {
        OpenFile file = reference.file();
        switch (reference) {
            case Reference.Descriptor d -> held(d.task(), file, "fd " + d.fd());
            case Reference.Mapping m -> held(m.task(), file, "mapping " + m.number());
            case Reference.Registered r -> held(r.task(), file, "registered");
            case Reference.Queued q -> queued(q, file);
            case Reference.Slot s -> arrow(s.ring().file(), file, Kind.SLOT, "slot " + s.slot());
            case Reference.Left l -> arrow(l.ring().file(), file, Kind.SLOT, "emptied slot");
            case Reference.Requested r ->
                    arrow(
                            r.request().ring().file(),
                            file,
                            Kind.REQUEST,
                            "request " + r.request().id());
        }
    }

    private void queued(Reference.Queued queued, OpenFile file) {
        OpenFile owner = queued.owner().file();
        if (owner != null) {
            boolean own = queued.owner() == queued.receiver();
            arrow(owner, file, Kind.QUEUED, own ? "queued" : "queued on a connection");
        }
    }

    private void held(Task task, OpenFile file, String label) {
        if (isDrawn(file)) {
            tasks.put(task.pid(), task);
            add(new Between(id(task), id(file), Kind.HELD), label);
        }
    }

    private void arrow(OpenFile from, OpenFile to, Kind kind, String label) {
        if (!isDrawn(from)) {
            ending.add(from);
        }
        if (isDrawn(to)) {
            add(new Between(id(from), id(to), kind), label);
        }
    }

    /** The same label again is told as a number of times. */
    private void add(Between between, String label) {
        Set<String> labels = arrows.computeIfAbsent(between, b -> new LinkedHashSet<>());
        String unique = label;
        for (int i = 2; !labels.add(unique); i++) {
            unique = label + " ×" + i;
        }
    }

    private static String label(Kind kind, Set<String> labels) {
        List<String> told = new ArrayList<>(labels);
        return kind == Kind.QUEUED ? told.getLast() : String.join(", ", told);
    }

    private void connections(List<Arrow> lines) {
        for (FileFacts facts : run.before().files()) {
            facts.peer()
                    .filter(peer -> peer.id() > facts.file().id())
                    .filter(this::isDrawn)
                    .ifPresent(
                            peer ->
                                    lines.add(
                                            new Arrow(
                                                    id(facts.file()),
                                                    id(peer),
                                                    Kind.CONNECTED,
                                                    "connected")));
        }
    }

    private boolean isDrawn(OpenFile file) {
        return drawn.contains(file);
    }
}
