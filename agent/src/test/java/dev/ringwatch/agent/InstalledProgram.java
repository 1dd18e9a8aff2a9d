package dev.ringwatch.agent;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A copy of this program that everybody may read; the build may lie where nobody else may look. */
public final class InstalledProgram {
    private InstalledProgram() {}

    /** Copies it into a folder; how it is started from there. */
    static List<String> in(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path copy = folder.resolve(copies.size() + ".jar");
            if (Files.exists(Path.of(entry))) {
                copy(Path.of(entry), copy);
                copies.add(copy.toString());
            }
        }
        List<String> program = new ArrayList<>(Sample.ownProgram());
        program.set(program.indexOf("-cp") + 1, String.join(File.pathSeparator, copies));
        return List.copyOf(program);
    }

    /** Copies a file or a folder so that everybody may read it. */
    public static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path d, BasicFileAttributes a)
                            throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(d).toString()));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                            throws IOException {
                        Path copy = from.equals(file) ? to : to.resolve(from.relativize(file));
                        Files.copy(file, copy);
                        Files.setPosixFilePermissions(
                                copy, PosixFilePermissions.fromString("rw-r--r--"));
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
