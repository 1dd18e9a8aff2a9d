package dev.ringwatch.agent.stacks;

import dev.ringwatch.agent.bpf.RawStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Turns the addresses of a stack into names, while the process lives.
 *
 * <p>Names come from the symbols of the files that are mapped, from debug files by build id, and for
 * code made at run time from the process's perf map. Answers are remembered by build id and address,
 * a bounded number of them. For one thread.
 */
final class Symbolizer {
    private static final int REMEMBERED = 16384;

    /** Then its further frames have no names: a process may map files of any size. */
    private static final long MOST_NANOS_A_STACK = 1_000_000_000;

    /** Functions that nobody calls: a stack that ends here is whole. */
    private static final Set<String> OUTERMOST =
            Set.of(
                    "_start",
                    "main",
                    "start_thread",
                    "clone",
                    "clone3",
                    "__clone",
                    "__clone3",
                    "__libc_start_main",
                    "__libc_start_call_main",
                    "thread_start",
                    "runtime.goexit.abi0",
                    "runtime.mstart.abi0");

    private final Path proc;
    private final Map<String, Optional<ElfFile.Symbol>> remembered =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<String, Optional<ElfFile.Symbol>> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /** Stacks of one JVM come in numbers. */
    private Optional<PerfMap> lastPerfMap = Optional.empty();

    Symbolizer(Path proc) {
        this.proc = proc;
    }

    /**
     * What a stack turned out to be.
     *
     * @param lacksNames whether the process may still write down names of code it made
     */
    record Named(CallStack stack, boolean lacksNames) {}

    Named name(RawStack raw) {
        try {
            Optional<LiveProcess> process = LiveProcess.find(proc, raw.pid(), raw.start());
            return process.isPresent()
                    ? name(raw, process.get())
                    : unnamed("the process ended before its stack could be read");
        } catch (IOException | RuntimeException e) {
            // What a process shows of itself may be anything: the next stack must be named.
            return unnamed("its code could not be read (" + e.getMessage() + ")");
        }
    }

    /** A stack of which only that is known. */
    static Named unnamed(String why) {
        return new Named(new CallStack(List.of(), List.of(why)), false);
    }

    private Named name(RawStack raw, LiveProcess process) {
        List<Long> addresses = addresses(raw, process);
        Optional<PerfMap> perfMap =
                addresses.stream().anyMatch(a -> isMade(process, a))
                        ? perfMap(process)
                        : Optional.empty();
        long begin = System.nanoTime();
        List<Frame> frames = new ArrayList<>();
        for (long address : addresses) {
            boolean late = System.nanoTime() - begin > MOST_NANOS_A_STACK;
            Mapping mapping = process.at(address).orElseThrow();
            frames.add(
                    mapping.madeAtRunTime()
                            ? madeAtRunTime(perfMap, address)
                            : late
                                    ? unnamed(mapping, offset(mapping, address))
                                    : mapped(process, mapping, address));
        }
        boolean lacksNames = frames.stream().anyMatch(f -> isMade(f) && f.function().isEmpty());
        return new Named(
                new CallStack(frames, notes(raw, process, frames, lacksNames)), lacksNames);
    }

    private Frame mapped(LiveProcess process, Mapping mapping, long address) {
        long offset = offset(mapping, address);
        try (MappedCode code = MappedCode.open(process.open(mapping))) {
            OptionalLong at = code.addressOf(offset);
            if (at.isEmpty()) {
                return unnamed(mapping, offset);
            }
            Optional<ElfFile.Symbol> symbol = symbol(code, at.getAsLong());
            return symbol.isEmpty()
                    ? unnamed(mapping, at.getAsLong())
                    : new Frame(
                            symbol.map(ElfFile.Symbol::name),
                            mapping.module(),
                            OptionalLong.of(symbol.get().offset()));
        } catch (IOException e) {
            return unnamed(mapping, offset); // no file, no name: the place in it is still told
        }
    }

