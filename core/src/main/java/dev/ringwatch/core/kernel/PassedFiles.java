package dev.ringwatch.core.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The files that a packet carries: the kernel's {@code scm_fp_list}. Each entry is a reference. */
public final class PassedFiles {
    /** {@code SCM_MAX_FD}: how many descriptors one message carries. */
    public static final int MAX = 253;

    private final List<OpenFile> files;

    /** Whose limit the files count against. */
    final User user;

    /** The edges of the sockets among the files, once it is queued; for the collector of components. */
    final List<Edge> edges = new ArrayList<>(2);

    /** Whether the files count as in flight. */
    boolean inFlight;

    /** Taken by the collector: edges that go are no change of the graph. */
    boolean dead;

    PassedFiles(List<OpenFile> files, User user) {
        this.files = new ArrayList<>(files);
        this.user = user;
    }

    /** The files, in the order they were passed; the same may be there more than once. */
    public List<OpenFile> files() {
        return Collections.unmodifiableList(files);
    }

    /** A ring's packet changes with the ring's table. */
    void add(OpenFile file) {
        files.add(file);
    }

    void remove(OpenFile file) {
        files.remove(file);
    }
}
