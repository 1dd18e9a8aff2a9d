package dev.ringwatch.agent.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.ringwatch.agent.track.Figure;
import dev.ringwatch.agent.track.HistoryView;
import dev.ringwatch.agent.track.MachineFigure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Writes the history as JSON (docs/history.schema.json). What is not known is null, never 0. */
public final class HistoryReport {
    private HistoryReport() {}

    /** All of a view that has a point at least. */
    public static void json(HistoryView history, OutputStream out) throws IOException {
        try (JsonGenerator json = JsonReport.generator(out)) {
            json.writeStartObject();
            json.writeFieldName("step_seconds");
            write(json, OptionalDouble.of(history.step().toMillis() / 1000.0));
            if (history.since().isPresent()) {
                json.writeNumberField("since", history.since().get().getEpochSecond());
            }
            json.writeNumberField("until", history.time(history.size() - 1));
            json.writeArrayFieldStart("times");
            for (int i = 0; i < history.size(); i++) {
                json.writeNumber(history.time(i));
            }
            json.writeEndArray();
            writeMachine(json, history);
            json.writeObjectFieldStart("total");
            writeFigures(json, history, figure -> i -> history.total(figure, i));
            json.writeEndObject();
            writeGroups(json, history);
            json.writeNumberField("groups_dropped", history.dropped());
            json.writeEndObject();
        }
    }

    private static void writeMachine(JsonGenerator json, HistoryView history) throws IOException {
        json.writeObjectFieldStart("machine");
        for (MachineFigure figure : MachineFigure.values()) {
            json.writeArrayFieldStart(figure.label());
            for (int i = 0; i < history.size(); i++) {
                write(json, history.machine(figure, i));
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writeGroups(JsonGenerator json, HistoryView history) throws IOException {
        json.writeArrayFieldStart("groups");
        for (String group : history.groups()) {
            json.writeStartObject();
            json.writeStringField("group", group);
            writeFigures(json, history, figure -> i -> history.of(group, figure, i));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeFigures(
            JsonGenerator json,
            HistoryView history,
            Function<Figure, IntFunction<OptionalLong>> values)
            throws IOException {
        for (Figure figure : Figure.values()) {
            json.writeArrayFieldStart(figure.label());
            IntFunction<OptionalLong> of = values.apply(figure);
            for (int i = 0; i < history.size(); i++) {
                OptionalLong value = of.apply(i);
                if (value.isPresent()) {
                    json.writeNumber(value.getAsLong());
                } else {
                    json.writeNull();
                }
            }
            json.writeEndArray();
        }
    }

    private static void write(JsonGenerator json, OptionalDouble value) throws IOException {
        if (value.isEmpty()) {
            json.writeNull();
        } else if (value.getAsDouble() == Math.rint(value.getAsDouble())) {
            json.writeNumber((long) value.getAsDouble());
        } else {
            json.writeNumber(value.getAsDouble());
        }
    }
}
