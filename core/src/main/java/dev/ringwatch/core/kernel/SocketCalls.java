package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.KernelEra.Detail;
import dev.ringwatch.core.kernel.KernelEra.SendRing;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import dev.ringwatch.core.kernel.UnixSocket.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of AF_UNIX sockets, after {@code net/unix/af_unix.c} and {@code
 * net/core/scm.c}: each checks in the kernel's order, so that it gives the kernel's error.
 */
final class SocketCalls {
    /** {@code net.unix.max_dgram_qlen}: how many datagrams strangers may queue. */
    private static final int DATAGRAM_BACKLOG = 10;

    private final KernelState kernel;

    SocketCalls(KernelState kernel) {
        this.kernel = kernel;
    }

    Outcome socket(Task task, SocketType type) {
        return install(task, kernel.newSocket(type));
    }

    private Outcome install(Task task, UnixSocket socket) {
        int fd = task.freeDescriptor();
        if (fd < 0) {
            return new Refused(Errno.EMFILE);
        }
        OpenFile file = kernel.openSocket(socket);
        file.get();
        task.install(fd, file);
        return Done.of(fd);
    }

    Outcome socketPair(Task task, SocketType type) {
        if (task.descriptors.size() + 2 > task.descriptorLimit) {
            return new Refused(Errno.EMFILE);
        }
        UnixSocket a = kernel.newSocket(type);
        UnixSocket b = kernel.newSocket(type);
        a.peer = b;
        b.peer = a;
        a.state = State.ESTABLISHED;
        b.state = State.ESTABLISHED;
        Outcome first = install(task, a);
        Outcome second = install(task, b);
        return Done.of(((Done) first).value(), ((Done) second).value());
    }

    Outcome bind(UnixSocket socket, String address) {
        if (socket.address != null) {
            return new Refused(Errno.EINVAL);
        }
        String key = KernelState.nameKey(socket.type(), address);
        if (kernel.names.containsKey(key)) {
            return new Refused(Errno.EADDRINUSE);
        }
        socket.address = address;
        kernel.names.put(key, socket);
        return Done.of();
    }

    Outcome listen(UnixSocket socket, int backlog) {
        if (!socket.type().connects()) {
            return new Refused(Errno.EOPNOTSUPP);
        }
        if (socket.address == null || socket.state == State.ESTABLISHED) {
            return new Refused(Errno.EINVAL);
        }
        socket.state = State.LISTEN;
        socket.backlog = backlog;
        return Done.of();
    }

    Outcome connect(UnixSocket socket, String address, boolean split) {
        UnixSocket other = kernel.names.get(KernelState.nameKey(socket.type(), address));
        if (socket.type() == SocketType.DGRAM) {
            return other == null ? new Refused(Errno.ECONNREFUSED) : connectDatagram(socket, other);
        }
        Errno refusal = cannotConnect(socket, other);
        if (refusal != null) {
            // The embryo was made in advance and is released again.
            kernel.triggerCollector(() -> "a connection of " + socket + " that was refused");
            return new Refused(refusal);
        }
        return connectTo(socket, Objects.requireNonNull(other), split);
    }

    private static @Nullable Errno cannotConnect(UnixSocket socket, @Nullable UnixSocket other) {
        if (other == null || other.state != State.LISTEN || other.receiveShutdown) {
            return Errno.ECONNREFUSED;
        }
        if (other.queue.size() > other.backlog) {
            return Errno.EAGAIN;
        }
        return switch (socket.state) {
            case CLOSE -> null;
            case ESTABLISHED -> Errno.EISCONN;
            case LISTEN -> Errno.EINVAL;
        };
    }

    private Outcome connectTo(UnixSocket socket, UnixSocket other, boolean split) {
        UnixSocket embryo = kernel.newSocket(socket.type());
        embryo.peer = socket;
        embryo.state = State.ESTABLISHED;
        embryo.listener = other;
        embryo.address = other.address;
        socket.state = State.ESTABLISHED;
        socket.peer = embryo;
        if (split) {
            kernel.addWork(new Work.FinishConnect(embryo));
        } else {
            finishConnect(embryo);
        }
        return Done.of();
    }

