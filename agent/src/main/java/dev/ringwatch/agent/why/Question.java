package dev.ringwatch.agent.why;

import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.BpfWhy;
import dev.ringwatch.agent.bpf.Sought;
import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A target as the kernel knows it. As long as it is open it keeps what it means in place, by a
 * descriptor of {@code O_PATH}, which refers to the mount and the name and opens nothing.
 *
 * @param sought what to look for
 * @param ownFile the address of the open file of that descriptor, which is no answer; 0: there is
 *     none
 * @param removedName the name that deleted files are looked for under, beside those sought
 * @param exists whether a path is there now
 */
record Question(
        Target target,
        Sought sought,
        long ownFile,
        String removedName,
        boolean exists,
        Optional<OwnedFd> descriptor)
        implements AutoCloseable {

    private static final int DIRECTORY = 0040000;
    private static final int TYPE = 0170000;

    /**
     * Finds what is meant.
     *
     * @throws NoSuchTargetException if it is not there
     */
    static Question of(Target target, BpfWhy why)
            throws NoSuchTargetException, BpfUnavailableException {
        return switch (target) {
            case Target.Named(String path) -> named(target, path, why);
            case Target.Port(int port) -> plain(target, new Sought.Port(port));
            case Target.InodeNumber(long number) -> plain(target, new Sought.InodeNumber(number));
            case Target.NetworkNamespace(long number) ->
                    plain(target, new Sought.NetworkNamespace(number));
            case Target.Descriptor d -> plain(target, oneFile(d, why));
        };
    }

    private static Question plain(Target target, Sought sought) {
        return new Question(target, sought, 0, "", true, Optional.empty());
    }

    private static Sought oneFile(Target.Descriptor d, BpfWhy why)
            throws NoSuchTargetException, BpfUnavailableException {
        if (!Files.isDirectory(Path.of("/proc", Integer.toString(d.pid())))) {
            throw new NoSuchTargetException(d + ": there is no process " + d.pid());
        }
        return new Sought.OneFile(
                why.file(d.pid(), d.fd())
                        .orElseThrow(
                                () ->
                                        new NoSuchTargetException(
                                                d + ": the process has no descriptor " + d.fd())));
    }

    private static Question named(Target target, String path, BpfWhy why)
            throws NoSuchTargetException, BpfUnavailableException {
        try {
            return existing(target, path, Fds.open(path, Fds.O_PATH, 0), why);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw new NoSuchTargetException(path + ": " + e.errno().meaning());
            }
            return gone(target, path, why);
        }
    }

    private static Question existing(Target target, String path, OwnedFd fd, BpfWhy why)
            throws BpfUnavailableException {
        BpfWhy.Place place = why.place(fd.number());
        boolean mount = place.isRoot() && (place.mode() & TYPE) == DIRECTORY;
        Sought sought =
                mount
                        ? new Sought.Mount(place.mount())
                        : new Sought.Inode(place.inode(), place.directory());
        return new Question(target, sought, place.file(), lastName(path), true, Optional.of(fd));
    }

    private static Question gone(Target target, String path, BpfWhy why)
            throws NoSuchTargetException, BpfUnavailableException {
        Path parent = Path.of(path).getParent();
        try {
            OwnedFd fd = Fds.open(parent == null ? "/" : parent.toString(), Fds.O_PATH, 0);
            BpfWhy.Place place = why.place(fd.number());
            return new Question(
                    target,
                    new Sought.Inode(0, place.entry()),
                    place.file(),
                    lastName(path),
                    false,
                    Optional.of(fd));
        } catch (ErrnoException e) {
            throw new NoSuchTargetException(
                    path
                            + ": neither it nor its directory is there; a deleted file is also found"
                            + " by inode:N");
        }
    }

    private static String lastName(String path) {
        Path name = Path.of(path).getFileName();
        return name == null ? "" : name.toString();
    }

    @Override
    public void close() throws ErrnoException {
        if (descriptor.isPresent()) {
            descriptor.get().close();
        }
    }
}
