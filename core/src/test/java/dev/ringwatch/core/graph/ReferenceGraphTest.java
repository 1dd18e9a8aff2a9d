package dev.ringwatch.core.graph;

import static dev.ringwatch.core.graph.Drawing.draw;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceGraphTest {

    @Test
    void theLedgerBalances() {
        Drawing drawing =
                draw(
                        """
                        ring R; unix a, b
                        fd R; fd a; R -slot-> a; b -queue-> a; R -request-> a; R -uses-> a
                        extra a
                        """);
        int a = drawing.file("a");
        assertEquals(5, drawing.graph().kernelCount(a));
        assertEquals(4, drawing.graph().explained(a), "a request by slot owns nothing");
        assertEquals(1, drawing.graph().unexplained(a));
        assertEquals(
                List.of(
                        new Holder.DescriptorSlot(1, a),
                        new Holder.RingSlot(drawing.file("R"), 0),
                        new Holder.PendingRequest(drawing.file("R"), 6),
                        new Holder.PendingRequest(drawing.file("R"), 22),
                        new Holder.QueuedPacket(drawing.file("b"), 0)),
                drawing.graph().holders(a));
    }

    @Test
    void aCountBelowWhatWasFoundIsNotNegative() {
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        int a = builder.file(FileKind.UNIX_SOCKET, 1, false);
        builder.queued(a, a, 0);
        builder.queued(a, a, 1);
        assertEquals(0, builder.build().unexplained(a));
    }

    @Test
    void aCountThatCouldNotBeRead() {
        Drawing drawing = draw("unix a; fd a; unknown a");
        assertEquals(ReferenceGraph.UNKNOWN, drawing.graph().unexplained(0));
    }

    @Test
    void growsPastItsFirstArraysAndKeepsOrder() {
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        int files = 1_000;
        for (int f = 0; f < files; f++) {
            assertEquals(f, builder.file(FileKind.OTHER, f, f % 2 == 0));
        }
        for (int i = 0; i < files; i++) {
            builder.slot(files - 1 - i, i, i);
            builder.slot(0, i, files + i);
            builder.outside(i, new Holder.MemoryMapping(i));
        }
        ReferenceGraph graph = builder.build();
        assertEquals(files, graph.fileCount());
        assertEquals(2 * files, graph.referenceCount());
        List<Integer> held = new ArrayList<>();
        for (int i = graph.heldBegin(0); i < graph.heldEnd(0); i++) {
            assertEquals(0, graph.from(i));
            held.add(graph.detail(i));
        }
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            expected.add(files + i);
        }
        expected.add(files - 1, files - 1);
        assertEquals(expected, held);
        assertEquals(List.of(new Holder.MemoryMapping(7)), graph.outsideHolders(7));
        assertEquals(7, graph.kernelCount(7));
        assertEquals(false, graph.deleted(7));
    }

    @Test
    void aFileThatWasNotAdded() {
        ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
        int a = builder.file(FileKind.RING, 1, false);
        assertThrows(IndexOutOfBoundsException.class, () -> builder.slot(a, 1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> builder.peer(-1, a));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> builder.outside(1, new Holder.MemoryMapping(1)));
    }
}
