package dev.ringwatch.agent.zoo;

import static dev.ringwatch.uring.sys.Sys.call;
import static dev.ringwatch.uring.sys.Sys.check;

import dev.ringwatch.uring.IoUring;
import dev.ringwatch.uring.Operation;
import dev.ringwatch.uring.Target;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** The situations of the zoo that somebody would ask "why" about. */
final class WhyZoo {
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 1 << 18;
    private static final int LOG_BYTES = 1 << 20;

    private WhyZoo() {}

    /** Where a zoo with that process id keeps its files. */
    static Path folder(int pid) {
        return Path.of("/tmp/ringwatch-why-" + pid);
    }

    private static Path makeFolder() throws IOException {
        Path folder = Files.createDirectories(folder(Tasks.pid()));
        folder.toFile().deleteOnExit();
        return folder;
    }

    /** A log file that was deleted while a ring's table had it, and that nothing else has. */
    static void deletedLog() throws IOException {
        Path log = makeFolder().resolve("app.log");
        Files.write(log, new byte[LOG_BYTES]);
        try (OwnedFd file = Fds.open(log.toString(), Fds.O_RDWR | Fds.O_APPEND, 0)) {
            Zoo.fact("inode", ((Number) Files.getAttribute(log, "unix:ino")).longValue());
            Zoo.register(Zoo.ring(), List.of(file));
        }
        Files.delete(log);
    }

    /** A thread with a file system of its own, in which only a ring's table has a file. */
    static void pinnedMount() throws Exception {
        inOwnMounts(
                folder -> {
                    Path log = folder.resolve("app.log");
                    Files.write(log, new byte[1]);
                    try (OwnedFd file = Fds.open(log.toString(), Fds.O_RDWR, 0)) {
                        Zoo.register(Zoo.ring(), List.of(file));
                    }
                });
    }

    /** A thread whose working directory is in a file system of its own. */
    static void visitedMount() throws Exception {
        inOwnMounts(
                folder -> {
                    Path inside = Files.createDirectory(folder.resolve("inside"));
                    try (Arena arena = Arena.ofConfined()) {
                        long path = arena.allocateFrom(inside.toString()).address();
                        check(Syscall.CHDIR, call(Syscall.CHDIR, path, 0, 0), "");
                    }
                });
    }

    private interface InFolder {
        void accept(Path folder) throws IOException;
    }

    private static void inOwnMounts(InFolder work) throws Exception {
        Path folder = makeFolder();
        CountDownLatch made = new CountDownLatch(1);
        Zoo.thread(
                () -> {
                    Tasks.unshare(Tasks.CLONE_NEWNS);
                    mount("none", "/", "none", MS_REC | MS_PRIVATE);
                    mount("ringwatch", folder.toString(), "tmpfs", 0);
                    work.accept(folder);
                    Zoo.fact("tid", Tasks.tid());
                    made.countDown();
                    while (true) {
                        LockSupport.park();
                    }
                });
        made.await();
    }

    private static void mount(String what, String where, String type, int flags)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long result =
                    call(
                            Syscall.MOUNT,
                            arena.allocateFrom(what).address(),
                            arena.allocateFrom(where).address(),
                            arena.allocateFrom(type).address(),
                            flags,
                            0,
                            0);
            check(Syscall.MOUNT, result, where);
        }
    }

    /** A listening socket that a child has inherited, as its standard error. */
    static void inheritedPort() throws IOException {
        OwnedFd listener = listener();
        Zoo.keep(Fds.dupTo(listener.number(), 2));
        Process child =
                new ProcessBuilder("cat").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Zoo.keep(child); // it ends when this process does, and with that its input
        Zoo.fact("child", child.pid());
        Zoo.fact("fd", listener.number());
    }

    private static OwnedFd listener() throws IOException {
        OwnedFd listener = Zoo.keep(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Sockets.bind(listener.number(), Sockets.AF_INET, any);
        Sockets.listen(listener.number(), 4);
        InetSocketAddress bound = (InetSocketAddress) Sockets.localAddress(listener.number());
        Zoo.fact("port", bound.getPort());
        return listener;
    }

    /** A thread that waits in accept(2): the call has a reference of the socket. */
    static void accepting() throws IOException {
        OwnedFd listener = listener();
        Zoo.fact("fd", listener.number());
        CountDownLatch begun = new CountDownLatch(1);
        Zoo.thread(
                () -> {
                    Zoo.fact("tid", Tasks.tid());
                    begun.countDown();
                    Sockets.accept(listener.number(), 0).close();
                });
        try {
            begun.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A socket that only a ring's poll request has. */
    static void polled() throws IOException {
        IoUring ring = Zoo.ring();
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        Zoo.keep(pair.get(1));
        Zoo.fact("a", Zoo.inode(pair.get(0)));
        ring.prepare(
                new Operation.PollAdd(
                        Target.descriptor(pair.get(0).number()), Operation.POLLIN, false),
                1);
        ring.submit();
        pair.get(0).close();
    }

    /** A file that this process has mapped and a child executes. */
    static void executed() throws IOException {
        Path program = makeFolder().resolve("program");
        Files.copy(Path.of("/bin/cat").toRealPath(), program, StandardCopyOption.COPY_ATTRIBUTES);
        program.toFile().deleteOnExit();
        try (FileChannel channel = FileChannel.open(program, StandardOpenOption.READ)) {
            Zoo.keep(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        }
        Process child = new ProcessBuilder(program.toString()).start();
        Zoo.keep(child);
        Zoo.fact("child", child.pid());
    }
}
