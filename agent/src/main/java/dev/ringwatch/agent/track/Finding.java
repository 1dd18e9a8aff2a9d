package dev.ringwatch.agent.track;

import dev.ringwatch.core.graph.HoldingPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Something found, with what supports it. Files are numbered as in the observation it belongs to.
 *
 * @param id names it as long as it is open; not reused by the same agent
 * @param group whose it is
 * @param since when it was first seen, by the clock of that time
 * @param age how long ago that was, by a clock that nobody sets
 * @param maybeOlder whether it was there when looking began, so that its true age is not known
 * @param files what it is about, the most telling file first
 * @param path what holds the first file
 * @param because the rule that applied, in a sentence
 */
public record Finding(
        String id,
        FindingKind kind,
        String group,
        Instant since,
        Duration age,
        boolean maybeOlder,
        List<Integer> files,
        HoldingPath path,
        String because) {
    public Finding {
        files = List.copyOf(files);
    }

    public String advice() {
        return kind.advice();
    }

    /** The same told as undecided, because it may or may not be old enough. */
    Finding undecided() {
        String why =
                "%s Seen for %.1f s only: whether for long enough to be %s is not known."
                        .formatted(because, age.toMillis() / 1000.0, kind.label());
        return new Finding(
                id, FindingKind.UNDECIDED, group, since, age, maybeOlder, files, path, why);
    }
}
