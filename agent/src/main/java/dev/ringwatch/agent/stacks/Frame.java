package dev.ringwatch.agent.stacks;

import java.util.Optional;

/**
 * One call on a stack.
 *
 * @param function the function's name, where it is known; as it stands in the file, so that a name of
 *     C++ or Rust is still mangled
 * @param module the file that the code was mapped from, or what stands in its place
 * @param offset how far into the function; without a name, where in the module's file. Absent for
 *     code that was made at run time, where it would be an address of the process
 */
public record Frame(Optional<String> function, String module, java.util.OptionalLong offset) {
    /** What stands for the module of code that was made at run time. */
    public static final String MADE_AT_RUN_TIME = "[jit]";
}
