package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringwatch.agent.privilege.Capability;
import dev.ringwatch.uring.sys.Tasks;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the threads of a running agent may do, as the kernel tells it. */
@Timeout(180)
class PrivilegesTest {
    private static final String OBSERVER = "ringwatch-obser";
    private static final String NOBODY = "65534";
    private static final Set<Capability> BPF_AND_PROC =
            Set.of(
                    Capability.CAP_BPF,
                    Capability.CAP_PERFMON,
                    Capability.CAP_SYSLOG,
                    Capability.CAP_SYS_PTRACE,
                    Capability.CAP_DAC_READ_SEARCH);

    /** A copy of the program that everybody may read; the build may lie where nobody else may look. */
    @TempDir static Path installed = Path.of("");

    private static List<String> program = List.of();

    @TempDir Path folder = Path.of("");

    @BeforeAll
    static void install() throws IOException {
        assumeTrue(Tasks.effectiveUser() == 0, "only root can become another user");
        program = InstalledProgram.in(installed);
    }

    @Test
    void asAnotherUserTheObserverAloneKeepsWhatItNeedsAndAllGoesOn() throws Exception {
        Path config = config("run_as: nobody\ninterval: 100ms\n");
        try (RunningAgent agent = RunningAgent.start(program, config).awaitReady()) {
            assertEquals(
                    "ringwatch: runs as nobody; capabilities: CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE,"
                            + " CAP_SYSLOG, CAP_PERFMON, CAP_BPF in the observer's thread, none in"
                            + " the others",
                    agent.awaitLine(l -> l.startsWith("ringwatch: runs as")));
            for (int i = 0; i < 20; i++) {
                assertTrue(agent.scrape().contains("ringwatch_source_up{source=\"bpf\"} 1.0"));
                for (ThreadStatus thread : threads(agent)) {
                    assertEquals(uids(NOBODY), thread.get("Uid"), thread.name());
                    assertEquals(uids(NOBODY), thread.get("Gid"), thread.name());
                    assertCapabilities(
                            thread.name().equals(OBSERVER) ? BPF_AND_PROC : Set.of(), thread);
                }
            }
            assertTrue(threads(agent).stream().anyMatch(t -> t.name().equals(OBSERVER)));
            tablesStillGrow(agent);
        }
    }

