package dev.ringwatch.core.scenario;

import dev.ringwatch.core.kernel.KernelModel;
import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Reference;
import dev.ringwatch.core.kernel.UnixSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which files are open at one moment, what each is counted at, and what holds them.
 *
 * @param files in the order of opening
 * @param references all of them
 */
public record Snapshot(List<FileFacts> files, List<Reference> references) {

    /** Copies the lists. */
    public Snapshot {
        files = List.copyOf(files);
        references = List.copyOf(references);
    }

    /**
     * A file at one moment.
     *
     * @param references how many it counts
     * @param inFlight how often it is in flight: as the collector counts, or, if the collector does
     *     not know it, as it is
     * @param descriptors by how many descriptors of processes it is held
     * @param mapped how many mappings and registrations of processes hold it
     * @param queued how many entries of queued packets name it
     * @param slots how many slots of rings hold it, emptied ones that are in use too
     * @param requests how many requests hold it themselves
     * @param peer the open socket that it is connected to, which is no reference
     */
    public record FileFacts(
            OpenFile file,
            int references,
            int inFlight,
            int descriptors,
            int mapped,
            int queued,
            int slots,
            int requests,
            Optional<OpenFile> peer) {

        /** A count and what makes it up, such as "2 = 1 descriptor + 1 in flight". */
        public String ledger() {
            List<String> parts = new ArrayList<>();
            add(parts, descriptors, "descriptor");
            add(parts, mapped, "mapping");
            add(parts, queued, "queued");
            add(parts, slots, "slot");
            add(parts, requests, "request");
            String sum = parts.isEmpty() ? "" : " = " + String.join(" + ", parts);
            return references + sum;
        }

        private static void add(List<String> parts, int count, String what) {
            if (count > 0) {
                boolean plural = count > 1 && !what.equals("queued");
                parts.add(count + " " + what + (plural ? "s" : ""));
            }
        }
    }

    static Snapshot of(KernelModel model) {
        KernelState state = model.state();
        List<Reference> references = Reference.all(state);
        Map<OpenFile, int[]> counts = new LinkedHashMap<>();
        state.files().forEach(file -> counts.put(file, new int[Kind.values().length]));
        for (Reference reference : references) {
            int[] row = counts.get(reference.file());
            if (row != null) {
                row[kind(reference).ordinal()]++;
            }
        }
        List<FileFacts> files = new ArrayList<>();
        counts.forEach((file, row) -> files.add(facts(state, file, row)));
        return new Snapshot(files, references);
    }

    private enum Kind {
        DESCRIPTOR,
        MAPPED,
        QUEUED,
        SLOT,
        REQUEST
    }

    private static Kind kind(Reference reference) {
        return switch (reference) {
            case Reference.Descriptor _ -> Kind.DESCRIPTOR;
            case Reference.Mapping _, Reference.Registered _ -> Kind.MAPPED;
            case Reference.Queued _ -> Kind.QUEUED;
            case Reference.Slot _, Reference.Left _ -> Kind.SLOT;
            case Reference.Requested _ -> Kind.REQUEST;
        };
    }

    private static FileFacts facts(KernelState state, OpenFile file, int[] row) {
        UnixSocket socket = state.socketOf(file);
        int queued = row[Kind.QUEUED.ordinal()];
        return new FileFacts(
                file,
                file.references(),
                socket == null ? queued : socket.inFlight(),
                row[Kind.DESCRIPTOR.ordinal()],
                row[Kind.MAPPED.ordinal()],
                queued,
                row[Kind.SLOT.ordinal()],
                row[Kind.REQUEST.ordinal()],
                peer(file));
    }

    private static Optional<OpenFile> peer(OpenFile file) {
        return Optional.ofNullable(file.socket())
                .map(UnixSocket::peer)
                .map(UnixSocket::file)
                .filter(peer -> !peer.released());
    }
}
