package dev.ringwatch.agent.web;

import dev.ringwatch.agent.config.ConfigurationException;
import dev.ringwatch.agent.config.YamlFile;
import dev.ringwatch.agent.serve.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A web configuration that is read again when it, or a file that it names, has changed; looked for at
 * each connection and request. One that cannot be used is refused with a line in the log, and the
 * last good one holds. Safe for any thread.
 */
public final class WebConfigFile implements Security {
    private static final System.Logger LOG = System.getLogger(WebConfigFile.class.getName());

    private final Path file;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Loaded loaded;
    private volatile State seen;

    /** What the last good reading gave. */
    private record Loaded(
            Optional<TlsServer> tls, Users users, RateLimit rate, Map<String, String> headers) {}

    /** How the files stood at the last reading, good or not, and whether it was good. */
    private record State(List<Path> files, List<Stamp> stamps, boolean good) {}

    /** What changes with a file's content: replaced or written. */
    private record Stamp(@Nullable Object file, long modified, long changed, long size) {
        static final Stamp NONE = new Stamp(null, 0, 0, 0);

        static Stamp of(Path path) {
            try {
                BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(
                        a.fileKey(),
                        a.lastModifiedTime().toMillis(),
                        Files.getAttribute(path, "unix:ctime")
                                        instanceof java.nio.file.attribute.FileTime t
                                ? t.toMillis()
                                : 0,
                        a.size());
            } catch (IOException e) {
                return NONE; // what is wrong with it, reading it tells
            }
        }
    }

    /**
     * Reads it for the first time.
     *
     * @throws WebConfigException if it cannot be used
     */
    public static WebConfigFile open(Path file) throws WebConfigException {
        return new WebConfigFile(file);
    }

    private WebConfigFile(Path file) throws WebConfigException {
        this.file = file.toAbsolutePath();
        try {
            Stamp before = Stamp.of(this.file);
            WebConfig config = parse();
            List<Path> files = files(config);
            List<Stamp> stamps = stamps(before, files);
            loaded = load(config);
            seen = new State(files, stamps, true);
        } catch (WebConfigException e) {
            throw new WebConfigException("web configuration " + file + ": " + e.line(), e);
        }
    }

    /** Whether the files as they are now could be used; otherwise older ones hold. */
    public boolean isGood() {
        refresh();
        return seen.good;
    }

    /** Whether connections over TCP are encrypted. */
    public boolean hasTls() {
        return current().tls.isPresent();
    }

    /** The files that are read again. */
    public List<Path> files() {
        return seen.files;
    }

    @Override
    public Optional<Tls> tls() {
        return current().tls.map(TlsServer::connection);
    }

    @Override
    public boolean hasUsers() {
        return !current().users.isEmpty();
    }

    @Override
    public Optional<Boolean> remembers(String user, String password) {
        return loaded.users.remembers(user, password);
    }

    @Override
    public boolean knows(String user, String password) {
        return loaded.users.knows(user, password);
    }

    @Override
    public boolean allows() {
        return current().rate.allows();
    }

    @Override
    public Map<String, String> headers() {
        return loaded.headers;
    }

    private Loaded current() {
        refresh();
        return loaded;
    }

    /** Who finds another at it goes on with what holds. */
    private void refresh() {
        if (!reading.tryLock()) {
            return;
        }
        try {
            State before = seen;
            List<Stamp> now = before.files.stream().map(Stamp::of).toList();
            if (!now.equals(before.stamps)) {
                reload(before, now);
            }
        } finally {
            reading.unlock();
        }
    }

    private void reload(State before, List<Stamp> now) {
        List<Path> files = before.files;
        List<Stamp> stamps = now;
        try {
            WebConfig config = parse();
            files = files(config);
            stamps = stamps(now.getFirst(), files);
            if (config.saysNothing()) {
                // A file that is being written is empty for a moment, and would let everybody in.
                throw new WebConfigException(
                        file + ": says nothing; if that is meant, start the agent anew");
            }
            loaded = load(config);
            seen = new State(files, stamps, true);
            LOG.log(System.Logger.Level.INFO, "web configuration {0} was read again", file);
        } catch (WebConfigException e) {
            refuse(new State(files, stamps, false), e.line());
        } catch (RuntimeException e) {
            // Whatever a file makes of the libraries that read it: connections go on as before.
            refuse(new State(files, stamps, false), e.toString());
        }
    }

    private void refuse(State state, String line) {
        seen = state;
        LOG.log(
                System.Logger.Level.ERROR,
                "web configuration {0} has changed and cannot be used; the one before holds: {1}",
                file,
                line);
    }

    /** That of the file itself is from before it was read: what is written after that is seen. */
    private static List<Stamp> stamps(Stamp ofFile, List<Path> files) {
        return Stream.concat(Stream.of(ofFile), files.stream().skip(1).map(Stamp::of)).toList();
    }

    private WebConfig parse() throws WebConfigException {
        try {
            return YamlFile.read(file, WebConfig::read);
        } catch (ConfigurationException e) {
            throw new WebConfigException(e.line(), e);
        }
    }

    private Loaded load(WebConfig config) throws WebConfigException {
        Path folder = folder();
        return new Loaded(
                config.tls().wanted()
                        ? Optional.of(new TlsServer(config.tls(), folder))
                        : Optional.empty(),
                new Users(config.users()),
                new RateLimit(config.rateInterval(), config.rateBurst(), System::nanoTime),
                Map.copyOf(config.headers()));
    }

    private List<Path> files(WebConfig config) {
        WebConfig.Tls tls = config.tls();
        List<Path> all = new ArrayList<>(List.of(file));
        Stream.of(tls.certificate(), tls.key(), tls.clientCa())
                .flatMap(Optional::stream)
                .forEach(
                        pem -> {
                            if (pem instanceof WebConfig.Pem.File f) {
                                all.add(folder().resolve(f.path()));
                            }
                        });
        return List.copyOf(all);
    }

    private Path folder() {
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }
}
