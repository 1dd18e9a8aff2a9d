package dev.ringwatch.agent.privilege;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A user of this machine, from passwd(5) and group(5); users that only a directory service knows are
 * not found.
 *
 * @param gid of its own group
 * @param groups the others it is in
 */
public record User(String name, int uid, int gid, List<Integer> groups) {
    private static final Path PASSWD = Path.of("/etc/passwd");
    private static final Path GROUP = Path.of("/etc/group");
    private static final int PASSWD_FIELDS = 7;
    private static final int GROUP_FIELDS = 4;

    public User {
        groups = List.copyOf(groups);
    }

    /** The user of that name. */
    public static Optional<User> named(String name) throws IOException {
        for (String[] f : entries(PASSWD, PASSWD_FIELDS)) {
            if (f[0].equals(name)) {
                int gid = Integer.parseUnsignedInt(f[3]);
                return Optional.of(
                        new User(name, Integer.parseUnsignedInt(f[2]), gid, groups(name, gid)));
            }
        }
        return Optional.empty();
    }

    public boolean isRoot() {
        return uid == 0;
    }

    /**
     * The first of a path and its parents that keeps this user from reading it, by mode bits alone;
     * empty if nothing does. Access control lists are not looked at.
     *
     * @throws IOException if the path cannot be followed
     */
    public Optional<Path> keptFrom(Path path) throws IOException {
        Path real = path.toRealPath();
        for (Path part = real.getRoot(); !part.equals(real); part = child(part, real)) {
            if (!may(part, Access.SEARCH)) {
                return Optional.of(part);
            }
        }
        boolean readable = may(real, Access.READ);
        boolean entered = !Files.isDirectory(real) || may(real, Access.SEARCH);
        return readable && entered ? Optional.empty() : Optional.of(real);
    }

    private enum Access {
        READ(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.OTHERS_READ),
        SEARCH(
                PosixFilePermission.OWNER_EXECUTE,
                PosixFilePermission.GROUP_EXECUTE,
                PosixFilePermission.OTHERS_EXECUTE);

        private final PosixFilePermission owner;
        private final PosixFilePermission group;
        private final PosixFilePermission others;

        Access(PosixFilePermission owner, PosixFilePermission group, PosixFilePermission others) {
            this.owner = owner;
            this.group = group;
            this.others = others;
        }
    }

    /** The first class that fits decides, even if a later one would allow more (path_resolution(7)). */
    private boolean may(Path path, Access access) throws IOException {
        if (isRoot()) {
            return true;
        }
        Set<PosixFilePermission> mode =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .permissions();
        if (Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) instanceof Integer u
                && u == uid) {
            return mode.contains(access.owner);
        }
        if (Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS) instanceof Integer g
                && (g == gid || groups.contains(g))) {
            return mode.contains(access.group);
        }
        return mode.contains(access.others);
    }

    private static Path child(Path part, Path whole) {
        return whole.getRoot().resolve(whole.subpath(0, part.getNameCount() + 1));
    }

    private static List<Integer> groups(String name, int own) throws IOException {
        List<Integer> gids = new ArrayList<>();
        for (String[] f : entries(GROUP, GROUP_FIELDS)) {
            int gid = Integer.parseUnsignedInt(f[2]);
            if (gid != own && List.of(f[3].split(",")).contains(name)) {
                gids.add(gid);
            }
        }
        return gids;
    }

    /** Names of people in it may be in any encoding; what is looked for is ASCII. */
    private static List<String[]> entries(Path file, int fields) throws IOException {
        List<String[]> all = new ArrayList<>();
        if (!Files.exists(file)) {
            return all;
        }
        for (String line : Files.readAllLines(file, ISO_8859_1)) {
            String[] f = line.split(":", -1);
            if (f.length == fields && f[2].matches("[0-9]{1,10}")) {
                all.add(f);
            }
        }
        return all;
    }
}
