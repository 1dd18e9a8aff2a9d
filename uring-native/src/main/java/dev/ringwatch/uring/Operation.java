package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import java.lang.foreign.MemorySegment;

/**
 * Something a ring does: the typed, checked form of {@link SubmissionEntry}.
 *
 * <p>Memory named by an operation is native and stays alive, unmoved and the kernel's until the last
 * completion. A path is a native segment whose last byte is NUL, as {@link
 * java.lang.foreign.SegmentAllocator#allocateFrom(String)} makes it. What goes beyond the operation
 * itself (a buffer group, the slot for a new file, linking) is said to the entry that {@link
 * IoUring#prepare} returns.
 *
 * <p>Futexes, waitid, epoll, zero-copy receiving and commands other than socket options have methods
 * of {@link SubmissionEntry} only. Source: io_uring_enter(2), which gives each operation's results
 * and errors.
 */
public sealed interface Operation {
    /** As the offset of a read or write: the file's own position. */
    long CURRENT_POSITION = -1;

    /** As a directory: the working directory. */
    int WORKING_DIRECTORY = -100;

    /** Poll event: there is something to read. */
    int POLLIN = 1;

    /** Poll event: there is room to write. */
    int POLLOUT = 4;

    /** Reads, writes and changes what is in files. */
    sealed interface Data extends Operation {}

    /** Works on names and what they stand for. */
    sealed interface Names extends Operation {}

    /** Works on sockets. */
    sealed interface Network extends Operation {}

    /** Waits, cancels, or works on rings and their tables. */
    sealed interface Control extends Operation {}

    /**
     * Nothing; completes with 0.
     */
    record Nop() implements Data {}

