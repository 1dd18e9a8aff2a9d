package dev.ringwatch.agent.bpf;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The objects that count events, each loaded and refused by itself. */
public enum EventSource {
    /** Rings made, closed and torn down, overflows and punts: lifecycle.bpf.c. */
    LIFECYCLE(
            "lifecycle",
            EventObject.EVENTS_BYTES + 8 + EventObject.HISTOGRAM_BYTES,
            List.of(
                    "ring_created",
                    "ring_torn_down",
                    "ring_released",
                    "completion_overflowed",
                    "request_punted")),
    /** Runs of the AF_UNIX collector: collector.bpf.c. */
    COLLECTOR(
            "collector",
            EventObject.EVENTS_BYTES + 48 + EventObject.HISTOGRAM_BYTES,
            List.of("run_ends", "run_begins", "run_queued")),
    /** What those runs free: freed.bpf.c. Its record is the collector's. */
    FREED(
            "freed",
            EventObject.EVENTS_BYTES + 48 + EventObject.HISTOGRAM_BYTES,
            List.of("packet_freed")),
    /** Who waits for the collector: waits.bpf.c. Needs fentry. */
    WAITS(
            "waits",
            EventObject.EVENTS_BYTES,
            List.of("wait_ends", "wait_begins", "collection_ends", "collection_begins")),
    /** Requests in flight since when, and refused sends: hot.bpf.c. On the way of every request. */
    HOT(
            "hot",
            EventObject.EVENTS_BYTES,
            List.of(
                    "request_completed",
                    "request_submitted",
                    "entry_submitted",
                    "send_ended",
                    "packet_dropped"));

    private final String label;
    private final int controlBytes;
    private final List<String> attached;

    EventSource(String label, int controlBytes, List<String> attached) {
        this.label = label;
        this.controlBytes = controlBytes;
        this.attached = attached;
    }

    /** The name of the object. */
    public String label() {
        return label;
    }

    String resource() {
        return label + ".bpf.o";
    }

    int controlBytes() {
        return controlBytes;
    }

    /** The programs that are attached, in that order: an end before its beginning. */
    List<String> attached() {
        return attached;
    }

    Map<EventCounter, Long> named(long[] counts) {
        Map<EventCounter, Long> named = new EnumMap<>(EventCounter.class);
        for (EventCounter counter : counters()) {
            named.put(counter, counts[counter.place()]);
        }
        return named;
    }

    /** What it counts of each process. */
    public List<EventCounter> counters() {
        List<EventCounter> all = new ArrayList<>();
        for (EventCounter counter : EventCounter.values()) {
            if (counter.source() == this) {
                all.add(counter);
            }
        }
        return all;
    }
}
