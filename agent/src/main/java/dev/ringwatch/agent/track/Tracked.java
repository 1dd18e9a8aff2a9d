package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import dev.ringwatch.core.leak.Judgement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One observation and what is known beyond it. Immutable.
 *
 * @param confirmed everything that was seen twice in a row, however young, in the order of kind and
 *     age
 * @param thresholds from what age {@link #findings()} tells something
 * @param opened how many findings of each kind were opened since the tracker began
 * @param queueSince for each socket with descriptors in its queue, by file, since when the same
 *     packet is the first
 */
public record Tracked(
        Observation observation,
        Judgement judgement,
        Groups groups,
        List<Finding> confirmed,
        Thresholds thresholds,
        Map<FindingKind, Long> opened,
        Map<Integer, Instant> queueSince) {
    public Tracked {
        confirmed = List.copyOf(confirmed);
        opened = Map.copyOf(opened);
        queueSince = Map.copyOf(queueSince);
    }

    /** What is old enough to be a finding. */
    public List<Finding> findings() {
        return confirmed.stream()
                .filter(f -> age(f).compareTo(thresholds.of(f.kind())) >= 0)
                .toList();
    }

    /** What is at least so old, of any kind. */
    public List<Finding> findings(Duration olderThan) {
        return confirmed.stream().filter(f -> age(f).compareTo(olderThan) >= 0).toList();
    }

    /**
     * The same for whoever looked only for a moment: what is younger may in truth be old enough, and
     * is told as undecided.
     */
    public List<Finding> findingsOrUndecided(Duration olderThan) {
        return confirmed.stream().map(f -> undecidedIfYoung(f, olderThan)).toList();
    }

    /** Whether a finding's files belong to a process, or are held through one of its descriptors. */
    public boolean concerns(Finding finding, int pid) {
        boolean owns =
                finding.files().stream().anyMatch(file -> groups.process(file).orElse(-1) == pid);
        return owns
                || finding.path().steps().stream()
                        .map(HoldingPath.Step::holder)
                        .anyMatch(h -> h instanceof Holder.DescriptorSlot d && d.pid() == pid);
    }

    private Finding undecidedIfYoung(Finding f, Duration olderThan) {
        Duration age = age(f);
        if (age.compareTo(olderThan) >= 0 || Thresholds.ageless(f.kind())) {
            return f;
        }
        String because =
                "%s Seen for %.1f s only: whether for long enough to be %s is not known."
                        .formatted(f.because(), age.toMillis() / 1000.0, f.kind().label());
        return new Finding(
                f.id(), FindingKind.UNDECIDED, f.group(), f.since(), f.files(), f.path(), because);
    }

    private Duration age(Finding finding) {
        return Duration.between(finding.since(), observation.takenAt());
    }
}
