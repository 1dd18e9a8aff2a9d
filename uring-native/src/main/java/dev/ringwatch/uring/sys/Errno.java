package dev.ringwatch.uring.sys;

import java.util.Arrays;

/**
 * The kernel's error numbers by name, the same on x86_64 and aarch64.
 *
 * <p>Source: errno(3), include/uapi/asm-generic/errno-base.h and errno.h. EWOULDBLOCK is {@link
 * #EAGAIN}, EDEADLOCK is {@link #EDEADLK}, ENOTSUP is {@link #EOPNOTSUPP}.
 */
public enum Errno {
    /** A number with no name here; the number itself is in {@link ErrnoException#code()}. */
    UNNAMED(0, "no known name"),
    /** 1: operation not permitted. */
    EPERM(1, "operation not permitted"),
    /** 2: no such file or directory. */
    ENOENT(2, "no such file or directory"),
    /** 3: no such process. */
    ESRCH(3, "no such process"),
    /** 4: interrupted system call. */
    EINTR(4, "interrupted system call"),
    /** 5: input/output error. */
    EIO(5, "input/output error"),
    /** 6: no such device or address. */
    ENXIO(6, "no such device or address"),
    /** 7: argument list too long. */
    E2BIG(7, "argument list too long"),
    /** 8: exec format error. */
    ENOEXEC(8, "exec format error"),
    /** 9: bad file descriptor. */
    EBADF(9, "bad file descriptor"),
    /** 10: no child processes. */
    ECHILD(10, "no child processes"),
    /** 11: resource temporarily unavailable. */
    EAGAIN(11, "resource temporarily unavailable"),
    /** 12: cannot allocate memory. */
    ENOMEM(12, "cannot allocate memory"),
    /** 13: permission denied. */
    EACCES(13, "permission denied"),
    /** 14: bad address. */
    EFAULT(14, "bad address"),
    /** 15: block device required. */
    ENOTBLK(15, "block device required"),
    /** 16: device or resource busy. */
    EBUSY(16, "device or resource busy"),
    /** 17: file exists. */
    EEXIST(17, "file exists"),
    /** 18: invalid cross-device link. */
    EXDEV(18, "invalid cross-device link"),
    /** 19: no such device. */
    ENODEV(19, "no such device"),
    /** 20: not a directory. */
    ENOTDIR(20, "not a directory"),
    /** 21: is a directory. */
    EISDIR(21, "is a directory"),
    /** 22: invalid argument. */
    EINVAL(22, "invalid argument"),
    /** 23: too many open files in system. */
    ENFILE(23, "too many open files in system"),
    /** 24: too many open files. */
    EMFILE(24, "too many open files"),
    /** 25: inappropriate ioctl for device. */
    ENOTTY(25, "inappropriate ioctl for device"),
    /** 26: text file busy. */
    ETXTBSY(26, "text file busy"),
    /** 27: file too large. */
    EFBIG(27, "file too large"),
    /** 28: no space left on device. */
    ENOSPC(28, "no space left on device"),
    /** 29: illegal seek. */
    ESPIPE(29, "illegal seek"),
    /** 30: read-only file system. */
    EROFS(30, "read-only file system"),
    /** 31: too many links. */
    EMLINK(31, "too many links"),
    /** 32: broken pipe. */
    EPIPE(32, "broken pipe"),
    /** 33: numerical argument out of domain. */
    EDOM(33, "numerical argument out of domain"),
    /** 34: numerical result out of range. */
    ERANGE(34, "numerical result out of range"),
    /** 35: resource deadlock avoided. */
    EDEADLK(35, "resource deadlock avoided"),
    /** 36: file name too long. */
    ENAMETOOLONG(36, "file name too long"),
    /** 37: no locks available. */
    ENOLCK(37, "no locks available"),
    /** 38: function not implemented. */
    ENOSYS(38, "function not implemented"),
    /** 39: directory not empty. */
    ENOTEMPTY(39, "directory not empty"),
    /** 40: too many levels of symbolic links. */
    ELOOP(40, "too many levels of symbolic links"),
    /** 42: no message of desired type. */
    ENOMSG(42, "no message of desired type"),
    /** 43: identifier removed. */
    EIDRM(43, "identifier removed"),
    /** 44: channel number out of range. */
    ECHRNG(44, "channel number out of range"),
    /** 45: level 2 not synchronized. */
    EL2NSYNC(45, "level 2 not synchronized"),
    /** 46: level 3 halted. */
    EL3HLT(46, "level 3 halted"),
    /** 47: level 3 reset. */
    EL3RST(47, "level 3 reset"),
    /** 48: link number out of range. */
    ELNRNG(48, "link number out of range"),
    /** 49: protocol driver not attached. */
    EUNATCH(49, "protocol driver not attached"),
    /** 50: no CSI structure available. */
    ENOCSI(50, "no CSI structure available"),
    /** 51: level 2 halted. */
    EL2HLT(51, "level 2 halted"),
    /** 52: invalid exchange. */
    EBADE(52, "invalid exchange"),
    /** 53: invalid request descriptor. */
    EBADR(53, "invalid request descriptor"),
    /** 54: exchange full. */
    EXFULL(54, "exchange full"),
    /** 55: no anode. */
    ENOANO(55, "no anode"),
    /** 56: invalid request code. */
    EBADRQC(56, "invalid request code"),
    /** 57: invalid slot. */
    EBADSLT(57, "invalid slot"),
    /** 59: bad font file format. */
    EBFONT(59, "bad font file format"),
    /** 60: device not a stream. */
    ENOSTR(60, "device not a stream"),
    /** 61: no data available. */
    ENODATA(61, "no data available"),
    /** 62: timer expired. */
    ETIME(62, "timer expired"),
    /** 63: out of streams resources. */
    ENOSR(63, "out of streams resources"),
    /** 64: machine is not on the network. */
    ENONET(64, "machine is not on the network"),
    /** 65: package not installed. */
    ENOPKG(65, "package not installed"),
    /** 66: object is remote. */
    EREMOTE(66, "object is remote"),
    /** 67: link has been severed. */
    ENOLINK(67, "link has been severed"),
    /** 68: advertise error. */
    EADV(68, "advertise error"),
    /** 69: srmount error. */
    ESRMNT(69, "srmount error"),
    /** 70: communication error on send. */
    ECOMM(70, "communication error on send"),
    /** 71: protocol error. */
    EPROTO(71, "protocol error"),
    /** 72: multihop attempted. */
    EMULTIHOP(72, "multihop attempted"),
    /** 73: RFS specific error. */
    EDOTDOT(73, "RFS specific error"),
    /** 74: bad message. */
    EBADMSG(74, "bad message"),
    /** 75: value too large for defined data type. */
    EOVERFLOW(75, "value too large for defined data type"),
    /** 76: name not unique on network. */
    ENOTUNIQ(76, "name not unique on network"),
    /** 77: file descriptor in bad state. */
    EBADFD(77, "file descriptor in bad state"),
    /** 78: remote address changed. */
    EREMCHG(78, "remote address changed"),
    /** 79: can not access a needed shared library. */
    ELIBACC(79, "can not access a needed shared library"),
    /** 80: accessing a corrupted shared library. */
    ELIBBAD(80, "accessing a corrupted shared library"),
    /** 81: .lib section in a.out corrupted. */
    ELIBSCN(81, ".lib section in a.out corrupted"),
    /** 82: attempting to link in too many shared libraries. */
    ELIBMAX(82, "attempting to link in too many shared libraries"),
    /** 83: cannot exec a shared library directly. */
    ELIBEXEC(83, "cannot exec a shared library directly"),
    /** 84: invalid or incomplete multibyte or wide character. */
    EILSEQ(84, "invalid or incomplete multibyte or wide character"),
    /** 85: interrupted system call should be restarted. */
    ERESTART(85, "interrupted system call should be restarted"),
    /** 86: streams pipe error. */
    ESTRPIPE(86, "streams pipe error"),
    /** 87: too many users. */
    EUSERS(87, "too many users"),
    /** 88: socket operation on non-socket. */
    ENOTSOCK(88, "socket operation on non-socket"),
    /** 89: destination address required. */
    EDESTADDRREQ(89, "destination address required"),
    /** 90: message too long. */
    EMSGSIZE(90, "message too long"),
    /** 91: protocol wrong type for socket. */
    EPROTOTYPE(91, "protocol wrong type for socket"),
    /** 92: protocol not available. */
    ENOPROTOOPT(92, "protocol not available"),
    /** 93: protocol not supported. */
    EPROTONOSUPPORT(93, "protocol not supported"),
    /** 94: socket type not supported. */
    ESOCKTNOSUPPORT(94, "socket type not supported"),
    /** 95: operation not supported. */
    EOPNOTSUPP(95, "operation not supported"),
    /** 96: protocol family not supported. */
    EPFNOSUPPORT(96, "protocol family not supported"),
    /** 97: address family not supported by protocol. */
    EAFNOSUPPORT(97, "address family not supported by protocol"),
    /** 98: address already in use. */
    EADDRINUSE(98, "address already in use"),
    /** 99: cannot assign requested address. */
    EADDRNOTAVAIL(99, "cannot assign requested address"),
    /** 100: network is down. */
    ENETDOWN(100, "network is down"),
    /** 101: network is unreachable. */
    ENETUNREACH(101, "network is unreachable"),
    /** 102: network dropped connection on reset. */
    ENETRESET(102, "network dropped connection on reset"),
    /** 103: software caused connection abort. */
    ECONNABORTED(103, "software caused connection abort"),
    /** 104: connection reset by peer. */
    ECONNRESET(104, "connection reset by peer"),
    /** 105: no buffer space available. */
    ENOBUFS(105, "no buffer space available"),
    /** 106: transport endpoint is already connected. */
    EISCONN(106, "transport endpoint is already connected"),
    /** 107: transport endpoint is not connected. */
    ENOTCONN(107, "transport endpoint is not connected"),
    /** 108: cannot send after transport endpoint shutdown. */
    ESHUTDOWN(108, "cannot send after transport endpoint shutdown"),
    /** 109: too many references: cannot splice. */
    ETOOMANYREFS(109, "too many references: cannot splice"),
    /** 110: connection timed out. */
    ETIMEDOUT(110, "connection timed out"),
    /** 111: connection refused. */
    ECONNREFUSED(111, "connection refused"),
    /** 112: host is down. */
    EHOSTDOWN(112, "host is down"),
    /** 113: no route to host. */
    EHOSTUNREACH(113, "no route to host"),
    /** 114: operation already in progress. */
    EALREADY(114, "operation already in progress"),
    /** 115: operation now in progress. */
    EINPROGRESS(115, "operation now in progress"),
    /** 116: stale file handle. */
    ESTALE(116, "stale file handle"),
    /** 117: structure needs cleaning. */
    EUCLEAN(117, "structure needs cleaning"),
    /** 118: not a XENIX named type file. */
    ENOTNAM(118, "not a XENIX named type file"),
    /** 119: no XENIX semaphores available. */
    ENAVAIL(119, "no XENIX semaphores available"),
    /** 120: is a named type file. */
    EISNAM(120, "is a named type file"),
    /** 121: remote I/O error. */
    EREMOTEIO(121, "remote I/O error"),
    /** 122: disk quota exceeded. */
    EDQUOT(122, "disk quota exceeded"),
    /** 123: no medium found. */
    ENOMEDIUM(123, "no medium found"),
    /** 124: wrong medium type. */
    EMEDIUMTYPE(124, "wrong medium type"),
    /** 125: operation canceled. */
    ECANCELED(125, "operation canceled"),
    /** 126: required key not available. */
    ENOKEY(126, "required key not available"),
    /** 127: key has expired. */
    EKEYEXPIRED(127, "key has expired"),
    /** 128: key has been revoked. */
    EKEYREVOKED(128, "key has been revoked"),
    /** 129: key was rejected by service. */
    EKEYREJECTED(129, "key was rejected by service"),
    /** 130: owner died. */
    EOWNERDEAD(130, "owner died"),
    /** 131: state not recoverable. */
    ENOTRECOVERABLE(131, "state not recoverable"),
    /** 132: operation not possible due to RF-kill. */
    ERFKILL(132, "operation not possible due to RF-kill"),
    /** 133: memory page has hardware error. */
    EHWPOISON(133, "memory page has hardware error");

    private static final Errno[] BY_CODE = byCode();

    private final int code;
    private final String meaning;

    Errno(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /**
     * The constant for a number.
     *
     * @param code a positive error number
     * @return its name, or {@link #UNNAMED}
     */
    public static Errno of(int code) {
        return code > 0 && code < BY_CODE.length ? BY_CODE[code] : UNNAMED;
    }

    /** The positive number, 0 for {@link #UNNAMED}. */
    public int code() {
        return code;
    }

    /** What strerror(3) says, in lower case. */
    public String meaning() {
        return meaning;
    }

    private static Errno[] byCode() {
        Errno[] all = values();
        Errno[] table = new Errno[all[all.length - 1].code + 1];
        Arrays.fill(table, UNNAMED);
        for (Errno errno : all) {
            table[errno.code] = errno;
        }
        return table;
    }
}
