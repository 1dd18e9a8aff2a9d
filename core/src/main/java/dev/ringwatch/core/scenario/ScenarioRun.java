package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Errno;
import dev.ringwatch.core.kernel.Invariants;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * A scenario, played under an era's rules on a model of its own.
 *
 * <p>When the last line is done, all work is done that is due, and the collector runs until it frees
 * nothing more. What is open then and no process can reach is a leak.
 *
 * @param moments one for each line, in order
 * @param before what was open when the last line was done
 * @param last what the kernel told after the last line
 * @param after what was open when nothing more was collected
 * @param leaks what no process can reach of that
 * @param violations every rule that was broken, in the order in which that began
 * @param broken what was expected and was not so
 */
public record ScenarioRun(
        Scenario scenario,
        KernelEra era,
        List<Moment> moments,
        Snapshot before,
        List<String> last,
        Snapshot after,
        List<Leak> leaks,
        List<Violation> violations,
        List<Broken> broken) {

    /** Copies the lists. */
    public ScenarioRun {
        moments = List.copyOf(moments);
        last = List.copyOf(last);
        leaks = List.copyOf(leaks);
        violations = List.copyOf(violations);
        broken = List.copyOf(broken);
    }

    /**
     * What a line did.
     *
     * @param results of its steps, in order; none for an expectation
     * @param told what the collector and the rest of the kernel told meanwhile
     * @param began the rules that were broken from here on
     * @param files what was open when the line was done
     */
    public record Moment(
            Scenario.Line line,
            List<StepResult> results,
            List<String> told,
            List<Violation> began,
            List<Snapshot.FileFacts> files) {

        /** Copies the lists. */
        public Moment {
            results = List.copyOf(results);
            told = List.copyOf(told);
            began = List.copyOf(began);
            files = List.copyOf(files);
        }

        /** Whether a call was refused that not every era refuses, for more than that it would wait. */
        public boolean refusedByTheEra() {
            boolean always =
                    line.statement()
                                    instanceof
                                    Statement.Act(List<Step> _, Optional<Statement.Refusal> refusal)
                            && refusal.filter(r -> r.under().equals(EraCondition.ALWAYS))
                                    .isPresent();
            return !always && results.stream().anyMatch(StepResult::forbidden);
        }
    }

    /** What became of a step: a system call has an outcome, unless one of its names stood for nothing. */
    public record StepResult(Step step, Optional<Outcome> outcome) {
        /** Whether it is a call that was refused. */
        public boolean refused() {
            return outcome.orElse(null) instanceof Refused;
        }

        /** Whether it was refused for good, and not only because it would have had to wait. */
        boolean forbidden() {
            return outcome.orElse(null) instanceof Refused(Errno errno) && errno != Errno.EAGAIN;
        }

        /** Whether it is a call that was left out, since a call that should have named its object failed. */
        public boolean leftOut() {
            return step instanceof Step.Call && outcome.isEmpty();
        }
    }

    /** Something was expected and is not so; what is, is told. */
    public record Broken(Scenario.Line line, String is) {
        @Override
        public String toString() {
            return "line %d: %s: but %s".formatted(line.number(), line.text(), is);
        }
    }

    /** In a word, for tables; the worst comes first. */
    public enum Verdict {
        /** Files stay open that no process can reach. */
        LEAKS,
        /** Nothing leaks, but a rule was broken. */
        VIOLATION,
        /** A call was refused that other eras let pass, and nothing leaks. */
        REFUSED,
        /** All that no process can reach is collected. */
        COLLECTED
    }

    /** The run in a word. */
    public Verdict verdict() {
        if (!leaks.isEmpty()) {
            return Verdict.LEAKS;
        }
        if (!violations.isEmpty()) {
            return Verdict.VIOLATION;
        }
        boolean refused = moments.stream().anyMatch(Moment::refusedByTheEra);
        return refused ? Verdict.REFUSED : Verdict.COLLECTED;
    }

    /** The labels of the rules that were broken, each once. */
    public Set<String> brokenRules() {
        Set<String> labels = new TreeSet<>();
        violations.forEach(violation -> labels.add(violation.rule().label()));
        return labels;
    }

    /** Calls that were refused although no line expected it under this era. */
    public List<Scenario.Line> unexpectedRefusals() {
        return moments.stream()
                .filter(m -> m.results().stream().anyMatch(StepResult::refused))
                .map(Moment::line)
                .filter(line -> expectedRefusal(line.statement(), era).isEmpty())
                .toList();
    }

    private static Optional<Errno> expectedRefusal(Statement statement, KernelEra era) {
        return statement instanceof Statement.Act(List<Step> _, Optional<Statement.Refusal> refusal)
                ? refusal.filter(r -> r.under().holds(era)).map(Statement.Refusal::errno)
                : Optional.empty();
    }

    /** Plays a scenario. */
    public static ScenarioRun of(Scenario scenario, KernelEra era) {
        return new Playing(scenario, era).run();
    }

    /** A run under way. */
    private static final class Playing {
        /** In a line with more steps, rules are checked after the last: a check looks at everything. */
        private static final int MOST_LOOKED_AT = 20;

        private final Scenario scenario;
        private final KernelEra era;
        private final KernelModel model;
        private final Player player;
        private final List<Moment> moments = new ArrayList<>();
        private final List<Broken> broken = new ArrayList<>();
        private final SequencedSet<Violation> violations = new LinkedHashSet<>();
        private final Set<String> labels = new HashSet<>();
        private final Map<Completed, Integer> results = new HashMap<>();
        private boolean looksEachStep;
        private List<String> told = new ArrayList<>();
        private List<Violation> began = new ArrayList<>();

        /** A request of a ring. */
        private record Completed(OpenFile ring, int request) {}

        Playing(Scenario scenario, KernelEra era) {
            this.scenario = scenario;
            this.era = era;
            model = new KernelModel(era);
            player = new Player(model);
            model.explainTo(line -> told.add(line));
        }

        ScenarioRun run() {
            scenario.lines().forEach(this::play);
            Snapshot before = Snapshot.of(model);
            told = new ArrayList<>();
            model.collectAll();
            noteViolations();
            List<Leak> leaks = Leak.in(model.state());
            for (Scenario.Line line : scenario.lines()) {
                if (line.statement() instanceof Statement.Expect expect
                        && expect.under().holds(era)) {
                    checkAtEnd(expect.expectation(), leaks).ifPresent(is -> broken(line, is));
                }
            }
            return new ScenarioRun(
                    scenario,
                    era,
                    moments,
                    before,
                    told,
                    Snapshot.of(model),
                    leaks,
                    List.copyOf(violations),
                    broken);
        }

        private void broken(Scenario.Line line, String is) {
            broken.add(new Broken(line, is));
        }

        private void play(Scenario.Line line) {
            told = new ArrayList<>();
            began = new ArrayList<>();
            List<StepResult> done = new ArrayList<>();
            switch (line.statement()) {
                case Statement.Act act -> {
                    looksEachStep = act.steps().size() <= MOST_LOOKED_AT;
                    act.steps().forEach(step -> done.add(play(step)));
                    noteViolations();
                    checkRefusal(line, done);
                }
                case Statement.Expect(EraCondition under, Expectation expectation) -> {
                    if (under.holds(era)) {
                        checkHere(expectation).ifPresent(is -> broken(line, is));
                    }
                }
            }
            moments.add(new Moment(line, done, told, began, Snapshot.of(model).files()));
        }

        private StepResult play(Step step) {
            Optional<Outcome> outcome = player.play(step);
            if (step instanceof Step.Call(Syscall call, List<Integer> handles)
                    && outcome.orElse(null) instanceof Done done) {
                name(call, handles);
                noteResult(call, done);
            }
            if (looksEachStep) {
                noteViolations();
            }
            return new StepResult(step, outcome);
        }

        /** Names a new file as the scenario does; a second one of that name gets a number. */
        private void name(Syscall call, List<Integer> handles) {
            if (!opens(call)) {
                return;
            }
            for (int handle : handles) {
                String name = scenario.nameOf(handle);
                String label = name;
                for (int i = 2; !labels.add(label); i++) {
                    label = name + "'" + i;
                }
                int process = player.handles().valueOf(call.pid());
                model.name(process, player.handles().valueOf(handle), label);
            }
        }

        private static boolean opens(Syscall call) {
            return call instanceof Syscall.Socket
                    || call instanceof Syscall.SocketPair
                    || call instanceof Syscall.Pipe
                    || call instanceof Syscall.Open
                    || call instanceof Syscall.Accept
                    || call instanceof Syscall.SetupRing;
        }

        private void noteResult(Syscall call, Done done) {
            if (call instanceof Syscall.Reap reap) {
                player.file(reap.ring())
                        .ifPresent(
                                ring ->
                                        results.put(
                                                new Completed(ring, done.values().getFirst()),
                                                done.values().getLast()));
            }
        }

        private void noteViolations() {
            List<Violation> now = new ArrayList<>(model.state().violations());
            now.addAll(Invariants.check(model.state()));
            for (Violation violation : now) {
                if (violations.add(violation)) {
                    began.add(violation);
                }
            }
        }

        private void checkRefusal(Scenario.Line line, List<StepResult> done) {
            Optional<Errno> expected = expectedRefusal(line.statement(), era);
            if (expected.isEmpty()) {
                return;
            }
            for (StepResult result : done) {
                if (!result.outcome().equals(Optional.of(new Refused(expected.get())))) {
                    broken(line, "it " + words(result));
                    return;
                }
            }
        }

        private static String words(StepResult result) {
            return switch (result.outcome().orElse(null)) {
                case null -> "was left out";
                case Done(List<Integer> _) -> "was done";
                case Refused(Errno errno) -> "was refused with " + errno;
            };
        }

        // ---- expectations ----

        private Optional<String> checkHere(Expectation expectation) {
            return switch (expectation) {
                case Expectation.Freed(List<Integer> handles) -> each(handles, true);
                case Expectation.Alive(List<Integer> handles) -> each(handles, false);
                case Expectation.References(int handle, int count) ->
                        compare(handle, count, facts -> facts.references());
                case Expectation.InFlight(int handle, int count) ->
                        compare(handle, count, facts -> facts.inFlight());
                case Expectation.ScmFds(int handle, int count) -> scmFds(handle, count);
                case Expectation.Result result -> result(result);
                case Expectation.Leaks _,
                        Expectation.NoLeak _,
                        Expectation.Violates _,
                        Expectation.Keeps _,
                        Expectation.NoViolation _ ->
                        Optional.empty();
            };
        }

        private Optional<String> each(List<Integer> handles, boolean freed) {
            for (int handle : handles) {
                Optional<OpenFile> file = player.file(handle);
                if (file.isEmpty()) {
                    return neverOpened(handle);
                }
                if (file.get().released() != freed) {
                    return Optional.of(
                            "%s %s"
                                    .formatted(
                                            scenario.nameOf(handle),
                                            freed ? "is open" : "was released"));
                }
            }
            return Optional.empty();
        }

        private Optional<String> neverOpened(int handle) {
            return Optional.of(scenario.nameOf(handle) + " was never opened");
        }

        private Optional<String> compare(
                int handle,
                int expected,
                java.util.function.ToIntFunction<Snapshot.FileFacts> count) {
            Optional<OpenFile> file = player.file(handle);
            if (file.isEmpty()) {
                return neverOpened(handle);
            }
            int is =
                    Snapshot.of(model).files().stream()
                            .filter(facts -> facts.file() == file.get())
                            .mapToInt(count)
                            .findFirst()
                            .orElse(0);
            return is == expected ? Optional.empty() : Optional.of("it is " + is);
        }

        private Optional<String> scmFds(int handle, int expected) {
            int is =
                    player.file(handle)
                            .map(OpenFile::socket)
                            .map(dev.ringwatch.core.kernel.UnixSocket::scmFds)
                            .orElse(0);
            return is == expected ? Optional.empty() : Optional.of("it is " + is);
        }

        private Optional<String> result(Expectation.Result expected) {
            Optional<OpenFile> ring = player.file(expected.ring());
            if (ring.isEmpty() || !player.handles().isBound(expected.request())) {
                return Optional.of("it was never submitted");
            }
            int number = player.handles().valueOf(expected.request());
            Integer is = results.get(new Completed(ring.get(), number));
            if (is == null) {
                return Optional.of("its completion was not reaped");
            }
            return is == expected.value() ? Optional.empty() : Optional.of("it is " + value(is));
        }

        private Optional<String> checkAtEnd(Expectation expectation, List<Leak> leaks) {
            return switch (expectation) {
                case Expectation.Leaks(List<Integer> handles) -> leaking(handles, leaks);
                case Expectation.NoLeak() ->
                        leaks.isEmpty() ? Optional.empty() : Optional.of(names(leaks) + " leak");
                case Expectation.Violates(Violation.Rule rule) ->
                        violations.stream().anyMatch(v -> v.rule() == rule)
                                ? Optional.empty()
                                : Optional.of("that is never broken");
                case Expectation.Keeps(Violation.Rule rule) ->
                        violations.stream()
                                .filter(v -> v.rule() == rule)
                                .map(Violation::toString)
                                .findFirst();
                case Expectation.NoViolation() ->
                        violations.isEmpty()
                                ? Optional.empty()
                                : Optional.of(violations.getFirst().toString());
                case Expectation.Freed _,
                        Expectation.Alive _,
                        Expectation.References _,
                        Expectation.InFlight _,
                        Expectation.ScmFds _,
                        Expectation.Result _ ->
                        Optional.empty();
            };
        }

        private Optional<String> leaking(List<Integer> handles, List<Leak> leaks) {
            for (int handle : handles) {
                Optional<OpenFile> file = player.file(handle);
                if (file.isEmpty()) {
                    return neverOpened(handle);
                }
                if (leaks.stream().noneMatch(leak -> leak.file() == file.get())) {
                    return Optional.of(scenario.nameOf(handle) + " does not leak");
                }
            }
            return Optional.empty();
        }

        private static String names(List<Leak> leaks) {
            return String.join(", ", leaks.stream().map(leak -> leak.file().label()).toList());
        }
    }

    /** A completion's result for people: an error by its name. */
    public static String value(int result) {
        for (Errno errno : Errno.values()) {
            if (errno.number() == -result) {
                return errno.name();
            }
        }
        return Integer.toString(result);
    }

    /** What a step gave, in words: empty where there is nothing to tell. */
    public static String words(StepResult result) {
        if (result.leftOut()) {
            return "left out: something it names was never made";
        }
        return switch (result.outcome().orElse(null)) {
            case null -> "";
            case Refused(Errno errno) -> "refused: " + errno;
            case Done(List<Integer> values) when result.step() instanceof Step.Call call ->
                    words(call.call(), values);
            case Done _ -> "";
        };
    }

    private static String words(Syscall call, List<Integer> values) {
        if (call instanceof Syscall.Reap) {
            return "request %d: %s".formatted(values.getFirst(), value(values.getLast()));
        }
        if (call instanceof Syscall.Receive) {
            String lost = values.get(1) == 0 ? "" : ", more were lost";
            return "%d bytes, %d descriptors%s"
                    .formatted(values.getFirst(), values.size() - 2, lost);
        }
        if (call instanceof Syscall.Submit) {
            return "request " + values.getFirst();
        }
        return call instanceof Syscall.UpdateFiles ? values.getFirst() + " slots done" : "";
    }
}
