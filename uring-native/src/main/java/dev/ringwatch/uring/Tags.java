package dev.ringwatch.uring;

import dev.ringwatch.uring.resource.ResourceKind;
import dev.ringwatch.uring.resource.ResourceTracker;
import dev.ringwatch.uring.resource.Tally;
import java.util.Optional;

/**
 * Which user data is the ring's own, and where the completions go that tell of the end of what was
 * in a slot.
 *
 * <p>A file or buffer put into a slot gets a tag. Taken out of the slot, it is still used by the
 * operations that began with it; when the last has ended, the kernel posts a completion with the tag
 * as user data. A tag is 0xffff, a bit 0, the table's bit, 26 bits that count and 20 bits for the
 * slot: the kernel's tables have at most 2^20. 0xffff and a bit 1 is for operations that the ring
 * submits by itself.
 *
 * <p>Source: io_uring_register(2), IORING_REGISTER_FILES2.
 */
final class Tags {
    /** Which table a tag is of. */
    enum Table {
        FILES("file"),
        BUFFERS("buffer");

        private final String noun;

        Table(String noun) {
            this.noun = noun;
        }

        /** What is in a slot. */
        String noun() {
            return noun;
        }
    }

    /** The tag of what has none. */
    static final long NONE = 0;

    /** User data from here to -1 is for operations of the ring itself. */
    static final long OWN = 0xffff_8000_0000_0000L;

    private static final int PREFIX_SHIFT = 47;
    private static final long PREFIX = 0xffff_0000_0000_0000L >>> PREFIX_SHIFT;
    private static final int TABLE_SHIFT = 46;
    private static final int SERIAL_SHIFT = 20;
    private static final int SERIALS = (1 << (TABLE_SHIFT - SERIAL_SHIFT)) - 1;
    private static final int SLOTS = (1 << SERIAL_SHIFT) - 1;

    private Slots files = new Slots(this, Table.FILES, 0);
    private Slots buffers = new Slots(this, Table.BUFFERS, 0);
    private final Tally tally = ResourceTracker.global().tally(ResourceKind.SLOT);
    private int serial;
    private int live;

    /** Whether user data is reserved for the ring. */
    static boolean isReserved(long userData) {
        return userData >>> 48 == 0xffff;
    }

    static boolean isTag(long userData) {
        return userData >>> PREFIX_SHIFT == PREFIX;
    }

    static int slot(long tag) {
        return (int) (tag & SLOTS);
    }

    /** Whether completions with tags may come. */
    boolean expected() {
        return live > 0;
    }

    /** A table was registered; tags of the one before no longer concern it. */
    void use(Slots slots) {
        switch (slots.table()) {
            case FILES -> files = slots;
            case BUFFERS -> buffers = slots;
        }
    }

    /** File slots in use. */
    int filesUsed() {
        return files.used();
    }

    /** The slots in use, for a message. */
    Optional<String> inUse() {
        int count = files.used() + buffers.used();
        return count == 0
                ? Optional.empty()
                : Optional.of(files.used() + " file slots, " + buffers.used() + " buffer slots");
    }

    /** The ring is gone, and with it its tables. */
    void ended() {
        tally.end();
        files.ended();
        buffers.ended();
    }

    /** Counts slots in use. */
    Tally tally() {
        return tally;
    }

    /** A new tag. */
    long next(Table table, int slot) {
        serial = (serial + 1) & SERIALS;
        return (PREFIX << PREFIX_SHIFT)
                | ((long) table.ordinal() << TABLE_SHIFT)
                | ((long) serial << SERIAL_SHIFT)
                | slot;
    }

    /** The kernel was given a tag and will post it. */
    void given() {
        live++;
    }

    /** The kernel posted a tag. */
    void arrived(long tag) {
        live--;
        boolean isFile = ((tag >>> TABLE_SHIFT) & 1) == Table.FILES.ordinal();
        (isFile ? files : buffers).arrived(tag);
    }

    /** A number that later tags are above. */
    int serial() {
        return serial;
    }

    /** Whether a tag was made after {@link #serial()} was this. */
    static boolean isAfter(long tag, int serial) {
        int age = ((int) (tag >>> SERIAL_SHIFT) - serial) & SERIALS;
        return age != 0 && age <= SERIALS / 2;
    }
}
