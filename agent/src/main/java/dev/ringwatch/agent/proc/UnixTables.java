package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcFiles.Miss;
import dev.ringwatch.agent.proc.ProcFiles.Reading;
import dev.ringwatch.agent.proc.ProcSnapshot.PeerSource;
import dev.ringwatch.agent.proc.ProcUnixSocket.SocketType;
import dev.ringwatch.agent.proc.ProcUnixSocket.Source;
import dev.ringwatch.agent.proc.ProcUnixSocket.State;
import dev.ringwatch.agent.proc.UnixDiag.Answer;
import dev.ringwatch.agent.proc.UnixDiag.UnixDiagSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The AF_UNIX sockets of every network namespace that some readable process is in.
 *
 * <p>In the reader's own namespace sock_diag is the source where it answers, since nobody can forge
 * its entries; {@code net/unix} then adds the embryos. Elsewhere {@code net/unix} is the only one.
 */
final class UnixTables {
    final List<ProcUnixSocket> sockets = new ArrayList<>();
    PeerSource peers = new PeerSource.Unavailable("sock_diag was not asked");
    int namespacesMissed;

    private final Path root;
    private final ProcFiles files;
    private final Deadline deadline;
    private final UnixDiag diag;

    UnixTables(Path root, ProcFiles files, Deadline deadline, UnixDiag diag) {
        this.root = root;
        this.files = files;
        this.deadline = deadline;
        this.diag = diag;
    }

    void read(List<ProcProcess> processes) {
        OptionalLong own = ProcessWalk.namespace(files, root.resolve("self/ns/net"));
        if (own.isPresent()) {
            readOwn(own);
        } else {
            peers = new PeerSource.Unavailable("the reader is not in the pid namespace of " + root);
        }
        Map<Long, List<Integer>> members = new HashMap<>();
        for (ProcProcess p : processes) {
            if (!p.networkNamespace().equals(own)) {
                p.networkNamespace()
                        .ifPresent(
                                n ->
                                        members.computeIfAbsent(n, k -> new ArrayList<>())
                                                .add(p.pid()));
            }
        }
        members.forEach(this::readOther);
    }

    private void readOwn(OptionalLong namespace) {
        Optional<String> text = ProcessWalk.got(files.text(root.resolve("net/unix")));
        if (text.isEmpty()) {
            namespacesMissed++;
        }
        List<ProcUnixSocket> listed = text.map(t -> NetUnix.parse(t, namespace)).orElse(List.of());
        switch (diag.dump()) {
            case Answer.Sockets(List<UnixDiagSocket> asked) -> {
                peers = new PeerSource.Known();
                asked.forEach(s -> sockets.add(socket(s, namespace)));
                listed.stream().filter(s -> s.inode() == 0).forEach(sockets::add);
            }
            case Answer.Unavailable(String reason) -> {
                peers = new PeerSource.Unavailable(reason);
                sockets.addAll(listed);
            }
        }
    }

    /** Any member will do; a namespace whose members have all ended is left out. */
    private void readOther(long namespace, List<Integer> members) {
        boolean missed = false;
        for (int pid : members) {
            if (deadline.passed()) {
                missed = true;
                break;
            }
            switch (files.text(root.resolve(pid + "/net/unix"))) {
                case Reading.Got<String>(String text) -> {
                    sockets.addAll(NetUnix.parse(text, OptionalLong.of(namespace)));
                    return;
                }
                case Reading.Missed<String>(Miss why) -> missed |= why != Miss.GONE;
            }
        }
        if (missed) {
            namespacesMissed++;
        }
    }

    private static ProcUnixSocket socket(UnixDiagSocket s, OptionalLong namespace) {
        return new ProcUnixSocket(
                namespace,
                s.inode(),
                SocketType.of(s.type()),
                state(s.state()),
                s.name(),
                s.peer(),
                Optional.of(s.pending()),
                s.shutdown(),
                OptionalLong.empty(),
                Source.SOCK_DIAG);
    }

    /** TCP_* of net/tcp_states.h, as AF_UNIX uses them. */
    private static State state(int number) {
        return switch (number) {
            case 1 -> State.CONNECTED;
            case 7 -> State.UNCONNECTED;
            case 10 -> State.LISTENING;
            default -> State.OTHER;
        };
    }
}
