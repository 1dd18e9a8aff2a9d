package dev.ringwatch.core.graph;

import java.util.Arrays;

/**
 * Numbers keys from 0 in the order they are first seen. Open addressing over flat arrays, about 24
 * bytes a key; the key 0 is not allowed, since it marks a free place. Not for use by more than one
 * thread while keys are added.
 */
public final class LongIndex {
    /** What {@link #get} gives for a key that was never added. */
    public static final int ABSENT = -1;

    private long[] keys;
    private int[] numbers;
    private int size;

    /**
     * @param expected how many keys to have room for at first
     */
    public LongIndex(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected)) * 4;
        keys = new long[capacity];
        numbers = new int[capacity];
    }

    /** How many keys there are; the next new one gets this number. */
    public int size() {
        return size;
    }

    /** The key's number, or {@link #ABSENT}. */
    public int get(long key) {
        int at = place(key);
        return keys[at] == key && key != 0 ? numbers[at] : ABSENT;
    }

    /** All keys, in the order of their numbers. */
    public long[] keys() {
        long[] all = new long[size];
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != 0) {
                all[numbers[i]] = keys[i];
            }
        }
        return all;
    }

    public boolean contains(long key) {
        return get(key) != ABSENT;
    }

    /** Adds the key if it is new, and says whether it was. */
    public boolean add(long key) {
        if (key == 0) {
            throw new IllegalArgumentException("the key 0 is not allowed");
        }
        int at = place(key);
        if (keys[at] == key) {
            return false;
        }
        keys[at] = key;
        numbers[at] = size++;
        if (size * 2 > keys.length) {
            grow();
        }
        return true;
    }

    private int place(long key) {
        int mask = keys.length - 1;
        int at = spread(key) & mask;
        while (keys[at] != 0 && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    /** Addresses share their low bits; a multiplication moves the differing ones down. */
    private static int spread(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32);
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldNumbers = numbers;
        keys = new long[oldKeys.length * 2];
        numbers = Arrays.copyOf(oldNumbers, oldNumbers.length * 2);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int at = place(oldKeys[i]);
                keys[at] = oldKeys[i];
                numbers[at] = oldNumbers[i];
            }
        }
    }
}
