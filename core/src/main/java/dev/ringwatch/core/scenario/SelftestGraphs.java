package dev.ringwatch.core.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The graphs of the kernel's own test of the collector (tools/testing/selftests/net/af_unix,
 * scm_rights.c) in its five kinds of sockets: socket i is passed twice through the far end of socket
 * j; then everything is closed.
 */
final class SelftestGraphs {
    private enum Graph {
        SELF_REF("Sockets that lie in their own queues", 2, "0-0 1-1"),
        TRIANGLE(
                "Two loops of three sockets, each in the next one's queue",
                6,
                "0-1 1-2 2-0 3-4 4-5 5-3"),
        CROSS_EDGE(
                "Two loops with a second way round: a walk meets a socket that it knows",
                8,
                "0-1 1-2 2-0 1-3 3-2 4-5 5-6 6-4 5-7 7-6"),
        BACKTRACK_FROM_SCC(
                "Two loops behind sockets in no loop: a walk comes back out of a component",
                10,
                "0-1 0-4 1-2 2-3 3-1 5-6 5-9 6-7 7-8 8-6");

        final String about;
        final int pairs;
        final List<String> sends;

        Graph(String about, int pairs, String sends) {
            this.about = about;
            this.pairs = pairs;
            this.sends = List.of(sends.split(" "));
        }
    }

    private enum Kind {
        DGRAM("datagram sockets", "dgram", false, ""),
        STREAM("stream sockets", "stream", false, ""),
        STREAM_OOB("stream sockets, the byte out of band", "stream", false, " oob"),
        STREAM_LISTENER("listeners with a connection that nobody accepts", "stream", true, ""),
        STREAM_LISTENER_OOB(
                "listeners with a connection that nobody accepts, the byte out of band",
                "stream",
                true,
                " oob");

        final String about;
        final String type;
        final boolean listener;
        final String flags;

        Kind(String about, String type, boolean listener, String flags) {
            this.about = about;
            this.type = type;
            this.listener = listener;
            this.flags = flags;
        }
    }

    private SelftestGraphs() {}

    /** The names, such as "self_ref-stream_oob". */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Graph graph : Graph.values()) {
            for (Kind kind : Kind.values()) {
                names.add(name(graph, kind));
            }
        }
        return names;
    }

    private static String name(Graph graph, Kind kind) {
        return (graph.name() + "-" + kind.name()).toLowerCase(java.util.Locale.ROOT);
    }

    /** The scenario of that name as a text, if it is one of these. */
    static Optional<String> source(String name) {
        for (Graph graph : Graph.values()) {
            for (Kind kind : Kind.values()) {
                if (name(graph, kind).equals(name)) {
                    return Optional.of(text(graph, kind));
                }
            }
        }
        return Optional.empty();
    }

    private static String text(Graph graph, Kind kind) {
        StringBuilder text = new StringBuilder();
        text.append("# ").append(graph.about).append(" (").append(kind.about).append(").");
        text.append("\n#\n# From the kernel's own test (scm_rights.c).\n");
        for (int i = 0; i < graph.pairs; i++) {
            text.append(pair(kind, i));
        }
        for (String send : graph.sends) {
            String[] ends = send.split("-");
            text.append(
                    "send s%1$s s%1$s over t%2$s%3$s\n".formatted(ends[0], ends[1], kind.flags));
        }
        for (int i = 0; i < graph.pairs; i++) {
            long times = timesSent(graph, i);
            text.append("expect in flight s%d = %d\n".formatted(i, 2 * times));
        }
        text.append("close");
        for (int i = 0; i < graph.pairs; i++) {
            text.append(" s%1$d t%1$d".formatted(i));
        }
        text.append("\nexpect no leak\nexpect no violation\n");
        return text.toString();
    }

    private static long timesSent(Graph graph, int socket) {
        return graph.sends.stream().filter(send -> send.startsWith(socket + "-")).count();
    }

    private static String pair(Kind kind, int i) {
        if (!kind.listener) {
            return "s%1$d, t%1$d = socketpair %2$s\n".formatted(i, kind.type);
        }
        return """
               s%1$d = socket %2$s
               bind s%1$d name%1$d
               listen s%1$d backlog 1
               t%1$d = socket %2$s
               connect t%1$d name%1$d
               """
                .formatted(i, kind.type);
    }
}
