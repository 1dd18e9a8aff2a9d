package dev.ringwatch.agent.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.observe.FileFacts;
import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Who behaves is never accused: a minute of well-behaved programs, an hour with {@code
 * -Dringwatch.long=true}, and no finding of theirs in any observation, with every threshold but that
 * of a teardown scaled down to two seconds.
 */
@Tag("long")
class SoakTest {
    private static final Duration SHORT = Duration.ofMinutes(1);
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration BETWEEN = Duration.ofMillis(300);
    private static final Duration AGE = Duration.ofSeconds(2);

    /** How long the kernel takes to tear rings down scales with nothing of ours. */
    private static final Thresholds SCALED =
            new Thresholds(AGE, AGE, Thresholds.DEFAULT.orphan(), AGE, AGE, AGE);

    @Test
    void whoBehavesIsNeverAccused() throws Exception {
        long end =
                System.nanoTime() + (Boolean.getBoolean("ringwatch.long") ? LONG : SHORT).toNanos();
        try (Observer observer =
                Observer.open(
                        Observer.Choice.BPF,
                        InstantSource.system(),
                        BpfSnapshots.DEFAULT_MAX_TABLE_BYTES,
                        EventOptions.RINGS)) {
            Set<Long> before =
                    observer.observe().files().stream()
                            .map(FileFacts::identity)
                            .collect(Collectors.toSet());
            try (ZooProcess zoo = ZooProcess.start("well-behaved");
                    ZooProcess direct = ZooProcess.start("direct");
                    ZooProcess live = ZooProcess.start("live-poll")) {
                watch(observer, before, List.of(zoo, direct, live), end);
                assertTrue(zoo.received() > 0, "nothing was done");
            }
        }
    }

    private static void watch(Observer observer, Set<Long> before, List<ZooProcess> zoo, long end)
            throws Exception {
        Tracker tracker = new Tracker(SCALED);
        int looks = 0;
        long done = 0;
        while (System.nanoTime() < end) {
            Look look = new Look(tracker.accept(observer.observe()));
            List<Finding> theirs =
                    look.tracked().findings().stream()
                            .filter(f -> isTheirs(look, f, zoo, before))
                            .toList();
            assertEquals(List.of(), theirs, "at look " + looks);
            looks++;
            if (looks % 32 == 0) {
                long now = zoo.getFirst().received();
                assertTrue(now > done, "it stands still");
                done = now;
            }
            LockSupport.parkNanos(TimeUnit.NANOSECONDS.convert(BETWEEN));
        }
        assertTrue(looks > 10, "only " + looks + " looks");
    }

    /** What nobody holds may be theirs, unless it was there before. */
    private static boolean isTheirs(Look look, Finding f, List<ZooProcess> zoo, Set<Long> before) {
        int file = f.files().getFirst();
        OptionalInt pid = look.tracked().groups().process(file);
        boolean maybe = pid.isEmpty() || zoo.stream().anyMatch(z -> z.pid() == pid.getAsInt());
        return maybe && !before.contains(look.observation().files().get(file).identity());
    }
}
