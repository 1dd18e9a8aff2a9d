package dev.ringwatch.agent.track;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a pod's name has before the part that tells its replicas apart. The API server makes that part
 * of an alphabet without vowels (apimachinery's {@code rand.SafeEncodeString}), so that a word is
 * hardly ever taken for it; a set's ordinal is digits.
 */
final class Workload {
    private static final String SAFE = "[bcdfghjklmnpqrstvwxz2456789]";

    /** Of a Deployment: the hash of its ReplicaSet, 6 to 10 characters, and five of the pod. */
    private static final Pattern DEPLOYMENT =
            Pattern.compile("(.+)-" + SAFE + "{6,10}-" + SAFE + "{5}");

    /** Of a CronJob: the minute of its Job, and five of the pod. */
    private static final Pattern CRON_JOB = Pattern.compile("(.+)-\\d{8,10}-" + SAFE + "{5}");

    /** Of a ReplicaSet, a DaemonSet or a Job. */
    private static final Pattern SET = Pattern.compile("(.+)-" + SAFE + "{5}");

    /** Of a StatefulSet. */
    private static final Pattern ORDINAL = Pattern.compile("(.+)-\\d{1,5}");

    private Workload() {}

    /**
     * The workload of a pod.
     *
     * @param uid a static pod's is 32 digits without dashes: its name ends with the node's, and stays
     */
    static String of(String pod, String uid) {
        if (uid.indexOf('-') < 0) {
            return pod;
        }
        return Stream.of(CRON_JOB, DEPLOYMENT, SET, ORDINAL)
                .map(pattern -> pattern.matcher(pod))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElse(pod);
    }
}
