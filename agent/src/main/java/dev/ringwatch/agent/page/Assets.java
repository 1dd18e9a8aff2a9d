package dev.ringwatch.agent.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The files that pages refer to. Each has a digest of its content in its address, so that a browser
 * may keep it for ever and a new agent's page never meets an old one's script. Immutable.
 */
public final class Assets {
    /** Where they are. */
    public static final String ROOT = "/assets/";

    private static final int DIGEST_DIGITS = 12;

    /** A file. */
    enum Name {
        STYLE("page.css", "text/css; charset=utf-8"),
        SCRIPT("page.js", "text/javascript; charset=utf-8"),
        THEME("theme.js", "text/javascript; charset=utf-8"),
        ICON("icon.svg", "image/svg+xml"),
        CHARTS("uPlot.iife.min.js", "text/javascript; charset=utf-8"),
        CHARTS_STYLE("uPlot.min.css", "text/css; charset=utf-8");

        private final String file;
        private final String type;

        Name(String file, String type) {
            this.file = file;
            this.type = type;
        }
    }

    /** A file as it is served, in UTF-8. */
    public record Asset(String type, String content) {}

    private final Map<Name, String> addresses = new EnumMap<>(Name.class);
    private final Map<String, Asset> byAddress = new HashMap<>();

    private Assets() throws IOException {
        for (Name name : Name.values()) {
            byte[] content = read(name.file);
            String address = ROOT + digest(content) + "/" + name.file;
            addresses.put(name, address);
            byAddress.put(address, new Asset(name.type, new String(content, UTF_8)));
        }
    }

    /** Reads them, out of the program's own jar. */
    public static Assets read() {
        try {
            return new Assets();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file at a path, if there is one. */
    public Optional<Asset> find(String path) {
        return Optional.ofNullable(byAddress.get(path));
    }

    String address(Name name) {
        return addresses.getOrDefault(name, "");
    }

    private static byte[] read(String file) throws IOException {
        try (InputStream in = Assets.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException("the program is not whole: " + file + " is missing");
            }
            return in.readAllBytes();
        }
    }

    private static String digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest).substring(0, DIGEST_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