    /** More slots than the first tables hold: programs and maps are loaded anew. */
    private static void tablesStillGrow(RunningAgent agent) throws Exception {
        try (Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 19_000)) {
            agent.awaitMetric(
                    l ->
                            l.startsWith("ringwatch_uring_registered_files")
                                    && Double.parseDouble(l.substring(l.lastIndexOf(' ')))
                                            >= 19_000);
            String text = agent.scrape();
            assertTrue(text.contains("ringwatch_source_up{source=\"bpf\"} 1.0"), text);
            assertTrue(sample.pid() > 0);
        }
    }

    @Test
    void fromProcOnlyTheTwoThatReadItAreKeptAndOthersProcessesAreRead() throws Exception {
        Path config = config("run_as: nobody\nsource: proc\ninterval: 100ms\n");
        try (RunningAgent agent = RunningAgent.start(program, config).awaitReady();
                Sample sample = Sample.start(SampleCommand.Kind.SLOTS, 37)) {
            agent.awaitMetric(
                    l ->
                            l.startsWith("ringwatch_uring_registered_files")
                                    && Double.parseDouble(l.substring(l.lastIndexOf(' '))) >= 37);
            for (ThreadStatus thread : threads(agent)) {
                assertCapabilities(
                        thread.name().equals(OBSERVER)
                                ? Set.of(Capability.CAP_SYS_PTRACE, Capability.CAP_DAC_READ_SEARCH)
                                : Set.of(),
                        thread);
            }
            assertTrue(sample.pid() > 0);
        }
    }

    @Test
    void asRootTheThreadsThatWeMakeGiveUpTheirsToo() throws Exception {
        Path config = config("run_as: root\nkeep_capabilities: CAP_SYS_ADMIN\ninterval: 100ms\n");
        try (RunningAgent agent = RunningAgent.start(config).awaitReady()) {
            agent.scrape();
            Set<Capability> more = new LinkedHashSet<>(BPF_AND_PROC);
            more.add(Capability.CAP_SYS_ADMIN);
            Set<String> seen = new LinkedHashSet<>();
            for (ThreadStatus thread : threads(agent)) {
                if (thread.name().startsWith("ringwatch-") || thread.name().equals("main")) {
                    seen.add(thread.name());
                    assertCapabilities(thread.name().equals(OBSERVER) ? more : Set.of(), thread);
                    assertEquals("1", thread.get("NoNewPrivs"), thread.name());
                }
            }
            assertTrue(seen.contains(OBSERVER) && seen.size() > 1, seen.toString());
        }
    }

    /** As in a container that was given the five capabilities and no others. */
    @Test
    void rootThatMayNotBecomeAnotherUserStaysAndSaysSo() throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--bounding-set=-all,+bpf,+perfmon,+syslog,+sys_ptrace,"
                                        + "+dac_read_search"));
        command.addAll(program);
        try (RunningAgent agent = RunningAgent.start(command, config("interval: 100ms\n"))) {
            agent.awaitReady();
            agent.awaitLine(
                    l ->
                            l.startsWith(
                                    "ringwatch: stays root: it may not become another user;"
                                            + " capabilities: CAP_DAC_READ_SEARCH,"));
            assertTrue(agent.scrape().contains("ringwatch_source_up{source=\"bpf\"} 1.0"));
        }
    }

    /** Runtimes that know no CAP_BPF grant CAP_SYS_ADMIN in its place. */
    @Test
    void whereCapSysAdminStandsForCapBpfItIsKeptAndTablesGrow() throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--bounding-set=-all,+sys_admin,+syslog,+setuid,+setgid"));
        command.addAll(program);
        Path config = config("source: bpf\nrun_as: nobody\ninterval: 100ms\n");
        try (RunningAgent agent = RunningAgent.start(command, config).awaitReady()) {
            agent.awaitLine(l -> l.contains("runs as nobody; capabilities: CAP_SYS"));
            tablesStillGrow(agent);
        }
    }

    @Test
    void whatCannotBeIsOneLine() throws IOException {
        Cli unknown = Cli.run("run", "--config", config("run_as: nosuchuser\n").toString());
        assertEquals(ExitStatus.ERROR, unknown.status());
        assertTrue(
                unknown.err().startsWith("ringwatch: run_as: /etc/passwd has no user nosuchuser;"),
                unknown.err());
    }

    private Path config(String yaml) throws IOException {
        return Files.writeString(folder.resolve("ringwatch.yaml"), yaml);
    }

    private static String uids(String id) {
        return String.join("\t", id, id, id, id);
    }

    private static void assertCapabilities(Set<Capability> expected, ThreadStatus thread) {
        long bits = expected.stream().mapToLong(Capability::mask).sum();
        String set = "%016x".formatted(bits);
        assertEquals(set, thread.get("CapEff"), () -> "effective of " + thread.name());
        assertEquals(set, thread.get("CapPrm"), () -> "permitted of " + thread.name());
        assertEquals("0".repeat(16), thread.get("CapInh"), () -> "to inherit of " + thread.name());
        assertEquals("0".repeat(16), thread.get("CapAmb"), () -> "ambient of " + thread.name());
    }

    /** A thread's status in /proc. */
    private record ThreadStatus(Map<String, String> fields) {
        String name() {
            return get("Name");
        }

        String get(String field) {
            return fields.getOrDefault(field, "");
        }
    }

    private static List<ThreadStatus> threads(RunningAgent agent) throws IOException {
        List<ThreadStatus> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + agent.pid() + "/task"))) {
            for (Path task : tasks.toList()) {
                Map<String, String> fields = new HashMap<>();
                for (String line : linesOf(task.resolve("status"))) {
                    int colon = line.indexOf(':');
                    fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                }
                if (!fields.isEmpty()) {
                    threads.add(new ThreadStatus(fields));
                }
            }
        }
        return threads;
    }

    /** None of a thread that has ended. */
    private static List<String> linesOf(Path status) throws IOException {
        try {
            return Files.readAllLines(status);
        } catch (FileSystemException e) {
            return List.of();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return List.of();
            }
            throw e;
        }
    }
}
