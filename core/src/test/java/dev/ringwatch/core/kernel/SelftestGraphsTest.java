package dev.ringwatch.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.core.kernel.Outcome.Done;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The graphs of the kernel's own test of the collector (tools/testing/selftests/net/af_unix,
 * scm_rights.c), in its five kinds of sockets, in every era: pair i passes its first socket twice
 * through the second socket of pair j; then all descriptors are closed.
 */
class SelftestGraphsTest {
    private static final int PID = 1;

    private enum Graph {
        SELF_REF(2, "0-0 1-1"),
        TRIANGLE(6, "0-1 1-2 2-0 3-4 4-5 5-3"),
        CROSS_EDGE(8, "0-1 1-2 2-0 1-3 3-2 4-5 5-6 6-4 5-7 7-6"),
        BACKTRACK_FROM_SCC(10, "0-1 0-4 1-2 2-3 3-1 5-6 5-9 6-7 7-8 8-6");

        final int pairs;
        final String sends;

        Graph(int pairs, String sends) {
            this.pairs = pairs;
            this.sends = sends;
        }
    }

    private enum Kind {
        DGRAM(SocketType.DGRAM, false, false),
        STREAM(SocketType.STREAM, false, false),
        STREAM_OOB(SocketType.STREAM, false, true),
        STREAM_LISTENER(SocketType.STREAM, true, false),
        STREAM_LISTENER_OOB(SocketType.STREAM, true, true);

        final SocketType type;
        final boolean listener;
        final boolean oob;

        Kind(SocketType type, boolean listener, boolean oob) {
            this.type = type;
            this.listener = listener;
            this.oob = oob;
        }
    }

    static Stream<Arguments> all() {
        return KernelEra.presets().stream()
                .flatMap(
                        era ->
                                Stream.of(Graph.values())
                                        .flatMap(
                                                graph ->
                                                        Stream.of(Kind.values())
                                                                .map(
                                                                        kind ->
                                                                                Arguments.of(
                                                                                        era.name(),
                                                                                        graph,
                                                                                        kind))));
    }

    @ParameterizedTest(name = "{1} of {2} under {0}")
    @MethodSource("all")
    void isCollected(String era, Graph graph, Kind kind) {
        KernelModel model = new KernelModel(KernelEra.named(era).orElseThrow());
        List<Integer> fds = new ArrayList<>();
        for (int i = 0; i < graph.pairs; i++) {
            fds.addAll(pair(model, kind, "name" + i));
        }
        for (String send : graph.sends.split(" ")) {
            int from = fds.get(2 * Integer.parseInt(send.substring(0, 1)));
            int via = fds.get(2 * Integer.parseInt(send.substring(2)) + 1);
            done(model.apply(new Syscall.Send(PID, via, List.of(from, from), 1, kind.oob, null)));
        }
        assertEquals(graph.sends.split(" ").length * 2, model.state().inFlight());
        for (int fd : fds) {
            done(model.apply(new Syscall.Close(PID, fd)));
        }
        model.collectAll();
        assertEquals(List.of(), List.copyOf(model.state().files()));
        assertEquals(List.of(), model.state().violations());
        assertEquals(0, model.state().inFlight());
    }

    private static List<Integer> pair(KernelModel model, Kind kind, String name) {
        if (!kind.listener) {
            return done(model.apply(new Syscall.SocketPair(PID, kind.type))).values();
        }
        int listener = done(model.apply(new Syscall.Socket(PID, kind.type))).value();
        done(model.apply(new Syscall.Bind(PID, listener, name)));
        done(model.apply(new Syscall.Listen(PID, listener, 1)));
        int connected = done(model.apply(new Syscall.Socket(PID, kind.type))).value();
        done(model.apply(new Syscall.Connect(PID, connected, name, false)));
        return List.of(listener, connected);
    }

    private static Done done(Outcome outcome) {
        return (Done) outcome;
    }
}
