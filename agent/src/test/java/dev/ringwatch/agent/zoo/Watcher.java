package dev.ringwatch.agent.zoo;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.observe.Observer;
import java.time.InstantSource;

/** A program that has loaded everything there is, and keeps it until its input ends. */
public final class Watcher {
    private Watcher() {}

    static Observer open() throws Exception {
        return Observer.open(
                Observer.Choice.BPF,
                InstantSource.system(),
                BpfSnapshots.DEFAULT_MAX_TABLE_BYTES,
                EventOptions.ALL);
    }

    /** Looks once. */
    public static void main(String[] args) throws Exception {
        try (Observer observer = open()) {
            observer.observe();
            System.out.println(Zoo.READY);
            System.out.flush();
            while (System.in.read() >= 0) {
                // until whoever started this closes its end
            }
        }
    }
}
