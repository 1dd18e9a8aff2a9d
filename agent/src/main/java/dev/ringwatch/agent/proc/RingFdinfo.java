package dev.ringwatch.agent.proc;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What {@code /proc/PID/fdinfo/FD} of a ring says (io_uring/fdinfo.c, {@code
 * io_uring_show_fdinfo}). An empty optional is a line that this kernel does not print, or that it
 * prints only while nobody else has the ring's lock.
 *
 * @param files the registered files
 * @param buffers the registered buffers
 * @param polls entries of {@code PollList}: requests that wait for readiness
 * @param overflowed completions that found the completion queue full
 * @param submissionEntries size of the submission queue
 * @param submissionsReady entries that the kernel has not taken yet
 * @param completionEntries size of the completion queue
 * @param completionsReady completions that the process has not taken yet
 * @param pollThread thread id of the kernel's submission poller in the initial pid namespace, empty
 *     for a ring without one and where it is not printed
 */
public record RingFdinfo(
        FileTable files,
        BufferTable buffers,
        OptionalInt polls,
        OptionalInt overflowed,
        OptionalLong submissionEntries,
        OptionalLong submissionsReady,
        OptionalLong completionEntries,
        OptionalLong completionsReady,
        OptionalInt pollThread) {

    /**
     * The table of registered files.
     *
     * @param slots size of the table, occupied or not
     */
    public record FileTable(int slots, Listing listing) {

        /** The occupied slots, or unknown when they were withheld. */
        public OptionalInt occupied() {
            return switch (listing) {
                case Listing.Listed(List<SlotEntry> entries) -> OptionalInt.of(entries.size());
                case Listing.Withheld() -> OptionalInt.empty();
            };
        }
    }

    /** What was printed about a table's slots. */
    public sealed interface Listing {
        /**
         * Every occupied slot.
         *
         * @param entries in ascending order of slots
         */
        record Listed(List<SlotEntry> entries) implements Listing {
            public Listed {
                entries = List.copyOf(entries);
            }
        }

        /**
         * The size was printed, the entries were not, because the ring's lock was taken; or a
         * registered file's name, printed as it is up to 6.13, forged lines.
         */
        record Withheld() implements Listing {}
    }

    /** An occupied slot. */
    public record SlotEntry(int slot, SlotFile file) {}

    /**
     * The table of registered buffers.
     *
     * @param slots size of the table
     * @param occupied occupied slots, empty when they were withheld
     * @param bytes sum of their lengths, empty when they were withheld; kernels up to 6.12 print the
     *     low 32 bits of each length
     */
    public record BufferTable(int slots, OptionalInt occupied, OptionalLong bytes) {}
}
