package dev.ringwatch.agent.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.ringwatch.agent.zoo.Zoo;
import dev.ringwatch.agent.zoo.ZooProcess;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The page of a running agent in a browser, with leaks of processes that are not ours. About 110 s,
 * a third of it for the rules of accessibility.
 */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageTest {
    private static final int TABLE = 32;
    private static final int NEARLY_FULL = 30;

    /** A phone's and a desk's, every page in one of them in the dark. */
    private static final Map<Integer, ColorScheme> WINDOWS =
            Map.of(360, ColorScheme.DARK, 1280, ColorScheme.LIGHT);

    /** For the pages of which there is most. */
    private static final Map<Integer, ColorScheme> OTHER_WINDOWS =
            Map.of(360, ColorScheme.LIGHT, 1280, ColorScheme.DARK);

    /**
     * Long timers fire, a refresh is answered and the tab is hidden when the test says so. Each
     * refresh is answered twice: with the page and with the history.
     */
    private static final String STEPPED =
            """
            window.waiting = new Map();
            window.held = [];
            window.holding = false;
            window.answered = 0;
            let hidden = false;
            Object.defineProperty(document, "hidden", { get: () => hidden });
            window.show = (shown) => {
                hidden = !shown;
                document.dispatchEvent(new Event("visibilitychange"));
            };
            const { setTimeout: set, clearTimeout: clear, fetch: ask } = window;
            let last = 1e9;
            window.setTimeout = (task, millis) => {
                if (millis < 1000) {
                    return set(task, millis);
                }
                waiting.set(++last, task);
                return last;
            };
            window.clearTimeout = (id) => waiting.delete(id) || clear(id);
            window.fire = () => {
                const tasks = [...waiting.values()];
                waiting.clear();
                tasks.forEach((task) => task());
            };
            window.fetch = async (address, options) => {
                if (holding && address === location.pathname) {
                    await new Promise((go) => held.push(go));
                }
                const answer = await ask(address, options);
                answered += address === "/-/ready" ? 0 : 1;
                return answer;
            };
            """;

    @TempDir private static Path folder = Path.of("");
    private static Watched agent;
    private static Chromium chromium;

    /** A leak that is there all the time. */
    private static ZooProcess lasting;

    private static String lastingId;

    private Tab tab;
    private Page page;

    @BeforeAll
    static void start() throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(Tab.PATIENCE_MILLIS);
        chromium = Chromium.start();
        agent = Watched.start(folder);
        lasting = ZooProcess.start("pinned-pair", "0", "zoo-lasting");
        lastingId = agent.awaitFinding("pinned_by_ring", lasting);
    }

    @AfterAll
    static void end() throws Exception {
        lasting.close();
        agent.close();
        chromium.close();
    }

    @BeforeEach
    void open() {
        use(chromium.tab());
    }

    private void use(Tab other) {
        tab = other;
        page = other.page();
    }

    @AfterEach
    void close() {
        tab.close();
    }

    /** A leak that may be made on any machine. */
    enum Leak {
        PINNED_BY_RING("pinned-deleted", 0, "Pinned by a ring", "slot"),
        NEVER_RECEIVED("queued", 5, "Never received", "queue"),
        ORPHAN_RING("mapped-ring", 0, "Orphan ring", "io_uring"),
        STUCK_REQUEST("stuck-receive", 0, "Stuck request", "request"),
        NEAR_LIMIT("growing-table", TABLE, "Near a limit", "io_uring");

        private final String situation;
        private final int size;
        private final String words;
        private final String drawn;

        Leak(String situation, int size, String words, String drawn) {
            this.situation = situation;
            this.size = size;
            this.words = words;
            this.drawn = drawn;
        }

        String kind() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        ZooProcess start() throws Exception {
            ZooProcess zoo =
                    ZooProcess.start(situation, Integer.toString(size), "zoo-" + ordinal());
            if (this == NEAR_LIMIT) {
                agent.awaitRing(zoo); // a table that was always full is none
                for (int i = TABLE / 2; i < NEARLY_FULL; i++) {
                    zoo.ask();
                }
            }
            return zoo;
        }
    }

    @ParameterizedTest
    @EnumSource(Leak.class)
    void aLeakAppearsOpensGoesWhenMendedAndIsClosed(Leak leak) throws Exception {
        signIn();
        page.evaluate("window.sameDocument = true");
        String id;
        try (ZooProcess zoo = leak.start()) {
            id = agent.awaitFinding(leak.kind(), zoo);
            Locator link = page.locator("#findings").locator(linkTo(id));
            assertThat(link).isVisible();
            assertThat(page.locator("#state")).containsText("finding");
            assertEquals(true, page.evaluate("window.sameDocument"), "it was loaded again");
            assertThat(page.locator("[aria-live=polite]").first()).not().isEmpty();

            link.click();
            page.waitForURL(agent.origin() + "/findings/" + id);
            assertThat(page.locator(".badge").first()).hasText(leak.words);
            isDrawn(leak, zoo);
            saysWhatTheApiSays(id);
            page.evaluate("window.sameDocument = true");
        }
        assertThat(page.locator("main")).containsText("Closed at");
        assertEquals(true, page.evaluate("window.sameDocument"), "it was loaded again");
        page.goBack();
        assertThat(page.locator("#findings").locator(linkTo(id))).hasCount(0);
        assertThat(page.locator("#closed").locator(linkTo(id))).isVisible();
        tab.assertClean(agent.origin());
    }

    private void isDrawn(Leak leak, ZooProcess zoo) {
        Locator picture = page.locator("#picture svg");
        assertThat(picture).isVisible();
        assertThat(picture).hasAttribute("role", "group"); // its boxes are buttons
        String drawn = picture.textContent();
        assertTrue(drawn.contains("pid " + zoo.pid()), drawn);
        assertTrue(drawn.contains(leak.drawn), drawn);
    }

    /** The words on the page, and that every link of it is answered. */
    private void saysWhatTheApiSays(String id) throws Exception {
        JsonNode finding = agent.json("/api/v1/leaks/" + id).at("/findings/0");
        assertThat(page.locator(".advice")).hasText(finding.get("advice").asText());
        assertThat(page.locator("#advice")).containsText(finding.get("because").asText());
        assertThat(page.locator("#advice")).containsText(finding.get("look_for").asText());
        List<String> steps = page.locator("#path ol > li").allTextContents();
        assertEquals(finding.get("path_steps").asInt(), steps.size(), steps::toString);
        String text = unnumbered(agent.get("/api/v1/leaks/" + id + "?format=text").body());
        for (String step : steps) {
            assertTrue(text.contains(unnumbered(step)), () -> step + " is not in " + text);
        }
        for (Locator link : page.locator("a[href^='/']").all()) {
            String path = link.getAttribute("href");
            assertEquals(200, page.request().get(agent.origin() + path).status(), path);
        }
    }

    /** Files are numbered anew in each observation. */
    private static String unnumbered(String text) {
        return text.replaceAll("file:\\d+", "file");
    }

    @Test
    void theLinkSignsInAndItsTokenGoesNoFurther() {
        signIn();

        assertEquals(agent.origin() + "/", page.url());
        assertEquals("", page.evaluate("document.referrer"));
        List<Cookie> cookies = tab.context().cookies();
        assertEquals(1, cookies.size());
        Cookie cookie = cookies.getFirst();
        assertTrue(cookie.httpOnly && "/".equals(cookie.path), "cookie");
        assertEquals(SameSiteAttribute.STRICT, cookie.sameSite);
        String port = Integer.toString(URI.create(agent.origin()).getPort());
        assertTrue(cookie.name.contains(port), cookie.name);
        assertTrue(cookie.expires < 0, "it outlives the browser");
        long told = tab.requests().stream().filter(r -> r.contains(agent.token())).count();
        assertEquals(1, told, () -> tab.requests().toString());
        assertFalse(page.content().contains(agent.token()), "the page has the token");
        tab.assertClean(agent.origin());
    }

    @Test
    void theFormSignsIn() {
        page.navigate(agent.origin() + "/findings/" + lastingId);
        page.locator("#token").fill(agent.token());
        page.locator("#token").press("Enter");
        page.waitForURL(agent.origin() + "/findings/" + lastingId);
        assertThat(page.locator(".badge").first()).hasText("Pinned by a ring");
    }

    @Test
    void withoutATokenNothingPrivateIsShown() throws Exception {
        for (String path : List.of("/", "/findings/" + lastingId, "/?token=" + "0".repeat(32))) {
            page.navigate(agent.origin() + path);
            assertThat(page.locator("#token")).isVisible();
            String content = page.content();
            assertFalse(content.contains("zoo-lasting"), path);
            assertFalse(content.contains("Pinned"), path);
            assertFalse(content.contains("pid "), path);
            String host = InetAddress.getLocalHost().getHostName();
            assertFalse(content.contains(host), path);
        }
        assertEquals(List.of(), tab.context().cookies());
        for (String path : List.of("leaks", "leaks/" + lastingId, "snapshot", "history", "why")) {
            assertEquals(
                    403, page.request().get(agent.origin() + "/api/v1/" + path).status(), path);
        }
    }

    @Test
    void whatMattersNeedsNoScript() {
        tab.close();
        use(chromium.tab(new Browser.NewContextOptions().setJavaScriptEnabled(false)));
        signIn();

        assertThat(page.locator("#state")).containsText("finding");
        assertThat(page.locator("#held-table tbody tr").first()).isVisible();
        assertThat(page.locator("#collector")).isVisible();
        Locator link = page.locator("#findings").locator(linkTo(lastingId));
        link.click();
        assertThat(page.locator("#picture svg")).hasAttribute("role", "img");
        assertThat(page.locator("#path ol > li").first()).isVisible();
        assertThat(page.locator(".advice")).not().isEmpty();
        tab.assertClean(agent.origin());
    }

    @Test
    void namesThatAreMeantToDoHarmDoNone() throws Exception {
        try (ZooProcess zoo = ZooProcess.start("pinned-hostile")) {
            String id = agent.awaitFinding("pinned_by_ring", zoo);
            signIn();
            assertThat(page.locator("#findings").locator(linkTo(id)))
                    .containsText(Zoo.HOSTILE_FILE);
            isHarmless();
            page.locator("#findings").locator(linkTo(id)).click();
            assertThat(page.locator("h1")).containsText(Zoo.HOSTILE_FILE);
            assertThat(page.locator("#path")).containsText(Zoo.HOSTILE_FILE);
            isHarmless();
        }
        tab.assertClean(agent.origin());
    }

    private void isHarmless() {
        assertThat(page.locator("main img, main script")).hasCount(0);
        assertFalse(page.content().contains("\u202e"), "it turns the text");
    }

    @Test
    void theKeyboardIsEnough() {
        signIn();
        page.keyboard().press("Tab");
        assertThat(page.locator(":focus")).hasAttribute("href", "#main");
        assertTrue(isInView(page.locator(":focus")), "the skip link shows when it has the focus");
        page.keyboard().press("Enter");
        assertThat(page.locator("#main")).isFocused();

        List<String> order = new ArrayList<>();
        boolean reached = false;
        for (int i = 0; i < 40 && !reached; i++) {
            page.keyboard().press("Tab");
            order.add(String.valueOf(page.locator(":focus").getAttribute("href")));
            reached = order.getLast().equals("/findings/" + lastingId);
        }
        assertTrue(reached, order::toString);
        assertTrue(hasOutline(page.locator(":focus")), "the focus shows");
        page.keyboard().press("Enter");
        page.waitForURL(agent.origin() + "/findings/" + lastingId);
        page.goBack();
        assertThat(page.locator("#findings").locator(linkTo(lastingId))).isVisible();

        Locator sort = page.locator("#held-table thead button").first();
        Locator column =
                page.locator("#held-table thead th")
                        .filter(new Locator.FilterOptions().setHas(page.locator("button")))
                        .first();
        sort.focus();
        page.keyboard().press("Enter");
        assertThat(column).hasAttribute("aria-sort", Pattern.compile("ascending|descending"));
        String first = String.valueOf(column.getAttribute("aria-sort"));
        page.keyboard().press("Enter");
        assertThat(column).not().hasAttribute("aria-sort", first);
        assertThat(sort).isFocused();
        tab.assertClean(agent.origin());
    }

    private static boolean isInView(Locator element) {
        return (Boolean)
                element.evaluate(
                        "e => { const b = e.getBoundingClientRect();"
                                + " return b.width > 1 && b.top >= 0 && b.left >= 0; }");
    }

    private static boolean hasOutline(Locator element) {
        return (Boolean)
                element.evaluate(
                        "e => { const s = getComputedStyle(e);"
                                + " return s.outlineStyle !== 'none' && s.outlineWidth !== '0px'; }");
    }

    /** Focus, order and what was opened stay when the page is refreshed. */
    @Test
    void aRefreshLeavesTheReaderWhereHeIs() throws Exception {
        signIn();
        Locator link = page.locator("#findings").locator(linkTo(lastingId));
        link.focus();
        String before = String.valueOf(page.locator("[data-part=state]").innerHTML());
        page.waitForFunction(
                "before => document.querySelector('[data-part=state]').innerHTML !== before",
                before);
        assertThat(link).isFocused();
        tab.assertClean(agent.origin());
    }

    /** A tab may be hidden and shown while an answer is under way, any number of times. */
    @Test
    void aHiddenTabAsksForNothingAndAShownOneOnceAtATime() {
        page.addInitScript(STEPPED);
        signIn();
        page.waitForFunction("() => waiting.size === 1 && answered === 1"); // the history, at first
        page.evaluate("answered = 0; holding = true; fire()");
        page.waitForFunction("() => held.length === 1");
        page.evaluate("show(false); show(true)");
        int asked = (Integer) page.evaluate("held.length");
        page.evaluate("while (held.length > 1) held.pop()()");
        page.waitForFunction("n => answered === n", 2 * (asked - 1));
        page.evaluate("holding = false; held.pop()()");
        page.waitForFunction("n => answered === n && waiting.size > 0", 2 * asked);
        page.evaluate("show(false)");
        page.waitForFunction("() => waiting.size === 0");

        page.evaluate("answered = 0; show(true)");
        page.waitForFunction("() => answered === 2 && waiting.size === 1");
        page.evaluate("answered = 0; holding = true; fire()");
        page.waitForFunction("() => held.length === 1");
        page.evaluate("show(false); held.pop()()");
        page.waitForFunction("() => answered === 2");
        page.evaluate("fetch('/-/ready').then(r => r.text())");
        assertEquals(0, page.evaluate("waiting.size"), "it asks again though nobody sees it");
        tab.assertClean(agent.origin());
    }

    /** It has no name of its own, and its part is replaced whenever the agent has looked. */
    @Test
    void aRefreshLeavesTheFocusOnWhatOpensAndCloses() {
        signIn();
        Locator summary = page.locator("#features > summary");
        summary.focus();
        Locator looked = page.locator("#agent .facts");
        page.waitForFunction(
                "before => document.querySelector('#agent .facts').innerHTML !== before",
                looked.innerHTML());
        assertThat(summary).isFocused();
    }

    @Test
    void anAgentThatSeesNothingTellsNobodyThatFindingsAreOver() {
        signIn();
        Locator link = page.locator("#findings").locator(linkTo(lastingId));
        String what = link.textContent();
        page.route(
                agent.origin() + "/",
                route -> {
                    APIResponse answer = route.fetch();
                    String unseen =
                            answer.text()
                                    .replaceFirst("(?s)<section id=\"findings\".*?</section>", "")
                                    .replaceFirst(
                                            "id=\"state\">[^<]*", "id=\"state\">Nothing is seen");
                    route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(unseen));
                });
        assertThat(page.locator("#findings")).hasCount(0);
        assertThat(page.locator("#announcer")).hasText("Nothing is seen");
        page.unroute(agent.origin() + "/");
        assertThat(link).isVisible();
        assertThat(page.locator("#announcer")).not().containsText(what);
    }

    @Test
    void noRuleOfAccessibilityIsBroken() throws Exception {
        String closed;
        try (ZooProcess zoo = ZooProcess.start("pinned-deleted", "0", "zoo-closed")) {
            closed = agent.awaitFinding("pinned_by_ring", zoo);
        }
        page.navigate(agent.origin() + "/");
        isAccessible("signed out", WINDOWS);
        signIn();
        assertThat(page.locator("#closed").locator(linkTo(closed))).isVisible();
        isAccessible("/", WINDOWS);
        isAccessible("/", OTHER_WINDOWS);
        for (String id : List.of(lastingId, closed, "none")) {
            page.navigate(agent.origin() + "/findings/" + id);
            isAccessible(id, WINDOWS);
        }
        page.navigate(agent.origin() + "/findings/" + lastingId);
        isAccessible(lastingId, OTHER_WINDOWS);
        page.navigate(agent.origin() + "/");
        page.locator("#held a")
                .filter(new Locator.FilterOptions().setHasText("zoo-lasting"))
                .click();
        assertThat(page.locator("h1")).hasText("comm:zoo-lasting");
        isAccessible("a group", WINDOWS);
    }

    private void isAccessible(String where, Map<Integer, ColorScheme> windows) {
        windows.forEach(
                (width, colours) -> {
                    String what = "%s at %d in %s".formatted(where, width, colours);
                    page.setViewportSize(width, 800);
                    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colours));
                    fitsTheWindow(what);
                    tab.assertAccessible(what);
                });
    }

    private void fitsTheWindow(String where) {
        assertEquals(
                true,
                page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                where + " is wider than the window");
    }

    @Test
    void anUnknownFindingIsSaidToBeSo() {
        signIn();
        Response answer = page.navigate(agent.origin() + "/findings/none");
        assertEquals(404, answer.status());
        assertThat(page.locator("h1")).containsText("no such finding");
    }

    @Test
    void whoWantsLessMotionGetsNone() {
        tab.close();
        use(chromium.tab(new Browser.NewContextOptions().setReducedMotion(ReducedMotion.REDUCE)));
        signIn();
        Object moving =
                page.evaluate(
                        "[...document.querySelectorAll('*')].filter(e => { const s ="
                                + " getComputedStyle(e); return s.animationName !== 'none' ||"
                                + " parseFloat(s.transitionDuration) > 0.01; }).length");
        assertEquals(0, moving);
        assertEquals(
                "auto", page.evaluate("getComputedStyle(document.documentElement).scrollBehavior"));
    }

    @Test
    void aPageWhoseAgentHasEndedSaysSo(@TempDir Path other) throws Exception {
        try (Watched brief = Watched.start(other)) {
            page.navigate(brief.link());
            assertThat(page.locator("#state")).isVisible();
            assertThat(page.locator(".stale")).isHidden();
        }
        assertThat(page.locator(".stale")).isVisible();
        assertThat(page.locator(".stale")).containsText("since");
    }

    /** The last, since points are a quarter of a minute apart. */
    @Test
    @Order(Integer.MAX_VALUE)
    void chartsAreDrawnAndTheirNumbersAreThoseOfTheHistory() throws Exception {
        agent.awaitPoints(3);
        signIn();
        for (String figure : List.of("registered_files", "inflight_fds", "rings")) {
            Locator chart = page.locator("figure[data-figure=" + figure + "]");
            assertThat(chart.locator("canvas")).isVisible();
            assertTrue(inked(chart.locator("canvas")) > 100, figure + " is blank");
            Locator plot = chart.locator(".plot");
            assertThat(plot).hasAttribute("role", "img");
            assertThat(plot).hasAccessibleName(Pattern.compile("\\d"));
            JsonNode points = agent.json("/api/v1/history").at("/total/" + figure);
            List<String> told = new ArrayList<>();
            points.forEach(p -> told.add(p.isNull() ? "unknown" : p.asText()));
            String now = chart.locator(".now").textContent().replace(",", "");
            assertTrue(told.contains(now), () -> now + " is none of " + told);
        }
        Locator numbers = page.locator("#growth-numbers");
        numbers.locator("summary").click();
        assertThat(numbers.locator("tbody tr").first()).containsText("The whole machine");
        assertThat(numbers).containsText("zoo-lasting");
        tab.assertClean(agent.origin());
    }

    /** How many of its dots are not of the commonest colour. */
    private static int inked(Locator canvas) {
        return (Integer)
                canvas.evaluate(
                        "c => { const d = new Uint32Array(c.getContext('2d').getImageData(0, 0,"
                                + " c.width, c.height).data.buffer); const n = new Map();"
                                + " d.forEach(x => n.set(x, (n.get(x) ?? 0) + 1));"
                                + " return d.length - Math.max(...n.values()); }");
    }

    private void signIn() {
        page.navigate(agent.link());
        page.waitForURL(agent.origin() + "/");
    }

    private static String linkTo(String id) {
        return "a[href='/findings/" + id + "']";
    }
}
