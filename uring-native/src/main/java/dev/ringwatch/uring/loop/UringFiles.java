package dev.ringwatch.uring.loop;

import static dev.ringwatch.uring.sys.Sys.call;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.loop.Job.Patience;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.Syscall;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Files by name: opening, naming, removing, asking. Operations of a ring, or plain system calls on
 * platform threads where there is none.
 *
 * <p>Paths are those of the default file system, relative ones to the working directory. An
 * interrupt cuts no call short; errors of the kernel are {@link
 * dev.ringwatch.uring.sys.ErrnoException} with the path in their text. Safe for use by many threads.
 */
public final class UringFiles {
    private static final int WORKING_DIRECTORY = -100; // AT_FDCWD
    private static final int NO_FOLLOW = 0x100; // AT_SYMLINK_NOFOLLOW
    private static final int REMOVE_DIRECTORY = 0x200; // AT_REMOVEDIR
    private static final int DEFAULT_PERMISSIONS = 0666;
    private static final int LARGEST_ATTRIBUTE = 1 << 16; // XATTR_SIZE_MAX

    private final Supplier<Engine> engines;

    UringFiles(Supplier<Engine> engines) {
        this.engines = engines;
    }

    /**
     * {@link #open(Path, int, OpenOption...)} with permissions 0666.
     */
    public UringFile open(Path path, OpenOption... options) throws IOException {
        return open(path, DEFAULT_PERMISSIONS, options);
    }

    /**
     * Opens a file: openat(2).
     *
     * @param permissions of a file that is made, 0 to 07777, of which the umask takes away
     * @param options {@link java.nio.file.StandardOpenOption}, {@link FileOption} and {@link
     *     LinkOption#NOFOLLOW_LINKS}; none means READ
     * @throws UnsupportedOperationException for an option that is not known
     */
    public UringFile open(Path path, int permissions, OpenOption... options) throws IOException {
        int flags = OpenFlags.of(options);
        boolean slot = List.of(options).contains(FileOption.SLOT);
        Engine engine = engines.get();
        return switch (engine) {
            case RingEngine(RingLoop loop) when slot -> openSlot(loop, path, flags, permissions);
            case RingEngine ring -> openDescriptor(ring, path, flags, permissions);
            case PlainEngine plain -> openDescriptor(plain, path, flags, permissions);
        };
    }

    /**
     * A file of an open descriptor, such as a pipe's.
     *
     * @param descriptor taken over
     */
    public UringFile of(OwnedFd descriptor) {
        String title = descriptor.toString();
        return new UringFile(
                new Handle(engines.get(), new Handle.Name.Descriptor(descriptor)), false, title);
    }

