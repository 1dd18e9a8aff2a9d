package dev.ringwatch.uring.loop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Both sides' beginnings of TLS. */
final class TlsHandshakes {
    private static final System.Logger LOG = System.getLogger(UringServer.class.getName());

    /** How long a client may take for its part: whoever only connects is not waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private TlsHandshakes() {}

    /** A handler that makes the handshake, and hands over what comes of it. */
    static ConnectionHandler server(
            SSLContext context,
            SSLParameters parameters,
            ConnectionHandler handler,
            SocketCounters counters) {
        return transport -> {
            SSLEngine engine = engine(context.createSSLEngine(), false, parameters);
            TlsSocket socket;
            try {
                socket = TlsSocket.establish(transport, engine, Deadline.in(PATIENCE));
            } catch (IOException e) {
                counters.handshakeFailures.increment();
                LOG.log(System.Logger.Level.INFO, "a TLS handshake failed: {0}", e.getMessage());
                return;
            }
            try (socket) {
                handler.handle(socket);
            }
        };
    }

    /**
     * The engine of a client. Whoever asks a host by name wants that host's certificate, unless the
     * parameters have another endpoint identification algorithm, or the empty one.
     */
    static SSLEngine client(SocketAddress address, SSLContext context, SSLParameters parameters) {
        if (!(address instanceof InetSocketAddress inet)) {
            return engine(context.createSSLEngine(), true, parameters);
        }
        SSLEngine engine =
                engine(
                        context.createSSLEngine(inet.getHostString(), inet.getPort()),
                        true,
                        parameters);
        SSLParameters applied = engine.getSSLParameters();
        if (applied.getEndpointIdentificationAlgorithm() == null) {
            applied.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(applied);
        }
        return engine;
    }

    private static SSLEngine engine(SSLEngine engine, boolean client, SSLParameters parameters) {
        engine.setUseClientMode(client);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
