package dev.ringwatch.agent.draw;

import dev.ringwatch.agent.draw.Drawing.Arrow;
import dev.ringwatch.agent.draw.Drawing.Box;
import dev.ringwatch.agent.draw.Drawing.Frame;
import dev.ringwatch.agent.draw.Drawing.Kind;
import java.util.Optional;

/** Writes a drawing in the language of Graphviz. */
public final class DotWriter {
    private final Drawing drawing;
    private final StringBuilder b = new StringBuilder();

    private DotWriter(Drawing drawing) {
        this.drawing = drawing;
    }

    /** The drawing as a text that {@code dot -Tsvg} draws. */
    public static String write(Drawing drawing) {
        return new DotWriter(drawing).write();
    }

    private String write() {
        b.append("digraph ringwatch {\n  rankdir=LR;\n  label=").append(quoted(drawing.title()));
        b.append(";\n  labelloc=t;\n  node [fontname=\"sans-serif\", shape=box];\n");
        b.append("  edge [fontname=\"sans-serif\", fontsize=10];\n");
        for (Frame frame : drawing.frames()) {
            b.append("  subgraph ")
                    .append(quoted("cluster_" + frame.id()))
                    .append(" {\n    label=");
            b.append(quoted(frame.label())).append(";\n    style=dashed;\n");
            boxes(Optional.of(frame.id()), "    ");
            b.append("  }\n");
        }
        boxes(Optional.empty(), "  ");
        drawing.arrows().forEach(this::arrow);
        return b.append("}\n").toString();
    }

    private void boxes(Optional<String> frame, String indent) {
        for (Box box : drawing.boxes()) {
            if (box.frame().equals(frame)) {
                b.append(indent).append(quoted(box.id())).append(" [label=");
                b.append(quoted(String.join("\n", box.lines())));
                b.append(style(box)).append("];\n");
            }
        }
    }

    private static String style(Box box) {
        String shape =
                switch (box.shape()) {
                    case PROCESS -> ", shape=ellipse";
                    case SOCKET -> ", style=rounded";
                    case RING -> ", peripheries=2";
                    case FILE -> "";
                };
        if (!box.leaked()) {
            return shape;
        }
        return box.shape() == Drawing.Shape.SOCKET
                ? ", style=\"rounded,filled\", fillcolor=mistyrose"
                : shape + ", style=filled, fillcolor=mistyrose";
    }

    private void arrow(Arrow arrow) {
        b.append("  ").append(quoted(arrow.from())).append(" -> ").append(quoted(arrow.to()));
        b.append(" [label=").append(quoted(arrow.label()));
        b.append(", color=").append(colour(arrow.kind()));
        if (arrow.kind() == Kind.CONNECTED) {
            b.append(", style=dashed, dir=none, constraint=false");
        }
        b.append("];\n");
    }

    private static String colour(Kind kind) {
        return switch (kind) {
            case HELD -> "gray40";
            case QUEUED -> "red";
            case SLOT -> "blue";
            case REQUEST -> "orange";
            case CONNECTED -> "gray60";
        };
    }

    private static String quoted(String text) {
        String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return "\"" + escaped + "\"";
    }
}
