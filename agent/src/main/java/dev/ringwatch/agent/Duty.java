package dev.ringwatch.agent;

import dev.ringwatch.agent.systemd.Notifier;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * What the first thread does while the others work: follows signals, and tells the service manager
 * how the agent is.
 */
final class Duty {
    private static final System.Logger LOG = System.getLogger(Duty.class.getName());
    private static final Duration CLOSING = Duration.ofSeconds(15);

    /** How soon the service manager learns that the agent is ready. */
    private static final Duration IMPATIENT = Duration.ofMillis(50);

    private static final Duration PATIENT = Duration.ofSeconds(1);

    private enum Order {
        RELOAD,
        END
    }

    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Notifier manager;
    private final Agent agent;
    private final Runnable reload;
    private volatile boolean abandoned;
    private boolean ready;
    private String status = "";
    private long turns;
    private long turned = System.nanoTime();

    /**
     * Takes the signals over.
     *
     * @param reload reads the configuration again
     */
    Duty(Notifier manager, Agent agent, Runnable reload) {
        this.manager = manager;
        this.agent = agent;
        this.reload = reload;
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("ringwatch-end").unstarted(this::end));
        if (Signals.register("HUP", () -> orders.add(Order.RELOAD)) == null) {
            LOG.log(System.Logger.Level.WARNING, "SIGHUP will not be seen: the JVM keeps it");
        }
    }

    /** Until the process is told to end. */
    void perform() throws InterruptedException {
        while (true) {
            @Nullable Order order = orders.poll(pause().toMillis(), TimeUnit.MILLISECONDS);
            if (order == Order.END) {
                manager.stopping();
                return;
            }
            if (order == Order.RELOAD) {
                manager.reloading();
                reload.run();
                manager.ready();
            }
            look();
        }
    }

    /** Everything is closed: the process may end. */
    void done() {
        closed.countDown();
    }

    /** The process ends for another reason than that it was told to, and with its own status. */
    void abandon() {
        abandoned = true;
        closed.countDown();
    }

    private Duration pause() {
        Duration pause = ready ? PATIENT : IMPATIENT;
        Duration third = manager.watchdog().orElse(PATIENT.multipliedBy(3)).dividedBy(3);
        return third.compareTo(pause) < 0 ? third : pause;
    }

    private void look() {
        long now = agent.turns();
        if (now != turns) {
            turns = now;
            turned = System.nanoTime();
        }
        if (!ready && now > 0) {
            ready = true;
            manager.ready();
        }
        String line = agent.notReady().orElse("watching");
        if (!line.equals(status)) {
            status = line;
            manager.status(line);
        }
        if (observes()) {
            manager.alive();
        }
    }

    /** An observer that hangs is worth a new start; one that fails says so and tries again. */
    private boolean observes() {
        Duration most =
                agent.interval()
                        .multipliedBy(2)
                        .plus(manager.watchdog().orElse(Duration.ofMinutes(1)));
        return System.nanoTime() - turned < most.toNanos();
    }

    /**
     * Runs when a signal ends the JVM: lets everything be closed in order; the process then ends
     * with status 0, as one that did what it was told.
     */
    private void end() {
        orders.add(Order.END);
        try {
            if (closed.await(CLOSING.toSeconds(), TimeUnit.SECONDS) && !abandoned) {
                Runtime.getRuntime().halt(ExitStatus.OK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
