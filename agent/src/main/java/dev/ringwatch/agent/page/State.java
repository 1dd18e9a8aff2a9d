package dev.ringwatch.agent.page;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.track.HistoryView;
import dev.ringwatch.agent.track.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a page shows, all of it from one moment. Immutable.
 *
 * @param host the machine's name
 * @param started when the agent began to watch
 * @param now when the page is made
 * @param interval between two observations
 * @param tracked the last observation; empty if there is none to show
 * @param failure why there is none; empty before the first is done
 * @param whyNoBpf why eBPF is not used, if it is not
 * @param sources how the sources of the last observation did
 * @param history what was held over the last hour
 * @param closed the findings that were seen and are gone, the latest first
 */
public record State(
        String host,
        Instant started,
        Instant now,
        Duration interval,
        Optional<Tracked> tracked,
        String failure,
        Optional<String> whyNoBpf,
        List<SourceReport> sources,
        AgentStatus status,
        HistoryView history,
        List<Closed> closed) {
    public State {
        sources = List.copyOf(sources);
        closed = List.copyOf(closed);
    }

    /** A finding that was not seen any more at a time. */
    public record Closed(FindingWords finding, Instant at) {}
}
