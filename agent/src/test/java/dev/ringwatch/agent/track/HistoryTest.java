package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.core.graph.FileKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is remembered of the last hour. */
class HistoryTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String SERVER = "comm:server";

    private Tracker tracker = new Tracker(Thresholds.DEFAULT);
    private final History history = new History(Duration.ofSeconds(10), 50);

    @Test
    void aPointIsTakenEveryFifteenSecondsOrMoreRarely() {
        for (int at = 0; at <= 60; at += 10) {
            see(at, quiet());
        }
        assertEquals(List.of(0L, 20L, 40L, 60L), times(history.view()));

        history.use(Duration.ofSeconds(60), 50);
        see(119, quiet());
        see(120, quiet());
        assertEquals(List.of(0L, 20L, 40L, 60L, 120L), times(history.view()));
        assertEquals(Duration.ofSeconds(60), history.view().step());
    }

    @Test
    void figuresAreThoseOfTheMetrics() {
        see(0, ringOf(SERVER, 3));
        HistoryView view = history.view();

        assertEquals(List.of(1L), of(view, SERVER, Figure.RINGS));
        assertEquals(List.of(3L), of(view, SERVER, Figure.REGISTERED_FILES));
        assertEquals(List.of(1L), of(view, SERVER, Figure.REGISTERED_ONLY_FILES));
        assertEquals(List.of(0L), of(view, SERVER, Figure.INFLIGHT_FDS));
        assertEquals(List.of(5L), of(view, SERVER, Figure.INFLIGHT_REQUESTS));
        assertEquals(List.of(3L), points(view, i -> view.total(Figure.REGISTERED_FILES, i)));
    }

    /** Nobody can tell at the first look. */
    @Test
    void findingsAreUnknownBeforeTheSecondLook() {
        see(0, quiet());
        see(15, quiet());
        HistoryView view = history.view();

        assertEquals(List.of(-1L, 0L), points(view, i -> view.total(Figure.FINDINGS, i)));
    }

    @Test
    void aGroupIsUnknownBeforeItCameAndAfterItWentUntilItLeavesTheHour() {
        see(0, quiet());
        see(15, ringOf(SERVER, 3));
        see(60, ringOf(SERVER, 4));
        see(75, quiet());
        // It lingers, empty, and loses its series then.
        see(60 + 615, quiet());
        see(60 + 1215, quiet());
        see(60 + 1230, quiet());
        HistoryView view = history.view();

        List<Long> files = of(view, SERVER, Figure.REGISTERED_FILES);
        assertEquals(-1, files.getFirst());
        assertTrue(files.contains(4L), files::toString);
        assertTrue(files.contains(0L), files::toString);
        assertEquals(-1, files.getLast());

        see(3900, quiet());
        assertEquals(Set.of(), history.view().groups());
    }

    @Test
    void anUnreadableRingsFilesAreUnknownAndNotNone() {
        HandMade made = new HandMade().process(1, "server");
        made.descriptor(1, made.unreadableRing());
        see(0, made);
        HistoryView view = history.view();

        assertEquals(List.of(1L), of(view, SERVER, Figure.RINGS));
        assertEquals(List.of(-1L), of(view, SERVER, Figure.REGISTERED_FILES));
        assertEquals(List.of(-1L), of(view, SERVER, Figure.INFLIGHT_REQUESTS));
    }

    @Test
    void ofAnIncompleteLookNothingIsNone() {
        see(0, new HandMade().incomplete("a table was full"));
        HistoryView view = history.view();

        for (Figure figure : Figure.values()) {
            assertEquals(List.of(-1L), points(view, i -> view.total(figure, i)));
        }
    }

    @Test
    void whatOnlyEbpfTellsIsUnknownFromProc() {
        see(0, new HandMade().from(Source.PROC));
        HistoryView view = history.view();

        assertEquals(List.of(-1L), points(view, i -> view.total(Figure.REGISTERED_ONLY_FILES, i)));
        assertEquals(List.of(0L), points(view, i -> view.total(Figure.RINGS, i)));
        for (MachineFigure figure : MachineFigure.values()) {
            assertTrue(view.machine(figure, 0).isEmpty());
        }
    }

    @Test
    void theCollectorsSecondsAreSeconds() {
        Activity.Durations durations =
                new Activity.Durations(
                        List.of(Duration.ofMillis(1)), List.of(2L, 1L), Duration.ofMillis(1500));
        Activity activity =
                new Activity(
                        Set.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(
                                new Activity.CollectorRuns(
                                        durations,
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        Optional.empty(),
                                        Optional.empty())));
        see(0, quiet().activity(activity).inFlightSockets(7));
        HistoryView view = history.view();

        assertEquals(3, view.machine(MachineFigure.COLLECTOR_RUNS, 0).orElse(-1));
        assertEquals(1.5, view.machine(MachineFigure.COLLECTOR_SECONDS, 0).orElse(-1));
        assertEquals(7, view.machine(MachineFigure.INFLIGHT_SOCKETS, 0).orElse(-1));
    }

    @Test
    void whenAnObservationFailedEverythingIsUnknown() {
        see(0, ringOf(SERVER, 3));
        history.missed(nanos(10));
        history.missed(nanos(15));
        see(30, ringOf(SERVER, 3));
        HistoryView view = history.view();

        assertEquals(List.of(0L, 15L, 30L), times(view));
        assertEquals(List.of(1L, -1L, 1L), points(view, i -> view.total(Figure.RINGS, i)));
        assertEquals(List.of(1L, -1L, 1L), of(view, SERVER, Figure.RINGS));
    }

    @Test
    void afterAStallTheTimeInBetweenIsUnknown() {
        see(0, quiet());
        see(300, quiet());
        HistoryView view = history.view();

        assertEquals(List.of(0L, 15L, 300L), times(view));
        assertEquals(List.of(0L, -1L, 0L), points(view, i -> view.total(Figure.RINGS, i)));
    }

    @Test
    void itBeginsEmptyAndSaysSinceWhen() {
        assertEquals(0, history.view().size());
        assertEquals(Optional.empty(), history.view().since());
        for (int at = 0; at <= 7200; at += 15) {
            see(at, quiet());
        }
        HistoryView view = history.view();

        assertEquals(Optional.of(BEGIN), view.since());
        assertEquals(History.POINTS, view.size());
        assertEquals(3600, times(view).getFirst());
        assertEquals(7200, times(view).getLast());
    }

    /** Two hundred groups with series, of which a few are other ones in each observation. */
    @Test
    void theBoundHoldsHoweverManyGroupsComeAndGo() {
        int max = GroupRules.MOST;
        tracker =
                new Tracker(
                        Thresholds.DEFAULT,
                        new GroupRules(List.of(), max, Duration.ZERO, Duration.ZERO, Path.of("/")));
        history.use(Duration.ofSeconds(15), max);
        long most = 0;
        for (int turn = 0; turn < 300; turn++) {
            see(15 * turn, rings(10 * turn, max + 20));
            most = Math.max(most, history.bytes());
            assertTrue(most <= History.mostBytes(max), () -> "at " + history.bytes());
        }
        HistoryView view = history.view();

        assertEquals(History.mostBytes(max), most, "the bound is met in this run");
        assertEquals(2 * max + 4, view.groups().size());
        assertTrue(view.dropped() > 0);
        assertTrue(
                view.groups().containsAll(Set.of("comm:p2995", "~other")), view.groups()::toString);
        assertTrue(most < 2_400_000, "the documents say 2.4 MB");
    }

    private void see(int second, HandMade made) {
        history.accept(tracker.accept(made.seenAt(BEGIN.plusSeconds(second))));
    }

    private static long nanos(int second) {
        return (BEGIN.getEpochSecond() + second) * 1_000_000_000;
    }

    private static HandMade quiet() {
        return new HandMade().process(1, "server");
    }

    /** A ring with files in its table, one of which is nowhere else. */
    private static HandMade ringOf(String group, int files) {
        HandMade made = new HandMade().process(1, group.substring("comm:".length()));
        int ring = made.ring(1, files, 8, 1);
        made.descriptor(1, ring);
        made.graph().slot(ring, made.file(FileKind.OTHER, 1, false), 0);
        return made;
    }

    private static HandMade rings(int from, int n) {
        HandMade made = new HandMade();
        for (int i = from; i < from + n; i++) {
            made.process(i + 1, "p" + i);
            made.descriptor(i + 1, made.ring(1, 1, 8, i + 1));
        }
        return made;
    }

    private static List<Long> times(HistoryView view) {
        return points(view, i -> OptionalLong.of(view.time(i) - BEGIN.getEpochSecond()));
    }

    private static List<Long> of(HistoryView view, String group, Figure figure) {
        return points(view, i -> view.of(group, figure, i));
    }

    /** Unknown is -1. */
    private static List<Long> points(HistoryView view, IntFunction<OptionalLong> value) {
        return new ArrayList<>(
                IntStream.range(0, view.size()).mapToObj(i -> value.apply(i).orElse(-1)).toList());
    }
}
