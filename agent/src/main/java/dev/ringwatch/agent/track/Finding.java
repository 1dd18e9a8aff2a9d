package dev.ringwatch.agent.track;

import dev.ringwatch.core.graph.HoldingPath;
import java.time.Instant;
import java.util.List;

/**
 * Something found, with what supports it. Files are numbered as in the observation it belongs to.
 *
 * @param id names it as long as it is open; not reused by the same agent
 * @param group whose it is
 * @param since when it was first seen; it may be older
 * @param files what it is about, the most telling file first
 * @param path what holds the first file
 * @param because the rule that applied, in a sentence
 */
public record Finding(
        String id,
        FindingKind kind,
        String group,
        Instant since,
        List<Integer> files,
        HoldingPath path,
        String because) {
    public Finding {
        files = List.copyOf(files);
    }

    public String advice() {
        return kind.advice();
    }
}
