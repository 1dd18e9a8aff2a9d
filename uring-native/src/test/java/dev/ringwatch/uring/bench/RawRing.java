package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.RingOptions;
import dev.ringwatch.uring.SetupFlag;

/** The ring that each of our raw contenders has. */
final class RawRing {
    private RawRing() {}

    static RingOptions options(int entries) {
        return RingOptions.entries(entries)
                .with(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN, SetupFlag.NO_SQARRAY);
    }
}
