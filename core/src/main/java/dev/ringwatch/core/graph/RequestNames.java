package dev.ringwatch.core.graph;

import java.util.List;

/** What requests of io_uring are called: the {@code IORING_OP_*} numbers of the kernel's user API. */
public final class RequestNames {
    private static final List<String> NAMES =
            List.of(
                    "NOP",
                    "READV",
                    "WRITEV",
                    "FSYNC",
                    "READ_FIXED",
                    "WRITE_FIXED",
                    "POLL_ADD",
                    "POLL_REMOVE",
                    "SYNC_FILE_RANGE",
                    "SENDMSG",
                    "RECVMSG",
                    "TIMEOUT",
                    "TIMEOUT_REMOVE",
                    "ACCEPT",
                    "ASYNC_CANCEL",
                    "LINK_TIMEOUT",
                    "CONNECT",
                    "FALLOCATE",
                    "OPENAT",
                    "CLOSE",
                    "FILES_UPDATE",
                    "STATX",
                    "READ",
                    "WRITE",
                    "FADVISE",
                    "MADVISE",
                    "SEND",
                    "RECV",
                    "OPENAT2",
                    "EPOLL_CTL",
                    "SPLICE",
                    "PROVIDE_BUFFERS",
                    "REMOVE_BUFFERS",
                    "TEE",
                    "SHUTDOWN",
                    "RENAMEAT",
                    "UNLINKAT",
                    "MKDIRAT",
                    "SYMLINKAT",
                    "LINKAT",
                    "MSG_RING",
                    "FSETXATTR",
                    "SETXATTR",
                    "FGETXATTR",
                    "GETXATTR",
                    "SOCKET",
                    "URING_CMD",
                    "SEND_ZC",
                    "SENDMSG_ZC",
                    "READ_MULTISHOT",
                    "WAITID",
                    "FUTEX_WAIT",
                    "FUTEX_WAKE",
                    "FUTEX_WAITV",
                    "FIXED_FD_INSTALL",
                    "FTRUNCATE",
                    "BIND",
                    "LISTEN",
                    "RECV_ZC",
                    "EPOLL_WAIT",
                    "READV_FIXED",
                    "WRITEV_FIXED",
                    "PIPE");

    private RequestNames() {}

    /** {@code IORING_OP_POLL_ADD}; {@code request} if it is not known which, or not by this list. */
    public static String of(int opcode) {
        if (opcode == Holder.PendingRequest.UNKNOWN_OPCODE) {
            return "request";
        }
        return opcode >= 0 && opcode < NAMES.size()
                ? "IORING_OP_" + NAMES.get(opcode)
                : "request of opcode " + opcode;
    }
}
