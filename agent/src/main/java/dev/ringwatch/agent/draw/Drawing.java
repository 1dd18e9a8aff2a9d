package dev.ringwatch.agent.draw;

import java.util.List;
import java.util.Optional;

/**
 * A small graph to be drawn.
 *
 * @param title one line above the picture
 * @param description the whole picture in words, for who cannot see it
 * @param boxes what there is
 * @param arrows what is between; both ends are boxes
 * @param frames what some boxes have in common; a box is in one at most
 */
public record Drawing(
        String title, String description, List<Box> boxes, List<Arrow> arrows, List<Frame> frames) {

    /** Copies the lists. */
    public Drawing {
        boxes = List.copyOf(boxes);
        arrows = List.copyOf(arrows);
        frames = List.copyOf(frames);
    }

    /** What a box stands for. */
    public enum Shape {
        /** A process. */
        PROCESS,
        /** A socket. */
        SOCKET,
        /** A ring. */
        RING,
        /** Any other file. */
        FILE
    }

    /**
     * A box.
     *
     * @param id by which arrows name it
     * @param lines what is written in it, the first in bold
     * @param leaked whether it is tinted as a leak
     * @param frame the frame that it is in
     */
    public record Box(
            String id, List<String> lines, Shape shape, boolean leaked, Optional<String> frame) {
        /** Copies the list. */
        public Box {
            lines = List.copyOf(lines);
        }
    }

    /** What an arrow stands for. */
    public enum Kind {
        /** A process holds a file. */
        HELD,
        /** A file is in a socket's queue. */
        QUEUED,
        /** A file is in a ring's table. */
        SLOT,
        /** A request works on a file. */
        REQUEST,
        /** Two sockets are connected: no arrow, and no reference. */
        CONNECTED
    }

    /** An arrow from what holds to what is held. */
    public record Arrow(String from, String to, Kind kind, String label) {}

    /**
     * A frame around boxes.
     *
     * @param leaked whether it is tinted as a leak
     */
    public record Frame(String id, String label, boolean leaked) {}
}
