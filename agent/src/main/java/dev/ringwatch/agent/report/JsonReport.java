package dev.ringwatch.agent.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.ringwatch.agent.observe.Attribution;
import dev.ringwatch.agent.observe.CollectorFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ProcessFacts;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.stacks.CallStack;
import dev.ringwatch.agent.stacks.Frame;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.graph.ReferenceGraph;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Writes JSON for machines. The schemas are published as docs/snapshot.schema.json and
 * docs/leaks.schema.json; names are stable. What is not known is null, never 0.
 */
public final class JsonReport {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** The most steps of a path that are written: sockets can be nested without limit. */
    private static final int MAX_PATH = 64;

    private static final int MAX_CALLS = 16;

    private final Observation observation;
    private final ReferenceGraph graph;
    private final Groups groups;
    private final Names names;
    private final JsonGenerator json;
    private Optional<Instant> closedAt = Optional.empty();
    private final Map<Integer, CollectorFacts> collector = new HashMap<>();

    private JsonReport(Tracked tracked, JsonGenerator json) {
        this.json = json;
        observation = tracked.observation();
        graph = observation.graph();
        groups = tracked.groups();
        names = new Names(observation, groups);
        for (SocketFacts socket : observation.sockets()) {
            socket.collector().ifPresent(facts -> collector.put(socket.file(), facts));
        }
    }

    /** The whole graph of the machine and what was found in it. */
    public static void snapshot(Tracked tracked, List<Finding> findings, OutputStream out)
            throws IOException {
        try (JsonGenerator json = generator(out)) {
            new JsonReport(tracked, json).snapshot(findings);
        }
    }

    /** Findings alone. */
    public static void leaks(Tracked tracked, List<Finding> findings, OutputStream out)
            throws IOException {
        try (JsonGenerator json = generator(out)) {
            new JsonReport(tracked, json).leaks(findings);
        }
    }

    /** A finding that was told of this observation and was not seen again afterwards. */
    public static void closed(Tracked tracked, Finding finding, Instant at, OutputStream out)
            throws IOException {
        try (JsonGenerator json = generator(out)) {
            JsonReport report = new JsonReport(tracked, json);
            report.closedAt = Optional.of(at);
            report.leaks(List.of(finding));
        }
    }

    static JsonGenerator generator(OutputStream out) throws IOException {
        JsonGenerator json = FACTORY.createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.useDefaultPrettyPrinter();
        return json;
    }

