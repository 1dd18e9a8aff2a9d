package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Drive;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** A contender that runs, and how to make it work. */
final class Session implements AutoCloseable {
    /** Seconds of load before the measured ones, in which connections are made. */
    private static final double SETTLE = 0.2;

    private final Worker worker;
    private final Worker load;
    private final Drive drive;
    private final String[] greeting;

    /** Messages a second of a paced load; 0 until it is known, which is as fast as can be. */
    private double rate;

    private Session(Worker worker, Worker load, Drive drive) {
        this.worker = worker;
        this.load = load;
        this.drive = drive;
        greeting = worker.read().split(" ", 2);
    }

    /**
     * Starts a contender.
     *
     * @param load the load generator, which is also the clock
     * @param folder its working directory
     */
    static Session start(Contender contender, Worker load, Drive drive, Path folder) {
        Worker worker = Worker.start(contender.name(), contender.command(), folder);
        return new Session(worker, load, drive);
    }

    /** Why this contender cannot run here, if so. */
    Optional<String> unavailable() {
        return greeting[0].equals("ready") ? Optional.empty() : Optional.of(greeting[1]);
    }

    /** Sets the rate of a paced load. */
    void pace(double perSecond) {
        rate = perSecond;
    }

    Window window(double seconds) {
        return switch (drive) {
            case Drive.Itself() -> itself(seconds);
            case Drive.Echo(int connections, int bytes) ->
                    loaded("echo", connections, bytes + " 1", seconds);
            case Drive.Paced(int connections, int bytes, double share) ->
                    rate == 0
                            ? loaded("echo", connections, bytes + " 1", seconds)
                            : loaded("pace", connections, bytes + " " + rate, seconds);
            case Drive.Get(int connections, String file, long bytes) ->
                    loaded("get", connections, file + " " + bytes, seconds);
        };
    }

    private Window itself(double seconds) {
        long cpu = Long.parseLong(load.ask("cpu " + worker.pid()));
        long[] did = numbers(worker.ask("run " + seconds));
        long used = Long.parseLong(load.ask("cpu " + worker.pid())) - cpu;
        long enters = did[2];
        return new Window(
                did[0],
                did[1],
                used,
                enters == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) did[0] / enters),
                did.length > 3 ? OptionalLong.of(did[3]) : OptionalLong.empty(),
                Optional.empty());
    }

    private Window loaded(String command, int connections, String what, double seconds) {
        String before = worker.ask("count");
        long[] did =
                numbers(
                        load.ask(
                                "%s %s %d %d %s %s %s"
                                        .formatted(
                                                command,
                                                greeting[1],
                                                worker.pid(),
                                                connections,
                                                what,
                                                SETTLE,
                                                seconds)));
        String after = worker.ask("count");
        return new Window(
                did[0],
                did[1],
                did[2],
                perEnter(before, after),
                OptionalLong.empty(),
                Optional.of(new Window.Latency(did[4], did[5])));
    }

    private static OptionalDouble perEnter(String before, String after) {
        if (before.startsWith("-")) {
            return OptionalDouble.empty();
        }
        long[] begin = numbers(before);
        long[] end = numbers(after);
        return OptionalDouble.of((double) (end[0] - begin[0]) / (end[1] - begin[1]));
    }

    private static long[] numbers(String line) {
        return List.of(line.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() {
        worker.close();
    }
}
