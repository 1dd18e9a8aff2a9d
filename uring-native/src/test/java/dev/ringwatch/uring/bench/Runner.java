package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Drive;
import dev.ringwatch.uring.bench.Comparison.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a comparison: rounds in which every contender has one window, so that each of ours has a
 * neighbour of each peer's. The order turns round with every round. All contenders are started anew
 * every {@value #ROUNDS_PER_START} rounds, since two starts of one program are not equally fast.
 *
 * @param rounds 1 or more
 * @param seconds of a window
 * @param warm seconds of a processor before the first window after a start, not measured
 */
record Runner(int rounds, double seconds, double warm) {
    static final int ROUNDS_PER_START = 3;

    private static final int MOST_WARM_WINDOWS = 4;

    /** Of a processor: whoever waits for a disk does not get all of one. */
    private static final double ENOUGH = 0.7;

    /**
     * What came out.
     *
     * @param windows of each contender that ran, one a round
     * @param unavailable why others did not
     */
    record Result(
            Comparison comparison,
            Map<Contender, List<Window>> windows,
            Map<Contender, String> unavailable) {}

    Result run(Comparison comparison, Tools tools) {
        Result result = new Result(comparison, new LinkedHashMap<>(), new LinkedHashMap<>());
        try (Worker load =
                Worker.start(
                        "the load generator",
                        List.of(tools.programs().path("load").toString()),
                        tools.folder())) {
            load.read();
            for (int done = 0; done < rounds; done += ROUNDS_PER_START) {
                play(result, tools, load, done, Math.min(rounds, done + ROUNDS_PER_START));
            }
        }
        return result;
    }

    private void play(Result result, Tools tools, Worker load, int from, int to) {
        Map<Contender, Session> sessions = new LinkedHashMap<>();
        try {
            double slowest = Double.MAX_VALUE;
            for (Contender contender : contenders(result.comparison())) {
                slowest = Math.min(slowest, start(result, contender, load, tools, sessions));
            }
            if (result.comparison().drive() instanceof Drive.Paced paced) {
                double rate = Math.rint(slowest * paced.share());
                progress(result, "%,.0f messages a second".formatted(rate));
                sessions.values().forEach(session -> session.pace(rate));
            }
            for (int round = from; round < to; round++) {
                progress(result, "round " + (round + 1) + " of " + rounds);
                for (Contender contender : inOrder(sessions, round)) {
                    Window window = session(sessions, contender).window(seconds);
                    result.windows().computeIfAbsent(contender, c -> new ArrayList<>()).add(window);
                }
            }
        } finally {
            sessions.values().forEach(Session::close);
        }
    }

    /** Starts it and warms it up; operations a second meanwhile. */
    private double start(
            Result result,
            Contender contender,
            Worker load,
            Tools tools,
            Map<Contender, Session> sessions) {
        progress(result, "starting " + contender.name());
        Session session =
                Session.start(contender, load, result.comparison().drive(), tools.folder());
        sessions.put(contender, session);
        Optional<String> reason = session.unavailable();
        if (reason.isEmpty()) {
            return warmUp(session);
        }
        if (contender.equals(result.comparison().ours())) {
            throw new BenchException(contender.name() + " cannot run here: " + reason.get());
        }
        session.close();
        sessions.remove(contender);
        result.unavailable().put(contender, reason.get());
        return Double.MAX_VALUE;
    }

    /** Until it had so much of a processor, on which a busy machine may let it wait. */
    private double warmUp(Session session) {
        Window window = session.window(warm);
        double cpu = window.cpuNanos() / 1e9;
        for (int i = 1; i < MOST_WARM_WINDOWS && cpu < warm * ENOUGH; i++) {
            window = session.window(warm);
            cpu += window.cpuNanos() / 1e9;
        }
        return window.perSecond();
    }

    private static Session session(Map<Contender, Session> sessions, Contender contender) {
        Session session = sessions.get(contender);
        if (session == null) {
            throw new IllegalStateException(contender.name() + " was not started");
        }
        return session;
    }

    private static List<Contender> inOrder(Map<Contender, Session> sessions, int round) {
        List<Contender> order = new ArrayList<>(sessions.keySet());
        return round % 2 == 0 ? order : order.reversed();
    }

    private static List<Contender> contenders(Comparison comparison) {
        List<Contender> all = new ArrayList<>(List.of(comparison.ours()));
        comparison.peers().stream().map(Peer::contender).forEach(all::add);
        return all;
    }

    private static void progress(Result result, String text) {
        System.err.println(result.comparison().title() + ": " + text);
    }
}
