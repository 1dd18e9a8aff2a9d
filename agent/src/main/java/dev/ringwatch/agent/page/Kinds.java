package dev.ringwatch.agent.page;

import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.core.graph.FileKind;
import java.util.Optional;

/** What the kinds of finding are called for people, and what rings for them. */
final class Kinds {
    private Kinds() {}

    /** A word or three. */
    static String name(FindingKind kind) {
        return switch (kind) {
            case LEAKED -> "Leaked for good";
            case PINNED_BY_RING -> "Pinned by a ring";
            case NEVER_RECEIVED -> "Never received";
            case ORPHAN_RING -> "Orphan ring";
            case STUCK_REQUEST -> "Stuck request";
            case NEAR_LIMIT -> "Near a limit";
            case UNDECIDED -> "Undecided";
        };
    }

    /** A sentence without its stop. */
    static String meaning(FindingKind kind) {
        return switch (kind) {
            case LEAKED -> "Nobody can reach these files, and the kernel does not free them";
            case PINNED_BY_RING ->
                    "Only a ring's table keeps this file open, and it is of no use there";
            case NEVER_RECEIVED -> "Descriptors wait in a queue and are not received";
            case ORPHAN_RING -> "A ring that no descriptor of its users holds any more";
            case STUCK_REQUEST -> "A request keeps a file open that nothing else holds";
            case NEAR_LIMIT -> "Something that is limited is nearly used up";
            case UNDECIDED -> "It looks held by nobody, and not everything could be accounted for";
        };
    }

    /** The look of its badge. */
    static String look(FindingKind kind) {
        return switch (kind) {
            case LEAKED, PINNED_BY_RING, NEVER_RECEIVED, ORPHAN_RING, STUCK_REQUEST -> "bad";
            case NEAR_LIMIT -> "warn";
            case UNDECIDED -> "unknown";
        };
    }

    /**
     * The alert that pages for it, whose runbook tells what to do; none for what is undecided, and
     * for locked memory.
     */
    static Optional<String> alert(FindingWords finding) {
        return switch (finding.kind()) {
            case LEAKED -> Optional.of("RingwatchLeakFound");
            case PINNED_BY_RING -> Optional.of("RingwatchRegisteredOnlyFiles");
            case NEVER_RECEIVED -> Optional.of("RingwatchDescriptorsNotReceived");
            case ORPHAN_RING -> Optional.of("RingwatchOrphanRing");
            case STUCK_REQUEST -> Optional.of("RingwatchRequestStuck");
            case NEAR_LIMIT -> nearLimit(finding);
            case UNDECIDED -> Optional.empty();
        };
    }

    private static Optional<String> nearLimit(FindingWords finding) {
        if (finding.call().equals(Finding.REGISTER_BUFFERS)) {
            return Optional.empty();
        }
        return Optional.of(
                finding.about() == FileKind.RING
                        ? "RingwatchFileTableNearlyFull"
                        : "RingwatchInflightLimitNear");
    }
}
