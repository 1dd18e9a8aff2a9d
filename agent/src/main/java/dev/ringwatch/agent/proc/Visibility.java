package dev.ringwatch.agent.proc;

import java.util.Optional;

/**
 * Which processes the proc mount shows at all.
 *
 * @param hidepid the mount's {@code hidepid} option other than {@code off}, as printed; other users'
 *     processes are then missing or unreadable, and how many there are is unknown. Empty if every
 *     process is listed.
 * @param pidNamespace whose processes are listed
 */
public record Visibility(Optional<String> hidepid, PidNamespace pidNamespace) {

    /** Whose processes a proc mount lists. */
    public enum PidNamespace {
        /** Every process of the machine. */
        INITIAL,
        /** A container's: processes outside it are not listed. */
        INNER,
        /** It could not be told. */
        UNKNOWN
    }
}
