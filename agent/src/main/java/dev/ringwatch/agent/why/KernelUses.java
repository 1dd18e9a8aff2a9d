package dev.ringwatch.agent.why;

import dev.ringwatch.uring.sys.ErrnoException;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the kernel itself keeps open for somebody who is not there any more. */
final class KernelUses {
    private static final Path BLOCK = Path.of("/sys/block");
    private static final Path SWAPS = Path.of("/proc/swaps");

    private KernelUses() {}

    /** A loop device and the path of its backing file, as it was when it was set up. */
    record LoopDevice(String device, String backing) {}

    /** The loop devices in use. */
    static List<LoopDevice> loopDevices() {
        List<LoopDevice> found = new ArrayList<>();
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK, "loop*")) {
            for (Path device : devices) {
                Path backing = device.resolve("loop/backing_file");
                if (Files.isReadable(backing)) {
                    found.add(
                            new LoopDevice(
                                    "/dev/" + device.getFileName(),
                                    Files.readString(backing).strip()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return List.copyOf(found); // no sysfs, or one was released meanwhile
        }
        return List.copyOf(found);
    }

    /** Opens the loop devices in use, to see what is behind them; those that can't be are left out. */
    static List<OwnedFd> openLoopDevices() {
        List<OwnedFd> open = new ArrayList<>();
        for (LoopDevice loop : loopDevices()) {
            open(loop).ifPresent(open::add);
        }
        return open;
    }

    private static Optional<OwnedFd> open(LoopDevice loop) {
        try {
            return Optional.of(Fds.open(loop.device(), Fds.O_RDONLY | Fds.O_NONBLOCK, 0));
        } catch (ErrnoException e) {
            return Optional.empty(); // no such node here, or not ours: it stays unexplained
        }
    }

    /** The files that the kernel swaps to. */
    static List<String> swapFiles() {
        List<String> files = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(SWAPS)) {
                String[] words = line.split("\\s+");
                if (words.length > 1 && words[1].equals("file")) {
                    files.add(MountTable.plain(words[0]));
                }
            }
        } catch (IOException e) {
            return List.of(); // a kernel without swap
        }
        return files;
    }
}
