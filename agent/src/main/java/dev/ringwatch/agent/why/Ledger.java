package dev.ringwatch.agent.why;

import java.util.List;
import java.util.OptionalLong;

/**
 * The account of one thing that is kept: what the kernel counts, and who is known to be behind it.
 *
 * @param name what it is, for people; it may hold names that a watched process has chosen
 * @param inode its inode number, where it has one
 * @param references the kernel's count; absent where there is none or it can't be read
 * @param path how a process reaches it, the outermost step first; empty if one holds it itself
 * @param notes what else is to be known
 * @param moving whether the count changed from look to look
 */
public record Ledger(
        Subject subject,
        String name,
        OptionalLong inode,
        OptionalLong references,
        List<Entry> entries,
        List<String> path,
        List<String> notes,
        boolean moving) {

    /** What a ledger is about. */
    public enum Subject {
        /** An open file ({@code struct file}): the kernel's count is {@code f_count}. */
        OPEN_FILE,
        /** A mount: the kernel's count is the sum of {@code mnt_count}. */
        MOUNT,
        /** A network namespace: the kernel's count is that of {@code struct net}. */
        NETWORK_NAMESPACE,
        /** A file or directory itself, apart from who has it open; there is no count of these. */
        PLACE,
        /** Connections of a port that have no open file. */
        CONNECTIONS;

        /** The name in JSON. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Ledger {
        entries = List.copyOf(entries);
        path = List.copyOf(path);
        notes = List.copyOf(notes);
    }

    /** The references that the entries account for. */
    public long explained() {
        return entries.stream().mapToLong(Entry::count).sum();
    }

    /** The references that the kernel counts and no entry accounts for, never below 0. */
    public OptionalLong unexplained() {
        return references.isEmpty()
                ? references
                : OptionalLong.of(Math.max(0, references.getAsLong() - explained()));
    }

    /** Whether the entries are exactly what the kernel counts, or it has no count. */
    public boolean balanced() {
        return references.isEmpty() || references.getAsLong() == explained();
    }

    /** Whether anything keeps it: that a mount is mounted does not. */
    public boolean held() {
        return unexplained().orElse(0) > 0
                || entries.stream().anyMatch(e -> e.kind() != Entry.Kind.MOUNTED);
    }
}
