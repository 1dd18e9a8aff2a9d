package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Who has to do with a finding.
 *
 * @param processes those on its path, then those that have used its rings, by process id
 * @param rings those on its path, and what it is about if that is one, by file
 */
record Involved(Set<Integer> processes, Set<Integer> rings) {
    /** Longer paths repeat themselves. */
    private static final int MOST_STEPS = 64;

    static Involved in(Observation o, Finding finding) {
        Set<Integer> processes = new LinkedHashSet<>();
        Set<Integer> files = new LinkedHashSet<>();
        for (HoldingPath.Step step : finding.path().steps().stream().limit(MOST_STEPS).toList()) {
            switch (step.holder()) {
                case Holder.DescriptorSlot d -> processes.add(d.pid());
                case Holder.MemoryMapping m -> processes.add(m.pid());
                case Holder.TaskRegistration t -> processes.add(t.pid());
                case Holder.QueuedPacket q -> files.add(q.socket());
                case Holder.RingSlot s -> files.add(s.ring());
                case Holder.PendingRequest r -> files.add(r.ring());
            }
            files.add(step.file());
        }
        files.add(finding.files().getFirst());
        files.removeIf(file -> o.graph().kind(file) != FileKind.RING);
        for (RingFacts ring : o.rings()) {
            if (files.contains(ring.file())) {
                processes.addAll(ring.users());
            }
        }
        return new Involved(processes, files);
    }
}
