package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.BigGraphs;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.graph.Scc;
import java.util.Arrays;
import java.util.function.IntSupplier;

/**
 * How long components and verdicts take and how much they keep, by hand: {@code java -Xmx4g -cp
 * target/classes:target/test-classes dev.ringwatch.core.leak.GraphBenchmark [files references]}.
 */
public final class GraphBenchmark {
    private static final int ROUNDS = 9;

    private GraphBenchmark() {}

    /** Takes the number of files and of references, by default a million and ten million. */
    public static void main(String[] args) {
        int files = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        int references = args.length > 1 ? Integer.parseInt(args[1]) : 10_000_000;
        keep(files, references);
        measure("held", BigGraphs.random(files, references, files / 100, 1));
        measure("unreachable", BigGraphs.random(files, references, 0, 1));
        measure("one loop", BigGraphs.loop(files));
    }

    private static void keep(int files, int references) {
        long before = used();
        ReferenceGraph graph = BigGraphs.random(files, references, files / 100, 1);
        report("graph", used() - before, references);
        Scc scc = Scc.of(graph);
        Judgement judgement = LeakFinder.judge(graph, _ -> 0);
        report("graph, components and verdicts", used() - before, references);
        System.out.printf(
                "%d files, %d components, %d verdicts%n",
                graph.fileCount(), scc.count(), judgement.verdicts().size());
    }

    private static void measure(String name, ReferenceGraph graph) {
        time(name + ": components", () -> Scc.of(graph).count());
        time(name + ": judge", () -> LeakFinder.judge(graph, _ -> 0).verdicts().size());
    }

    private static void time(String what, IntSupplier work) {
        long[] millis = new long[ROUNDS];
        int found = 0;
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            found = work.getAsInt();
            millis[i] = (System.nanoTime() - start) / 1_000_000;
        }
        Arrays.sort(millis);
        System.out.printf(
                "%-34s median %d ms, quartiles %d to %d, found %d%n",
                what, millis[ROUNDS / 2], millis[ROUNDS / 4], millis[ROUNDS * 3 / 4], found);
    }

    private static void report(String what, long bytes, int references) {
        System.out.printf("%-34s %.1f bytes a reference%n", what, (double) bytes / references);
    }

    private static long used() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
