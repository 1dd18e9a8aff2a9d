package dev.ringwatch.dashboards;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;

/** The real Alertmanager on loopback, alone, with its data in a folder of the test. */
final class Alertmanager implements Closeable {
    private final Started process;
    private final Http http;

    private Alertmanager(Started process, Http http) {
        this.process = process;
        this.http = http;
    }

    /** Starts one with this configuration file, and waits until it is ready. */
    static Alertmanager start(Path folder, Path configuration) throws Exception {
        Http http = new Http(Started.freePort());
        Started process =
                Started.program(
                        "alertmanager",
                        folder,
                        "prometheus-alertmanager",
                        List.of(
                                "prometheus-alertmanager",
                                "--config.file=" + configuration,
                                "--storage.path=" + folder.resolve("alertmanager-data"),
                                "--web.listen-address=" + http.address(),
                                "--cluster.listen-address="));
        process.await("readiness", () -> http.text("/-/ready"));
        return new Alertmanager(process, http);
    }

    /** Where Prometheus sends alerts. */
    String address() {
        return http.address();
    }

    @Override
    public void close() {
        process.close();
    }
}
