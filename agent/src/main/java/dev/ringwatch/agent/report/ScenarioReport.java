package dev.ringwatch.agent.report;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Violation;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.Leak;
import dev.ringwatch.core.scenario.Scenario;
import dev.ringwatch.core.scenario.ScenarioRun;
import dev.ringwatch.core.scenario.ScenarioRun.Moment;
import dev.ringwatch.core.scenario.ScenarioRun.StepResult;
import dev.ringwatch.core.scenario.ScenarioRun.Verdict;
import dev.ringwatch.core.scenario.Snapshot;
import dev.ringwatch.core.scenario.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells for people what a scenario did under an era's rules, and why. */
public final class ScenarioReport {
    private static final int WIDTH = 100;
    private static final int MOST_TOLD = 40;

    private final ScenarioRun run;
    private final boolean colours;
    private final StringBuilder b = new StringBuilder();

    private ScenarioReport(ScenarioRun run, boolean colours) {
        this.run = run;
        this.colours = colours;
    }

    /** What came out, and why. */
    public static String summary(ScenarioRun run, boolean colours) {
        ScenarioReport report = new ScenarioReport(run, colours);
        report.head(report.run.scenario().about());
        report.verdict();
        return report.b.toString();
    }

    /** The same after every line with its outcome, the counts of every file and the collector's reasons. */
    public static String explained(ScenarioRun run, boolean colours) {
        ScenarioReport report = new ScenarioReport(run, colours);
        report.head(run.scenario().description());
        run.moments().forEach(report::moment);
        report.end();
        report.b.append('\n');
        report.verdict();
        return report.b.toString();
    }

    /** One scenario under many eras. */
    public static String comparison(List<ScenarioRun> runs) {
        Table table = new Table("ERA", "VERDICT", "RULES BROKEN", "WHAT THE ERA IS");
        for (ScenarioRun run : runs) {
            table.row(
                    run.era().name(),
                    words(run.verdict()),
                    run.violations().isEmpty() ? "none" : String.join(", ", run.brokenRules()),
                    run.era().about());
        }
        Scenario scenario = runs.getFirst().scenario();
        return "%s: %s\n\n%s".formatted(scenario.name(), scenario.about(), table.text());
    }

    /**
     * Many scenarios under many eras, a letter each.
     *
     * @param verdicts by the scenario's name, in the order of the eras
     */
    public static String matrix(List<KernelEra> eras, Map<String, List<Verdict>> verdicts) {
        StringBuilder text = new StringBuilder();
        int width = verdicts.keySet().stream().mapToInt(String::length).max().orElse(0);
        int column = 0;
        for (KernelEra era : eras) {
            text.append(" ".repeat(width + 1)).append(" |".repeat(column)).append(' ');
            text.append(era.name()).append('\n');
            column++;
        }
        verdicts.forEach(
                (name, each) -> {
                    text.append(name).append(" ".repeat(width - name.length() + 1));
                    each.forEach(verdict -> text.append(' ').append(letter(verdict)));
                    text.append('\n');
                });
        return text
                + "\nL leaks   V no leak, a rule is broken   R a call is refused   . collected\n";
    }

    private static char letter(Verdict verdict) {
        return switch (verdict) {
            case LEAKS -> 'L';
            case VIOLATION -> 'V';
            case REFUSED -> 'R';
            case COLLECTED -> '.';
        };
    }

    /** Which scenarios and which eras there are. */
    public static String list(List<Scenario> scenarios) {
        Table known = new Table("SCENARIO", "WHAT IT IS ABOUT");
        scenarios.forEach(scenario -> known.row(scenario.name(), scenario.about()));
        Table eras = new Table("ERA", "WHAT THE ERA IS");
        KernelEra.presets().forEach(era -> eras.row(era.name(), era.about()));
        eras.row("live", "The rules of the kernel that runs here, as they were probed.");
        eras.row("all", "Each of the above but the last, in a table.");
        return known.text() + "\n" + eras.text();
    }

