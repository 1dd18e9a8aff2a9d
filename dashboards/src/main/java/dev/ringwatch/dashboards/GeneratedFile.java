package dev.ringwatch.dashboards;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A committed file that is made from the metric catalogue, wholly or in part. */
enum GeneratedFile {
    OVERVIEW_DASHBOARD("dashboards/grafana/ringwatch-overview.json") {
        @Override
        String renewed(String committed) {
            return text(OverviewDashboard.build());
        }
    },
    NODE_DASHBOARD("dashboards/grafana/ringwatch-node.json") {
        @Override
        String renewed(String committed) {
            return text(NodeDashboard.build());
        }
    },
    GROUP_DASHBOARD("dashboards/grafana/ringwatch-group.json") {
        @Override
        String renewed(String committed) {
            return text(GroupDashboard.build());
        }
    },
    COLLECTOR_DASHBOARD("dashboards/grafana/ringwatch-collector.json") {
        @Override
        String renewed(String committed) {
            return text(CollectorDashboard.build());
        }
    },
    AGENT_DASHBOARD("dashboards/grafana/ringwatch-agent.json") {
        @Override
        String renewed(String committed) {
            return text(AgentDashboard.build());
        }
    },
    METRICS_REFERENCE("docs/metrics.md") {
        @Override
        String renewed(String committed) {
            return MetricsReference.renewed(committed);
        }
    };

    private static final DefaultIndenter TWO_SPACES = new DefaultIndenter("  ", "\n");

    private final String path;

    GeneratedFile(String path) {
        this.path = path;
    }

    /** What the file should say, given what it says now. */
    abstract String renewed(String committed);

    Path in(Path repository) {
        return repository.resolve(path);
    }

    /** Its text as committed; empty if there is no such file. */
    String committed(Path repository) throws IOException {
        Path file = in(repository);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static String text(JsonNode json) {
        try {
            return new ObjectMapper().writer(printer()).writeValueAsString(json) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DefaultPrettyPrinter printer() {
        Separators separators =
                Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                        .withArrayEmptySeparator("")
                        .withObjectEmptySeparator("");
        return new DefaultPrettyPrinter(separators)
                .withObjectIndenter(TWO_SPACES)
                .withArrayIndenter(TWO_SPACES);
    }
}
