package dev.ringwatch.uring.sys;

import java.util.Locale;

/**
 * The system calls made here, with their numbers on x86_64 and aarch64.
 *
 * <p>Sources: arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl (the generic table
 * that aarch64 uses). Calls that aarch64 does not have (open, pipe, dup2, eventfd) are absent; their
 * successors stand in.
 */
public enum Syscall {
    /** read(2). */
    READ(0, 63),
    /** write(2). */
    WRITE(1, 64),
    /** close(2). */
    CLOSE(3, 57),
    /** mmap(2). */
    MMAP(9, 222),
    /** munmap(2). */
    MUNMAP(11, 215),
    /** pread(2). */
    PREAD64(17, 67),
    /** pwrite(2). */
    PWRITE64(18, 68),
    /** getpid(2). */
    GETPID(39, 172),
    /** socket(2). */
    SOCKET(41, 198),
    /** connect(2). */
    CONNECT(42, 203),
    /** sendto(2). */
    SENDTO(44, 206),
    /** recvfrom(2). */
    RECVFROM(45, 207),
    /** sendmsg(2). */
    SENDMSG(46, 211),
    /** recvmsg(2). */
    RECVMSG(47, 212),
    /** shutdown(2). */
    SHUTDOWN(48, 210),
    /** bind(2). */
    BIND(49, 200),
    /** listen(2). */
    LISTEN(50, 201),
    /** getsockname(2). */
    GETSOCKNAME(51, 204),
    /** getpeername(2). */
    GETPEERNAME(52, 205),
    /** socketpair(2). */
    SOCKETPAIR(53, 199),
    /** setsockopt(2). */
    SETSOCKOPT(54, 208),
    /** getsockopt(2). */
    GETSOCKOPT(55, 209),
    /** fcntl(2). */
    FCNTL(72, 25),
    /** fsync(2). */
    FSYNC(74, 82),
    /** fdatasync(2). */
    FDATASYNC(75, 83),
    /** ftruncate(2). */
    FTRUNCATE(77, 46),
    /** geteuid(2). */
    GETEUID(107, 175),
    /** chdir(2). */
    CHDIR(80, 49),
    /** capget(2). */
    CAPGET(125, 90),
    /** capset(2). */
    CAPSET(126, 91),
    /** prctl(2). */
    PRCTL(157, 167),
    /** mount(2). */
    MOUNT(165, 40),
    /** gettid(2). */
    GETTID(186, 178),
    /** setxattr(2). */
    SETXATTR(188, 5),
    /** fsetxattr(2). */
    FSETXATTR(190, 7),
    /** getxattr(2). */
    GETXATTR(191, 8),
    /** fgetxattr(2). */
    FGETXATTR(193, 10),
    /** posix_fadvise(2). */
    FADVISE64(221, 223),
    /** openat(2). */
    OPENAT(257, 56),
    /** mkdirat(2). */
    MKDIRAT(258, 34),
    /** unlinkat(2). */
    UNLINKAT(263, 35),
    /** linkat(2). */
    LINKAT(265, 37),
    /** symlinkat(2). */
    SYMLINKAT(266, 36),
    /** ppoll(2). */
    PPOLL(271, 73),
    /** unshare(2). */
    UNSHARE(272, 97),
    /** splice(2). */
    SPLICE(275, 76),
    /** sync_file_range(2). */
    SYNC_FILE_RANGE(277, 84),
    /** fallocate(2). */
    FALLOCATE(285, 47),
    /** accept4(2). */
    ACCEPT4(288, 242),
    /** eventfd2(2). */
    EVENTFD2(290, 19),
    /** dup3(2). */
    DUP3(292, 24),
    /** pipe2(2). */
    PIPE2(293, 59),
    /** preadv(2). */
    PREADV(295, 69),
    /** pwritev(2). */
    PWRITEV(296, 70),
    /** setns(2). */
    SETNS(308, 268),
    /** kcmp(2). */
    KCMP(312, 272),
    /** renameat2(2). */
    RENAMEAT2(316, 276),
    /** memfd_create(2). */
    MEMFD_CREATE(319, 279),
    /** bpf(2). */
    BPF(321, 280),
    /** preadv2(2). */
    PREADV2(327, 286),
    /** pwritev2(2). */
    PWRITEV2(328, 287),
    /** statx(2). */
    STATX(332, 291),
    /** io_uring_setup(2). */
    IO_URING_SETUP(425, 425),
    /** io_uring_enter(2). */
    IO_URING_ENTER(426, 426),
    /** io_uring_register(2). */
    IO_URING_REGISTER(427, 427);

    private final int x86;
    private final int aarch64;
    private final String call;

    Syscall(int x86, int aarch64) {
        this.x86 = x86;
        this.aarch64 = aarch64;
        call = name().toLowerCase(Locale.ROOT);
    }

    /** The name as in the manual pages, such as {@code io_uring_setup}. */
    public String call() {
        return call;
    }

    /**
     * The number on an architecture.
     *
     * @param architecture which table to use
     * @return the number, 0 or more
     */
    public int number(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> x86;
            case AARCH64 -> aarch64;
        };
    }
}