    /** A verdict in words. */
    public static String words(Verdict verdict) {
        return switch (verdict) {
            case LEAKS -> "leaks";
            case VIOLATION -> "rule broken";
            case REFUSED -> "refused";
            case COLLECTED -> "collected";
        };
    }

    // ---- parts ----

    private enum Colour {
        GOOD("\u001b[32m"),
        BAD("\u001b[31m"),
        STRONG("\u001b[1m"),
        FAINT("\u001b[2m");

        final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    private String in(Colour colour, String text) {
        return colours ? colour.code + text + "\u001b[0m" : text;
    }

    private void head(String description) {
        Scenario scenario = run.scenario();
        String name = scenario.name() + " under " + run.era().name();
        b.append(in(Colour.STRONG, name)).append('\n');
        wrapped("  ", run.era().about());
        for (String paragraph : description.split("\n\n")) {
            if (!paragraph.isBlank()) {
                b.append('\n');
                wrapped("", paragraph.strip());
            }
        }
        b.append('\n');
    }

    private void wrapped(String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ")) {
            if (line.length() > indent.length() && line.length() + word.length() + 1 > WIDTH) {
                b.append(line).append('\n');
                line = new StringBuilder(indent);
            }
            line.append(line.length() > indent.length() ? " " : "").append(word);
        }
        b.append(line).append('\n');
    }

    private void moment(Moment moment) {
        Scenario.Line line = moment.line();
        b.append("%4d  ".formatted(line.number())).append(in(Colour.STRONG, line.text()));
        b.append('\n');
        switch (line.statement()) {
            case Statement.Act _ -> {
                outcomes(moment.results());
                told(moment.told());
                for (Violation violation : moment.began()) {
                    wrapped("        ", in(Colour.BAD, "broken from here on: ") + violation);
                }
                counts(moment.files());
            }
            case Statement.Expect expect -> expectation(moment, expect);
        }
    }

    private void expectation(Moment moment, Statement.Expect expect) {
        String told;
        if (!expect.under().holds(run.era())) {
            told = in(Colour.FAINT, "not about this era");
        } else {
            told =
                    run.broken().stream()
                            .filter(broken -> broken.line().equals(moment.line()))
                            .map(broken -> in(Colour.BAD, "NOT SO: ") + broken.is())
                            .findFirst()
                            .orElse(in(Colour.GOOD, "so it is"));
        }
        b.append("        ").append(told).append('\n');
    }

    /** Equal outcomes, one after the other, are told once. */
    private void outcomes(List<StepResult> results) {
        Map<String, Integer> told = new LinkedHashMap<>();
        for (StepResult result : results) {
            String words = ScenarioRun.words(result);
            told.merge(words.isEmpty() ? "done" : words, 1, Integer::sum);
        }
        told.forEach(
                (words, times) -> {
                    String shown = words.startsWith("refused") ? in(Colour.BAD, words) : words;
                    b.append("        ").append(shown);
                    b.append(times > 1 ? " (" + times + " times)" : "").append('\n');
                });
    }

    private void told(List<String> lines) {
        lines.stream()
                .limit(MOST_TOLD)
                .forEach(
                        line -> b.append("          ").append(in(Colour.FAINT, line)).append('\n'));
        if (lines.size() > MOST_TOLD) {
            b.append("          and %d lines more\n".formatted(lines.size() - MOST_TOLD));
        }
    }

    private void counts(List<Snapshot.FileFacts> files) {
        List<String> parts = new ArrayList<>();
        for (Snapshot.FileFacts facts : files) {
            String counted =
                    facts.inFlight() == facts.queued()
                            ? ""
                            : " (counts as in flight " + facts.inFlight() + ")";
            parts.add("%s %s%s".formatted(facts.file(), facts.ledger(), counted));
        }
        if (parts.isEmpty()) {
            b.append("        nothing is open\n");
            return;
        }
        StringBuilder line = new StringBuilder();
        for (String part : parts) {
            if (!line.isEmpty() && line.length() + part.length() + 11 > WIDTH) {
                b.append("        ").append(line).append('\n');
                line = new StringBuilder();
            }
            line.append(line.isEmpty() ? "" : "   ").append(part);
        }
        b.append("        ").append(line).append('\n');
    }

