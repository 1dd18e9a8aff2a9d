package dev.ringwatch.core.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A graph written down as people draw it.
 *
 * <pre>
 * ring R                  a ring; unix, socket, file likewise; several names after commas
 * fd R                    a process has a descriptor of it
 * mmap R                  a process has it mapped
 * task R                  it is registered with a task
 * R -slot-> a, b          its table has a, then b
 * a -queue-> b            b waits in a's queue
 * R -request-> a          a request has its own reference
 * R -recv-> a              the same, a receive; the others are polls
 * R -uses-> a             a request works through a registered slot
 * a ~ b                   they are each other's peer
 * gone a                  its other end was closed
 * deleted f               it has no name left
 * extra a                 the kernel counts one reference more than is drawn
 * unknown a               the kernel's count could not be read
 * </pre>
 *
 * Statements end with a line or a semicolon. The kernel's count is what is drawn, unless said
 * otherwise.
 */
public final class Drawing {
    private final Map<String, Integer> index = new LinkedHashMap<>();
    private final List<FileKind> kinds = new ArrayList<>();
    private final List<String[]> statements = new ArrayList<>();
    private final ReferenceGraph graph;

    private Drawing(String text) {
        for (String line : text.split("[;\n]", -1)) {
            if (!line.isBlank()) {
                read(line.strip());
            }
        }
        graph = build();
    }

    /** Reads a drawing. */
    public static Drawing draw(String text) {
        return new Drawing(text);
    }

    /** The graph drawn. */
    public ReferenceGraph graph() {
        return graph;
    }

    /** The index of a file. */
    public int file(String name) {
        Integer file = index.get(name);
        if (file == null) {
            throw new IllegalArgumentException("no file " + name);
        }
        return file;
    }

    /** The names of files, separated by spaces. */
    public String names(Collection<Integer> files) {
        List<String> names = List.copyOf(index.keySet());
        return files.stream().map(names::get).collect(Collectors.joining(" "));
    }

    /** A path as {@code process > R =slot=> a}. */
    public String arrows(HoldingPath path) {
        StringBuilder out = new StringBuilder();
        for (HoldingPath.Step step : path.steps()) {
            if (out.isEmpty()) {
                out.append(firstHolder(step.holder()));
            }
            out.append(how(step.holder())).append(names(List.of(step.file())));
        }
        return out.toString();
    }

    private String firstHolder(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot _, Holder.MemoryMapping _, Holder.TaskRegistration _ ->
                    "process";
            case Holder.QueuedPacket packet -> names(List.of(packet.socket()));
            case Holder.RingSlot slot -> names(List.of(slot.ring()));
            case Holder.PendingRequest request -> names(List.of(request.ring()));
        };
    }

    private static String how(Holder holder) {
        return switch (holder) {
            case Holder.DescriptorSlot _ -> " -fd-> ";
            case Holder.MemoryMapping _ -> " -mmap-> ";
            case Holder.TaskRegistration _ -> " -task-> ";
            case Holder.QueuedPacket _ -> " -queue-> ";
            case Holder.RingSlot _ -> " -slot-> ";
            case Holder.PendingRequest _ -> " -request-> ";
        };
    }

    private void read(String line) {
        String[] words = line.split("[\\s,]+", -1);
        switch (words[0]) {
            case "ring" -> add(FileKind.RING, words);
            case "unix" -> add(FileKind.UNIX_SOCKET, words);
            case "socket" -> add(FileKind.SOCKET, words);
            case "file" -> add(FileKind.OTHER, words);
            default -> statements.add(words);
        }
    }

    private void add(FileKind kind, String[] words) {
        for (String name : Arrays.asList(words).subList(1, words.length)) {
            if (index.put(name, index.size()) != null) {
                throw new IllegalArgumentException(name + " is drawn twice");
            }
            kinds.add(kind);
        }
    }

    private ReferenceGraph build() {
        long[] counts = new long[kinds.size()];
        for (String[] words : statements) {
            count(words, counts);
        }
        for (String[] words : statements) {
            if (words[0].equals("unknown")) {
                each(words, 1, file -> counts[file] = ReferenceGraph.UNKNOWN);
            }
        }
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        for (int f = 0; f < counts.length; f++) {
            builder.file(kinds.get(f), counts[f], deleted(f));
        }
        for (String[] words : statements) {
            build(words, builder);
        }
        return builder.build();
    }

    private void count(String[] words, long[] counts) {
        switch (words[0]) {
            case "fd", "mmap", "task", "extra" -> each(words, 1, file -> counts[file]++);
            default -> {
                switch (words[1]) {
                    case "-queue->", "-slot->", "-request->", "-recv->" ->
                            each(words, 2, file -> counts[file]++);
                    default -> {}
                }
            }
        }
    }

    private boolean deleted(int file) {
        return statements.stream()
                .anyMatch(
                        words ->
                                words[0].equals("deleted")
                                        && Arrays.stream(words).skip(1).anyMatch(is(file)));
    }

    private Predicate<String> is(int file) {
        return name -> file(name) == file;
    }

    private void build(String[] words, ReferenceGraph.Builder builder) {
        switch (words[0]) {
            case "fd" -> each(words, 1, f -> builder.outside(f, new Holder.DescriptorSlot(1, f)));
            case "mmap" -> each(words, 1, f -> builder.outside(f, new Holder.MemoryMapping(1)));
            case "task" ->
                    each(words, 1, f -> builder.outside(f, new Holder.TaskRegistration(1, 1, 0)));
            case "gone" -> each(words, 1, builder::peerGone);
            case "deleted", "extra", "unknown" -> {}
            default -> connect(words, builder);
        }
    }

    private void connect(String[] words, ReferenceGraph.Builder builder) {
        int from = file(words[0]);
        switch (words[1]) {
            case "-queue->" -> numbered(words, (held, n) -> builder.queued(from, held, n));
            case "-slot->" -> numbered(words, (held, n) -> builder.slot(from, held, n));
            case "-request->" -> numbered(words, (held, n) -> builder.request(from, held, 6));
            case "-recv->" -> numbered(words, (held, n) -> builder.request(from, held, 27));
            case "-uses->" -> numbered(words, (held, n) -> builder.requestBySlot(from, held, 22));
            case "~" -> {
                builder.peer(from, file(words[2]));
                builder.peer(file(words[2]), from);
            }
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
    }

    private interface Numbered {
        void take(int file, int n);
    }

    private void numbered(String[] words, Numbered action) {
        for (int i = 2; i < words.length; i++) {
            action.take(file(words[i]), i - 2);
        }
    }

    private void each(String[] words, int from, IntConsumer action) {
        for (int i = from; i < words.length; i++) {
            action.accept(file(words[i]));
        }
    }
}
