package dev.ringwatch.uring.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that answers a line with a line. It ends when its input does, so also with us. */
final class Worker implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;

    private Worker(String name, Process process) {
        this.name = name;
        this.process = process;
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts it.
     *
     * @param folder its working directory
     */
    static Worker start(String name, List<String> command, Path folder) {
        try {
            return new Worker(
                    name,
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start());
        } catch (IOException e) {
            throw new BenchException("cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    long pid() {
        return process.pid();
    }

    String ask(String request) {
        try {
            requests.write(request + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        return read();
    }

    String read() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw ended(new IOException("no answer"));
            }
            return line;
        } catch (IOException e) {
            throw ended(e);
        }
    }

    private BenchException ended(IOException cause) {
        return new BenchException(name + " ended early: what it said is above", cause);
    }

    @Override
    public void close() {
        try {
            requests.close();
        } catch (IOException e) {
            System.err.println(name + " was gone before its end: " + e.getMessage());
        }
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
