package dev.ringwatch.agent.web;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Which clients' certificates are accepted: verified or not, and by the names in them. */
final class ClientTrust extends X509ExtendedTrustManager {
    /** The kinds of subject alternative names that count: e-mail, DNS, URI, IP (RFC 5280). */
    private static final List<Integer> KINDS = List.of(1, 2, 6, 7);

    private final X509Certificate[] authorities;
    private final Optional<X509ExtendedTrustManager> verifier;
    private final List<String> allowedSans;

    private ClientTrust(
            List<X509Certificate> authorities,
            Optional<X509ExtendedTrustManager> verifier,
            List<String> allowedSans) {
        this.authorities = authorities.toArray(X509Certificate[]::new);
        this.verifier = verifier;
        this.allowedSans = allowedSans;
    }

    /**
     * Trust for a server.
     *
     * @param authorities who may sign; none: those that the JDK trusts
     * @param allowedSans one of which a certificate must have; none: any
     */
    static ClientTrust of(
            List<X509Certificate> authorities, boolean verifies, List<String> allowedSans)
            throws GeneralSecurityException {
        Optional<X509ExtendedTrustManager> verifier =
                verifies ? Optional.of(verifier(authorities)) : Optional.empty();
        return new ClientTrust(authorities, verifier, allowedSans);
    }

    private static X509ExtendedTrustManager verifier(List<X509Certificate> authorities)
            throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store(authorities));
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("the JDK verifies no X.509 certificates");
    }

    @SuppressWarnings("NullAway") // null stands for the JDK's own authorities
    private static @Nullable KeyStore store(List<X509Certificate> authorities)
            throws GeneralSecurityException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = Stores.empty();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), authorities.get(i));
        }
        return store;
    }

    private void checkNames(X509Certificate[] chain) throws CertificateException {
        if (allowedSans.isEmpty()) {
            return;
        }
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        Stream<List<?>> all = names == null ? Stream.of() : names.stream();
        if (all.noneMatch(n -> KINDS.contains(n.get(0)) && allowedSans.contains(n.get(1)))) {
            throw new CertificateException("no name in the client's certificate is allowed");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (verifier.isPresent()) {
            verifier.get().checkClientTrusted(chain, authType, engine);
        }
        checkNames(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("only engines are used here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("only engines are used here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.clone();
    }
}
