package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelEra.Collector;
import dev.ringwatch.core.kernel.KernelEra.Repair;
import dev.ringwatch.core.kernel.KernelEra.Requests;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.KernelEra.Table;
import dev.ringwatch.core.kernel.Violation.Rule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which rules an era breaks, and why: everything else that is seen broken is a fault of the model.
 *
 * <p>This is what is expected. What holds is found out: see {@link Assumptions}.
 */
public final class EraRules {
    private EraRules() {}

    /** Why the rule may be broken under that era; empty if it has to hold. */
    public static Optional<String> brokenBecause(KernelEra era, Rule rule) {
        return Optional.ofNullable(
                switch (rule) {
                    case SOCKET_FOR_EACH -> ringsWithoutSocket(era);
                    case IN_QUEUED_PACKETS ->
                            first(countedAtSetup(era), first(connectRace(era), connectUnseen(era)));
                    case COUNTED, ASSERTION -> first(countedAtSetup(era), connectRace(era));
                    case ACYCLIC_OTHERWISE -> first(ringsWithoutSocket(era), requestsOnRings(era));
                    case UNREACHABLE_UNUSED ->
                            first(countedAtSetup(era), first(fixedRequests(era), peekRace(era)));
                    case REFERENCES_HELD -> null;
                    case USE_AFTER_FREE ->
                            first(
                                    first(countedAtSetup(era), usedPackets(era)),
                                    first(
                                            first(connectRace(era), peekRace(era)),
                                            staleIndices(era)));
                });
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one != null ? one : other;
    }

    private static @Nullable String when(boolean so, String reason) {
        return so ? reason : null;
    }

    private static @Nullable String ringsWithoutSocket(KernelEra era) {
        return when(
                era.sendRing() == SendRing.ALLOWED && era.table() == Table.PINS,
                "a ring can be sent and no socket stands for it");
    }

    private static @Nullable String countedAtSetup(KernelEra era) {
        return when(
                era.table() == Table.PINS_RING_IN_FLIGHT,
                "a ring counts as in flight from its creation, in no packet");
    }

    private static @Nullable String connectRace(KernelEra era) {
        return without(era, Repair.CONNECT, era.collector() == Collector.CANDIDATES);
    }

    /** Nothing is freed that is in use; but see {@link Trait#CONNECT_RACE}. */
    private static @Nullable String connectUnseen(KernelEra era) {
        return when(
                era.collector() == Collector.COMPONENTS,
                "what is queued on a connection under way is not found");
    }

    private static @Nullable String peekRace(KernelEra era) {
        return without(era, Repair.PEEK, true);
    }

    private static @Nullable String staleIndices(KernelEra era) {
        return without(era, Repair.FRESH_INDICES, era.collector() == Collector.COMPONENTS);
    }

    private static @Nullable String without(KernelEra era, Repair repair, boolean concerned) {
        return when(
                concerned && !era.repairs().contains(repair),
                "the repair of " + repair.knownAs() + " is missing");
    }

    private static @Nullable String requestsOnRings(KernelEra era) {
        return when(era.requests() == Requests.HOLD, "a request on a ring holds that ring, unseen");
    }

    private static @Nullable String fixedRequests(KernelEra era) {
        return when(
                era.table() == Table.PACKET || era.table() == Table.PACKET_KEPT,
                "a request works on a slot whose only reference is in flight");
    }

    private static @Nullable String usedPackets(KernelEra era) {
        return when(
                era.table() == Table.PACKET,
                "the collector takes a table away from a request (CVE-2022-2602)");
    }
}
