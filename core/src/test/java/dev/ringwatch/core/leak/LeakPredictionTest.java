package dev.ringwatch.core.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.core.graph.FileKind;
import dev.ringwatch.core.graph.Holder;
import dev.ringwatch.core.graph.RandomGraphs;
import dev.ringwatch.core.graph.ReferenceGraph;
import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Oracle;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Packet;
import dev.ringwatch.core.kernel.PassedFiles;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.UnixSocket;
import dev.ringwatch.core.kernel.Vertex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is predicted of random garbage, against what the model of the kernel's collector then does.
 * Looks and runs alternate, as they do live, and the collector is known to have run in the way it is
 * known live. No look counts as many runs as convict by themselves.
 */
class LeakPredictionTest {
    private static final int PROGRAMS = 1_500;
    private static final int PID = 1;

    /** No garbage of so few sockets needs more runs than there are sockets. */
    private static final int MOST_SOCKETS = 8;

    private static final int LOOKS = 2 * MOST_SOCKETS;

    @ParameterizedTest
    @ValueSource(strings = {"scc-fresh-indices", "scc-6.12", "current", "scc-6.19"})
    void whatIsCalledLeakedIsNeverFreedAndAllThatIsNeverFreedIsCalledSo(String era) {
        int leaked = 0;
        for (int n = 0; n < PROGRAMS; n++) {
            Program program = new Program(era, n);
            Set<OpenFile> called = program.watch();
            Set<OpenFile> garbage = Oracle.garbage(program.model.state());
            assertEquals(garbage, called, () -> program.hint);
            leaked += called.size();
        }
        assertTrue(leaked > 0, "it happens");
    }

    @ParameterizedTest
    @ValueSource(strings = "scc-repaired")
    void nothingIsPredictedOfACollectorThatGivesAComponentOneIndex(String era) {
        for (int n = 0; n < PROGRAMS; n++) {
            Program program = new Program(era, n);
            assertEquals(Set.of(), program.watch(), () -> program.hint);
            assertEquals(Set.of(), Oracle.garbage(program.model.state()), () -> program.hint);
        }
    }

    /** Sockets sent at random, then closed but for some, with the collector at work meanwhile. */
    private static final class Program {
        final KernelModel model;
        final String hint;
        private final Random random;
        private final List<Integer> members = new ArrayList<>();

        /** With what to send to each member. */
        private final List<Integer> senders = new ArrayList<>();

        Program(String era, int n) {
            model = new KernelModel(KernelEra.named(era).orElseThrow());
            hint = era + ", " + RandomGraphs.hint(n);
            random = new Random(RandomGraphs.SEED * 1_000_003 + n);
            int sockets = 2 + random.nextInt(MOST_SOCKETS - 1);
            for (int s = 0; s < sockets; s++) {
                if (random.nextInt(6) == 0) {
                    addListener("name " + s);
                } else {
                    addPair();
                }
            }
            for (int i = sockets + random.nextInt(2 * sockets); i > 0; i--) {
                send(random.nextInt(sockets), random.nextInt(sockets));
            }
            for (int fd : members) {
                if (random.nextInt(20) != 0) {
                    close(fd);
                }
            }
            for (int fd : senders) {
                if (random.nextInt(4) != 0) {
                    close(fd);
                }
            }
            model.settle();
        }

        private void addPair() {
            List<Integer> pair = done(new Syscall.SocketPair(PID, SocketType.STREAM));
            members.add(pair.get(0));
            senders.add(pair.get(1));
        }

        /** With a connection that nobody accepts. */
        private void addListener(String address) {
            int listener = done(new Syscall.Socket(PID, SocketType.STREAM)).getFirst();
            int caller = done(new Syscall.Socket(PID, SocketType.STREAM)).getFirst();
            done(new Syscall.Bind(PID, listener, address));
            done(new Syscall.Listen(PID, listener, 4));
            done(new Syscall.Connect(PID, caller, address, false));
            members.add(listener);
            senders.add(caller);
        }

        private void send(int receiver, int sent) {
            done(Syscall.Send.of(PID, senders.get(receiver), members.get(sent)));
            if (random.nextInt(8) == 0) {
                model.trigger();
                model.settle();
            }
        }

        private List<Integer> done(Syscall call) {
            return ((Outcome.Done) model.apply(call)).values();
        }

        private void close(int fd) {
            done(new Syscall.Close(PID, fd));
        }

        private boolean isOpen(int fd) {
            return descriptors().containsKey(fd);
        }

        private Map<Integer, OpenFile> descriptors() {
            return Objects.requireNonNull(model.state().tasks().get(PID)).descriptors();
        }

