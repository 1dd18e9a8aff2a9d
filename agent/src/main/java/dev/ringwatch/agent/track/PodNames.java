package dev.ringwatch.agent.track;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of pods and containers, without asking the API server: from the names that the kubelet
 * gives to directories and links below {@code /var/log/pods} ({@code NAMESPACE_POD_UID/CONTAINER})
 * and {@code /var/log/containers} ({@code POD_NAMESPACE_CONTAINER-ID.log}). Directories are read when
 * an unknown pod turns up, and not more often than every {@link #PAUSE}. For one thread.
 */
final class PodNames {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int MOST = 10_000;
    private static final int SHORT = 12;
    private static final Pattern POD = Pattern.compile("([^_]+)_([^_]+)_([0-9a-f-]{32,36})");
    private static final Pattern LINK = Pattern.compile("[^_]+_[^_]+_(.+)-([0-9a-f]{64})\\.log");

    private final Path pods;
    private final Path containers;
    private Map<String, Pod> known = new HashMap<>();
    private Map<String, String> containerNames = new HashMap<>();
    private long readAt;
    private boolean read;

    private record Pod(String namespace, String name, Path logs) {}

    /**
     * @param root the host's root directory
     */
    PodNames(Path root) {
        pods = root.resolve("var/log/pods");
        containers = root.resolve("var/log/containers");
    }

    /**
     * What a container is called.
     *
     * @param namespace empty if its pod's names are not known; so is {@code pod}
     */
    record Names(String group, String namespace, String pod, String container) {}

    /** The names of a container; by its identifiers as long as they are not known. */
    Names names(PodContainer c) {
        if (!known.containsKey(c.podUid()) || !containerNames.containsKey(c.container())) {
            readAgain();
        }
        Pod pod = known.get(c.podUid());
        String container = container(pod, c.container());
        return pod == null
                ? new Names("k8s:pod-" + start(c.podUid()) + "/" + container, "", "", container)
                : new Names(
                        "k8s:%s/%s/%s"
                                .formatted(
                                        pod.namespace,
                                        Workload.of(pod.name, c.podUid()),
                                        container),
                        pod.namespace,
                        pod.name,
                        container);
    }

    private String container(@Nullable Pod pod, String id) {
        String name = containerNames.get(id);
        if (name != null) {
            return name;
        }
        return Optional.ofNullable(pod).flatMap(p -> onlyDirectory(p.logs)).orElse(start(id));
    }

    private static String start(String id) {
        return id.substring(0, SHORT);
    }

    /** A pod of one container has logs of that one. */
    private static Optional<String> onlyDirectory(Path logs) {
        Map<String, Path> found = new HashMap<>();
        list(logs, path -> found.put(path.getFileName().toString(), path));
        return found.size() == 1 ? found.keySet().stream().findFirst() : Optional.empty();
    }

    private void readAgain() {
        long now = System.nanoTime();
        if (read && now - readAt < PAUSE.toNanos()) {
            return;
        }
        read = true;
        readAt = now;
        known = new HashMap<>();
        containerNames = new HashMap<>();
        list(pods, this::addPod);
        list(containers, this::addContainer);
    }

    private void addPod(Path directory) {
        Matcher matcher = POD.matcher(directory.getFileName().toString());
        if (matcher.matches()) {
            known.put(matcher.group(3), new Pod(matcher.group(1), matcher.group(2), directory));
        }
    }

    private void addContainer(Path link) {
        Matcher matcher = LINK.matcher(link.getFileName().toString());
        if (matcher.matches()) {
            containerNames.put(matcher.group(2), matcher.group(1));
        }
    }

    private static void list(Path directory, Consumer<Path> each) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            int n = 0;
            for (Path entry : entries) {
                if (++n > MOST) {
                    return;
                }
                each.accept(entry);
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // no such machine, or not ours to read: names stay unknown and identifiers
            // serve
        }
    }
}
