package dev.ringwatch.agent.why;

import java.util.OptionalInt;

/**
 * References of one kind and owner.
 *
 * @param count how many references these are; 0 for what keeps something in use without one
 * @param words whose, for people; it may hold names that a watched process has chosen
 * @param pid the process behind it, if there is one
 */
public record Entry(Kind kind, long count, String words, OptionalInt pid) {

    /** How something refers to a file, a mount or a namespace. */
    public enum Kind {
        DESCRIPTOR("descriptor", "descriptors"),
        MAPPING("mapping", "mappings"),
        EXECUTABLE("executable", "executables"),
        SLOT("slot", "slots"),
        QUEUED("queued", "queued"),
        REQUEST("request in flight", "requests in flight"),
        REGISTRATION("ring registration", "ring registrations"),
        LOOP_DEVICE("loop device", "loop devices"),
        SWAP("swap area", "swap areas"),
        FILE_SYSTEM("mounted file system", "mounted file systems"),
        DEVICE_ABOVE("block device above it", "block devices above it"),
        SYSTEM_CALL("system call in progress", "system calls in progress"),
        WORKING_DIRECTORY("working directory", "working directories"),
        ROOT_DIRECTORY("root directory", "root directories"),
        BOUND_SOCKET("bound socket", "bound sockets"),
        MOUNTED("mounted", "mounted"),
        MOUNT_ON_IT("mount on it", "mounts on it"),
        OPEN_FILE("open file", "open files"),
        TASKS("group of tasks", "groups of tasks"),
        NAMESPACE_FILE("namespace file", "namespace files"),
        SOCKET("socket", "sockets"),
        NOT_ACCEPTED("connection not accepted", "connections not accepted"),
        CLOSED_SOCKET("closed socket", "closed sockets"),
        CONNECTION("socket in the kernel's tables", "sockets in the kernel's tables");

        private final String one;
        private final String many;

        Kind(String one, String many) {
            this.one = one;
            this.many = many;
        }

        /** The name in JSON. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** What so many are called. */
        public String words(long count) {
            return count == 1 ? one : many;
        }
    }

    static Entry of(Kind kind, String words) {
        return new Entry(kind, 1, words, OptionalInt.empty());
    }

    static Entry of(Kind kind, String words, int pid) {
        return new Entry(kind, 1, words, OptionalInt.of(pid));
    }
}
