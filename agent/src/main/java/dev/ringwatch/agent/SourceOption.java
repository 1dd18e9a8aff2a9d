package dev.ringwatch.agent;

import dev.ringwatch.agent.bpf.BpfSnapshots;
import dev.ringwatch.agent.bpf.BpfUnavailableException;
import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.observe.Observation;
import dev.ringwatch.agent.observe.ObservationException;
import dev.ringwatch.agent.observe.Observer;
import java.time.InstantSource;
import picocli.CommandLine.Option;

/** Where a one-shot command looks, and how it opens that. */
final class SourceOption {
    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            defaultValue = "auto",
            description =
                    "auto (eBPF, or /proc where that is refused), bpf, or proc. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Observer.Choice source = Observer.Choice.AUTO;

    Observer.Choice source() {
        return source;
    }

    /** Opens the source; says on stderr when it is not the best. */
    Observer open() {
        Observer observer = open(source, BpfSnapshots.DEFAULT_MAX_TABLE_BYTES);
        if (source == Observer.Choice.AUTO) {
            observer.whyNoBpf()
                    .ifPresent(why -> System.err.println("ringwatch: reading /proc only: " + why));
        }
        return observer;
    }

    static Observer open(Observer.Choice choice, long maxTableBytes) {
        return open(choice, maxTableBytes, EventOptions.RINGS);
    }

    static Observer open(Observer.Choice choice, long maxTableBytes, EventOptions events) {
        try {
            return Observer.open(choice, InstantSource.system(), maxTableBytes, events);
        } catch (BpfUnavailableException e) {
            throw new CliException("eBPF can't be used here: " + e.line());
        }
    }

    static Observation observe(Observer observer) {
        try {
            return observer.observe();
        } catch (ObservationException e) {
            throw new CliException(e.line());
        }
    }
}
