package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Handles;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.uring.sys.ErrnoException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plays programs on the running kernel, as {@link Player} does on a model. For one thread.
 *
 * <p>What a kernel does in its own time it does at once and unasked: steps that choose an order for
 * that are {@link Unsupported}.
 */
final class LivePlayer {
    private static final int FIRST_PID = 1;

    private final LiveKernel kernel;
    private final Handles handles = new Handles(FIRST_PID);
    private final Map<Integer, LiveRing> rings = new HashMap<>();

    LivePlayer(LiveKernel kernel) {
        this.kernel = kernel;
    }

    /** Plays a step; what it gives is as {@link Player#play} gives it. */
    Optional<Outcome> play(Step step) throws Unsupported, ErrnoException {
        switch (step) {
            case Step.Call(Syscall call, List<Integer> results) -> {
                Optional<Syscall> resolved = handles.resolve(call);
                return resolved.isEmpty()
                        ? Optional.empty()
                        : Optional.of(apply(resolved.get(), results));
            }
            case Step.Settle() -> {}
            case Step.Trigger() -> kernel.trigger();
            case Step.Fire(int _, int ring, int request) -> {
                if (handles.isBound(request)) {
                    kernel.fire(rings.get(ring), handles.valueOf(request));
                }
            }
            case Step.Collect _, Step.Do _, Step.Interleave _ ->
                    throw new Unsupported("the kernel does that in its own time");
        }
        return Optional.empty();
    }

    private Outcome apply(Syscall call, List<Integer> results) throws Unsupported, ErrnoException {
        Outcome outcome = kernel.apply(call);
        if (outcome instanceof Done(List<Integer> values)) {
            handles.bind(results, Player.given(call, values));
            remember(call, results);
        }
        return outcome;
    }

    /** As {@link Player} does: what is no descriptor there is taken for none here. */
    private void remember(Syscall call, List<Integer> results) {
        switch (call) {
            case Syscall.Map _, Syscall.RegisterRing _, Syscall.Submit _ -> {}
            default -> {
                for (int handle : results) {
                    if (handles.isBound(handle)) {
                        LiveRing ring = kernel.ring(handles.valueOf(handle));
                        if (ring != null) {
                            rings.put(handle, ring);
                        }
                    }
                }
            }
        }
    }
}
