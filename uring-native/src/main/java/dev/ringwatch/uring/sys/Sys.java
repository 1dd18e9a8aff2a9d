package dev.ringwatch.uring.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The one class that calls libc: {@code syscall(2)}, and the few functions that libc must carry out
 * itself because they change every thread.
 *
 * <p>errno is captured in the same downcall, so the JVM cannot overwrite it in between. No call is
 * {@code critical}: one that blocks would keep the whole JVM from a safepoint. {@code syscall} is
 * variadic and takes every argument as a long.
 *
 * <p>Safe for use by many threads; each has its own room for errno.
 */
@SuppressWarnings("restricted") // the module's native seam: Linker is what this class is for
public final class Sys {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /**
     * A function of libc as it is called: errno is captured, nothing is critical.
     *
     * @param function its name
     * @param type what it takes and returns
     * @param variadic the first argument that may vary; empty for a function with fixed arguments
     */
    record Downcall(String function, FunctionDescriptor type, OptionalInt variadic) {
        Downcall(String function, FunctionDescriptor type) {
            this(function, type, OptionalInt.empty());
        }

        private MethodHandle handle() {
            List<Linker.Option> options = new ArrayList<>();
            options.add(Linker.Option.captureCallState("errno"));
            variadic.ifPresent(index -> options.add(Linker.Option.firstVariadicArg(index)));
            return LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow(function),
                    type,
                    options.toArray(Linker.Option[]::new));
        }
    }

    private static final FunctionDescriptor THREE_IDS =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final Downcall SYSCALL_TYPE =
            new Downcall(
                    "syscall",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG, JAVA_LONG),
                    OptionalInt.of(1));
    private static final Downcall SETRESUID_TYPE = new Downcall("setresuid", THREE_IDS);
    private static final Downcall SETRESGID_TYPE = new Downcall("setresgid", THREE_IDS);
    private static final Downcall SETGROUPS_TYPE =
            new Downcall("setgroups", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));

    /** All there are; a native image has to know them when it is built. */
    static final List<Downcall> DOWNCALLS =
            List.of(SYSCALL_TYPE, SETRESUID_TYPE, SETRESGID_TYPE, SETGROUPS_TYPE);

    private static final MethodHandle SYSCALL = SYSCALL_TYPE.handle();
    private static final MethodHandle SETRESUID = SETRESUID_TYPE.handle();
    private static final MethodHandle SETRESGID = SETRESGID_TYPE.handle();
    private static final MethodHandle SETGROUPS = SETGROUPS_TYPE.handle();

    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final int[] NUMBERS = numbers();

    private Sys() {}

    /**
     * Makes a system call.
     *
     * <p>Memory whose address is among the arguments must stay alive until this returns.
     *
     * @return what the kernel returned: 0 or more, an address, or an error number negated
     */
    public static long call(Syscall call, long a, long b, long c, long d, long e, long f) {
        MemorySegment captured = CAPTURED.get();
        long result;
        try {
            result = (long) SYSCALL.invokeExact(captured, number(call), a, b, c, d, e, f);
        } catch (Throwable t) {
            throw broken(call.call(), t);
        }
        return result == -1 ? -errno(captured) : result;
    }

    /** {@link #call(Syscall, long, long, long, long, long, long)} with the last two 0. */
    public static long call(Syscall call, long a, long b, long c, long d) {
        return call(call, a, b, c, d, 0, 0);
    }

    /** {@link #call(Syscall, long, long, long, long, long, long)} with the last three 0. */
    public static long call(Syscall call, long a, long b, long c) {
        return call(call, a, b, c, 0, 0, 0);
    }

    /**
     * Whether a result of a call is an error number negated. Addresses never are: the kernel keeps
     * the last 4095 values for errors.
     */
    public static boolean failed(long result) {
        return result < 0 && result >= -4095;
    }

    /**
     * The result, or an exception if it is an error.
     *
     * @param detail on what the call was made; may be empty
     * @throws ErrnoException if the result is an error number negated
     */
    public static long check(Syscall call, long result, String detail) throws ErrnoException {
        if (failed(result)) {
            throw new ErrnoException(call.call(), (int) -result, detail);
        }
        return result;
    }

    /** libc's setresuid(3): every thread of the process. 0 or an error number negated. */
    static int setresuid(int real, int effective, int saved) {
        return setThreeIds("setresuid", SETRESUID, real, effective, saved);
    }

    /** libc's setresgid(3): every thread of the process. 0 or an error number negated. */
    static int setresgid(int real, int effective, int saved) {
        return setThreeIds("setresgid", SETRESGID, real, effective, saved);
    }

    /** libc's setgroups(3): every thread of the process. 0 or an error number negated. */
    static int setgroups(int count, MemorySegment groups) {
        MemorySegment captured = CAPTURED.get();
        try {
            int result = (int) SETGROUPS.invokeExact(captured, (long) count, groups);
            return result == -1 ? -errno(captured) : result;
        } catch (Throwable t) {
            throw broken("setgroups", t);
        }
    }

    private static int setThreeIds(String call, MethodHandle handle, int a, int b, int c) {
        MemorySegment captured = CAPTURED.get();
        try {
            int result = (int) handle.invokeExact(captured, a, b, c);
            return result == -1 ? -errno(captured) : result;
        } catch (Throwable t) {
            throw broken(call, t);
        }
    }

    private static int errno(MemorySegment captured) {
        return (int) ERRNO.get(captured, 0L);
    }

    private static long number(Syscall call) {
        return NUMBERS[call.ordinal()];
    }

    private static int[] numbers() {
        Syscall[] all = Syscall.values();
        int[] numbers = new int[all.length];
        for (Syscall call : all) {
            numbers[call.ordinal()] = call.number(Architecture.current());
        }
        return numbers;
    }

    /** A downcall throws nothing of its own: what came is an error of the JVM or a wrong type. */
    private static Error broken(String call, Throwable cause) {
        if (cause instanceof Error error) {
            return error;
        }
        return new LinkageError("the downcall for " + call + " is wrong", cause);
    }
}
