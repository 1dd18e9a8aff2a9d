package dev.ringwatch.uring;

import java.util.Optional;

/**
 * The operations of the kernel's interface up to 6.18, by the names of its header.
 *
 * <p>{@link RingSupport.Available#operations()} tells which of them a kernel has; the versions here
 * say when mainline got them and decide nothing. Source: include/uapi/linux/io_uring.h.
 */
public enum Opcode {
    /** Nothing. Since 5.1. */
    NOP(SqeLayout.OP_NOP),
    /** A vectored read. Since 5.1. */
    READV(SqeLayout.OP_READV),
    /** A vectored write. Since 5.1. */
    WRITEV(SqeLayout.OP_WRITEV),
    /** fsync(2). Since 5.1. */
    FSYNC(SqeLayout.OP_FSYNC),
    /** A read into a registered buffer. Since 5.1. */
    READ_FIXED(SqeLayout.OP_READ_FIXED),
    /** A write from a registered buffer. Since 5.1. */
    WRITE_FIXED(SqeLayout.OP_WRITE_FIXED),
    /** poll(2). Since 5.1. */
    POLL_ADD(SqeLayout.OP_POLL_ADD),
    /** Ends or changes a poll. Since 5.1. */
    POLL_REMOVE(SqeLayout.OP_POLL_REMOVE),
    /** sync_file_range(2). Since 5.2. */
    SYNC_FILE_RANGE(SqeLayout.OP_SYNC_FILE_RANGE),
    /** sendmsg(2). Since 5.3. */
    SENDMSG(SqeLayout.OP_SENDMSG),
    /** recvmsg(2). Since 5.3. */
    RECVMSG(SqeLayout.OP_RECVMSG),
    /** A timer. Since 5.4. */
    TIMEOUT(SqeLayout.OP_TIMEOUT),
    /** Ends or changes a timer. Since 5.5. */
    TIMEOUT_REMOVE(SqeLayout.OP_TIMEOUT_REMOVE),
    /** accept4(2). Since 5.5. */
    ACCEPT(SqeLayout.OP_ACCEPT),
    /** Cancels operations. Since 5.5. */
    ASYNC_CANCEL(SqeLayout.OP_ASYNC_CANCEL),
    /** A linked operation's timer. Since 5.5. */
    LINK_TIMEOUT(SqeLayout.OP_LINK_TIMEOUT),
    /** connect(2). Since 5.5. */
    CONNECT(SqeLayout.OP_CONNECT),
    /** fallocate(2). Since 5.6. */
    FALLOCATE(SqeLayout.OP_FALLOCATE),
    /** openat(2). Since 5.6. */
    OPENAT(SqeLayout.OP_OPENAT),
    /** close(2). Since 5.6. */
    CLOSE(SqeLayout.OP_CLOSE),
    /** Changes slots of the file table. Since 5.6. */
    FILES_UPDATE(SqeLayout.OP_FILES_UPDATE),
    /** statx(2). Since 5.6. */
    STATX(SqeLayout.OP_STATX),
    /** read(2). Since 5.6. */
    READ(SqeLayout.OP_READ),
    /** write(2). Since 5.6. */
    WRITE(SqeLayout.OP_WRITE),
    /** posix_fadvise(2). Since 5.6. */
    FADVISE(SqeLayout.OP_FADVISE),
    /** madvise(2). Since 5.6. */
    MADVISE(SqeLayout.OP_MADVISE),
    /** send(2). Since 5.6. */
    SEND(SqeLayout.OP_SEND),
    /** recv(2). Since 5.6. */
    RECV(SqeLayout.OP_RECV),
    /** openat2(2). Since 5.6. */
    OPENAT2(SqeLayout.OP_OPENAT2),
    /** epoll_ctl(2). Since 5.6. */
    EPOLL_CTL(SqeLayout.OP_EPOLL_CTL),
    /** splice(2). Since 5.7. */
    SPLICE(SqeLayout.OP_SPLICE),
    /** Gives buffers to a group. Since 5.7. */
    PROVIDE_BUFFERS(SqeLayout.OP_PROVIDE_BUFFERS),
    /** Takes buffers from a group. Since 5.7. */
    REMOVE_BUFFERS(SqeLayout.OP_REMOVE_BUFFERS),
    /** tee(2). Since 5.8. */
    TEE(SqeLayout.OP_TEE),
    /** shutdown(2). Since 5.11. */
    SHUTDOWN(SqeLayout.OP_SHUTDOWN),
    /** renameat2(2). Since 5.11. */
    RENAMEAT(SqeLayout.OP_RENAMEAT),
    /** unlinkat(2). Since 5.11. */
    UNLINKAT(SqeLayout.OP_UNLINKAT),
    /** mkdirat(2). Since 5.15. */
    MKDIRAT(SqeLayout.OP_MKDIRAT),
    /** symlinkat(2). Since 5.15. */
    SYMLINKAT(SqeLayout.OP_SYMLINKAT),
    /** linkat(2). Since 5.15. */
    LINKAT(SqeLayout.OP_LINKAT),
    /** A message to another ring. Since 5.18. */
    MSG_RING(SqeLayout.OP_MSG_RING),
    /** fsetxattr(2). Since 5.19. */
    FSETXATTR(SqeLayout.OP_FSETXATTR),
    /** setxattr(2). Since 5.19. */
    SETXATTR(SqeLayout.OP_SETXATTR),
    /** fgetxattr(2). Since 5.19. */
    FGETXATTR(SqeLayout.OP_FGETXATTR),
    /** getxattr(2). Since 5.19. */
    GETXATTR(SqeLayout.OP_GETXATTR),
    /** socket(2). Since 5.19. */
    SOCKET(SqeLayout.OP_SOCKET),
    /** A command of the file's own kind. Since 5.19. */
    URING_CMD(SqeLayout.OP_URING_CMD),
    /** send(2) without a copy. Since 6.0. */
    SEND_ZC(SqeLayout.OP_SEND_ZC),
    /** sendmsg(2) without a copy. Since 6.1. */
    SENDMSG_ZC(SqeLayout.OP_SENDMSG_ZC),
    /** Reads again and again. Since 6.7. */
    READ_MULTISHOT(SqeLayout.OP_READ_MULTISHOT),
    /** waitid(2). Since 6.7. */
    WAITID(SqeLayout.OP_WAITID),
    /** Waits on a futex. Since 6.7. */
    FUTEX_WAIT(SqeLayout.OP_FUTEX_WAIT),
    /** Wakes who waits on a futex. Since 6.7. */
    FUTEX_WAKE(SqeLayout.OP_FUTEX_WAKE),
    /** Waits on several futexes. Since 6.7. */
    FUTEX_WAITV(SqeLayout.OP_FUTEX_WAITV),
    /** A descriptor for a slot. Since 6.8. */
    FIXED_FD_INSTALL(SqeLayout.OP_FIXED_FD_INSTALL),
    /** ftruncate(2). Since 6.9. */
    FTRUNCATE(SqeLayout.OP_FTRUNCATE),
    /** bind(2). Since 6.11. */
    BIND(SqeLayout.OP_BIND),
    /** listen(2). Since 6.11. */
    LISTEN(SqeLayout.OP_LISTEN),
    /** Receiving without a copy. Since 6.15. */
    RECV_ZC(SqeLayout.OP_RECV_ZC),
    /** epoll_wait(2). Since 6.15. */
    EPOLL_WAIT(SqeLayout.OP_EPOLL_WAIT),
    /** A vectored read into a registered buffer. Since 6.15. */
    READV_FIXED(SqeLayout.OP_READV_FIXED),
    /** A vectored write from a registered buffer. Since 6.15. */
    WRITEV_FIXED(SqeLayout.OP_WRITEV_FIXED),
    /** pipe2(2). Since 6.16. */
    PIPE(SqeLayout.OP_PIPE);

    private static final Opcode[] ALL = values();

    private final int code;

    Opcode(int code) {
        this.code = code;
    }

    /** The number in an entry. */
    public int code() {
        return code;
    }

    /** The operation with this number, empty if it has no name here. */
    public static Optional<Opcode> of(int code) {
        return code >= 0 && code < ALL.length ? Optional.of(ALL[code]) : Optional.empty();
    }
}