    void finishConnect(UnixSocket embryo) {
        UnixSocket listener = embryo.listener();
        if (listener != null) {
            listener.queue.add(Packet.announcing(embryo));
            kernel.wakeForInput(listener.file);
        }
    }

    private Outcome connectDatagram(UnixSocket socket, UnixSocket other) {
        if (!maySend(socket, other)) {
            return new Refused(Errno.EPERM);
        }
        socket.state = State.ESTABLISHED;
        other.state = State.ESTABLISHED;
        UnixSocket before = socket.peer;
        socket.peer = other;
        if (before != null && before != other) {
            disconnected(socket, before);
            if (before.peer == null) {
                before.state = State.CLOSE;
            }
        }
        return Done.of();
    }

    private static boolean maySend(UnixSocket socket, UnixSocket other) {
        return other.peer == null || other.peer == socket;
    }

    /** {@code unix_dgram_disconnected}: what the old peer sent is lost, and it is told so. */
    private void disconnected(UnixSocket socket, UnixSocket before) {
        if (!socket.queue.isEmpty()) {
            for (Packet p = socket.queue.poll(); p != null; p = socket.queue.poll()) {
                kernel.free(p);
            }
            if (!before.dead && before.peer == socket) {
                before.error = Errno.ECONNRESET;
                kernel.wake(before.file);
            }
        }
    }

    Outcome accept(Task task, UnixSocket listener) {
        Errno refusal = cannotAccept(listener);
        if (refusal != null) {
            return new Refused(refusal);
        }
        if (task.freeDescriptor() < 0) {
            return new Refused(Errno.EMFILE);
        }
        return install(task, takeConnection(listener));
    }

    static @Nullable Errno cannotAccept(UnixSocket listener) {
        if (!listener.type().connects()) {
            return Errno.EOPNOTSUPP;
        }
        if (listener.state != State.LISTEN) {
            return Errno.EINVAL;
        }
        return listener.queue.isEmpty() ? Errno.EAGAIN : null;
    }

    UnixSocket takeConnection(UnixSocket listener) {
        UnixSocket embryo = listener.queue.remove().embryo();
        if (embryo == null) {
            throw new IllegalStateException(listener + " has a packet that announces nobody");
        }
        kernel.accepted(embryo);
        return embryo;
    }

    Outcome shutdown(UnixSocket socket, boolean read, boolean write) {
        if (!read && !write) {
            return new Refused(Errno.EINVAL);
        }
        socket.receiveShutdown |= read;
        socket.sendShutdown |= write;
        kernel.wake(socket.file);
        UnixSocket peer = socket.peer;
        if (peer != null && socket.type().connects()) {
            peer.sendShutdown |= read;
            peer.receiveShutdown |= write;
            kernel.wake(peer.file);
        }
        return Done.of();
    }

    // ---- sending ----

    Outcome send(Task task, UnixSocket socket, Syscall.Send call) {
        if (socket.type() == SocketType.SEQPACKET) {
            Errno error = takeError(socket);
            if (error != null || socket.state != State.ESTABLISHED) {
                return new Refused(error == null ? Errno.ENOTCONN : error);
            }
        }
        List<OpenFile> files = new ArrayList<>();
        Errno refusal = takeFiles(task, call.fds(), files);
        if (refusal == null) {
            kernel.triggerIfTooMany();
            return socket.type() == SocketType.STREAM
                    ? sendStream(task, socket, call, files)
                    : sendPacket(task, socket, call, files);
        }
        files.forEach(kernel::put);
        return new Refused(refusal);
    }

