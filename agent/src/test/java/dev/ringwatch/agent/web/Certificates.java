package dev.ringwatch.agent.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/** Keys and certificates made with openssl, in a folder. */
final class Certificates {
    private final Path folder;

    Certificates(Path folder) {
        this.folder = folder;
    }

    /** A key and a certificate that signs itself, for 127.0.0.1: NAME.key and NAME.crt. */
    void selfSigned(String name, String... keyOptions) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
        command.addAll(List.of("-days", "2", "-subj", "/CN=" + name));
        command.addAll(List.of("-addext", "subjectAltName=IP:127.0.0.1,DNS:" + name));
        command.addAll(List.of("-keyout", name + ".key", "-out", name + ".crt"));
        command.addAll(List.of(keyOptions));
        run(command);
    }

    /** A certificate for a client that an authority of {@link #selfSigned} signs. */
    void client(String name, String authority) throws Exception {
        run(
                List.of(
                        "openssl",
                        "req",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-subj",
                        "/CN=" + name,
                        "-keyout",
                        name + ".key",
                        "-out",
                        name + ".csr"));
        Path extensions = folder.resolve(name + ".ext");
        Files.writeString(extensions, "subjectAltName=DNS:" + name + "\n");
        run(
                List.of(
                        "openssl",
                        "x509",
                        "-req",
                        "-days",
                        "2",
                        "-in",
                        name + ".csr",
                        "-CA",
                        authority + ".crt",
                        "-CAkey",
                        authority + ".key",
                        "-CAcreateserial",
                        "-extfile",
                        extensions.toString(),
                        "-out",
                        name + ".crt"));
    }

    void run(List<String> command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(new File(folder.toFile(), "openssl.log"))
                        .start();
        assertEquals(0, process.waitFor(), () -> "see openssl.log in " + folder + ": " + command);
    }

    /** A client that trusts one certificate and shows none. */
    HttpClient trusting(String server) throws Exception {
        return client(context(server, ""), new SSLParameters());
    }

    /** A client that trusts one certificate and shows another. */
    HttpClient showing(String server, String own) throws Exception {
        return client(context(server, own), new SSLParameters());
    }

    static HttpClient client(SSLContext context, SSLParameters parameters) {
        return HttpClient.newBuilder().sslContext(context).sslParameters(parameters).build();
    }

    SSLContext context(String server, String own) throws Exception {
        KeyStore trusted = Stores.empty();
        trusted.setCertificateEntry(
                "server", Pem.certificates("test", read(server + ".crt")).getFirst());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                own.isEmpty() ? null : new KeyManager[] {new Insistent(keys(own))},
                trust.getTrustManagers(),
                null);
        return context;
    }

    /** Shows its certificate also to who did not name its authority. */
    private static final class Insistent extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Insistent(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] by, SSLEngine engine) {
            return "own";
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] by, Socket socket) {
            return "own";
        }

        @Override
        public String[] getClientAliases(String type, Principal[] by) {
            return new String[] {"own"};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] by) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] by, Socket socket) {
            return "";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    private X509ExtendedKeyManager keys(String name)
            throws GeneralSecurityException, IOException, WebConfigException {
        KeyStore store = Stores.empty();
        store.setKeyEntry(
                "own",
                Pem.privateKey("test", read(name + ".key")),
                new char[0],
                Pem.certificates("test", read(name + ".crt"))
                        .toArray(java.security.cert.Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return assertInstanceOf(X509ExtendedKeyManager.class, factory.getKeyManagers()[0]);
    }

    private String read(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }
}
