package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import dev.ringwatch.agent.top.Screen;
import dev.ringwatch.agent.top.View;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A live table of who holds what. */
@Command(
        name = "top",
        description = "Shows live, by group or process, what rings and queues hold.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch top",
            "  ringwatch top --processes --filter nginx",
            "  ringwatch top --batch --count 2 > two-looks.txt",
            "",
            "Keys: q quit, p processes or groups, < > or arrows: sort by another column, r reverse,",
            "/ filter by a text, Esc no filter, Ctrl-L draw anew.",
            "A number that could not be read is shown as -. Rows with findings are red.",
            "Exit status: 0 ended as told, 2 an error."
        })
final class TopCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofMillis(100);

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            defaultValue = "2s",
            description = "How often to look, at least 100ms. Default: ${DEFAULT-VALUE}.")
    private Duration interval = Duration.ofSeconds(2);

    @Option(names = "--processes", description = "Begin with processes, not groups.")
    private boolean processes;

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Begin with rows whose name, group or process id has this text.")
    private String filter = "";

    @Option(
            names = "--batch",
            description = "Write lines, not a screen; what is done where there is no terminal.")
    private boolean batch;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after so many looks. Without a terminal, the default is one.")
    private Optional<Integer> count = Optional.empty();

    @Mixin private final SourceOption source = new SourceOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        View view = View.START.filtered(filter);
        view = processes ? view.toggled() : view;
        boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false)
                        && count.isEmpty();
        Optional<Screen> screen = batch || !terminal ? Optional.empty() : Screen.open(view);
        if (screen.isEmpty()) {
            write(view);
        } else {
            show(screen.get());
        }
        return ExitStatus.OK;
    }

    private void check() {
        if (interval.compareTo(SHORTEST) < 0) {
            throw new CliException("--interval: must be at least " + SHORTEST.toMillis() + "ms");
        }
        if (count.orElse(1) < 1) {
            throw new CliException("--count: must be at least 1");
        }
    }

    private void write(View view) {
        try (Observer observer = source.open()) {
            Tracker tracker = new Tracker(Thresholds.DEFAULT);
            int looks = count.orElse(batch ? Integer.MAX_VALUE : 1);
            for (int i = 0; i < looks; i++) {
                if (i > 0) {
                    LockSupport.parkNanos(interval.toNanos());
                    System.out.println();
                }
                Tracked tracked = tracker.accept(SourceOption.observe(observer));
                view.lines(tracked, ZoneId.systemDefault())
                        .forEach(line -> System.out.println(line.text()));
                System.out.flush();
                if (System.out.checkError()) {
                    return; // nobody reads any more
                }
            }
        }
    }

    /** Looks in one thread, which what may be seen belongs to, and shows in this one. */
    private void show(Screen screen) throws IOException, InterruptedException {
        try (screen;
                Watch watch = Watch.start(source, interval)) {
            screen.run(watch::last, ZoneId.systemDefault());
        }
    }
}
