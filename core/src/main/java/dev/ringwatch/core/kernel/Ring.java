package dev.ringwatch.core.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An io_uring instance: the kernel's {@code io_ring_ctx}. It holds no reference to its own file. */
public final class Ring {
    /** A request's number and what became of it. */
    public record Completion(int request, int result) {}

    /**
     * A file in a slot, or taken out of one and still in use: {@code io_rsrc_node}.
     *
     * <p>Where slots are released in order, a node stands for a stretch of time instead: requests
     * count on the one that is current when they are submitted, and a file that leaves is attached
     * to it.
     */
    static final class Node {
        @Nullable OpenFile file;

        /** The packet that owns the reference, where tables are packets; else the node does. */
        @Nullable Packet packet;

        /** Requests that use it. */
        int requests;

        /** Taken out of its slot, or no longer the current one. */
        boolean retired;
    }

    private final int id;
    private final OpenFile file;

    /** The ring's own socket, in the eras that have one. */
    final @Nullable UnixSocket socket;

    /** The table, or null while nothing is registered. */
    @Nullable List<@Nullable Node> table;

    /** Where the search for a free slot begins. */
    int hint;

    /** Nodes out of the table that still have their file. */
    final Deque<Node> leaving = new ArrayDeque<>();

    /** Where slots are released in order: what requests count on now. */
    Node current = new Node();

    final Map<Integer, PendingRequest> pending = new TreeMap<>();
    final Deque<Completion> completions = new ArrayDeque<>();
    int nextRequest = 1;
    boolean ended;

    Ring(int id, OpenFileSource file, @Nullable UnixSocket socket) {
        this.id = id;
        this.file = file.of(this);
        this.socket = socket;
    }

    /** Makes the file of a ring, since each needs the other. */
    interface OpenFileSource {
        OpenFile of(Ring ring);
    }

    /** Its number, in the order of making. */
    public int id() {
        return id;
    }

    /** Its file. */
    public OpenFile file() {
        return file;
    }

    /** The files in its table by slot, null where a slot is empty; empty without a table. */
    public List<@Nullable OpenFile> slots() {
        List<@Nullable OpenFile> files = new ArrayList<>();
        if (table != null) {
            for (Node node : table) {
                files.add(node == null ? null : node.file);
            }
        }
        return Collections.unmodifiableList(files);
    }

    /** Files that left the table and that requests still use. */
    public List<OpenFile> leaving() {
        List<OpenFile> files = new ArrayList<>();
        for (Node node : leaving) {
            if (node.file != null) {
                files.add(node.file);
            }
        }
        return files;
    }

    /** Its requests in flight, by their numbers. */
    public Map<Integer, PendingRequest> pending() {
        return Collections.unmodifiableMap(pending);
    }

    /** How many completions wait to be reaped. */
    public int completions() {
        return completions.size();
    }

    /** The completions that wait to be reaped, oldest first. */
    public List<Completion> completionQueue() {
        return List.copyOf(completions);
    }

    /** Whether it has a file table. */
    public boolean hasTable() {
        return table != null;
    }

    /** Whether its last reference is gone and its teardown is done. */
    public boolean ended() {
        return ended;
    }

    @Override
    public String toString() {
        return file.label();
    }
}
