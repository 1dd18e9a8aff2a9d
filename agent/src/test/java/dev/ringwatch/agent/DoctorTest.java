package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is lacking is named with its cure: each lack is made for a process of its own. */
@Timeout(180)
class DoctorTest {
    private static final String NOBODY = "65534";

    @TempDir static Path installed = Path.of("");

    private static List<String> program = List.of();

    @BeforeAll
    static void install() throws IOException {
        assumeTrue(Tasks.effectiveUser() == 0, "only root can take something from a process");
        program = InstalledProgram.in(installed);
    }

    @Test
    void everyCapabilityThatAnOrdinaryUserLacks() throws Exception {
        JsonNode checks =
                doctor(
                        Map.of(),
                        "setpriv",
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--clear-groups",
                        "--bounding-set=-all",
                        "--inh-caps=-all");
        for (String capability :
                List.of(
                        "CAP_BPF",
                        "CAP_PERFMON",
                        "CAP_SYSLOG",
                        "CAP_SYS_PTRACE",
                        "CAP_DAC_READ_SEARCH")) {
            lacks(checks, capability, "missing", "give the process " + capability);
        }
        lacks(checks, "eBPF", "the process lacks CAP_BPF, CAP_PERFMON, CAP_SYSLOG", "/proc");
        assertTrue(check(checks, "libbpf").get("ok").asBoolean(), checks.toPrettyString());
        assertEquals("run stays the user it is", check(checks, "user").get("detail").asText());
    }

    @Test
    void oneCapabilityThatRootLacks() throws Exception {
        JsonNode checks = doctor(Map.of(), "setpriv", "--bounding-set=-syslog");

        lacks(checks, "CAP_SYSLOG", "addresses of kernel functions", "give the process CAP_SYSLOG");
        assertTrue(check(checks, "CAP_BPF").get("ok").asBoolean(), checks.toPrettyString());
        lacks(checks, "eBPF", "the process lacks CAP_SYSLOG", "as said");
    }

    @Test
    void aKernelThatDoesNotTellItsTypes() throws Exception {
        JsonNode checks =
                doctor(
                        Map.of(),
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"",
                        "sh");
        lacks(checks, "type information", "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF=y");
        lacks(checks, "eBPF", "CONFIG_DEBUG_INFO_BTF=y", "as said");
    }

    /** Another library stands where libbpf is looked for first, as one that is too old would. */
    @Test
    void aLibraryThatIsTooOld(@TempDir Path folder) throws Exception {
        Files.copy(
                Path.of(System.getProperty("java.home"), "lib", "libjsig.so"),
                folder.resolve("libbpf.so.1"));
        JsonNode checks = doctor(Map.of("LD_LIBRARY_PATH", folder.toString()));

        lacks(checks, "libbpf", "libbpf.so.1 has no ", "version 1.0 or later");
        lacks(checks, "eBPF", "version 1.0 or later is needed", "as said");
    }

    private static JsonNode doctor(Map<String, String> environment, String... prefix)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(prefix));
        command.addAll(program);
        command.addAll(List.of("doctor", "--json"));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(installed.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String text =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(ExitStatus.FOUND, process.exitValue(), text);
            return new ObjectMapper().readTree(text).get("checks");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static JsonNode check(JsonNode checks, String name) {
        return checks.valueStream()
                .filter(c -> c.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + name + ": " + checks));
    }

    private static void lacks(JsonNode checks, String name, String detail, String cure) {
        JsonNode check = check(checks, name);
        assertEquals(false, check.get("ok").asBoolean(), check.toString());
        assertTrue(check.get("detail").asText().contains(detail), check.toString());
        assertTrue(check.get("cure").asText().contains(cure), check.toString());
    }
}
