package dev.ringwatch.dashboards;

import java.util.List;

/**
 * A way from a value to a dashboard, which opens with the same data source, job and time, and with
 * the value's own labels chosen.
 *
 * @param title what the reader clicks at
 * @param uid of the dashboard
 * @param labels those of the value that the dashboard is to choose
 */
record Link(String title, String uid, List<String> labels) {
    static final Link NODE = new Link("This node", NodeDashboard.UID, List.of("instance"));
    static final Link GROUP =
            new Link("This group on this node", GroupDashboard.UID, List.of("instance", "group"));
    static final Link COLLECTOR =
            new Link("The collector of this node", CollectorDashboard.UID, List.of("instance"));
    static final Link AGENT = new Link("This agent", AgentDashboard.UID, List.of("instance"));

    Link {
        labels = List.copyOf(labels);
    }

    /** For a value in a row of a table. */
    String fromRow() {
        return url("__data.fields");
    }

    /** For a point of a line. */
    String fromLine() {
        return url("__field.labels");
    }

    /** Every label is escaped, since a group's name may have any character. */
    private String url(String source) {
        StringBuilder url = new StringBuilder("/d/" + uid);
        url.append("?${datasource:queryparam}&${job:queryparam}");
        for (String label : labels) {
            url.append("&var-%s=${%s.%s:percentencode}".formatted(label, source, label));
        }
        return url.append("&${__url_time_range}").toString();
    }
}
