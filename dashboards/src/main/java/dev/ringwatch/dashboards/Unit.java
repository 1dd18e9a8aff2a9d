package dev.ringwatch.dashboards;

/** What a panel counts in. */
enum Unit {
    COUNT("short"),
    PER_SECOND("cps"),
    SECONDS("s"),
    BYTES("bytes"),
    RATIO("percentunit"),
    YES_NO("bool_yes_no");

    private final String grafanaId;

    Unit(String grafanaId) {
        this.grafanaId = grafanaId;
    }

    String grafanaId() {
        return grafanaId;
    }
}
