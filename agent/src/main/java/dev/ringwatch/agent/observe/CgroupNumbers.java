package dev.ringwatch.agent.observe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The paths of control groups by number, which is the inode of the group's directory in the unified
 * hierarchy (cgroup_id in include/linux/cgroup.h). Groups are remembered, also those that are
 * removed later; the tree is walked again only when a number turns up that is not known. For one
 * thread.
 */
final class CgroupNumbers {
    /** More groups than a machine has: then it begins anew. */
    private static final int MOST = 1 << 16;

    /** A file that only the root of the unified hierarchy has. */
    private static final String MARK = "cgroup.controllers";

    private static final String NO_PATH = "/";

    private final Optional<Path> root;
    private final Map<Long, String> paths = new HashMap<>();
    private boolean walked;

    private CgroupNumbers(Optional<Path> root) {
        this.root = root;
    }

    /** Where systemd mounts it: alone, or beside the older hierarchies; elsewhere nothing is known. */
    static CgroupNumbers mounted() {
        return below(Path.of("/sys/fs/cgroup"));
    }

    static CgroupNumbers below(Path mount) {
        return new CgroupNumbers(
                Stream.of(mount, mount.resolve("unified"))
                        .filter(path -> Files.exists(path.resolve(MARK)))
                        .findFirst());
    }

    /** To be called before the first number of an observation: the tree is walked once at most. */
    void begin() {
        walked = false;
    }

    /** The path from the root of the hierarchy, as in {@code /proc/PID/cgroup}; none for the root. */
    Optional<String> path(long number) {
        if (!paths.containsKey(number) && !walked) {
            walked = true;
            root.ifPresent(this::walk);
        }
        paths.putIfAbsent(number, NO_PATH); // it is gone, and is not looked for again
        return Optional.of(paths.get(number)).filter(path -> !path.equals(NO_PATH));
    }

    private void walk(Path top) {
        if (paths.size() > MOST) {
            paths.clear();
        }
        try {
            Files.walkFileTree(top, visitor(top));
        } catch (IOException e) {
            throw new UncheckedIOException("control groups cannot be read", e);
        }
    }

    /** Takes in one directory after the other; by itself for who makes them vanish meanwhile. */
    FileVisitor<Path> visitor(Path top) {
        return new Visitor(top);
    }

    private final class Visitor extends SimpleFileVisitor<Path> {
        private final Path top;

        Visitor(Path top) {
            this.top = top;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            try {
                long inode = ((Number) Files.getAttribute(directory, "unix:ino")).longValue();
                paths.put(inode, "/" + top.relativize(directory));
                return FileVisitResult.CONTINUE;
            } catch (IOException e) {
                return FileVisitResult.SKIP_SUBTREE; // removed since it was listed: as below
            }
        }

        /** Groups come and go, and some may not be read: those have no path. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
        }
    }
}
