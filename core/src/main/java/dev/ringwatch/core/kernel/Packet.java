package dev.ringwatch.core.kernel;

import org.jspecify.annotations.Nullable;

/** One message in a receive queue: the kernel's {@code sk_buff}. */
public final class Packet {
    private @Nullable PassedFiles passed;

    /** Bytes not read yet. */
    int bytes;

    /** The connection that this packet announces to its listener. */
    final @Nullable UnixSocket embryo;

    /** The ring whose table or request it is. */
    final @Nullable Ring madeBy;

    Packet(@Nullable PassedFiles passed, int bytes) {
        this(passed, bytes, null, null);
    }

    private Packet(
            @Nullable PassedFiles passed,
            int bytes,
            @Nullable UnixSocket embryo,
            @Nullable Ring madeBy) {
        this.passed = passed;
        this.bytes = bytes;
        this.embryo = embryo;
        this.madeBy = madeBy;
    }

    static Packet announcing(UnixSocket embryo) {
        return new Packet(null, 0, embryo, null);
    }

    static Packet of(Ring ring, PassedFiles files) {
        return new Packet(files, 0, null, ring);
    }

    /** The files it carries, or null. */
    public @Nullable PassedFiles passed() {
        return passed;
    }

    /** The embryo that it announces, or null. */
    public @Nullable UnixSocket embryo() {
        return embryo;
    }

    /** Takes the files out, as {@code unix_detach_fds} does. */
    @Nullable PassedFiles detach() {
        PassedFiles files = passed;
        passed = null;
        return files;
    }
}
