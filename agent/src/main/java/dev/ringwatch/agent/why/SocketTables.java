package dev.ringwatch.agent.why;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The internet sockets of every network namespace that a process is in, from {@code
 * /proc/PID/net/tcp} and its like (proc_pid_net(5)). Source of the columns: tcp4_seq_show.
 */
final class SocketTables {
    private static final List<String> TABLES = List.of("tcp", "tcp6", "udp", "udp6");
    private static final int TIME_WAIT = 6;
    private static final int SYN_RECEIVED = 3;
    private static final int ESTABLISHED = 1;
    private static final int STATE = 3;
    private static final int LOCAL = 1;
    private static final int INODE = 9;

    private SocketTables() {}

    /** One line with the port. */
    private record Line(String table, int state, long inode) {}

    /** The numbers of the sockets of a port that have an open file. */
    static Set<Long> inodes(int port) {
        Set<Long> inodes = new TreeSet<>();
        for (Line line : lines(port)) {
            if (line.inode != 0) {
                inodes.add(line.inode);
            }
        }
        return inodes;
    }

    /** Connections of a port that no file stands for, by what they are. */
    static Map<String, Integer> withoutFile(int port) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Line line : lines(port)) {
            if (line.inode == 0 && line.table.startsWith("tcp")) {
                counts.merge(words(line.state), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static String words(int state) {
        return switch (state) {
            case TIME_WAIT -> "TIME_WAIT, each ends within a minute";
            case SYN_RECEIVED -> "being set up";
            case ESTABLISHED -> "not accepted yet";
            default -> "closed by their owner and still being ended";
        };
    }

    private static List<Line> lines(int port) {
        List<Line> all = new ArrayList<>();
        for (Path net : namespaces()) {
            for (String table : TABLES) {
                read(net.resolve(table), table, port, all);
            }
        }
        return all;
    }

    private static void read(Path file, String table, int port, List<Line> into) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            return; // a kernel without it, or the process has ended
        }
        String suffix = ":%04X".formatted(port);
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            if (words.length > INODE && words[LOCAL].endsWith(suffix)) {
                into.add(
                        new Line(
                                table,
                                Integer.parseInt(words[STATE], 16),
                                Long.parseLong(words[INODE])));
            }
        }
    }

    /** One process's tables for each namespace. */
    private static List<Path> namespaces() {
        Set<String> seen = new HashSet<>();
        List<Path> nets = new ArrayList<>();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(
                        Path.of("/proc"), e -> e.getFileName().toString().matches("[0-9]{1,9}"))) {
            for (Path process : processes) {
                String namespace = namespace(process);
                if (!namespace.isEmpty() && seen.add(namespace)) {
                    nets.add(process.resolve("net"));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return nets; // those that were listed
        }
        return nets;
    }

    private static String namespace(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/net")).toString();
        } catch (IOException e) {
            return ""; // not ours to read, or gone
        }
    }
}
