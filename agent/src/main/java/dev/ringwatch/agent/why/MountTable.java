package dev.ringwatch.agent.why;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The mounts that processes see, from {@code /proc/PID/mountinfo} (proc_pid_mountinfo(5)). */
final class MountTable {
    private final Map<Integer, String> byId = new HashMap<>();

    /** One mount: {@code 45 at /mnt/data, tmpfs}. */
    Optional<String> words(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    private static final Pattern ROOT_OF_TASK =
            Pattern.compile("(/proc/[0-9]+(?:/task/[0-9]+)?)/root(?:/.*)?");

    /** Adds what the task sees through whose root directory a path goes, if it does. */
    void addOf(String path) {
        Matcher matcher = ROOT_OF_TASK.matcher(path);
        if (matcher.matches()) {
            add(matcher.group(1));
        }
    }

    /**
     * Adds what one task sees; the first that sees a mount names it.
     *
     * @param task its directory in /proc
     */
    void add(String task) {
        Path file = Path.of(task, "mountinfo");
        try {
            ProcIdentity.lines(file).forEach(this::addLine);
        } catch (IOException e) {
            // the process has ended or may not be looked at: its mounts keep their numbers
            return;
        }
    }

    private void addLine(String line) {
        String[] words = line.split(" ");
        int rest = line.indexOf(" - ");
        if (words.length > 5 && rest > 0 && words[0].matches("[0-9]{1,9}")) {
            String type = line.substring(rest + 3).split(" ")[0];
            byId.putIfAbsent(Integer.parseInt(words[0]), plain(words[4]) + ", " + type);
        }
    }

    /** The id of the mount that a path leads to, as fdinfo writes it; empty if it leads nowhere. */
    static String idOf(String path) {
        try (OwnedFd fd = Fds.open(path, Fds.O_PATH, 0)) {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number()))) {
                if (line.startsWith("mnt_id:\t")) {
                    return line.substring("mnt_id:\t".length());
                }
            }
            return "";
        } catch (IOException e) {
            return "";
        }
    }

    /** Undoes the octal escapes of blanks in a path. */
    static String plain(String escaped) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\' && i + 3 < escaped.length() && isOctal(escaped, i + 1)) {
                b.append((char) Integer.parseInt(escaped.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                b.append(c);
            }
        }
        return b.toString();
    }

    private static boolean isOctal(String text, int from) {
        return text.substring(from, from + 3).chars().allMatch(c -> c >= '0' && c <= '7');
    }
}
