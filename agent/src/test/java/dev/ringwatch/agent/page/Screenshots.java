package dev.ringwatch.agent.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import dev.ringwatch.agent.guest.Guest;
import dev.ringwatch.agent.page.Assets.Asset;
import dev.ringwatch.agent.zoo.ZooProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Takes the pictures of docs/page.md: of a running agent and of leaks that processes of their own
 * have made.
 *
 * <pre>
 * Screenshots FOLDER host    of all but what the kernel never frees, in three minutes
 * Screenshots FOLDER guest   of that, which is made in a throw-away machine
 * </pre>
 *
 * <p>A guest has no browser: its agent's page is fetched there and drawn here. What other processes
 * of this machine leak is in the pictures too: a quiet one is wanted.
 */
final class Screenshots {
    private static final int WIDTH = 1100;
    private static final int DESK_HEIGHT = 1500;
    private static final int PHONE_WIDTH = 360;
    private static final int PHONE_HEIGHT = 1400;

    /** The charts want points, which are a quarter of a minute apart. */
    private static final Duration TIME = Duration.ofMinutes(3);

    private static final Duration STEP = Duration.ofSeconds(5);

    /** Slots, of which half are taken at first and one more in each step. */
    private static final int TABLE = 78;

    private static final String HOST = "app-1";

    /** The launcher, which knows its version; this machine's name is nobody's business. */
    private static final List<String> PROGRAM =
            List.of(
                    "unshare",
                    "--uts",
                    "sh",
                    "-c",
                    "hostname " + HOST + "; exec ../ringwatch \"$@\"",
                    "sh");

    private static final String GUEST = "http://" + HOST + ".example";
    private static final Duration GUEST_TIME = Duration.ofMinutes(9);
    private static final String NEVER_FREED = "dev.ringwatch.agent.differ.NeverFreed";
    private static final String BEGIN = "<!DOCTYPE html>";
    private static final String END = "</html>";

    private enum Kind {
        PINNED_BY_RING("pinned-pair", 0, "image-proxy"),
        NEVER_RECEIVED("queued", 12, "log-shipper"),
        ORPHAN_RING("self-polling-ring", 0, "job-runner"),
        STUCK_REQUEST("stuck-receive", 0, "ws-gateway"),
        NEAR_LIMIT("growing-table", TABLE, "cache-node");

        private final String situation;
        private final int size;
        private final String process;

        Kind(String situation, int size, String process) {
            this.situation = situation;
            this.size = size;
            this.process = process;
        }

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        ZooProcess start() throws IOException {
            return ZooProcess.start(situation, Integer.toString(size), process);
        }
    }

    private final Path folder;
    private final Chromium chromium;

    private Screenshots(Path folder, Chromium chromium) {
        this.folder = folder;
        this.chromium = chromium;
    }

    /** Takes them. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        try (Chromium chromium = Chromium.start()) {
            Screenshots screenshots = new Screenshots(folder, chromium);
            switch (args[1]) {
                case "host" -> screenshots.ofThisMachine();
                case "guest" -> screenshots.ofGuest();
                default -> throw new IllegalArgumentException("host or guest, not " + args[1]);
            }
        }
    }

    private void ofThisMachine() throws Exception {
        Path config = Files.createTempDirectory("ringwatch-screenshots-");
        List<ZooProcess> zoos = new ArrayList<>();
        try (Watched agent = Watched.start(config, PROGRAM)) {
            for (Kind kind : Kind.values()) {
                zoos.add(kind.start());
            }
            grow(agent, zoos.get(Kind.NEAR_LIMIT.ordinal()));
            home(agent, "home-light", desk(ColorScheme.LIGHT));
            home(agent, "home-dark", desk(ColorScheme.DARK));
            home(agent, "home-phone", phone());
            for (Kind kind : Kind.values()) {
                String id = agent.awaitFinding(kind.label(), zoos.get(kind.ordinal()));
                finding(agent, kind, id);
            }
        } finally {
            for (ZooProcess zoo : zoos) {
                zoo.close();
            }
            Files.delete(config.resolve("ringwatch.yaml"));
            Files.delete(config);
        }
    }

    private static void grow(Watched agent, ZooProcess zoo) throws Exception {
        agent.awaitRing(zoo);
        for (long i = 0; i < TIME.dividedBy(STEP); i++) {
            TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
            zoo.ask();
        }
    }

    private void home(Watched agent, String name, Browser.NewContextOptions options)
            throws Exception {
        try (Tab tab = chromium.tab(options)) {
            tab.page().navigate(agent.link());
            tab.page().waitForSelector("#growth canvas");
            take(tab.page(), name, false);
        }
    }

    private void finding(Watched agent, Kind kind, String id) throws Exception {
        try (Tab tab = chromium.tab(wide(ColorScheme.LIGHT))) {
            tab.page().navigate(agent.link());
            tab.page().navigate(agent.origin() + "/findings/" + id);
            take(tab.page(), "finding-" + kind.label().replace('_', '-'), true);
        }
    }

    /** As much as there is to see of it: the rest is tables. */
    private static Browser.NewContextOptions desk(ColorScheme colours) {
        return wide(colours).setViewportSize(WIDTH, DESK_HEIGHT);
    }