    private static long offset(Mapping mapping, long address) {
        return address - mapping.start() + mapping.offset();
    }

    private static Frame unnamed(Mapping mapping, long offset) {
        return new Frame(Optional.empty(), mapping.module(), OptionalLong.of(offset));
    }

    private Optional<ElfFile.Symbol> symbol(MappedCode code, long address) throws IOException {
        if (code.buildId().isEmpty()) {
            return code.symbol(address); // nothing tells this file from its next version
        }
        String key = code.buildId().get() + "+" + address;
        Optional<ElfFile.Symbol> known = remembered.get(key);
        if (known == null) {
            known = code.symbol(address);
            remembered.put(key, known);
        }
        return known;
    }

    /**
     * Where each call is: the instruction before the one it returns to. What is no code ends the
     * stack: the chain went astray there.
     */
    private static List<Long> addresses(RawStack raw, LiveProcess process) {
        List<Long> all = new ArrayList<>();
        List<Long> frames = raw.frames();
        for (int i = 0; i < frames.size(); i++) {
            long address = i == 0 ? frames.get(i) : frames.get(i) - 1;
            if (process.at(address).isEmpty()) {
                break;
            }
            all.add(address);
            boolean leftOut =
                    i == 0
                            && raw.caller() != 0
                            && (frames.size() == 1 || raw.caller() != frames.get(1));
            if (leftOut && process.at(raw.caller() - 1).isPresent()) {
                all.add(raw.caller() - 1);
            }
        }
        return all;
    }

    private static boolean isMade(LiveProcess process, long address) {
        return process.at(address).filter(Mapping::madeAtRunTime).isPresent();
    }

    private Optional<PerfMap> perfMap(LiveProcess process) {
        try {
            lastPerfMap = process.perfMap(lastPerfMap);
            return lastPerfMap;
        } catch (IOException e) {
            return Optional.empty(); // as if there were none: the note says how to get one
        }
    }

    private static Frame madeAtRunTime(Optional<PerfMap> perfMap, long address) {
        Optional<PerfMap.Range> range = perfMap.flatMap(p -> p.at(address));
        return new Frame(
                range.map(PerfMap.Range::name),
                Frame.MADE_AT_RUN_TIME,
                range.isPresent()
                        ? OptionalLong.of(address - range.get().start())
                        : OptionalLong.empty());
    }

    private static boolean isMade(Frame frame) {
        return frame.module().equals(Frame.MADE_AT_RUN_TIME);
    }

    private static List<String> notes(
            RawStack raw, LiveProcess process, List<Frame> frames, boolean lacksNames) {
        List<String> notes = new ArrayList<>();
        boolean jvm = process.isJvm();
        if (lacksNames) {
            notes.add(
                    jvm
                            ? "compiled Java code has no names: jcmd "
                                    + process.pid()
                                    + " Compiler.perfmap writes them down"
                            : "code made at run time has no names: have its engine write a perf map"
                                    + " (Node.js: --perf-basic-prof)");
        }
        if (jvm && !process.preservesFramePointers()) {
            notes.add("Java frames may be missing: start the JVM with -XX:+PreserveFramePointer");
        } else if (raw.frames().size() == RawStack.MAX_FRAMES) {
            notes.add("cut off after " + RawStack.MAX_FRAMES + " frames");
        } else if (!isWhole(frames)) {
            notes.add(
                    "the stack ends early: compile with -fno-omit-frame-pointer what calls the"
                            + " outermost function shown");
        }
        return notes;
    }

    private static boolean isWhole(List<Frame> frames) {
        if (frames.size() < 2) {
            return false;
        }
        Frame last = frames.getLast();
        String module = last.module();
        return module.startsWith("libc.so")
                || module.startsWith("libc-2")
                || module.startsWith("libc.musl")
                || module.startsWith("ld-musl")
                || module.startsWith("libpthread")
                || module.equals("libjvm.so")
                || module.equals("libjli.so")
                || last.function().filter(OUTERMOST::contains).isPresent();
    }
}
