package dev.ringwatch.agent.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The C program src/test/c/calls.c, compiled and running. Closing it ends it. */
public final class CalledProgram implements AutoCloseable {
    /** How stacks must be compiled to be read. */
    public static final List<String> WITH_FRAME_POINTERS =
            List.of("-fno-omit-frame-pointer", "-fno-optimize-sibling-calls");

    private static final long END_SECONDS = 10;

    private final Process process;
    private final BufferedReader said;

    private CalledProgram(Process process, BufferedReader said) {
        this.process = process;
        this.said = said;
    }

    /** Runs it, compiled with frame pointers, and waits until it has made its call. */
    static CalledProgram start(Path folder, String what) throws IOException, InterruptedException {
        return run(compile(folder.resolve("calls"), WITH_FRAME_POINTERS), what);
    }

    /** Runs one that was compiled. */
    static CalledProgram run(Path program, String what) throws IOException {
        Process process =
                new ProcessBuilder(program.toString(), what).redirectErrorStream(true).start();
        BufferedReader said = process.inputReader();
        String line = said.readLine();
        if (!"READY".equals(line)) {
            process.destroyForcibly();
            throw new IOException(program + " " + what + ": " + line);
        }
        return new CalledProgram(process, said);
    }

    /** Compiles it, unless that was done. */
    public static Path compile(Path program, List<String> options)
            throws IOException, InterruptedException {
        return Files.exists(program) ? program : CProgram.compile("calls.c", program, options);
    }

    /** Has the child end that made the call, and waits for that. */
    void endChild() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        String line = said.readLine();
        if (!"ENDED".equals(line)) {
            throw new IOException("the child did not end: " + line);
        }
    }

    /** Its process. */
    public int pid() {
        return (int) process.pid();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
