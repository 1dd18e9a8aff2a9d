package dev.ringwatch.agent.track;

import dev.ringwatch.core.graph.HoldingPath;
import java.time.Duration;
import java.util.List;

/**
 * What would be a finding if it were seen again, and for long enough.
 *
 * @param key recognises the same thing in a later observation
 * @param reported whether it becomes a finding at all
 * @param subject what it is about, in words that are the same after a restart
 */
record Candidate(
        SightingKey key,
        FindingKind kind,
        boolean reported,
        String subject,
        Duration threshold,
        List<Integer> files,
        HoldingPath path,
        Finding.Story story) {}
