package dev.ringwatch.agent.guest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A throw-away machine with another kernel, emulated by {@code .ci/guest}. It sees this machine's
 * files, keeps in memory what is written over them, and ends with its command. Only root can start
 * one. Every run boots; runs may overlap.
 *
 * @param kernel a series of Debian's, 6.1 or 6.12, or the path of an image
 */
public record Guest(String kernel) {
    /** The status of a guest that did not start or did not come to the end of its command. */
    public static final int FAILED = 125;

    /** Maven runs tests in the folder of their module. */
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();

    /** For what is not the guest's own time: a kernel may have to be fetched first. */
    private static final Duration PREPARATION = Duration.ofMinutes(5);

    private static final long END_SECONDS = 10;

    private static final String ENDED = "ringwatch-guest: ended with ";
    private static final Pattern END = Pattern.compile("\n" + ENDED + "(\\d+)\n");

    /**
     * What a command left.
     *
     * @param status its exit status, or {@link #FAILED}
     * @param output what it wrote to both of its streams; of a guest that failed also why
     */
    public record Run(int status, String output) {}

    public static Guest kernel(String kernel) {
        return new Guest(kernel);
    }

    /** Skips the test where no guest can be started. */
    public static void assumePossible() throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "guests run on x86_64 only");
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "only root can start a guest");
    }

    /**
     * Runs a bash command line as root in the top folder of the checkout.
     *
     * @param timeout for the guest, from power on
     */
    public Run run(Duration timeout, String command) throws IOException, InterruptedException {
        Process process = process(timeout, command).start();
        try {
            CompletableFuture<String> output =
                    CompletableFuture.supplyAsync(() -> read(process), Thread::startVirtualThread);
            String said = output.get(timeout.plus(PREPARATION).toMillis(), TimeUnit.MILLISECONDS);
            return new Run(process.waitFor(), said);
        } catch (TimeoutException | ExecutionException e) {
            throw new AssertionError(this + " does not end", e);
        } finally {
            end(process);
        }
    }

    /**
     * Runs several command lines in one boot, one after the other, each in a bash of its own.
     *
     * @return what each one left
     * @throws AssertionError if the guest failed
     */
    public List<Run> runEach(Duration timeout, List<String> commands)
            throws IOException, InterruptedException {
        String all =
                commands.stream()
                        .map(c -> "bash -c " + quote(c) + "; printf '\\n" + ENDED + "%d\\n' $?")
                        .collect(Collectors.joining("\n"));
        Run whole = run(timeout, all);
        List<Run> runs = split(whole.output());
        if (whole.status() != 0 || runs.size() != commands.size()) {
            throw new AssertionError(this + " ended with " + whole);
        }
        return runs;
    }

    /** The command line for a class of this build; nothing is built in a guest. */
    public static String java(String main, String... arguments) {
        return java(List.of(), main, arguments);
    }

    /** The same with options for the virtual machine. */
    public static String java(List<String> options, String main, String... arguments) {
        return Stream.of(jvm(), options, List.of(main), List.of(arguments))
                .flatMap(List::stream)
                .map(Guest::quote)
                .collect(Collectors.joining(" "));
    }

    private static List<String> jvm() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Emulated, the compiler is slow: it pays only for hot methods.
                "-XX:TieredStopAtLevel=1",
                "-XX:CompileThresholdScaling=10",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"));
    }

    ProcessBuilder process(Duration timeout, String command) {
        ProcessBuilder builder =
                new ProcessBuilder(
                                TOP.resolve(".ci/guest").toString(),
                                kernel,
                                "--timeout",
                                Long.toString(timeout.toSeconds()),
                                "--",
                                command)
                        .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static List<Run> split(String output) {
        List<Run> runs = new ArrayList<>();
        Matcher end = END.matcher(output);
        int begin = 0;
        while (end.find()) {
            int status = Integer.parseInt(end.group(1));
            runs.add(new Run(status, output.substring(begin, end.start())));
            begin = end.end();
        }
        return runs;
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asked to end, the script ends the machine and all that belongs to it. */
    static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
