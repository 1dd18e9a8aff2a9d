package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Goal;
import dev.ringwatch.uring.bench.Comparison.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/** Results as text and as JSON. */
final class Report {
    private static final List<String> HEAD =
            List.of(
                    "contender",
                    "CPU ns",
                    "quartiles",
                    "a second",
                    "an enter",
                    "p99 us",
                    "p99.9 us",
                    "CPU ratio",
                    "quartiles",
                    "speed ratio",
                    "goal",
                    "met");

    private Report() {}

    /** A table; figures are medians over the windows, ratios medians over the pairs. */
    static String text(Runner.Result result) {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        Comparison comparison = result.comparison();
        rows.add(row(comparison.ours(), windows(result, comparison.ours())));
        for (Peer peer : comparison.peers()) {
            String reason = result.unavailable().get(peer.contender());
            if (reason != null) {
                rows.add(List.of(peer.contender().name(), "not available: " + reason));
                continue;
            }
            rows.add(peerRow(result, peer));
        }
        String head = "%s; CPU ns for one %s%n".formatted(comparison.title(), comparison.unit());
        return head + table(rows) + allocation(result);
    }

    private static List<String> row(Contender contender, List<Window> windows) {
        Quartiles cpu = each(windows, Window::cpuPerOperation);
        return List.of(
                contender.name(),
                whole(cpu.median()),
                whole(cpu.lower()) + "-" + whole(cpu.upper()),
                whole(each(windows, Window::perSecond).median()),
                optional(windows, Window::perEnter, "%.1f"),
                optional(windows, Report::p99Micros, "%.0f"),
                optional(windows, Report::p999Micros, "%.0f"));
    }

    private static List<String> peerRow(Runner.Result result, Peer peer) {
        Pairs pairs = Pairs.of(result, peer);
        List<String> row = new ArrayList<>(row(peer.contender(), pairs.theirs()));
        Quartiles cpu = pairs.cpu();
        row.add(two(cpu.median()));
        row.add(two(cpu.lower()) + "-" + two(cpu.upper()));
        row.add(two(pairs.speed().median()));
        row.add(goal(peer.goal()));
        row.add(met(peer.goal(), pairs));
        return row;
    }

    /** Ours and a peer's windows of the same rounds. */
    private record Pairs(List<Window> ours, List<Window> theirs) {
        static Pairs of(Runner.Result result, Peer peer) {
            return new Pairs(
                    windows(result, result.comparison().ours()), windows(result, peer.contender()));
        }

        Quartiles cpu() {
            return ratio((a, b) -> a.cpuPerOperation() / b.cpuPerOperation());
        }

        Quartiles p99() {
            return ratio((a, b) -> p99Micros(a).orElseThrow() / p99Micros(b).orElseThrow());
        }

        Quartiles p999() {
            return ratio((a, b) -> p999Micros(a).orElseThrow() / p999Micros(b).orElseThrow());
        }

        Quartiles speed() {
            return ratio((a, b) -> a.perSecond() / b.perSecond());
        }