    private void end() {
        b.append(" end  ").append(in(Colour.STRONG, "everything settles, and the collector runs"));
        b.append('\n');
        told(run.last());
        counts(run.after().files());
    }

    // ---- the verdict ----

    private void verdict() {
        refusals();
        leaks();
        violations();
        if (!run.broken().isEmpty()) {
            b.append(in(Colour.BAD, "Not as expected:")).append('\n');
            run.broken().forEach(broken -> wrapped("  ", broken.toString()));
        }
    }

    private void refusals() {
        List<Scenario.Line> unexpected = run.unexpectedRefusals();
        for (Moment moment : run.moments()) {
            if (!moment.refusedByTheEra() && !unexpected.contains(moment.line())) {
                continue;
            }
            for (StepResult result : moment.results()) {
                if (result.refused()) {
                    b.append(
                            "Line %d, %s: %s.\n"
                                    .formatted(
                                            moment.line().number(),
                                            moment.line().text().split(" ->", 2)[0],
                                            ScenarioRun.words(result)));
                    break;
                }
            }
        }
    }

    private void leaks() {
        if (run.leaks().isEmpty()) {
            noLeak();
            return;
        }
        int count = run.leaks().size();
        String files = count == 1 ? "1 file stays" : count + " files stay";
        b.append(in(Colour.BAD, "LEAK")).append(": ").append(files);
        b.append(" open that no process can reach.\n");
        Map<String, List<Leak>> alike = new LinkedHashMap<>();
        for (Leak leak : run.leaks()) {
            alike.computeIfAbsent(leak.why(), why -> new ArrayList<>()).add(leak);
        }
        alike.forEach(
                (why, leaks) -> {
                    for (Leak leak : leaks) {
                        wrapped("  ", leak.file() + ": " + String.join(", ", leak.holders()));
                    }
                    wrapped("    ", why);
                });
    }

    private void noLeak() {
        int open = run.after().files().size();
        b.append(in(Colour.GOOD, "NO LEAK")).append(": ");
        wrapped(
                "",
                (freedAtLast()
                        + (open == 0
                                ? "nothing is open any more."
                                : "a process can reach what is open still.")));
    }

    private String freedAtLast() {
        Set<OpenFile> open = new HashSet<>();
        run.after().files().forEach(facts -> open.add(facts.file()));
        List<String> freed =
                run.before().files().stream()
                        .map(Snapshot.FileFacts::file)
                        .filter(file -> !open.contains(file))
                        .map(OpenFile::label)
                        .toList();
        return freed.isEmpty() ? "" : "freed at last: " + String.join(", ", freed) + "; ";
    }

    private void violations() {
        if (run.violations().isEmpty()) {
            return;
        }
        b.append(in(Colour.BAD, "Rules broken:")).append('\n');
        Map<Rule, List<Violation>> byRule = new LinkedHashMap<>();
        for (Violation violation : run.violations()) {
            byRule.computeIfAbsent(violation.rule(), rule -> new ArrayList<>()).add(violation);
        }
        byRule.forEach(
                (rule, violations) -> {
                    wrapped("  ", rule.label() + ": " + meaning(rule));
                    violations.forEach(violation -> wrapped("    ", violation.detail()));
                });
    }

    private static String meaning(Rule rule) {
        return switch (rule) {
            case SOCKET_FOR_EACH ->
                    "for whatever is in flight and holds files, an AF_UNIX socket must stand";
            case IN_QUEUED_PACKETS ->
                    "every reference in flight must lie in a packet that the collector can find";
            case COUNTED -> "the counts of references in flight must be right";
            case ACYCLIC_OTHERWISE ->
                    "without the references in flight, what holds what must have no loop";
            case UNREACHABLE_UNUSED -> "what is only in flight must not be the object of a call";
            case REFERENCES_HELD -> "every reference counted must be held by something";
            case ASSERTION -> "the kernel's own assertions must hold";
            case USE_AFTER_FREE ->
                    "nothing may be taken away that a process or a request still uses";
        };
    }
}
