package dev.ringwatch.agent.differ;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.core.kernel.Errno;
import dev.ringwatch.core.kernel.Outcome;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import dev.ringwatch.core.kernel.Request;
import dev.ringwatch.core.kernel.Ring.Completion;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Does the model's system calls on the running kernel, and gives their outcomes in the model's terms:
 * descriptors by the numbers that they would have in a process that has no others.
 *
 * <p>No call waits. Where a call has no flag for that, its file is marked non-blocking for as long as
 * the call takes, and not longer: a request of io_uring on such a file would fail and not wait.
 *
 * <p>What needs a process of its own (fork, exec, exit, users, limits) is {@link Unsupported}. For one
 * thread, which owns the rings and the registrations that are made.
 */
final class LiveKernel implements AutoCloseable {
    private static final int F_SETFD = 2;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;
    private static final int MSG_OOB = 1;
    private static final int PAGE = 4096;
    private static final int SHUT_NOTHING = 3; // no such way
    private static final int MFD_CLOEXEC = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SEND_BYTES = 1 << 24;

    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_FILES_UPDATE = 6;
    private static final int REGISTER_RING_FDS = 20;
    private static final int UNREGISTER_RING_FDS = 21;

    private static int nextFile;

    private final Arena arena = Arena.ofConfined();
    private final Scratch scratch = new Scratch(arena);
    private final String prefix;
    private final Numbers numbers = new Numbers();
    private final TreeMap<Integer, Long> mappings = new TreeMap<>();
    private final TreeMap<Integer, Boolean> registered = new TreeMap<>();
    private final Map<Integer, LiveRing> rings = new HashMap<>();
    private final List<LiveRing> allRings = new ArrayList<>();
    private final SqeWriter writer;
    private int nextMapping = 1;
    private @Nullable OwnedFd anyRing;

    /**
     * @param prefix makes the names that programs bind their own
     */
    LiveKernel(String prefix, LiveFiles files) {
        this.prefix = prefix;
        writer = new SqeWriter(numbers, files);
    }

    Numbers numbers() {
        return numbers;
    }

    List<Integer> mappings() {
        return List.copyOf(mappings.keySet());
    }

    List<Integer> registeredRings() {
        return List.copyOf(registered.keySet());
    }

    static int type(SocketType type) {
        return switch (type) {
            case STREAM -> Sockets.SOCK_STREAM;
            case DGRAM -> Sockets.SOCK_DGRAM;
            case SEQPACKET -> Sockets.SOCK_SEQPACKET;
        };
    }

