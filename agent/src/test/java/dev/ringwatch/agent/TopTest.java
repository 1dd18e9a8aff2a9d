package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code top} in a terminal, and where there is none. */
class TopTest {
    private static final long PATIENCE_SECONDS = 60;

    /** Otherwise only what changes is written. */
    private static final String DRAW_ANEW = "\f";

    @Test
    void withoutATerminalItWritesOneTable() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 12)) {
            Cli cli = Cli.run("top", "--processes", "--filter", Long.toString(sample.pid()));

            assertEquals(ExitStatus.OK, cli.status(), cli.err());
            String row = cli.out().lines().reduce((a, b) -> b).orElseThrow();
            assertTrue(row.matches(" *" + sample.pid() + " .* 12 +12 +100 .*"), cli.out());
        }
    }

    @Test
    void itLooksAsOftenAsTold() {
        Cli cli = Cli.run("top", "--batch", "--count", "3", "--interval", "100ms");
        assertEquals(ExitStatus.OK, cli.status(), cli.err());
        assertEquals(3, cli.out().lines().filter(l -> l.startsWith("ringwatch ")).count());
    }

    @Test
    void anIntervalThatIsTooShortIsRefused() {
        Cli cli = Cli.run("top", "--interval", "1ms");
        assertEquals(ExitStatus.ERROR, cli.status());
        assertEquals("ringwatch: --interval: must be at least 100ms\n", cli.err());
    }

    /** {@code script} gives it a terminal, whose keys and screen are here. */
    @Test
    void inATerminalKeysChangeWhatIsShownAndQuitLeavesItAsItWas() throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 12);
                Pty pty = new Pty("top", "--interval", "100ms")) {
            pty.awaitText("GROUP");
            pty.awaitText("q quit");
            pty.type("p" + DRAW_ANEW);
            pty.awaitText("PID");
            pty.awaitText(Long.toString(sample.pid()));
            pty.type("/nobody-has-this-name\r" + DRAW_ANEW);
            pty.awaitText("nobody passes the filter");
            pty.type("q");
            assertEquals(ExitStatus.OK, pty.awaitEnd());
            pty.awaitText("\u001b[?1049l");
        }
    }

    private static final class Pty implements AutoCloseable {
        private final Process process;
        private final OutputStream keys;
        private final InputStream screen;
        private final StringBuilder shown = new StringBuilder();

        Pty(String... arguments) throws IOException {
            String command =
                    Sample.ownProgram().stream()
                            .map(word -> "'" + word + "'")
                            .collect(Collectors.joining(" "));
            process =
                    new ProcessBuilder(
                                    "script",
                                    "--quiet",
                                    "--return",
                                    "--command",
                                    "stty rows 24 cols 120; exec "
                                            + command
                                            + " "
                                            + String.join(" ", List.of(arguments)),
                                    "/dev/null")
                            .redirectErrorStream(true)
                            .start();
            keys = process.getOutputStream();
            screen = process.getInputStream();
        }

        void type(String text) throws IOException {
            keys.write(text.getBytes(StandardCharsets.US_ASCII));
            keys.flush();
        }

        /** Waits until the text was written to the terminal after the last that was awaited. */
        void awaitText(String text) throws IOException, InterruptedException {
            long start = System.nanoTime();
            while (shown.indexOf(text) < 0) {
                assertTrue(
                        System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)
                                && (process.isAlive() || screen.available() > 0),
                        () -> "not shown: " + text + " in " + shown);
                if (screen.available() == 0) {
                    process.waitFor(20, TimeUnit.MILLISECONDS);
                }
                byte[] bytes = screen.readNBytes(screen.available());
                shown.append(new String(bytes, StandardCharsets.UTF_8));
            }
            shown.delete(0, shown.indexOf(text) + text.length());
        }

        int awaitEnd() throws InterruptedException {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it does not end");
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
