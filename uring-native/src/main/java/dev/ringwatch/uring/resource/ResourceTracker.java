package dev.ringwatch.uring.resource;

import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps account of what is open: rings, operations, leases, slots, descriptors, groups of buffers.
 *
 * <p>How many are open is kept always. {@link #level} says what else; {@code -Dringwatch.leaks=off},
 * {@code simple} (what holds if nothing is said) or {@code full} says it at the start. A resource
 * that the program can no longer reach and has not closed is reported once to the listeners, the
 * first of which logs a warning with the stack of its opening.
 *
 * <p>Safe for use by many threads.
 */
public final class ResourceTracker {
    /** The system property that gives the level. */
    public static final String PROPERTY = "ringwatch.leaks";

    /** At level SIMPLE, one in so many is kept with its stack; a power of two. */
    public static final int SAMPLE = 64;

    private static final System.Logger LOGGER = System.getLogger("dev.ringwatch.uring.leaks");
    private static final ResourceTracker GLOBAL =
            logging(System.getProperty(PROPERTY, TrackingLevel.SIMPLE.name()));

    private final Account[] accounts = new Account[ResourceKind.values().length];
    private final Set<Followed> followed = ConcurrentHashMap.newKeySet();
    private final List<LeakListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger untilSample = new AtomicInteger();
    private final Cleaner cleaner =
            Cleaner.create(Thread.ofPlatform().name("ringwatch-leaks").daemon().factory());
    private volatile TrackingLevel level;

    /** Makes a tracker of its own, without listeners. */
    public ResourceTracker(TrackingLevel level) {
        this.level = level;
        for (int i = 0; i < accounts.length; i++) {
            accounts[i] = new Account();
        }
    }

    /** The one that the rings, descriptors and buffers of this process are kept by. */
    public static ResourceTracker global() {
        return GLOBAL;
    }

    /** What is kept of resources opened from now on. */
    public TrackingLevel level() {
        return level;
    }

    /** Changes what is kept of resources opened from now on. */
    public void level(TrackingLevel now) {
        level = now;
    }

    /** Adds a listener. */
    public void addListener(LeakListener listener) {
        listeners.add(listener);
    }

    /** Takes away a listener that was added. */
    public void removeListener(LeakListener listener) {
        listeners.remove(listener);
    }

    /**
     * Something was opened.
     *
     * @return to be closed with it, once
     */
    public Ticket opened(ResourceKind kind, String description) {
        Account account = account(kind);
        account.opened.increment();
        return level == TrackingLevel.OFF
                ? account.uncount
                : add(new Followed(this, kind, description, isSampled(), account.uncount::close));
    }

    /**
     * Something was opened that an object stands for: if that becomes unreachable first, it leaked.
     *
     * @param noun what it is, with the number behind
     * @param owner not reachable from the ticket
     * @return to be closed with it, once
     */
    public Ticket opened(ResourceKind kind, String noun, int number, Object owner) {
        Account account = account(kind);
        account.opened.increment();
        if (level == TrackingLevel.OFF) {
            return account.uncount;
        }
        String text = noun + " " + number;
        Followed ticket = add(new Followed(this, kind, text, isSampled(), account.uncount::close));
        ticket.watch(cleaner, owner);
        return ticket;
    }

    /** Whether the one that is opened now is to be followed: all of them, one in so many, or none. */
    public boolean samples() {
        return level != TrackingLevel.OFF && isSampled();
    }

    /** Follows, with its stack, one of those that a {@link Tally} counts. */
    public Ticket follow(ResourceKind kind, String description) {
        return add(new Followed(this, kind, description, true, () -> {}));
    }

    /** Counts what one owner opens and closes. */
    public Tally tally(ResourceKind kind) {
        Tally tally = new Tally(this, kind);
        account(kind).tallies.add(tally);
        return tally;
    }

    /** How many of a kind are open, leaked ones among them. */
    public long open(ResourceKind kind) {
        Account account = account(kind);
        long open = account.opened.sum() - account.closed.sum();
        for (Tally tally : account.tallies) {
            open += tally.open();
        }
        return open;
    }

    /** How many of a kind the program can no longer close. */
    public long leaked(ResourceKind kind) {
        return account(kind).leaked.sum();
    }

    /** What is open, reachable as far as is known, and followed; the oldest first. */
    public List<OpenResource> open() {
        return followed.stream()
                .map(Followed::resource)
                .sorted(Comparator.comparing(OpenResource::age).reversed())
                .toList();
    }

    void ended(Followed ticket) {
        followed.remove(ticket);
    }

    void ended(Tally tally) {
        account(tally.kind()).tallies.remove(tally);
    }

    void leaked(OpenResource resource) {
        account(resource.kind()).leaked.increment();
        for (LeakListener listener : listeners) {
            try {
                listener.leaked(resource);
            } catch (RuntimeException e) {
                LOGGER.log(Level.ERROR, "a leak listener failed on " + resource, e);
            }
        }
    }

    private Account account(ResourceKind kind) {
        return accounts[kind.ordinal()];
    }

    private boolean isSampled() {
        return level == TrackingLevel.FULL || (untilSample.getAndIncrement() & (SAMPLE - 1)) == 0;
    }

    private Followed add(Followed ticket) {
        followed.add(ticket);
        return ticket;
    }

    /** One that logs, at the level named; an unknown name is said and means SIMPLE. */
    static ResourceTracker logging(String level) {
        ResourceTracker tracker = new ResourceTracker(levelOf(level));
        tracker.addListener(ResourceTracker::log);
        tracker.addListener(LeakEvent::record);
        return tracker;
    }

    private static void log(OpenResource leaked) {
        String text = "leaked, for it was not closed and is out of reach: " + leaked;
        if (leaked.opened().isPresent()) {
            LOGGER.log(Level.WARNING, text, leaked.opened().get());
        } else {
            LOGGER.log(
                    Level.WARNING, text + "; -D" + PROPERTY + "=full tells where each was opened");
        }
    }

    private static TrackingLevel levelOf(String text) {
        try {
            return TrackingLevel.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            LOGGER.log(
                    Level.WARNING,
                    PROPERTY + " is off, simple or full, not " + text + "; simple holds");
            return TrackingLevel.SIMPLE;
        }
    }

    /** The numbers of one kind. */
    private static final class Account {
        final LongAdder opened = new LongAdder();
        final LongAdder closed = new LongAdder();
        final LongAdder leaked = new LongAdder();
        final List<Tally> tallies = new CopyOnWriteArrayList<>();

        /** The ticket of each of which nothing else is kept. */
        final Ticket uncount = closed::increment;
    }
}
