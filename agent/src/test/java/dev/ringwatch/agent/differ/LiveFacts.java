package dev.ringwatch.agent.differ;

import static dev.ringwatch.uring.sys.Sys.call;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be seen of the running kernel without privileges: poll, fdinfo, ring queues, /proc/net. */
final class LiveFacts implements AutoCloseable {
    private static final int FDINFO_BYTES = 1 << 14;
    private static final int POLL_ENTRY = 8;
    private static final int REGISTER_FILES = 2;
    private static final int MOST_DESCRIPTORS = 1024;
    private static final short POLLIN = 1;
    private static final short READABLE = 1 | 8 | 16; // POLLIN, POLLERR, POLLHUP

    private static final Pattern SCM_FDS = Pattern.compile("(?m)^scm_fds: (\\d+)$");
    private static final Pattern USER_FILES = Pattern.compile("(?m)^UserFiles:\\s+(\\d+)$");
    private static final Pattern SLOT = Pattern.compile("(?m)^ *(\\d+): ?(.*)$");
    private static final String AFTER_FILES = "UserBufs:";
    private static final String SOCKET = "socket:[";

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment text = arena.allocate(FDINFO_BYTES);
    private final MemorySegment polls = arena.allocate((long) POLL_ENTRY * MOST_DESCRIPTORS, 8);
    private final MemorySegment noTime = arena.allocate(16, 8);
    private final NetworkNamespace namespace;
    private final LiveKernel kernel;
    private final Matching matching;

    LiveFacts(NetworkNamespace namespace, LiveKernel kernel, Matching matching) {
        this.namespace = namespace;
        this.kernel = kernel;
        this.matching = matching;
    }

    /**
     * Everything that is so now.
     *
     * @param task what the model has in the same places, to learn which file is which
     */
    SortedMap<String, String> now(Task task) throws ErrnoException {
        SortedMap<String, String> facts = new TreeMap<>();
        Map<Integer, Boolean> readable = readable();
        for (Map.Entry<Integer, LiveFile> entry : kernel.numbers().all().entrySet()) {
            int fd = entry.getKey();
            LiveFile file = entry.getValue();
            OpenFile model = task.descriptors().get(fd);
            if (model != null) {
                matching.learn(model, file.identity());
            }
            String name = Facts.name(fd);
            facts.put(name, matching.named(file.identity()));
            facts.put(name + Facts.READABLE, String.valueOf(readable.get(fd)));
            LiveRing ring = file.ring();
            if (file.isSocket()) {
                facts.put(name + Facts.SCM_FDS, scmFds(file.fd()));
            } else if (ring != null) {
                facts.put(
                        name + Facts.COMPLETIONS,
                        ring.completions(file.fd(), kernel.numbers()).toString());
                addSlots(name, file.fd(), model == null ? null : model.ring(), facts);
            }
        }
        addSockets(facts);
        return facts;
    }

    /** One system call for all descriptors. */
    private Map<Integer, Boolean> readable() throws ErrnoException {
        Map<Integer, Boolean> readable = new HashMap<>();
        List<Integer> numbers = List.copyOf(kernel.numbers().all().keySet());
        for (int i = 0; i < numbers.size(); i++) {
            long at = (long) i * POLL_ENTRY;
            polls.set(JAVA_INT, at, kernel.numbers().real(numbers.get(i)));
            polls.set(JAVA_SHORT, at + 4, POLLIN);
            polls.set(JAVA_SHORT, at + 6, (short) 0);
        }
        Sys.check(
                Syscall.PPOLL,
                call(Syscall.PPOLL, polls.address(), numbers.size(), noTime.address(), 0),
                "");
        for (int i = 0; i < numbers.size(); i++) {
            short events = polls.get(JAVA_SHORT, (long) i * POLL_ENTRY + 6);
            readable.put(numbers.get(i), (events & READABLE) != 0);
        }
        return readable;
    }

    private String fdinfo(int fd) throws ErrnoException {
        try (OwnedFd info = Fds.open("/proc/self/fdinfo/" + fd, Fds.O_RDONLY, 0)) {
            long at = 0;
            while (at < FDINFO_BYTES) {
                long address = text.address() + at;
                long read = call(Syscall.READ, info.number(), address, FDINFO_BYTES - at);
                Sys.check(Syscall.READ, read, "fdinfo of " + fd);
                if (read == 0) {
                    break;
                }
                at += read;
            }
            byte[] bytes = text.asSlice(0, at).toArray(ValueLayout.JAVA_BYTE);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private String scmFds(int fd) throws ErrnoException {
        Matcher line = SCM_FDS.matcher(fdinfo(fd));
        return line.find() ? line.group(1) : "nothing";
    }

    /** The sockets of a table by their slots; of what is no socket, only that it is there. */
    private void addSlots(
            String name, int fd, @Nullable Ring model, SortedMap<String, String> facts)
            throws ErrnoException {
        String info = fdinfo(fd);
        Matcher files = USER_FILES.matcher(info);
        if (!files.find() || files.group(1).equals("0")) {
            return;
        }
        int end = info.indexOf(AFTER_FILES);
        Matcher line = SLOT.matcher(info).region(files.end(), end < 0 ? info.length() : end);
        List<String> slots = new ArrayList<>();
        while (line.find()) {
            int slot = Integer.parseInt(line.group(1));
            String file = line.group(2);
            if (!file.startsWith("<none>")) {
                slots.add(slot + socketIn(slot, file, model));
            }
        }
        facts.put(name + Facts.SLOTS, slots.toString());
    }

    /** Up to 6.13 fdinfo does not say which socket it is. */
    static boolean slotsNameSockets() throws ErrnoException {
        LiveRing.Made made = LiveRing.make("names");
        try (OwnedFd ring = OwnedFd.own(made.fd());
                OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0);
                Arena arena = Arena.ofConfined()) {
            long files = arena.allocateFrom(JAVA_INT, socket.number()).address();
            Sys.check(
                    Syscall.IO_URING_REGISTER,
                    call(Syscall.IO_URING_REGISTER, ring.number(), REGISTER_FILES, files, 1),
                    "");
            Path info = Path.of("/proc/self/fdinfo/" + ring.number());
            return Files.readString(info, StandardCharsets.ISO_8859_1).contains(SOCKET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String socketIn(int slot, String file, @Nullable Ring model) {
        if (!file.startsWith(SOCKET)) {
            return "";
        }
        if (model != null && slot < model.slots().size()) {
            OpenFile there = model.slots().get(slot);
            if (there != null && there.socket() != null) {
                matching.learn(there, file);
            }
        }
        return " " + matching.named(file);
    }

    private void addSockets(SortedMap<String, String> facts) throws ErrnoException {
        NetworkNamespace.Listed listed = namespace.listed();
        List<Integer> known = new ArrayList<>();
        int unknown = 0;
        for (long inode : listed.inodes()) {
            Integer id = matching.model(SOCKET + inode + "]");
            if (id == null) {
                unknown++;
            } else {
                known.add(id);
            }
        }
        facts.put(Facts.SOCKETS, Facts.sockets(known, unknown, listed.embryos()));
    }

    @Override
    public void close() {
        arena.close();
    }
}
