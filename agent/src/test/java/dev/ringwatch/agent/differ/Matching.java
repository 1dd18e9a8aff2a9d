package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.OpenFile;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which file of the kernel is which of the model: learnt where each is first seen. */
final class Matching {
    private final boolean socketsInSlots;
    private final Map<Integer, String> byModel = new HashMap<>();
    private final Map<String, Integer> byLive = new HashMap<>();

    /**
     * @param socketsInSlots whether the kernel says which sockets are in a ring's slots
     */
    Matching(boolean socketsInSlots) {
        this.socketsInSlots = socketsInSlots;
    }

    boolean socketsInSlots() {
        return socketsInSlots;
    }

    /** Files of both sides that stand in the same place: they are the same from now on. */
    void learn(OpenFile model, String live) {
        if (!byModel.containsKey(model.id()) && !byLive.containsKey(live)) {
            byModel.put(model.id(), live);
            byLive.put(live, model.id());
        }
    }

    /** What the model calls a file of the kernel. */
    String named(String live) {
        Integer id = byLive.get(live);
        return id == null ? "unknown " + live : "file " + id;
    }

    @Nullable Integer model(String live) {
        return byLive.get(live);
    }

    @Nullable String live(OpenFile file) {
        return byModel.get(file.id());
    }
}
