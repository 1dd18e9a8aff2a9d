package dev.ringwatch.agent.report;

import dev.ringwatch.agent.observe.Attribution;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.HoldingPath;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which traced calls a finding is told with. */
final class Callers {
    /** The most files of one finding that are asked for. */
    private static final int MAX_FILES = 256;

    private Callers() {}

    /** Those that sent its files, and those that registered with the rings that hold them. */
    static List<Attribution> of(Observation observation, Finding finding) {
        List<Integer> files = new ArrayList<>(finding.files());
        List<HoldingPath.Step> steps = finding.path().steps();
        for (HoldingPath.Step step : steps.subList(0, Math.min(MAX_FILES, steps.size()))) {
            switch (step.holder()) {
                case Holder.RingSlot s -> files.add(s.ring());
                case Holder.PendingRequest r -> files.add(r.ring());
                case Holder.DescriptorSlot d -> {}
                case Holder.MemoryMapping m -> {}
                case Holder.TaskRegistration t -> {}
                case Holder.QueuedPacket q -> {}
            }
        }
        Set<Attribution> calls = new LinkedHashSet<>();
        int first = finding.files().getFirst();
        files.stream()
                .limit(MAX_FILES)
                .forEach(
                        file ->
                                observation.attributions().getOrDefault(file, List.of()).stream()
                                        .filter(a -> file == first || a.kind().putsFiles())
                                        .forEach(calls::add));
        return List.copyOf(calls);
    }
}