    /** An AF_UNIX socket is opened and closed. */
    void trigger() throws ErrnoException {
        Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0).close();
    }

    /** Lets a request go on that waits behind a timeout; without one does nothing. */
    void fire(@Nullable LiveRing ring, int request) throws ErrnoException, Unsupported {
        if (ring != null) {
            ring.fire(request, numbers);
            lookForInstalled(ring);
        }
    }

    Outcome apply(Syscall system) throws Unsupported, ErrnoException {
        return switch (system) {
            case Syscall.Dup c -> dup(c.fd());
            case Syscall.Close c -> close(c.fd());
            case Syscall.SetCloseOnExec c ->
                    done(
                            call(
                                    dev.ringwatch.uring.sys.Syscall.FCNTL,
                                    real(c.fd()),
                                    F_SETFD,
                                    c.on() ? FD_CLOEXEC : 0));
            case Syscall.Fork _,
                    Syscall.Exec _,
                    Syscall.Exit _,
                    Syscall.SetLimit _,
                    Syscall.SetUser _ ->
                    throw new Unsupported("needs a process of its own");
            case Syscall.Map c -> map(c.fd());
            case Syscall.Unmap c -> unmap(c.mapping());
            case Syscall.Open _ -> open();
            case Syscall.Pipe _ ->
                    two(call(dev.ringwatch.uring.sys.Syscall.PIPE2, words(), Fds.O_CLOEXEC, 0));
            case Syscall.Write c ->
                    value(
                            nonBlocking(
                                    c.fd(),
                                    fd ->
                                            call(
                                                    dev.ringwatch.uring.sys.Syscall.WRITE,
                                                    fd,
                                                    scratch.data(c.bytes()).address(),
                                                    c.bytes())));
            case Syscall.Read c ->
                    value(
                            nonBlocking(
                                    c.fd(),
                                    fd ->
                                            call(
                                                    dev.ringwatch.uring.sys.Syscall.READ,
                                                    fd,
                                                    scratch.data(c.bytes()).address(),
                                                    c.bytes())));
            case Syscall.Socket c ->
                    large(
                            call(
                                    dev.ringwatch.uring.sys.Syscall.SOCKET,
                                    Sockets.AF_UNIX,
                                    type(c.type()) | Fds.O_CLOEXEC,
                                    0));
            case Syscall.SocketPair c ->
                    pair(
                            call(
                                    dev.ringwatch.uring.sys.Syscall.SOCKETPAIR,
                                    Sockets.AF_UNIX,
                                    type(c.type()) | Fds.O_CLOEXEC,
                                    0,
                                    words()));
            case Syscall.Bind c -> {
                MemorySegment name = scratch.address(prefix + c.address());
                yield done(
                        call(
                                dev.ringwatch.uring.sys.Syscall.BIND,
                                real(c.fd()),
                                name.address(),
                                name.byteSize()));
            }
            case Syscall.Listen c ->
                    done(
                            call(
                                    dev.ringwatch.uring.sys.Syscall.LISTEN,
                                    real(c.fd()),
                                    c.backlog(),
                                    0));
            case Syscall.Connect c -> connect(c);
            case Syscall.Accept c ->
                    one(
                            nonBlocking(
                                    c.fd(),
                                    fd ->
                                            call(
                                                    dev.ringwatch.uring.sys.Syscall.ACCEPT4,
                                                    fd,
                                                    0,
                                                    0,
                                                    Fds.O_CLOEXEC)));
            case Syscall.Send c -> send(c);
            case Syscall.Receive c -> receive(c);
            case Syscall.Shutdown c ->
                    done(
                            call(
                                    dev.ringwatch.uring.sys.Syscall.SHUTDOWN,
                                    real(c.fd()),
                                    c.read() ? (c.write() ? 2 : 0) : c.write() ? 1 : SHUT_NOTHING,
                                    0));
            case Syscall.SetupRing _ -> setupRing();
            case Syscall.RegisterFiles c -> registerFiles(c);
            case Syscall.UpdateFiles c -> updateFiles(c);
            case Syscall.UnregisterFiles c ->
                    done(register(real(c.ring()), UNREGISTER_FILES, 0, 0));
            case Syscall.RegisterRing c -> registerRing(c);
            case Syscall.UnregisterRing c -> unregisterRing(c.index());
            case Syscall.Submit c -> submit(c);
            case Syscall.Reap c -> reap(c.ring());
        };
    }

    // ---- outcomes ----

    private static Outcome refused(long result) {
        for (Errno errno : Errno.values()) {
            if (errno.number() == -result) {
                return new Refused(errno);
            }
        }
        throw new IllegalStateException("the model knows no error " + -result);
    }

    /** Of a call that gives nothing. */
    private static Outcome done(long result) {
        return result < 0 ? refused(result) : Done.of();
    }

    /** Of a call that gives a number. */
    private static Outcome value(long result) {
        return result < 0 ? refused(result) : Done.of((int) result);
    }

    /** Of a call that gives a descriptor. */
    private Outcome one(long result) throws ErrnoException {
        return result < 0 ? refused(result) : Done.of(numbers.add(LiveFile.of((int) result)));
    }

    /** Of a call that makes a socket. How much one may send before it waits is not modelled. */
    private Outcome large(long result) throws ErrnoException {
        if (result >= 0) {
            Sockets.setOption((int) result, Sockets.SOL_SOCKET, SO_SNDBUFFORCE, SEND_BYTES);
        }
        return one(result);
    }

    /** Of a call that stores two descriptors. */
    private Outcome two(long result) throws ErrnoException {
        if (result < 0) {
            return refused(result);
        }
        int first = scratch.words().get(JAVA_INT, 0);
        int second = scratch.words().get(JAVA_INT, 4);
        return Done.of(numbers.add(LiveFile.of(first)), numbers.add(LiveFile.of(second)));
    }

    private Outcome pair(long result) throws ErrnoException {
        if (result >= 0) {
            for (int i = 0; i < 2; i++) {
                int fd = scratch.words().getAtIndex(JAVA_INT, i);
                Sockets.setOption(fd, Sockets.SOL_SOCKET, SO_SNDBUFFORCE, SEND_BYTES);
            }
        }
        return two(result);
    }

    // ---- descriptors ----

    private int real(int number) {
        return numbers.real(number);
    }

    private long words() {
        return scratch.words().address();
    }

    /** A system call on a descriptor. */
    private interface Attempt {
        long on(int fd);
    }

    private long nonBlocking(int number, Attempt attempt) {
        int fd = real(number);
        call(dev.ringwatch.uring.sys.Syscall.FCNTL, fd, F_SETFL, Fds.O_NONBLOCK);
        long result = attempt.on(fd);
        call(dev.ringwatch.uring.sys.Syscall.FCNTL, fd, F_SETFL, 0);
        return result;
    }

    private Outcome dup(int number) throws ErrnoException {
        LiveFile file = numbers.all().get(number);
        if (file == null) {
            return new Refused(Errno.EBADF);
        }
        int copy = Fds.dup(file.fd()).release();
        LiveFile copied = new LiveFile(copy, file.identity(), file.ring());
        int given = numbers.add(copied);
        remember(given, copied);
        return Done.of(given);
    }

    private void remember(int number, LiveFile file) {
        if (file.ring() != null) {
            rings.put(number, file.ring());
        }
    }

    private Outcome close(int number) {
        long result = call(dev.ringwatch.uring.sys.Syscall.CLOSE, real(number), 0, 0);
        numbers.remove(number);
        rings.remove(number);
        return done(result);
    }

    private Outcome open() throws ErrnoException {
        String name = "differ" + nextFile++;
        try (Arena confined = Arena.ofConfined()) {
            return one(
                    call(
                            dev.ringwatch.uring.sys.Syscall.MEMFD_CREATE,
                            confined.allocateFrom(name).address(),
                            MFD_CLOEXEC,
                            0));
        }
    }

    private Outcome map(int number) {
        long address =
                call(
                        dev.ringwatch.uring.sys.Syscall.MMAP,
                        0,
                        PAGE,
                        MappedMemory.PROT_READ,
                        MappedMemory.MAP_SHARED,
                        real(number),
                        0);
        if (address < 0) {
            return refused(address);
        }
        int mapping = nextMapping++;
        mappings.put(mapping, address);
        return Done.of(mapping);
    }

    private Outcome unmap(int mapping) {
        Long address = mappings.remove(mapping);
        return address == null
                ? new Refused(Errno.EINVAL)
                : done(call(dev.ringwatch.uring.sys.Syscall.MUNMAP, address, PAGE, 0));
    }

    // ---- sockets ----

    private Outcome connect(Syscall.Connect c) throws Unsupported {
        if (c.split()) {
            throw new Unsupported("the kernel does not connect in two steps");
        }
        MemorySegment name = scratch.address(prefix + c.address());
        return done(
                nonBlocking(
                        c.fd(),
                        fd ->
                                call(
                                        dev.ringwatch.uring.sys.Syscall.CONNECT,
                                        fd,
                                        name.address(),
                                        name.byteSize())));
    }

    private Outcome send(Syscall.Send c) {
        MemorySegment message = scratch.message(c.bytes());
        if (!c.fds().isEmpty()) {
            scratch.passing(message, c.fds().stream().mapToInt(this::real).toArray());
        }
        String to = c.to();
        if (to != null) {
            MemorySegment name = scratch.address(prefix + to);
            message.set(JAVA_LONG, Msghdr.NAME, name.address());
            message.set(JAVA_INT, Msghdr.NAMELEN, (int) name.byteSize());
        }
        int flags = Sockets.MSG_DONTWAIT | (c.oob() ? MSG_OOB : 0);
        return value(Sockets.sendMessage(real(c.fd()), message, flags));
    }

    private Outcome receive(Syscall.Receive c) throws ErrnoException {
        MemorySegment message = scratch.message(c.bytes());
        scratch.room(message, c.room());
        int flags =
                Sockets.MSG_DONTWAIT | (c.peek() ? Sockets.MSG_PEEK : 0) | (c.oob() ? MSG_OOB : 0);
        int bytes = Sockets.receiveMessage(real(c.fd()), message, flags);
        if (bytes < 0) {
            return refused(bytes);
        }
        List<Integer> values = new ArrayList<>();
        values.add(bytes);
        boolean cut = (message.get(JAVA_INT, Msghdr.FLAGS) & Sockets.MSG_CTRUNC) != 0;
        values.add(cut ? 1 : 0);
        for (int fd : scratch.received(message)) {
            values.add(numbers.add(LiveFile.of(fd)));
        }
        return new Done(values);
    }

    // ---- rings ----

    private Outcome setupRing() throws ErrnoException {
        LiveRing.Made made = LiveRing.make("ring " + allRings.size());
        allRings.add(made.ring());
        LiveFile file = new LiveFile(made.fd(), made.ring().name(), made.ring());
        int number = numbers.add(file);
        remember(number, file);
        return Done.of(number);
    }

    private static long register(int fd, int opcode, long argument, int count) {
        return call(dev.ringwatch.uring.sys.Syscall.IO_URING_REGISTER, fd, opcode, argument, count);
    }

    private MemorySegment slots(List<Integer> fds) {
        MemorySegment list = scratch.data(4 * Math.max(1, fds.size()));
        for (int i = 0; i < fds.size(); i++) {
            int fd = fds.get(i);
            list.setAtIndex(JAVA_INT, i, fd < 0 ? fd : real(fd));
        }
        return list;
    }

    private Outcome registerFiles(Syscall.RegisterFiles c) {
        long list = slots(c.fds()).address();
        return done(register(real(c.ring()), REGISTER_FILES, list, c.fds().size()));
    }

    private Outcome updateFiles(Syscall.UpdateFiles c) {
        MemorySegment update = scratch.words().asSlice(0, 16);
        update.set(JAVA_INT, 0, c.offset());
        update.set(JAVA_INT, 4, 0);
        update.set(JAVA_LONG, 8, slots(c.fds()).address());
        int count = c.fds().size();
        return value(register(real(c.ring()), REGISTER_FILES_UPDATE, update.address(), count));
    }

    private Outcome registerRing(Syscall.RegisterRing c) {
        MemorySegment update = ringUpdate(-1, real(c.ring()));
        long result = register(real(c.ring()), REGISTER_RING_FDS, update.address(), 1);
        if (result < 0) {
            return refused(result);
        }
        int index = update.get(JAVA_INT, 0);
        registered.put(index, true);
        return Done.of(index);
    }

    /** The ring may have no descriptor left, and the call can be made on any. */
    private Outcome unregisterRing(int index) throws ErrnoException {
        OwnedFd ring = anyRing;
        if (ring == null) {
            ring = OwnedFd.own(LiveRing.make("any").fd());
            anyRing = ring;
        }
        registered.remove(index);
        MemorySegment update = ringUpdate(index, 0);
        return done(register(ring.number(), UNREGISTER_RING_FDS, update.address(), 1));
    }

    private MemorySegment ringUpdate(int offset, int data) {
        MemorySegment update = scratch.words().asSlice(0, 16);
        update.set(JAVA_INT, 0, offset);
        update.set(JAVA_INT, 4, 0);
        update.set(JAVA_LONG, 8, data);
        return update;
    }

    private Outcome submit(Syscall.Submit c) throws Unsupported, ErrnoException {
        LiveRing ring = rings.get(c.ring());
        if (ring == null) {
            return done(
                    call(dev.ringwatch.uring.sys.Syscall.IO_URING_ENTER, real(c.ring()), 1, 0, 0));
        }
        requireLive(c.request());
        int id = ring.submit(real(c.ring()), c.request(), writer);
        lookForInstalled(ring);
        return Done.of(id);
    }

    private static void requireLive(Request request) throws Unsupported {
        switch (request) {
            case Request.CloseDirect(int slot) when slot < 0 ->
                    throw new Unsupported("that would close a descriptor");
            case Request.AfterTimeout(Request then) -> requireLive(then);
            default -> {}
        }
    }

    /** A descriptor that a request installs has its number from then on. */
    private void lookForInstalled(LiveRing ring) throws ErrnoException {
        if (ring.installs()) {
            for (Map.Entry<Integer, LiveRing> one : rings.entrySet()) {
                if (one.getValue() == ring) {
                    ring.completions(real(one.getKey()), numbers);
                    return;
                }
            }
        }
    }

    private Outcome reap(int number) throws ErrnoException {
        LiveRing ring = rings.get(number);
        if (ring == null) {
            return done(
                    call(dev.ringwatch.uring.sys.Syscall.IO_URING_ENTER, real(number), 0, 0, 0));
        }
        Completion oldest = ring.reap(real(number), numbers);
        return oldest == null
                ? new Refused(Errno.EAGAIN)
                : Done.of(oldest.request(), oldest.result());
    }

    @Nullable LiveRing ring(int number) {
        return rings.get(number);
    }

    // ---- the end ----

    /** Gives up everything that is left. */
    @Override
    public void close() throws ErrnoException {
        for (int number : List.copyOf(numbers.all().keySet())) {
            close(number);
        }
        for (int mapping : mappings()) {
            unmap(mapping);
        }
        for (int index : registeredRings()) {
            unregisterRing(index);
        }
        for (LiveRing ring : allRings) {
            ring.forget();
        }
        if (anyRing != null) {
            anyRing.close();
        }
        arena.close();
    }
}