    private UringFile openDescriptor(Engine engine, Path path, int flags, int permissions)
            throws IOException {
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, path).address();
            Job job =
                    new Job(
                            "openat",
                            entry -> entry.open(WORKING_DIRECTORY, at, flags, permissions),
                            () -> call(Syscall.OPENAT, WORKING_DIRECTORY, at, flags, permissions));
            OwnedFd fd = OwnedFd.own(run(engine, scratch, job, path.toString()));
            boolean cached = (flags & Fds.O_DIRECT) == 0;
            return new UringFile(
                    new Handle(engine, new Handle.Name.Descriptor(fd)), cached, path.toString());
        }
    }

    private UringFile openSlot(RingLoop loop, Path path, int flags, int permissions)
            throws IOException {
        requireSlots(loop);
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, path).address();
            int direct = flags & ~Fds.O_CLOEXEC; // a slot knows no exec
            Job job =
                    Job.onRing(
                                    "openat",
                                    entry ->
                                            entry.open(WORKING_DIRECTORY, at, direct, permissions)
                                                    .intoSlot(SubmissionEntry.ANY_SLOT))
                            .noting(slot -> loop.files().claimed(slot));
            RingEngine engine = new RingEngine(loop);
            int slot = run(engine, scratch, job, path + "; ENFILE means that all slots are in use");
            return new UringFile(
                    new Handle(engine, new Handle.Name.Slot(loop, slot)),
                    false,
                    path + " (slot " + slot + ")");
        }
    }

    static void requireSlots(RingLoop loop) {
        if (loop.options().fileSlots() == 0) {
            throw new IllegalStateException(
                    loop.options().name()
                            + " has no slots for direct descriptors; give it some with"
                            + " LoopOptions.withFileSlots");
        }
    }

    /** What the kernel knows about a file: statx(2). */
    public FileStatus status(Path path, LinkOption... links) throws IOException {
        int flags = links.length == 0 ? 0 : NO_FOLLOW;
        try (Scratch scratch = new Scratch()) {
            MemorySegment statx = scratch.allocate(FileStatus.SIZE);
            Job job = UringFile.statusJob(WORKING_DIRECTORY, text(scratch, path), flags, statx);
            engines.get().run(scratch.of(job));
            job.result(path.toString(), Patience.FOREVER);
            return FileStatus.of(statx);
        }
    }

    /** {@link #rename(Path, Path, Replacing)} that replaces what has the new name. */
    public void rename(Path from, Path to) throws IOException {
        rename(from, to, Replacing.REPLACE);
    }

    /** Gives a file another name in the same file system: renameat2(2). */
    public void rename(Path from, Path to, Replacing how) throws IOException {
        try (Scratch scratch = new Scratch()) {
            long old = text(scratch, from).address();
            long now = text(scratch, to).address();
            int flags = how.flags();
            run(
                    scratch,
                    new Job(
                            "renameat2",
                            entry ->
                                    entry.rename(
                                            WORKING_DIRECTORY, old, WORKING_DIRECTORY, now, flags),
                            () ->
                                    call(
                                            Syscall.RENAMEAT2,
                                            WORKING_DIRECTORY,
                                            old,
                                            WORKING_DIRECTORY,
                                            now,
                                            flags,
                                            0)),
                    from + " to " + to);
        }
    }

    /** Removes a name that is not a directory's: unlinkat(2). */
    public void delete(Path path) throws IOException {
        unlink(path, 0);
    }

    /** Removes an empty directory: unlinkat(2). */
    public void deleteDirectory(Path path) throws IOException {
        unlink(path, REMOVE_DIRECTORY);
    }

    private void unlink(Path path, int flags) throws IOException {
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, path).address();
            run(
                    scratch,
                    new Job(
                            "unlinkat",
                            entry -> entry.unlink(WORKING_DIRECTORY, at, flags),
                            () -> call(Syscall.UNLINKAT, WORKING_DIRECTORY, at, flags)),
                    path.toString());
        }
    }

    /**
     * Makes a directory: mkdirat(2).
     *
     * @param permissions 0 to 07777, of which the umask takes away
     */
    public void makeDirectory(Path path, int permissions) throws IOException {
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, path).address();
            run(
                    scratch,
                    new Job(
                            "mkdirat",
                            entry -> entry.makeDirectory(WORKING_DIRECTORY, at, permissions),
                            () -> call(Syscall.MKDIRAT, WORKING_DIRECTORY, at, permissions)),
                    path.toString());
        }
    }

    /** Makes a symbolic link: symlinkat(2). */
    public void makeSymbolicLink(Path link, Path target) throws IOException {
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, link).address();
            long says = text(scratch, target).address();
            run(
                    scratch,
                    new Job(
                            "symlinkat",
                            entry -> entry.symbolicLink(says, WORKING_DIRECTORY, at),
                            () -> call(Syscall.SYMLINKAT, says, WORKING_DIRECTORY, at)),
                    link + " to " + target);
        }
    }

    /** Gives a file one more name: linkat(2). */
    public void makeLink(Path link, Path existing) throws IOException {
        try (Scratch scratch = new Scratch()) {
            long at = text(scratch, link).address();
            long old = text(scratch, existing).address();
            run(
                    scratch,
                    new Job(
                            "linkat",
                            entry -> entry.link(WORKING_DIRECTORY, old, WORKING_DIRECTORY, at, 0),
                            () ->
                                    call(
                                            Syscall.LINKAT,
                                            WORKING_DIRECTORY,
                                            old,
                                            WORKING_DIRECTORY,
                                            at,
                                            0,
                                            0)),
                    link + " to " + existing);
        }
    }

    /**
     * An extended attribute: getxattr(2).
     *
     * @param name with its namespace, such as {@code user.checksum}
     * @return its value, or empty if the file has none of this name
     * @throws dev.ringwatch.uring.sys.ErrnoException EOPNOTSUPP if the file system has none at all
     */
    public Optional<byte[]> attribute(Path path, String name) throws IOException {
        try (Scratch scratch = new Scratch()) {
            MemorySegment value = scratch.allocate(LARGEST_ATTRIBUTE);
            long file = text(scratch, path).address();
            long key = scratch.text(name).address();
            long into = value.address();
            Job job =
                    new Job(
                            "getxattr",
                            entry -> entry.attributeAt(file, key, into, LARGEST_ATTRIBUTE),
                            () -> call(Syscall.GETXATTR, file, key, into, LARGEST_ATTRIBUTE));
            engines.get().run(scratch.of(job));
            if (job.raw() == -Errno.ENODATA.code()) {
                return Optional.empty();
            }
            int bytes = job.result(name + " of " + path, Patience.FOREVER);
            return Optional.of(value.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** Sets an extended attribute, new or not: setxattr(2). */
    public void setAttribute(Path path, String name, byte[] value) throws IOException {
        try (Scratch scratch = new Scratch()) {
            MemorySegment content = scratch.allocate(value.length);
            content.copyFrom(MemorySegment.ofArray(value));
            long file = text(scratch, path).address();
            long key = scratch.text(name).address();
            long from = content.address();
            int length = value.length;
            run(
                    scratch,
                    new Job(
                            "setxattr",
                            entry -> entry.setAttributeAt(file, key, from, length, 0),
                            () -> call(Syscall.SETXATTR, file, key, from, length)),
                    name + " of " + path);
        }
    }

    private void run(Scratch scratch, Job job, String detail) throws IOException {
        run(engines.get(), scratch, job, detail);
    }

    private static int run(Engine engine, Scratch scratch, Job job, String detail)
            throws IOException {
        engine.run(scratch.of(job));
        return job.result(detail, Patience.FOREVER);
    }

    private static MemorySegment text(Scratch scratch, Path path) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            throw new ProviderMismatchException(
                    path + " is not a path of the default file system, which the kernel knows");
        }
        return scratch.text(path.toString());
    }
}
