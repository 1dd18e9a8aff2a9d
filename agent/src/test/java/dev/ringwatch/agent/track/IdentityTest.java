package dev.ringwatch.agent.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ringwatch.agent.observe.ProcessFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What processes are called, by the paths that real runtimes make. */
class IdentityTest {
    private static final String UID = "2b801b7a-f266-404c-adc9-27c9f53b5b65";
    private static final String SLICE = "pod2b801b7a_f266_404c_adc9_27c9f53b5b65.slice";
    private static final String STATIC = "0123456789abcdef0123456789abcdef";
    private static final String ID =
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

    private final Path root;

    IdentityTest(@TempDir Path root) {
        this.root = root;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // cgroupfs driver, v1 and v2
                "/kubepods/burstable/pod" + UID + "/" + ID,
                "/kubepods/besteffort/pod" + UID + "/" + ID,
                "/kubepods/pod" + UID + "/" + ID,
                "/kubepods/burstable/pod" + UID + "/crio-" + ID,
                // systemd driver: containerd, CRI-O, cri-dockerd
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"
                        + SLICE
                        + "/cri-containerd-"
                        + ID
                        + ".scope",
                "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-"
                        + SLICE
                        + "/crio-"
                        + ID
                        + ".scope",
                "/kubepods.slice/kubepods-" + SLICE + "/docker-" + ID + ".scope",
                // CRI-O and systemd in the container make groups of their own below
                "/kubepods.slice/kubepods-" + SLICE + "/crio-" + ID + ".scope/container",
                "/kubepods.slice/kubepods-"
                        + SLICE
                        + "/crio-"
                        + ID
                        + ".scope/system.slice/a.service",
                // containerd with the cgroupfs driver under a kubelet with the systemd driver
                "/system.slice/containerd.service/kubepods-burstable-"
                        + SLICE
                        + ":cri-containerd:"
                        + ID,
                // kind: a node in a container
                "/docker/" + ID + "/kubelet/kubepods/burstable/pod" + UID + "/" + ID,
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
                        + "kubelet-kubepods-burstable-"
                        + SLICE
                        + "/cri-containerd-"
                        + ID
                        + ".scope",
                // seen from another pod's control group namespace
                "/../../kubepods-burstable-" + SLICE + "/cri-containerd-" + ID + ".scope",
                "/../../pod" + UID + "/" + ID
            })
    void aContainerOfAPodThatNothingIsKnownOf(String path) {
        assertEquals(Optional.of(new PodContainer(UID, ID)), PodContainer.in(path));
        assertEquals("k8s:pod-2b801b7a-f26/0f1e2d3c4b5a", group("nginx", path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods.slice/kubepods-burstable.slice",
                "/kubepods.slice/kubepods-" + SLICE,
                "/kubepods.slice/kubepods-" + SLICE + "/crio-conmon-" + ID + ".scope",
                "/kubepods/burstable/pod" + UID,
                "/kubepods/burstable/podcast/" + ID,
                "/system.slice/tripod-" + UID + ".service"
            })
    void whatIsNoContainerOfAPod(String path) {
        assertEquals(Optional.empty(), PodContainer.in(path));
    }

    @Test
    void aPodIsNamedByTheKubeletsDirectories() throws IOException {
        Files.createDirectories(root.resolve("var/log/pods/shop_cart-7d4b9c8f6d-x2x7v_" + UID));
        Path logs = Files.createDirectories(root.resolve("var/log/containers"));
        Files.createFile(logs.resolve("cart-7d4b9c8f6d-x2x7v_shop_web-server-" + ID + ".log"));
        Identity.Named named =
                identity(List.of())
                        .named(process("nginx", "/kubepods/burstable/pod" + UID + "/" + ID));
        assertEquals("k8s:shop/cart/web-server", named.group());
        assertEquals("shop", named.namespace());
        assertEquals("cart-7d4b9c8f6d-x2x7v", named.pod());
        assertEquals("web-server", named.container());
        assertEquals("nginx", named.comm());
    }

    @Test
    void theOnlyContainerOfAPodIsNamedWithoutLinks() throws IOException {
        Files.createDirectories(root.resolve("var/log/pods/shop_db-0_" + UID + "/postgres"));
        assertEquals(
                "k8s:shop/db/postgres",
                group("postgres", "/kubepods/burstable/pod" + UID + "/" + ID));
    }

    @Test
    void aStaticPodKeepsItsWholeName() throws IOException {
        Files.createDirectories(
                root.resolve("var/log/pods/kube-system_etcd-node-2_" + STATIC + "/etcd"));
        assertEquals(
                "k8s:kube-system/etcd-node-2/etcd",
                group("etcd", "/kubepods/burstable/pod" + STATIC + "/" + ID));
    }

    @ParameterizedTest
    @CsvSource({
        "cart-7d4b9c8f6d-x2x7v, cart",
        "cart-blue-7d4b9c8f6d-x2x7v, cart-blue",
        "fluentd-9zx4t, fluentd",
        "postgres-0, postgres",
        "postgres-12, postgres",
        "backup-28361040-w8k2n, backup",
        "kube-proxy, kube-proxy",
        "my-redis, my-redis",
        "web, web"
    })
    void theWorkloadOfAPod(String pod, String workload) {
        assertEquals(workload, Workload.of(pod, UID));
    }

    @ParameterizedTest
    @CsvSource({
        "/system.slice/nginx.service, unit:nginx.service",
        "/system.slice/system-getty.slice/getty@tty1.service, unit:getty@tty1.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service, unit:user@1000.service",
        "/user.slice/user-1000.slice/session-3.scope, comm:nginx",
        "/system.slice, comm:nginx",
        "/.service, comm:nginx"
    })
    void aServiceOfSystemd(String path, String group) {
        assertEquals(group, group("nginx", path));
    }

    @ParameterizedTest
    @CsvSource({
        "/docker/" + ID + ", cgroup:/docker/0f1e2d3c4b5a",
        "/docker/" + ID + "/init.scope, cgroup:/docker/0f1e2d3c4b5a",
        "/system.slice/docker-" + ID + ".scope, cgroup:/system.slice/docker-0f1e2d3c4b5a.scope",
        "/machine.slice/libpod-" + ID + ".scope, cgroup:/machine.slice/libpod-0f1e2d3c4b5a.scope",
        "/machine.slice/machine-debian.scope, cgroup:/machine.slice/machine-debian.scope",
        "/lxc/web/init.scope, cgroup:/lxc/web",
        "/lxc.payload.web/a, cgroup:/lxc.payload.web",
        "/mine/06bb4b9838ab544797bb2c8e8a700074, comm:nginx"
    })
    void aContainerOfAnotherEngine(String path, String group) {
        assertEquals(group, group("nginx", path));
    }

    @Test
    void theFirstPathThatSaysSomethingDecides() {
        assertEquals(
                "unit:nginx.service",
                identity(List.of())
                        .group(process("nginx", "/user.slice", "/system.slice/nginx.service")));
        assertEquals("comm:nginx", identity(List.of()).group(process("nginx")));
    }

    @Test
    void theUsersRulesComeFirstAndInOrder() {
        Identity identity =
                identity(
                        List.of(
                                rule(GroupRules.Field.COMM, "^post(gres|master)$", "database"),
                                rule(GroupRules.Field.CGROUP, "^/jobs/([^/]+)", "job-$1"),
                                rule(GroupRules.Field.COMM, ".", "rest")));
        assertEquals("database", identity.group(process("postgres", "/jobs/nightly")));
        assertEquals("job-nightly", identity.group(process("bash", "/a", "/jobs/nightly/x")));
        assertEquals("rest", identity.group(process("bash", "/system.slice/a.service")));
    }

    @Test
    void aRuleCannotTakeTheAgentsOwnNames() {
        assertThrows(
                IllegalArgumentException.class, () -> rule(GroupRules.Field.COMM, ".", "~other"));
        assertThrows(IllegalArgumentException.class, () -> rule(GroupRules.Field.COMM, ".", " "));
        assertThrows(IllegalArgumentException.class, () -> rule(GroupRules.Field.COMM, "a", "$1"));
        Identity identity = identity(List.of(rule(GroupRules.Field.COMM, "(.*)", "$1")));
        assertEquals("comm:~other", identity.group(process("~other")));
    }

    @Test
    void namesAreCleanedAndCutShort() {
        assertEquals("comm:a_b__{c}__e_", group("a\nb \"{c}\\\te\u00e9"));
        assertEquals("comm:_", group("\ud83d\ude00"), "one character, one mark");
        assertEquals("comm:".length() + 64, group("x".repeat(100)).length());
    }

    private String group(String comm, String... cgroups) {
        return identity(List.of()).group(process(comm, cgroups));
    }

    private Identity identity(List<GroupRules.Rule> rules) {
        return new Identity(new GroupRules(rules, 50, Duration.ZERO, Duration.ZERO, root));
    }

    private static GroupRules.Rule rule(GroupRules.Field field, String pattern, String group) {
        return new GroupRules.Rule(field, Pattern.compile(pattern), group);
    }

    private static ProcessFacts process(String comm, String... cgroups) {
        return new ProcessFacts(1, comm, 0, 1, List.of(cgroups));
    }
}
