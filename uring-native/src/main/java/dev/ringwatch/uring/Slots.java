package dev.ringwatch.uring;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Ticket;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The states of a table's slots, as the program and the kernel's tags tell them. Owner only. */
final class Slots {
    private final Tags tags;
    private final Tags.Table table;
    private int capacity;
    private final int since;
    private final BitSet used = new BitSet();
    private final BitSet reserved = new BitSet();

    /** By slot: the tag of what is in it. */
    private long[] current;

    /** By slot: tags the kernel has, for what is in it and for what was. */
    private int[] live;

    /** The tickets of those used slots that are followed. */
    private final Map<Integer, Ticket> tickets = new HashMap<>();

    private int draining;

    /** No slot below is free. */
    private int firstFree;

    Slots(Tags tags, Tags.Table table, int capacity) {
        this.tags = tags;
        this.table = table;
        this.capacity = capacity;
        since = tags.serial();
        current = new long[capacity];
        live = new int[capacity];
    }

    Tags.Table table() {
        return table;
    }

    int capacity() {
        return capacity;
    }

    int used() {
        return used.cardinality();
    }

    /** The first used slot from here on, or -1. */
    int nextUsed(int from) {
        return used.nextSetBit(from);
    }

    /** Slots without anything in them that operations still use. */
    int draining() {
        return draining;
    }

    SlotState state(int slot) {
        require(slot);
        if (used.get(slot)) {
            return SlotState.USED;
        }
        if (live[slot] > 0) {
            return SlotState.DRAINING;
        }
        return reserved.get(slot) ? SlotState.RESERVED : SlotState.FREE;
    }

    /**
     * The lowest free slot.
     *
     * @throws IllegalStateException if there is none
     */
    int free() {
        while (firstFree < capacity && state(firstFree) != SlotState.FREE) {
            firstFree++;
        }
        if (firstFree == capacity) {
            throw new IllegalStateException(
                    "none of the "
                            + capacity
                            + " slots is free: "
                            + used()
                            + " are used, "
                            + draining
                            + " are drained and "
                            + reserved.cardinality()
                            + " reserved; empty one, drain the ring until one is free, or register a"
                            + " larger table");
        }
        return firstFree;
    }

    /** A tag for what will be put into a slot. */
    long nextTag(int slot) {
        return tags.next(table, slot);
    }

    void reserve(int slot) {
        reserved.set(slot);
    }

    void unreserve(int slot) {
        require(slot);
        if (!reserved.get(slot)) {
            throw new IllegalStateException("slot " + slot + " is not reserved");
        }
        reserved.clear(slot);
        firstFree = Math.min(firstFree, slot);
    }

    /** Something is in the slot; {@link Tags#NONE} if the kernel was given no tag for it. */
    void filled(int slot, long tag) {
        if (state(slot) == SlotState.DRAINING) {
            draining--;
        }
        if (!used.get(slot)) {
            used.set(slot);
            opened(slot);
        }
        reserved.clear(slot);
        current[slot] = tag;
        if (tag != Tags.NONE) {
            live[slot]++;
            tags.given();
        }
    }

    /** Nothing is in the slot any more. */
    void emptied(int slot) {
        if (used.get(slot)) {
            used.clear(slot);
            closed(slot);
            current[slot] = Tags.NONE;
            if (live[slot] > 0) {
                draining++;
            } else {
                firstFree = Math.min(firstFree, slot);
            }
        }
    }

    /** The kernel lets go of what had this tag. */
    void arrived(long tag) {
        int slot = Tags.slot(tag);
        if (slot >= capacity || !Tags.isAfter(tag, since)) {
            return; // of a table that was unregistered before this one came
        }
        if (current[slot] == tag) {
            emptied(slot); // an operation took it out
        }
        live[slot]--;
        if (live[slot] == 0 && !used.get(slot)) {
            draining--;
            firstFree = Math.min(firstFree, slot);
        }
    }

    /** The table is gone. */
    void ended() {
        tickets.values().forEach(Ticket::close);
        tickets.clear();
    }

    private void opened(int slot) {
        if (tags.tally().opened()) {
            String what = table.noun() + " slot " + slot;
            tickets.put(slot, ResourceTracker.global().follow(ResourceKind.SLOT, what));
        }
    }

    private void closed(int slot) {
        tags.tally().closed();
        if (!tickets.isEmpty() && tickets.containsKey(slot)) {
            tickets.remove(slot).close();
        }
    }

    /** The table has more slots. */
    void grow(int slots) {
        capacity = slots;
        current = Arrays.copyOf(current, slots);
        live = Arrays.copyOf(live, slots);
    }

    void require(int slot) {
        if (slot < 0 || slot >= capacity) {
            throw new IndexOutOfBoundsException("slot " + slot + " of a table of " + capacity);
        }
    }
}
