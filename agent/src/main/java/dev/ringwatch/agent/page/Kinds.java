package dev.ringwatch.agent.page;

import dev.ringwatch.agent.track.FindingKind;
import dev.ringwatch.agent.track.Limit;
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
     * The alert that tells it, whose runbook says what to do; none for what is undecided, and for
     * locked memory.
     *
     * @param limit what it is near to, if that is what it is about
     */
    static Optional<String> alert(FindingKind kind, Optional<Limit> limit) {
        return switch (kind) {
            case LEAKED -> Optional.of("RingwatchLeakFound");
            case PINNED_BY_RING -> Optional.of("RingwatchRegisteredOnlyFiles");
            case NEVER_RECEIVED -> Optional.of("RingwatchDescriptorsNotReceived");
            case ORPHAN_RING -> Optional.of("RingwatchOrphanRing");
            case STUCK_REQUEST -> Optional.of("RingwatchRequestStuck");
            case NEAR_LIMIT -> limit.flatMap(Kinds::alert);
            case UNDECIDED -> Optional.empty();
        };
    }

    private static Optional<String> alert(Limit limit) {
        return switch (limit) {
            case IN_FLIGHT -> Optional.of("RingwatchInflightLimitNear");
            case FILE_TABLE -> Optional.of("RingwatchFileTableNearlyFull");
            case LOCKED_MEMORY -> Optional.empty();
        };
    }
}
