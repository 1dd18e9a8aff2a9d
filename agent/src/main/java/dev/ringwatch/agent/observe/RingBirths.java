package dev.ringwatch.agent.observe;

import java.util.Map;
import java.util.Optional;

/**
 * Tells a ring from the one that had its address before: rings come and go, and the kernel uses their
 * memory again at once.
 *
 * @param made when rings were made, by their address, where that is followed; rings that were there
 *     before are not in it
 * @param begin when the snapshot began, on the same clock
 */
record RingBirths(Optional<Map<Long, Long>> made, long begin) {
    /** Nothing is followed. */
    static final RingBirths UNKNOWN = new RingBirths(Optional.empty(), 0);

    /**
     * A number that another ring of the same address does not have, as far as that is known.
     *
     * @param submissions how many entries it has taken in
     * @param closed whether nothing but its teardown is left: then it takes in no more
     */
    long tell(long ring, long submissions, boolean closed) {
        if (made.isEmpty()) {
            return closed ? submissions + 1 : 0;
        }
        long at = made.get().getOrDefault(ring, 0L);
        // One that was made since is another: the one that was seen is gone, and known by nothing.
        return at > begin ? begin : at;
    }
}