    /** {@code scm_fp_copy}. */
    private @Nullable Errno takeFiles(Task task, List<Integer> fds, List<OpenFile> files) {
        if (fds.size() > PassedFiles.MAX) {
            return Errno.EINVAL;
        }
        for (int fd : fds) {
            OpenFile file = task.descriptors.get(fd);
            if (file == null) {
                return Errno.EBADF;
            }
            if (file.ring() != null && kernel.era().sendRing() == SendRing.REFUSED) {
                return Errno.EINVAL;
            }
            file.get();
            files.add(file);
        }
        return null;
    }

    private Outcome refuse(Errno errno, List<OpenFile> files) {
        files.forEach(kernel::put);
        return new Refused(errno);
    }

    private boolean tooMany(Task task, List<OpenFile> files) {
        return !files.isEmpty() && !task.capable && task.user.inFlight > task.descriptorLimit;
    }

    private Outcome sendStream(
            Task task, UnixSocket socket, Syscall.Send call, List<OpenFile> files) {
        if (call.oob() && call.bytes() == 0) {
            return refuse(Errno.EOPNOTSUPP, files);
        }
        if (call.to() != null) {
            return refuse(
                    socket.state == State.ESTABLISHED ? Errno.EISCONN : Errno.EOPNOTSUPP, files);
        }
        UnixSocket peer = socket.peer;
        if (peer == null) {
            return refuse(Errno.ENOTCONN, files);
        }
        if (socket.sendShutdown) {
            return refuse(Errno.EPIPE, files);
        }
        if (call.bytes() == 0) {
            files.forEach(kernel::put); // no packet is made, and nothing says so
            return Done.of(0);
        }
        if (tooMany(task, files)) {
            return refuse(Errno.ETOOMANYREFS, files);
        }
        if (peer.dead || peer.receiveShutdown) {
            return refuse(Errno.EPIPE, files);
        }
        int plain = call.oob() ? call.bytes() - 1 : call.bytes();
        List<OpenFile> left = files;
        if (plain > 0) {
            queue(peer, new Packet(passed(left, task), plain));
            left = List.of();
        }
        if (call.oob()) {
            Packet urgent = new Packet(passed(left, task), 1);
            peer.oob = urgent;
            queue(peer, urgent);
        }
        return Done.of(call.bytes());
    }

    private static @Nullable PassedFiles passed(List<OpenFile> files, Task task) {
        return files.isEmpty() ? null : new PassedFiles(files, task.user);
    }

    private void queue(UnixSocket receiver, Packet packet) {
        PassedFiles passed = packet.passed();
        if (passed != null) {
            kernel.queued(passed, receiver);
        }
        receiver.queue.add(packet);
        kernel.wakeForInput(receiver.file);
    }

    private Outcome sendPacket(
            Task task, UnixSocket socket, Syscall.Send call, List<OpenFile> files) {
        boolean sequenced = socket.type() == SocketType.SEQPACKET;
        if (call.oob()) {
            return refuse(Errno.EOPNOTSUPP, files);
        }
        UnixSocket other = socket.peer;
        String to = sequenced ? null : call.to();
        boolean peerLast = kernel.era().has(Detail.PEER_LOOKED_UP_LAST);
        if (to == null && other == null && !peerLast) {
            return refuse(Errno.ENOTCONN, files);
        }
        Errno error = takeError(socket);
        if (error != null) {
            return refuse(error, files);
        }
        if (socket.sendShutdown) {
            return refuse(Errno.EPIPE, files);
        }
        if (tooMany(task, files)) {
            return refuse(Errno.ETOOMANYREFS, files);
        }
        if (to != null) {
            other = kernel.names.get(KernelState.nameKey(socket.type(), to));
        }
        if (other == null) {
            return refuse(to == null ? Errno.ENOTCONN : Errno.ECONNREFUSED, files);
        }
        return deliver(task, socket, other, call.bytes(), files);
    }

