package dev.ringwatch.core.sim;

import dev.ringwatch.core.kernel.KernelEra;
import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.SocketType;
import dev.ringwatch.core.kernel.Syscall;
import dev.ringwatch.core.kernel.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * All ways to pass a few sockets in a few messages, up to the names of the sockets: each message
 * passes one or two sockets, maybe the same twice, to one of them; then all descriptors are closed,
 * and the collector runs. Short sequences come before longer ones.
 *
 * <p>Each socket is one end of a stream pair and receives through the other, as in the kernel's own
 * test. Names are given in the order in which a sequence uses them first, so each shape comes once.
 *
 * @param sockets how many sockets
 * @param messages how many messages at most
 */
public record MessageScope(int sockets, int messages) {
    /** More would take hours. */
    public static final int MAX_SOCKETS = 5;

    /** More would take hours. */
    public static final int MAX_MESSAGES = 6;

    private static final int PID = 1;
    private static final int NOBODY = -1;

    /** Refuses what would take too long. */
    public MessageScope {
        if (sockets < 1 || sockets > MAX_SOCKETS || messages < 1 || messages > MAX_MESSAGES) {
            throw new IllegalArgumentException(
                    "sockets must be 1 to %d, messages 1 to %d"
                            .formatted(MAX_SOCKETS, MAX_MESSAGES));
        }
    }

    /**
     * What the collector of an era left.
     *
     * @param era the rules
     * @param scope which sequences
     * @param sequences how many
     * @param leftByWalks after how many sequences something is left although the collector walked
     *     anew as often as that helps, as on a machine where sockets come and go
     * @param leftForGood after how many it is left even when the collector then judged the components
     *     again that it knew
     * @param unexplained after how many no trait says why
     * @param shortest how many messages the first sequence has after which something is left for
     *     good; 0 if there is none
     */
    public record Result(
            KernelEra era,
            MessageScope scope,
            long sequences,
            long leftByWalks,
            long leftForGood,
            long unexplained,
            int shortest) {}

    /** One message: {@code second} is {@link #NOBODY} in those that pass one socket. */
    private record Message(int queue, int first, int second) {
        /** How many names are in use after it; -1 if it takes a name out of order. */
        int namesAfter(int names) {
            int after = names;
            for (int name : new int[] {queue, first, second}) {
                if (name > after) {
                    return -1;
                }
                after = Math.max(after, name + 1);
            }
            return after;
        }
    }

    /** Tries all sequences under an era. */
    public Result explore(KernelEra era) {
        return explore(era, _ -> {});
    }

    /**
     * Tries all sequences under an era.
     *
     * @param progress is told, after each, how many were tried
     */
    public Result explore(KernelEra era, LongConsumer progress) {
        Exploration exploration = new Exploration(era, progress);
        for (int length = 1; length <= messages; length++) {
            exploration.all(length);
        }
        return exploration.result();
    }

    private List<Message> alphabet() {
        List<Message> alphabet = new ArrayList<>();
        for (int queue = 0; queue < sockets; queue++) {
            for (int first = 0; first < sockets; first++) {
                for (int second = NOBODY; second < sockets; second++) {
                    alphabet.add(new Message(queue, first, second));
                }
            }
        }
        return alphabet;
    }

    private final class Exploration {
        private final KernelEra era;
        private final LongConsumer progress;
        private final List<Message> alphabet = alphabet();
        private long sequences;
        private long leftByWalks;
        private long leftForGood;
        private long unexplained;
        private int shortest;

        Exploration(KernelEra era, LongConsumer progress) {
            this.era = era;
            this.progress = progress;
        }

        Result result() {
            return new Result(
                    era,
                    MessageScope.this,
                    sequences,
                    leftByWalks,
                    leftForGood,
                    unexplained,
                    shortest);
        }

        /** All sequences of that length, like an odometer that skips names out of order. */
        void all(int length) {
            int[] letter = new int[length];
            int[] names = new int[length + 1];
            letter[0] = -1;
            int at = 0;
            while (at >= 0) {
                letter[at]++;
                if (letter[at] == alphabet.size()) {
                    at--;
                    continue;
                }
                names[at + 1] = alphabet.get(letter[at]).namesAfter(names[at]);
                if (names[at + 1] < 0) {
                    continue;
                }
                if (at < length - 1) {
                    letter[++at] = -1;
                } else {
                    play(letter);
                }
            }
        }

        private void play(int[] letters) {
            sequences++;
            progress.accept(sequences);
            KernelModel model = new KernelModel(era);
            Bystander bystander = new Bystander(model);
            List<Integer> fds = new ArrayList<>(2 * sockets);
            for (int i = 0; i < sockets; i++) {
                fds.addAll(pair(model));
            }
            for (int letter : letters) {
                Message message = alphabet.get(letter);
                List<Integer> passed =
                        message.second == NOBODY
                                ? List.of(fds.get(2 * message.first))
                                : List.of(fds.get(2 * message.first), fds.get(2 * message.second));
                int via = fds.get(2 * message.queue + 1);
                model.apply(new Syscall.Send(PID, via, passed, 1, false, null));
            }
            for (int fd : fds) {
                model.apply(new Syscall.Close(PID, fd));
            }
            judge(model, bystander, letters.length);
        }

        private void judge(KernelModel model, Bystander bystander, int length) {
            bystander.walkAnew();
            if (bystander.isAlone()) {
                return;
            }
            leftByWalks++;
            model.collectAll();
            if (bystander.isAlone()) {
                return;
            }
            leftForGood++;
            shortest = shortest == 0 ? length : shortest;
            if (Garbage.of(model.state(), false).unexplained()) {
                unexplained++;
            }
        }
    }

    private static List<Integer> pair(KernelModel model) {
        return ((Done) model.apply(new Syscall.SocketPair(PID, SocketType.STREAM))).values();
    }

    /** A pair in use that passes itself along: so the collector has to walk anew. */
    private static final class Bystander {
        private static final int FILES = 2;

        private final KernelModel model;
        private final Syscall passing;

        Bystander(KernelModel model) {
            this.model = model;
            List<Integer> own = pair(model);
            passing = Syscall.Send.of(PID, own.getLast(), own.getFirst());
            model.apply(passing);
        }

        boolean isAlone() {
            return model.state().files().size() == FILES;
        }

        /** Lets the collector walk anew, as often as that frees files. */
        void walkAnew() {
            int before;
            do {
                before = model.state().files().size();
                model.apply(passing);
                model.trigger();
                collectorFirst();
            } while (model.state().files().size() < before && !isAlone());
        }

        /** One run, then the releases that it brought, but not the run that these ask for. */
        private void collectorFirst() {
            Work collect = new Work.Collect();
            for (List<Work> due = model.work(); due.contains(collect); due = model.work()) {
                model.run(collect);
            }
            for (List<Work> due = model.work(); hasMore(due, collect); due = model.work()) {
                model.run(due.getLast());
            }
        }

        private static boolean hasMore(List<Work> due, Work collect) {
            return !due.isEmpty() && !due.getLast().equals(collect);
        }
    }
}
