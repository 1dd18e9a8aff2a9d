package dev.ringwatch.agent.bpf;

/**
 * The tables that the snapshot programs fill: the names of their maps and the size of a record, as
 * snapshot.h has them. The order is that of {@code enum table} there.
 */
public enum SnapshotTable {
    PROCESSES("processes", 72),
    DESCRIPTORS("descriptors", 16),
    TASK_LINKS("task_links", 32),
    SOCKETS("sockets", 72),
    RINGS("rings", 72),
    SLOTS("slots", 32),
    REQUESTS("requests", 48),
    EDGES("edges", 40),
    FILES("files", 96),
    VERTICES("vertices", 32),
    NAMES("names", 120);

    private final String map;
    private final int recordBytes;

    SnapshotTable(String map, int recordBytes) {
        this.map = map;
        this.recordBytes = recordBytes;
    }

    String map() {
        return map;
    }

    int recordBytes() {
        return recordBytes;
    }

    /** Offsets in a record of {@link #PROCESSES}. */
    public static final class Task {
        public static final int START_TIME = 0;
        public static final int TGID = 8;
        public static final int UID = 12;
        public static final int COMM = 16;
        public static final int COMM_BYTES = 16;
        public static final int USER_INFLIGHT = 32;
        public static final int DESCRIPTOR_LIMIT = 40;
        public static final int USER_LOCKED = 48;
        public static final int LOCKED_LIMIT = 56;
        public static final int NETNS = 64;
        public static final int EXEMPT = 68;

        public static final int EXEMPT_IN_FLIGHT = 1;
        public static final int EXEMPT_LOCKED = 2;

        private Task() {}
    }

    /** Offsets in a record of {@link #DESCRIPTORS}. */
    public static final class Descriptor {
        public static final int FILE = 0;
        public static final int TGID = 8;
        public static final int FD = 12;

        private Descriptor() {}
    }

    /** Offsets in a record of {@link #TASK_LINKS}, and its kinds of link. */
    public static final class TaskLink {
        public static final int RING = 0;
        public static final int FILE = 8;
        public static final int TGID = 16;
        public static final int TID = 20;
        public static final int LINK = 24;
        public static final int NUMBER = 28;

        public static final int MAPPING = 0;
        public static final int REGISTRATION = 1;
        public static final int USE = 2;
        public static final int NETNS = 3;

        /** A thread that does a ring's requests. */
        public static final int WORKER = 4;

        private TaskLink() {}
    }

    /** Offsets in a record of {@link #SOCKETS}, and its flags. */
    public static final class Socket {
        public static final int SK = 0;
        public static final int FILE = 8;
        public static final int PEER = 16;
        public static final int LISTENER = 24;
        public static final int INODE = 32;
        public static final int FILE_COUNT = 40;
        public static final int ADDRESS = 48;
        public static final int NETNS = 56;
        public static final int QUEUE_LENGTH = 60;
        public static final int QUEUED_FDS = 64;
        public static final int TYPE = 68;
        public static final int STATE = 70;
        public static final int FLAGS = 71;

        public static final int IN_FLIGHT = 1;
        public static final int PEER_GONE = 2;

        /** The state of a listening socket (TCP_LISTEN). */
        public static final int LISTEN = 10;

        private Socket() {}
    }

    /** Offsets in a record of {@link #RINGS}. */
    public static final class Ring {
        public static final int RING = 0;
        public static final int FILE = 8;
        public static final int FILE_COUNT = 16;
        public static final int BUFFER_BYTES = 24;
        public static final int SUBMITTER = 32;
        public static final int FILE_SLOTS = 36;
        public static final int BUFFERS = 40;
        public static final int REQUESTS_ALLOCATED = 44;
        public static final int REQUESTS_FREE = 48;
        public static final int CQ_OVERFLOW = 52;
        public static final int WHOLE = 56;
        public static final int SUBMISSIONS = 60;
        public static final int ENTRIES = 64;
        public static final int CQ_ENTRIES = 68;

        /** What a number has that the kernel does not keep, or that could not be counted. */
        public static final int UNCOUNTED = ~0;

        private Ring() {}
    }

    /** Offsets in a record of {@link #SLOTS}. */
    public static final class Slot {
        public static final int RING = 0;
        public static final int FILE = 8;
        public static final int NODE = 16;
        public static final int SLOT = 24;
        public static final int NODE_REFS = 28;

        private Slot() {}
    }

    /** Offsets in a record of {@link #REQUESTS}. */
    public static final class Request {
        public static final int RING = 0;
        public static final int FILE = 8;
        public static final int NODE = 16;
        public static final int OPCODE = 24;
        public static final int REGISTERED = 28;
        public static final int REQUEST = 32;
        public static final int USER_DATA = 40;

        private Request() {}
    }

    /** Offsets in a record of {@link #EDGES}. */
    public static final class Edge {
        public static final int SK = 0;
        public static final int FILE = 8;
        public static final int SKB = 16;
        public static final int SENDER = 24;
        public static final int PACKET = 32;

        private Edge() {}
    }

    /** Offsets in a record of {@link #FILES}, and its kinds. */
    public static final class OpenFile {
        public static final int FILE = 0;
        public static final int OBJECT = 8;
        public static final int INODE = 16;
        public static final int COUNT = 24;
        public static final int DEVICE = 32;
        public static final int LINKS = 36;
        public static final int KIND = 40;
        public static final int STATE = 44;
        public static final int NAME = 48;
        public static final int NAME_BYTES = 48;

        public static final int OTHER = 0;
        public static final int UNIX = 1;
        public static final int RING = 2;
        public static final int SOCKET = 3;

        /** The state of a connection whose other end has closed (TCP_CLOSE_WAIT). */
        public static final int CLOSE_WAIT = 8;

        private OpenFile() {}
    }

    /** Offsets in a record of {@link #VERTICES}. */
    public static final class Vertex {
        public static final int SK = 0;
        public static final int REFERENCES = 8;
        public static final int MARK = 16;
        public static final int COMPONENT = 24;

        /** While the collector's walk is at a socket, its mark is this or more. */
        public static final int WALKED_NOW = 2;

        private Vertex() {}
    }

    /** Offsets in a record of {@link #NAMES}. */
    public static final class Name {
        public static final int ADDRESS = 0;
        public static final int LENGTH = 8;
        public static final int PATH = 12;
        public static final int PATH_BYTES = 108;

        private Name() {}
    }
}
