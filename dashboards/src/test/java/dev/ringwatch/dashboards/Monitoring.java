package dev.ringwatch.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Prometheus and Alertmanager with the committed files, in which time runs faster ({@link FastTime})
 * and only addresses are others, and a receiver.
 */
record Monitoring(Receiver receiver, Prometheus prometheus) {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /**
     * An agent to scrape.
     *
     * @param groups those whose series are kept, as a regular expression; so are series without one
     */
    record Watched(RunningAgent agent, String groups) {}

    /**
     * Starts all of it, and waits until each knows of the others.
     *
     * @param scrape in which a scrape must have ended: not faster than this machine
     */
    static Monitoring start(Opened opened, Path folder, String scrape, List<Watched> watched)
            throws Exception {
        Receiver receiver = opened.add(Receiver.start());
        Path configuration = write(folder, "alertmanager.yml", alertmanagerFile(receiver));
        Alertmanager alertmanager = opened.add(Alertmanager.start(folder, configuration));
        ObjectNode file = prometheusFile(alertmanager, scrape, watched);
        // It takes five seconds until it knows of its targets, however fast time runs, and rules
        // would take them for absent.
        file.putArray("rule_files");
        Path written = write(folder, "prometheus.yml", file);
        Prometheus prometheus = opened.add(Prometheus.start(folder, written));
        prometheus.await("count(up == 1)", watched.size());
        Path rules = write(folder, "rules.yml", FastTime.file(Checkout.yaml(Checkout.RULES)));
        file.putArray("rule_files").add(rules.toString());
        write(folder, "prometheus.yml", file);
        prometheus.reload();
        return new Monitoring(receiver, prometheus);
    }

    private static JsonNode alertmanagerFile(Receiver receiver) throws IOException {
        JsonNode file = FastTime.file(Checkout.yaml(Checkout.ALERTMANAGER));
        for (JsonNode each : file.path("receivers")) {
            String name = each.path("name").asText();
            for (JsonNode webhook : each.path("webhook_configs")) {
                ((ObjectNode) webhook).put("url", receiver.url(name));
            }
        }
        return file;
    }

    private static ObjectNode prometheusFile(
            Alertmanager alertmanager, String scrape, List<Watched> watched) throws IOException {
        ObjectNode file = (ObjectNode) FastTime.file(Checkout.yaml(Checkout.PROMETHEUS_FILE));
        ((ObjectNode) file.path("global")).put("scrape_interval", scrape);
        targets(file.putObject("alerting").putArray("alertmanagers").addObject())
                .add(alertmanager.address());
        ObjectNode job = (ObjectNode) file.at("/scrape_configs/0");
        ArrayNode targets = targets(job);
        watched.forEach(each -> targets.add(each.agent().instance()));
        ObjectNode kept = job.putArray("metric_relabel_configs").addObject();
        kept.putArray("source_labels").add("instance").add("group");
        kept.put(
                "regex",
                watched.stream()
                        .map(each -> each.agent().instance() + ";(" + each.groups() + "|)")
                        .collect(Collectors.joining("|")));
        kept.put("action", "keep");
        return file;
    }

    private static ArrayNode targets(ObjectNode of) {
        return of.putArray("static_configs").addObject().putArray("targets");
    }

    private static Path write(Path folder, String name, JsonNode yaml) throws IOException {
        Path file = folder.resolve(name);
        YAML.writeValue(file.toFile(), yaml);
        return file;
    }
}
