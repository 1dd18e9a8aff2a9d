package dev.ringwatch.agent;

import dev.ringwatch.agent.privilege.CapabilitySet;
import dev.ringwatch.agent.privilege.User;
import dev.ringwatch.uring.sys.Tasks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whose the agent is once everything is open that only root may open. */
sealed interface RunAs {
    /** Another user's. */
    record Become(User user) implements RunAs {}

    /**
     * Whose it is already.
     *
     * @param why as in "stays root: ..."; empty if nothing else was to be expected
     */
    record Stay(String why) implements RunAs {}

    /** What a dedicated user is called, and who it is where there is none. */
    List<String> DEFAULTS = List.of("ringwatch", "nobody");

    /** Why root can't. */
    String POWERLESS = "it may not become another user";

    /**
     * Decides it.
     *
     * @param asked the configuration's run_as
     * @throws CliException if what was asked for is impossible
     */
    static RunAs choose(Optional<String> asked) {
        if (Tasks.effectiveUser() != 0) {
            return new Stay("");
        }
        try {
            return asked.isPresent() ? asked(asked.get()) : byDefault();
        } catch (IOException e) {
            throw new CliException("run_as: " + e);
        }
    }

    private static RunAs asked(String name) throws IOException {
        User user =
                User.named(name)
                        .orElseThrow(
                                () ->
                                        new CliException(
                                                "run_as: /etc/passwd has no user "
                                                        + name
                                                        + "; make one (useradd --system --no-create-home "
                                                        + name
                                                        + ") or set run_as: root"));
        Optional<Path> closed = closed(user);
        if (closed.isPresent()) {
            throw new CliException(
                    "run_as: "
                            + unreadable(user, closed.get())
                            + "; install it where everybody may read, or set run_as: root");
        }
        if (user.isRoot()) {
            return new Stay("");
        }
        if (!CapabilitySet.ofThisThread().mayChangeUser()) {
            throw new CliException(
                    "run_as: "
                            + POWERLESS
                            + "; give the process CAP_SETUID and CAP_SETGID, or set run_as: root");
        }
        return new Become(user);
    }

    private static RunAs byDefault() throws IOException {
        if (!CapabilitySet.ofThisThread().mayChangeUser()) {
            return new Stay(POWERLESS);
        }
        for (String name : DEFAULTS) {
            Optional<User> user = User.named(name);
            if (user.isPresent()) {
                Optional<Path> closed = closed(user.get());
                return closed.isPresent()
                        ? new Stay(unreadable(user.get(), closed.get()))
                        : new Become(user.get());
            }
        }
        return new Stay("/etc/passwd has no user " + String.join(" or ", DEFAULTS));
    }

    private static String unreadable(User user, Path closed) {
        return user.name() + " may not read " + closed + ", a part of the program";
    }

    /** Classes are read when they are first needed, so the user must be able to read them. */
    private static Optional<Path> closed(User user) throws IOException {
        for (Path part : program()) {
            Optional<Path> closed = user.keptFrom(part);
            if (closed.isPresent()) {
                return closed;
            }
        }
        return Optional.empty();
    }

    private static List<Path> program() {
        List<Path> parts = new ArrayList<>();
        parts.add(Path.of(System.getProperty("java.home"), "lib", "modules"));
        Stream.of("jdk.module.path", "java.class.path")
                .flatMap(p -> Stream.of(System.getProperty(p, "").split(File.pathSeparator)))
                .filter(p -> !p.isEmpty())
                .map(Path::of)
                .filter(Files::exists)
                .forEach(parts::add);
        return parts;
    }
}
