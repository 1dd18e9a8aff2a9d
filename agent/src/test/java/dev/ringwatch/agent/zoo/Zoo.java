package dev.ringwatch.agent.zoo;

import dev.ringwatch.uring.FileTable;
import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.Target;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Tasks;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that makes one situation, tells facts about it, and keeps it until its input ends. It
 * makes nothing that the kernel would not free when it ends.
 */
public final class Zoo {
    static final String FACT = "fact ";
    static final String READY = "READY";

    /** What it answers with when it is asked how far it has come. */
    static final String RECEIVED = "received";

    static final String HOSTILE_NAME = "a\nb \"{c}\\d\te";

    /** What a page must never obey; the last but one turns what follows from right to left. */
    static final String HOSTILE_COMM = "<script>\"\u202ex";

    /** What a page must show as it is. */
    public static final String HOSTILE_FILE = "\"><img src=x onerror=alert(1)>'&lt;.log";

    private static final int SO_SNDBUFFORCE = 32;
    private static final int BIG_SEND_BUFFER = 1 << 26;
    private static final long RING_PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final MemorySegment BYTE = MemorySegment.ofArray(new byte[1]);

    /** What must not go away before the program does. */
    private static final List<Object> KEPT = new ArrayList<>();

    /** Messages that the busy server has received and dealt with. */
    private static final AtomicLong MESSAGES = new AtomicLong();

    /** What is done when it is asked. */
    private static final AtomicReference<Job> ON_ASK = new AtomicReference<>(() -> {});

    private Zoo() {}

