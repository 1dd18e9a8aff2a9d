package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.core.kernel.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plays programs on a model. For one thread. */
public final class Player {
    private static final int FIRST_PID = 1;

    private final KernelModel model;
    private final Handles handles = new Handles(FIRST_PID);
    private final Map<Integer, OpenFile> files = new HashMap<>();

    /** Plays on this model, which must be new. */
    public Player(KernelModel model) {
        this.model = model;
    }

    /** The model that it plays on. */
    public KernelModel model() {
        return model;
    }

    /** What the handles stand for. */
    public Handles handles() {
        return handles;
    }

    /** The file that a handle's descriptor referred to when it was bound, if it was a descriptor. */
    public Optional<OpenFile> file(int handle) {
        return Optional.ofNullable(files.get(handle));
    }

    /**
     * Plays a step.
     *
     * @return the outcome of a system call; empty for a step that is none, and for a call that was
     *     left out because one of its handles is not bound
     */
    public Optional<Outcome> play(Step step) {
        return switch (step) {
            case Step.Call(Syscall call, List<Integer> results) ->
                    handles.resolve(call).map(resolved -> apply(resolved, results));
            case Step.Settle() -> {
                model.settle();
                yield Optional.empty();
            }
            case Step.Trigger() -> {
                model.trigger();
                model.settle();
                yield Optional.empty();
            }
            case Step.Collect(int steps) -> {
                for (int i = 0; i < steps && model.work().contains(new Work.Collect()); i++) {
                    model.run(new Work.Collect());
                }
                yield Optional.empty();
            }
            case Step.Fire fire -> {
                fire(fire);
                yield Optional.empty();
            }
            case Step.Do(Step.Do.Kind kind) -> {
                oldest(kind).ifPresent(model::run);
                yield Optional.empty();
            }
            case Step.Interleave() -> {
                model.interleave(true);
                yield Optional.empty();
            }
        };
    }

    private Outcome apply(Syscall call, List<Integer> results) {
        Outcome outcome = model.apply(call);
        if (outcome instanceof Done(List<Integer> values)) {
            List<Integer> given = given(call, values);
            handles.bind(results, given);
            remember(call, results);
        }
        return outcome;
    }

    /** Of what a call gives, that for which handles can stand. */
    public static List<Integer> given(Syscall call, List<Integer> values) {
        return call instanceof Syscall.Receive ? values.subList(2, values.size()) : values;
    }

    private void remember(Syscall call, List<Integer> results) {
        Task task = model.state().tasks().get(call.pid());
        for (int handle : results) {
            if (task != null && handles.isBound(handle)) {
                OpenFile file = fileOf(call, task, handles.valueOf(handle));
                if (file != null) {
                    files.put(handle, file);
                }
            }
        }
    }

    private static @org.jspecify.annotations.Nullable OpenFile fileOf(
            Syscall call, Task task, int value) {
        return switch (call) {
            case Syscall.Fork _, Syscall.Map _, Syscall.RegisterRing _, Syscall.Submit _ -> null;
            default -> task.descriptors().get(value);
        };
    }

    private void fire(Step.Fire fire) {
        if (handles.isBound(fire.ring()) && handles.isBound(fire.request())) {
            int request = handles.valueOf(fire.request());
            Ring ring = files.containsKey(fire.ring()) ? files.get(fire.ring()).ring() : null;
            if (ring != null) {
                Work.Fire piece = new Work.Fire(ring, request);
                if (model.work().contains(piece)) {
                    model.run(piece);
                }
            }
        }
    }

    private Optional<Work> oldest(Step.Do.Kind kind) {
        return model.work().stream()
                .filter(
                        piece ->
                                switch (kind) {
                                    case RELEASE -> piece instanceof Work.Release;
                                    case TEAR_DOWN -> piece instanceof Work.TearDown;
                                    case FINISH_CONNECT -> piece instanceof Work.FinishConnect;
                                })
                .findFirst();
    }
}