    /**
     * read(2) or pread(2).
     *
     * @param into room for the bytes
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     */
    record Read(Target file, MemorySegment into, long offset) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public Read {
            requireNative(into);
        }
    }

    /**
     * write(2) or pwrite(2).
     *
     * @param from the bytes
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     */
    record Write(Target file, MemorySegment from, long offset) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public Write {
            requireNative(from);
        }
    }

    /**
     * preadv2(2).
     *
     * @param into struct iovec, one after the other
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param flags {@code RWF_} constants
     */
    record ReadVector(Target file, MemorySegment into, long offset, int flags) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public ReadVector {
            requireParts(into, Iovec.SIZE);
        }
    }

    /**
     * pwritev2(2).
     *
     * @param from struct iovec, one after the other
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param flags {@code RWF_} constants
     */
    record WriteVector(Target file, MemorySegment from, long offset, int flags) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public WriteVector {
            requireParts(from, Iovec.SIZE);
        }
    }

    /**
     * A read into a registered buffer.
     *
     * @param into a part of the buffer
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record ReadFixed(Target file, MemorySegment into, long offset, int buffer) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public ReadFixed {
            requireNative(into);
        }
    }

    /**
     * A write from a registered buffer.
     *
     * @param from a part of the buffer
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record WriteFixed(Target file, MemorySegment from, long offset, int buffer) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public WriteFixed {
            requireNative(from);
        }
    }

    /**
     * A read into parts of one registered buffer. Since 6.15.
     *
     * @param into struct iovec that name the parts
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record ReadVectorFixed(Target file, MemorySegment into, long offset, int buffer)
            implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public ReadVectorFixed {
            requireParts(into, Iovec.SIZE);
        }
    }

    /**
     * A write from parts of one registered buffer. Since 6.15.
     *
     * @param from struct iovec that name the parts
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param buffer the buffer's index in the table
     */
    record WriteVectorFixed(Target file, MemorySegment from, long offset, int buffer)
            implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public WriteVectorFixed {
            requireParts(from, Iovec.SIZE);
        }
    }

    /**
     * Reads again and again into buffers of a group, each read a completion. Since 6.7.
     *
     * @param offset where in the file, or {@link #CURRENT_POSITION}
     * @param group the buffers' group
     */
    record ReadMultishot(Target file, long offset, int group) implements Data {}

    /**
     * fsync(2) or fdatasync(2) of a part of a file.
     *
     * @param offset where the part begins
     * @param length bytes; 0 is to the end of the file
     * @param dataOnly leaves out metadata that reading the data back does not need
     */
    record Sync(Target file, long offset, int length, boolean dataOnly) implements Data {}

    /**
     * sync_file_range(2).
     *
     * @param offset where the part begins
     * @param length bytes; 0 is to the end of the file
     * @param flags {@code SYNC_FILE_RANGE_} constants
     */
    record SyncRange(Target file, long offset, int length, int flags) implements Data {}

    /**
     * fallocate(2).
     *
     * @param mode {@code FALLOC_FL_} constants
     * @param offset where the part begins
     * @param length bytes
     */
    record Allocate(Target file, int mode, long offset, long length) implements Data {}

    /**
     * ftruncate(2). Since 6.9.
     *
     * @param length bytes the file has then
     */
    record Truncate(Target file, long length) implements Data {}

    /**
     * posix_fadvise(2).
     *
     * @param offset where the part begins
     * @param length bytes; 0 is to the end of the file
     * @param advice a {@code POSIX_FADV_} constant
     */
    record AdviseFile(Target file, long offset, int length, int advice) implements Data {}

    /**
     * madvise(2).
     *
     * @param memory whole pages
     * @param advice a {@code MADV_} constant
     */
    record AdviseMemory(MemorySegment memory, int advice) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public AdviseMemory {
            requireNative(memory);
        }
    }

    /**
     * openat(2); completes with a descriptor, or {@link SubmissionEntry#intoSlot into a slot}.
     *
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path relative to the directory
     * @param flags {@code O_} constants; O_CLOEXEC is the caller's to add
     * @param mode permissions of a created file, otherwise 0
     */
    record Open(int directory, MemorySegment path, int flags, int mode) implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public Open {
            requireText(path);
        }
    }

    /**
     * openat2(2); completes as {@link Open}.
     *
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path relative to the directory
     * @param how a struct open_how
     */
    record OpenHow(int directory, MemorySegment path, MemorySegment how) implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public OpenHow {
            requireText(path);
            requireRoom(how, 24, "open_how");
        }
    }

    /**
     * close(2) of a descriptor, or empties a slot.
     */
    record Close(Target file) implements Data {}

    /**
     * statx(2).
     *
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path relative to the directory
     * @param flags {@code AT_} constants
     * @param mask {@code STATX_} constants
     * @param into a struct statx
     */
    record Status(int directory, MemorySegment path, int flags, int mask, MemorySegment into)
            implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public Status {
            requireText(path);
            requireRoom(into, 256, "statx");
        }
    }

    /**
     * renameat2(2).
     *
     * @param fromDirectory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param from the path now
     * @param toDirectory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param to the path then
     * @param flags {@code RENAME_} constants
     */
    record Rename(
            int fromDirectory, MemorySegment from, int toDirectory, MemorySegment to, int flags)
            implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public Rename {
            requireText(from);
            requireText(to);
        }
    }

    /**
     * unlinkat(2).
     *
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path relative to the directory
     * @param flags 0, or AT_REMOVEDIR for a directory
     */
    record Unlink(int directory, MemorySegment path, int flags) implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public Unlink {
            requireText(path);
        }
    }

    /**
     * mkdirat(2).
     *
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path relative to the directory
     * @param mode permissions
     */
    record MakeDirectory(int directory, MemorySegment path, int mode) implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public MakeDirectory {
            requireText(path);
        }
    }

    /**
     * symlinkat(2).
     *
     * @param target what the link says
     * @param directory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param path the link, relative to the directory
     */
    record SymbolicLink(MemorySegment target, int directory, MemorySegment path) implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public SymbolicLink {
            requireText(target);
            requireText(path);
        }
    }

    /**
     * linkat(2).
     *
     * @param fromDirectory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param from the file
     * @param toDirectory a descriptor, or {@link #WORKING_DIRECTORY}
     * @param to its new name
     * @param flags {@code AT_} constants
     */
    record Link(int fromDirectory, MemorySegment from, int toDirectory, MemorySegment to, int flags)
            implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public Link {
            requireText(from);
            requireText(to);
        }
    }

    /**
     * fgetxattr(2); completes with the value's length.
     *
     * @param name ends with NUL
     * @param value room for the value
     */
    record GetAttribute(Target file, MemorySegment name, MemorySegment value) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public GetAttribute {
            requireText(name);
            requireNative(value);
        }
    }

    /**
     * fsetxattr(2).
     *
     * @param name ends with NUL
     * @param value the value
     * @param flags {@code XATTR_} constants
     */
    record SetAttribute(Target file, MemorySegment name, MemorySegment value, int flags)
            implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public SetAttribute {
            requireText(name);
            requireNative(value);
        }
    }

    /**
     * getxattr(2); completes with the value's length.
     *
     * @param path the file
     * @param name ends with NUL
     * @param value room for the value
     */
    record GetAttributeAt(MemorySegment path, MemorySegment name, MemorySegment value)
            implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public GetAttributeAt {
            requireText(path);
            requireText(name);
            requireNative(value);
        }
    }

    /**
     * setxattr(2).
     *
     * @param path the file
     * @param name ends with NUL
     * @param value the value
     * @param flags {@code XATTR_} constants
     */
    record SetAttributeAt(MemorySegment path, MemorySegment name, MemorySegment value, int flags)
            implements Names {
        /** Refuses memory that is not the kernel's to use so. */
        public SetAttributeAt {
            requireText(path);
            requireText(name);
            requireNative(value);
        }
    }

    /**
     * splice(2); one of the two is a pipe.
     *
     * @param from what is read
     * @param fromOffset -1 for a pipe's or the file's own position
     * @param to what is written
     * @param toOffset -1 for a pipe's or the file's own position
     * @param length bytes at most
     * @param flags {@code SPLICE_F_} constants
     */
    record Splice(Target from, long fromOffset, Target to, long toOffset, int length, int flags)
            implements Data {}

    /**
     * tee(2) between two pipes.
     *
     * @param from what is read and kept
     * @param to what is written
     * @param length bytes at most
     * @param flags {@code SPLICE_F_} constants
     */
    record Tee(Target from, Target to, int length, int flags) implements Data {}

    /**
     * pipe2(2). Since 6.16.
     *
     * @param into two ints: the end to read from, then the end to write to
     * @param flags {@code O_} constants; none of O_CLOEXEC into slots
     */
    record Pipe(MemorySegment into, int flags) implements Data {
        /** Refuses memory that is not the kernel's to use so. */
        public Pipe {
            requireRoom(into, 8, "descriptors");
        }
    }

    /**
     * socket(2); completes with a descriptor, or {@link SubmissionEntry#intoSlot into a slot}.
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} constant and its flags
     * @param protocol 0 for the usual one
     */
    record Socket(int domain, int type, int protocol) implements Network {}

    /**
     * bind(2). Since 6.11.
     *
     * @param address a struct sockaddr of the family
     */
    record Bind(Target socket, MemorySegment address) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public Bind {
            requireNative(address);
        }
    }

    /**
     * listen(2). Since 6.11.
     *
     * @param backlog connections that wait to be accepted
     */
    record Listen(Target socket, int backlog) implements Network {}

    /**
     * connect(2).
     *
     * @param address a struct sockaddr of the family
     */
    record Connect(Target socket, MemorySegment address) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public Connect {
            requireNative(address);
        }
    }

    /**
     * accept4(2); completes with a descriptor, or {@link SubmissionEntry#intoSlot into a slot}.
     *
     * @param flags {@code SOCK_} flags; SOCK_CLOEXEC is the caller's to add
     */
    record Accept(Target socket, int flags) implements Network {}

    /**
     * Accepts until cancelled, each connection a completion. Into slots only with {@link
     * SubmissionEntry#ANY_SLOT}. Since 5.19.
     *
     * @param flags {@code SOCK_} flags; SOCK_CLOEXEC is the caller's to add
     */
    record AcceptMultishot(Target socket, int flags) implements Network {}

    /**
     * send(2).
     *
     * @param from the bytes
     * @param flags {@code MSG_} constants
     */
    record Send(Target socket, MemorySegment from, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public Send {
            requireNative(from);
        }
    }

    /**
     * send(2) without a copy: one completion with the result and, if that has F_MORE, one with
     * F_NOTIF when the memory is the program's again. Since 6.0.
     *
     * @param from the bytes
     * @param flags {@code MSG_} constants
     */
    record SendZeroCopy(Target socket, MemorySegment from, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public SendZeroCopy {
            requireNative(from);
        }
    }

    /**
     * sendmsg(2).
     *
     * @param message a struct msghdr; it and all it points to belong to the kernel meanwhile
     * @param flags {@code MSG_} constants
     */
    record SendMessage(Target socket, MemorySegment message, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public SendMessage {
            requireRoom(message, Msghdr.SIZE, "msghdr");
        }
    }

    /**
     * sendmsg(2) without a copy; completes as {@link SendZeroCopy}. Since 6.1.
     *
     * @param message a struct msghdr; it and all it points to belong to the kernel meanwhile
     * @param flags {@code MSG_} constants
     */
    record SendMessageZeroCopy(Target socket, MemorySegment message, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public SendMessageZeroCopy {
            requireRoom(message, Msghdr.SIZE, "msghdr");
        }
    }

    /**
     * recv(2).
     *
     * @param into room for the bytes
     * @param flags {@code MSG_} constants
     */
    record Receive(Target socket, MemorySegment into, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public Receive {
            requireNative(into);
        }
    }

    /**
     * Receives again and again into buffers of a group, each a completion. Since 6.0.
     *
     * @param flags {@code MSG_} constants
     * @param group the buffers' group
     */
    record ReceiveMultishot(Target socket, int flags, int group) implements Network {}

    /**
     * recvmsg(2).
     *
     * @param message a struct msghdr; it and all it points to belong to the kernel meanwhile
     * @param flags {@code MSG_} constants
     */
    record ReceiveMessage(Target socket, MemorySegment message, int flags) implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public ReceiveMessage {
            requireRoom(message, Msghdr.SIZE, "msghdr");
        }
    }

    /**
     * Receives messages again and again into buffers of a group; each buffer begins with a
     * struct io_uring_recvmsg_out. Since 6.0.
     *
     * @param message a struct msghdr that tells how much room names and control messages get
     * @param flags {@code MSG_} constants
     * @param group the buffers' group
     */
    record ReceiveMessageMultishot(Target socket, MemorySegment message, int flags, int group)
            implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public ReceiveMessageMultishot {
            requireRoom(message, Msghdr.SIZE, "msghdr");
        }
    }

    /**
     * shutdown(2).
     *
     * @param how 0 receiving, 1 sending, 2 both
     */
    record Shutdown(Target socket, int how) implements Network {}

    /**
     * getsockopt(2); completes with the value's length. Since 6.7.
     *
     * @param level a {@code SOL_} constant
     * @param option an {@code SO_} constant
     * @param value room for the value
     */
    record GetSocketOption(Target socket, int level, int option, MemorySegment value)
            implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public GetSocketOption {
            requireNative(value);
        }
    }

    /**
     * setsockopt(2). Since 6.7.
     *
     * @param level a {@code SOL_} constant
     * @param option an {@code SO_} constant
     * @param value the value
     */
    record SetSocketOption(Target socket, int level, int option, MemorySegment value)
            implements Network {
        /** Refuses memory that is not the kernel's to use so. */
        public SetSocketOption {
            requireNative(value);
        }
    }

    /**
     * poll(2): completes when the file is ready, with the events that are.
     *
     * @param events {@code POLL} constants; errors and hang-up are always reported
     * @param multishot completes each time, until cancelled
     */
    record PollAdd(Target file, int events, boolean multishot) implements Control {}

    /**
     * Ends a poll; both complete.
     *
     * @param userData what it was submitted with
     */
    record PollRemove(long userData) implements Control {}

    /**
     * Changes the events a poll waits for.
     *
     * @param userData what it was submitted with
     * @param events {@code POLL} constants
     * @param multishot whether it goes on after its next event
     */
    record PollUpdate(long userData, int events, boolean multishot) implements Control {}

    /**
     * Completes with ETIME after a time, or with 0 after so many other completions.
     *
     * @param time a struct __kernel_timespec
     * @param completions 0 for the time alone
     * @param flags {@code TIMEOUT_} constants of {@link SqeLayout}
     */
    record Timeout(MemorySegment time, int completions, int flags) implements Control {
        /** Refuses memory that is not the kernel's to use so. */
        public Timeout {
            requireRoom(time, 16, "__kernel_timespec");
        }
    }

    /**
     * Ends a timeout; both complete.
     *
     * @param userData what it was submitted with
     */
    record TimeoutRemove(long userData) implements Control {}

    /**
     * Gives a timeout another time.
     *
     * @param userData what it was submitted with
     * @param time a struct __kernel_timespec
     * @param flags {@code TIMEOUT_ABS}, and {@code LINK_TIMEOUT_UPDATE} for a {@link
     *     LinkTimeout}
     */
    record TimeoutUpdate(long userData, MemorySegment time, int flags) implements Control {
        /** Refuses memory that is not the kernel's to use so. */
        public TimeoutUpdate {
            requireRoom(time, 16, "__kernel_timespec");
        }
    }

    /**
     * Cancels the operation it is linked to when the time is up. It completes with ETIME if it
     * did, with ECANCELED if not.
     *
     * @param time a struct __kernel_timespec
     * @param flags {@code TIMEOUT_} constants of {@link SqeLayout}
     */
    record LinkTimeout(MemorySegment time, int flags) implements Control {
        /** Refuses memory that is not the kernel's to use so. */
        public LinkTimeout {
            requireRoom(time, 16, "__kernel_timespec");
        }
    }

    /**
     * Cancels one operation; the cancelled one completes too, in either order, and may succeed.
     *
     * @param userData what it was submitted with
     */
    record Cancel(long userData) implements Control {}

    /**
     * Cancels every operation with that user data; completes with how many. Since 5.19.
     *
     * @param userData what they were submitted with
     */
    record CancelEach(long userData) implements Control {}

    /**
     * Cancels every operation on a file; completes with how many. Since 5.19.
     */
    record CancelFile(Target file) implements Control {}

    /**
     * Cancels every operation of the ring; completes with how many. Since 5.19.
     */
    record CancelAll() implements Control {}

    /**
     * Cancels every operation of one kind; completes with how many. Since 6.6.
     */
    record CancelKind(Opcode kind) implements Control {}

    /**
     * Posts a completion on another ring. Since 5.18.
     *
     * @param ring the other ring's descriptor
     * @param userData of that completion
     * @param result of that completion
     */
    record MessageRing(int ring, long userData, int result) implements Control {}

    /**
     * Puts the file of a slot of this ring into a slot of another ring too. Since 6.0.
     *
     * @param ring the other ring's descriptor
     * @param fromSlot here
     * @param toSlot there, or {@link SubmissionEntry#ANY_SLOT}
     * @param userData of the other ring's completion; its result is the slot with ANY_SLOT,
     *     otherwise 0
     */
    record MessageFile(int ring, int fromSlot, int toSlot, long userData) implements Control {}

    /**
     * Changes slots of the file table; completes with how many.
     *
     * @param descriptors ints: open descriptors, or -1 to empty a slot
     * @param firstSlot the slot of the first
     */
    record UpdateFiles(MemorySegment descriptors, int firstSlot) implements Control {
        /** Refuses memory that is not the kernel's to use so. */
        public UpdateFiles {
            requireNative(descriptors);
        }
    }

    /**
     * Makes a descriptor for the file in a slot, closed on exec. Since 6.8.
     */
    record InstallSlot(int slot) implements Control {}

    /**
     * Gives buffers to a group in the way before buffer rings.
     *
     * @param memory the buffers, one after the other
     * @param length bytes of each
     * @param firstId id of the first, 0 to 65535
     */
    record ProvideBuffers(MemorySegment memory, int length, int group, int firstId)
            implements Control {
        /** Refuses memory that is not the kernel's to use so. */
        public ProvideBuffers {
            requireNative(memory);
            requireParts(memory, length);
        }
    }

    /**
     * Takes buffers back that {@link ProvideBuffers} gave; completes with how many.
     *
     * @param count at most
     */
    record RemoveBuffers(int count, int group) implements Control {}

    private static void requireNative(MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(
                    "the kernel works in this memory while the program runs on: it must be native,"
                            + " not a Java array");
        }
        if (memory.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "one operation moves at most 2147483647 bytes, this memory has "
                            + memory.byteSize());
        }
    }

    private static void requireText(MemorySegment text) {
        requireNative(text);
        long size = text.byteSize();
        if (size == 0 || text.get(JAVA_BYTE, size - 1) != 0) {
            throw new IllegalArgumentException(
                    "a path or name ends with NUL, or the kernel reads on behind it: make it with"
                            + " allocateFrom(String)");
        }
    }

    private static void requireRoom(MemorySegment memory, long size, String what) {
        requireNative(memory);
        if (memory.byteSize() < size) {
            throw new IllegalArgumentException(
                    what + " has " + size + " bytes, this memory " + memory.byteSize());
        }
    }

    private static void requireParts(MemorySegment memory, int size) {
        requireNative(memory);
        if (size <= 0 || memory.byteSize() % size != 0) {
            throw new IllegalArgumentException(
                    memory.byteSize() + " bytes are not parts of " + size + " bytes each");
        }
    }
}
