package dev.ringwatch.core.kernel;

import dev.ringwatch.core.scenario.Step;
import java.util.function.BiConsumer;

/** Faults that are planted in a model, one kind each: what a simulator has to find. */
public enum Saboteur implements BiConsumer<Step, KernelModel> {
    /** The release of a descriptor keeps the reference: after a close something is held for ever. */
    DROPS_A_PUT {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Close && !kernel.files.isEmpty()) {
                kernel.files.getLast().get();
            }
        }
    },
    /** A packet's entry drops its reference twice. */
    PUTS_TWICE {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Receive
                    && !kernel.files.isEmpty()
                    && kernel.files.getFirst().references() > 1) {
                kernel.put(kernel.files.getFirst());
            }
        }
    },
    /** Queueing forgets to tell the collector that there may be a cycle now. */
    FORGETS_MAYBE_CYCLIC {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Send && kernel.collector instanceof SccCollector scc) {
                scc.state = GraphState.NOT_CYCLIC;
            }
        }
    },
    /** A packet's files stay counted for the user who sent them. */
    FORGETS_THE_USER {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Receive receive && !receive.peek()) {
                kernel.user(0).inFlight++;
            }
        }
    },
    /** An accepted connection keeps its listener, which stands for it from then on. */
    ACCEPT_KEEPS_THE_LISTENER {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Accept) {
                for (OpenFile file : kernel.files) {
                    UnixSocket socket = file.socket();
                    if (socket != null
                            && socket.state == UnixSocket.State.ESTABLISHED
                            && socket.address != null
                            && socket.listener == null) {
                        UnixSocket bound = kernel.names.get(KernelState.nameKey(socket));
                        socket.listener = bound == socket ? null : bound;
                    }
                }
            }
        }
    },
    /** A queue loses its oldest packet and nobody drops what it carries. */
    LOSES_A_PACKET {
        @Override
        void afterCall(Syscall call, KernelState kernel) {
            if (call instanceof Syscall.Shutdown) {
                for (OpenFile file : kernel.files) {
                    UnixSocket socket = file.socket();
                    if (socket != null) {
                        socket.queue.poll();
                    }
                }
            }
        }
    };

    @Override
    public void accept(Step step, KernelModel model) {
        if (step instanceof Step.Call call) {
            afterCall(call.call(), model.state());
        }
    }

    abstract void afterCall(Syscall call, KernelState kernel);
}
