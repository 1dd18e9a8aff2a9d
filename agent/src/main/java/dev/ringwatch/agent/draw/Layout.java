package dev.ringwatch.agent.draw;

import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/** Where everything of a drawing lies: ELK's layered algorithm, arrows from left to right. */
final class Layout {
    static final double LINE = 17;
    static final double TEXT = 13;
    static final double SMALL = 11;
    private static final double PADDING = 12;
    private static final double FRAME_PADDING = 22;
    private static final double SPACING = 36;

    record Point(double x, double y) {}

    record Area(double x, double y, double width, double height) {}

    /** An arrow's line, and where the middle of its label lies. */
    record Line(List<Point> points, Point label) {}

    private final ElkNode root = ElkGraphUtil.createGraph();
    private final Map<String, ElkNode> frames = new HashMap<>();
    private final Map<String, ElkNode> boxes = new HashMap<>();
    private final List<ElkEdge> edges = new ArrayList<>();

    Layout(Drawing drawing) {
        configure(root);
        root.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
        drawing.frames().forEach(this::add);
        drawing.boxes().forEach(this::add);
        drawing.arrows().forEach(this::add);
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    }

    private static void configure(ElkNode node) {
        node.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        node.setProperty(CoreOptions.DIRECTION, Direction.RIGHT);
        node.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.POLYLINE);
        node.setProperty(CoreOptions.SPACING_NODE_NODE, SPACING);
        node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, SPACING);
        node.setProperty(LayeredOptions.SPACING_EDGE_NODE, SPACING / 2);
        node.setProperty(LayeredOptions.SPACING_EDGE_EDGE, SPACING / 2);
    }

    private void add(Frame frame) {
        ElkNode node = ElkGraphUtil.createNode(root);
        configure(node);
        node.setProperty(
                CoreOptions.PADDING,
                new ElkPadding(FRAME_PADDING + LINE, FRAME_PADDING, FRAME_PADDING, FRAME_PADDING));
        node.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, SizeConstraint.minimumSize());
        node.setProperty(
                CoreOptions.NODE_SIZE_MINIMUM,
                new KVector(width(frame.label(), TEXT) + 2 * FRAME_PADDING, 0));
        frames.put(frame.id(), node);
    }

    private void add(Box box) {
        ElkNode parent = box.frame().map(frames::get).orElse(root);
        ElkNode node = ElkGraphUtil.createNode(parent);
        double width = width(box.lines().getFirst(), TEXT * 1.08);
        for (String line : box.lines()) {
            width = Math.max(width, width(line, SMALL));
        }
        node.setDimensions(width + 2 * PADDING, box.lines().size() * LINE + PADDING);
        boxes.put(box.id(), node);
    }

    private void add(Arrow arrow) {
        ElkEdge edge = ElkGraphUtil.createSimpleEdge(box(arrow.from()), box(arrow.to()));
        if (!arrow.label().isEmpty()) {
            ElkLabel label = ElkGraphUtil.createLabel(arrow.label(), edge);
            label.setDimensions(width(arrow.label(), SMALL) + 6, SMALL + 4);
        }
        edges.add(edge);
    }

    private ElkNode box(String id) {
        ElkNode node = boxes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no box is called " + id);
        }
        return node;
    }

    /** About how wide a text is; no font is at hand, so it is rather too wide. */
    static double width(String text, double size) {
        double width = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean narrow = "iljtfr,.:;'|! ()".indexOf(c) >= 0;
            boolean wide = "mwMW=+".indexOf(c) >= 0 || Character.isUpperCase(c);
            width += narrow ? 0.36 : wide ? 0.78 : 0.6;
        }
        return width * size;
    }

    double width() {
        return root.getWidth();
    }

    double height() {
        return root.getHeight();
    }

    Area area(Box box) {
        return area(box(box.id()));
    }

    Area area(Frame frame) {
        ElkNode node = frames.get(frame.id());
        if (node == null) {
            throw new IllegalArgumentException("no frame is called " + frame.id());
        }
        return area(node);
    }

    private static Area area(ElkNode node) {
        Point origin = origin(node.getParent());
        return new Area(
                origin.x() + node.getX(),
                origin.y() + node.getY(),
                node.getWidth(),
                node.getHeight());
    }

    /** Coordinates are relative to what contains. */
    private static Point origin(ElkNode container) {
        double x = 0;
        double y = 0;
        for (ElkNode node = container; node != null; node = node.getParent()) {
            x += node.getX();
            y += node.getY();
        }
        return new Point(x, y);
    }

    /** The lines of the drawing's arrows, in their order. */
    List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        for (ElkEdge edge : edges) {
            lines.add(line(edge));
        }
        return lines;
    }

    private static Line line(ElkEdge edge) {
        Point origin = origin(edge.getContainingNode());
        List<Point> points = new ArrayList<>();
        for (ElkEdgeSection section : edge.getSections()) {
            points.add(at(origin, section.getStartX(), section.getStartY()));
            for (ElkBendPoint bend : section.getBendPoints()) {
                points.add(at(origin, bend.getX(), bend.getY()));
            }
            points.add(at(origin, section.getEndX(), section.getEndY()));
        }
        Point middle = points.get(points.size() / 2);
        for (ElkLabel label : edge.getLabels()) {
            middle =
                    at(
                            origin,
                            label.getX() + label.getWidth() / 2,
                            label.getY() + label.getHeight() / 2);
        }
        return new Line(List.copyOf(points), middle);
    }

    private static Point at(Point origin, double x, double y) {
        return new Point(origin.x() + x, origin.y() + y);
    }
}
