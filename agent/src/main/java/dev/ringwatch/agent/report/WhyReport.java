package dev.ringwatch.agent.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.why.Answer;
import dev.ringwatch.agent.why.Entry;
import dev.ringwatch.agent.why.Ledger;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Says who keeps something open, as text and as JSON (docs/why.schema.json). Words that a watched
 * process has chosen are cleaned in both.
 */
public final class WhyReport {
    /** So many ledgers are written out as text, and so many owners of references of one kind. */
    private static final int MAX_LEDGERS = 50;

    private static final int MAX_WORDS = 8;
    private static final int MAX_TEXT = 4096;

    private WhyReport() {}

    /** For people: a line for each thing that is kept, with how a process reaches it. */
    public static String text(Answer answer) {
        StringBuilder b = new StringBuilder();
        if (answer.ledgers().isEmpty()) {
            b.append(answer.incomplete().isEmpty() ? "Nobody keeps " : "Nobody was seen to keep ")
                    .append(clean(answer.target().toString()))
                    .append(" open.\n");
        }
        List<Ledger> ledgers = answer.ledgers();
        for (Ledger ledger : ledgers.subList(0, Math.min(MAX_LEDGERS, ledgers.size()))) {
            write(b, ledger);
        }
        if (ledgers.size() > MAX_LEDGERS) {
            b.append("and ")
                    .append(ledgers.size() - MAX_LEDGERS)
                    .append(" more; --json has them all\n");
        }
        answer.notes().forEach(note -> b.append("Note: ").append(clean(note)).append(".\n"));
        answer.incomplete().forEach(r -> b.append("Not complete: ").append(clean(r)).append(".\n"));
        return b.toString();
    }

    private static void write(StringBuilder b, Ledger ledger) {
        b.append(clean(ledger.name()));
        if (ledger.subject() == Ledger.Subject.OPEN_FILE && ledger.inode().isPresent()) {
            String inode = Long.toUnsignedString(ledger.inode().getAsLong());
            if (!ledger.name().contains(" " + inode)) {
                b.append(", inode ").append(inode);
            }
        }
        b.append("\n  ").append(equation(ledger)).append('\n');
        uncounted(ledger)
                .forEach(
                        (kind, entries) ->
                                b.append("  busy     ").append(part(kind, entries)).append('\n'));
        for (String step : ledger.path()) {
            b.append("  reached  ").append(clean(step)).append('\n');
        }
        for (String note : ledger.notes()) {
            b.append("  note     ").append(clean(note)).append('\n');
        }
    }

    /** {@code references 3 = 1 descriptor (pid 312 nginx, fd 7) + 2 unexplained}. */
    private static String equation(Ledger ledger) {
        Map<Entry.Kind, List<Entry>> kinds = byKind(ledger, true);
        List<String> parts = new ArrayList<>();
        kinds.forEach((kind, entries) -> parts.add(part(kind, entries)));
        long unexplained = ledger.unexplained().orElse(0);
        if (unexplained > 0) {
            parts.add(unexplained + " unexplained");
        }
        String sum = parts.isEmpty() ? "nothing" : String.join(" + ", parts);
        long beyond = ledger.explained() - ledger.references().orElse(Long.MAX_VALUE);
        if (beyond > 0) {
            sum += " - " + beyond + " found and not counted: it changed meanwhile";
        }
        String moving = ledger.moving() ? " (it never stood still while it was counted)" : "";
        return ledger.references().isPresent()
                ? "references " + ledger.references().getAsLong() + " = " + sum + moving
                : "held by " + sum + moving;
    }

    /** What keeps it in use and owns no reference. */
    private static Map<Entry.Kind, List<Entry>> uncounted(Ledger ledger) {
        return byKind(ledger, false);
    }

    private static Map<Entry.Kind, List<Entry>> byKind(Ledger ledger, boolean counted) {
        Map<Entry.Kind, List<Entry>> kinds = new EnumMap<>(Entry.Kind.class);
        ledger.entries().stream()
                .filter(e -> e.count() > 0 == counted)
                .forEach(e -> kinds.computeIfAbsent(e.kind(), k -> new ArrayList<>()).add(e));
        return kinds;
    }

    private static String part(Entry.Kind kind, List<Entry> entries) {
        long count = entries.stream().mapToLong(e -> Math.max(1, e.count())).sum();
        List<String> words = entries.stream().limit(MAX_WORDS).map(e -> clean(e.words())).toList();
        String more =
                entries.size() > MAX_WORDS ? "; and " + (entries.size() - MAX_WORDS) + " more" : "";
        return count + " " + kind.words(count) + " (" + String.join("; ", words) + more + ")";
    }

    private static String clean(String text) {
        return Names.clean(text, MAX_TEXT);
    }

    /** For machines; what is not known is null, never 0. */
    public static void json(Answer answer, OutputStream out) throws IOException {
        try (JsonGenerator json = JsonReport.generator(out)) {
            json.writeStartObject();
            json.writeStringField("target", clean(answer.target().toString()));
            json.writeStringField("taken_at", answer.takenAt().toString());
            json.writeBooleanField("complete", answer.incomplete().isEmpty());
            strings(json, "incomplete", answer.incomplete());
            sources(json, answer.sources());
            json.writeBooleanField("held", answer.held());
            json.writeArrayFieldStart("ledgers");
            for (Ledger ledger : answer.ledgers()) {
                ledger(json, ledger);
            }
            json.writeEndArray();
            strings(json, "notes", answer.notes());
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private static void sources(JsonGenerator json, List<SourceReport> reports) throws IOException {
        json.writeObjectFieldStart("sources");
        for (SourceReport report : reports) {
            json.writeObjectFieldStart(report.source().label());
            json.writeBooleanField("up", report.up());
            json.writeNumberField("took_seconds", report.took().toNanos() / 1e9);
            json.writeStringField("detail", report.detail());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void ledger(JsonGenerator json, Ledger ledger) throws IOException {
        json.writeStartObject();
        json.writeStringField("subject", ledger.subject().label());
        json.writeStringField("name", clean(ledger.name()));
        number(json, "inode", ledger.inode());
        number(json, "references", ledger.references());
        json.writeNumberField("explained", ledger.explained());
        number(json, "unexplained", ledger.unexplained());
        json.writeBooleanField("moving", ledger.moving());
        json.writeArrayFieldStart("entries");
        for (Entry entry : ledger.entries()) {
            json.writeStartObject();
            json.writeStringField("by", entry.kind().label());
            json.writeNumberField("count", entry.count());
            pid(json, entry.pid());
            json.writeStringField("text", clean(entry.words()));
            json.writeEndObject();
        }
        json.writeEndArray();
        strings(json, "path", ledger.path());
        strings(json, "notes", ledger.notes());
        json.writeEndObject();
    }

    private static void pid(JsonGenerator json, OptionalInt pid) throws IOException {
        if (pid.isPresent()) {
            json.writeNumberField("pid", pid.getAsInt());
        } else {
            json.writeNullField("pid");
        }
    }

    private static void number(JsonGenerator json, String field, OptionalLong value)
            throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(field, value.getAsLong());
        } else {
            json.writeNullField(field);
        }
    }

    private static void strings(JsonGenerator json, String field, List<String> values)
            throws IOException {
        json.writeArrayFieldStart(field);
        for (String value : values) {
            json.writeString(clean(value));
        }
        json.writeEndArray();
    }
}
