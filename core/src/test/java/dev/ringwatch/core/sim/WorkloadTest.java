package dev.ringwatch.core.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Workload.Part;
import dev.ringwatch.core.sim.Workload.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    private static final int PROGRAMS = 300;
    private static final Seed SEED = Seed.given();
    private static final KernelEra ERA = KernelEra.current();
    private static final Scope LIVE =
            Scope.of(Part.SOCKETS, Part.LISTENERS, Part.PIPES, Part.RINGS);

    @Test
    void givesTheSameForTheSameSeed() {
        Workload workload = Workload.of(Scope.all());
        for (int i = 0; i < PROGRAMS; i++) {
            assertEquals(
                    workload.program(ERA, SEED.derive(i)), workload.program(ERA, SEED.derive(i)));
        }
        assertNotEquals(
                workload.program(ERA, SEED.derive(0)), workload.program(ERA, SEED.derive(1)));
    }

    @Test
    void theProgramOfASeedIsTheSameEverywhere() {
        // In another virtual machine, that is. Changes with everything that programs are made of.
        int hash = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            List<Step> program = Workload.of(LIVE).closed().program(ERA, new Seed(1).derive(i));
            hash = 31 * hash + program.toString().hashCode();
        }
        assertEquals(-1296110640, hash);
    }

    @Test
    void closesEverythingWhenAsked() {
        for (Scope scope : List.of(LIVE, Scope.all())) {
            for (int i = 0; i < PROGRAMS; i++) {
                Seed seed = SEED.derive(i);
                Player player = new Player(new KernelModel(ERA));
                Workload.of(scope).closed().program(ERA, seed).forEach(player::play);
                player.model()
                        .state()
                        .tasks()
                        .values()
                        .forEach(
                                task -> {
                                    assertEquals(Map.of(), task.descriptors(), seed::toString);
                                    assertEquals(Map.of(), task.mappings(), seed::toString);
                                    assertEquals(Map.of(), task.registeredRings(), seed::toString);
                                });
            }
        }
    }

    @Test
    void mostStepsMakeSense() {
        Map<String, Integer> done = new HashMap<>();
        int refused = 0;
        int calls = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            Player player = new Player(new KernelModel(ERA));
            for (Step step : Workload.of(Scope.all()).program(ERA, SEED.derive(i))) {
                Optional<Outcome> outcome = player.play(step);
                if (step instanceof Step.Call call) {
                    calls++;
                    if (outcome.orElse(null) instanceof Done) {
                        done.merge(call.call().getClass().getSimpleName(), 1, Integer::sum);
                    } else {
                        refused++;
                    }
                }
            }
        }
        assertTrue(refused < calls / 2, refused + " of " + calls + " calls are refused");
        assertEquals(
                Syscall.class.getPermittedSubclasses().length,
                done.size(),
                () -> "calls that succeed: " + done);
    }
}
