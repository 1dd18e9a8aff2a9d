package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.Errno;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Request.Target;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Violation.Rule;
import dev.ringwatch.core.scenario.LineReader.Kind;
import dev.ringwatch.core.scenario.LineReader.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads scenarios: one call, step of the kernel or expectation a line, with names for what calls
 * give. The leading comment is the description.
 *
 * <pre>
 * # A socket in its own queue. Nobody can receive it.
 * a, b = socketpair stream
 * send a over b
 * close a b
 * trigger
 * expect freed a b
 * </pre>
 *
 * <p>The whole language is in {@code docs/scenarios.md}.
 */
public final class ScenarioParser {
    /** How many steps a scenario may have: enough for any, and a bound for what a file can cost. */
    public static final int MOST_STEPS = 100_000;

    private static final int MOST_TIMES = 1_000;
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_SLOTS = 1 << 20;
    private static final int MOST_COUNT = 1_000_000;
    private static final int MOST_NAMES_SHOWN = 12;
    private static final String FIRST_PROCESS = "";

    /** What a name stands for. */
    private enum Sort {
        DESCRIPTOR("a descriptor"),
        PROCESS("a process"),
        MAPPING("a mapping"),
        REGISTRATION("a registered ring's index"),
        REQUEST("a request");

        final String text;

        Sort(String text) {
            this.text = text;
        }
    }

    /** A call, and what it gives: of which sort, at most how many. */
    private record Call(Syscall syscall, Sort gives, int most) {
        static Call giving(Syscall syscall, int most) {
            return new Call(syscall, Sort.DESCRIPTOR, most);
        }

        static Call of(Syscall syscall) {
            return giving(syscall, 0);
        }
    }

    @FunctionalInterface
    private interface CallReader {
        Call read(int process) throws ScenarioSyntaxException;
    }

    @FunctionalInterface
    private interface StepReader {
        Step read() throws ScenarioSyntaxException;
    }

    private final SequencedMap<String, Integer> handles = new LinkedHashMap<>();
    private final Map<Integer, Sort> sorts = new TreeMap<>();
    private final Map<Integer, Integer> ringsOfRequests = new TreeMap<>();
    private final Map<String, CallReader> calls = calls();
    private final Map<String, StepReader> steps = steps();
    private final List<Scenario.Line> lines = new ArrayList<>();
    private int stepCount;
    private LineReader in = emptyLine();

    private ScenarioParser() {
        handles.put(FIRST_PROCESS, Step.FIRST_PROCESS);
        sorts.put(Step.FIRST_PROCESS, Sort.PROCESS);
    }

    /**
     * Reads a scenario.
     *
     * @param name of the scenario
     * @param source what messages call the text: mostly the file's name
     * @throws ScenarioSyntaxException which tells line, column and what was expected there
     */
    public static Scenario parse(String name, String source, String text)
            throws ScenarioSyntaxException {
        return new ScenarioParser().read(name, source, text);
    }

    private Scenario read(String name, String source, String text) throws ScenarioSyntaxException {
        List<String> all = text.lines().toList();
        for (int i = 0; i < all.size(); i++) {
            in = new LineReader(source, i + 1, all.get(i));
            if (!in.isEmpty()) {
                Statement statement = statement();
                lines.add(new Scenario.Line(i + 1, in.text(), statement));
            }
        }
        return new Scenario(name, description(all), lines, List.copyOf(handles.keySet()));
    }

