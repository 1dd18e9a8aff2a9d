package dev.ringwatch.agent.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringwatch.agent.bpf.BpfUnavailableException.Lack;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The calls of libbpf that the agent makes: the only place that knows the library.
 *
 * <p>libbpf reports trouble in two ways, an errno and lines of text; the last lines are kept, and the
 * one that names the cause is put into what is thrown. Calls are meant for one thread.
 */
@SuppressWarnings("restricted") // downcalls are what it is for
final class Libbpf {
    /** Versions below 1.0 name and number things differently. */
    private static final int OLDEST_MAJOR = 1;

    private static final int KEPT_LINES = 40;
    private static final int LEVEL_DEBUG = 2;
    private static final int ENOENT = 2;

    /** Offsets in {@code struct bpf_prog_info} of linux/bpf.h. */
    private static final int RUN_NANOS = 192;

    private static final int RUN_COUNT = 200;
    private static final int PROGRAM_INFO_BYTES = 208;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();

    /** The last lines of text of each thread's calls: the library has one callback for all. */
    private static final ThreadLocal<Deque<String>> LINES =
            ThreadLocal.withInitial(ArrayDeque::new);

    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment captured = arena.allocate(CAPTURED);
    private final SymbolLookup library;
    private final String version;

    private final MethodHandle openMem;
    private final MethodHandle load;
    private final MethodHandle closeObject;
    private final MethodHandle findProgram;
    private final MethodHandle programFd;
    private final MethodHandle findMap;
    private final MethodHandle mapFd;
    private final MethodHandle mapValueSize;
    private final MethodHandle setMaxEntries;
    private final MethodHandle attachIterator;
    private final MethodHandle linkFd;
    private final MethodHandle destroyLink;
    private final MethodHandle createIterator;
    private final MethodHandle testRun;
    private final MethodHandle setAutoload;
    private final MethodHandle attach;
    private final MethodHandle lookup;
    private final MethodHandle nextProgram;
    private final MethodHandle programName;
    private final MethodHandle nextMap;
    private final MethodHandle mapName;
    private final MethodHandle mapKeySize;
    private final MethodHandle mapMaxEntries;
    private final MethodHandle reuseMap;
    private final MethodHandle lookupBatch;
    private final MethodHandle deleteElement;
    private final MethodHandle objectInfo;
    private final MethodHandle formatText;

