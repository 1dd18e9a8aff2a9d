package dev.ringwatch.uring.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations in flight, each at an index with a generation, and each with its room in one slab.
 *
 * <p>What a completion carries is generation and index: one that comes late for an index used again
 * finds another generation, and nobody. Generations begin at 1, so that no operation has user data
 * 0, and stay positive, so that none has a negative one.
 *
 * <p>Grows up to its limit by doubling; memory in use never moves. The loop's thread only.
 */
final class OperationTable {
    private static final int FIRST = 64;

    private final Arena arena;
    private final int limit;
    private @Nullable LoopOperation[] operations = new LoopOperation[0];
    private MemorySegment[] rooms = new MemorySegment[0];
    private int[] generations = new int[0];
    private int[] free = new int[0];
    private int freeCount;

    /**
     * An empty table.
     *
     * @param arena where its slab is allocated
     * @param limit the most operations
     */
    OperationTable(Arena arena, int limit) {
        this.arena = arena;
        this.limit = limit;
    }

    int size() {
        return operations.length - freeCount;
    }

    int room() {
        return limit - size();
    }

    /** Adds one and returns its user data. There must be room. */
    long add(LoopOperation operation) {
        if (freeCount == 0) {
            grow();
        }
        int index = free[--freeCount];
        operations[index] = operation;
        return (long) generations[index] << 32 | index;
    }

    /** The operation that a completion is about, or null if it is nobody's. */
    @Nullable LoopOperation find(long userData) {
        int index = (int) userData;
        if (index < 0 || index >= operations.length || userData >>> 32 != generations[index]) {
            return null;
        }
        return operations[index];
    }

    /** The room of the operation with this user data. */
    MemorySegment room(long userData) {
        return rooms[(int) userData];
    }

    /** Takes one out after its last completion. */
    void remove(long userData) {
        int index = (int) userData;
        operations[index] = null;
        generations[index] = generations[index] == Integer.MAX_VALUE ? 1 : generations[index] + 1;
        free[freeCount++] = index;
    }

    List<LoopOperation> all() {
        List<LoopOperation> all = new ArrayList<>();
        for (LoopOperation operation : operations) {
            if (operation != null) {
                all.add(operation);
            }
        }
        return all;
    }

    private void grow() {
        int before = operations.length;
        int after = Math.min(limit, Math.max(FIRST, 2 * before));
        MemorySegment slab =
                arena.allocate((long) (after - before) * LoopOperation.ROOM, LoopOperation.ROOM);
        operations = Arrays.copyOf(operations, after);
        rooms = Arrays.copyOf(rooms, after);
        generations = Arrays.copyOf(generations, after);
        free = Arrays.copyOf(free, after);
        for (int index = after - 1; index >= before; index--) {
            long at = (long) (index - before) * LoopOperation.ROOM;
            rooms[index] = slab.asSlice(at, LoopOperation.ROOM);
            generations[index] = 1;
            free[freeCount++] = index;
        }
    }
}
