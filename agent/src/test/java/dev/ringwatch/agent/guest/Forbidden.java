package dev.ringwatch.agent.guest;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringwatch.uring.RingSupport;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;

/**
 * A program for throw-away machines: sets the sysctls that forbid io_uring to the whole machine, and
 * prints what a probe says then.
 */
public final class Forbidden {
    private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");
    private static final Path GROUP = Path.of("/proc/sys/kernel/io_uring_group");
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAP_SYS_ADMIN = 1 << 21;

    private Forbidden() {}

    /** One line for each state: the state, and "works" or the refusal. */
    public static void main(String[] arguments) throws Exception {
        if (!Files.exists(DISABLED)) {
            System.out.println("no sysctl");
            return;
        }
        say("0", RingSupport.probe());
        Files.writeString(DISABLED, "1");
        say("1 as administrator", RingSupport.probe());
        say("1", withoutAdministration());
        Files.writeString(GROUP, "0");
        say("1 in the group", withoutAdministration());
        Files.writeString(DISABLED, "2");
        say("2", RingSupport.probe());
    }

    /** What a thread of ours without CAP_SYS_ADMIN is told. */
    private static RingSupport withoutAdministration() throws Exception {
        FutureTask<RingSupport> probe =
                new FutureTask<>(
                        () -> {
                            dropAdministration();
                            return RingSupport.probe();
                        });
        Thread.ofPlatform().start(probe);
        return probe.get();
    }

    private static void dropAdministration() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(JAVA_INT, CAPABILITY_VERSION_3, 0);
            MemorySegment data = arena.allocate(24, 8);
            Tasks.capget(header, data);
            data.set(JAVA_INT, 0, data.get(JAVA_INT, 0) & ~CAP_SYS_ADMIN);
            Tasks.capset(header, data);
        }
    }

    private static void say(String state, RingSupport support) {
        System.out.println(
                state
                        + ": "
                        + switch (support) {
                            case RingSupport.Available works -> "works";
                            case RingSupport.Refused(ErrnoException reason) -> reason.getMessage();
                        });
    }
}
