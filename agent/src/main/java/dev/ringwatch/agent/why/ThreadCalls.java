package dev.ringwatch.agent.why;

import dev.ringwatch.uring.sys.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which threads wait in a system call on a descriptor: for that long the call has a reference of its
 * own, unless the thread is the only user of its table of descriptors (fdget). Waiting in poll(2) or
 * select(2) has one for every descriptor, alone or not (__pollwait).
 *
 * <p>From {@code /proc/PID/task/TID/syscall}, which tells only of threads that sleep.
 */
final class ThreadCalls {
    private static final int MAX_POLLED = 4096;
    private static final int POLLFD_BYTES = 8;

    /** Calls that wait on their first argument, by name. */
    private static final Map<Integer, String> ON_FIRST = onFirst();

    private static final boolean X86 = Architecture.current() == Architecture.X86_64;
    private static final int POLL = X86 ? 7 : -2;
    private static final int PPOLL = X86 ? 271 : 73;
    private static final int SELECT = X86 ? 23 : -2;
    private static final int PSELECT6 = X86 ? 270 : 72;

    private final Map<Integer, List<Call>> calls = new HashMap<>();

    /** One thread in a call. */
    private record Call(int tid, int number, List<Long> arguments, boolean alone) {}

    /** The threads of a process that hold a descriptor's file through a call, for people. */
    List<String> on(int pid, int fd) {
        List<String> found = new ArrayList<>();
        for (Call call : calls.computeIfAbsent(pid, ThreadCalls::read)) {
            name(pid, call, fd).ifPresent(name -> found.add("thread " + call.tid + ", " + name));
        }
        return found;
    }

    private static Optional<String> name(int pid, Call call, int fd) {
        String name = ON_FIRST.get(call.number);
        if (name != null) {
            return call.arguments.get(0) == fd && !call.alone
                    ? Optional.of(name)
                    : Optional.empty();
        }
        if (call.number == POLL || call.number == PPOLL) {
            return polls(pid, call, fd) ? Optional.of("poll") : Optional.empty();
        }
        if (call.number == SELECT || call.number == PSELECT6) {
            return selects(pid, call, fd) ? Optional.of("select") : Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean polls(int pid, Call call, int fd) {
        int n = (int) Math.min(MAX_POLLED, call.arguments.get(1));
        ByteBuffer polled = memory(pid, call.arguments.get(0), n * POLLFD_BYTES);
        for (int at = 0; at + POLLFD_BYTES <= polled.limit(); at += POLLFD_BYTES) {
            if (polled.getInt(at) == fd) {
                return true;
            }
        }
        return false;
    }

    private static boolean selects(int pid, Call call, int fd) {
        if (fd >= call.arguments.get(0)) {
            return false;
        }
        for (int set = 1; set <= 3; set++) {
            long address = call.arguments.get(set);
            ByteBuffer word =
                    address == 0 ? ByteBuffer.allocate(0) : memory(pid, address + fd / 8, 1);
            if (word.limit() == 1 && (word.get(0) >> fd % 8 & 1) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Memory of another process; less of it, or none, where it can't be read. */
    private static ByteBuffer memory(int pid, long address, int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(Math.max(0, bytes)).order(ByteOrder.nativeOrder());
        try (FileChannel memory =
                FileChannel.open(Path.of("/proc/" + pid + "/mem"), StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && memory.read(buffer, address + buffer.position()) > 0) {
                // until it is full
            }
        } catch (IOException | IllegalArgumentException e) {
            // not ours to read, or gone: what it waits for stays unknown
            return buffer.flip();
        }
        return buffer.flip();
    }

    private static List<Call> read(int pid) {
        List<Path> threads = new ArrayList<>();
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            tasks.forEach(threads::add);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return List.of(); // the process has ended
        }
        List<Call> calls = new ArrayList<>();
        for (Path thread : threads) {
            call(thread, threads.size() == 1).ifPresent(calls::add);
        }
        return calls;
    }

    private static Optional<Call> call(Path thread, boolean alone) {
        try {
            String[] words = Files.readString(thread.resolve("syscall")).strip().split(" ");
            if (words.length < 7) {
                return Optional.empty(); // running, or in no system call
            }
            List<Long> arguments = new ArrayList<>(6);
            for (int i = 0; i < 6; i++) {
                arguments.add(Long.parseUnsignedLong(words[i + 1].substring(2), 16));
            }
            int tid = Integer.parseInt(thread.getFileName().toString());
            return Optional.of(new Call(tid, Integer.parseInt(words[0]), arguments, alone));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // the thread has ended, or may not be looked at
        }
    }

    /** Sources: arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl. */
    private static Map<Integer, String> onFirst() {
        Map<Integer, String> names = new HashMap<>();
        add(names, "read", 0, 63);
        add(names, "write", 1, 64);
        add(names, "ioctl", 16, 29);
        add(names, "pread64", 17, 67);
        add(names, "pwrite64", 18, 68);
        add(names, "readv", 19, 65);
        add(names, "writev", 20, 66);
        add(names, "connect", 42, 203);
        add(names, "accept", 43, 202);
        add(names, "sendto", 44, 206);
        add(names, "recvfrom", 45, 207);
        add(names, "sendmsg", 46, 211);
        add(names, "recvmsg", 47, 212);
        add(names, "fcntl", 72, 25);
        add(names, "flock", 73, 32);
        add(names, "fsync", 74, 82);
        add(names, "fdatasync", 75, 83);
        add(names, "epoll_wait", 232, -2);
        add(names, "epoll_pwait", 281, 22);
        add(names, "fallocate", 285, 47);
        add(names, "accept4", 288, 242);
        add(names, "recvmmsg", 299, 243);
        add(names, "sendmmsg", 307, 269);
        add(names, "io_uring_enter", 426, 426);
        add(names, "epoll_pwait2", 441, 441);
        return Map.copyOf(names);
    }

    private static void add(Map<Integer, String> names, String name, int x86, int aarch64) {
        names.put(Architecture.current() == Architecture.X86_64 ? x86 : aarch64, name);
    }
}
