package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is one clear line on stderr, nothing on stdout, and exit status 2. */
class BadInputTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --bogus",
                "snapshot --format xml",
                "leaks --older-than soon",
                "leaks --pid one",
                "frobnicate",
                "run --source cloud",
                "run --listen :9736",
                "run --listen 127.0.0.1:99999",
                "run --listen unix:",
                "run --config /no/such/file",
                "demo --leak water",
                "bench unknown",
                "bench observation --rounds 0",
                "bench nop",
                "bench fleet --agents 0",
                "bench fleet --groups 201",
                "bench fleet --interval 10s --duration 1s",
                "bench fleet --rules /nonexistent",
                "simulate --era water",
                "simulate --seed x",
                "simulate --programs 0",
                "simulate --exhaustive --sockets 9",
                "simulate --exhaustive --assumptions",
                "why",
                "why :0",
                "why :65536",
                "why :http",
                "why inode:x",
                "why inode:99999999999999999999",
                "why netns:-1",
                "why pid:7",
                "why pid:x/1",
                "why pid:4194304/0",
                "why --source proc pid:4194304/0",
                "why /no/such/file/at/all",
                "why --source proc /no/such/file/at/all"
            })
    void isOneLine(String line) {
        refused(Cli.run(line.split(" ")), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "interval: 5 | interval: '5' is no duration",
                "interval: 1ms | at least 100ms",
                "groups: {max: 0} | whole number from 1 to 200",
                "groups: {max: many} | whole number from 1 to 200",
                "thresholds: {never: 1s} | unknown key 'thresholds.never'",
                "thresholds: 5m | must be a mapping",
                "listen: {a: b} | must be",
                "interval: 2h | at most 1h",
                "interval: | interval: has no value",
                "limits: {max_table_mib: 99999999999} | limits.max_table_mib: must be a whole number",
                "features: {hot: maybe} | features.hot: 'maybe' is none of auto, on, off",
                "groups: {max: 1, max: 2} | line 1",
                "colour: red | unknown key 'colour'",
                "- a list | must be a mapping",
                "listen: [ | line 1",
                "source: magic | none of auto, bpf, proc"
            })
    void malformedConfigurationIsOneLineWithThePlace(
            String yaml, String expected, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("ringwatch.yaml"), yaml + "\n");

        Cli cli = Cli.run("run", "--config", file.toString());

        refused(cli, expected);
        assertTrue(cli.err().contains(file.toString()), cli.err());
    }

    @Test
    void aTakenPortIsNamedWithTheCure() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            refused(Cli.run("run", "--source", "proc", "--listen", address), "already in use");
        }
    }

    @Test
    void noCommandAtAllShowsTheUsage() {
        Cli cli = Cli.run();

        assertEquals(ExitStatus.ERROR, cli.status());
        assertTrue(cli.err().contains("Usage: ringwatch"), cli.err());
    }

    private static void refused(Cli cli, String expected) {
        assertEquals(ExitStatus.ERROR, cli.status(), cli.err());
        assertEquals("", cli.out());
        String[] lines =
                cli.err()
                        .lines()
                        .filter(l -> !l.contains("reading /proc only"))
                        .toArray(String[]::new);
        assertEquals(1, lines.length, cli.err());
        assertTrue(lines[0].startsWith("ringwatch: "), cli.err());
        assertTrue(lines[0].contains(expected), cli.err());
    }
}
