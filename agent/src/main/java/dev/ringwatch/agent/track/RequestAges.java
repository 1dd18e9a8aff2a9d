package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.Activity;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.RequestFacts;
import dev.ringwatch.agent.observe.RingFacts;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Since when the oldest request in flight of each ring has been seen. A later request may lie in the
 * same memory and be told alike: only where the ring has taken in nothing since the observation before
 * is a request surely the one of then. So ages are never too high, and may be too low. Where every
 * request is followed, the oldest of those submitted since is known exactly. For one thread.
 */
final class RequestAges {
    private Map<Key, Seen> seen = new HashMap<>();

    private record Key(long ring, long request, long file) {}

    private record Seen(Instant since, int submissions) {}

    /** By ring, the moment at which its oldest request was first seen; takes the observation in. */
    Map<Integer, Instant> accept(Observation o) {
        Map<Integer, Integer> submissions = new HashMap<>();
        for (RingFacts ring : o.rings()) {
            ring.submissions().ifPresent(n -> submissions.put(ring.file(), n));
        }
        Map<Key, Seen> now = new HashMap<>();
        Map<Integer, Instant> oldest = new HashMap<>();
        for (RequestFacts request : o.requests()) {
            Integer count = submissions.get(request.ring());
            if (count != null) {
                Seen one = sight(key(o, request), count, o.takenAt());
                now.put(key(o, request), one);
                oldest.merge(request.ring(), one.since, RequestAges::earlier);
            }
        }
        seen = now;
        o.activity()
                .flatMap(Activity::oldestRequests)
                .orElse(Map.of())
                .forEach((ring, at) -> oldest.merge(ring, at, RequestAges::earlier));
        return oldest;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private Seen sight(Key key, int submissions, Instant now) {
        Seen before = seen.get(key);
        return before != null && before.submissions == submissions
                ? before
                : new Seen(now, submissions);
    }

    private static Key key(Observation o, RequestFacts request) {
        return new Key(
                identity(o, OptionalInt.of(request.ring())),
                request.identity() * 31 + request.opcode(),
                identity(o, request.file()));
    }

    private static long identity(Observation o, OptionalInt file) {
        return file.isPresent() ? o.files().get(file.getAsInt()).identity() : 0;
    }
}
