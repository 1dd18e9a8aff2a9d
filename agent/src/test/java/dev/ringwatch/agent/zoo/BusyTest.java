package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Tracker;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is only in motion is never reported, however often it is looked at. */
class BusyTest {
    private static final int LOOKS = 60;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    /** A send buffer of 208 KiB has room for less than 300 packets of one byte. */
    private static final int MORE_THAN_IN_MOTION = 400;

    @ParameterizedTest
    @ValueSource(strings = {"busy", "busy-one-by-one"})
    void descriptorsThatAreReceivedAreNoFinding(String kind) throws Exception {
        try (Observer observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES)) {
            Set<Long> before =
                    observer.observe().files().stream()
                            .map(FileFacts::identity)
                            .collect(Collectors.toSet());
            try (ZooProcess zoo = ZooProcess.start(kind)) {
                Tracker tracker = new Tracker(Look.NONE);
                int inMotion = 0;
                for (int i = 0; i < LOOKS || inMotion == 0; i++) {
                    awaitProgress(zoo);
                    Look look = new Look(tracker.accept(observer.observe()));
                    boolean waiting = look.socket(zoo.fact("server")).inflight().orElseThrow() > 0;
                    inMotion += waiting ? 1 : 0;
                    for (Finding f : look.tracked().findings()) {
                        assertFalse(isOurs(look, f, zoo, before), f::toString);
                    }
                    assertTrue(i < 100 * LOOKS, "nothing was ever seen in motion");
                }
            }
        }
    }

    /** All that was in motion when this began has been received when it ends. */
    private static void awaitProgress(ZooProcess zoo) throws Exception {
        long start = System.nanoTime();
        long goal = zoo.received() + MORE_THAN_IN_MOTION;
        while (zoo.received() < goal) {
            assertTrue(System.nanoTime() - start < PATIENCE, () -> zoo + " stands still");
        }
    }

    /** What nobody holds may be the zoo's, unless it was there before. */
    private static boolean isOurs(Look look, Finding f, ZooProcess zoo, Set<Long> before) {
        int file = f.files().getFirst();
        OptionalInt pid = look.tracked().groups().process(file);
        boolean maybe = pid.isEmpty() || pid.getAsInt() == zoo.pid();
        return maybe && !before.contains(look.observation().files().get(file).identity());
    }
}
