package dev.ringwatch.agent.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.observe.SourceReport;
import dev.ringwatch.agent.report.FindingWords;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.History;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.graph.FileKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the pages say of an observation; costs a second. */
class PagesTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final String HOSTILE = "<img src=x onerror=alert(1)>\"'&";

    private static final String ROW =
            "<tr><th scope=\"row\"><a href=\"/groups/comm:server\"><code>comm:server</code></a>.*?</tr>";

    private final Assets assets = Assets.read();
    private final Pages pages = new Pages(assets, "1.2.3");
    private final History history = new History(INTERVAL, 50);

    @Test
    void aMachineOnWhichNothingLeaksIsSaidToBeSo() {
        String home = pages.home(seen(HandMade::new, 2));
        assertEquals("Nothing leaks", heading(home));
        assertTrue(home.contains("No rings, and no descriptors in flight."), home);
        assertTrue(home.contains("everything was seen"), home);
    }

    @Test
    void oneLookIsNotEnoughToSaySo() {
        assertTrue(heading(pages.home(seen(HandMade::new, 1))).startsWith("Looking"));
    }

    @Test
    void whatCouldNotBeSeenIsSaidWithTheReason() {
        String home = pages.home(seen(() -> new HandMade().incomplete("a queue moved"), 2));
        assertEquals("No leak in what could be seen", heading(home));
        assertTrue(home.contains("<li>a queue moved</li>"), home);
        assertFalse(home.contains("everything was seen"), home);
    }

    @Test
    void beforeTheFirstObservationThereIsNothingButTheAgent() {
        String home = pages.home(unseen(""));
        assertEquals("The first observation is not done yet", heading(home));
        assertTrue(home.contains("id=\"agent\""), home);
        assertFalse(home.contains("id=\"held\""), home);
    }

    @Test
    void whyNothingCanBeObservedIsSaid() {
        String home = pages.home(unseen("bpf(2): EPERM; run it as root"));
        assertEquals("Nothing can be observed", heading(home));
        assertTrue(home.contains("bpf(2): EPERM; run it as root"), home);
    }

    @Test
    void anObservationThatIsTooOldIsSaidToBeSo() {
        Tracked tracked = track(HandMade::new, 2);
        String home = pages.home(state(tracked, BEGIN.plusSeconds(100), List.of()));
        assertTrue(heading(home).startsWith("The last observation is 1 min"), heading(home));
    }

    @Test
    void findingsAreCountedByKindAndLinked() {
        State state = seen(PagesTest::pinnedPair, 2);
        String home = pages.home(state);
        assertEquals("2 findings: 2 pinned by a ring", heading(home));
        for (Finding finding : tracked(state).findingsOrUndecided()) {
            assertTrue(home.contains("href=\"/findings/" + finding.id() + "\""), home);
        }
    }

    @Test
    void whatAGroupHoldsIsCounted() {
        String home = pages.home(seen(PagesTest::pinnedPair, 2));
        String row = match(home, ROW).group();
        assertEquals(
                List.of("1", "2", "2", "0", "–", "5", "100 %", "2"),
                Pattern.compile("<td[^>]*>([^<]*)")
                        .matcher(row)
                        .results()
                        .map(r -> r.group(1))
                        .toList());
    }

    @Test
    void fromProcWhatIsUnknownIsNoZero() {
        State state =
                seen(
                        () -> {
                            HandMade o = new HandMade().process(7, "server").from(Source.PROC);
                            return o.descriptor(7, o.unreadableRing());
                        },
                        2);
        String home = pages.home(state);
        String row = match(home, ROW).group();
        assertTrue(row.contains(">unknown<"), row);
        assertTrue(home.contains("What only tables hold is unknown without eBPF: no power"), home);
        assertTrue(home.contains("What it does is unknown: no power"), home);
    }

    @Test
    void aFindingIsDrawnAndToldWithItsPathAndAdvice() {
        State state = seen(PagesTest::pinnedPair, 2);
        Finding finding = tracked(state).findingsOrUndecided().getFirst();
        String page = pages.finding(state, finding.id()).orElseThrow();
        assertTrue(page.contains("<svg"), page);
        assertTrue(page.contains("<title id=\"drawing-title\">"), page);
        assertTrue(page.contains("<li>slot 0 of io_uring ring file:0"), page);
        assertTrue(page.contains("at least 10 s"), page);
        assertTrue(page.contains(finding.advice()), page);
        assertTrue(page.contains("/api/v1/leaks/" + finding.id() + "?format=svg"), page);
        assertTrue(page.contains("<code>RingwatchRegisteredOnlyFiles</code>"), page);
    }

    @Test
    void aFindingThatIsClosedIsStillToldWithoutAPicture() {
        Tracked before = track(PagesTest::pinnedPair, 2);
        Finding finding = before.findingsOrUndecided().getFirst();
        State.Closed closed =
                new State.Closed(FindingWords.of(before, finding), BEGIN.plusSeconds(60));
        State state =
                state(
                        track(HandMade::new, 2),
                        BEGIN.plusSeconds(INTERVAL.toSeconds()),
                        List.of(closed));
        String page = pages.finding(state, finding.id()).orElseThrow();
        assertTrue(
                page.contains("<dt>Closed at</dt><dd><time datetime=\"2026-01-01T00:01:00Z\">"),
                page);
        assertTrue(page.contains(finding.advice()), page);
        assertFalse(page.contains("<svg"), page);
        assertTrue(pages.home(state).contains("href=\"/findings/" + finding.id() + "\""));
    }

    @Test
    void ofManyFilesTheFirstAreNamedAndTheOthersCounted() {
        State state =
                seen(
                        () -> {
                            HandMade machine = new HandMade().process(7, "server");
                            int queue = machine.socket(1, 20);
                            machine.descriptor(7, queue).firstPacket(queue, 1);
                            for (int i = 0; i < 20; i++) {
                                int file = machine.file(FileKind.OTHER, 1, false);
                                machine.graph().queued(queue, file, 0);
                            }
                            return machine;
                        },
                        2);
        Finding finding = tracked(state).findingsOrUndecided().getFirst();
        String page = pages.finding(state, finding.id()).orElseThrow();
        assertTrue(page.contains("AF_UNIX stream socket 0 and 20 more</h1>"), page);
        assertTrue(page.contains("<li>file inode 11</li></ul><p>And 9 more.</p>"), page);
        assertTrue(pages.home(state).contains("1 finding: 1 never received"));
    }

    /** One process may have thousands, and another one. */
    @Test
    void manyFindingsThatAreAlikeDoNotHideTheOthers() {
        State state =
                seen(
                        () -> {
                            HandMade machine = new HandMade().process(7, "many").process(8, "one");
                            for (int i = 0; i < 300; i++) {
                                queue(machine, 7);
                            }
                            return queue(machine, 8);
                        },
                        2);
        String home = pages.home(state);
        assertTrue(home.contains("295 more like this"), home);
        assertTrue(home.contains("/api/v1/leaks?format=text&amp;pid=7"), home);
        assertTrue(home.contains("<td>one (pid 8)</td>"), home);
    }

    private static HandMade queue(HandMade machine, int pid) {
        int queue = machine.socket(1, 1);
        machine.descriptor(pid, queue).firstPacket(queue, 1);
        machine.graph().queued(queue, machine.file(FileKind.OTHER, 1, false), 0);
        return machine;
    }

    @Test
    void aGroupIsToldWithItsFindingsRingsAndQueues() {
        State state =
                seen(
                        () -> {
                            HandMade machine = pinnedPair().process(8, "other");
                            machine.descriptor(8, machine.ring(1, 3, 77));
                            return queue(machine, 7);
                        },
                        2);
        String page = pages.group(state, "comm:server").orElseThrow();
        assertTrue(page.contains("<h1><code>comm:server</code></h1>"), page);
        assertTrue(page.contains("<dt>Files in ring tables</dt><dd>2</dd>"), page);
        String rings = match(page, "<section id=\"rings\".*?</section>").group();
        assertTrue(rings.contains("server (pid 7)"), rings);
        assertFalse(rings.contains(">77<"), rings);
        String queues = match(page, "<section id=\"queues\".*?</section>").group();
        assertTrue(queues.contains("AF_UNIX stream "), queues);
        assertTrue(queues.contains(">10 s</td>"), queues);
        for (Finding finding : tracked(state).findingsOrUndecided()) {
            assertTrue(page.contains("/findings/" + finding.id()), page);
        }
        assertEquals(Optional.empty(), pages.group(state, "comm:none"));
        assertEquals(Optional.empty(), pages.group(unseen(""), "comm:server"));
        assertEquals("There is no such group", heading(pages.noGroup(state)));
    }

    @Test
    void aGroupOfAnyNameHasAnAddress() {
        assertEquals("/groups/k8s:shop/cart/app", GroupPage.address("k8s:shop/cart/app"));
        assertEquals("/groups/comm:a%3Fb%23%25", GroupPage.address("comm:a?b#%"));
    }

    @Test
    void aFindingThatIsNoneHasNoPage() {
        assertEquals(Optional.empty(), pages.finding(seen(HandMade::new, 2), "pinned_by_ring-1"));
        assertEquals(Optional.empty(), pages.finding(unseen(""), "pinned_by_ring-1"));
        assertEquals("There is no such finding", heading(pages.noFinding(seen(HandMade::new, 2))));
    }

    /** No alert pages for it: the runbook of full file tables would mislead. */
    @Test
    void lockedMemoryThatIsNearlyUsedUpHasNoRunbook() {
        State state =
                seen(
                        () -> {
                            HandMade o = new HandMade().lockedProcess(7, "server", 95, 100);
                            return o.descriptor(7, o.ring(1, 2, 64));
                        },
                        2);
        Finding finding =
                tracked(state).findingsOrUndecided().stream()
                        .filter(f -> f.because().contains("bytes locked"))
                        .findFirst()
                        .orElseThrow();
        String page = pages.finding(state, finding.id()).orElseThrow();
        assertTrue(page.contains("Near a limit"), page);
        assertFalse(page.contains("Runbook"), page);
    }

    /** What is open now may only not be seen. */
    @Test
    void whereNothingIsObservedNobodyKnowsWhetherAFindingOrAGroupIsThere() {
        State unseen = unseen("bpf(2): EPERM; run it as root");
        for (String page : List.of(pages.noFinding(unseen), pages.noGroup(unseen))) {
            assertEquals("Nothing can be observed", heading(page));
            assertTrue(page.contains("bpf(2): EPERM; run it as root"), page);
            assertTrue(page.contains("data-refresh-seconds"), page);
        }
    }

    @Test
    void whatIsLeftOutOfTheClosedIsCounted() {
        Tracked before = track(PagesTest::pinnedPair, 2);
        FindingWords words = FindingWords.of(before, before.findingsOrUndecided().getFirst());
        List<State.Closed> closed = Collections.nCopies(23, new State.Closed(words, BEGIN));
        String home = pages.home(state(track(HandMade::new, 2), BEGIN, closed));
        assertTrue(home.contains("And 3 that were closed before."), home);
        assertFalse(
                pages.home(state(track(HandMade::new, 2), BEGIN, closed.subList(0, 20)))
                        .contains("closed before"));
    }

    /** Limits of users are not to be had from /proc. */
    @Test
    void limitsThatCouldNotBeReadAreNotSaidToBeFar() {
        String home = pages.home(seen(() -> new HandMade().incomplete("from /proc"), 2));
        assertFalse(home.contains("Nothing is near a limit"), home);
        assertTrue(home.contains("Nothing that could be seen is near a limit."), home);
        assertTrue(home.contains("What users have in flight and locked is unknown"), home);
        String whole = pages.home(seen(HandMade::new, 2));
        assertTrue(whole.contains("Nothing is near a limit."), whole);
        assertFalse(whole.contains("What users have in flight"), whole);
    }

    @Test
    void whatIsLessNearToItsLimitIsCounted() {
        State state =
                seen(
                        () -> {
                            HandMade machine = new HandMade().process(7, "server");
                            for (int i = 0; i < 10; i++) {
                                machine.descriptor(7, machine.ring(1, 40, 64));
                            }
                            return machine;
                        },
                        2);
        // its user's descriptors in flight are one more
        assertTrue(pages.home(state).contains("And 3 that are less near."), pages.home(state));
    }

    /** Names are chosen by who is watched. */
    @Test
    void namesOfProcessesAreNeverMarkup() {
        State state = seen(() -> pinnedPair(HOSTILE), 2);
        Finding finding = tracked(state).findingsOrUndecided().getFirst();
        State.Closed closed = new State.Closed(FindingWords.of(tracked(state), finding), BEGIN);
        State after = state(track(HandMade::new, 2), BEGIN, List.of(closed));
        for (String page :
                List.of(
                        pages.home(state),
                        pages.finding(state, finding.id()).orElseThrow(),
                        pages.home(after),
                        pages.group(state, tracked(state).findingsOrUndecided().getFirst().group())
                                .orElseThrow(),
                        pages.finding(after, finding.id()).orElseThrow())) {
            assertFalse(page.contains("<img src=x"), page);
            assertFalse(page.contains("<img_src=x"), page);
            assertTrue(Pattern.compile("&lt;img[ _]src=x").matcher(page).find(), page);
        }
    }

    /** The policy that is sent with each page would stop them, and with them what they do. */
    @Test
    void noPageHasAScriptOrAStyleInIt() {
        State state = seen(PagesTest::pinnedPair, 2);
        String id = tracked(state).findingsOrUndecided().getFirst().id();
        for (String page :
                List.of(
                        pages.home(state),
                        pages.finding(state, id).orElseThrow(),
                        pages.noFinding(state),
                        pages.landing("/", true))) {
            assertFalse(
                    Pattern.compile("<script(?![^>]* src=\"/assets/)").matcher(page).find(), page);
            assertFalse(page.contains("<style"), page);
            assertFalse(Pattern.compile("<[^>]* (style|on[a-z]+)=").matcher(page).find(), page);
            assertFalse(Pattern.compile("(src|href)=\"(?:https?:)?//").matcher(page).find(), page);
        }
    }

    @Test
    void whatAPageRefersToIsThere() {
        String home = pages.home(seen(HandMade::new, 2));
        List<String> addresses =
                Pattern.compile("\"(/assets/[^\"]+)\"")
                        .matcher(home)
                        .results()
                        .map(r -> r.group(1))
                        .toList();
        assertTrue(addresses.size() >= 6, addresses::toString);
        for (String address : addresses) {
            assertFalse(assets.find(address).orElseThrow().content().isEmpty(), address);
        }
        assertEquals(Optional.empty(), assets.find("/assets/000000000000/page.css"));
        assertEquals(Optional.empty(), assets.find("/assets/"));
    }

    @Test
    void aStrangerLearnsNothingOfTheMachine() {
        assertFalse(pages.landing("/", false).contains("role=\"alert\""));
        assertTrue(pages.landing("/", true).contains("role=\"alert\""));
        assertTrue(pages.landing("/findings/x", false).contains("action=\"/findings/x\""));
        assertFalse(pages.landing("/", true).contains("testhost"));
    }

    @Test
    void theLastHourIsToldInNumbersToo() {
        Tracker tracker = new Tracker(Thresholds.all(Duration.ZERO));
        for (int second = 0; second <= 60; second += 20) {
            history.accept(tracker.accept(ringOf(second).seenAt(BEGIN.plusSeconds(second))));
        }
        Tracked last = tracker.accept(ringOf(60).seenAt(BEGIN.plusSeconds(61)));
        String home = pages.home(state(last, BEGIN.plusSeconds(61), List.of()));
        assertTrue(
                home.contains(
                        "<span class=\"name\">Files in ring tables</span>"
                                + "<span class=\"now\">1,060</span>"
                                + "<span class=\"change\">+60 in 1 min</span>"),
                home);
        assertTrue(home.contains("<path class=\"spark\" d=\"M0.0 "), home);
        assertTrue(home.contains("1,060<span class=\"small\"> +60</span>"), home);
    }

    private static HandMade ringOf(int more) {
        HandMade machine = new HandMade().process(7, "server");
        return machine.descriptor(7, machine.ring(1, 1000 + more, 4096));
    }

    private static HandMade pinnedPair() {
        return pinnedPair("server");
    }

    private static HandMade pinnedPair(String comm) {
        HandMade machine = new HandMade().process(7, comm);
        int ring = machine.ring(1, 2, 2);
        int a = machine.socket(1, 0);
        int b = machine.socket(1, 0);
        machine.descriptor(7, ring);
        machine.graph().slot(ring, a, 0);
        machine.graph().slot(ring, b, 1);
        machine.graph().peer(a, b);
        machine.graph().peer(b, a);
        return machine;
    }

    private static Tracked track(Supplier<HandMade> machine, int times) {
        Tracker tracker = new Tracker(Thresholds.all(Duration.ZERO));
        Tracked tracked = tracker.accept(machine.get().seenAt(BEGIN));
        for (int i = 1; i < times; i++) {
            tracked = tracker.accept(machine.get().seenAt(BEGIN.plus(INTERVAL.multipliedBy(i))));
        }
        return tracked;
    }

    private State seen(Supplier<HandMade> machine, int times) {
        Tracked tracked = track(machine, times);
        return state(tracked, tracked.observation().takenAt(), List.of());
    }

    private State state(Tracked tracked, Instant now, List<State.Closed> closed) {
        boolean bpf =
                tracked.observation().sources().stream().anyMatch(s -> s.source() == Source.BPF);
        return new State(
                "testhost",
                BEGIN,
                now,
                INTERVAL,
                Optional.of(tracked),
                "",
                bpf ? Optional.empty() : Optional.of("no power"),
                tracked.observation().sources(),
                status(),
                history.view(),
                closed);
    }

    private State unseen(String failure) {
        return new State(
                "testhost",
                BEGIN,
                BEGIN,
                INTERVAL,
                Optional.empty(),
                failure,
                Optional.empty(),
                List.of(new SourceReport(Source.BPF, failure.isEmpty(), Duration.ZERO, failure)),
                status(),
                history.view(),
                List.of());
    }

    private static AgentStatus status() {
        return new AgentStatus(
                "1.2.3",
                Map.of("bpf", true),
                List.of(),
                List.of(),
                OptionalLong.empty(),
                Map.of(),
                Map.of(),
                Map.of());
    }

    private static Tracked tracked(State state) {
        return state.tracked().orElseThrow();
    }

    private static String heading(String page) {
        return match(page, "<h1[^>]*>([^<]*)</h1>").group(1);
    }

    private static MatchResult match(String page, String pattern) {
        return Pattern.compile(pattern).matcher(page).results().findFirst().orElseThrow();
    }
}
