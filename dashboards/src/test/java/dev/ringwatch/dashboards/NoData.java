package dev.ringwatch.dashboards;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A metric that has no series on some machines, and how such a machine is known. What is asked of it
 * there must have no answer, and everywhere else it must have one.
 */
enum NoData {
    /** Only fentry programs see who waits for the collector, and some kernels refuse them. */
    WAITS("ringwatch_unix_gc_wait_seconds") {
        @Override
        boolean isHere(Prometheus prometheus) throws Exception {
            return !prometheus.answer("ringwatch_source_up{source=\"waits\"} == 0").isEmpty();
        }
    },

    /** The collector's variable has an address with CONFIG_KALLSYMS_ALL only. */
    CYCLIC("ringwatch_unix_gc_graph_cyclic") {
        @Override
        boolean isHere(Prometheus prometheus) throws IOException {
            try (Stream<String> symbols = Files.lines(Path.of("/proc/kallsyms"))) {
                return symbols.noneMatch(symbol -> symbol.contains(" unix_graph_"));
            }
        }
    },

    /** The kernel counts the runs of BPF programs while a sysctl says so. */
    PROGRAM_RUNS("ringwatch_bpf_program_run") {
        @Override
        boolean isHere(Prometheus prometheus) throws IOException {
            return Files.readString(Path.of("/proc/sys/kernel/bpf_stats_enabled")).startsWith("0");
        }
    },

    /** With eBPF every ring can be read; from {@code /proc} a busy one cannot. */
    UNREADABLE("ringwatch_uring_unreadable_rings") {
        @Override
        boolean isHere(Prometheus prometheus) throws Exception {
            return !prometheus.answer("ringwatch_source_up{source=\"bpf\"} == 1").isEmpty();
        }
    };

    private final String metric;

    NoData(String metric) {
        this.metric = metric;
    }

    /** Whether this is such a machine. */
    abstract boolean isHere(Prometheus prometheus) throws Exception;

    /** Whether an expression, or the name of a recorded series, has to do with it. */
    boolean concerns(String expression) {
        return expression.contains(metric);
    }

    /** All its series. */
    String series() {
        return "{__name__=~\"" + metric + ".*\"}";
    }
}
