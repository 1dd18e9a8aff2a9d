package dev.ringwatch.agent.draw;

import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Frame;
import dev.ringwatch.agent.draw.Drawing.Kind;
import dev.ringwatch.agent.draw.Layout.Area;
import dev.ringwatch.agent.draw.Layout.Line;
import dev.ringwatch.agent.draw.Layout.Point;
import java.util.List;
import java.util.Locale;

/**
 * Writes a drawing as an svg, with a title and a description for who cannot see it: a document that
 * needs nothing else, light or dark as the reader has it, or a part of a page that has the colours.
 * Boxes tell their name in {@code data-box}, arrows between which they are in {@code data-from} and
 * {@code data-to}.
 */
public final class SvgWriter {
    private static final double MARGIN = 16;
    private static final double HEAD = 34;
    private static final double CHARACTER_OF_TITLE = 17;

    private static final String STYLE =
            """
            text { font-family: system-ui, "Helvetica Neue", Arial, sans-serif; font-size: 11px; fill: #374151; }
            .paper { fill: #ffffff; }
            .title { font-size: 15px; font-weight: 600; fill: #111827; }
            .name { font-size: 13px; font-weight: 600; fill: #111827; }
            .box { fill: #f3f4f6; stroke: #4b5563; stroke-width: 1.2; }
            .leaked { fill: #fee2e2; stroke: #b91c1c; }
            .process { fill: #ffffff; stroke: #6b7280; }
            .inner { fill: none; }
            .frame { fill: none; stroke: #9ca3af; stroke-width: 1.2; stroke-dasharray: 6 4; }
            .alarm { stroke: #b91c1c; } .alarmtext { fill: #b91c1c; }
            .line { fill: none; stroke-width: 1.4; }
            .back { fill: #ffffff; opacity: 0.85; }
            .held { stroke: #6b7280; } .heldfill { fill: #6b7280; }
            .queued { stroke: #b91c1c; } .queuedfill { fill: #b91c1c; }
            .slot { stroke: #1d4ed8; } .slotfill { fill: #1d4ed8; }
            .request { stroke: #b45309; } .requestfill { fill: #b45309; }
            .connected { stroke: #9ca3af; stroke-dasharray: 3 4; } .connectedfill { fill: #6b7280; }
            @media (prefers-color-scheme: dark) {
            text { fill: #d1d5db; }
            .paper, .back, .process { fill: #111827; }
            .title, .name { fill: #f9fafb; }
            .box { fill: #1f2937; stroke: #9ca3af; }
            .process { fill: #111827; }
            .leaked { fill: #4c1d1d; stroke: #f87171; }
            .inner { fill: none; }
            .frame { stroke: #6b7280; }
            .alarm { stroke: #f87171; } .alarmtext { fill: #f87171; }
            .held { stroke: #9ca3af; } .heldfill { fill: #9ca3af; }
            .queued { stroke: #f87171; } .queuedfill { fill: #f87171; }
            .slot { stroke: #93c5fd; } .slotfill { fill: #93c5fd; }
            .request { stroke: #fbbf24; } .requestfill { fill: #fbbf24; }
            .connected { stroke: #6b7280; } .connectedfill { fill: #9ca3af; }
            }
            """;

    private final Drawing drawing;

    /** Before every id, so that they are a page's only ones. */
    private final String prefix;

    private final StringBuilder b = new StringBuilder();

    private SvgWriter(Drawing drawing, String prefix) {
        this.drawing = drawing;
        this.prefix = prefix;
    }

    /** The drawing as an svg document. */
    public static String write(Drawing drawing) {
        return new SvgWriter(drawing, "").document();
    }

    /** The drawing as a part of a page: its colours are the page's, and so is its heading. */
    public static String part(Drawing drawing) {
        return new SvgWriter(drawing, "drawing-").part();
    }

    private String document() {
        Layout layout = new Layout(drawing);
        double width =
                Math.max(layout.width(), Layout.width(drawing.title(), CHARACTER_OF_TITLE))
                        + 2 * MARGIN;
        begin(width, layout.height() + HEAD + 2 * MARGIN);
        b.append("<style>\n").append(STYLE).append("</style>\n");
        b.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        text("title", MARGIN, MARGIN + CHARACTER_OF_TITLE, "start", drawing.title());
        return end(layout, HEAD);
    }

    private String part() {
        Layout layout = new Layout(drawing);
        begin(layout.width() + 2 * MARGIN, layout.height() + 2 * MARGIN);
        return end(layout, 0);
    }