    /**
     * Makes a situation and waits.
     *
     * @param args the situation, where it has one its size, and a name for the process
     */
    public static void main(String[] args) throws Exception {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1); // half a situation proves nothing
                });
        int n = args.length > 1 ? Integer.parseInt(args[1]) : 0;
        if (args.length > 2) {
            Files.writeString(Path.of("/proc/self/comm"), args[2]);
        }
        switch (args[0]) {
            case "pinned-pair" -> pinnedPair();
            case "pinned-deleted" -> pinnedDeleted();
            case "pinned-hostile" -> pinnedHostile();
            case "queued" -> queued(n);
            case "self-polling-ring" -> selfPollingRing();
            case "mapped-ring" -> mappedRing();
            case "registered-ring" -> registeredRing(false);
            case "registered-ring-with-files" -> registeredRing(true);
            case "mutual-rings" -> mutualRings();
            case "stuck-poll" -> stuckPoll();
            case "stuck-receive" -> stuckReceive();
            case "live-poll" -> livePoll();
            case "growing-table" -> growingTable(n);
            case "well-behaved" -> WellBehaved.start();
            case "sockets" -> sockets(n);
            case "slots" -> slots(n);
            case "listener" -> listener();
            case "busy" -> busy(false);
            case "busy-one-by-one" -> busy(true);
            case "churn" -> churn();
            case "named" -> named();
            case "direct" -> direct();
            case "netns" -> netns();
            case "deleted-log" -> WhyZoo.deletedLog();
            case "pinned-mount" -> WhyZoo.pinnedMount();
            case "visited-mount" -> WhyZoo.visitedMount();
            case "inherited-port" -> WhyZoo.inheritedPort();
            case "executed" -> WhyZoo.executed();
            case "polled" -> WhyZoo.polled();
            case "overlay" -> WhyZoo.overlay();
            case "accepting" -> WhyZoo.accepting();
            case "rings" -> ON_ASK.set(() -> rings(n));
            case "overflow" -> ON_ASK.set(() -> overflow(n));
            case "punts" -> ON_ASK.set(() -> punts(n));
            case "loops" -> ON_ASK.set(() -> loops(n));
            case "sockets-queued" -> ON_ASK.set(() -> socketsQueued(n));
            case "rejected" -> ON_ASK.set(() -> rejected(n));
            case "trigger" -> ON_ASK.set(() -> trigger(n));
            case "bystander" -> ON_ASK.set(() -> work(n));
            case "all-events" -> ON_ASK.set(() -> allEvents(n));
            case "worker" -> worker();
            case "waits" -> ON_ASK.set(waits());
            default -> throw new IllegalArgumentException("no such situation: " + args[0]);
        }
        System.out.println(READY);
        System.out.flush();
        while (System.in.read() >= 0) { // until whoever started this closes its end
            ON_ASK.get().run();
            fact(RECEIVED, MESSAGES.get() + WellBehaved.messages());
        }
    }

    /** Both ends of a pair in a table, and nowhere else. */
    private static void pinnedPair() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        fact("a", inode(pair.get(0)));
        fact("b", inode(pair.get(1)));
        register(ring, pair);
        closeAll(pair);
    }

    /** A file in a table only, without a name. */
    private static void pinnedDeleted() throws IOException {
        IoUring ring = ring();
        Path path = Files.createTempFile("ringwatch-zoo-", ".log");
        OwnedFd file = Fds.open(path.toString(), Fds.O_RDWR, 0);
        fact("file", ((Number) Files.getAttribute(path, "unix:ino")).longValue());
        register(ring, List.of(file));
        file.close();
        Files.delete(path);
    }

    /** The same with a name, of the file and of the process, that would do harm as HTML. */
    private static void pinnedHostile() throws IOException {
        Files.writeString(Path.of("/proc/self/comm"), HOSTILE_COMM);
        IoUring ring = ring();
        Path folder = Files.createTempDirectory("ringwatch-zoo-");
        Path path = folder.resolve(HOSTILE_FILE);
        try (OwnedFd file = Fds.open(path.toString(), Fds.O_RDWR | Fds.O_CREAT, 0600)) {
            register(ring, List.of(file));
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    /** So many files that are only in one socket's queue. */
    private static void queued(int n) throws IOException {
        List<OwnedFd> pair = keep(Sockets.pair(Sockets.SOCK_STREAM));
        fact("sender", inode(pair.get(0)));
        fact("receiver", inode(pair.get(1)));
        fact("packets", send(pair.get(0), n));
    }

    private static int send(OwnedFd sender, int n) throws IOException {
        Sockets.setOption(sender.number(), Sockets.SOL_SOCKET, SO_SNDBUFFORCE, BIG_SEND_BUFFER);
        int packets = 0;
        for (int left = n; left > 0; left -= ScmRights.MAX_DESCRIPTORS) {
            List<OwnedFd> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(left, ScmRights.MAX_DESCRIPTORS); i++) {
                batch.add(Fds.eventFd(0, 0));
            }
            ScmRights.send(sender.number(), BYTE, numbers(batch));
            closeAll(batch);
            packets++;
        }
        return packets;
    }

    /** A ring that only its own poll of itself holds, with a file in its table. */
    private static void selfPollingRing() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pipe = Fds.pipe(0);
        register(ring, pipe);
        closeAll(pipe);
        ring.prepare(
                new Operation.PollAdd(
                        Target.descriptor(ring.descriptor()), Operation.POLLIN, false),
                1);
        ring.submit();
        ring.closeDescriptor();
        ring.unmap();
    }

    private static void mappedRing() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pipe = Fds.pipe(0);
        register(ring, pipe);
        closeAll(pipe);
        ring.closeDescriptor();
    }

    private static void registeredRing(boolean withFiles) throws IOException {
        IoUring ring = ring();
        if (withFiles) {
            List<OwnedFd> pipe = Fds.pipe(0);
            register(ring, pipe);
            closeAll(pipe);
        }
        fact("tid", Tasks.tid());
        ring.registerDescriptor();
        ring.closeDescriptor();
        ring.unmap();
    }

    /** Two rings with a poll of each other, and a file in the table of one. */
    private static void mutualRings() throws IOException {
        IoUring one = ring();
        IoUring other = ring();
        List<OwnedFd> pipe = Fds.pipe(0);
        register(one, pipe);
        closeAll(pipe);
        poll(one, other.descriptor());
        poll(other, one.descriptor());
        for (IoUring ring : List.of(one, other)) {
            ring.closeDescriptor();
            ring.unmap();
        }
    }

    private static void poll(IoUring ring, int descriptor) throws IOException {
        ring.prepare(
                new Operation.PollAdd(Target.descriptor(descriptor), Operation.POLLIN, false), 1);
        ring.submit();
    }

    /** A poll of a file whose descriptor was closed. */
    private static void stuckPoll() throws IOException {
        IoUring ring = ring();
        OwnedFd file = Fds.eventFd(0, 0);
        poll(ring, file.number());
        file.close();
    }

    /** A receive from a connection whose descriptor was closed; the other end is kept. */
    private static void stuckReceive() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        OwnedFd closed = pair.get(0);
        fact("closed", inode(closed));
        fact("kept", inode(keep(pair.get(1))));
        ring.prepare(
                new Operation.Receive(
                        Target.descriptor(closed.number()), keep(Arena.global().allocate(16)), 0),
                1);
        ring.submit();
        closed.close();
    }

    /** A poll of a connection whose descriptor was closed, and a receive of one that is open. */
    private static void livePoll() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> polled = Sockets.pair(Sockets.SOCK_STREAM);
        keep(polled.get(1));
        poll(ring, polled.get(0).number());
        polled.get(0).close();
        List<OwnedFd> open = keep(Sockets.pair(Sockets.SOCK_STREAM));
        ring.prepare(
                new Operation.Receive(
                        Target.descriptor(open.get(0).number()),
                        keep(Arena.global().allocate(16)),
                        0),
                2);
        ring.submit();
    }

    /** A table of so many slots, half of them taken; whenever it is asked, it takes another. */
    private static void growingTable(int n) throws IOException {
        FileTable table = ring().registerEmptyFiles(n);
        OwnedFd file = keep(Fds.eventFd(0, 0));
        for (int i = 0; i < n / 2; i++) {
            table.add(file.number());
        }
        ON_ASK.set(() -> table.add(file.number()));
    }

    /** Sockets connected two and two. */
    private static void sockets(int n) throws IOException {
        long sum = 0;
        for (int i = 0; i < n; i += 2) {
            for (OwnedFd fd : keep(Sockets.pair(Sockets.SOCK_STREAM))) {
                sum += inode(fd);
            }
        }
        fact("sum", sum);
    }

    /** So many files that are only in one ring's table. */
    private static void slots(int n) throws IOException {
        IoUring ring = ring();
        List<OwnedFd> files = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            files.add(Fds.open("/dev/null", Fds.O_RDWR, 0));
        }
        register(ring, files);
        closeAll(files);
    }

    /** A connection that nobody accepted, with three descriptors in its queue. */
    private static void listener() throws IOException {
        UnixAddress name = new UnixAddress.Abstract("ringwatch-zoo-" + Tasks.pid());
        OwnedFd listener = keep(Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0));
        OwnedFd caller = keep(Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0));
        Sockets.bind(listener.number(), name);
        Sockets.listen(listener.number(), 4);
        Sockets.connect(caller.number(), name);
        fact("listener", inode(listener));
        fact("caller", inode(caller));
        send(caller, 3);
    }

    /**
     * A client that sends files without end, and a server that receives and closes them.
     *
     * @param oneByOne whether the client waits for an answer before it sends more
     */
    private static void busy(boolean oneByOne) throws IOException {
        List<OwnedFd> pair = keep(Sockets.pair(Sockets.SOCK_SEQPACKET));
        fact("server", inode(pair.get(1)));
        thread(() -> serve(pair.get(1), oneByOne));
        thread(() -> call(pair.get(0), oneByOne));
    }

    private static void call(OwnedFd client, boolean oneByOne) throws IOException {
        MemorySegment room = MemorySegment.ofArray(new byte[1]);
        while (true) {
            List<OwnedFd> files = new ArrayList<>(Sockets.pair(Sockets.SOCK_STREAM));
            files.addAll(Fds.pipe(0));
            files.add(Fds.eventFd(0, 0));
            ScmRights.send(client.number(), BYTE, numbers(files));
            closeAll(files);
            if (oneByOne) {
                Sockets.receive(client.number(), room, 0);
            }
        }
    }

    private static void serve(OwnedFd server, boolean oneByOne) throws IOException {
        MemorySegment room = MemorySegment.ofArray(new byte[1]);
        while (true) {
            ScmRights.receive(server.number(), room).close();
            MESSAGES.incrementAndGet();
            if (oneByOne) {
                Sockets.send(server.number(), BYTE, 0);
            }
        }
    }

    /** Sockets, queues and rings that come and go. */
    private static void churn() {
        thread(
                () -> {
                    while (true) {
                        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
                        send(pair.get(0), 2);
                        closeAll(pair);
                    }
                });
        thread(
                () -> {
                    while (true) {
                        try (IoUring ring = IoUring.open(RingOptions.entries(4));
                                OwnedFd file = Fds.eventFd(0, 0)) {
                            ring.registerFiles(file.number());
                        } catch (ErrnoException e) {
                            requireNoMemory(e); // it comes back later than rings go
                        }
                    }
                });
    }

    /** So many of everything that is counted of a process. */
    private static void allEvents(int n) throws IOException {
        rings(n);
        overflow(n);
        punts(n);
        loops(n);
    }

    /** Rings that are made and closed, one after the other. */
    private static void rings(int n) throws IOException {
        for (int i = 0; i < n; i++) {
            open().close();
            MESSAGES.incrementAndGet();
        }
    }

    /** So many completions more than their queue has room for. */
    private static void overflow(int n) throws IOException {
        IoUring ring = ring();
        int room = ring.completionEntries();
        for (int i = 0; i < room + n; i++) {
            ring.prepare(new Operation.Nop(), i);
            ring.submit();
        }
    }

    /** Requests that are always given to a worker. */
    private static void punts(int n) throws IOException {
        IoUring ring = ring();
        try (OwnedFd file = Fds.open("/proc/self/exe", Fds.O_RDONLY, 0)) {
            for (int i = 0; i < n; i++) {
                ring.prepare(new Operation.Sync(Target.descriptor(file.number()), 0, 0, false), i);
                ring.submitAndWait(1);
                ring.drain(1, (userData, result, flags) -> {});
            }
        }
    }

    /** A worker thread of a ring that waits for what does not come. */
    private static void worker() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pipe = keep(Fds.pipe(0));
        ring.prepare(
                        new Operation.Read(
                                Target.descriptor(pipe.getFirst().number()),
                                keep(Arena.ofAuto().allocate(1)),
                                Operation.CURRENT_POSITION),
                        1)
                .async();
        ring.submit();
    }

    /** A request that waits until it is told to end. */
    private static Job waits() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pipe = keep(Fds.pipe(0));
        ring.prepare(
                new Operation.PollAdd(
                        Target.descriptor(pipe.getFirst().number()), Operation.POLLIN, false),
                1);
        ring.submit();
        return () -> {
            Fds.write(pipe.getLast().number(), keep(Arena.ofAuto().allocateFrom("x")));
            ring.submitAndWait(1);
        };
    }

    /** Loops of two sockets that only the collector frees. */
    private static void loops(int n) throws IOException {
        for (int i = 0; i < n; i++) {
            List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
            ScmRights.send(pair.get(0).number(), BYTE, pair.get(0).number());
            ScmRights.send(pair.get(1).number(), BYTE, pair.get(1).number());
            closeAll(pair);
        }
    }

    /** So many sockets that are only in another one's queue. */
    private static void socketsQueued(int n) throws IOException {
        List<OwnedFd> pair = keep(Sockets.pair(Sockets.SOCK_STREAM));
        for (int i = 0; i < n; i++) {
            try (OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0)) {
                ScmRights.send(pair.get(0).number(), BYTE, socket.number());
            }
        }
    }

    /** So many sends that are refused, after as many as it takes. */
    private static void rejected(int n) throws IOException {
        List<OwnedFd> pair = keep(Sockets.pair(Sockets.SOCK_STREAM));
        for (int refused = 0; refused < n; ) {
            try (OwnedFd file = Fds.eventFd(0, 0)) {
                ScmRights.send(pair.get(0).number(), BYTE, file.number());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ETOOMANYREFS) {
                    throw e;
                }
                refused++;
            }
        }
    }

    /** Closes that start the collector while any socket is in flight. */
    private static void trigger(int n) throws IOException {
        for (int i = 0; i < n; i++) {
            Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0).close();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Work that has to do with files and queues and starts no collector. */
    private static void work(int n) throws IOException {
        List<OwnedFd> pair = keep(Sockets.pair(Sockets.SOCK_STREAM));
        MemorySegment room = MemorySegment.ofArray(new byte[1]);
        for (int i = 0; i < n; i++) {
            closeAll(Fds.pipe(0));
            Sockets.send(pair.get(0).number(), BYTE, 0);
            Sockets.receive(pair.get(1).number(), room, 0);
        }
    }

    /** A process whose name is meant to break what shows it. */
    private static void named() throws IOException {
        Files.writeString(Path.of("/proc/self/comm"), HOSTILE_NAME);
        register(ring(), List.of(keep(Fds.eventFd(0, 0))));
    }

    /** Files that are in a table only and in use there: a live connection and a named file. */
    private static void direct() throws IOException {
        IoUring ring = ring();
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        OwnedFd client = keep(pair.get(0));
        OwnedFd connection = pair.get(1);
        OwnedFd file = Fds.open("/etc/passwd", Fds.O_RDONLY, 0);
        fact("client", inode(client));
        fact("connection", inode(connection));
        register(ring, List.of(connection, file));
        connection.close();
        file.close();
        ring.prepare(new Operation.PollAdd(Target.slot(0), Operation.POLLIN, true), 1);
        ring.submit();
    }

    /** Sockets in flight in a network namespace that no task is in. */
    private static void netns() throws Exception {
        warmUp(); // threads that the JVM starts meanwhile would be in the namespace, and stay
        Thread maker =
                thread(
                        () -> {
                            Tasks.unshare(Tasks.CLONE_NEWNET);
                            String link =
                                    Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))
                                            .toString();
                            fact("netns", bracketed(link));
                            List<OwnedFd> outer = keep(Sockets.pair(Sockets.SOCK_STREAM));
                            List<OwnedFd> inner = Sockets.pair(Sockets.SOCK_STREAM);
                            fact("receiver", inode(outer.get(1)));
                            fact("a", inode(inner.get(0)));
                            fact("b", inode(inner.get(1)));
                            send(inner.get(0), 2); // into the queue of b, itself soon in flight
                            ScmRights.send(outer.get(0).number(), BYTE, numbers(inner));
                            closeAll(inner);
                        });
        maker.join();
    }

    private static void warmUp() throws IOException {
        List<OwnedFd> outer = Sockets.pair(Sockets.SOCK_STREAM);
        List<OwnedFd> inner = Sockets.pair(Sockets.SOCK_STREAM);
        send(inner.get(0), 2);
        ScmRights.send(outer.get(0).number(), BYTE, numbers(inner));
        closeAll(inner);
        closeAll(outer);
        bracketed(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString());
    }

    /** A ring, also while the memory of rings just closed is not given back yet. */
    static IoUring ring() throws ErrnoException {
        return keep(open());
    }

    private static IoUring open() throws ErrnoException {
        long start = System.nanoTime();
        while (true) {
            try {
                return IoUring.open(RingOptions.entries(4));
            } catch (ErrnoException e) {
                requireNoMemory(e);
                if (System.nanoTime() - start > RING_PATIENCE) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private static void requireNoMemory(ErrnoException e) throws ErrnoException {
        if (e.errno() != Errno.ENOMEM) {
            throw e;
        }
    }

    static void register(IoUring ring, List<OwnedFd> files) throws ErrnoException {
        FileTable table = ring.registerFiles(numbers(files));
        fact("registered", table.size());
    }

    interface Job {
        void run() throws IOException;
    }

    static Thread thread(Job job) {
        return Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                job.run();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    static <T> T keep(T object) {
        synchronized (KEPT) {
            KEPT.add(object);
        }
        return object;
    }

    static int[] numbers(List<OwnedFd> files) {
        return files.stream().mapToInt(OwnedFd::number).toArray();
    }

    static void closeAll(List<OwnedFd> files) throws ErrnoException {
        for (OwnedFd file : files) {
            file.close();
        }
    }

    static long inode(OwnedFd socket) throws IOException {
        return bracketed(
                Files.readSymbolicLink(Path.of("/proc/self/fd/" + socket.number())).toString());
    }

    static long bracketed(String link) {
        return Long.parseLong(link.substring(link.indexOf('[') + 1, link.length() - 1));
    }

    static void fact(String name, long value) {
        System.out.println(FACT + name + " " + value);
    }
}
