package dev.ringwatch.agent.top;

import dev.ringwatch.agent.top.View.Line;
import dev.ringwatch.agent.track.Tracked;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** Shows views of what is seen on the whole screen, and obeys keys. For one thread. */
public final class Screen implements AutoCloseable {
    /** How soon a new observation or another size of the window is shown. */
    private static final long TICK_MILLIS = 200;

    /** How long after an escape the rest of a key's sequence may come. */
    private static final long SEQUENCE_MILLIS = 50;

    private static final int ESCAPE = 27;
    private static final int DELETE = 127;
    private static final int BACKSPACE = 8;
    private static final int CONTROL_C = 3;
    private static final int CONTROL_L = 12;
    private static final String HELP =
            "q quit  p processes or groups  < > or arrows: sort by  r reverse  / filter  Esc no"
                    + " filter";

    private final Terminal terminal;
    private final Attributes before;
    private final Display display;
    private final Thread restoring;
    private volatile boolean told;

    private View view;
    private Optional<String> typed = Optional.empty();

    private Screen(Terminal terminal, View view) {
        this.terminal = terminal;
        this.view = view;
        before = terminal.enterRawMode();
        display = new Display(terminal, true);
        terminal.handle(Terminal.Signal.INT, signal -> told = true);
        restoring = Thread.ofPlatform().name("ringwatch-terminal").unstarted(this::restore);
        Runtime.getRuntime().addShutdownHook(restoring);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
    }

    /** Takes over the terminal; nothing if it can only write lines. */
    public static Optional<Screen> open(View view) throws IOException {
        Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
        if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
            terminal.close();
            return Optional.empty();
        }
        return Optional.of(new Screen(terminal, view));
    }

    /** Shows what is seen until it is told to end. */
    public void run(Supplier<Tracked> seen, ZoneId zone) throws IOException {
        int shown = 0;
        Size size = terminal.getSize();
        boolean changed = true;
        while (!told) {
            Tracked now = seen.get();
            Size sizeNow = terminal.getSize();
            if (changed || now.observations() != shown || !sizeNow.equals(size)) {
                shown = now.observations();
                size = sizeNow;
                draw(view.lines(now, zone), size);
            }
            changed = obey(terminal.reader());
        }
    }

    private void draw(List<Line> lines, Size size) {
        int rows = Math.max(2, size.getRows());
        int columns = Math.max(20, size.getColumns());
        List<AttributedString> text = new ArrayList<>();
        int room = rows - 1;
        int shown = lines.size() > room ? room - 1 : lines.size();
        lines.subList(0, shown).forEach(line -> text.add(styled(line, columns)));
        if (shown < lines.size()) {
            text.add(new AttributedString("... and %d more".formatted(lines.size() - shown)));
        }
        while (text.size() < room) {
            text.add(AttributedString.EMPTY);
        }
        String foot = typed.map(t -> "filter: " + t + "_").orElse(HELP);
        text.add(cut(foot, columns, AttributedStyle.DEFAULT.faint()));
        display.resize(Size.of(columns, rows));
        display.update(text, -1);
    }

    private static AttributedString styled(Line line, int columns) {
        AttributedStyle plain = AttributedStyle.DEFAULT;
        AttributedStyle style =
                switch (line.look()) {
                    case SUMMARY -> plain.bold();
                    case HEADS -> plain.inverse();
                    case ROW -> plain;
                    case FOUND -> plain.foreground(AttributedStyle.RED);
                    case WARNING -> plain.foreground(AttributedStyle.YELLOW);
                };
        return cut(line.text(), columns, style);
    }

    private static AttributedString cut(String text, int columns, AttributedStyle style) {
        return new AttributedString(
                text.length() < columns ? text : text.substring(0, columns - 1), style);
    }

    /** Waits a little for a key; whether it changed what is to be shown. */
    private boolean obey(NonBlockingReader keys) throws IOException {
        int key = keys.read(TICK_MILLIS);
        if (key == NonBlockingReader.READ_EXPIRED) {
            return false;
        }
        if (key == NonBlockingReader.EOF) {
            told = true;
            return false;
        }
        int known = key == ESCAPE ? sequence(keys) : key;
        if (typed.isPresent()) {
            type(known, typed.get());
        } else {
            command(known);
        }
        return true;
    }

    /** Arrows are told by what follows an escape: they become {@code <} and {@code >}. */
    private static int sequence(NonBlockingReader keys) throws IOException {
        int next = keys.read(SEQUENCE_MILLIS);
        if (next != '[' && next != 'O') {
            return ESCAPE;
        }
        return switch (keys.read(SEQUENCE_MILLIS)) {
            case 'C' -> '>';
            case 'D' -> '<';
            default -> 0;
        };
    }

    private void command(int key) {
        switch (key) {
            case 'q', 'Q', CONTROL_C -> told = true;
            case 'p', 'g' -> view = view.toggled();
            case '<' -> view = view.moved(-1);
            case '>' -> view = view.moved(1);
            case 'r' -> view = view.turned();
            case CONTROL_L -> display.clear();
            case '/' -> typed = Optional.of(view.filter());
            case ESCAPE -> view = view.filtered("");
            default -> {
                // no other key means anything
            }
        }
    }

    private void type(int key, String soFar) {
        switch (key) {
            case '\r', '\n' -> {
                view = view.filtered(soFar);
                typed = Optional.empty();
            }
            case ESCAPE -> typed = Optional.empty();
            case CONTROL_C -> told = true;
            case BACKSPACE, DELETE ->
                    typed = Optional.of(soFar.substring(0, Math.max(0, soFar.length() - 1)));
            default -> typed = Optional.of(key < ' ' ? soFar : soFar + Character.toString(key));
        }
    }

    /** Also when the process is told to end: the terminal belongs to whoever comes after. */
    private void restore() {
        terminal.puts(Capability.exit_ca_mode);
        terminal.puts(Capability.cursor_visible);
        terminal.setAttributes(before);
        terminal.flush();
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(restoring);
            restore();
        } catch (IllegalStateException e) {
            return; // the process ends: the hook does it
        }
        terminal.close();
    }
}
