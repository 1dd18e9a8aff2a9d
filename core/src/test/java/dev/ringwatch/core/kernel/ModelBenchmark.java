package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.Outcome.Done;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How many steps a second the model takes in a big state, by hand: {@code java -cp
 * target/classes:target/test-classes dev.ringwatch.core.kernel.ModelBenchmark [files]}. Each kind of
 * step is measured by itself, all in a random order of sockets, and then all of them mixed.
 */
public final class ModelBenchmark {
    private static final int PID = 1;
    private static final int ROUNDS = 9;
    private static final int STEPS = 200_000;

    private final KernelModel model;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<int[]> pairs = new ArrayList<>();
    private final int ring;

    /** One kind of step; gives how many calls it made. */
    private interface Kind {
        int step(int[] pair);
    }

    private ModelBenchmark(KernelEra era, int files) {
        model = new KernelModel(era);
        model.apply(new Syscall.SetLimit(PID, 1 << 20));
        ring = done(new Syscall.SetupRing(PID)).getFirst();
        model.apply(new Syscall.RegisterFiles(PID, ring, List.of(ring + 1, Syscall.EMPTY)));
        for (int i = 0; i < files / 2; i++) {
            pairs.add(pair());
        }
        for (int[] pair : pairs) {
            int[] other = pairs.get(random.nextInt(pairs.size()));
            model.apply(Syscall.Send.of(PID, pair[1], other[0], other[1]));
        }
    }

    /** Takes the number of open files, by default ten thousand. */
    public static void main(String[] args) {
        int files = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        ModelBenchmark benchmark = new ModelBenchmark(KernelEra.current(), files);
        System.out.printf(
                "%d files, %d in flight%n",
                benchmark.model.state().files().size(), benchmark.model.state().inFlight());
        benchmark.measure("send a descriptor, receive it, close it", benchmark::sendAndReceive);
        benchmark.measure("dup and close", benchmark::dupAndClose);
        benchmark.measure("poll and cancel", benchmark::pollAndCancel);
        benchmark.measure("write and read", benchmark::writeAndRead);
        benchmark.measure("close a pair, make another", benchmark::replace);
        benchmark.measure("all mixed", benchmark::mixed);
        for (String era : List.of("current", "classic-worker")) {
            for (int times : new int[] {1, 2, 4}) {
                closeAndCollect(KernelEra.named(era).orElseThrow(), files * times);
            }
        }
    }

    /** Linear if twice the files take twice the time. */
    private static void closeAndCollect(KernelEra era, int files) {
        long[] millis = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            ModelBenchmark fresh = new ModelBenchmark(era, files);
            long begin = System.nanoTime();
            fresh.model.apply(new Syscall.Exit(PID));
            fresh.model.collectAll();
            millis[round] = (System.nanoTime() - begin) / 1_000_000;
        }
        Arrays.sort(millis);
        System.out.printf(
                "%-42s median %d ms%n",
                "exit and collect, %s, %d files".formatted(era.name(), files), millis[ROUNDS / 2]);
    }

    private void measure(String what, Kind kind) {
        double[] rates = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long calls = 0;
            long begin = System.nanoTime();
            while (calls < STEPS) {
                calls += kind.step(pairs.get(random.nextInt(pairs.size())));
            }
            rates[round] = calls * 1e3 / (System.nanoTime() - begin);
        }
        Arrays.sort(rates);
        System.out.printf(
                Locale.ROOT,
                "%-42s median %.2f, quartiles %.2f to %.2f million steps a second%n",
                what,
                rates[ROUNDS / 2],
                rates[ROUNDS / 4],
                rates[ROUNDS * 3 / 4]);
    }

    private int mixed(int[] pair) {
        return switch (random.nextInt(5)) {
            case 0 -> sendAndReceive(pair);
            case 1 -> dupAndClose(pair);
            case 2 -> pollAndCancel(pair);
            case 3 -> writeAndRead(pair);
            default -> replace(pair);
        };
    }

    private int sendAndReceive(int[] pair) {
        int other = pairs.get(random.nextInt(pairs.size()))[0];
        done(Syscall.Send.of(PID, pair[1], other));
        List<Integer> received = done(Syscall.Receive.of(PID, pair[0]));
        received.subList(2, received.size()).forEach(fd -> done(new Syscall.Close(PID, fd)));
        return received.size();
    }

    private int dupAndClose(int[] pair) {
        int fd = done(new Syscall.Dup(PID, pair[0])).getFirst();
        done(new Syscall.Close(PID, fd));
        return 2;
    }

    private int pollAndCancel(int[] pair) {
        Request poll = new Request.Poll(new Request.Target.Fd(pair[1]));
        int request = done(new Syscall.Submit(PID, ring, poll)).getFirst();
        done(new Syscall.Submit(PID, ring, new Request.Cancel(request)));
        done(new Syscall.Reap(PID, ring));
        done(new Syscall.Reap(PID, ring));
        return 4;
    }

    private int writeAndRead(int[] pair) {
        done(new Syscall.Write(PID, pair[0], 1));
        done(new Syscall.Read(PID, pair[1], 1));
        return 2;
    }

    private int replace(int[] pair) {
        done(new Syscall.Close(PID, pair[0]));
        done(new Syscall.Close(PID, pair[1]));
        int[] made = pair();
        pair[0] = made[0];
        pair[1] = made[1];
        return 3;
    }

    private int[] pair() {
        List<Integer> fds = done(new Syscall.SocketPair(PID, SocketType.STREAM));
        return new int[] {fds.getFirst(), fds.getLast()};
    }

    private List<Integer> done(Syscall call) {
        if (model.apply(call) instanceof Done(List<Integer> values)) {
            return values;
        }
        throw new IllegalStateException(call + " was refused");
    }
}
