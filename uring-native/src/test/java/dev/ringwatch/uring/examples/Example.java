package dev.ringwatch.uring.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An example that runs in a process of its own, as a user runs it. */
final class Example implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private Example(Process process) {
        this.process = process;
        output = process.inputReader(UTF_8);
        input = process.outputWriter(UTF_8);
    }

    static Example start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new Example(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** The next line it says. */
    String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("it ended without a word");
        }
        return line;
    }

    void say(String text) throws IOException {
        input.write(text);
        input.flush();
    }

    /** Connects to where it says that it listens. */
    InetSocketAddress address() throws IOException {
        String said = line();
        int port = Integer.parseInt(said.substring(said.lastIndexOf(':') + 1));
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        return new Socket(address.getAddress(), address.getPort());
    }

    /** Ends its input; what it then says and its exit status. */
    List<String> end() throws IOException, InterruptedException {
        input.close();
        List<String> rest = new ArrayList<>(output.lines().toList());
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        rest.add(ended ? "exit " + process.exitValue() : "still running");
        return rest;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
