package dev.ringwatch.agent.differ;

import dev.ringwatch.core.kernel.KernelState;
import dev.ringwatch.core.kernel.OpenFile;
import dev.ringwatch.core.kernel.Packet;
import dev.ringwatch.core.kernel.Ring;
import dev.ringwatch.core.kernel.Task;
import dev.ringwatch.core.kernel.UnixSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the model's process can see: the same facts as {@link LiveFacts}, in the same words. */
final class ModelFacts {
    private ModelFacts() {}

    static SortedMap<String, String> of(KernelState kernel, Task task, Matching matching) {
        SortedMap<String, String> facts = new TreeMap<>();
        for (Map.Entry<Integer, OpenFile> entry : task.descriptors().entrySet()) {
            addDescriptor(entry.getKey(), entry.getValue(), matching, facts);
        }
        addSockets(kernel, matching, facts);
        return facts;
    }

    private static void addDescriptor(
            int fd, OpenFile file, Matching matching, SortedMap<String, String> facts) {
        String name = Facts.name(fd);
        UnixSocket socket = file.socket();
        Ring ring = file.ring();
        facts.put(name, "file " + file.id());
        facts.put(name + Facts.READABLE, Boolean.toString(KernelState.readable(file)));
        if (socket != null) {
            facts.put(name + Facts.SCM_FDS, Integer.toString(socket.scmFds()));
        } else if (ring != null) {
            facts.put(name + Facts.COMPLETIONS, ring.completionQueue().toString());
            if (ring.hasTable()) {
                facts.put(name + Facts.SLOTS, slots(ring, matching));
            }
        }
    }

    private static String slots(Ring ring, Matching matching) {
        List<String> slots = new ArrayList<>();
        List<@Nullable OpenFile> files = ring.slots();
        for (int slot = 0; slot < files.size(); slot++) {
            OpenFile file = files.get(slot);
            if (file != null) {
                slots.add(
                        slot
                                + (matching.socketsInSlots() && file.socket() != null
                                        ? " file " + file.id()
                                        : ""));
            }
        }
        return slots.toString();
    }

    private static void addSockets(
            KernelState kernel, Matching matching, SortedMap<String, String> facts) {
        List<Integer> known = new ArrayList<>();
        int unknown = 0;
        int embryos = 0;
        for (OpenFile file : kernel.files()) {
            UnixSocket socket = file.socket();
            if (socket == null) {
                continue;
            }
            if (matching.live(file) == null) {
                unknown++;
            } else {
                known.add(file.id());
            }
            for (Packet packet : socket.queue()) {
                embryos += packet.embryo() == null ? 0 : 1;
            }
        }
        facts.put(Facts.SOCKETS, Facts.sockets(known, unknown, embryos));
    }
}
