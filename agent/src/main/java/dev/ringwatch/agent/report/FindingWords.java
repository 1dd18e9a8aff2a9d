package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Attribution;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.stacks.CallStack;
import dev.ringwatch.agent.stacks.Frame;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Groups;
import dev.ringwatch.agent.track.Limit;
import dev.ringwatch.agent.track.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What there is to tell of a finding, in words and bounded, so that it can be kept when what was
 * observed is gone. Every text is cleaned of what moves a cursor or hides. Immutable.
 *
 * @param what the file that it is about, and how many more
 * @param limit what it is near to, if that is what it is about
 * @param files the names of all files that it is about, the most telling first
 * @param fileCount how many there are, those left out among them
 * @param pid the process that the file belongs to
 * @param owner the same in words; empty without one
 * @param since when it was first seen; it may be older
 * @param opened when it was old enough to be told
 * @param path what holds the file, outermost first, a sentence each
 * @param pathSteps how many there are, those left out among them
 * @param calls the traced calls that made it
 * @param callsMade how many there are, those left out among them
 * @param processes those on the path and those that have used its rings
 * @param because the rule that applied
 * @param call the call to look for in the program
 * @param advice what to do
 */
public record FindingWords(
        String id,
        FindingKind kind,
        String group,
        String what,
        Optional<Limit> limit,
        List<String> files,
        int fileCount,
        OptionalInt pid,
        String owner,
        Instant since,
        Duration age,
        Optional<Instant> opened,
        List<String> path,
        int pathSteps,
        List<Call> calls,
        int callsMade,
        List<Party> processes,
        String because,
        String call,
        String advice) {
    private static final int MAX_STEPS = 16;
    private static final int MAX_CALLS = 4;
    private static final int MAX_PARTIES = 16;
    private static final int MAX_FILES = 12;

    public FindingWords {
        files = List.copyOf(files);
        path = List.copyOf(path);
        calls = List.copyOf(calls);
        processes = List.copyOf(processes);
    }

    /**
     * A traced call.
     *
     * @param who what it did, which thread of which process
     * @param frames its stack, the call first; empty if none is known
     * @param notes why the stack is not whole
     */
    public record Call(String who, Instant at, List<String> frames, List<String> notes) {
        public Call {
            frames = List.copyOf(frames);
            notes = List.copyOf(notes);
        }
    }

    /** A process that has to do with a finding. */
    public record Party(String process, String group) {}

    /** The words for a finding of an observation. */
    public static FindingWords of(Tracked tracked, Finding finding) {
        return of(tracked, List.of(finding)).getFirst();
    }

    /** The words for several, in their order; much faster than one by one. */
    public static List<FindingWords> of(Tracked tracked, List<Finding> findings) {
        Names names = new Names(tracked.observation(), tracked.groups());
        return findings.stream().map(f -> of(tracked, f, names)).toList();
    }

    static FindingWords of(Tracked tracked, Finding finding, Names names) {
        Observation o = tracked.observation();
        Groups groups = tracked.groups();
        int file = finding.files().getFirst();
        int others = finding.files().size() - 1;
        OptionalInt pid = groups.process(file);
        List<Attribution> calls = Callers.of(o, finding);
        return new FindingWords(
                finding.id(),
                finding.kind(),
                finding.group(),
                names.file(file) + (others > 0 ? " and " + others + " more" : ""),
                finding.story().limit(),
                finding.files().stream().limit(MAX_FILES).map(names::file).toList(),
                finding.files().size(),
                pid,
                pid.isPresent() ? names.process(pid.getAsInt()) : "",
                finding.since(),
                finding.age(),
                finding.opened(),
                path(finding, names),
                finding.path().steps().size(),
                calls.stream().limit(MAX_CALLS).map(call -> call(call, names)).toList(),
                calls.size(),
                Involved.in(o, finding).processes().stream()
                        .limit(MAX_PARTIES)
                        .map(p -> new Party(names.process(p), groups.ofProcess(p)))
                        .toList(),
                finding.because(),
                finding.call(),
                finding.advice());
    }

    private static List<String> path(Finding finding, Names names) {
        return finding.path().steps().stream()
                .limit(MAX_STEPS)
                .map(step -> names.holder(step.holder()) + " has " + names.file(step.file()))
                .toList();
    }

    private static Call call(Attribution call, Names names) {
        List<Frame> frames = call.stack().map(CallStack::frames).orElse(List.of());
        List<String> notes =
                call.stack().map(CallStack::notes).orElse(List.of("no stack is known of it"));
        return new Call(
                "%s thread %s (tid %d) of %s"
                        .formatted(
                                call.kind().words(),
                                Names.clean(call.thread()),
                                call.tid(),
                                names.process(call.pid())),
                call.at(),
                frames.stream().map(Names::frame).toList(),
                notes.stream().map(Names::note).toList());
    }
}
