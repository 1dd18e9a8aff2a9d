package dev.ringwatch.uring.sys;

/**
 * Offsets and sizes, in bytes, of the structures sockets are spoken to with, on any 64-bit Linux.
 *
 * <p>Sources: include/linux/socket.h, include/uapi/linux/uio.h and un.h, cmsg(3).
 */
public final class SocketLayouts {
    private SocketLayouts() {}

    /** struct msghdr. */
    public static final class Msghdr {
        /** Pointer to the address. */
        public static final int NAME = 0;

        /** Its size, an int. */
        public static final int NAMELEN = 8;

        /** Pointer to the iovec array. */
        public static final int IOV = 16;

        /** How many, a long. */
        public static final int IOVLEN = 24;

        /** Pointer to the control messages. */
        public static final int CONTROL = 32;

        /** Their size in bytes, a long; the kernel writes back how much it filled. */
        public static final int CONTROLLEN = 40;

        /** {@code MSG_} flags of what was received, an int. */
        public static final int FLAGS = 48;

        /** Size of the structure. */
        public static final int SIZE = 56;

        private Msghdr() {}
    }

    /** struct iovec. */
    public static final class Iovec {
        /** Pointer to the bytes. */
        public static final int BASE = 0;

        /** How many, a long. */
        public static final int LEN = 8;

        /** Size of the structure. */
        public static final int SIZE = 16;

        private Iovec() {}
    }

    /** struct cmsghdr and the macros of cmsg(3). */
    public static final class Cmsghdr {
        /** Header and data in bytes, a long; the padding after the data does not count. */
        public static final int LEN = 0;

        /** The protocol, an int. */
        public static final int LEVEL = 8;

        /** What it is within the protocol, an int. */
        public static final int TYPE = 12;

        /** Where the data begins; also the size of the header. */
        public static final int DATA = 16;

        private Cmsghdr() {}

        /** CMSG_ALIGN: rounded up to a multiple of 8. */
        public static long align(long bytes) {
            return (bytes + 7) & ~7L;
        }

        /** CMSG_LEN: header and data. */
        public static long length(long data) {
            return DATA + data;
        }

        /** CMSG_SPACE: header, data and padding. */
        public static long space(long data) {
            return DATA + align(data);
        }
    }

    /** struct sockaddr_un. */
    public static final class SockaddrUn {
        /** The family, a short. */
        public static final int FAMILY = 0;

        /** The path, or a zero byte and an abstract name. */
        public static final int PATH = 2;

        /** Room for the path in bytes. */
        public static final int PATH_MAX = 108;

        /** Size of the structure. */
        public static final int SIZE = PATH + PATH_MAX;

        private SockaddrUn() {}
    }

    /** struct sockaddr_in. */
    public static final class SockaddrIn {
        /** The port, a short in network order. */
        public static final int PORT = 2;

        /** The address, 4 bytes. */
        public static final int ADDRESS = 4;

        /** Size of the structure. */
        public static final int SIZE = 16;

        private SockaddrIn() {}
    }

    /** struct sockaddr_in6; family and port lie as in {@link SockaddrIn}. */
    public static final class SockaddrIn6 {
        /** The address, 16 bytes. */
        public static final int ADDRESS = 8;

        /** The interface of a link-local address, an int. */
        public static final int SCOPE = 24;

        /** Size of the structure. */
        public static final int SIZE = 28;

        private SockaddrIn6() {}
    }
}
