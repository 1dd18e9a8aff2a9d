package dev.ringwatch.agent.serve;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a server listens: a TCP host and port, or a unix socket's path. Immutable. */
public sealed interface ListenAddress {

    /**
     * A TCP address.
     *
     * @param host a name, an IPv4 literal or an IPv6 literal without brackets
     * @param port 0 to 65535; 0 lets the kernel choose
     */
    record Tcp(String host, int port) implements ListenAddress {
        private static final int MAX_PORT = 65535;

        public Tcp {
            if (host.isBlank()) {
                throw new IllegalArgumentException("a listen address needs a host");
            }
            if (port < 0 || port > MAX_PORT) {
                throw new IllegalArgumentException(port + ": a port is 0 to " + MAX_PORT);
            }
        }

        /** The address as {@link ListenAddress#parse} reads it. */
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A unix socket in the file system. Abstract sockets are refused: they have no mode, so anybody
     * in the network namespace could connect.
     *
     * @param path at most 107 bytes, see unix(7), {@code sun_path}
     */
    record Unix(Path path) implements ListenAddress {
        private static final int MAX_PATH_BYTES = 107;

        public Unix {
            String text = path.toString();
            if (text.isEmpty()) {
                throw new IllegalArgumentException("unix: needs a path, as in unix:/run/x.sock");
            }
            if (text.startsWith("@")) {
                throw new IllegalArgumentException(
                        "unix:" + text + ": abstract sockets have no file mode; give a path");
            }
            if (text.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
                throw new IllegalArgumentException(
                        "unix:" + text + ": longer than " + MAX_PATH_BYTES + " bytes");
            }
        }

        /** The address as {@link ListenAddress#parse} reads it. */
        @Override
        public String toString() {
            return PREFIX + path;
        }
    }

    /** What a unix socket's address starts with. */
    String PREFIX = "unix:";

    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT} or {@code unix:PATH}. A missing host is refused,
     * because elsewhere it means every interface, and that must be asked for by name.
     *
     * @throws IllegalArgumentException with one line that says what is wrong and what to write
     */
    static ListenAddress parse(String text) {
        if (text.startsWith(PREFIX)) {
            return new Unix(path(text.substring(PREFIX.length())));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.endsWith("]")) {
            throw bad(text, "no port; write HOST:PORT, [IPV6]:PORT or unix:PATH");
        }
        return new Tcp(host(text, text.substring(0, colon)), port(text, text.substring(colon + 1)));
    }

    private static String host(String text, String host) {
        if (host.isBlank()) {
            throw bad(text, "no host; 127.0.0.1 is this machine only, 0.0.0.0 every interface");
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            return ipv6(text, host.substring(1, host.length() - 1));
        }
        if (host.contains(":")) {
            throw bad(text, "write an IPv6 address in brackets, as in [::1]:9736");
        }
        if (!host.matches("[A-Za-z0-9._-]+")) {
            throw bad(text, "not a host name or an address");
        }
        return host;
    }

    private static String ipv6(String text, String literal) {
        if (!NetUtil.isValidIpV6Address(literal)) {
            throw bad(text, "no IPv6 address in the brackets");
        }
        return literal;
    }

    private static int port(String text, String digits) {
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > Tcp.MAX_PORT) {
            throw bad(text, "a port is a number from 0 to " + Tcp.MAX_PORT);
        }
        return Integer.parseInt(digits);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("unix: not a path: " + e.getReason(), e);
        }
    }

    private static IllegalArgumentException bad(String text, String reason) {
        return new IllegalArgumentException("'" + text + "': " + reason);
    }
}
