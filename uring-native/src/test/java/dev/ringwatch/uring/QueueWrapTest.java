package dev.ringwatch.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The index arithmetic where 32 bits wrap. The test plays the kernel in plain memory: the counters of
 * a real ring begin at 0, and 2^31 operations would take minutes.
 */
class QueueWrapTest {
    private static final int ENTRIES = 4;
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int SQ_FLAGS = 8;
    private static final int CQ_HEAD = 64;
    private static final int CQ_TAIL = 68;
    private static final int CQ_OVERFLOW = 72;
    private static final int CQES = 128;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment ring = arena.allocate(CQES + ENTRIES * CqeLayout.SIZE, 64);
    private final MemorySegment sqes = arena.allocate(ENTRIES * SqeLayout.SIZE, 64);
    private final MemorySegment params = params();

    @ParameterizedTest
    @ValueSource(
            ints = {0, -1, -2, -3, Integer.MAX_VALUE, Integer.MAX_VALUE - 2, Integer.MIN_VALUE})
    void aSubmissionQueueFillsAndEmptiesAcrossTheWrap(int start) {
        ring.set(JAVA_INT, SQ_HEAD, start);
        ring.set(JAVA_INT, SQ_TAIL, start);
        SubmissionQueue queue = new SubmissionQueue(ring, sqes, params, SqeLayout.SIZE);

        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < ENTRIES; i++) {
                assertEquals(ENTRIES - i, queue.room());
                queue.put(new Operation.Nop(), i, 0);
            }
            assertThrows(IllegalStateException.class, () -> queue.put(new Operation.Nop(), 9, 0));
            assertEquals(ENTRIES, queue.unpublished());
            queue.publish();
            int tail = start + (round + 1) * ENTRIES;
            assertEquals(tail, ring.get(JAVA_INT, SQ_TAIL));
            assertEquals(ENTRIES, queue.waiting());
            ring.set(JAVA_INT, SQ_HEAD, tail);
            assertEquals(0, queue.waiting());
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, -1, -2, -3, Integer.MAX_VALUE, Integer.MAX_VALUE - 2, Integer.MIN_VALUE})
    void aCompletionQueueIsDrainedAcrossTheWrap(int start) {
        ring.set(JAVA_INT, CQ_HEAD, start);
        ring.set(JAVA_INT, CQ_TAIL, start);
        CompletionQueue queue = new CompletionQueue(ring, params, CqeLayout.SIZE, false);
        List<Long> seen = new ArrayList<>();

        for (int i = 0; i < 3 * ENTRIES; i += 3) {
            for (int j = i; j < i + 3; j++) {
                complete(start + j, j);
            }
            assertEquals(3, queue.ready());
            assertEquals(2, queue.drain(2, (userData, r, f) -> seen.add(userData)));
            assertEquals(start + i + 2, ring.get(JAVA_INT, CQ_HEAD));
            assertEquals(1, queue.drain(99, (userData, r, f) -> seen.add(userData)));
            assertEquals(0, queue.ready());
        }
        assertEquals(LongStream.range(0, 3 * ENTRIES).boxed().toList(), seen);
        assertEquals(3 * ENTRIES, queue.finished());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5})
    void aVisitorThatThrowsHasTakenItsCompletion(int start) {
        ring.set(JAVA_INT, CQ_HEAD, start);
        complete(start, 1);
        complete(start + 1, 2);
        CompletionQueue queue = new CompletionQueue(ring, params, CqeLayout.SIZE, false);
        assertThrows(
                ArithmeticException.class,
                () ->
                        queue.drain(
                                9,
                                (userData, r, f) -> {
                                    throw new ArithmeticException();
                                }));
        assertEquals(start + 1, ring.get(JAVA_INT, CQ_HEAD));
        assertEquals(1, queue.ready());
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128})
    void nothingOfAnEarlierEntryRemains(int size) {
        MemorySegment dirty = arena.allocate((long) ENTRIES * size, 64);
        dirty.fill((byte) 0xff);
        SubmissionQueue queue = new SubmissionQueue(ring, dirty, params, size);
        queue.put(new Operation.PollAdd(Target.slot(3), 1, false), 7, SqeLayout.IO_LINK);

        assertEquals(SqeLayout.OP_POLL_ADD, dirty.get(JAVA_BYTE, SqeLayout.OPCODE));
        assertEquals(
                SqeLayout.FIXED_FILE | SqeLayout.IO_LINK, dirty.get(JAVA_BYTE, SqeLayout.FLAGS));
        assertEquals(3, dirty.get(JAVA_INT, SqeLayout.FD));
        assertEquals(0, dirty.get(JAVA_LONG, SqeLayout.OFF));
        assertEquals(0, dirty.get(JAVA_LONG, SqeLayout.ADDR));
        assertEquals(1, dirty.get(JAVA_INT, SqeLayout.OP_FLAGS));
        assertEquals(7, dirty.get(JAVA_LONG, SqeLayout.USER_DATA));
        for (int at = SqeLayout.BUF_INDEX; at < size; at += 8) {
            assertEquals(0, dirty.get(JAVA_LONG, at));
        }
        assertEquals(-1, dirty.get(JAVA_LONG, size));
    }

    private void complete(int tail, long userData) {
        long at = CQES + (long) (tail & (ENTRIES - 1)) * CqeLayout.SIZE;
        ring.set(JAVA_LONG, at + CqeLayout.USER_DATA, userData);
        ring.set(JAVA_INT, at + CqeLayout.FLAGS, 0);
        ring.set(JAVA_INT, CQ_TAIL, tail + 1);
    }

    private MemorySegment params() {
        MemorySegment filled = arena.allocate(ParamsLayout.SIZE, 8);
        filled.set(JAVA_INT, ParamsLayout.SQ_ENTRIES, ENTRIES);
        filled.set(JAVA_INT, ParamsLayout.CQ_ENTRIES, ENTRIES);
        filled.set(JAVA_INT, ParamsLayout.SQ_OFF_HEAD, SQ_HEAD);
        filled.set(JAVA_INT, ParamsLayout.SQ_OFF_TAIL, SQ_TAIL);
        filled.set(JAVA_INT, ParamsLayout.SQ_OFF_FLAGS, SQ_FLAGS);
        filled.set(JAVA_INT, ParamsLayout.CQ_OFF_HEAD, CQ_HEAD);
        filled.set(JAVA_INT, ParamsLayout.CQ_OFF_TAIL, CQ_TAIL);
        filled.set(JAVA_INT, ParamsLayout.CQ_OFF_OVERFLOW, CQ_OVERFLOW);
        filled.set(JAVA_INT, ParamsLayout.CQ_OFF_CQES, CQES);
        return filled;
    }
}