    private static Browser.NewContextOptions wide(ColorScheme colours) {
        return new Browser.NewContextOptions().setViewportSize(WIDTH, 700).setColorScheme(colours);
    }

    private static Browser.NewContextOptions phone() {
        return new Browser.NewContextOptions().setViewportSize(PHONE_WIDTH, PHONE_HEIGHT);
    }

    private void take(Page page, String name, boolean whole) throws Exception {
        Path file = folder.resolve(name + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(whole));
        Process smaller =
                new ProcessBuilder("pngquant", "--force", "--ext", ".png", file.toString())
                        .inheritIO()
                        .start();
        if (smaller.waitFor() != 0) {
            throw new IOException("pngquant failed");
        }
        System.out.println(file + " " + Files.size(file) / 1024 + " kB");
    }

    /** The page of a socket that the kernel never frees. */
    private void ofGuest() throws Exception {
        String html = fetched();
        Assets assets = Assets.read();
        try (Tab tab = chromium.tab(wide(ColorScheme.LIGHT))) {
            tab.page().route("**/*", route -> answer(route, html, assets));
            tab.page().navigate(GUEST + "/finding");
            take(tab.page(), "finding-leaked", true);
        }
    }

    private static void answer(Route route, String html, Assets assets) {
        Optional<Asset> asset = assets.find(URI.create(route.request().url()).getPath());
        Route.FulfillOptions answer = new Route.FulfillOptions();
        if (asset.isPresent()) {
            answer.setContentType(asset.get().type()).setBody(asset.get().content());
        } else {
            answer.setContentType("text/html; charset=utf-8").setBody(html);
        }
        route.fulfill(answer);
    }

    /** What the agent in the guest answers. */
    private static String fetched() throws Exception {
        String agent =
                Guest.java(
                        "dev.ringwatch.agent.Main",
                        "run",
                        "--config",
                        "/tmp/ringwatch.yaml",
                        "--listen",
                        "unix:/tmp/agent.sock");
        String get = "curl -s --unix-socket /tmp/agent.sock http://ringwatch";
        String command =
                String.join(
                        "\n",
                        "hostname " + HOST,
                        "printf '%s' '" + Watched.CONFIG + "' > /tmp/ringwatch.yaml",
                        Guest.java(List.of("-Dringwatch.guest=true"), NEVER_FREED, "1"),
                        agent + " &",
                        "for i in $(seq 90); do",
                        "  id=$(" + get + "/api/v1/leaks | grep -o 'leaked-[-0-9a-f]*' | head -1)",
                        "  [[ $id ]] && break",
                        "  sleep 1",
                        "done",
                        get + "/findings/$id",
                        "kill %1");
        String said = Guest.kernel("6.12").run(GUEST_TIME, command).output();
        int begin = said.indexOf(BEGIN);
        int end = said.indexOf(END, Math.max(0, begin));
        if (begin < 0 || end < 0) {
            throw new IOException("no page came from the guest: " + said);
        }
        return said.substring(begin, end + END.length());
    }
}
