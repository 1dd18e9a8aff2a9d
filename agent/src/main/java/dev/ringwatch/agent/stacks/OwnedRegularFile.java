package dev.ringwatch.agent.stacks;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A file at a name that somebody else may put anything at: opened without waiting, and only if it is
 * a regular file and no symbolic link.
 */
final class OwnedRegularFile implements AutoCloseable {
    private final OwnedFd fd;

    private OwnedRegularFile(OwnedFd fd) {
        this.fd = fd;
    }

    /**
     * Opens it for reading.
     *
     * @throws IOException also if it is anything else
     */
    static OwnedRegularFile open(Path path) throws IOException {
        // Opening a device may already do something; between this and the call it may become one.
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(path + " is no regular file");
        }
        OwnedFd fd = Fds.open(path.toString(), Fds.O_RDONLY | Fds.O_NOFOLLOW | Fds.O_NONBLOCK, 0);
        OwnedRegularFile file = new OwnedRegularFile(fd);
        if (!Files.isRegularFile(file.path())) {
            file.close();
            throw new IOException(path + " is no regular file");
        }
        return file;
    }

    /** The file that is open, whatever has its name now. */
    Path path() {
        return Path.of("/proc/self/fd/" + fd.number());
    }

    @Override
    public void close() throws IOException {
        fd.close();
    }
}
