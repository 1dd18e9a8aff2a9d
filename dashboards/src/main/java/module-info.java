/** Grafana dashboards, Prometheus rules and runbooks, built from the agent's metric catalogue. */
@org.jspecify.annotations.NullMarked
module dev.ringwatch.dashboards {
    requires com.fasterxml.jackson.databind;
    requires dev.ringwatch.agent;
    requires static org.jspecify;
}
