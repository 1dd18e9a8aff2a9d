package dev.ringwatch.agent.differ;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeSet;

/** The names of facts, and their comparison. A fact is a name with what is so. */
final class Facts {
    static final String READABLE = " readable";
    static final String SCM_FDS = " scm_fds";
    static final String COMPLETIONS = " completions";
    static final String SLOTS = " slots";
    static final String SOCKETS = "sockets";

    private Facts() {}

    static String name(int fd) {
        return "fd " + fd;
    }

    static String sockets(List<Integer> known, int unknown, int embryos) {
        return new TreeSet<>(known) + " and " + unknown + " more, " + embryos + " embryos";
    }

    /** The lines of what differs; empty if all is equal. */
    static List<String> differences(
            SortedMap<String, String> model, SortedMap<String, String> live) {
        List<String> lines = new ArrayList<>();
        if (!model.equals(live)) {
            TreeSet<String> names = new TreeSet<>(model.keySet());
            names.addAll(live.keySet());
            for (String name : names) {
                if (!Objects.equals(model.get(name), live.get(name))) {
                    lines.add(
                            "%s: model %s, kernel %s"
                                    .formatted(name, of(model, name), of(live, name)));
                }
            }
        }
        return lines;
    }

    private static String of(Map<String, String> facts, String name) {
        return facts.getOrDefault(name, "nothing");
    }
}
