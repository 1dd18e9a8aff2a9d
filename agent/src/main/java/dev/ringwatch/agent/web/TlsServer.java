package dev.ringwatch.agent.web;

import dev.ringwatch.agent.serve.Security;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** Makes the server's side of TLS connections, with the JDK's implementation. Safe for any thread. */
final class TlsServer {
    private static final char[] NO_PASSWORD = {};

    private final SSLContext context;
    private final SSLParameters parameters;
    private final boolean verifies;

    /**
     * Reads the files.
     *
     * @param folder that relative paths begin at
     */
    TlsServer(WebConfig.Tls config, Path folder) throws WebConfigException {
        if (config.clientCa().isPresent() && !config.clientAuth().asks()) {
            throw new WebConfigException(
                    "client_ca_file: is not used without client_auth_type; set it to"
                            + " RequireAndVerifyClientCert");
        }
        if (!config.allowedSans().isEmpty() && !config.clientAuth().requires()) {
            throw new WebConfigException(
                    "client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert or"
                            + " RequireAnyClientCert");
        }
        verifies = config.clientAuth().verifies();
        try {
            context = SSLContext.getInstance("TLS");
            context.init(
                    keys(config, folder).getKeyManagers(),
                    new TrustManager[] {trust(config, folder)},
                    null);
            parameters = parameters(config);
        } catch (GeneralSecurityException e) {
            throw new WebConfigException("tls_server_config: " + e.getMessage(), e);
        }
    }

    Security.Tls connection() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters);
        return new Security.Tls(engine, verifies);
    }

    private static KeyManagerFactory keys(WebConfig.Tls config, Path folder)
            throws WebConfigException, GeneralSecurityException {
        WebConfig.Pem certificate =
                config.certificate()
                        .orElseThrow(() -> new WebConfigException("cert_file: is missing"));
        WebConfig.Pem key =
                config.key().orElseThrow(() -> new WebConfigException("key_file: is missing"));
        List<X509Certificate> chain =
                Pem.certificates(name("cert", certificate), text(certificate, folder));
        PrivateKey secret = Pem.privateKey(name("key", key), text(key, folder));
        requirePair(secret, chain.getFirst());
        KeyStore store = Stores.empty();
        store.setKeyEntry("server", secret, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory;
    }

    /** What the key signs, the certificate must verify. */
    private static void requirePair(PrivateKey key, X509Certificate certificate)
            throws WebConfigException, GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA" -> "EdDSA";
                    default ->
                            throw new WebConfigException(
                                    "key_file: keys for " + key.getAlgorithm() + " are not used");
                };
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            throw new WebConfigException("key_file: is not the key of cert_file");
        }
        byte[] text = "ringwatch".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(text);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(text);
        if (!verifier.verify(signature)) {
            throw new WebConfigException("key_file: is not the key of cert_file");
        }
    }

    private static ClientTrust trust(WebConfig.Tls config, Path folder)
            throws WebConfigException, GeneralSecurityException {
        Optional<WebConfig.Pem> pem = config.clientCa();
        List<X509Certificate> authorities =
                pem.isEmpty()
                        ? List.of()
                        : Pem.certificates(name("client_ca", pem.get()), text(pem.get(), folder));
        return ClientTrust.of(authorities, config.clientAuth().verifies(), config.allowedSans());
    }

    private SSLParameters parameters(WebConfig.Tls config) throws WebConfigException {
        SSLParameters p = context.getDefaultSSLParameters();
        p.setProtocols(protocols(config));
        if (!config.cipherSuites().isEmpty()) {
            p.setCipherSuites(suites(config));
        }
        if (!config.curves().isEmpty()) {
            p.setNamedGroups(config.curves().toArray(String[]::new));
        }
        p.setUseCipherSuitesOrder(config.serverPrefers());
        p.setApplicationProtocols(new String[] {"http/1.1"});
        if (config.clientAuth().requires()) {
            p.setNeedClientAuth(true);
        } else if (config.clientAuth().asks()) {
            p.setWantClientAuth(true);
        }
        return p;
    }

    private String[] protocols(WebConfig.Tls config) throws WebConfigException {
        List<String> spoken = List.of(context.getDefaultSSLParameters().getProtocols());
        String[] wanted =
                Stream.of(TlsVersion.values())
                        .filter(v -> v.compareTo(config.least()) >= 0)
                        .filter(v -> v.compareTo(config.most()) <= 0)
                        .map(TlsVersion::java)
                        .filter(spoken::contains)
                        .toArray(String[]::new);
        if (wanted.length == 0) {
            throw new WebConfigException(
                    "min_version, max_version: leave nothing that this Java speaks: "
                            + String.join(", ", spoken));
        }
        return wanted;
    }

    /** Those of TLS 1.3 are always on, as in Go: the list is about older versions. */
    private String[] suites(WebConfig.Tls config) throws WebConfigException {
        SSLParameters all = context.getSupportedSSLParameters();
        List<String> spoken = List.of(all.getCipherSuites());
        List<String> suites = new ArrayList<>();
        spoken.stream().filter(TlsServer::isOfTls13).forEach(suites::add);
        for (String suite : config.cipherSuites()) {
            if (!spoken.contains(suite)) {
                throw new WebConfigException("cipher_suites: this Java does not know " + suite);
            }
            suites.add(suite);
        }
        return suites.stream().distinct().toArray(String[]::new);
    }

    private static boolean isOfTls13(String suite) {
        return suite.startsWith("TLS_AES_") || suite.startsWith("TLS_CHACHA20_");
    }

    private static String name(String key, WebConfig.Pem pem) {
        return switch (pem) {
            case WebConfig.Pem.Inline inline -> key;
            case WebConfig.Pem.File file -> key + "_file " + file.path();
        };
    }

    private static String text(WebConfig.Pem pem, Path folder) throws WebConfigException {
        return switch (pem) {
            case WebConfig.Pem.Inline inline -> inline.text();
            case WebConfig.Pem.File file -> read(folder.resolve(file.path()));
        };
    }

    private static String read(Path file) throws WebConfigException {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new WebConfigException(file + ": no such file", e);
        } catch (AccessDeniedException e) {
            throw new WebConfigException(file + ": may not be read by the agent's user", e);
        } catch (IOException e) {
            throw new WebConfigException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
