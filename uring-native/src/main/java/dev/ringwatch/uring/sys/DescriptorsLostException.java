package dev.ringwatch.uring.sys;

import java.io.IOException;

/**
 * A message came whose descriptors did not all arrive; those that did were closed.
 *
 * <p>The kernel says MSG_CTRUNC for both causes. They are told apart by the room that was left:
 * scm_detach_fds() in net/core/scm.c fills the room unless the descriptor table is full.
 */
public final class DescriptorsLostException extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final int bytes;

    DescriptorsLostException(Reason reason, int bytes, int arrived) {
        super(
                "recvmsg: MSG_CTRUNC: "
                        + reason.text
                        + " ("
                        + arrived
                        + " arrived and were closed, the rest the kernel dropped)");
        this.reason = reason;
        this.bytes = bytes;
    }

    /** Why descriptors were lost. */
    public enum Reason {
        /** The control buffer had no room for all. */
        NO_ROOM("the control buffer is too small for the descriptors sent; give it more room"),
        /** The process may not open more descriptors, RLIMIT_NOFILE. */
        DESCRIPTOR_LIMIT(
                "the process may open no more descriptors (EMFILE), or a security module refused"
                        + " one; raise RLIMIT_NOFILE (ulimit -n) or close some");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    /** Why descriptors were lost. */
    public Reason reason() {
        return reason;
    }

    /** Bytes of data that came with the message and were consumed. */
    public int bytes() {
        return bytes;
    }
}
