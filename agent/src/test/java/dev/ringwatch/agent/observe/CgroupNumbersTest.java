package dev.ringwatch.agent.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups by the inode of their directory. */
class CgroupNumbersTest {
    @Test
    void aGroupHasItsPathAlsoWhenItIsGone(@TempDir Path mount) throws Exception {
        Files.createFile(mount.resolve("cgroup.controllers"));
        Path group = Files.createDirectories(mount.resolve("system.slice/db.service"));
        long number = inode(group);
        CgroupNumbers numbers = CgroupNumbers.below(mount);
        assertEquals(Optional.of("/system.slice/db.service"), numbers.path(number));
        Files.delete(group);
        numbers.begin();
        assertEquals(Optional.of("/system.slice/db.service"), numbers.path(number));
        assertEquals(Optional.empty(), numbers.path(inode(mount)), "the root is no group");
    }

    @Test
    void aGroupMadeLaterIsFoundAtTheNextObservation(@TempDir Path mount) throws Exception {
        Files.createFile(mount.resolve("cgroup.controllers"));
        CgroupNumbers numbers = CgroupNumbers.below(mount);
        assertEquals(Optional.empty(), numbers.path(1L << 40));
        Path late = Files.createDirectory(mount.resolve("late"));
        numbers.begin();
        assertEquals(Optional.of("/late"), numbers.path(inode(late)));
    }

    @Test
    void whatIsNotTheUnifiedHierarchyIsNotRead(@TempDir Path mount) throws Exception {
        Path group = Files.createDirectory(mount.resolve("memory"));
        assertEquals(Optional.empty(), CgroupNumbers.below(mount).path(inode(group)));
    }

    /** Containers end while the tree is walked: that must not end the observation. */
    @Test
    void aGroupThatIsRemovedDuringTheWalkIsPassedOver(@TempDir Path mount) throws Exception {
        Path gone = Files.createDirectory(mount.resolve("gone"));
        BasicFileAttributes listed = Files.readAttributes(gone, BasicFileAttributes.class);
        Files.delete(gone);
        assertEquals(
                FileVisitResult.SKIP_SUBTREE,
                CgroupNumbers.below(mount).visitor(mount).preVisitDirectory(gone, listed));
    }

    private static long inode(Path path) throws IOException {
        return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
    }
}
