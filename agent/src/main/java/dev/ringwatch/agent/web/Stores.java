package dev.ringwatch.agent.web;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

/** Key stores in memory. */
final class Stores {
    private Stores() {}

    @SuppressWarnings("NullAway") // null stands for no stream and no password
    static KeyStore empty() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("nothing is read", e);
        }
        return store;
    }
}
