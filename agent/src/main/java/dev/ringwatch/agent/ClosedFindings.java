package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.page.State;
import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.report.JsonReport;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The findings that were open and are not seen any more, as they were last told: for a day, and not
 * more than {@link #MOST}. Safe for use by many threads.
 */
final class ClosedFindings {
    private static final int MOST = 200;
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private final Map<String, Closed> closed = new LinkedHashMap<>();

    private record Closed(Instant at, String json, FindingWords words) {}

    /** Takes in an observation and the one before. */
    synchronized void turn(Tracked before, Tracked now) {
        Instant at = now.observation().takenAt();
        Set<String> open = now.confirmed().stream().map(Finding::id).collect(Collectors.toSet());
        closed.keySet().removeAll(open);
        closed.values().removeIf(c -> c.at.plus(REMEMBERED).isBefore(at));
        if (fromBpf(before) != fromBpf(now)) {
            return; // another source sees other things: nobody knows that they are gone
        }
        List<Finding> gone =
                before.findings().stream().filter(f -> !open.contains(f.id())).toList();
        List<Finding> last = gone.subList(Math.max(0, gone.size() - MOST), gone.size());
        List<FindingWords> words = FindingWords.of(before, last);
        for (int i = 0; i < last.size(); i++) {
            String json = json(before, last.get(i), at);
            closed.put(last.get(i).id(), new Closed(at, json, words.get(i)));
        }
        closed.keySet().stream()
                .limit(Math.max(0, closed.size() - MOST))
                .toList()
                .forEach(closed::remove);
    }

    /** The finding as JSON, with the time at which it was closed. */
    synchronized Optional<String> find(String id) {
        return Optional.ofNullable(closed.get(id)).map(Closed::json);
    }

    /** All of them, the one closed last first. */
    synchronized List<State.Closed> all() {
        return closed.values().stream()
                .map(c -> new State.Closed(c.words, c.at))
                .toList()
                .reversed();
    }

    private static boolean fromBpf(Tracked tracked) {
        return tracked.observation().sources().stream()
                .anyMatch(s -> s.source() == Source.BPF && s.up());
    }

    private static String json(Tracked tracked, Finding finding, Instant at) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            JsonReport.closed(tracked, finding, at, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
