package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * One entry of the submission queue, written without an object for it.
 *
 * <p>{@link IoUring#next} claims the next entry and returns the ring's one writer, placed on it: a
 * {@link Operation.Nop} until a method named for an operation is called, once; methods named for
 * flags come after that. The writer is good until the next claim or submit.
 *
 * <pre>{@code
 * ring.next(userData).receiveMultishot(fd, 0).bufferGroup(3);
 * ring.next(userData).write(slot, address, length, offset).fixedFile().link();
 * }</pre>
 *
 * <p>Files are numbers: a descriptor, or a slot if {@link #fixedFile()} follows. Memory is an
 * address. Nothing is checked here: a wrong number is the completion's EBADF, a wrong address its
 * EFAULT or another's memory. {@link Operation} is the typed, checked form of the same.
 *
 * <p>Everything an address names lives until the last completion. Used by the ring's owner thread
 * only. Sources: io_uring_enter(2), include/uapi/linux/io_uring.h.
 */
public final class SubmissionEntry {
    /** As a slot that receives a file: any free one; the completion's result says which. */
    public static final int ANY_SLOT = SqeLayout.FILE_INDEX_ALLOC;

    private static final long NO_FILE = -1L << 32;

    private final MemorySegment entries;
    private final int size;
    private long at;
    private int silent;

    /**
     * A writer on nothing yet.
     *
     * @param entries the queue's entries as mapped
     * @param size bytes of an entry
     */
    SubmissionEntry(MemorySegment entries, int size) {
        this.entries = entries;
        this.size = size;
    }

    /** Places the writer on the entry with this index, and makes that a nop. */
    SubmissionEntry claim(int index, long userData) {
        at = (long) index * size;
        // Every byte: what an earlier operation left in the entry would be obeyed. Written out,
        // since
        // as a loop it costs 15 ns more.
        entries.set(JAVA_LONG, at, NO_FILE);
        entries.set(JAVA_LONG, at + SqeLayout.OFF, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR, 0);
        entries.set(JAVA_LONG, at + SqeLayout.LEN, 0);
        entries.set(JAVA_LONG, at + SqeLayout.USER_DATA, userData);
        entries.set(JAVA_LONG, at + SqeLayout.BUF_INDEX, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3 + 8, 0);
        if (size == SqeLayout.BIG_SIZE) {
            entries.asSlice(at + SqeLayout.SIZE, SqeLayout.SIZE).fill((byte) 0);
        }
        return this;
    }

    /** Makes the entry a nop without flags again. */
    public SubmissionEntry reset() {
        if (skipsSuccess()) {
            silent--;
        }
        return claim((int) (at / size), entries.get(JAVA_LONG, at + SqeLayout.USER_DATA));
    }

    /** Whether the entry is marked {@link #skipSuccess()}. */
    public boolean skipsSuccess() {
        return (entries.get(JAVA_BYTE, at + SqeLayout.FLAGS) & SqeLayout.CQE_SKIP_SUCCESS) != 0;
    }

    /** Entries marked {@link #skipSuccess()} since the last call. */
    int takeSilent() {
        int count = silent;
        silent = 0;
        return count;
    }

    // What the entry does.

    /** Nothing. */
    public SubmissionEntry nop() {
        return put(SqeLayout.OP_NOP, -1, 0, 0, 0, 0);
    }

    /** Nothing, completing with this result. Since 6.9. */
    public SubmissionEntry nop(int result) {
        return put(SqeLayout.OP_NOP, -1, 0, 0, result, SqeLayout.NOP_INJECT_RESULT);
    }

    /** Nothing, completing with these two words in a completion of 32 bytes. Since 6.18. */
    public SubmissionEntry nopBig(long extra1, long extra2) {
        return put(SqeLayout.OP_NOP, -1, extra1, extra2, 0, SqeLayout.NOP_CQE32);
    }

    /** pread(2); offset -1 is the file's own position. */
    public SubmissionEntry read(int fd, long address, int length, long offset) {
        return put(SqeLayout.OP_READ, fd, offset, address, length, 0);
    }

    /** pwrite(2); offset -1 is the file's own position. */
    public SubmissionEntry write(int fd, long address, int length, long offset) {
        return put(SqeLayout.OP_WRITE, fd, offset, address, length, 0);
    }

    /** preadv2(2) into {@code count} struct iovec, with {@code RWF_} flags. */
    public SubmissionEntry readVector(int fd, long iovecs, int count, long offset, int flags) {
        return put(SqeLayout.OP_READV, fd, offset, iovecs, count, flags);
    }

    /** pwritev2(2) from {@code count} struct iovec, with {@code RWF_} flags. */
    public SubmissionEntry writeVector(int fd, long iovecs, int count, long offset, int flags) {
        return put(SqeLayout.OP_WRITEV, fd, offset, iovecs, count, flags);
    }

    /** A read into a part of a registered buffer. */
    public SubmissionEntry readFixed(int fd, long address, int length, long offset, int buffer) {
        return put(SqeLayout.OP_READ_FIXED, fd, offset, address, length, 0).bufferIndex(buffer);
    }

    /** A write from a part of a registered buffer. */
    public SubmissionEntry writeFixed(int fd, long address, int length, long offset, int buffer) {
        return put(SqeLayout.OP_WRITE_FIXED, fd, offset, address, length, 0).bufferIndex(buffer);
    }

    /** A vectored read into parts of one registered buffer. Since 6.15. */
    public SubmissionEntry readVectorFixed(
            int fd, long iovecs, int count, long offset, int buffer) {
        return put(SqeLayout.OP_READV_FIXED, fd, offset, iovecs, count, 0).bufferIndex(buffer);
    }

    /** A vectored write from parts of one registered buffer. Since 6.15. */
    public SubmissionEntry writeVectorFixed(
            int fd, long iovecs, int count, long offset, int buffer) {
        return put(SqeLayout.OP_WRITEV_FIXED, fd, offset, iovecs, count, 0).bufferIndex(buffer);
    }

    /** After a read or write: {@code RWF_} flags. */
    public SubmissionEntry readWriteFlags(int flags) {
        return addOperationFlags(flags);
    }

    /** After a read or write: attributes, and a bit for each type of them. Since 6.14. */
    public SubmissionEntry attributes(long address, long types) {
        entries.set(JAVA_LONG, at + SqeLayout.ATTRIBUTES, address);
        entries.set(JAVA_LONG, at + SqeLayout.ATTRIBUTE_TYPES, types);
        return this;
    }

    /** Reads again and again into buffers of a group, each read a completion. Since 6.7. */
    public SubmissionEntry readMultishot(int fd, long offset, int group) {
        return put(SqeLayout.OP_READ_MULTISHOT, fd, offset, 0, 0, 0).bufferGroup(group);
    }

    /** fsync(2), or fdatasync(2) with {@code dataOnly}; length 0 is to the end of the file. */
    public SubmissionEntry sync(int fd, long offset, int length, boolean dataOnly) {
        int flags = dataOnly ? SqeLayout.FSYNC_DATASYNC : 0;
        return put(SqeLayout.OP_FSYNC, fd, offset, 0, length, flags);
    }

    /** sync_file_range(2) with {@code SYNC_FILE_RANGE_} flags. */
    public SubmissionEntry syncRange(int fd, long offset, int length, int flags) {
        return put(SqeLayout.OP_SYNC_FILE_RANGE, fd, offset, 0, length, flags);
    }

    /** fallocate(2) with {@code FALLOC_FL_} flags as mode. */
    public SubmissionEntry allocate(int fd, int mode, long offset, long length) {
        return put(SqeLayout.OP_FALLOCATE, fd, offset, length, mode, 0);
    }

    /** ftruncate(2). Since 6.9. */
    public SubmissionEntry truncate(int fd, long length) {
        return put(SqeLayout.OP_FTRUNCATE, fd, length, 0, 0, 0);
    }

    /** posix_fadvise(2). */
    public SubmissionEntry adviseFile(int fd, long offset, int length, int advice) {
        return put(SqeLayout.OP_FADVISE, fd, offset, 0, length, advice);
    }

    /** madvise(2). */
    public SubmissionEntry adviseMemory(long address, int length, int advice) {
        return put(SqeLayout.OP_MADVISE, -1, 0, address, length, advice);
    }

    /** openat(2); the completion brings a descriptor. {@link #intoSlot} makes it direct. */
    public SubmissionEntry open(int directory, long path, int flags, int mode) {
        return put(SqeLayout.OP_OPENAT, directory, 0, path, mode, flags);
    }

    /** openat2(2) with a struct open_how. {@link #intoSlot} makes it direct. */
    public SubmissionEntry openHow(int directory, long path, long how, int howSize) {
        return put(SqeLayout.OP_OPENAT2, directory, how, path, howSize, 0);
    }

    /** close(2) of a descriptor. */
    public SubmissionEntry close(int fd) {
        return put(SqeLayout.OP_CLOSE, fd, 0, 0, 0, 0);
    }

    /** Empties a slot of the file table. */
    public SubmissionEntry closeSlot(int slot) {
        return put(SqeLayout.OP_CLOSE, 0, 0, 0, 0, 0).fileIndex(slot + 1);
    }

    /** statx(2) into a struct statx. */
    public SubmissionEntry status(int directory, long path, int flags, int mask, long into) {
        return put(SqeLayout.OP_STATX, directory, into, path, mask, flags);
    }

    /** renameat2(2). */
    public SubmissionEntry rename(
            int fromDirectory, long from, int toDirectory, long to, int flags) {
        return put(SqeLayout.OP_RENAMEAT, fromDirectory, to, from, toDirectory, flags);
    }

    /** unlinkat(2). */
    public SubmissionEntry unlink(int directory, long path, int flags) {
        return put(SqeLayout.OP_UNLINKAT, directory, 0, path, 0, flags);
    }

    /** mkdirat(2). */
    public SubmissionEntry makeDirectory(int directory, long path, int mode) {
        return put(SqeLayout.OP_MKDIRAT, directory, 0, path, mode, 0);
    }

    /** symlinkat(2): a link at {@code path} that says {@code target}. */
    public SubmissionEntry symbolicLink(long target, int directory, long path) {
        return put(SqeLayout.OP_SYMLINKAT, directory, path, target, 0, 0);
    }

    /** linkat(2). */
    public SubmissionEntry link(int fromDirectory, long from, int toDirectory, long to, int flags) {
        return put(SqeLayout.OP_LINKAT, fromDirectory, to, from, toDirectory, flags);
    }

    /** fgetxattr(2). */
    public SubmissionEntry attribute(int fd, long name, long value, int length) {
        return put(SqeLayout.OP_FGETXATTR, fd, value, name, length, 0);
    }

    /** fsetxattr(2) with {@code XATTR_} flags. */
    public SubmissionEntry setAttribute(int fd, long name, long value, int length, int flags) {
        return put(SqeLayout.OP_FSETXATTR, fd, value, name, length, flags);
    }

    /** getxattr(2). */
    public SubmissionEntry attributeAt(long path, long name, long value, int length) {
        put(SqeLayout.OP_GETXATTR, -1, value, name, length, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, path);
        return this;
    }

    /** setxattr(2) with {@code XATTR_} flags. */
    public SubmissionEntry setAttributeAt(long path, long name, long value, int length, int flags) {
        put(SqeLayout.OP_SETXATTR, -1, value, name, length, flags);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, path);
        return this;
    }

    /**
     * splice(2); one of the two is a pipe, offset -1 is a pipe's or the file's own position. With
     * {@code fromSlot} the source is a slot; {@link #fixedFile()} is about the destination.
     */
    public SubmissionEntry splice(
            int from, long fromOffset, int to, long toOffset, int length, int flags) {
        return put(SqeLayout.OP_SPLICE, to, toOffset, fromOffset, length, flags).fileIndex(from);
    }

    /** tee(2). */
    public SubmissionEntry tee(int from, int to, int length, int flags) {
        return put(SqeLayout.OP_TEE, to, 0, 0, length, flags).fileIndex(from);
    }

    /** After splice or tee: the source is a slot. */
    public SubmissionEntry fromSlot() {
        return addOperationFlags(SqeLayout.SPLICE_FD_IN_FIXED);
    }

    /** pipe2(2) into two ints. Since 6.16. */
    public SubmissionEntry pipe(long into, int flags) {
        // The kernel refuses any descriptor but 0.
        return put(SqeLayout.OP_PIPE, 0, 0, into, 0, flags);
    }

    /** socket(2); the completion brings a descriptor. {@link #intoSlot} makes it direct. */
    public SubmissionEntry socket(int domain, int type, int protocol) {
        return put(SqeLayout.OP_SOCKET, domain, type, 0, protocol, 0);
    }

    /** bind(2). Since 6.11. */
    public SubmissionEntry bind(int fd, long address, int length) {
        return put(SqeLayout.OP_BIND, fd, length, address, 0, 0);
    }

    /** listen(2). Since 6.11. */
    public SubmissionEntry listen(int fd, int backlog) {
        return put(SqeLayout.OP_LISTEN, fd, 0, 0, backlog, 0);
    }

    /** connect(2). */
    public SubmissionEntry connect(int fd, long address, int length) {
        return put(SqeLayout.OP_CONNECT, fd, length, address, 0, 0);
    }

    /**
     * accept4(2); the completion brings a descriptor. {@link #intoSlot} makes it direct.
     *
     * @param address room for the peer's address, or 0
     * @param addressLength an int with the room's size, or 0
     */
    public SubmissionEntry accept(int fd, long address, long addressLength, int flags) {
        return put(SqeLayout.OP_ACCEPT, fd, addressLength, address, 0, flags);
    }

    /** Accepts until cancelled, each connection a completion. */
    public SubmissionEntry acceptMultishot(int fd, int flags) {
        return accept(fd, 0, 0, flags).ioPriority(SqeLayout.ACCEPT_MULTISHOT);
    }

    /** After an accept: fail with EAGAIN if nobody waits to be accepted. Since 6.10. */
    public SubmissionEntry acceptWithoutWaiting() {
        return ioPriority(SqeLayout.ACCEPT_DONTWAIT);
    }

    /** After an accept: wait for a connection before the first attempt. Since 6.10. */
    public SubmissionEntry acceptPollFirst() {
        return ioPriority(SqeLayout.ACCEPT_POLL_FIRST);
    }

    /** send(2) with {@code MSG_} flags. */
    public SubmissionEntry send(int fd, long address, int length, int flags) {
        return put(SqeLayout.OP_SEND, fd, 0, address, length, flags);
    }

    /** send(2) without a copy: a first completion, then one with F_NOTIF. */
    public SubmissionEntry sendZeroCopy(int fd, long address, int length, int flags) {
        return put(SqeLayout.OP_SEND_ZC, fd, 0, address, length, flags);
    }

    /** After send or sendZeroCopy: the destination, as sendto(2) has it. */
    public SubmissionEntry to(long address, int length) {
        entries.set(JAVA_LONG, at + SqeLayout.OFF, address);
        entries.set(JAVA_SHORT, at + SqeLayout.FILE_INDEX, (short) length);
        return this;
    }

    /** After sendZeroCopy or sendMessageZeroCopy: the memory is part of a registered buffer. */
    public SubmissionEntry fixedBuffer(int buffer) {
        return ioPriority(SqeLayout.RECVSEND_FIXED_BUF).bufferIndex(buffer);
    }

    /** sendmsg(2) of a struct msghdr. */
    public SubmissionEntry sendMessage(int fd, long message, int flags) {
        return put(SqeLayout.OP_SENDMSG, fd, 0, message, 1, flags);
    }

    /** sendmsg(2) without a copy: a first completion, then one with F_NOTIF. */
    public SubmissionEntry sendMessageZeroCopy(int fd, long message, int flags) {
        return put(SqeLayout.OP_SENDMSG_ZC, fd, 0, message, 1, flags);
    }

    /** recv(2) with {@code MSG_} flags. */
    public SubmissionEntry receive(int fd, long address, int length, int flags) {
        return put(SqeLayout.OP_RECV, fd, 0, address, length, flags);
    }

    /** Receives again and again into buffers of a group, each a completion. */
    public SubmissionEntry receiveMultishot(int fd, int flags, int group) {
        return put(SqeLayout.OP_RECV, fd, 0, 0, 0, flags)
                .ioPriority(SqeLayout.RECV_MULTISHOT)
                .bufferGroup(group);
    }

    /** After receiveMultishot: ends when so many bytes came. Since 6.17. */
    public SubmissionEntry receiveInAll(int bytes) {
        return fileIndex(bytes); // optlen lies there
    }

    /** recvmsg(2) into a struct msghdr. */
    public SubmissionEntry receiveMessage(int fd, long message, int flags) {
        return put(SqeLayout.OP_RECVMSG, fd, 0, message, 1, flags);
    }

    /**
     * Receives messages again and again into buffers of a group; each buffer begins with a struct
     * io_uring_recvmsg_out. The msghdr tells only how much room names and control messages get.
     */
    public SubmissionEntry receiveMessageMultishot(int fd, long message, int flags, int group) {
        return receiveMessage(fd, message, flags)
                .ioPriority(SqeLayout.RECV_MULTISHOT)
                .bufferGroup(group);
    }

    /** After a send or receive: wait until the socket is ready before the first attempt. */
    public SubmissionEntry pollFirst() {
        return ioPriority(SqeLayout.RECVSEND_POLL_FIRST);
    }

    /** After a send or receive with a buffer group: over several buffers at once. Since 6.10. */
    public SubmissionEntry bundle() {
        return ioPriority(SqeLayout.RECVSEND_BUNDLE);
    }

    /** After a send: the memory is an array of struct iovec. Since 6.17. */
    public SubmissionEntry vectorized() {
        return ioPriority(SqeLayout.SEND_VECTORIZED);
    }

    /** After a zero-copy send: the F_NOTIF completion's result says whether it was copied. */
    public SubmissionEntry reportUsage() {
        return ioPriority(SqeLayout.SEND_ZC_REPORT_USAGE);
    }

    /** shutdown(2): 0 receiving, 1 sending, 2 both. */
    public SubmissionEntry shutdown(int fd, int how) {
        return put(SqeLayout.OP_SHUTDOWN, fd, 0, 0, how, 0);
    }

    /** getsockopt(2); the completion's result is the value's length. Since 6.7. */
    public SubmissionEntry socketOption(int fd, int level, int option, long value, int length) {
        return socketOption(SqeLayout.SOCKET_GETSOCKOPT, fd, level, option, value, length);
    }

    /** setsockopt(2). Since 6.7. */
    public SubmissionEntry setSocketOption(int fd, int level, int option, long value, int length) {
        return socketOption(SqeLayout.SOCKET_SETSOCKOPT, fd, level, option, value, length);
    }

    /** A command of the file's own kind, the first 16 bytes of its arguments 0. */
    public SubmissionEntry command(int fd, int command) {
        return put(SqeLayout.OP_URING_CMD, fd, Integer.toUnsignedLong(command), 0, 0, 0);
    }

    /** poll(2) once. */
    public SubmissionEntry poll(int fd, int events) {
        return put(SqeLayout.OP_POLL_ADD, fd, 0, 0, 0, events);
    }

    /** poll(2) again and again, each time a completion. */
    public SubmissionEntry pollMultishot(int fd, int events) {
        return put(SqeLayout.OP_POLL_ADD, fd, 0, 0, SqeLayout.POLL_ADD_MULTI, events);
    }

    /** poll(2) that completes again and again while the file is ready. Since 6.1. */
    public SubmissionEntry pollLevel(int fd, int events) {
        int flags = SqeLayout.POLL_ADD_MULTI | SqeLayout.POLL_ADD_LEVEL;
        return put(SqeLayout.OP_POLL_ADD, fd, 0, 0, flags, events);
    }

    /** Ends the poll with this user data. */
    public SubmissionEntry pollRemove(long userData) {
        return put(SqeLayout.OP_POLL_REMOVE, -1, 0, userData, 0, 0);
    }

    /** Changes the events a poll waits for; {@code multishot} keeps it multishot. */
    public SubmissionEntry pollUpdate(long userData, int events, boolean multishot) {
        int flags = SqeLayout.POLL_UPDATE_EVENTS | (multishot ? SqeLayout.POLL_ADD_MULTI : 0);
        return put(SqeLayout.OP_POLL_REMOVE, -1, 0, userData, flags, events);
    }

    /** Gives the poll with this user data another. */
    public SubmissionEntry pollRename(long userData, long newUserData) {
        int flags = SqeLayout.POLL_UPDATE_USER_DATA;
        return put(SqeLayout.OP_POLL_REMOVE, -1, newUserData, userData, flags, 0);
    }

    /** epoll_ctl(2) with a struct epoll_event. */
    public SubmissionEntry epollControl(int epoll, int operation, int fd, long event) {
        return put(SqeLayout.OP_EPOLL_CTL, epoll, fd, event, operation, 0);
    }

    /**
     * epoll_wait(2) into {@code count} struct epoll_event, of 12 bytes each on x86_64 and 16 on
     * aarch64. Since 6.15.
     */
    public SubmissionEntry epollWait(int epoll, long events, int count) {
        return put(SqeLayout.OP_EPOLL_WAIT, epoll, 0, events, count, 0);
    }

    /**
     * Completes with ETIME after a time, or with 0 after so many other completions.
     *
     * @param time a struct __kernel_timespec
     * @param completions 0 for the time alone
     * @param flags {@code TIMEOUT_} bits of the kernel
     */
    public SubmissionEntry timeout(long time, int completions, int flags) {
        return put(SqeLayout.OP_TIMEOUT, -1, completions, time, 1, flags);
    }

    /** Ends the timeout with this user data. */
    public SubmissionEntry timeoutRemove(long userData) {
        return put(SqeLayout.OP_TIMEOUT_REMOVE, -1, 0, userData, 0, 0);
    }

    /** Gives the timeout with this user data another time. */
    public SubmissionEntry timeoutUpdate(long userData, long time, int flags) {
        return put(
                SqeLayout.OP_TIMEOUT_REMOVE,
                -1,
                time,
                userData,
                0,
                flags | SqeLayout.TIMEOUT_UPDATE);
    }

    /** After an entry with {@link #link()}: cancels that one when the time is up. */
    public SubmissionEntry linkTimeout(long time, int flags) {
        return put(SqeLayout.OP_LINK_TIMEOUT, -1, 0, time, 1, flags);
    }

    /** Cancels the operation with this user data. */
    public SubmissionEntry cancel(long userData) {
        return put(SqeLayout.OP_ASYNC_CANCEL, -1, 0, userData, 0, 0);
    }

    /** Cancels every operation with this user data; completes with how many. Since 5.19. */
    public SubmissionEntry cancelEach(long userData) {
        return put(SqeLayout.OP_ASYNC_CANCEL, -1, 0, userData, 0, SqeLayout.CANCEL_ALL);
    }

    /** Cancels every operation of one kind; completes with how many. Since 6.6. */
    public SubmissionEntry cancelKind(Opcode kind) {
        int flags = SqeLayout.CANCEL_OP | SqeLayout.CANCEL_ALL;
        return put(SqeLayout.OP_ASYNC_CANCEL, -1, 0, 0, kind.code(), flags);
    }

    /** Cancels every operation on a descriptor with this user data too. Since 6.6. */
    public SubmissionEntry cancelDescriptor(int fd, long userData) {
        int flags = SqeLayout.CANCEL_FD | SqeLayout.CANCEL_USER_DATA | SqeLayout.CANCEL_ALL;
        return put(SqeLayout.OP_ASYNC_CANCEL, fd, 0, userData, 0, flags);
    }

    /** Cancels every operation on a descriptor; completes with how many. */
    public SubmissionEntry cancelDescriptor(int fd) {
        int flags = SqeLayout.CANCEL_FD | SqeLayout.CANCEL_ALL;
        return put(SqeLayout.OP_ASYNC_CANCEL, fd, 0, 0, 0, flags);
    }

    /** Cancels every operation on a slot; completes with how many. */
    public SubmissionEntry cancelSlot(int slot) {
        // A flag of cancel names the slot: the entry itself works on no file.
        int flags = SqeLayout.CANCEL_FD | SqeLayout.CANCEL_FD_FIXED | SqeLayout.CANCEL_ALL;
        return put(SqeLayout.OP_ASYNC_CANCEL, slot, 0, 0, 0, flags);
    }

    /** Cancels every operation of the ring; completes with how many. */
    public SubmissionEntry cancelAny() {
        int flags = SqeLayout.CANCEL_ANY | SqeLayout.CANCEL_ALL;
        return put(SqeLayout.OP_ASYNC_CANCEL, -1, 0, 0, 0, flags);
    }

    /** Posts a completion with these values on another ring. */
    public SubmissionEntry messageRing(int ring, long userData, int result) {
        return put(SqeLayout.OP_MSG_RING, ring, userData, SqeLayout.MSG_DATA, result, 0);
    }

    /** {@link #messageRing} with the flags of the other ring's completion. Since 6.3. */
    public SubmissionEntry messageRing(int ring, long userData, int result, int flags) {
        return put(
                        SqeLayout.OP_MSG_RING,
                        ring,
                        userData,
                        SqeLayout.MSG_DATA,
                        result,
                        SqeLayout.MSG_RING_FLAGS_PASS)
                .fileIndex(flags);
    }

    /**
     * Puts the file of a slot of this ring into a slot of another ring too, whose completion has
     * that user data and as result the slot with {@link #ANY_SLOT}, otherwise 0.
     *
     * @param toSlot a slot or {@link #ANY_SLOT}
     */
    public SubmissionEntry messageFile(int ring, int fromSlot, int toSlot, long userData) {
        put(SqeLayout.OP_MSG_RING, ring, userData, SqeLayout.MSG_SEND_FD, 0, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, fromSlot);
        return intoSlot(toSlot);
    }

    /** After messageRing or messageFile: the other ring gets no completion. */
    public SubmissionEntry quietly() {
        return addOperationFlags(SqeLayout.MSG_RING_CQE_SKIP);
    }

    /** Changes slots of the file table to these descriptors (ints). */
    public SubmissionEntry updateFiles(long descriptors, int count, int firstSlot) {
        return put(SqeLayout.OP_FILES_UPDATE, -1, firstSlot, descriptors, count, 0);
    }

    /** Makes a descriptor for the file in a slot, closed on exec. Since 6.8. */
    public SubmissionEntry installSlot(int slot) {
        return put(SqeLayout.OP_FIXED_FD_INSTALL, slot, 0, 0, 0, 0).fixedFile();
    }

    /** After installSlot: the descriptor stays open on exec. */
    public SubmissionEntry openOnExec() {
        return addOperationFlags(SqeLayout.FIXED_FD_NO_CLOEXEC);
    }

    /** Gives buffers to a group in the way before buffer rings. */
    public SubmissionEntry provideBuffers(
            long address, int length, int count, int group, int firstId) {
        return put(SqeLayout.OP_PROVIDE_BUFFERS, count, firstId, address, length, 0)
                .bufferIndex(group);
    }

    /** Takes buffers back that provideBuffers gave. */
    public SubmissionEntry removeBuffers(int count, int group) {
        return put(SqeLayout.OP_REMOVE_BUFFERS, count, 0, 0, 0, 0).bufferIndex(group);
    }

    /** waitid(2) into a siginfo_t. Since 6.7. */
    public SubmissionEntry waitId(int idType, int id, long into, int options) {
        return put(SqeLayout.OP_WAITID, id, into, 0, idType, 0).fileIndex(options);
    }

    /** Waits while a futex has this value, with {@code FUTEX2_} flags. Since 6.7. */
    public SubmissionEntry futexWait(long futex, long value, long mask, int flags) {
        put(SqeLayout.OP_FUTEX_WAIT, flags, value, futex, 0, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, mask);
        return this;
    }

    /** Wakes at most so many who wait on a futex. Since 6.7. */
    public SubmissionEntry futexWake(long futex, long count, long mask, int flags) {
        put(SqeLayout.OP_FUTEX_WAKE, flags, count, futex, 0, 0);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, mask);
        return this;
    }

    /** Waits on {@code count} struct futex_waitv at once. Since 6.7. */
    public SubmissionEntry futexWaitAny(long waiters, int count) {
        // The kernel refuses any descriptor but 0.
        return put(SqeLayout.OP_FUTEX_WAITV, 0, 0, waiters, count, 0);
    }

    /** An operation without a method here, its fields as the kernel's header names them. */
    public SubmissionEntry raw(int opcode, int fd, long off, long addr, int len, int opFlags) {
        return put(opcode, fd, off, addr, len, opFlags);
    }

    // How the entry does it.

    /** The file is a slot of the file table. */
    public SubmissionEntry fixedFile() {
        return addFlags(SqeLayout.FIXED_FILE);
    }

    /** The next entry starts when this one succeeded. */
    public SubmissionEntry link() {
        return addFlags(SqeLayout.IO_LINK);
    }

    /** The next entry starts when this one completed, however it did. */
    public SubmissionEntry hardLink() {
        return addFlags(SqeLayout.IO_HARDLINK);
    }

    /** Starts after all before it completed. */
    public SubmissionEntry drain() {
        return addFlags(SqeLayout.IO_DRAIN);
    }

    /** Runs in a kernel worker at once. */
    public SubmissionEntry async() {
        return addFlags(SqeLayout.ASYNC);
    }

    /** No completion if it succeeds; it is then not counted in flight. */
    public SubmissionEntry skipSuccess() {
        return addFlags(SqeLayout.CQE_SKIP_SUCCESS);
    }

    /** The kernel takes a buffer of this group. */
    public SubmissionEntry bufferGroup(int group) {
        return bufferIndex(group).addFlags(SqeLayout.BUFFER_SELECT);
    }

    /** Where open, socket, accept or pipe put the file: a slot, or {@link #ANY_SLOT}. */
    public SubmissionEntry intoSlot(int slot) {
        return fileIndex(slot == ANY_SLOT ? SqeLayout.FILE_INDEX_ALLOC : slot + 1);
    }

    /** Runs with registered credentials. */
    public SubmissionEntry personality(int id) {
        entries.set(JAVA_SHORT, at + SqeLayout.PERSONALITY, (short) id);
        return this;
    }

    /** Entry flags: constants of {@link SqeLayout}. */
    public SubmissionEntry addFlags(int flags) {
        int before = entries.get(JAVA_BYTE, at + SqeLayout.FLAGS);
        if ((flags & ~before & SqeLayout.CQE_SKIP_SUCCESS) != 0) {
            silent++;
        }
        entries.set(JAVA_BYTE, at + SqeLayout.FLAGS, (byte) (before | flags));
        return this;
    }

    /** Bits of the ioprio field besides those already there. */
    public SubmissionEntry ioPriority(int bits) {
        int before = entries.get(JAVA_SHORT, at + SqeLayout.IOPRIO);
        entries.set(JAVA_SHORT, at + SqeLayout.IOPRIO, (short) (before | bits));
        return this;
    }

    SubmissionEntry bufferIndex(int index) {
        entries.set(JAVA_SHORT, at + SqeLayout.BUF_INDEX, (short) index);
        return this;
    }

    SubmissionEntry fileIndex(int index) {
        entries.set(JAVA_INT, at + SqeLayout.FILE_INDEX, index);
        return this;
    }

    private SubmissionEntry addOperationFlags(int flags) {
        int before = entries.get(JAVA_INT, at + SqeLayout.OP_FLAGS);
        entries.set(JAVA_INT, at + SqeLayout.OP_FLAGS, before | flags);
        return this;
    }

    private SubmissionEntry socketOption(
            int command, int fd, int level, int option, long value, int length) {
        long levelAndOption = Integer.toUnsignedLong(level) | (long) option << 32;
        put(SqeLayout.OP_URING_CMD, fd, command, levelAndOption, 0, 0).fileIndex(length);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR3, value);
        return this;
    }

    private SubmissionEntry put(int opcode, int fd, long off, long addr, int len, int opFlags) {
        entries.set(JAVA_LONG, at, opcode | (long) fd << 32);
        entries.set(JAVA_LONG, at + SqeLayout.OFF, off);
        entries.set(JAVA_LONG, at + SqeLayout.ADDR, addr);
        entries.set(
                JAVA_LONG, at + SqeLayout.LEN, Integer.toUnsignedLong(len) | (long) opFlags << 32);
        return this;
    }
}