        /** Looks many times; gives what was called leaked at any look. */
        Set<OpenFile> watch() {
            Set<OpenFile> called = new HashSet<>();
            Map<OpenFile, Integer> before = Map.of();
            for (int look = 0; look < LOOKS; look++) {
                if (look < MOST_SOCKETS && random.nextInt(4) == 0) {
                    sendSomethingNew();
                }
                Map<OpenFile, Integer> garbage = new HashMap<>();
                for (OpenFile file : leaked(before, garbage)) {
                    assertFalse(file.released(), hint);
                    called.add(file);
                }
                before = garbage;
                runTheCollector();
            }
            assertTrue(called.stream().noneMatch(OpenFile::released), hint);
            return called;
        }

        /** A process that has a peer of a socket sends it another: also of one that is garbage. */
        private void sendSomethingNew() {
            List<Integer> open = senders.stream().filter(this::isOpen).toList();
            if (!open.isEmpty()) {
                List<Integer> pair = done(new Syscall.SocketPair(PID, SocketType.STREAM));
                int via = open.get(random.nextInt(open.size()));
                model.apply(Syscall.Send.of(PID, via, pair.get(0))); // the peer may be gone
                pair.forEach(this::close);
                model.settle();
            }
        }

        /** Until a loop made for that is gone: as CollectorWitness has it. */
        private void runTheCollector() {
            List<Integer> pair = done(new Syscall.SocketPair(PID, SocketType.STREAM));
            OpenFile loop = Objects.requireNonNull(descriptors().get(pair.get(0)));
            done(Syscall.Send.of(PID, pair.get(1), pair.get(0)));
            close(pair.get(0));
            model.trigger();
            model.settle();
            assertTrue(loop.released(), hint);
            close(pair.get(1));
            model.settle();
        }

        /**
         * @param before the garbage of the look before, with its counts of references
         * @param garbage where to write that of this look
         */
        private List<OpenFile> leaked(
                Map<OpenFile, Integer> before, Map<OpenFile, Integer> garbage) {
            List<OpenFile> files = List.copyOf(model.state().files());
            Judgement judgement = LeakFinder.judge(graph(files), new View(files, before));
            List<OpenFile> leaked = new ArrayList<>();
            for (int f = 0; f < files.size(); f++) {
                OpenFile file = files.get(f);
                switch (judgement.state(f)) {
                    case LEAKED -> {
                        leaked.add(file);
                        garbage.put(file, file.references());
                    }
                    case COLLECTABLE -> garbage.put(file, file.references());
                    case HELD -> {}
                    case ORPHANED, UNDECIDED -> throw new AssertionError(hint);
                }
            }
            return leaked;
        }

        /** What would be observed. */
        private ReferenceGraph graph(List<OpenFile> files) {
            ReferenceGraph.Builder builder = new ReferenceGraph.Builder();
            Map<OpenFile, Integer> index = new HashMap<>();
            for (OpenFile file : files) {
                index.put(file, builder.file(FileKind.UNIX_SOCKET, file.references(), false));
            }
            descriptors()
                    .forEach(
                            (fd, file) ->
                                    builder.outside(
                                            indexOf(index, file),
                                            new Holder.DescriptorSlot(PID, fd)));
            for (OpenFile file : files) {
                for (OpenFile queued : queued(Objects.requireNonNull(file.socket()))) {
                    builder.queued(indexOf(index, file), indexOf(index, queued), 0);
                }
            }
            return builder.build();
        }

        private static int indexOf(Map<OpenFile, Integer> index, OpenFile file) {
            return Objects.requireNonNull(index.get(file));
        }

        private static List<OpenFile> queued(UnixSocket socket) {
            List<OpenFile> all = new ArrayList<>();
            for (Packet packet : socket.queue()) {
                PassedFiles passed = packet.passed();
                UnixSocket embryo = packet.embryo();
                if (passed != null) {
                    all.addAll(passed.files());
                }
                if (embryo != null) {
                    all.addAll(queued(embryo));
                }
            }
            return all;
        }
    }

    /** What would be known of the collector. */
    private record View(List<OpenFile> files, Map<OpenFile, Integer> before)
            implements CollectorView {
        @Override
        public int runs(int socket) {
            OpenFile file = files.get(socket);
            return before.getOrDefault(file, 0) == file.references() ? 1 : 0;
        }

        @Override
        public int componentIndex(int socket) {
            Vertex vertex = vertex(socket);
            return vertex == null ? UNKNOWN : Math.toIntExact(vertex.componentIndex());
        }

        @Override
        public int inFlight(int socket) {
            Vertex vertex = vertex(socket);
            return vertex == null ? UNKNOWN : vertex.outDegree();
        }

        private @Nullable Vertex vertex(int socket) {
            return Objects.requireNonNull(files.get(socket).socket()).vertex();
        }
    }
}