    private void begin(double width, double height) {
        b.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %s %s\""
                        .formatted(number(width), number(height)));
        b.append(
                " width=\"%1$s\" height=\"%2$s\" aria-labelledby=\"%3$stitle\" aria-describedby=\"%3$sdesc\">\n"
                        .formatted(number(width), number(height), prefix));
        b.append("<title id=\"%stitle\">".formatted(prefix)).append(escaped(drawing.title()));
        b.append("</title>\n<desc id=\"%sdesc\">".formatted(prefix));
        b.append(escaped(drawing.description())).append("</desc>\n");
    }

    private String end(Layout layout, double head) {
        b.append("<defs>\n");
        for (Kind kind : Kind.values()) {
            head(kind);
        }
        b.append("</defs>\n");
        b.append(
                "<g transform=\"translate(%s %s)\">\n"
                        .formatted(number(MARGIN), number(MARGIN + head)));
        drawing.frames().forEach(frame -> frame(frame, layout.area(frame)));
        List<Line> lines = layout.lines();
        for (int i = 0; i < lines.size(); i++) {
            line(drawing.arrows().get(i), lines.get(i));
        }
        drawing.boxes().forEach(box -> box(box, layout.area(box)));
        for (int i = 0; i < lines.size(); i++) {
            label(drawing.arrows().get(i), lines.get(i).label());
        }
        return b.append("</g>\n</svg>\n").toString();
    }

    private static String name(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private void head(Kind kind) {
        b.append(
                ("<marker id=\"%2$s%1$s\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\""
                                + " markerHeight=\"7\" orient=\"auto\"><path class=\"%1$sfill\""
                                + " d=\"M0 0.5 L8 4 L0 7.5 z\"/></marker>\n")
                        .formatted(name(kind), prefix));
    }

    private void frame(Frame frame, Area area) {
        rectangle(frame.leaked() ? "frame alarm" : "frame", area, 10, 0);
        text(
                frame.leaked() ? "alarmtext" : "",
                area.x() + 12,
                area.y() + 20,
                "start",
                frame.label());
    }

    private void line(Arrow arrow, Line line) {
        StringBuilder path = new StringBuilder();
        List<Point> points = line.points();
        for (int i = 0; i < points.size(); i++) {
            path.append(i == 0 ? "M" : " L").append(number(points.get(i).x())).append(' ');
            path.append(number(points.get(i).y()));
        }
        String kind = name(arrow.kind());
        String marker =
                arrow.kind() == Kind.CONNECTED
                        ? ""
                        : " marker-end=\"url(#%s%s)\"".formatted(prefix, kind);
        beginArrow(arrow);
        b.append("<path class=\"line %s\" d=\"%s\"%s/></g>\n".formatted(kind, path, marker));
    }

    private void beginArrow(Arrow arrow) {
        b.append(
                "<g class=\"arrow\" data-from=\"%s\" data-to=\"%s\">"
                        .formatted(escaped(arrow.from()), escaped(arrow.to())));
    }

    private void label(Arrow arrow, Point middle) {
        if (arrow.label().isEmpty()) {
            return;
        }
        double width = Layout.width(arrow.label(), Layout.SMALL) + 4;
        beginArrow(arrow);
        rectangle(
                "back",
                new Area(
                        middle.x() - width / 2,
                        middle.y() - Layout.SMALL / 2 - 2,
                        width,
                        Layout.SMALL + 4),
                3,
                0);
        text(
                name(arrow.kind()) + "fill",
                middle.x(),
                middle.y() + Layout.SMALL / 3,
                "middle",
                arrow.label());
        b.append("</g>\n");
    }

    private void box(Box box, Area area) {
        b.append("<g class=\"node\" data-box=\"%s\">\n".formatted(escaped(box.id())));
        String look = box.leaked() ? "box leaked" : "box";
        switch (box.shape()) {
            case PROCESS -> rectangle("box process", area, area.height() / 2, 0);
            case SOCKET -> rectangle(look, area, 9, 0);
            case RING -> {
                rectangle(look, area, 3, 0);
                rectangle(look + " inner", area, 1, 3);
            }
            case FILE -> rectangle(look, area, 0, 0);
        }
        double y = area.y() + (area.height() - box.lines().size() * Layout.LINE) / 2 + Layout.TEXT;
        double x = area.x() + area.width() / 2;
        String weight = "name";
        for (String line : box.lines()) {
            text(weight, x, y, "middle", line);
            weight = "";
            y += Layout.LINE;
        }
        b.append("</g>\n");
    }

    private void rectangle(String look, Area area, double round, double inset) {
        b.append(
                "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\"/>\n"
                        .formatted(
                                look,
                                number(area.x() + inset),
                                number(area.y() + inset),
                                number(area.width() - 2 * inset),
                                number(area.height() - 2 * inset),
                                number(round)));
    }

    private void text(String look, double x, double y, String anchor, String text) {
        b.append(
                "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                        .formatted(look, number(x), number(y), anchor, escaped(text)));
    }

    private static String number(double value) {
        double rounded = Math.round(value * 10) / 10.0;
        return rounded == Math.rint(rounded)
                ? Long.toString((long) rounded)
                : Double.toString(rounded);
    }

    /** For text and attributes; what XML cannot have at all is left out. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    if (c >= ' ' && !Character.isSurrogate(c) && c < '\uFFFE') {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }
}
