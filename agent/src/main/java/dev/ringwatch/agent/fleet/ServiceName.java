package dev.ringwatch.agent.fleet;

import dev.ringwatch.agent.track.GroupRules;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a simulated service is called: a command and where it runs. The same services run on many
 * machines of a fleet, half of them as containers of pods.
 */
record ServiceName(String comm, List<String> cgroups) {
    private static final List<String> WORDS =
            List.of(
                    "gateway",
                    "checkout",
                    "catalogue",
                    "search",
                    "ledger",
                    "mailer",
                    "media",
                    "pricing",
                    "session",
                    "stock",
                    "invoice",
                    "metrics",
                    "broker",
                    "storage",
                    "proxy",
                    "indexer",
                    "recommender",
                    "scheduler",
                    "notifier",
                    "archive");

    /** How many there are, as many as an agent may tell apart. */
    static final int COUNT = GroupRules.MOST;

    /** Stands for the names that the kubelet leaves below /var/log/pods, which no simulation has. */
    static final GroupRules.Rule PODS =
            new GroupRules.Rule(
                    GroupRules.Field.CGROUP,
                    Pattern.compile("^/kubepods/([a-z0-9-]+)/([a-z0-9-]+)/([a-z0-9-]+)$"),
                    "k8s:$1/$2/$3");

    /**
     * @param number any; those that differ by a multiple of {@link #COUNT} are the same
     */
    static ServiceName of(int number) {
        int n = number % COUNT;
        String word = WORDS.get(n % WORDS.size());
        String name = word + "-" + n / WORDS.size();
        return switch (n % 4) {
            case 0 -> new ServiceName(word, List.of("/system.slice/" + name + ".service"));
            case 1 -> new ServiceName(name, List.of());
            case 2 -> new ServiceName(word, List.of("/kubepods/production/" + name + "/" + word));
            default ->
                    new ServiceName("sidecar", List.of("/kubepods/production/" + name + "/mesh"));
        };
    }
}