    /** Finds the library and checks its version before anything else is called. */
    static Libbpf find() throws BpfUnavailableException {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup("libbpf.so.1", Arena.global());
        } catch (IllegalArgumentException e) {
            throw new BpfUnavailableException(
                    Lack.LIBRARY,
                    "libbpf.so.1 was not found: install it (Debian and Ubuntu: apt-get install"
                            + " libbpf1)",
                    e);
        }
        return new Libbpf(library);
    }

    private Libbpf(SymbolLookup library) throws BpfUnavailableException {
        this.library = library;
        version = versionOf(library);
        openMem = handle(library, "bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
        load = handle(library, "bpf_object__load", JAVA_INT, ADDRESS);
        closeObject = handle(library, "bpf_object__close", null, ADDRESS);
        findProgram =
                handle(library, "bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
        programFd = handle(library, "bpf_program__fd", JAVA_INT, ADDRESS);
        findMap = handle(library, "bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
        mapFd = handle(library, "bpf_map__fd", JAVA_INT, ADDRESS);
        mapValueSize = handle(library, "bpf_map__value_size", JAVA_INT, ADDRESS);
        setMaxEntries = handle(library, "bpf_map__set_max_entries", JAVA_INT, ADDRESS, JAVA_INT);
        attachIterator = handle(library, "bpf_program__attach_iter", ADDRESS, ADDRESS, ADDRESS);
        linkFd = handle(library, "bpf_link__fd", JAVA_INT, ADDRESS);
        destroyLink = handle(library, "bpf_link__destroy", JAVA_INT, ADDRESS);
        createIterator = handle(library, "bpf_iter_create", JAVA_INT, JAVA_INT);
        testRun = handle(library, "bpf_prog_test_run_opts", JAVA_INT, JAVA_INT, ADDRESS);
        setAutoload = handle(library, "bpf_program__set_autoload", JAVA_INT, ADDRESS, JAVA_BOOLEAN);
        attach = handle(library, "bpf_program__attach", ADDRESS, ADDRESS);
        lookup = handle(library, "bpf_map_lookup_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        nextProgram = handle(library, "bpf_object__next_program", ADDRESS, ADDRESS, ADDRESS);
        programName = handle(library, "bpf_program__name", ADDRESS, ADDRESS);
        nextMap = handle(library, "bpf_object__next_map", ADDRESS, ADDRESS, ADDRESS);
        mapName = handle(library, "bpf_map__name", ADDRESS, ADDRESS);
        mapKeySize = handle(library, "bpf_map__key_size", JAVA_INT, ADDRESS);
        mapMaxEntries = handle(library, "bpf_map__max_entries", JAVA_INT, ADDRESS);
        reuseMap = handle(library, "bpf_map__reuse_fd", JAVA_INT, ADDRESS, JAVA_INT);
        lookupBatch =
                handle(
                        library,
                        "bpf_map_lookup_batch",
                        JAVA_INT,
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS);
        deleteElement = handle(library, "bpf_map_delete_elem", JAVA_INT, JAVA_INT, ADDRESS);
        objectInfo =
                handle(library, "bpf_obj_get_info_by_fd", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        formatText =
                handle(
                        LINKER.defaultLookup(),
                        "vsnprintf",
                        JAVA_INT,
                        ADDRESS,
                        JAVA_LONG,
                        ADDRESS,
                        ADDRESS);
        listen(library);
    }

    String version() {
        return version;
    }

    /** Opens an object that lies in memory; {@link #load} loads it into the kernel. */
    MemorySegment open(byte[] elf) throws BpfUnavailableException {
        LINES.get().clear();
        MemorySegment copy = arena.allocate(elf.length, 8);
        copy.copyFrom(MemorySegment.ofArray(elf));
        return nonNull(
                (MemorySegment)
                        call(openMem, captured, copy, (long) elf.length, MemorySegment.NULL),
                "bpf_object__open_mem");
    }

    void load(MemorySegment object) throws BpfUnavailableException {
        LINES.get().clear();
        int result = (int) call(load, captured, object);
        if (result < 0) {
            throw refused("bpf_object__load", -result);
        }
    }

    void close(MemorySegment object) {
        call(closeObject, captured, object);
    }

    int program(MemorySegment object, String name) throws BpfUnavailableException {
        return (int) call(programFd, captured, programOf(object, name));
    }

    /** Attaches an iterator's program; the link is for {@link #iterate} and {@link #destroy}. */
    MemorySegment attachIterator(MemorySegment object, String name) throws BpfUnavailableException {
        LINES.get().clear();
        return nonNull(
                (MemorySegment)
                        call(attachIterator, captured, programOf(object, name), MemorySegment.NULL),
                "bpf_program__attach_iter " + name);
    }

    void destroy(MemorySegment link) {
        call(destroyLink, captured, link);
    }

    /** A descriptor that runs the iterator once while it is read to its end. */
    int iterate(MemorySegment link) throws BpfUnavailableException {
        LINES.get().clear();
        int fd = (int) call(createIterator, captured, (int) call(linkFd, captured, link));
        if (fd < 0) {
            throw refused("bpf_iter_create", errno());
        }
        return fd;
    }

    /** Runs a program of type "syscall" once, in this thread. */
    void run(int program) throws BpfUnavailableException {
        LINES.get().clear();
        try (Arena confined = Arena.ofConfined()) {
            long size = 80; // struct bpf_test_run_opts: every field behind its size may be zero
            MemorySegment options = confined.allocate(size, 8);
            options.set(JAVA_LONG, 0, size);
            if ((int) call(testRun, captured, program, options) < 0) {
                throw refused("bpf_prog_test_run_opts", errno());
            }
        }
    }

    MemorySegment map(MemorySegment object, String name) throws BpfUnavailableException {
        try (Arena confined = Arena.ofConfined()) {
            return nonNull(
                    (MemorySegment) call(findMap, captured, object, confined.allocateFrom(name)),
                    "bpf_object__find_map_by_name " + name);
        }
    }

    int fd(MemorySegment map) {
        return (int) call(mapFd, captured, map);
    }

    int valueSize(MemorySegment map) {
        return (int) call(mapValueSize, captured, map);
    }

    /** To be called before the object is loaded. */
    void setMaxEntries(MemorySegment map, int entries) throws BpfUnavailableException {
        int result = (int) call(setMaxEntries, captured, map, entries);
        if (result < 0) {
            throw refused("bpf_map__set_max_entries", -result);
        }
    }

    /** Leaves a program out; to be called before the object is loaded. */
    void leaveOut(MemorySegment object, String name) throws BpfUnavailableException {
        int result = (int) call(setAutoload, captured, programOf(object, name), false);
        if (result < 0) {
            throw refused("bpf_program__set_autoload " + name, -result);
        }
    }

    /** Gives an object the map of another; to be called before the object is loaded. */
    void reuse(MemorySegment map, int fd) throws BpfUnavailableException {
        int result = (int) call(reuseMap, captured, map, fd);
        if (result < 0) {
            throw refused("bpf_map__reuse_fd", -result);
        }
    }

    /** Attaches a program to what its section names; the link is for {@link #destroy}. */
    MemorySegment attach(MemorySegment object, String name) throws BpfUnavailableException {
        LINES.get().clear();
        return nonNull(
                (MemorySegment) call(attach, captured, programOf(object, name)),
                "bpf_program__attach " + name);
    }

    /**
     * Reads one entry of a map.
     *
     * @return whether there is one
     */
    boolean lookup(int map, MemorySegment key, MemorySegment value) throws BpfUnavailableException {
        int result;
        try {
            result = (int) lookup.invokeExact(captured, map, key, value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw a checked exception", e);
        }
        if (result < 0 && errno() != ENOENT) {
            throw refused("bpf_map_lookup_elem", errno());
        }
        return result == 0;
    }

    /** The programs of an object that are loaded, by name. */
    Map<String, Integer> programs(MemorySegment object) {
        Map<String, Integer> fds = new LinkedHashMap<>();
        MemorySegment program = MemorySegment.NULL;
        while (true) {
            program = (MemorySegment) call(nextProgram, captured, object, program);
            if (program.address() == 0) {
                return fds;
            }
            int fd = (int) call(programFd, captured, program);
            if (fd >= 0) {
                fds.put(text((MemorySegment) call(programName, captured, program)), fd);
            }
        }
    }

    /** The maps of an object; those that the library made for variables have a dot in their name. */
    List<MapSize> maps(MemorySegment object) {
        List<MapSize> sizes = new ArrayList<>();
        MemorySegment map = MemorySegment.NULL;
        while (true) {
            map = (MemorySegment) call(nextMap, captured, object, map);
            if (map.address() == 0) {
                return sizes;
            }
            long entries = (int) call(mapMaxEntries, captured, map);
            long entry = (int) call(mapKeySize, captured, map) + (long) valueSize(map);
            sizes.add(
                    new MapSize(
                            text((MemorySegment) call(mapName, captured, map)),
                            entries,
                            entries * entry));
        }
    }

    /**
     * Reads all entries of a hash map at once.
     *
     * @param keys room for as many keys as the map may have
     * @param values room for as many values
     * @return how many there are
     */
    int entries(int map, MemorySegment keys, MemorySegment values, int capacity)
            throws BpfUnavailableException {
        LINES.get().clear();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment count = confined.allocateFrom(JAVA_INT, capacity);
            MemorySegment position = confined.allocate(JAVA_LONG);
            int result =
                    (int)
                            call(
                                    lookupBatch,
                                    captured,
                                    map,
                                    MemorySegment.NULL,
                                    position,
                                    keys,
                                    values,
                                    count,
                                    MemorySegment.NULL);
            if (result < 0 && errno() != ENOENT) { // which says that this was the last of them
                throw refused("bpf_map_lookup_batch", errno());
            }
            return count.get(JAVA_INT, 0);
        }
    }

    /** Removes an entry, if it is there. */
    void remove(int map, MemorySegment key) throws BpfUnavailableException {
        LINES.get().clear();
        if ((int) call(deleteElement, captured, map, key) < 0 && errno() != ENOENT) {
            throw refused("bpf_map_delete_elem", errno());
        }
    }

    /** How often a program ran and for how long, both 0 while the kernel does not count that. */
    ProgramRuns runs(String name, int program) throws BpfUnavailableException {
        LINES.get().clear();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment info = confined.allocate(PROGRAM_INFO_BYTES, 8);
            MemorySegment length = confined.allocateFrom(JAVA_INT, (int) info.byteSize());
            if ((int) call(objectInfo, captured, program, info, length) < 0) {
                throw refused("bpf_obj_get_info_by_fd", errno());
            }
            return new ProgramRuns(
                    name,
                    info.get(JAVA_LONG, RUN_COUNT),
                    Duration.ofNanos(info.get(JAVA_LONG, RUN_NANOS)));
        }
    }

    /** A name that the library keeps. */
    private static String text(MemorySegment address) {
        return address.reinterpret(Long.MAX_VALUE).getString(0);
    }

    private MemorySegment programOf(MemorySegment object, String name)
            throws BpfUnavailableException {
        try (Arena confined = Arena.ofConfined()) {
            return nonNull(
                    (MemorySegment)
                            call(findProgram, captured, object, confined.allocateFrom(name)),
                    "bpf_object__find_program_by_name " + name);
        }
    }

    private int errno() {
        return (int) ERRNO.get(captured, 0L);
    }

    private MemorySegment nonNull(MemorySegment pointer, String what)
            throws BpfUnavailableException {
        if (pointer.address() == 0) {
            throw refused(what, errno());
        }
        return pointer;
    }

    private BpfUnavailableException refused(String call, int errno) {
        return BpfRefusal.explain(call, errno, List.copyOf(LINES.get()));
    }

    private static String versionOf(SymbolLookup library) throws BpfUnavailableException {
        MethodHandle handle = handle(library, "libbpf_version_string", ADDRESS);
        String text =
                ((MemorySegment) call(handle, LINKER_CAPTURE.get())).reinterpret(64).getString(0);
        String digits = text.startsWith("v") ? text.substring(1) : text;
        int major = Integer.parseInt(digits.substring(0, digits.indexOf('.')));
        if (major < OLDEST_MAJOR) {
            throw new BpfUnavailableException(
                    Lack.LIBRARY, "libbpf " + text + " is too old: version 1.0 or later is needed");
        }
        return text;
    }

    /** A capture segment for calls made before an instance has its own. */
    private static final ThreadLocal<MemorySegment> LINKER_CAPTURE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURED));

    private static MethodHandle handle(
            SymbolLookup library,
            String name,
            @org.jspecify.annotations.Nullable MemoryLayout result,
            MemoryLayout... arguments)
            throws BpfUnavailableException {
        MemorySegment symbol =
                library.find(name)
                        .orElseThrow(
                                () ->
                                        new BpfUnavailableException(
                                                Lack.LIBRARY,
                                                "libbpf.so.1 has no "
                                                        + name
                                                        + ": version 1.0 or later is needed"));
        FunctionDescriptor descriptor =
                result == null
                        ? FunctionDescriptor.ofVoid(arguments)
                        : FunctionDescriptor.of(result, arguments);
        return LINKER.downcallHandle(symbol, descriptor, Linker.Option.captureCallState("errno"));
    }

    @SuppressWarnings("NullAway") // a void call gives null, which no caller looks at
    private static Object call(MethodHandle handle, Object... arguments) {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall threw a checked exception", e);
        }
    }

    private void listen(SymbolLookup library) throws BpfUnavailableException {
        FunctionDescriptor callback = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        MethodHandle target;
        try {
            target =
                    MethodHandles.lookup()
                            .findVirtual(
                                    Libbpf.class,
                                    "print",
                                    MethodType.methodType(
                                            int.class,
                                            int.class,
                                            MemorySegment.class,
                                            MemorySegment.class))
                            .bindTo(this);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
        // The library keeps one callback for the whole process and may call it as long as it lives.
        MemorySegment stub = LINKER.upcallStub(target, callback, Arena.global());
        call(handle(library, "libbpf_set_print", ADDRESS, ADDRESS), captured, stub);
    }

    /**
     * What a program puts into a map of type BPF_MAP_TYPE_RINGBUF. For one thread, which need not be
     * that of the library's other calls.
     */
    final class Ring implements AutoCloseable {
        private final MethodHandle poll;
        private final MethodHandle free;
        private final Arena ringArena = Arena.ofAuto(); // as long as this is reachable
        private final MemorySegment ringCaptured = ringArena.allocate(CAPTURED);
        private final MemorySegment ring;
        private final Consumer<MemorySegment> consumer;

        /**
         * @param consumer given each record, which is gone when it returns; must not throw
         */
        Ring(SymbolLookup library, int map, Consumer<MemorySegment> consumer)
                throws BpfUnavailableException {
            this.consumer = consumer;
            poll = handle(library, "ring_buffer__poll", JAVA_INT, ADDRESS, JAVA_INT);
            free = handle(library, "ring_buffer__free", null, ADDRESS);
            MethodHandle open =
                    handle(
                            library,
                            "ring_buffer__new",
                            ADDRESS,
                            JAVA_INT,
                            ADDRESS,
                            ADDRESS,
                            ADDRESS);
            MemorySegment stub =
                    LINKER.upcallStub(
                            target(),
                            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG),
                            ringArena);
            ring =
                    nonNull(
                            (MemorySegment)
                                    call(
                                            open,
                                            captured,
                                            map,
                                            stub,
                                            MemorySegment.NULL,
                                            MemorySegment.NULL),
                            "ring_buffer__new");
        }

        /** Waits for records no longer than so and has them consumed. */
        void poll(int milliseconds) {
            call(poll, ringCaptured, ring, milliseconds);
        }

        private MethodHandle target() {
            try {
                return MethodHandles.lookup()
                        .findVirtual(
                                Ring.class,
                                "consume",
                                MethodType.methodType(
                                        int.class,
                                        MemorySegment.class,
                                        MemorySegment.class,
                                        long.class))
                        .bindTo(this);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        }

        @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // called by libbpf, as it likes it
        private int consume(MemorySegment context, MemorySegment data, long bytes) {
            consumer.accept(data.reinterpret(bytes));
            return 0;
        }

        @Override
        public void close() {
            call(free, ringCaptured, ring);
        }
    }

    /** Opens a ring buffer; see {@link Ring}. */
    Ring ring(int map, Consumer<MemorySegment> consumer) throws BpfUnavailableException {
        return new Ring(library, map, consumer);
    }

    /** Called by libbpf; an exception here would end the JVM, and none of these calls throws one. */
    @SuppressWarnings("UnusedMethod") // by a method handle
    private int print(int level, MemorySegment format, MemorySegment arguments) {
        if (level >= LEVEL_DEBUG) {
            return 0;
        }
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment text = confined.allocate(1 << 16);
            MemorySegment state = confined.allocate(CAPTURED);
            call(formatText, state, text, text.byteSize(), format, arguments);
            text.getString(0).lines().filter(l -> !l.isBlank()).forEach(Libbpf::keep);
        }
        return 0;
    }

    private static void keep(String line) {
        Deque<String> lines = LINES.get();
        if (lines.size() == KEPT_LINES) {
            lines.removeFirst();
        }
        lines.addLast(line.strip());
    }
}
