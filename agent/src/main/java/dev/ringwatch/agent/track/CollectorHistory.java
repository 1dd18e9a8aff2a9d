package dev.ringwatch.agent.track;

import dev.ringwatch.agent.observe.CollectorFacts;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.SocketFacts;
import dev.ringwatch.core.leak.CollectorView;
import dev.ringwatch.core.leak.Judgement;
import java.util.HashMap;
import java.util.Map;

/**
 * What garbage has outlived. A run of the collector counts if it is known to have begun after the
 * observation before had ended and to have completed before this one began, and the file was garbage
 * with as many references in both. For one thread.
 */
final class CollectorHistory {
    private Map<Long, Garbage> garbage = new HashMap<>();

    private record Garbage(int runs, long references) {}

    /** What is known of the collector at an observation, from it and from those taken in before. */
    CollectorView at(Observation o) {
        return new View(o);
    }

    /** Takes in an observation, later than all before it, with what was judged of it. */
    void accept(Observation o, Judgement judgement) {
        CollectorView view = at(o);
        Map<Long, Garbage> now = new HashMap<>();
        for (int file = 0; file < o.graph().fileCount(); file++) {
            Judgement.State state = judgement.state(file);
            if (state == Judgement.State.COLLECTABLE || state == Judgement.State.LEAKED) {
                now.put(
                        o.files().get(file).identity(),
                        new Garbage(view.runs(file), o.graph().kernelCount(file)));
            }
        }
        garbage = now;
    }

    private final class View implements CollectorView {
        private final Observation o;
        private final Map<Integer, CollectorFacts> known = new HashMap<>();

        View(Observation o) {
            this.o = o;
            for (SocketFacts socket : o.sockets()) {
                socket.collector().ifPresent(facts -> known.put(socket.file(), facts));
            }
        }

        @Override
        public int runs(int socket) {
            Garbage before = garbage.get(o.files().get(socket).identity());
            if (before == null || before.references() != o.graph().kernelCount(socket)) {
                return 0;
            }
            return before.runs() + (o.collectorRan() ? 1 : 0);
        }

        @Override
        public int componentIndex(int socket) {
            CollectorFacts facts = known.get(socket);
            return facts == null ? UNKNOWN : facts.componentIndex().orElse(UNKNOWN);
        }

        @Override
        public int inFlight(int socket) {
            CollectorFacts facts = known.get(socket);
            return facts == null ? UNKNOWN : facts.references();
        }
    }
}
