package dev.ringwatch.agent.track;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container of a Kubernetes pod, as the path of its control group tells it. The kubelet makes {@code
 * .../pod<uid>} (cgroupfs driver) or {@code ...-pod<uid>.slice} with the uid's dashes as underscores
 * (systemd driver); the runtime adds {@code <id>}, {@code <runtime>-<id>} or {@code
 * <runtime>-<id>.scope}, and containerd {@code :cri-containerd:<id>} where it and the kubelet
 * disagree about the driver.
 *
 * @param podUid with dashes, or the 32 digits that name a static pod
 * @param container the container's identifier, 64 hexadecimal digits
 */
record PodContainer(String podUid, String container) {
    private static final Pattern IN_PATH =
            Pattern.compile(
                    "(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})"
                            + "(?:\\.slice)?(?:/|:cri-containerd:)"
                            + "(?:(?:cri-containerd|crio|docker)-)?([0-9a-f]{64})"
                            + "(?:\\.scope)?(?:/|$)");

    /** The outermost pod and container of a path. */
    static Optional<PodContainer> in(String path) {
        Matcher matcher = IN_PATH.matcher(path);
        return matcher.find()
                ? Optional.of(
                        new PodContainer(matcher.group(1).replace('_', '-'), matcher.group(2)))
                : Optional.empty();
    }
}
