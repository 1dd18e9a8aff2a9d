package dev.ringwatch.uring.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringwatch.uring.sys.SocketLayouts.SockaddrIn;
import dev.ringwatch.uring.sys.SocketLayouts.SockaddrIn6;
import dev.ringwatch.uring.sys.SocketLayouts.SockaddrUn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.StandardCharsets;

/**
 * Addresses of the JDK as the kernel has them: IPv4, IPv6 and AF_UNIX.
 *
 * <p>Sources: ip(7), ipv6(7), unix(7). Any thread.
 */
public final class SocketAddresses {
    /** Room for any address here. */
    public static final int MAX_SIZE = SockaddrUn.SIZE;

    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private SocketAddresses() {}

    /**
     * The family that an address belongs to.
     *
     * @throws UnresolvedAddressException if it is a name that was not found
     * @throws UnsupportedAddressTypeException if it is of no family here
     */
    public static ProtocolFamily family(SocketAddress address) {
        return switch (address) {
            case UnixDomainSocketAddress unix -> StandardProtocolFamily.UNIX;
            case InetSocketAddress inet when resolved(inet) instanceof Inet6Address ->
                    StandardProtocolFamily.INET6;
            case InetSocketAddress inet -> StandardProtocolFamily.INET;
            default -> throw new UnsupportedAddressTypeException();
        };
    }

    /** The kernel's number of the family, an {@code AF_} constant of {@link Sockets}. */
    public static int domain(SocketAddress address) {
        return switch (family(address)) {
            case StandardProtocolFamily.UNIX -> Sockets.AF_UNIX;
            case StandardProtocolFamily.INET6 -> Sockets.AF_INET6;
            default -> Sockets.AF_INET;
        };
    }

    /**
     * The struct sockaddr, of exactly the bytes that count.
     *
     * @param domain the socket's family; an IPv4 address becomes a mapped one on AF_INET6
     */
    public static MemorySegment encode(
            SocketAddress address, int domain, SegmentAllocator allocator) {
        return switch (address) {
            case UnixDomainSocketAddress unix -> encodePath(unix, allocator);
            case InetSocketAddress inet when domain == Sockets.AF_INET6 -> encode6(inet, allocator);
            case InetSocketAddress inet -> encode4(inet, allocator);
            default -> throw new UnsupportedAddressTypeException();
        };
    }

    /** {@link #encode(SocketAddress, int, SegmentAllocator)} for a socket of the address's family. */
    public static MemorySegment encode(SocketAddress address, SegmentAllocator allocator) {
        return encode(address, domain(address), allocator);
    }

    /**
     * The address the kernel stored; a mapped IPv4 address is an IPv4 address again. An abstract
     * AF_UNIX name, for which the JDK has no address, comes with {@code @} in place of its zero byte,
     * as netstat(8) shows it.
     *
     * @param length what the kernel says it stored; an AF_UNIX socket without a name has the empty
     *     path
     * @throws UnsupportedAddressTypeException if it is of no family here
     */
    public static SocketAddress decode(MemorySegment address, int length) {
        if (length < 2) {
            return UnixDomainSocketAddress.of("");
        }
        return switch (address.get(JAVA_SHORT, 0)) {
            case Sockets.AF_UNIX -> decodePath(address, length);
            case Sockets.AF_INET -> inet(address, SockaddrIn.ADDRESS, 4);
            case Sockets.AF_INET6 -> decode6(address);
            default -> throw new UnsupportedAddressTypeException();
        };
    }

    private static MemorySegment encodePath(
            UnixDomainSocketAddress address, SegmentAllocator allocator) {
        String path = address.getPath().toString();
        return new UnixAddress.Path(path).encode(allocator);
    }

    private static MemorySegment encode4(InetSocketAddress address, SegmentAllocator allocator) {
        MemorySegment made = allocator.allocate(SockaddrIn.SIZE, 8).fill((byte) 0);
        if (!(resolved(address) instanceof Inet4Address)) {
            throw new UnsupportedAddressTypeException();
        }
        made.set(JAVA_SHORT, 0, (short) Sockets.AF_INET);
        port(made, address.getPort());
        bytes(made, SockaddrIn.ADDRESS, resolved(address).getAddress());
        return made;
    }

    private static MemorySegment encode6(InetSocketAddress address, SegmentAllocator allocator) {
        MemorySegment made = allocator.allocate(SockaddrIn6.SIZE, 8).fill((byte) 0);
        made.set(JAVA_SHORT, 0, (short) Sockets.AF_INET6);
        port(made, address.getPort());
        InetAddress host = resolved(address);
        if (host instanceof Inet6Address six) {
            bytes(made, SockaddrIn6.ADDRESS, host.getAddress());
            made.set(JAVA_INT, SockaddrIn6.SCOPE, six.getScopeId());
        } else if (!host.isAnyLocalAddress()) {
            bytes(made, SockaddrIn6.ADDRESS, MAPPED);
            bytes(made, SockaddrIn6.ADDRESS + MAPPED.length, host.getAddress());
        }
        return made;
    }

    private static SocketAddress decodePath(MemorySegment address, int length) {
        int bytes = Math.min(length, SockaddrUn.SIZE) - SockaddrUn.PATH;
        byte[] path = address.asSlice(SockaddrUn.PATH, bytes).toArray(JAVA_BYTE);
        boolean named = bytes > 0 && path[0] != 0;
        int end = bytes;
        while (named && path[end - 1] == 0) {
            end--;
        }
        String text = new String(path, 0, end, StandardCharsets.UTF_8).replace('\0', '@');
        return UnixDomainSocketAddress.of(text);
    }

    private static SocketAddress decode6(MemorySegment address) {
        int scope = address.get(JAVA_INT, SockaddrIn6.SCOPE);
        InetSocketAddress plain = inet(address, SockaddrIn6.ADDRESS, 16);
        if (scope == 0 || !(plain.getAddress() instanceof Inet6Address)) {
            return plain;
        }
        byte[] bytes = plain.getAddress().getAddress();
        try {
            return new InetSocketAddress(
                    Inet6Address.getByAddress(null, bytes, scope), plain.getPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 16 bytes was refused", e);
        }
    }

    private static InetSocketAddress inet(MemorySegment address, int from, int length) {
        byte[] bytes = address.asSlice(from, length).toArray(JAVA_BYTE);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port(address));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + length + " bytes was refused", e);
        }
    }

    private static InetAddress resolved(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return address.getAddress();
    }

    private static void port(MemorySegment address, int port) {
        address.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), SockaddrIn.PORT, (short) port);
    }

    private static int port(MemorySegment address) {
        short port = address.get(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), SockaddrIn.PORT);
        return Short.toUnsignedInt(port);
    }

    private static void bytes(MemorySegment address, int at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, at, bytes.length);
    }
}
