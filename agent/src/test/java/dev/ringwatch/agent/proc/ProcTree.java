package dev.ringwatch.agent.proc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Builds a tree of files that looks like a mounted proc file system. */
final class ProcTree {
    static final String RING = "anon_inode:[io_uring]";

    final Path root;

    ProcTree(Path root, String release) throws IOException {
        this.root = root;
        write("sys/kernel/osrelease", release + "\n");
        write("net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
        link("self/ns/net", "net:[4026531840]");
    }

    ProcTree process(int pid, String comm, long start) throws IOException {
        stat(pid, comm, 4194304, start);
        write(pid + "/status", "Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n");
        write(pid + "/cgroup", "1:cpu,cpuacct:/a:b\n0::/user.slice\n");
        link(pid + "/ns/net", "net:[4026531840]");
        Files.createDirectories(root.resolve(pid + "/fd"));
        return this;
    }

    ProcTree stat(int pid, String comm, long flags, long start) throws IOException {
        String fields = " S 1 1 1 0 -1 " + flags + " 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 0\n";
        return write(pid + "/stat", pid + " (" + comm + ")" + fields);
    }

    ProcTree fd(int pid, int fd, String target) throws IOException {
        return link(pid + "/fd/" + fd, target);
    }

    ProcTree fdinfo(int pid, int fd, String text) throws IOException {
        return write(pid + "/fdinfo/" + fd, text);
    }

    ProcTree ring(int pid, int fd, String recording) throws IOException {
        return fd(pid, fd, RING).fdinfo(pid, fd, RingFdinfoParserTest.recorded(recording));
    }

    ProcTree write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(UTF_8));
        return this;
    }

    ProcTree link(String path, String target) throws IOException {
        Path link = root.resolve(path);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(target));
        return this;
    }

    void end(int pid) throws IOException {
        Path directory = root.resolve(Integer.toString(pid));
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directory)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
