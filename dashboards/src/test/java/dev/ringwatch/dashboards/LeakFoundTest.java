package dev.ringwatch.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * RingwatchLeakFound, end to end, in a throw-away machine with a kernel of Debian's: what the kernel
 * never frees is not made on one that is still needed. Takes two minutes of a processor, emulated.
 */
class LeakFoundTest {
    private static final String KERNEL = "6.12";
    private static final int SECONDS = 540;

    /** Emulated, the compiler is slow: it pays only for hot methods. */
    private static final String SLOWLY =
            "cd dashboards && JAVA_TOOL_OPTIONS=-XX:CompileThresholdScaling=10";

    @Test
    void whatTheKernelNeverFreesIsToldOnce() throws Exception {
        assumeTrue(Boolean.getBoolean("ringwatch.long"), "only with ./verify --long");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "guests run on x86_64 only");
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "only root can start a guest");
        String said = inGuest(OwnJava.program(LeakInGuest.class.getName(), List.of()));
        List<String> told = said.lines().filter(line -> line.contains(" firing ")).toList();
        assertEquals(1, told.size(), said);
        assertTrue(
                told.getFirst().contains("alertname=RingwatchLeakFound, group=~unreachable"), said);
    }

    private static String inGuest(List<String> command) throws Exception {
        String line =
                command.stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" ", SLOWLY + " ", ""));
        List<String> guest = new ArrayList<>();
        guest.add(Checkout.TOP.resolve(".ci/guest").toString());
        guest.addAll(List.of(KERNEL, "--timeout", Integer.toString(SECONDS), "--", line));
        Process process = new ProcessBuilder(guest).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