    private Outcome deliver(
            Task task, UnixSocket socket, UnixSocket other, int bytes, List<OpenFile> files) {
        if (!maySend(socket, other)) {
            return refuse(Errno.EPERM, files);
        }
        if (other.dead) {
            return peerIsDead(socket, other, files);
        }
        if (other.receiveShutdown) {
            return refuse(Errno.EPIPE, files);
        }
        if (other != socket && other.peer != socket && other.queue.size() > DATAGRAM_BACKLOG) {
            return refuse(Errno.EAGAIN, files);
        }
        queue(other, new Packet(passed(files, task), bytes));
        return Done.of(bytes);
    }

    private Outcome peerIsDead(UnixSocket socket, UnixSocket other, List<OpenFile> files) {
        if (socket.type() == SocketType.SEQPACKET) {
            return refuse(Errno.EPIPE, files);
        }
        socket.peer = null;
        socket.state = State.CLOSE;
        disconnected(socket, other);
        return refuse(Errno.ECONNREFUSED, files);
    }

    private static @Nullable Errno takeError(UnixSocket socket) {
        Errno error = socket.error;
        socket.error = null;
        return error;
    }

    // ---- receiving ----

    /** What a receive got before descriptors are made of it. */
    private static final class Received {
        int bytes;
        @Nullable PassedFiles files;
    }

    Outcome receive(Task task, UnixSocket socket, Syscall.Receive call) {
        Received received = new Received();
        Errno refusal =
                socket.type() == SocketType.STREAM
                        ? receiveStream(socket, call, received)
                        : receivePacket(socket, call, received);
        if (refusal != null) {
            return new Refused(refusal);
        }
        return installReceived(task, received, call.room());
    }

    /** {@code scm_detach_fds}: as many as fit become descriptors, the rest is dropped. */
    private Outcome installReceived(Task task, Received received, int room) {
        List<Integer> values = new ArrayList<>(List.of(received.bytes, 0));
        PassedFiles passed = received.files;
        if (passed == null) {
            return new Done(values);
        }
        for (OpenFile file : passed.files()) {
            int fd = task.freeDescriptor();
            if (values.size() - 2 == room || fd < 0) {
                values.set(1, 1);
                break;
            }
            file.get();
            task.install(fd, file);
            values.add(fd);
        }
        passed.files().forEach(kernel::put);
        return new Done(values);
    }

    private @Nullable Errno receivePacket(
            UnixSocket socket, Syscall.Receive call, Received received) {
        if (socket.type() == SocketType.SEQPACKET && socket.state != State.ESTABLISHED) {
            return Errno.ENOTCONN;
        }
        if (call.oob()) {
            return Errno.EOPNOTSUPP;
        }
        Errno error = takeError(socket);
        if (error != null) {
            return error;
        }
        Packet packet = socket.queue.peek();
        if (packet == null) {
            return socket.type() == SocketType.SEQPACKET && socket.receiveShutdown
                    ? null
                    : Errno.EAGAIN;
        }
        received.bytes = Math.min(call.bytes(), packet.bytes);
        if (call.peek()) {
            peek(packet, received);
        } else {
            detach(packet, socket, received);
            socket.queue.remove();
        }
        return null;
    }

    private void detach(Packet packet, UnixSocket socket, Received received) {
        PassedFiles passed = packet.passed();
        if (passed != null) {
            kernel.unqueued(passed, socket);
            received.files = packet.detach();
        }
    }

    private void peek(Packet packet, Received received) {
        PassedFiles passed = packet.passed();
        if (passed != null) {
            kernel.peek(passed);
            received.files = new PassedFiles(passed.files(), passed.user);
        }
    }

    private @Nullable Errno receiveStream(
            UnixSocket socket, Syscall.Receive call, Received received) {
        if (socket.state != State.ESTABLISHED) {
            return Errno.EINVAL;
        }
        if (call.oob()) {
            return receiveUrgent(socket, call.peek(), received);
        }
        return call.peek()
                ? peekStream(socket, call.bytes(), received)
                : readStream(socket, call.bytes(), received);
    }

    /** What a stream says that gave nothing because nothing is left to read. */
    private static @Nullable Errno nothingLeft(UnixSocket socket) {
        Errno error = takeError(socket);
        return error != null ? error : socket.receiveShutdown ? null : Errno.EAGAIN;
    }