        private Quartiles ratio(ToDoubleBiFunction<Window, Window> of) {
            double[] ratios = new double[ours.size()];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = of.applyAsDouble(ours.get(i), theirs.get(i));
            }
            return Quartiles.of(ratios);
        }
    }

    private static String goal(Goal goal) {
        return switch (goal) {
            case Goal.None() -> "-";
            case Goal.Cpu(double atMost) -> "CPU <= " + two(atMost);
            case Goal.CpuAndThroughput(double cpu, double throughput) ->
                    "CPU <= " + two(cpu) + ", speed >= " + two(throughput);
            case Goal.Latency(double atMost) -> "p99, p99.9 <= " + two(atMost);
        };
    }

    private static String met(Goal goal, Pairs pairs) {
        return switch (goal) {
            case Goal.None() -> "-";
            case Goal.Cpu(double atMost) -> yes(rounded(pairs.cpu()) <= atMost);
            case Goal.CpuAndThroughput(double cpu, double throughput) ->
                    yes(rounded(pairs.cpu()) <= cpu && rounded(pairs.speed()) >= throughput);
            case Goal.Latency(double atMost) ->
                    "%s (%s, %s)"
                            .formatted(
                                    yes(
                                            rounded(pairs.p99()) <= atMost
                                                    && rounded(pairs.p999()) <= atMost),
                                    two(pairs.p99().median()),
                                    two(pairs.p999().median()));
        };
    }

    /** A goal is met by the number that is printed. */
    private static double rounded(Quartiles ratio) {
        return Math.round(ratio.median() * 100) / 100.0;
    }

    private static String yes(boolean met) {
        return met ? "yes" : "no";
    }

    private static String allocation(Runner.Result result) {
        List<Window> ours = windows(result, result.comparison().ours());
        if (ours.stream().anyMatch(w -> w.allocated().isEmpty())) {
            return "";
        }
        long bytes = ours.stream().mapToLong(w -> w.allocated().orElse(0)).sum();
        long operations = ours.stream().mapToLong(Window::operations).sum();
        return String.format(
                Locale.ROOT, "allocated by ours: %,d bytes in %,d operations%n", bytes, operations);
    }

    /** For machines: one object for each comparison, with every window. */
    static String json(List<Runner.Result> results) {
        return list(results.stream().map(Report::json).toList());
    }

    private static String json(Runner.Result result) {
        Comparison comparison = result.comparison();
        List<String> contenders = new ArrayList<>();
        contenders.add(
                "{\"name\":%s,\"windows\":%s}"
                        .formatted(
                                quoted(comparison.ours().name()),
                                windowsJson(windows(result, comparison.ours()))));
        for (Peer peer : comparison.peers()) {
            contenders.add(json(result, peer));
        }
        return "{\"title\":%s,\"unit\":%s,\"contenders\":%s}"
                .formatted(quoted(comparison.title()), quoted(comparison.unit()), list(contenders));
    }

    private static String json(Runner.Result result, Peer peer) {
        String name = quoted(peer.contender().name());
        String reason = result.unavailable().get(peer.contender());
        if (reason != null) {
            return "{\"name\":%s,\"unavailable\":%s}".formatted(name, quoted(reason));
        }
        Pairs pairs = Pairs.of(result, peer);
        return "{\"name\":%s,\"cpu_ratio\":%s,\"speed_ratio\":%s,\"goal\":%s,\"met\":%s,\"windows\":%s}"
                .formatted(
                        name,
                        json(pairs.cpu()),
                        json(pairs.speed()),
                        quoted(goal(peer.goal())),
                        quoted(met(peer.goal(), pairs)),
                        windowsJson(pairs.theirs()));
    }

    private static String json(Quartiles q) {
        return String.format(
                Locale.ROOT,
                "{\"lower\":%.4f,\"median\":%.4f,\"upper\":%.4f}",
                q.lower(),
                q.median(),
                q.upper());
    }

    private static String windowsJson(List<Window> windows) {
        return list(windows.stream().map(Report::json).toList());
    }

    private static String json(Window window) {
        StringBuilder text = new StringBuilder();
        text.append("{\"operations\":").append(window.operations());
        text.append(",\"nanos\":").append(window.nanos());
        text.append(",\"cpu_nanos\":").append(window.cpuNanos());
        window.perEnter()
                .ifPresent(v -> text.append(String.format(Locale.ROOT, ",\"per_enter\":%.2f", v)));
        window.allocated().ifPresent(v -> text.append(",\"allocated_bytes\":").append(v));
        window.latency()
                .ifPresent(
                        v ->
                                text.append(",\"p99_nanos\":")
                                        .append(v.p99())
                                        .append(",\"p999_nanos\":")
                                        .append(v.p999()));
        return text.append("}").toString();
    }

    private static String list(List<String> items) {
        return "[" + String.join(",", items) + "]";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static List<Window> windows(Runner.Result result, Contender contender) {
        return result.windows().getOrDefault(contender, List.of());
    }

    private static Quartiles each(List<Window> windows, ToDoubleFunction<Window> value) {
        return Quartiles.of(windows.stream().mapToDouble(value).toArray());
    }

    private static OptionalDouble p99Micros(Window window) {
        return micros(window.latency().map(Window.Latency::p99));
    }

    private static OptionalDouble p999Micros(Window window) {
        return micros(window.latency().map(Window.Latency::p999));
    }

    private static OptionalDouble micros(Optional<Long> nanos) {
        return nanos.isPresent() ? OptionalDouble.of(nanos.get() / 1e3) : OptionalDouble.empty();
    }

    private static String optional(
            List<Window> windows,
            java.util.function.Function<Window, OptionalDouble> value,
            String format) {
        double[] known =
                windows.stream().map(value).flatMapToDouble(OptionalDouble::stream).toArray();
        return known.length == 0
                ? "-"
                : String.format(Locale.ROOT, format, Quartiles.of(known).median());
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** Columns as wide as they need to be, the first to the left and the others to the right. */
    private static String table(List<List<String>> rows) {
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size() && row.size() > 2; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(Math.max(0, widths[i] - row.get(i).length()));
                line.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}
