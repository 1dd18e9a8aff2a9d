package dev.ringwatch.agent.why;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The mounts that processes see, from {@code /proc/PID/mountinfo} (proc_pid_mountinfo(5)). */
final class MountTable {
    private final Map<Integer, String> byId = new HashMap<>();

    /** One mount: {@code 45 at /mnt/data, tmpfs}. */
    Optional<String> words(int id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Adds what one process sees; the first that sees a mount names it. */
    void add(String process) {
        Path file = Path.of("/proc", process, "mountinfo");
        try {
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(this::addLine);
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
