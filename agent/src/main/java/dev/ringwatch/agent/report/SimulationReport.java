package dev.ringwatch.agent.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Assumptions;
import dev.ringwatch.core.sim.Campaign;
import dev.ringwatch.core.sim.Defect;
import dev.ringwatch.core.sim.EraRules;
import dev.ringwatch.core.sim.Failure;
import dev.ringwatch.core.sim.MessageScope;
import dev.ringwatch.core.sim.Trace;
import dev.ringwatch.core.sim.Trait;
import dev.ringwatch.core.sim.Trial;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a simulation showed, for people and for machines. */
public final class SimulationReport {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Writes one object. */
    private interface JsonBody {
        void write(JsonGenerator json) throws IOException;
    }

    private final String text;
    private final JsonBody body;
    private final boolean accountedFor;

    private SimulationReport(String text, JsonBody body, boolean accountedFor) {
        this.text = text;
        this.body = body;
        this.accountedFor = accountedFor;
    }

    /** For people. */
    public String text() {
        return text;
    }

    /** For machines. */
    public void json(OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            body.write(json);
            json.writeEndObject();
        }
        out.write('\n');
    }

    /** Whether all that was seen is what the eras are known for. */
    public boolean isAccountedFor() {
        return accountedFor;
    }

    // ---- random programs ----

    /** Of random programs. */
    public static SimulationReport of(List<Campaign> campaigns) {
        StringBuilder text = new StringBuilder();
        Table table =
                new Table("era", "programs", "steps", "rules broken", "garbage left", "failures");
        for (Campaign campaign : campaigns) {
            table.row(
                    campaign.era().name(),
                    campaign.programs(),
                    campaign.steps(),
                    broken(campaign),
                    traits(campaign),
                    campaign.failing());
        }
        text.append(table.text()).append('\n');
        campaigns.forEach(campaign -> tell(campaign, text));
        text.append("seed ").append(campaigns.getFirst().seed()).append('\n');
        return new SimulationReport(
                text.toString(),
                json -> write(campaigns, json),
                campaigns.stream().allMatch(campaign -> campaign.failing() == 0));
    }

    private static String broken(Campaign campaign) {
        return counts(campaign.broken(), Rule::label);
    }

    private static String traits(Campaign campaign) {
        return counts(campaign.traits(), SimulationReport::name);
    }

    private static String name(Trait trait) {
        return trait.name().toLowerCase(Locale.ROOT);
    }

    private static <K> String counts(Map<K, Integer> counts, Function<K, String> name) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(e -> name.apply(e.getKey()) + " " + e.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static void tell(Campaign campaign, StringBuilder text) {
        String era = campaign.era().name();
        campaign.defect()
                .ifPresent(
                        defect ->
                                text.append(
                                        "%s, low_links: %s%n%s%n%n"
                                                .formatted(
                                                        era,
                                                        about(Trait.LOW_LINKS),
                                                        told(defect))));
        campaign.examples()
                .forEach(
                        (trait, program) ->
                                text.append(
                                        "%s, %s: %s%n%s%n"
                                                .formatted(
                                                        era,
                                                        name(trait),
                                                        about(trait),
                                                        indented(program))));
        campaign.broken()
                .keySet()
                .forEach(
                        rule ->
                                text.append(
                                        "%s, %s: %s%n"
                                                .formatted(
                                                        era,
                                                        rule.label(),
                                                        EraRules.brokenBecause(campaign.era(), rule)
                                                                .orElse(""))));
        campaign.failures()
                .forEach(
                        trial ->
                                text.append(
                                        "%n%s, not accounted for: %s%n%s%n"
                                                .formatted(era, trial.failures(), trial.trace())));
    }

    private static String about(Trait trait) {
        return trait.about() + ".";
    }

    private static String told(Defect defect) {
        return ("  the first in program %d; shrunk to %d steps, %d messages that pass %d descriptors."
                        + " Kernels have this defect, so the program is not told.")
                .formatted(defect.programs(), defect.steps(), defect.messages(), defect.passed());
    }

    private static String indented(List<Step> program) {
        return Trace.text(program)
                .lines()
                .map(line -> "  " + line + "\n")
                .collect(Collectors.joining());
    }

    private static void write(List<Campaign> campaigns, JsonGenerator json) throws IOException {
        json.writeStringField("seed", campaigns.getFirst().seed().toString());
        json.writeArrayFieldStart("eras");
        for (Campaign campaign : campaigns) {
            json.writeStartObject();
            json.writeStringField("era", campaign.era().name());
            json.writeNumberField("programs", campaign.programs());
            json.writeNumberField("steps", campaign.steps());
            writeCounts("broken", campaign.broken(), Rule::label, json);
            writeCounts("left", campaign.traits(), SimulationReport::name, json);
            json.writeNumberField("failing", campaign.failing());
            writeDefect(campaign, json);
            writeExamples(campaign, json);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static <K> void writeCounts(
            String field, Map<K, Integer> counts, Function<K, String> name, JsonGenerator json)
            throws IOException {
        json.writeObjectFieldStart(field);
        for (Map.Entry<K, Integer> entry : counts.entrySet()) {
            json.writeNumberField(name.apply(entry.getKey()), entry.getValue());
        }
        json.writeEndObject();
    }

    private static void writeDefect(Campaign campaign, JsonGenerator json) throws IOException {
        if (campaign.defect().isEmpty()) {
            json.writeNullField("defect");
            return;
        }
        Defect defect = campaign.defect().get();
        json.writeObjectFieldStart("defect");
        json.writeNumberField("program", defect.programs());
        json.writeNumberField("steps", defect.steps());
        json.writeNumberField("messages", defect.messages());
        json.writeNumberField("passed", defect.passed());
        json.writeEndObject();
    }

    private static void writeExamples(Campaign campaign, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("examples");
        for (Map.Entry<Trait, List<Step>> example : campaign.examples().entrySet()) {
            json.writeStringField(name(example.getKey()), Trace.text(example.getValue()));
        }
        json.writeEndObject();
        json.writeArrayFieldStart("failures");
        for (Trial trial : campaign.failures()) {
            json.writeStartObject();
            json.writeStringField(
                    "kind",
                    trial.failures().stream().map(Failure::kind).collect(Collectors.joining(", ")));
            json.writeStringField("trace", trial.trace().toString());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    // ---- all messages ----

    /** Of all ways to pass sockets. */
    public static SimulationReport ofMessages(List<MessageScope.Result> results) {
        MessageScope scope = results.getFirst().scope();
        Table table =
                new Table(
                        "era",
                        "sequences",
                        "left by walks",
                        "left for good",
                        "shortest",
                        "unexplained");
        for (MessageScope.Result result : results) {
            table.row(
                    result.era().name(),
                    result.sequences(),
                    result.leftByWalks(),
                    result.leftForGood(),
                    result.shortest() == 0 ? "-" : result.shortest(),
                    result.unexplained());
        }
        String text =
                """
                %s
                All ways to pass %d sockets in up to %d messages of one or two descriptors each, up to
                the names of the sockets; then everything is closed and the collector runs.
                left by walks: something stays although the collector walks the graph anew, as often
                as that helps; left for good: also when it then judges again what it knows.
                shortest: the fewest messages after which something is left for good. Kernels have
                this defect, so the sequences are not told.
                """
                        .formatted(table.text(), scope.sockets(), scope.messages());
        return new SimulationReport(
                text,
                json -> writeMessages(scope, results, json),
                results.stream().allMatch(result -> result.unexplained() == 0));
    }

    private static void writeMessages(
            MessageScope scope, List<MessageScope.Result> results, JsonGenerator json)
            throws IOException {
        json.writeNumberField("sockets", scope.sockets());
        json.writeNumberField("messages", scope.messages());
        json.writeArrayFieldStart("eras");
        for (MessageScope.Result result : results) {
            json.writeStartObject();
            json.writeStringField("era", result.era().name());
            json.writeNumberField("sequences", result.sequences());
            json.writeNumberField("left_by_walks", result.leftByWalks());
            json.writeNumberField("left_for_good", result.leftForGood());
            json.writeNumberField("shortest", result.shortest());
            json.writeNumberField("unexplained", result.unexplained());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    // ---- assumptions ----

    /** Of the five assumptions. */
    public static SimulationReport ofAssumptions(List<Assumptions.Row> rows) {
        Table table = new Table("era", "V1", "V2", "V3", "V4", "V5", "moves tried", "states");
        StringBuilder programs = new StringBuilder();
        for (Assumptions.Row row : rows) {
            table.row(
                    row.era().name(),
                    cell(row, 0),
                    cell(row, 1),
                    cell(row, 2),
                    cell(row, 3),
                    cell(row, 4),
                    row.sequences(),
                    row.states());
            row.broken()
                    .forEach(
                            (rule, program) ->
                                    programs.append(
                                            "%n%s breaks %s: %s.%n%s"
                                                    .formatted(
                                                            row.era().name(),
                                                            rule.label(),
                                                            EraRules.brokenBecause(row.era(), rule)
                                                                    .orElse("not accounted for"),
                                                            indented(program))));
        }
        return new SimulationReport(
                table.text() + programs,
                json -> writeAssumptions(rows, json),
                rows.stream().allMatch(SimulationReport::isKnown));
    }

    private static String cell(Assumptions.Row row, int rule) {
        return row.breaking(Assumptions.RULES.get(rule))
                .map(program -> "broken in " + program.size())
                .orElse("holds");
    }

    private static boolean isKnown(Assumptions.Row row) {
        return row.broken().keySet().stream()
                .allMatch(rule -> EraRules.brokenBecause(row.era(), rule).isPresent());
    }

    private static void writeAssumptions(List<Assumptions.Row> rows, JsonGenerator json)
            throws IOException {
        json.writeArrayFieldStart("eras");
        for (Assumptions.Row row : rows) {
            json.writeStartObject();
            json.writeStringField("era", row.era().name());
            json.writeNumberField("moves", row.sequences());
            json.writeNumberField("states", row.states());
            json.writeObjectFieldStart("broken");
            for (Map.Entry<Rule, List<Step>> entry : row.broken().entrySet()) {
                json.writeStringField(entry.getKey().label(), Trace.text(entry.getValue()));
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
