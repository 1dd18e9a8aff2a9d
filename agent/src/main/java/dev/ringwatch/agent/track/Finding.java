package dev.ringwatch.agent.track;

import dev.ringwatch.core.graph.HoldingPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something found, with what supports it. Files are numbered as in the observation it belongs to.
 *
 * @param id names it: made of what it is about, so that the same has the same name again when the
 *     watched process or the agent is started anew; never of an address or a process id
 * @param group whose it is
 * @param since when it was first seen, by the clock of that time
 * @param age how long ago that was, by a clock that nobody sets
 * @param maybeOlder whether it was there when looking began, so that its true age is not known
 * @param threshold from what age it is told
 * @param opened when it was as old as that; empty while it is younger
 * @param files what it is about, the most telling file first
 * @param path what holds the first file
 * @param story what there is to say about it
 */
public record Finding(
        String id,
        FindingKind kind,
        String group,
        Instant since,
        Duration age,
        boolean maybeOlder,
        Duration threshold,
        Optional<Instant> opened,
        List<Integer> files,
        HoldingPath path,
        Story story) {
    public Finding {
        files = List.copyOf(files);
    }

    /**
     * What there is to say about a finding.
     *
     * @param because the rule that applied, in a sentence
     * @param call the call to look for in the program
     * @param advice what to do, in a sentence
     * @param innocent whether it is ordinary while it is young: then nobody is told a guess
     * @param limit what it is near to, if that is what it is about
     */
    public record Story(
            String because, String call, String advice, boolean innocent, Optional<Limit> limit) {
        Story(String because, String call, String advice, boolean innocent) {
            this(because, call, advice, innocent, Optional.empty());
        }
    }

    public String because() {
        return story.because();
    }

    public String call() {
        return story.call();
    }

    public String advice() {
        return story.advice();
    }

    /** Whether it is at least so old, or of a kind whose age does not matter. */
    boolean atLeast(Duration wanted) {
        return kind.ageless() || age.compareTo(wanted) >= 0;
    }

    /** The same told as undecided, because it may or may not be old enough. */
    Finding undecided() {
        String why =
                "%s Seen for %.1f s only: whether for long enough to be %s is not known."
                        .formatted(story.because(), age.toMillis() / 1000.0, kind.label());
        return new Finding(
                id,
                FindingKind.UNDECIDED,
                group,
                since,
                age,
                maybeOlder,
                threshold,
                opened,
                files,
                path,
                new Story(why, story.call(), Stories.LOOK_LONGER, story.innocent()));
    }
}
