package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.Visibility.PidNamespace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Finds out which processes a proc mount shows. */
final class VisibilityProbe {
    private static final String HIDEPID = "hidepid=";

    private VisibilityProbe() {}

    static Visibility of(Path root, ProcFiles files) {
        return new Visibility(hidepid(root, files), pidNamespace(root, files));
    }

    /** The last mount on the root is the one that is seen; proc_pid_mountinfo(5). */
    private static Optional<String> hidepid(Path root, ProcFiles files) {
        String wanted = root.toAbsolutePath().normalize().toString();
        return ProcessWalk.got(files.text(root.resolve("self/mountinfo")))
                .flatMap(
                        text ->
                                text.lines()
                                        .filter(line -> mountPoint(line).equals(wanted))
                                        .reduce((a, b) -> b))
                .flatMap(VisibilityProbe::option);
    }

    private static String mountPoint(String line) {
        String[] fields = line.split(" ", 6);
        return fields.length < 6 ? "" : RingFdinfoParser.unescaped(fields[4]);
    }

    private static Optional<String> option(String line) {
        String superOptions = line.substring(line.lastIndexOf(' ') + 1);
        return Arrays.stream(superOptions.split(",", -1))
                .filter(o -> o.startsWith(HIDEPID))
                .map(o -> o.substring(HIDEPID.length()))
                .filter(o -> !o.equals("0") && !o.equals("off"))
                .findFirst();
    }

    /**
     * Kernel threads live in the initial pid namespace only, and kthreadd is its second process
     * (init/main.c). A mount that hides it tells nothing.
     */
    private static PidNamespace pidNamespace(Path root, ProcFiles files) {
        Optional<ProcStat> first = stat(root, files, "1");
        Optional<ProcStat> second = stat(root, files, "2");
        if (second.filter(ProcStat::kernelThread).isPresent()) {
            return PidNamespace.INITIAL;
        }
        return first.isPresent() && hidepid(root, files).isEmpty()
                ? PidNamespace.INNER
                : PidNamespace.UNKNOWN;
    }

    private static Optional<ProcStat> stat(Path root, ProcFiles files, String pid) {
        return ProcessWalk.got(files.text(root.resolve(pid).resolve("stat")))
                .flatMap(ProcStat::parse);
    }
}
