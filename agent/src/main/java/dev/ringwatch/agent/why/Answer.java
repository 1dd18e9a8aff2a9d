package dev.ringwatch.agent.why;

import dev.ringwatch.agent.observe.SourceReport;
import java.time.Instant;
import java.util.List;

/**
 * Who keeps something open.
 *
 * @param takenAt when looking began
 * @param sources what was asked, and whether it answered
 * @param incomplete why something may be missing; empty when nothing is
 * @param ledgers what is kept, the thing itself before its parts
 * @param notes what is to be known of all of it
 */
public record Answer(
        Target target,
        Instant takenAt,
        List<SourceReport> sources,
        List<String> incomplete,
        List<Ledger> ledgers,
        List<String> notes) {

    public Answer {
        sources = List.copyOf(sources);
        incomplete = List.copyOf(incomplete);
        ledgers = List.copyOf(ledgers);
        notes = List.copyOf(notes);
    }

    /** Whether anything keeps it. */
    public boolean held() {
        return ledgers.stream().anyMatch(Ledger::held);
    }
}
