package dev.ringwatch.agent.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What the table says of an observation. */
class ViewTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void groupsAreSummedAndTheFullestTableIsSaid() {
        HandMade machine = new HandMade().process(7, "server").process(8, "server");
        machine.descriptor(7, machine.ring(1, 3, 4)).descriptor(8, machine.ring(1, 5, 10));
        assertEquals(
                List.of("comm:server", "2", "8", "14", "75", "10", "16.0K", "2", "-", "-", "0"),
                cells(only(lines(View.START, machine, 0))));
    }

    @Test
    void processesAreToldApart() {
        HandMade machine = new HandMade().process(7, "server").process(8, "server");
        machine.descriptor(7, machine.ring(1, 3, 4)).descriptor(8, machine.ring(1, 5, 10));
        List<String> rows = rows(lines(View.START.toggled(), machine, 0));
        assertEquals(List.of("8", "server"), cells(rows.get(0)).subList(0, 2), "more files first");
        assertEquals(List.of("7", "server"), cells(rows.get(1)).subList(0, 2));
    }

    @Test
    void whatWaitsHasTheAgeOfTheOldest() {
        Tracker tracker = new Tracker(Thresholds.DEFAULT);
        tracker.accept(waiting().seenAt(BEGIN));
        Tracked later = tracker.accept(waiting().seenAt(BEGIN.plusSeconds(192)));
        String row = only(View.START.lines(later, ZoneOffset.UTC));
        assertEquals(
                List.of("comm:server", "0", "-", "-", "-", "-", "-", "-", "5", "3m12s", "0"),
                cells(row));
    }

    private static HandMade waiting() {
        HandMade machine = new HandMade().process(7, "server");
        int socket = machine.socket(1, 5);
        machine.descriptor(7, socket).firstPacket(socket, 9);
        return machine;
    }

    @Test
    void whatCouldNotBeReadIsNoZero() {
        HandMade machine = new HandMade().process(7, "server");
        machine.descriptor(7, machine.unreadableRing());
        List<String> cells = cells(only(lines(View.START, machine, 0)));
        assertEquals(List.of("comm:server", "1", "-", "-"), cells.subList(0, 4));
    }

    @Test
    void socketsThatAreNotKnownAreCountedAsSuch() {
        HandMade machine = new HandMade().process(7, "server");
        machine.descriptor(7, machine.countedSocket(OptionalInt.empty()));
        String totals = lines(View.START, machine, 0).get(1).text();
        assertTrue(totals.contains("1 sockets (1 could not be read)"), totals);
    }

    @Test
    void aReasonWhySomethingMayBeMissingIsALineOfItsOwn() {
        HandMade machine = new HandMade().incomplete("a queue moved").incomplete("another");
        View.Line line = lines(View.START, machine, 0).get(2);
        assertEquals(View.Look.WARNING, line.look());
        assertEquals("not complete: a queue moved (and 1 more)", line.text());
    }

    @Test
    void rowsAreSortedByAnyColumnAndTurned() {
        HandMade machine = new HandMade().process(7, "few").process(8, "many");
        machine.descriptor(7, machine.ring(1, 1, 100)).descriptor(8, machine.ring(1, 50, 60));
        View byFiles = View.START;
        assertEquals(List.of("comm:many", "comm:few"), groups(byFiles, machine));
        assertEquals(List.of("comm:few", "comm:many"), groups(byFiles.turned(), machine));
        assertEquals(List.of("comm:few", "comm:many"), groups(byFiles.moved(1), machine), "SLOTS");
        assertEquals(byFiles, byFiles.moved(1).moved(-1));
        assertEquals(byFiles, byFiles.moved(11), "around");
    }

    @Test
    void aFilterLooksAtNameGroupAndProcess() {
        HandMade machine = new HandMade().process(7, "nginx").process(81, "java");
        machine.descriptor(7, machine.ring(1, 1, 1)).descriptor(81, machine.ring(1, 1, 1));
        assertEquals(List.of("comm:nginx"), groups(View.START.filtered("NGI"), machine));
        assertEquals(1, rows(lines(View.START.toggled().filtered("81"), machine, 0)).size());
        assertEquals(
                "nobody passes the filter", only(lines(View.START.filtered("apache"), machine, 0)));
    }

    @Test
    void sortingByAColumnThatGroupsDoNotHaveFallsBack() {
        View byPid = View.START.toggled().moved(-4);
        assertEquals(Column.PID, byPid.sort());
        assertEquals(Column.FILES, byPid.toggled().sort());
    }

    @Test
    void nothingThatAProcessIsCalledReachesTheTerminal() {
        HandMade machine = new HandMade().process(7, "a\u001b[2J\nb");
        machine.descriptor(7, machine.ring(1, 1, 1));
        for (View.Line line : lines(View.START.toggled(), machine, 0)) {
            assertFalse(line.text().chars().anyMatch(c -> c < ' ' || c >= 0x7f), line.text());
        }
    }

    private static List<String> groups(View view, HandMade machine) {
        return rows(lines(view, machine, 0)).stream().map(row -> cells(row).getFirst()).toList();
    }

    private static List<View.Line> lines(View view, HandMade machine, int second) {
        Tracker tracker = new Tracker(Thresholds.DEFAULT);
        return view.lines(
                tracker.accept(machine.seenAt(BEGIN.plusSeconds(second))), ZoneOffset.UTC);
    }

    private static List<String> rows(List<View.Line> lines) {
        return lines.stream()
                .filter(l -> l.look() == View.Look.ROW || l.look() == View.Look.FOUND)
                .map(View.Line::text)
                .toList();
    }

    private static String only(List<View.Line> lines) {
        List<String> rows = rows(lines);
        assertEquals(1, rows.size(), rows::toString);
        return rows.getFirst();
    }

    private static List<String> cells(String row) {
        return Arrays.asList(row.strip().split("\\s+"));
    }
}
