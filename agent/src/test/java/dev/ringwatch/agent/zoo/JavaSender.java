package dev.ringwatch.agent.zoo;

import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.ScmRights;
import dev.ringwatch.uring.sys.Sockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that sends a descriptor from a compiled method. Closing it ends it. */
public final class JavaSender implements AutoCloseable {
    private static final long END_SECONDS = 30;

    private final Process process;

    private JavaSender(Process process) {
        this.process = process;
    }

    /**
     * Sends and waits until its input ends.
     *
     * @param args none
     */
    public static void main(String[] args) throws Exception {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        OwnedFd file = Fds.eventFd(0, 0);
        sendsFromJava(pair.get(0).number(), file.number());
        file.close();
        System.out.println(Zoo.READY);
        System.out.flush();
        while (System.in.read() >= 0) {
            // whoever started this ends it by closing our input
        }
        for (OwnedFd end : pair) {
            end.close();
        }
    }

    static void sendsFromJava(int socket, int file) throws IOException {
        ScmRights.send(socket, MemorySegment.ofArray(new byte[1]), file);
    }

    /** Starts one; only its method is compiled, and that at its first call. */
    static JavaSender start(String option) throws IOException {
        List<String> command =
                ZooProcess.java(JavaSender.class, System.getProperty("java.class.path"));
        command.addAll(
                1,
                List.of(
                        option,
                        "-Xcomp",
                        "-XX:-Inline",
                        "-XX:CompileCommand=quiet",
                        "-XX:CompileCommand=compileonly," + JavaSender.class.getName() + "::*"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader said = process.inputReader();
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); !Zoo.READY.equals(line); line = said.readLine()) {
            if (line == null) {
                throw new IOException("a JVM that should send ended: " + all);
            }
            all.append(line).append('\n');
        }
        return new JavaSender(process);
    }

    int pid() {
        return (int) process.pid();
    }

    /** Has the JVM write the names of what it compiled. */
    void writePerfMap() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process told =
                new ProcessBuilder(jcmd.toString(), Integer.toString(pid()), "Compiler.perfmap")
                        .redirectErrorStream(true)
                        .start();
        String answer =
                new String(
                        told.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        if (told.waitFor() != 0) {
            throw new IOException("jcmd: " + answer);
        }
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
        Files.deleteIfExists(Path.of("/tmp/perf-" + pid() + ".map"));
    }
}
