package dev.ringwatch.agent.config;

import dev.ringwatch.agent.bpf.EventOptions;
import dev.ringwatch.agent.bpf.EventSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the agent may do beyond looking at its interval; each is an eBPF object of its own.
 *
 * @param lifecycle counts rings made and torn down
 * @param collector times the kernel's collector and says who caused it
 * @param freed counts what the collector frees
 * @param hot times each request of each ring
 * @param stacks keeps where files were registered and sent
 */
public record Features(
        Switch lifecycle, Switch collector, Switch freed, Switch hot, Switch stacks) {

    /** What costs nothing while nothing rare happens is on where it works. */
    public static final Features DEFAULT =
            new Features(Switch.AUTO, Switch.AUTO, Switch.AUTO, Switch.OFF, Switch.OFF);

    /** The objects to be loaded. */
    public EventOptions events(int maxActors) {
        Set<EventSource> sources = objects(s -> s != Switch.OFF);
        if (collector != Switch.OFF) {
            sources.add(EventSource.WAITS);
        }
        return new EventOptions(sources, maxActors);
    }

    /** The objects without which the agent is not to start. */
    public Set<EventSource> required() {
        return objects(s -> s == Switch.ON);
    }

    private Set<EventSource> objects(Predicate<Switch> wanted) {
        Set<EventSource> objects = EnumSet.noneOf(EventSource.class);
        for (EventSource source : EventSource.values()) {
            if (wanted.test(of(source))) {
                objects.add(source);
            }
        }
        return objects;
    }

    private Switch of(EventSource source) {
        return switch (source) {
            case LIFECYCLE -> lifecycle;
            case COLLECTOR -> collector;
            case FREED -> freed;
            case WAITS -> Switch.OFF; // comes with the collector, and is never required
            case HOT -> hot == Switch.AUTO ? Switch.OFF : hot; // it is never cheap
        };
    }

    /** The same with stacks kept or not. */
    public Features withStacks(Switch other) {
        return new Features(lifecycle, collector, freed, hot, other);
    }

    static Features read(Keys keys) {
        Features d = DEFAULT;
        return new Features(
                keys.feature("lifecycle", "Counts rings made and torn down.", d.lifecycle),
                keys.feature("collector", "Times the kernel's collector.", d.collector),
                keys.feature("freed", "Counts what the collector frees.", d.freed),
                keys.feature("hot", "Times each request of each ring.", d.hot),
                keys.feature("stacks", "Keeps where files were registered and sent.", d.stacks));
    }
}
