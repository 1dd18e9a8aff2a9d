package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RingFacts;
import dev.ringwatch.agent.observe.SocketFacts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much each group holds: rings, registered files, descriptors in flight that it
 * owns or has sent, and findings. */
final class GroupWeights {
    private GroupWeights() {}

    /** By group; only groups that hold something. */
    static Map<String, Long> of(Observation o, Groups groups, List<Finding> findings) {
        Map<String, Long> weights = new HashMap<>();
        for (RingFacts ring : o.rings()) {
            weights.merge(groups.of(ring.file()), 1L + ring.registeredFiles().orElse(0), Long::sum);
        }
        for (SocketFacts socket : o.sockets()) {
            long inflight = socket.inflight().orElse(0);
            if (inflight > 0) {
                weights.merge(groups.of(socket.file()), inflight, Long::sum);
            }
        }
        o.sent()
                .ifPresent(
                        sent ->
                                sent.forEach(
                                        (file, n) ->
                                                weights.merge(
                                                        groups.of(file), (long) n, Long::sum)));
        findings.forEach(finding -> weights.merge(finding.group(), 1L, Long::sum));
        return weights;
    }
}
