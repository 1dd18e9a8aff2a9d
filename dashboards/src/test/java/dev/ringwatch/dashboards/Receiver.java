package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** A webhook on loopback, to which Alertmanager delivers. Keeps everything that arrives, in order. */
final class Receiver implements Closeable {
    private static final int OK = 200;

    private final HttpServer server;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final List<Notice> notices = new CopyOnWriteArrayList<>();

    private Receiver(HttpServer server) {
        this.server = server;
    }

    static Receiver start() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Receiver receiver = new Receiver(server);
        server.createContext("/", receiver::accept);
        server.start();
        return receiver;
    }

    /** Where to deliver for a receiver of Alertmanager's configuration. */
    String url(String receiver) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + receiver;
    }

    /** What has arrived so far. */
    List<Notice> notices() {
        return List.copyOf(notices);
    }

    /** Waits until something has arrived. */
    void awaitOne() throws InterruptedException {
        arrived.await();
    }

    /** A line for each. */
    @Override
    public String toString() {
        return notices.stream()
                .map(n -> n.at() + (n.firing() ? " firing " : " resolved ") + n.labels())
                .collect(Collectors.joining("\n", "told:\n", "\n"));
    }

    private void accept(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode delivery = new ObjectMapper().readTree(exchange.getRequestBody());
            String receiver = exchange.getRequestURI().getPath().substring(1);
            for (JsonNode alert : delivery.path("alerts")) {
                notices.add(Notice.of(receiver, alert));
            }
            arrived.countDown();
            exchange.sendResponseHeaders(OK, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
