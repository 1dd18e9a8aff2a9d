package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.SubmissionEntry;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live: what a flight recording has of loops. */
@Timeout(60)
class FlightRecordingTest {
    private static final String PREFIX = "dev.ringwatch.uring.";

    @Test
    void aSlowOperationIsRecordedAndAWaitingOneIsNot() throws Exception {
        BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();
        try (RecordingStream recording = record("SlowOperation", events);
                OwnedFd event = Fds.eventFd(0, 0);
                Arena arena = Arena.ofShared();
                RingLoop loop = RingLoop.start(LoopOptions.defaults().withName("recorded"))) {
            recording.startAsync();
            MemorySegment count = arena.allocate(8, 8);
            loop.submit("nop", SubmissionEntry::nop).get(); // from its next turn on it measures
            Job.Entry read = entry -> entry.read(event.number(), count.address(), 8, -1);
            ReadyCall ready = new ReadyCall(event.number(), ReadyCall.IN, () -> 0);
            for (Job job :
                    List.of(
                            new Job("a read that waits for a writer", read, ready),
                            Job.onRing("a read that should be quick", read))) {
                loop.schedule(Duration.ofMillis(30), () -> write(event));
                new RingEngine(loop).run(job);
                assertEquals(8, job.raw());
            }
            RecordedEvent recorded = events.poll(20, TimeUnit.SECONDS);
            assertEquals("recorded", recorded.getString("ring"));
            assertEquals("a read that should be quick", recorded.getString("operation"));
            assertEquals(8, recorded.getInt("result"));
            assertTrue(recorded.getDuration("took").toMillis() >= 10);
            assertTrue(events.isEmpty());
        }
    }

    @Test
    void anOverflowEpisodeIsRecordedWithItsDuration() throws Exception {
        BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();
        LoopOptions small = LoopOptions.defaults().withName("small").withEntries(64, 64);
        try (RecordingStream recording = record("Overflow", events);
                RingLoop loop = RingLoop.start(small)) {
            recording.startAsync();
            CountDownLatch done = new CountDownLatch(500);
            // All in one turn: nothing is taken from a queue of 64 while 500 complete.
            loop.execute(
                    () -> {
                        for (int i = 0; i < 500; i++) {
                            loop.submit(new Nop(done));
                        }
                    });
            assertTrue(done.await(20, TimeUnit.SECONDS));
            RecordedEvent recorded = events.poll(20, TimeUnit.SECONDS);
            assertEquals("small", recorded.getString("ring"));
            assertEquals(0, recorded.getLong("lost"));
            assertTrue(loop.statistics().overflowEpisodes() > 0);
        }
    }

    private static RecordingStream record(String name, BlockingQueue<RecordedEvent> into) {
        RecordingStream recording = new RecordingStream();
        recording.enable(PREFIX + name);
        recording.onEvent(PREFIX + name, into::add);
        recording.setReuse(false);
        return recording;
    }

    private static void write(OwnedFd event) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(8, 8);
            one.set(ValueLayout.JAVA_LONG, 0, 1);
            Fds.write(event.number(), one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing, counted down. */
    private static final class Nop extends LoopOperation {
        private final CountDownLatch done;

        Nop(CountDownLatch done) {
            this.done = done;
        }

        @Override
        protected void write(SubmissionEntry entry, MemorySegment room) {
            entry.nop();
        }

        @Override
        protected void completed(int result, int flags) {
            done.countDown();
        }
    }
}
