package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ringwatch.agent.observe.HandMade;
import dev.ringwatch.agent.observe.Source;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.Thresholds;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.track.Tracker;
import dev.ringwatch.core.graph.FileKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is remembered of findings that are over. */
class ClosedFindingsTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final Tracker tracker = new Tracker(Thresholds.all(Duration.ZERO));
    private final ClosedFindings closed = new ClosedFindings();
    private Tracked last = tracker.accept(queue().seenAt(BEGIN));

    @Test
    void itIsToldAsItWasWithTheTimeAtWhichItWasClosed() throws Exception {
        String id = openAt(10);
        assertEquals(Optional.empty(), closed.find(id), "it is open");
        see(20, new HandMade());
        JsonNode finding =
                new ObjectMapper().readTree(closed.find(id).orElseThrow()).at("/findings/0");
        assertEquals(id, finding.get("id").asText());
        assertEquals("never_received", finding.get("kind").asText());
        assertEquals(BEGIN.plusSeconds(20).toString(), finding.get("closed_at").asText());
        assertEquals(BEGIN.plusSeconds(10).toString(), finding.get("opened_at").asText());
        assertEquals("pid:1", finding.at("/path/0/from").asText());
    }

    @Test
    void oneThatIsOpenedAgainIsNotClosed() {
        String id = openAt(10);
        see(20, new HandMade());
        assertTrue(closed.find(id).isPresent());
        see(30, queue());
        assertEquals(id, openAt(40));
        assertEquals(Optional.empty(), closed.find(id));
    }

    @Test
    void itIsForgottenAfterADay() {
        String id = openAt(10);
        see(20, new HandMade());
        see(20 + 86_400, new HandMade());
        assertTrue(closed.find(id).isPresent());
        see(21 + 86_400, new HandMade());
        assertEquals(Optional.empty(), closed.find(id));
    }

    @Test
    void whatAnotherSourceDoesNotSeeIsNotClosed() {
        String id = openAt(10);
        see(20, new HandMade().from(Source.PROC));
        assertEquals(Optional.empty(), closed.find(id));
    }

    /** The observer waits meanwhile: only those that are kept are written down. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void ofManyThatAreClosedAtOnceTheLastAreRemembered() {
        int many = 50_000;
        see(10, queues(many));
        see(20, queues(many));
        List<String> ids = last.findings().stream().map(Finding::id).toList();
        assertEquals(many, ids.size());
        see(30, new HandMade());
        assertEquals(200, ids.stream().filter(id -> closed.find(id).isPresent()).count());
        assertTrue(closed.find(ids.getLast()).isPresent());
    }

    private static HandMade queues(int many) {
        HandMade o = new HandMade().process(1, "server");
        for (int i = 0; i < many; i++) {
            int socket = o.socket(1, 1);
            o.descriptor(1, socket).firstPacket(socket, 8);
            o.graph().queued(socket, o.file(FileKind.OTHER, 1, false), 0);
        }
        return o;
    }

    private String openAt(long second) {
        see(second, queue());
        return last.findings().getFirst().id();
    }

    private void see(long second, HandMade o) {
        Tracked now = tracker.accept(o.seenAt(BEGIN.plusSeconds(second)));
        closed.turn(last, now);
        last = now;
    }

    private static HandMade queue() {
        HandMade o = new HandMade().process(1, "server");
        int socket = o.socket(1, 1);
        o.descriptor(1, socket).firstPacket(socket, 7);
        o.graph().queued(socket, o.file(FileKind.OTHER, 1, false), 0);
        return o;
    }
}
