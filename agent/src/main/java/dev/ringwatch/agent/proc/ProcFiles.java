package dev.ringwatch.agent.proc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Reads files of a proc tree; the one place that knows how an ending process shows.
 *
 * <p>A process that ends turns its files into {@code ENOENT} on open and {@code ESRCH} on read. The
 * latter has no exception of its own in Java, so whether the file's directory is still there
 * decides.
 */
final class ProcFiles {
    /** The platform's charset for names, so that names from files and from links compare equal. */
    private static final Charset NAMES =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final int maxFileBytes;

    ProcFiles(int maxFileBytes) {
        this.maxFileBytes = maxFileBytes;
    }

    /** What became of reading something. */
    sealed interface Reading<T> {
        record Got<T>(T value) implements Reading<T> {}

        /** It could not be read. */
        record Missed<T>(Miss why) implements Reading<T> {}
    }

    /** Why something could not be read. */
    enum Miss {
        /** It is not there, or not any more. */
        GONE,
        DENIED,
        TOO_LONG,
        FAILED
    }

    @FunctionalInterface
    private interface IoCall<T> {
        Reading<T> run() throws IOException;
    }

    /** The whole file; one reading of a seq_file with a single record is one state of the kernel's. */
    Reading<String> text(Path file) {
        return guarded(
                file,
                () -> {
                    try (InputStream in = Files.newInputStream(file)) {
                        byte[] bytes = in.readNBytes(maxFileBytes + 1);
                        return bytes.length > maxFileBytes
                                ? new Reading.Missed<>(Miss.TOO_LONG)
                                : new Reading.Got<>(text(bytes, 0, bytes.length));
                    }
                });
    }

    /** The text of a symbolic link; touches no other file system. */
    Reading<String> link(Path link) {
        return guarded(link, () -> new Reading.Got<>(Files.readSymbolicLink(link).toString()));
    }

    /**
     * Shows the entries of a directory whose names are numbers to {@code visitor} until it returns
     * false.
     *
     * @return whether the end was reached
     */
    Reading<Boolean> numbered(Path directory, Predicate<Path> visitor) {
        return guarded(
                directory,
                () -> {
                    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                        for (Path entry : entries) {
                            if (number(entry) >= 0 && !visitor.test(entry)) {
                                return new Reading.Got<>(false);
                            }
                        }
                        return new Reading.Got<>(true);
                    } catch (DirectoryIteratorException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The number that is an entry's whole name, or -1. */
    static int number(Path entry) {
        String name = entry.getFileName().toString();
        return (int) Numbers.decimal(name, Integer.MAX_VALUE).orElse(-1);
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, NAMES);
    }

    private static <T> Reading<T> guarded(Path file, IoCall<T> call) {
        try {
            return call.run();
        } catch (NoSuchFileException | NotLinkException | NotDirectoryException e) {
            return new Reading.Missed<>(Miss.GONE);
        } catch (AccessDeniedException e) {
            return new Reading.Missed<>(Miss.DENIED);
        } catch (IOException e) {
            return new Reading.Missed<>(parentThere(file) ? Miss.FAILED : Miss.GONE);
        }
    }

    private static boolean parentThere(Path file) {
        Path parent = file.getParent();
        return parent != null && Files.exists(parent, LinkOption.NOFOLLOW_LINKS);
    }
}
