package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcRing.DescriptorRef;
import dev.ringwatch.agent.proc.RingContents.Reason;
import java.util.OptionalLong;

/** One descriptor of a ring and what was read through it. */
record RingSighting(DescriptorRef at, OptionalLong inode, RingContents contents) {

    boolean busy() {
        return contents instanceof RingContents.Unreadable(Reason reason) && reason == Reason.BUSY;
    }

    boolean read() {
        return contents instanceof RingContents.Read;
    }
}