    private void snapshot(List<Finding> findings) throws IOException {
        json.writeStartObject();
        writeHead();
        json.writeArrayFieldStart("rings");
        for (RingFacts ring : observation.rings()) {
            writeRing(ring);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("sockets");
        for (SocketFacts socket : observation.sockets()) {
            writeSocket(socket);
        }
        json.writeEndArray();
        writeReferences();
        writeFiles();
        writeFindings(findings);
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private void leaks(List<Finding> findings) throws IOException {
        json.writeStartObject();
        writeHead();
        writeFindings(findings);
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private void writeHead() throws IOException {
        json.writeStringField("taken_at", observation.takenAt().toString());
        json.writeBooleanField("complete", observation.complete());
        json.writeArrayFieldStart("incomplete");
        for (String reason : observation.incomplete()) {
            json.writeString(reason);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("sources");
        for (SourceReport report : observation.sources()) {
            json.writeObjectFieldStart(report.source().label());
            json.writeBooleanField("up", report.up());
            json.writeNumberField("took_seconds", report.took().toNanos() / 1e9);
            json.writeStringField("detail", report.detail());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void writeRing(RingFacts ring) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", Names.id(ring.file()));
        writeOwner(ring.file());
        json.writeStringField("group", groups.of(ring.file()));
        json.writeBooleanField("readable", ring.readable());
        write("registered_files", ring.registeredFiles());
        write("file_table_slots", ring.fileTableSlots());
        write("registered_buffers", ring.registeredBuffers());
        write("registered_buffer_bytes", ring.registeredBufferBytes());
        write("inflight_requests", ring.inflightRequests());
        write("overflow_entries", ring.overflowEntries());
        json.writeArrayFieldStart("users");
        for (int pid : ring.users()) {
            json.writeNumber(pid);
        }
        json.writeEndArray();
        writeHolders(ring.file());
        json.writeEndObject();
    }

    private void writeOwner(int file) throws IOException {
        OptionalInt pid = groups.process(file);
        write("pid", pid);
        json.writeFieldName("comm");
        var process = pid.isPresent() ? observation.processes().get(pid.getAsInt()) : null;
        if (process == null) {
            json.writeNull();
        } else {
            json.writeString(Names.clean(process.comm()));
        }
    }

    private void writeSocket(SocketFacts socket) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", Names.id(socket.file()));
        json.writeNumberField("inode", socket.inode());
        json.writeStringField("kind", socket.type().name().toLowerCase(Locale.ROOT));
        json.writeStringField("state", socket.state().name().toLowerCase(Locale.ROOT));
        json.writeFieldName("name");
        if (socket.name().isPresent()) {
            json.writeString(Names.clean(socket.name().get()));
        } else {
            json.writeNull();
        }
        write("netns", socket.netns());
        write("queued_fds", socket.inflight());
        writeCollector(socket.collector());
        json.writeStringField("group", groups.of(socket.file()));
        writeHolders(socket.file());
        json.writeEndObject();
    }

    /** What the kernel's collector keeps of a socket in flight. */
    private void writeCollector(Optional<CollectorFacts> known) throws IOException {
        if (known.isEmpty()) {
            json.writeNullField("collector");
            return;
        }
        json.writeObjectFieldStart("collector");
        json.writeNumberField("inflight_references", known.get().references());
        write("component_index", known.get().componentIndex());
        json.writeEndObject();
    }

    private void writeHolders(int file) throws IOException {
        json.writeArrayFieldStart("holders");
        for (Holder holder : graph.holders(file)) {
            json.writeStartObject();
            writeHolder(holder);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** {@code from}, {@code by} and a number whose meaning depends on {@code by}. */
    private void writeHolder(Holder holder) throws IOException {
        switch (holder) {
            case Holder.DescriptorSlot d -> writeReference("pid:" + d.pid(), "descriptor", d.fd());
            case Holder.MemoryMapping m -> writeReference("pid:" + m.pid(), "mapping", 0);
            case Holder.TaskRegistration t ->
                    writeReference("pid:" + t.pid(), "registration", t.slot());
            case Holder.QueuedPacket q -> writeReference(Names.id(q.socket()), "queue", q.packet());
            case Holder.RingSlot s -> writeReference(Names.id(s.ring()), "slot", s.slot());
            case Holder.PendingRequest r ->
                    writeReference(Names.id(r.ring()), "request", r.opcode());
        }
    }

    private void writeReference(String from, String by, int number) throws IOException {
        json.writeStringField("from", from);
        json.writeStringField("by", by);
        json.writeNumberField("number", number);
    }

    private void writeReferences() throws IOException {
        json.writeArrayFieldStart("references");
        for (int file = 0; file < graph.fileCount(); file++) {
            for (Holder holder : graph.holders(file)) {
                json.writeStartObject();
                json.writeStringField("to", Names.id(file));
                writeHolder(holder);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    /** Every file on an edge, with the ledger of its references. */
    private void writeFiles() throws IOException {
        json.writeArrayFieldStart("files");
        for (int file = 0; file < graph.fileCount(); file++) {
            boolean holds = graph.heldBegin(file) < graph.heldEnd(file);
            if (holds || graph.holdersBegin(file) < graph.holdersEnd(file)) {
                json.writeStartObject();
                writeFile(file);
                writeKnown("references", graph.kernelCount(file));
                json.writeNumberField("explained", graph.explained(file));
                writeKnown("unexplained", graph.unexplained(file));
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    private void writeFile(int file) throws IOException {
        json.writeStringField("id", Names.id(file));
        json.writeStringField("kind", graph.kind(file).name().toLowerCase(Locale.ROOT));
        json.writeStringField("name", names.file(file));
        json.writeNumberField("inode", observation.files().get(file).inode());
    }

    private void writeFindings(List<Finding> findings) throws IOException {
        json.writeArrayFieldStart("findings");
        for (Finding finding : findings) {
            writeFinding(finding);
        }
        json.writeEndArray();
    }

    private void writeFinding(Finding finding) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", finding.id());
        json.writeStringField("kind", finding.kind().label());
        json.writeStringField("group", finding.group());
        writeOwner(finding.files().getFirst());
        json.writeStringField("since", finding.since().toString());
        json.writeBooleanField("since_is_lower_bound", true);
        write("opened_at", finding.opened());
        write("closed_at", closedAt);
        json.writeArrayFieldStart("files");
        for (int file : finding.files()) {
            json.writeStartObject();
            writeFile(file);
            writeCollector(Optional.ofNullable(collector.get(file)));
            json.writeEndObject();
        }
        json.writeEndArray();
        writePath(finding.path());
        writeCalls(Callers.of(observation, finding));
        writeInvolved(finding);
        json.writeStringField("because", finding.because());
        json.writeStringField("look_for", finding.call());
        json.writeStringField("advice", finding.advice());
        json.writeEndObject();
    }

    private void writeCalls(List<Attribution> calls) throws IOException {
        json.writeArrayFieldStart("calls");
        for (Attribution call : calls.subList(0, Math.min(MAX_CALLS, calls.size()))) {
            json.writeStartObject();
            json.writeStringField("kind", call.kind().name().toLowerCase(Locale.ROOT));
            json.writeNumberField("pid", call.pid());
            json.writeNumberField("tid", call.tid());
            json.writeStringField("thread", Names.clean(call.thread()));
            json.writeStringField("at", call.at().toString());
            writeStack(call.stack());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void writeStack(Optional<CallStack> stack) throws IOException {
        json.writeArrayFieldStart("frames");
        for (Frame frame : stack.map(CallStack::frames).orElse(List.of())) {
            json.writeStartObject();
            json.writeFieldName("function");
            if (frame.function().isPresent()) {
                json.writeString(Names.function(frame.function().get()));
            } else {
                json.writeNull();
            }
            json.writeStringField("module", Names.clean(frame.module()));
            write("offset", frame.offset());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("notes");
        for (String note : stack.map(CallStack::notes).orElse(List.of("no stack is known of it"))) {
            json.writeString(Names.note(note));
        }
        json.writeEndArray();
    }

    /** The processes and rings on the path. */
    private void writeInvolved(Finding finding) throws IOException {
        Involved involved = Involved.in(observation, finding);
        json.writeArrayFieldStart("processes");
        for (int pid : involved.processes()) {
            json.writeStartObject();
            json.writeNumberField("pid", pid);
            ProcessFacts process = observation.processes().get(pid);
            json.writeFieldName("comm");
            if (process == null) {
                json.writeNull();
            } else {
                json.writeString(Names.clean(process.comm()));
            }
            json.writeStringField("group", groups.ofProcess(pid));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("rings");
        for (int ring : involved.rings()) {
            json.writeString(Names.id(ring));
        }
        json.writeEndArray();
    }

    private void write(String field, Optional<Instant> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(field, value.get().toString());
        } else {
            json.writeNullField(field);
        }
    }

    private void writePath(HoldingPath path) throws IOException {
        List<HoldingPath.Step> steps = path.steps();
        json.writeArrayFieldStart("path");
        for (HoldingPath.Step step : steps.subList(0, Math.min(MAX_PATH, steps.size()))) {
            json.writeStartObject();
            json.writeStringField("to", Names.id(step.file()));
            writeHolder(step.holder());
            json.writeStringField(
                    "text", names.holder(step.holder()) + " holds " + names.file(step.file()));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("path_steps", steps.size());
    }

    private void write(String field, OptionalInt value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(field, value.getAsInt());
        } else {
            json.writeNullField(field);
        }
    }

    private void write(String field, OptionalLong value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(field, value.getAsLong());
        } else {
            json.writeNullField(field);
        }
    }

    private void writeKnown(String field, long value) throws IOException {
        if (value == ReferenceGraph.UNKNOWN) {
            json.writeNullField(field);
        } else {
            json.writeNumberField(field, value);
        }
    }
}