    private static LineReader emptyLine() {
        try {
            return new LineReader("", 0, "");
        } catch (ScenarioSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The comment that the text begins with; an empty comment line parts paragraphs. */
    private static String description(List<String> lines) {
        StringBuilder description = new StringBuilder();
        for (String line : lines) {
            String stripped = line.strip();
            if (!stripped.startsWith("#")) {
                break;
            }
            String words = stripped.substring(1).strip();
            if (words.isEmpty()) {
                description.append("\n\n");
            } else {
                boolean first = description.isEmpty() || description.toString().endsWith("\n");
                description.append(first ? "" : " ").append(words);
            }
        }
        return description.toString().strip();
    }

    // ---- lines ----

    private Statement statement() throws ScenarioSyntaxException {
        if (in.accept("under")) {
            EraCondition under = EraCondition.read(in);
            in.require(":");
            in.require("expect");
            return expectation(under);
        }
        return in.accept("expect") ? expectation(EraCondition.ALWAYS) : act();
    }

    private Statement.Act act() throws ScenarioSyntaxException {
        int process = Step.FIRST_PROCESS;
        if (in.peek().kind() == Kind.WORD && in.peek(1).text().equals(":")) {
            process = use(Sort.PROCESS);
            in.require(":");
        }
        int times = 1;
        if (in.peek().kind() == Kind.NUMBER) {
            times = in.number("a number of times", MOST_TIMES);
            in.require("times");
        }
        List<Step> once = once(process);
        if ((long) stepCount + (long) once.size() * times > MOST_STEPS) {
            throw in.expected("at most " + MOST_STEPS + " steps in all");
        }
        List<Step> all = Collections.nCopies(times, once).stream().flatMap(List::stream).toList();
        stepCount += all.size();
        Optional<Statement.Refusal> refusal = refusal(once);
        in.requireEnd();
        return new Statement.Act(all, refusal);
    }

    private List<Step> once(int process) throws ScenarioSyntaxException {
        List<Token> names = names();
        Token verb = in.peek();
        StepReader step = steps.get(verb.text());
        if (verb.kind() == Kind.WORD && step != null && names.isEmpty()) {
            if (process != Step.FIRST_PROCESS) {
                throw in.expected("a system call after a process");
            }
            in.next();
            return List.of(step.read());
        }
        if (in.is("fire") && names.isEmpty()) {
            in.next();
            return List.of(fire(process));
        }
        if (in.is("close") && names.isEmpty()) {
            in.next();
            return closes(process);
        }
        return List.of(call(process, names));
    }

    private List<Token> names() {
        List<Token> names = new ArrayList<>();
        if (in.peek(1).text().equals("=") || in.peek(1).text().equals(",")) {
            do {
                names.add(in.next());
            } while (in.accept(","));
        }
        return names;
    }

    private Step call(int process, List<Token> names) throws ScenarioSyntaxException {
        if (!names.isEmpty()) {
            requireNames(names);
            in.require("=");
        }
        Token verb = in.peek();
        CallReader reader = calls.get(verb.text());
        if (verb.kind() != Kind.WORD || reader == null) {
            throw in.expected(whatCanStandHere(names.isEmpty()));
        }
        in.next();
        Call call = reader.read(process);
        if (names.size() > call.most()) {
            throw call.most() == 0
                    ? in.expected("a call that gives something", verb)
                    : in.expected(
                            "at most %d names for what \"%s\" gives"
                                    .formatted(call.most(), verb.text()),
                            names.get(call.most()));
        }
        List<Integer> results = new ArrayList<>();
        for (Token name : names) {
            results.add(bind(name.text(), call.gives()));
        }
        if (call.syscall() instanceof Syscall.Submit submit && !results.isEmpty()) {
            ringsOfRequests.put(results.getFirst(), submit.ring());
        }
        return new Step.Call(call.syscall(), results);
    }

    private String whatCanStandHere(boolean anyStep) {
        List<String> words = new ArrayList<>(calls.keySet());
        if (anyStep) {
            words.addAll(List.of("fire", "expect", "under"));
            words.addAll(steps.keySet());
        }
        Collections.sort(words);
        return (anyStep ? "a call, a step or an expectation: " : "a call: ")
                + String.join(", ", words);
    }

    private void requireNames(List<Token> names) throws ScenarioSyntaxException {
        for (Token name : names) {
            if (name.kind() != Kind.WORD || !Words.isName(name.text())) {
                throw in.expected(
                        Words.RESERVED.contains(name.text())
                                ? "a name that is no word of the language"
                                : "a name (letters, digits and _, a letter first)",
                        name);
            }
        }
    }

    private int bind(String name, Sort sort) {
        int handle = handles.computeIfAbsent(name, n -> handles.size());
        sorts.put(handle, sort);
        return handle;
    }

    private Optional<Statement.Refusal> refusal(List<Step> once) throws ScenarioSyntaxException {
        if (!(once.getFirst() instanceof Step.Call) || !in.accept("->")) {
            return Optional.empty();
        }
        Errno errno = errno();
        EraCondition under = in.accept("under") ? EraCondition.read(in) : EraCondition.ALWAYS;
        return Optional.of(new Statement.Refusal(errno, under));
    }

    private Errno errno() throws ScenarioSyntaxException {
        List<String> names = Arrays.stream(Errno.values()).map(Errno::name).toList();
        return Errno.valueOf(in.oneOf(names, "an error: "));
    }

    // ---- names in use ----

    private int use(Sort sort) throws ScenarioSyntaxException {
        Token token = in.peek();
        Integer handle = token.kind() == Kind.WORD ? handles.get(token.text()) : null;
        if (handle == null || sorts.get(handle) != sort) {
            throw in.expected(sort.text + " (" + known(sort) + ")");
        }
        in.next();
        return handle;
    }

    private String known(Sort sort) {
        List<String> known = new ArrayList<>();
        handles.forEach(
                (name, handle) -> {
                    if (!name.isEmpty() && sorts.get(handle) == sort) {
                        known.add(name);
                    }
                });
        if (known.isEmpty()) {
            return "none is named yet";
        }
        return known.size() > MOST_NAMES_SHOWN
                ? String.join(", ", known.subList(0, MOST_NAMES_SHOWN)) + " …"
                : LineReader.listed(known);
    }

    private boolean atName() {
        return in.peek().kind() == Kind.WORD && !Words.RESERVED.contains(in.peek().text());
    }

    private List<Integer> descriptors() throws ScenarioSyntaxException {
        List<Integer> found = new ArrayList<>();
        do {
            found.add(use(Sort.DESCRIPTOR));
        } while (atName());
        return found;
    }

    // ---- calls ----

    private Map<String, CallReader> calls() {
        Map<String, CallReader> all = new TreeMap<>();
        all.put("accept", pid -> Call.giving(new Syscall.Accept(pid, descriptor()), 1));
        all.put("bind", pid -> Call.of(new Syscall.Bind(pid, descriptor(), address())));
        all.put("close", pid -> Call.of(new Syscall.Close(pid, descriptor())));
        all.put("close-on-exec", pid -> closeOnExec(pid));
        all.put("connect", pid -> connect(pid));
        all.put("dup", pid -> Call.giving(new Syscall.Dup(pid, descriptor()), 1));
        all.put("exec", pid -> Call.of(new Syscall.Exec(pid)));
        all.put("exit", pid -> Call.of(new Syscall.Exit(pid)));
        all.put("fork", pid -> new Call(new Syscall.Fork(pid), Sort.PROCESS, 1));
        all.put("limit", pid -> Call.of(new Syscall.SetLimit(pid, count("a limit"))));
        all.put("listen", pid -> listen(pid));
        all.put("map", pid -> new Call(new Syscall.Map(pid, descriptor()), Sort.MAPPING, 1));
        all.put("open", pid -> Call.giving(new Syscall.Open(pid), 1));
        all.put("pipe", pid -> Call.giving(new Syscall.Pipe(pid), 2));
        all.put("read", pid -> Call.of(new Syscall.Read(pid, descriptor(), bytes())));
        all.put("reap", pid -> Call.of(new Syscall.Reap(pid, descriptor())));
        all.put("receive", pid -> receive(pid));
        all.put("register", pid -> Call.of(new Syscall.RegisterFiles(pid, descriptor(), slots())));
        all.put("register-ring", pid -> registerRing(pid));
        all.put("ring", pid -> Call.giving(new Syscall.SetupRing(pid), 1));
        all.put("send", pid -> send(pid));
        all.put("shutdown", pid -> shutdown(pid));
        all.put("socket", pid -> Call.giving(new Syscall.Socket(pid, type()), 1));
        all.put("socketpair", pid -> Call.giving(new Syscall.SocketPair(pid, type()), 2));
        all.put("submit", pid -> submit(pid));
        all.put("unmap", pid -> Call.of(new Syscall.Unmap(pid, use(Sort.MAPPING))));
        all.put("unregister", pid -> Call.of(new Syscall.UnregisterFiles(pid, descriptor())));
        all.put(
                "unregister-ring",
                pid -> Call.of(new Syscall.UnregisterRing(pid, use(Sort.REGISTRATION))));
        all.put("update", pid -> update(pid));
        all.put("user", pid -> user(pid));
        all.put("write", pid -> Call.of(new Syscall.Write(pid, descriptor(), bytes())));
        return all;
    }

    private int descriptor() throws ScenarioSyntaxException {
        return use(Sort.DESCRIPTOR);
    }

    private int count(String what) throws ScenarioSyntaxException {
        return in.number(what, MOST_COUNT);
    }

    private int bytes() throws ScenarioSyntaxException {
        return in.accept("bytes") ? in.number("a byte count", MOST_BYTES) : 1;
    }

    private SocketType type() throws ScenarioSyntaxException {
        return SocketType.valueOf(
                in.oneOf(List.of("stream", "dgram", "seqpacket"), "")
                        .toUpperCase(java.util.Locale.ROOT));
    }

    private String address() throws ScenarioSyntaxException {
        Token token = in.peek();
        boolean word = token.kind() == Kind.WORD || token.kind() == Kind.NUMBER;
        if (!word && token.kind() != Kind.QUOTED) {
            throw in.expected("a socket's name (a word, or anything in quotes)");
        }
        return in.next().text();
    }

    private Call closeOnExec(int process) throws ScenarioSyntaxException {
        int fd = descriptor();
        return Call.of(new Syscall.SetCloseOnExec(process, fd, !in.accept("off")));
    }

    private Call connect(int process) throws ScenarioSyntaxException {
        int fd = descriptor();
        String address = address();
        return Call.of(new Syscall.Connect(process, fd, address, in.accept("split")));
    }

    private Call listen(int process) throws ScenarioSyntaxException {
        int fd = descriptor();
        int backlog = in.accept("backlog") ? count("a number of connections") : 128;
        return Call.of(new Syscall.Listen(process, fd, backlog));
    }

    private Call registerRing(int process) throws ScenarioSyntaxException {
        return new Call(new Syscall.RegisterRing(process, descriptor()), Sort.REGISTRATION, 1);
    }

    private Call receive(int process) throws ScenarioSyntaxException {
        int fd = descriptor();
        int room = in.accept("room") ? count("a number of descriptors") : Syscall.ALL;
        int bytes = bytes();
        boolean peek = in.accept("peek");
        return Call.giving(
                new Syscall.Receive(process, fd, room, bytes, peek, in.accept("oob")), Syscall.ALL);
    }

    private Call send(int process) throws ScenarioSyntaxException {
        List<Integer> fds = in.is("over") ? List.of() : descriptors();
        in.require("over");
        int fd = descriptor();
        int bytes = bytes();
        boolean oob = in.accept("oob");
        String to = in.accept("to") ? address() : null;
        return Call.of(new Syscall.Send(process, fd, fds, bytes, oob, to));
    }

    private Call shutdown(int process) throws ScenarioSyntaxException {
        int fd = descriptor();
        String how = in.oneOf(List.of("read", "write", "both"), "");
        return Call.of(
                new Syscall.Shutdown(process, fd, !how.equals("write"), !how.equals("read")));
    }

    private Call update(int process) throws ScenarioSyntaxException {
        int ring = descriptor();
        in.require("at");
        int offset = in.number("a slot", MOST_SLOTS);
        in.require("with");
        return Call.of(new Syscall.UpdateFiles(process, ring, offset, slots()));
    }

    private Call user(int process) throws ScenarioSyntaxException {
        int uid = count("a user's number");
        return Call.of(new Syscall.SetUser(process, uid, in.accept("capable")));
    }

    /** What goes into slots: descriptors, "_" for none, "skip" to leave a slot as it is. */
    private List<Integer> slots() throws ScenarioSyntaxException {
        List<Integer> found = new ArrayList<>();
        do {
            if (in.accept("_")) {
                found.add(Syscall.EMPTY);
            } else if (in.accept("skip")) {
                found.add(Syscall.SKIP);
            } else {
                found.add(descriptor());
            }
        } while (atName() || in.is("_") || in.is("skip"));
        return found;
    }

    private List<Step> closes(int process) throws ScenarioSyntaxException {
        List<Step> closes = new ArrayList<>();
        for (int fd : descriptors()) {
            closes.add(new Step.Call(new Syscall.Close(process, fd), List.of()));
        }
        return closes;
    }

    // ---- requests ----

    private Call submit(int process) throws ScenarioSyntaxException {
        int ring = descriptor();
        Request request = in.accept("after") ? new Request.AfterTimeout(afterTimeout()) : request();
        return new Call(new Syscall.Submit(process, ring, request), Sort.REQUEST, 1);
    }

    private Request afterTimeout() throws ScenarioSyntaxException {
        in.require("timeout");
        return request();
    }

    private Request request() throws ScenarioSyntaxException {
        String what =
                in.oneOf(
                        List.of(
                                "poll", "read", "nop", "socket", "open", "accept", "close",
                                "install", "send", "cancel", "after"),
                        "a request: ");
        return switch (what) {
            case "poll" -> poll();
            case "read" -> new Request.Read(target());
            case "nop" -> new Request.Nop();
            case "socket" -> new Request.SocketDirect(type(), into());
            case "open" -> new Request.OpenDirect(into());
            case "accept" -> new Request.AcceptDirect(target(), into());
            case "close" -> new Request.CloseDirect(slot());
            case "install" -> new Request.Install(slot());
            case "send" -> sendFd();
            case "cancel" -> new Request.Cancel(use(Sort.REQUEST));
            default -> throw in.expected("no second timeout before a request");
        };
    }

    private Request poll() throws ScenarioSyntaxException {
        Target target = target();
        return in.accept("hangup") ? new Request.PollHangUp(target) : new Request.Poll(target);
    }

    private Request sendFd() throws ScenarioSyntaxException {
        int slot = slot();
        in.require("to");
        Target ring = target();
        return new Request.SendFd(ring, slot, into());
    }

    private Target target() throws ScenarioSyntaxException {
        return in.is("slot") ? new Target.Slot(slot()) : new Target.Fd(descriptor());
    }

    private int slot() throws ScenarioSyntaxException {
        in.require("slot");
        return in.number("a slot", MOST_SLOTS);
    }

    private int into() throws ScenarioSyntaxException {
        in.require("into");
        if (in.accept("any")) {
            return Request.ANY_SLOT;
        }
        if (!in.is("slot")) {
            throw in.expected("\"slot\" or \"any\"");
        }
        return slot();
    }

    // ---- steps that are no calls ----

    private Map<String, StepReader> steps() {
        Map<String, StepReader> all = new TreeMap<>();
        all.put("settle", Step.Settle::new);
        all.put("trigger", Step.Trigger::new);
        all.put("interleave", Step.Interleave::new);
        all.put("collect", () -> new Step.Collect(collectorSteps()));
        for (Step.Do.Kind kind : Step.Do.Kind.values()) {
            all.put(EraCondition.word(kind), () -> new Step.Do(kind));
        }
        return all;
    }

    private int collectorSteps() throws ScenarioSyntaxException {
        return in.peek().kind() == Kind.END ? Integer.MAX_VALUE : count("a number of steps");
    }

    private Step fire(int process) throws ScenarioSyntaxException {
        int request = use(Sort.REQUEST);
        in.require("of");
        return new Step.Fire(process, descriptor(), request);
    }

    // ---- expectations ----

    private Statement.Expect expectation(EraCondition under) throws ScenarioSyntaxException {
        String what =
                in.oneOf(
                        List.of(
                                "freed",
                                "alive",
                                "leak",
                                "no",
                                "references",
                                "in",
                                "scm-fds",
                                "result",
                                "violation"),
                        "");
        Expectation expectation =
                switch (what) {
                    case "freed" -> new Expectation.Freed(descriptors());
                    case "alive" -> new Expectation.Alive(descriptors());
                    case "leak" -> new Expectation.Leaks(descriptors());
                    case "no" -> none();
                    case "references" -> new Expectation.References(descriptor(), equal());
                    case "in" -> inFlight();
                    case "scm-fds" -> new Expectation.ScmFds(descriptor(), equal());
                    case "result" -> result();
                    default -> new Expectation.Violates(rule());
                };
        in.requireEnd();
        return new Statement.Expect(under, expectation);
    }

    private Expectation none() throws ScenarioSyntaxException {
        if (in.oneOf(List.of("leak", "violation"), "").equals("leak")) {
            return new Expectation.NoLeak();
        }
        return in.peek().kind() == Kind.END
                ? new Expectation.NoViolation()
                : new Expectation.Keeps(rule());
    }

    private Expectation inFlight() throws ScenarioSyntaxException {
        in.require("flight");
        return new Expectation.InFlight(descriptor(), equal());
    }

    private int equal() throws ScenarioSyntaxException {
        in.require("=");
        return count("a number");
    }

    private Expectation result() throws ScenarioSyntaxException {
        int request = use(Sort.REQUEST);
        in.require("=");
        int value = in.peek().kind() == Kind.NUMBER ? count("a result") : -errno().number();
        @Nullable Integer ring = ringsOfRequests.get(request);
        if (ring == null) {
            throw new IllegalStateException("a request without a ring");
        }
        return new Expectation.Result(ring, request, value);
    }

    private Rule rule() throws ScenarioSyntaxException {
        String word = in.oneOf(List.copyOf(Words.RULES.keySet()), "");
        Rule rule = Words.RULES.get(word);
        if (rule == null) {
            throw in.expected("a rule");
        }
        return rule;
    }
}
