package dev.ringwatch.agent.why;

import java.nio.file.Path;

/** What somebody asks about. */
public sealed interface Target {
    /** A path: an open file's, a directory's, a mount's, a socket's, or one that was deleted. */
    record Named(String path) implements Target {
        @Override
        public String toString() {
            return path;
        }
    }

    /** A local port of internet sockets. */
    record Port(int port) implements Target {
        @Override
        public String toString() {
            return ":" + port;
        }
    }

    /** Every file with an inode of that number, such as a socket's. */
    record InodeNumber(long number) implements Target {
        @Override
        public String toString() {
            return "inode:" + Long.toUnsignedString(number);
        }
    }

    /** The open file behind a descriptor. */
    record Descriptor(int pid, int fd) implements Target {
        @Override
        public String toString() {
            return "pid:" + pid + "/" + fd;
        }
    }

    /** A network namespace, by the inode number that {@code /proc/PID/ns/net} shows. */
    record NetworkNamespace(long number) implements Target {
        @Override
        public String toString() {
            return "netns:" + number;
        }
    }

    /** How a target is written; for help and errors. */
    String FORMS = "a path, :PORT, inode:N, pid:N/FD or netns:N";

    /**
     * Reads a target.
     *
     * @throws IllegalArgumentException with one line for whoever wrote it
     */
    static Target parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the target is empty: give " + FORMS);
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a path has no zero byte in it");
        }
        if (text.startsWith(":")) {
            return new Port((int) number(text, text.substring(1), 1, 65_535, "a port"));
        }
        if (text.startsWith("inode:")) {
            return new InodeNumber(
                    number(text, text.substring(6), 1, Long.MAX_VALUE, "an inode number"));
        }
        if (text.startsWith("netns:")) {
            return new NetworkNamespace(namespace(text, text.substring(6)));
        }
        if (text.startsWith("pid:")) {
            return descriptor(text);
        }
        return new Named(Path.of(text).toAbsolutePath().toString());
    }

    private static long namespace(String text, String number) {
        boolean asLink = number.startsWith("[") && number.endsWith("]");
        String digits = asLink ? number.substring(1, number.length() - 1) : number;
        return number(text, digits, 1, 0xffff_ffffL, "the inode number of a network namespace");
    }

    private static Target descriptor(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' names no descriptor: write pid:N/FD, such as pid:312/7");
        }
        int pid = (int) number(text, text.substring(4, slash), 1, 1 << 22, "a process id");
        int fd =
                (int) number(text, text.substring(slash + 1), 0, Integer.MAX_VALUE, "a descriptor");
        return new Descriptor(pid, fd);
    }

    private static long number(String text, String digits, long least, long most, String what) {
        if (digits.matches("[0-9]{1,19}")) {
            try {
                long n = Long.parseLong(digits);
                if (n >= least && n <= most) {
                    return n;
                }
            } catch (NumberFormatException e) {
                // more than 64 bits: out of range, as below
            }
        }
        throw new IllegalArgumentException(
                "'%s': %s is a number from %d to %d".formatted(text, what, least, most));
    }
}
