package dev.ringwatch.agent;

import dev.ringwatch.agent.config.ConfigurationException;
import dev.ringwatch.agent.config.Durations;
import dev.ringwatch.uring.sys.ErrnoException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line. */
@Command(
        name = "ringwatch",
        description = "Finds the open files that only io_uring rings and AF_UNIX queues hold.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            LeaksCommand.class,
            WhyCommand.class,
            SnapshotCommand.class,
            TopCommand.class,
            DoctorCommand.class,
            ModelCommand.class,
            SimulateCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            SampleCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch doctor            what can be seen on this machine",
            "  ringwatch leaks             what leaks now, with evidence",
            "  ringwatch run               watch, and serve metrics on 127.0.0.1:9736",
            "",
            "Exit status: 0 fine, 1 something was found or is degraded, 2 bad usage or an error."
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs one command and returns its exit status. */
    static int execute(String... args) {
        CommandLine cli =
                new CommandLine(new Main())
                        .registerConverter(java.time.Duration.class, new Durations())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setParameterExceptionHandler((e, a) -> usage(e))
                        .setExecutionExceptionHandler((e, c, r) -> failed(e));
        cli.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        if (args.length == 0) {
            cli.usage(System.err);
            return ExitStatus.ERROR;
        }
        try {
            return cli.execute(args);
        } catch (OutOfMemoryError e) {
            System.err.println("ringwatch: out of memory: give it more with RINGWATCH_HEAP=512m");
            return ExitStatus.ERROR;
        } catch (Error e) {
            return bug(e);
        }
    }

    private static int usage(ParameterException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("bad usage");
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        System.err.println("ringwatch: " + message + " (see '" + name + " --help')");
        return ExitStatus.ERROR;
    }

    private static int failed(Exception e) {
        switch (e) {
            case CliException cli -> System.err.println("ringwatch: " + cli.line());
            case ConfigurationException bad -> System.err.println("ringwatch: " + bad.line());
            case IOException io -> System.err.println("ringwatch: " + oneLine(io));
            default -> bug(e);
        }
        return ExitStatus.ERROR;
    }

    private static String oneLine(IOException e) {
        String message = String.valueOf(e.getMessage()).replaceAll("\\s*[\\r\\n]+\\s*", "; ");
        return e instanceof ErrnoException
                ? message
                : e.getClass().getSimpleName() + ": " + message;
    }

    private static int bug(Throwable e) {
        System.err.println("ringwatch: this is a bug, please report it with what follows:");
        e.printStackTrace();
        return ExitStatus.ERROR;
    }

    /** The version in the jar's manifest. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null
                ? Main.class.getModule().getDescriptor() == null
                        ? "unknown"
                        : Main.class.getModule().getDescriptor().rawVersion().orElse("unknown")
                : version;
    }

    /** Tells picocli the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"ringwatch " + version()};
        }
    }
}
