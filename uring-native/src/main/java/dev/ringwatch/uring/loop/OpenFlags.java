package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Fds;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The flags of open(2) that options mean. */
final class OpenFlags {
    private OpenFlags() {}

    /**
     * The flags; for reading if no option says otherwise, close-on-exec always.
     *
     * @throws IllegalArgumentException if options contradict each other
     * @throws UnsupportedOperationException for an option that is not known here
     */
    static int of(OpenOption... options) {
        List<OpenOption> all = List.of(options);
        int flags = access(all) | Fds.O_CLOEXEC;
        for (OpenOption option : all) {
            flags |= flag(option);
        }
        return flags;
    }

    private static int access(List<OpenOption> all) {
        boolean append = all.contains(StandardOpenOption.APPEND);
        boolean write = append || all.contains(StandardOpenOption.WRITE);
        boolean read = all.contains(StandardOpenOption.READ);
        if (append && all.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            throw new IllegalArgumentException(
                    "APPEND and TRUNCATE_EXISTING contradict each other");
        }
        if (write) {
            return read ? Fds.O_RDWR : Fds.O_WRONLY;
        }
        return Fds.O_RDONLY;
    }

    private static int flag(OpenOption option) {
        return switch (option) {
            case StandardOpenOption standard -> flag(standard);
            case FileOption ours -> flag(ours);
            case LinkOption.NOFOLLOW_LINKS -> Fds.O_NOFOLLOW;
            default ->
                    throw new UnsupportedOperationException(
                            option + " is neither a StandardOpenOption nor a FileOption");
        };
    }

    private static int flag(StandardOpenOption option) {
        return switch (option) {
            case READ, WRITE, SPARSE -> 0;
            case APPEND -> Fds.O_APPEND;
            case TRUNCATE_EXISTING -> Fds.O_TRUNC;
            case CREATE -> Fds.O_CREAT;
            case CREATE_NEW -> Fds.O_CREAT | Fds.O_EXCL;
            case SYNC -> Fds.O_SYNC;
            case DSYNC -> Fds.O_DSYNC;
            case DELETE_ON_CLOSE ->
                    throw new UnsupportedOperationException(
                            "DELETE_ON_CLOSE: delete the path once it is open, the file lives on");
        };
    }

    private static int flag(FileOption option) {
        return switch (option) {
            case DIRECT -> Fds.O_DIRECT;
            case DIRECTORY -> Fds.O_DIRECTORY;
            case SLOT -> 0;
        };
    }
}
