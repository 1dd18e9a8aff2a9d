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
import java.util.Map;
import java.util.Optional;

/** What the kernel itself keeps open for somebody who is not there any more. */
final class KernelUses {
    private static final Path BLOCK = Path.of("/sys/block");
    private static final Path SWAPS = Path.of("/proc/swaps");

    private static final long TYPE = 0170000;
    private static final long BLOCK_DEVICE = 0060000;

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
                                    String.join("\n", ProcIdentity.lines(backing)).strip()));
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

    /** Whether a block device is behind a path, which then is in use by more than who has it open. */
    static Optional<String> blockDevice(String path) {
        try {
            Map<String, Object> all = Files.readAttributes(Path.of(path), "unix:mode,rdev");
            long mode = ((Number) all.getOrDefault("mode", 0)).longValue();
            long rdev = ((Number) all.getOrDefault("rdev", 0L)).longValue();
            return (mode & TYPE) == BLOCK_DEVICE
                    ? Optional.of(ProcIdentity.major(rdev) + ":" + ProcIdentity.minor(rdev))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not there any more
        }
    }

    /**
     * What uses a block device: file systems on it that this process sees, and devices above it.
     *
     * @param device its numbers, such as {@code 254:0}
     */
    static List<Entry> usesOf(String device) {
        List<Entry> uses = new ArrayList<>();
        try {
            for (String line : ProcIdentity.lines(Path.of("/proc/self/mountinfo"))) {
                String[] words = line.split(" ");
                if (words.length > 4 && words[2].equals(device)) {
                    uses.add(Entry.of(Entry.Kind.FILE_SYSTEM, MountTable.plain(words[4])));
                }
            }
        } catch (IOException e) {
            uses.clear(); // no /proc
        }
        Path above = Path.of("/sys/dev/block", device, "holders");
        try (DirectoryStream<Path> holders = Files.newDirectoryStream(above)) {
            holders.forEach(
                    h -> uses.add(Entry.of(Entry.Kind.DEVICE_ABOVE, "/dev/" + h.getFileName())));
        } catch (IOException | DirectoryIteratorException e) {
            return uses; // no sysfs, or a device that nothing can be above
        }
        return uses;
    }

    /** The files and partitions that the kernel swaps to. */
    static List<String> swapAreas() {
        List<String> files = new ArrayList<>();
        try {
            for (String line : ProcIdentity.lines(SWAPS)) {
                String[] words = line.split("\\s+");
                if (words.length > 1 && words[0].startsWith("/")) {
                    files.add(MountTable.plain(words[0]));
                }
            }
        } catch (IOException e) {
            return List.of(); // a kernel without swap
        }
        return files;
    }
}
