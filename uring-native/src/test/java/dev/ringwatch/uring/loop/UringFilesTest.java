package dev.ringwatch.uring.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.ErrnoException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Live: names of files on both backends. */
@Timeout(60)
class UringFilesTest {
    @TempDir Path directory = Path.of("");

    private Path make(String name) throws Exception {
        return Files.writeString(directory.resolve(name), name);
    }

    private static Errno errnoOf(Executable call) {
        return assertThrows(ErrnoException.class, call).errno();
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aRenameReplacesRefusesOrExchanges(TestBackend backend) throws Exception {
        Path one = make("one");
        Path two = make("two");
        Path three = directory.resolve("three");
        try (Uring uring = backend.open()) {
            UringFiles files = uring.files();
            assertEquals(Errno.EEXIST, errnoOf(() -> files.rename(one, two, Replacing.REFUSE)));
            files.rename(one, two, Replacing.EXCHANGE);
            assertEquals("two", Files.readString(one));
            assertEquals("one", Files.readString(two));
            files.rename(one, three, Replacing.REFUSE);
            assertEquals("two", Files.readString(three));
            files.rename(three, two);
            assertEquals("two", Files.readString(two));
            assertEquals(Errno.ENOENT, errnoOf(() -> files.rename(one, two)));
            assertEquals(Errno.EXDEV, errnoOf(() -> files.rename(two, Path.of("/proc/x"))));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void directoriesComeAndGoAndMustBeEmpty(TestBackend backend) throws Exception {
        Path folder = directory.resolve("folder");
        try (Uring uring = backend.open()) {
            UringFiles files = uring.files();
            files.makeDirectory(folder, 0700);
            assertEquals(0700, files.status(folder).permissions());
            assertEquals(Errno.EEXIST, errnoOf(() -> files.makeDirectory(folder, 0700)));
            Path inside = make("folder/inside");
            assertEquals(Errno.ENOTEMPTY, errnoOf(() -> files.deleteDirectory(folder)));
            assertEquals(Errno.EISDIR, errnoOf(() -> files.delete(folder)));
            assertEquals(Errno.ENOTDIR, errnoOf(() -> files.deleteDirectory(inside)));
            files.delete(inside);
            files.deleteDirectory(folder);
            assertFalse(Files.exists(folder));
            assertEquals(Errno.ENOENT, errnoOf(() -> files.delete(inside)));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void linksNameAFileOrSayAPath(TestBackend backend) throws Exception {
        Path file = make("file");
        Path hard = directory.resolve("hard");
        Path soft = directory.resolve("soft");
        try (Uring uring = backend.open()) {
            UringFiles files = uring.files();
            files.makeLink(hard, file);
            files.makeSymbolicLink(soft, Path.of("file"));
            assertEquals(2, files.status(file).links());
            assertEquals(files.status(file).inode(), files.status(hard).inode());
            assertEquals(Path.of("file"), Files.readSymbolicLink(soft));
            assertEquals(files.status(file).inode(), files.status(soft).inode());
            assertTrue(files.status(soft, LinkOption.NOFOLLOW_LINKS).isSymbolicLink());
            assertEquals(Errno.EEXIST, errnoOf(() -> files.makeLink(hard, file)));
            assertEquals(
                    Errno.EPERM,
                    errnoOf(() -> files.makeLink(soft.resolveSibling("d"), directory)));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void anAttributeIsAbsentOrWhatWasSet(TestBackend backend) throws Exception {
        Path file = make("file");
        try (Uring uring = backend.open()) {
            UringFiles files = uring.files();
            try {
                assertTrue(files.attribute(file, "user.test").isEmpty());
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EOPNOTSUPP) {
                    throw e;
                }
                String text = "SKIPPED: the file system of " + file + " has no attributes";
                System.out.println(text);
                throw new TestAbortedException(text);
            }
            files.setAttribute(file, "user.test", "value".getBytes(UTF_8));
            assertArrayEquals(
                    "value".getBytes(UTF_8), files.attribute(file, "user.test").orElseThrow());
            files.setAttribute(file, "user.test", new byte[0]);
            assertEquals(0, files.attribute(file, "user.test").orElseThrow().length);
            assertEquals(
                    Errno.ENOENT,
                    errnoOf(() -> files.attribute(directory.resolve("none"), "user.test")));
            assertEquals(Errno.EOPNOTSUPP, errnoOf(() -> files.attribute(file, "nonsense.test")));
        }
    }

    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aMadeFileHasThePermissionsAskedFor(TestBackend backend) throws Exception {
        Path file = directory.resolve("private");
        try (Uring uring = backend.open()) {
            uring.files()
                    .open(
                            file,
                            0600,
                            java.nio.file.StandardOpenOption.CREATE,
                            java.nio.file.StandardOpenOption.WRITE)
                    .close();
            assertEquals(0600, uring.files().status(file).permissions());
        }
    }
}
