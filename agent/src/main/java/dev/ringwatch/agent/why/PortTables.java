package dev.ringwatch.agent.why;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Holds the ledgers of a port against the kernel's tables of sockets: none may be missing. */
final class PortTables {
    private PortTables() {}

    /**
     * Adds what the tables list beyond the ledgers: connections that no file stands for, and sockets
     * whose holder is hidden from this process.
     */
    static void complete(int port, List<Ledger> ledgers, List<String> incomplete) {
        List<Entry> entries = new ArrayList<>();
        SocketTables.withoutFile(port).forEach((words, n) -> entries.add(connection(n, words)));
        Set<Long> told = new HashSet<>();
        ledgers.forEach(l -> l.inode().ifPresent(told::add));
        for (long inode : SocketTables.inodes(port)) {
            if (!told.contains(inode)) {
                entries.add(connection(1, "socket " + inode + ", of whom cannot be seen"));
                incomplete.add(
                        "socket "
                                + inode
                                + " has that port, and no process that can be seen has it open");
            }
        }
        if (!entries.isEmpty()) {
            ledgers.add(
                    new Ledger(
                            Ledger.Subject.CONNECTIONS,
                            "port " + port + ", beside open files",
                            OptionalLong.empty(),
                            OptionalLong.empty(),
                            entries,
                            List.of(),
                            List.of(),
                            false));
        }
    }

    private static Entry connection(int count, String words) {
        return new Entry(Entry.Kind.CONNECTION, count, words, OptionalInt.empty());
    }
}