    /** {@code unix_stream_recv_urg}: the byte alone; its packet and what it carries stay. */
    private static @Nullable Errno receiveUrgent(
            UnixSocket socket, boolean peek, Received received) {
        Packet urgent = socket.oob;
        if (urgent == null) {
            return Errno.EINVAL;
        }
        received.bytes = 1;
        if (!peek) {
            socket.oob = null;
            removeReadBefore(socket, urgent);
            urgent.bytes = 0;
        }
        return null;
    }

    /** An older packet whose byte was read out of band, right before the new one, goes. */
    private static void removeReadBefore(UnixSocket socket, Packet urgent) {
        Packet before = null;
        for (Packet packet : socket.queue) {
            if (packet == urgent) {
                break;
            }
            before = packet;
        }
        if (before != null && before.bytes == 0) {
            socket.queue.remove(before);
        }
    }

    /** Even of a read of no bytes, the first packet gives its files. */
    private @Nullable Errno readStream(UnixSocket socket, int size, Received received) {
        do {
            boolean empty = socket.queue.isEmpty();
            Packet packet = nextToRead(socket, received.bytes > 0);
            if (packet == null) {
                boolean ends = size == 0 && !empty && kernel.era().has(Detail.EMPTY_READ_ENDS);
                return ends || received.bytes > 0 ? null : nothingLeft(socket);
            }
            int chunk = Math.min(size - received.bytes, packet.bytes);
            packet.bytes -= chunk;
            received.bytes += chunk;
            detach(packet, socket, received);
            if (packet.bytes > 0) {
                return null;
            }
            socket.queue.remove(packet);
        } while (received.files == null && received.bytes < size);
        return null;
    }

    /** {@code manage_oob} of a receive that takes: the packet to read, or null where it ends. */
    private @Nullable Packet nextToRead(UnixSocket socket, boolean copied) {
        Packet packet = socket.queue.peek();
        if (packet == null) {
            return null;
        }
        if (packet.bytes == 0) { // its byte was read out of band
            boolean goesOn = kernel.era().has(Detail.READ_BEHIND_URGENT);
            if (goesOn && copied && (socket.oob == null || socket.oob == packet)) {
                return null;
            }
            free(socket, packet);
            packet = goesOn ? socket.queue.peek() : null;
        }
        if (packet == null || packet != socket.oob) {
            return packet;
        }
        if (copied) {
            return null; // a read stops at the mark
        }
        socket.oob = null;
        free(socket, packet);
        return socket.queue.peek();
    }

    private void free(UnixSocket socket, Packet packet) {
        socket.queue.remove(packet);
        kernel.free(packet); // scm_stat.nr_fds is not lowered on this path
    }

    /** A look goes on behind the last byte asked for, up to the first packet with files. */
    private @Nullable Errno peekStream(UnixSocket socket, int size, Received received) {
        boolean looked = false;
        boolean unchecked = false;
        for (Packet packet : socket.queue) {
            boolean copied = received.bytes > 0;
            boolean readAlready = packet.bytes == 0;
            if (readAlready && !kernel.era().has(Detail.READ_BEHIND_URGENT)) {
                looked = false;
                unchecked = true; // what is behind it is not asked whether it is out of band
                continue;
            }
            if (unchecked) {
                unchecked = false;
            } else if (packet == socket.oob || (readAlready && socket.oob == null)) {
                if (copied) {
                    return null; // a look stops at the mark
                }
                looked = false;
                continue;
            }
            if (readAlready) {
                looked = false;
                continue;
            }
            looked = true;
            received.bytes += Math.min(size - received.bytes, packet.bytes);
            if (packet.passed() != null) {
                peek(packet, received);
                return null;
            }
        }
        boolean ends =
                size == 0 && !socket.queue.isEmpty() && kernel.era().has(Detail.EMPTY_READ_ENDS);
        return ends || looked || received.bytes > 0 ? null : nothingLeft(socket);
    }
}
