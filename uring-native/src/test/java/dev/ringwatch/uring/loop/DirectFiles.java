package dev.ringwatch.uring.loop;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import org.opentest4j.TestAbortedException;

/** Files past the page cache, where the file system of the tests has them. */
final class DirectFiles {
    private DirectFiles() {}

    /** Opens one with O_DIRECT, or skips the test with the reason printed. */
    static UringFile open(Uring uring, Path path, OpenOption... options) throws IOException {
        OpenOption[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = FileOption.DIRECT;
        try {
            return uring.openFile(path, all);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            String text = "SKIPPED: the file system of " + path + " has no O_DIRECT";
            System.out.println(text);
            throw new TestAbortedException(text);
        }
    }
}
