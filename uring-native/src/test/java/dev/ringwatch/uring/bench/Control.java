package dev.ringwatch.uring.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** A contender's side of the conversation, see {@link Contender}. */
final class Control {
    private Control() {}

    /** What a contender that drives itself has done so far. */
    static final class Work {
        long operations;
        long enters;
    }

    /** A bit of work, some microseconds to some milliseconds. */
    @FunctionalInterface
    interface Turn {
        void go(Work work) throws IOException;
    }

    /**
     * Says that a server is ready, and answers until the input ends, which ends the process.
     *
     * @param counts "COMPLETIONS ENTERS", or "- -" if it does not know
     */
    static void serve(int port, Supplier<String> counts) {
        Thread.ofPlatform().daemon().name("control").start(() -> answer(counts));
        say("ready " + port);
    }

    private static void answer(Supplier<String> counts) {
        try (BufferedReader lines = input()) {
            while (lines.readLine() != null) {
                say(counts.get());
            }
            System.exit(0);
        } catch (IOException e) {
            throw new BenchException("cannot read what to do", e);
        }
    }

    /** Says that this contender can't run here, and why, and ends the process. */
    static void unavailable(String reason) {
        say("unavailable " + reason.replaceAll("\\s+", " "));
        System.exit(0);
    }

    /** Takes turns on the calling thread for as long as each line "run SECONDS" says. */
    static void runs(Turn turn) throws IOException {
        var threads =
                (com.sun.management.ThreadMXBean)
                        java.lang.management.ManagementFactory.getThreadMXBean();
        try (BufferedReader lines = input()) {
            say("ready");
            String line;
            while ((line = lines.readLine()) != null) {
                long nanos = (long) (Double.parseDouble(line.split(" ")[1]) * 1e9);
                Work work = new Work();
                long allocated = threads.getCurrentThreadAllocatedBytes();
                long begin = System.nanoTime();
                long now;
                do {
                    turn.go(work);
                    now = System.nanoTime();
                } while (now - begin < nanos);
                allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
                say("%d %d %d %d".formatted(work.operations, now - begin, work.enters, allocated));
            }
        }
    }

    private static BufferedReader input() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
