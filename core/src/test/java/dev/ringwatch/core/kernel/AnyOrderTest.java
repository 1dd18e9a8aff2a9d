package dev.ringwatch.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.scenario.Player;
import dev.ringwatch.core.scenario.Step;
import dev.ringwatch.core.sim.Seed;
import dev.ringwatch.core.sim.Workload;
import dev.ringwatch.core.sim.Workload.Part;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said to be collected in any order is collected in the order that the model has. */
class AnyOrderTest {
    private static final int PROGRAMS = 5_000;

    @Test
    void whatIsEvenIsCollectedAndWhatIsNeverCollectedIsUneven() {
        Seed seed = Seed.given();
        Workload workload = Workload.of(Workload.Scope.of(Part.SOCKETS, Part.LISTENERS)).closed();
        int uneven = 0;
        int never = 0;
        for (int n = 0; n < PROGRAMS; n++) {
            Seed one = seed.derive(n);
            Player player = new Player(new KernelModel(KernelEra.current()));
            KernelState state = player.model().state();
            boolean even = true;
            for (Step step : workload.program(KernelEra.current(), one)) {
                player.play(step);
                player.model().settle();
                even &= AnyOrder.uneven(state) == null;
            }
            player.model().collectAll();
            if (even) {
                assertEquals(Set.of(), Oracle.garbage(state), () -> "seed " + one);
            } else {
                uneven++;
            }
            never += Oracle.garbage(state).isEmpty() ? 0 : 1;
        }
        assertTrue(never > 0 && never < uneven, never + " of " + uneven);
    }
}
