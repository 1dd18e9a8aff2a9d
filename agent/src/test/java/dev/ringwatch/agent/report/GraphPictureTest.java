package dev.ringwatch.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.draw.Drawing;
import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Kind;
import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.graph.FileKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is drawn of an observation. */
class GraphPictureTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void aPinnedPairIsOneFrameWithItsRingAndProcessOutside() {
        Tracked tracked = twice(pinnedPair());
        Drawing drawing = GraphPicture.snapshot(tracked, tracked.findings(Duration.ZERO));

        assertEquals(2, tracked.findings(Duration.ZERO).size());
        assertEquals(1, drawing.frames().size());
        assertEquals("pinned_by_ring, group comm:server", drawing.frames().getFirst().label());
        assertEquals(
                Set.of("file:1", "file:2"),
                drawing.boxes().stream()
                        .filter(Box::leaked)
                        .map(Box::id)
                        .collect(Collectors.toSet()));
        assertEquals(
                Set.of(
                        new Arrow("pid:7", "file:0", Kind.HELD, "fd 3"),
                        new Arrow("file:0", "file:1", Kind.SLOT, "slot 0"),
                        new Arrow("file:0", "file:2", Kind.SLOT, "slot 1"),
                        new Arrow("file:1", "file:2", Kind.CONNECTED, "connected")),
                Set.copyOf(drawing.arrows()));
        assertTrue(drawing.description().contains("slot 0 of io_uring ring file:0"));
    }

    private static HandMade pinnedPair() {
        HandMade machine = new HandMade().process(7, "server");
        int ring = machine.ring(1, 2, 2);
        int a = machine.socket(1, 0);
        int b = machine.socket(1, 0);
        machine.descriptor(7, ring);
        machine.graph().slot(ring, a, 0);
        machine.graph().slot(ring, b, 1);
        machine.graph().peer(a, b);
        machine.graph().peer(b, a);
        return machine;
    }

    @Test
    void aTableFullOfFilesIsOneBoxAndOneArrow() {
        HandMade machine = new HandMade().process(7, "server");
        int ring = machine.ring(1, 5000, 5000);
        machine.descriptor(7, ring);
        for (int slot = 0; slot < 5000; slot++) {
            machine.graph().slot(ring, machine.file(FileKind.OTHER, 1, false), slot);
        }
        Drawing drawing = GraphPicture.snapshot(twice(machine), List.of());

        assertEquals(3, drawing.boxes().size());
        Box files = drawing.boxes().getLast();
        assertEquals("5000 files", files.lines().getFirst());
        assertEquals("and 4997 more", files.lines().getLast());
        assertTrue(
                drawing.arrows().contains(new Arrow("file:0", files.id(), Kind.SLOT, "5000 slots")),
                drawing.arrows()::toString);
    }

    @Test
    void aPictureHasRoomForSoManyBoxesAndSaysWhatItLeavesOut() {
        HandMade machine = new HandMade().process(7, "server");
        for (int i = 0; i < 500; i++) {
            machine.descriptor(7, machine.ring(1, 0, 8));
        }
        Drawing drawing = GraphPicture.snapshot(twice(machine), List.of());
        assertEquals(GraphPicture.MAX_BOXES + 1, drawing.boxes().size(), "and the process");
        assertEquals("What rings and queues hold; no room for 380 more", drawing.title());
        assertTrue(drawing.description().contains("380 files"), drawing.description());
    }

    @Test
    void oneFindingIsDrawnWithoutTheRest() {
        HandMade machine = pinnedPair();
        machine.descriptor(7, machine.ring(1, 0, 8));
        Tracked tracked = twice(machine);
        Drawing drawing =
                GraphPicture.findings(tracked, tracked.findings(Duration.ZERO).subList(0, 1));
        assertEquals(
                Set.of("pid:7", "file:0", "file:1"),
                drawing.boxes().stream().map(Box::id).collect(Collectors.toSet()));
    }

    @Test
    void arrowsEndAtBoxesThatAreThere() {
        HandMade machine = pinnedPair();
        int queue = machine.socket(1, 2);
        machine.descriptor(7, queue);
        machine.graph().queued(queue, machine.file(FileKind.OTHER, 2, true), 0);
        Drawing drawing = GraphPicture.snapshot(twice(machine), List.of());
        Set<String> boxes = drawing.boxes().stream().map(Box::id).collect(Collectors.toSet());
        for (Arrow arrow : drawing.arrows()) {
            assertTrue(boxes.containsAll(List.of(arrow.from(), arrow.to())), arrow::toString);
        }
        assertEquals(
                Optional.of("in flight"),
                drawing.arrows().stream()
                        .filter(a -> a.kind() == Kind.QUEUED)
                        .map(Arrow::label)
                        .findFirst());
    }

    @Test
    void whatAProcessIsCalledIsOnlyText() {
        HandMade machine = new HandMade().process(7, "</text><script>&\u202e");
        machine.descriptor(7, machine.ring(1, 0, 8));
        String svg = SvgWriter.write(GraphPicture.snapshot(twice(machine), List.of()));
        assertFalse(svg.contains("<script>"), svg);
        assertFalse(svg.contains("\u202e"), svg);
        assertTrue(svg.contains("&lt;script&gt;"), svg);
    }

    private static Tracked twice(HandMade machine) {
        Tracker tracker = new Tracker(Thresholds.DEFAULT);
        tracker.accept(machine.seenAt(BEGIN));
        return tracker.accept(machine.seenAt(BEGIN.plusSeconds(1)));
    }
}
