package dev.ringwatch.agent.metrics;

import java.util.List;

/**
 * Every metric the agent exports: its name, type, labels and help, each said once. The exposition,
 * the dashboards, the rules and the metrics reference are made from it.
 *
 * <p>Names are whole, with the suffix {@code _total} on counters and {@code _info} on info metrics,
 * as they stand in a query.
 */
public enum MetricCatalogue {
    URING_RINGS("ringwatch_uring_rings", Type.GAUGE, "io_uring instances.", "group"),
    URING_REGISTERED_FILES(
            "ringwatch_uring_registered_files",
            Type.GAUGE,
            "Occupied slots of io_uring file tables.",
            "group"),
    URING_FILE_TABLE_SLOTS(
            "ringwatch_uring_file_table_slots",
            Type.GAUGE,
            "Slots of io_uring file tables, occupied or not.",
            "group"),
    URING_WORST_FILE_TABLE_USAGE_RATIO(
            "ringwatch_uring_worst_file_table_usage_ratio",
            Type.GAUGE,
            "Occupied share of the fullest io_uring file table.",
            "group"),
    URING_REGISTERED_ONLY_FILES(
            "ringwatch_uring_registered_only_files",
            Type.GAUGE,
            "Open files that an io_uring file table holds and no descriptor names.",
            "group"),
    URING_REGISTERED_BUFFERS(
            "ringwatch_uring_registered_buffers",
            Type.GAUGE,
            "Buffers registered with io_uring instances.",
            "group"),
    URING_REGISTERED_BUFFER_BYTES(
            "ringwatch_uring_registered_buffer_bytes",
            Type.GAUGE,
            "Size of the buffers registered with io_uring instances.",
            "group"),
    URING_INFLIGHT_REQUESTS(
            "ringwatch_uring_inflight_requests",
            Type.GAUGE,
            "io_uring requests submitted and not completed.",
            "group"),
    URING_OLDEST_REQUEST_START_TIMESTAMP_SECONDS(
            "ringwatch_uring_oldest_request_start_timestamp_seconds",
            Type.GAUGE,
            "When the io_uring request that is longest in flight was first seen, in Unix time; it may"
                    + " be older. Absent when none is, or none could be listed.",
            "group"),
    URING_UNREADABLE_RINGS(
            "ringwatch_uring_unreadable_rings",
            Type.GAUGE,
            "io_uring instances whose contents could not be read; they are missing from the other"
                    + " ringwatch_uring metrics.",
            "group"),
    URING_CQ_OVERFLOW_ENTRIES(
            "ringwatch_uring_cq_overflow_entries",
            Type.GAUGE,
            "Completions waiting outside a full completion queue.",
            "group"),
    URING_CQ_OVERFLOW_EVENTS_TOTAL(
            "ringwatch_uring_cq_overflow_events_total",
            Type.COUNTER,
            "Completions that found a full completion queue.",
            "group"),
    URING_IOWQ_PUNTS_TOTAL(
            "ringwatch_uring_iowq_punts_total",
            Type.COUNTER,
            "io_uring requests given to a worker thread.",
            "group"),
    URING_IOWQ_WORKERS(
            "ringwatch_uring_iowq_workers",
            Type.GAUGE,
            "Kernel threads that do a process's io_uring requests.",
            "group"),
    URING_RINGS_CREATED_TOTAL(
            "ringwatch_uring_rings_created_total",
            Type.COUNTER,
            "io_uring instances made.",
            "group"),
    URING_RINGS_RELEASED_TOTAL(
            "ringwatch_uring_rings_released_total",
            Type.COUNTER,
            "io_uring instances whose last reference went, by who dropped it.",
            "group"),
    URING_TEARDOWN_SECONDS(
            "ringwatch_uring_teardown_seconds",
            Type.HISTOGRAM,
            "From the release of an io_uring instance to the end of its teardown, when it lets go of"
                    + " its files."),
    UNIX_INFLIGHT_FDS(
            "ringwatch_unix_inflight_fds",
            Type.GAUGE,
            "Descriptors sent over AF_UNIX sockets and not yet received, by owner of the queue.",
            "group"),
    UNIX_INFLIGHT_SENT_FDS(
            "ringwatch_unix_inflight_sent_fds",
            Type.GAUGE,
            "Descriptors sent over AF_UNIX sockets and not yet received, by owner of the sending"
                    + " socket; those of sockets closed since are missing.",
            "group"),
    UNIX_INFLIGHT_SOCKETS(
            "ringwatch_unix_inflight_sockets",
            Type.GAUGE,
            "AF_UNIX sockets that are themselves in flight, on the whole machine."),
    UNIX_OLDEST_INFLIGHT_TIMESTAMP_SECONDS(
            "ringwatch_unix_oldest_inflight_timestamp_seconds",
            Type.GAUGE,
            "When the descriptors that wait longest were first seen in flight, in Unix time; absent"
                    + " when none waits.",
            "group"),
    UNIX_WORST_INFLIGHT_LIMIT_RATIO(
            "ringwatch_unix_worst_inflight_limit_ratio",
            Type.GAUGE,
            "Descriptors in flight of a user as a share of the limit of open files, worst process;"
                    + " above 1 sends fail with ETOOMANYREFS, unless the process has"
                    + " CAP_SYS_RESOURCE or CAP_SYS_ADMIN.",
            "group"),
    UNIX_SEND_REJECTED_TOTAL(
            "ringwatch_unix_send_rejected_total",
            Type.COUNTER,
            "Sends of descriptors refused with ETOOMANYREFS.",
            "group"),
    UNIX_GC_RUNS_TOTAL(
            "ringwatch_unix_gc_runs_total",
            Type.COUNTER,
            "Runs of the AF_UNIX collector; the agent starts some at every observation."),
    UNIX_GC_DURATION_SECONDS(
            "ringwatch_unix_gc_duration_seconds",
            Type.HISTOGRAM,
            "How long runs of the AF_UNIX collector took."),
    UNIX_GC_COLLECTED_SOCKETS_TOTAL(
            "ringwatch_unix_gc_collected_sockets_total",
            Type.COUNTER,
            "AF_UNIX sockets whose last reference the collector freed."),
    UNIX_GC_COLLECTED_FDS_TOTAL(
            "ringwatch_unix_gc_collected_fds_total",
            Type.COUNTER,
            "Descriptors in the packets that the AF_UNIX collector freed."),
    UNIX_GC_QUEUED_TOTAL(
            "ringwatch_unix_gc_queued_total",
            Type.COUNTER,
            "Runs of the AF_UNIX collector, by whose call started them; without the agent's own.",
            "group"),
    UNIX_GC_WAIT_SECONDS_TOTAL(
            "ringwatch_unix_gc_wait_seconds_total",
            Type.COUNTER,
            "How long calls waited for the AF_UNIX collector.",
            "group"),
    UNIX_GC_LAST_RUN_TIMESTAMP_SECONDS(
            "ringwatch_unix_gc_last_run_timestamp_seconds",
            Type.GAUGE,
            "When the last run of the AF_UNIX collector ended, in Unix time."),
    UNIX_GC_GRAPH_CYCLIC(
            "ringwatch_unix_gc_graph_cyclic",
            Type.GAUGE,
            "Whether the AF_UNIX collector takes it that sockets in flight may form a loop."),
    FINDINGS("ringwatch_findings", Type.GAUGE, "Open findings.", "group", "kind"),
    FINDINGS_OPENED_TOTAL(
            "ringwatch_findings_opened_total",
            Type.COUNTER,
            "Findings opened since the agent started.",
            "kind"),
    GROUPS("ringwatch_groups", Type.GAUGE, "Groups that have series of their own."),
    GROUPS_FOLDED(
            "ringwatch_groups_folded",
            Type.GAUGE,
            "Groups beyond the limit or too young, counted together as ~other."),
    GROUP_INFO(
            "ringwatch_group_info",
            Type.INFO,
            "What the processes of a group have in common; empty where they differ.",
            "group",
            "k8s_namespace_name",
            "k8s_pod_name",
            "k8s_container_name",
            "cgroup",
            "comm"),
    LIMIT_REACHED(
            "ringwatch_limit_reached",
            Type.GAUGE,
            "Whether the last observation met a limit of the agent.",
            "limit"),
    HTTP_LIMIT_HITS_TOTAL(
            "ringwatch_http_limit_hits_total",
            Type.COUNTER,
            "How often a limit of the agent's HTTP server was hit.",
            "limit"),
    CONFIG_LAST_RELOAD_SUCCESSFUL(
            "ringwatch_config_last_reload_successful",
            Type.GAUGE,
            "Whether a configuration file could be used when it was read last; at 0 an older one"
                    + " holds.",
            "file"),
    BUILD_INFO("ringwatch_build_info", Type.INFO, "The agent's version.", "version"),
    SOURCE_UP("ringwatch_source_up", Type.GAUGE, "Whether a source could be read.", "source"),
    FEATURE_ENABLED(
            "ringwatch_feature_enabled",
            Type.GAUGE,
            "Whether a feature of the agent works here.",
            "feature"),
    OBSERVATION_AGE_SECONDS(
            "ringwatch_observation_age_seconds",
            Type.GAUGE,
            "Age of the observation that this scrape shows."),
    OBSERVATION_COMPLETE(
            "ringwatch_observation_complete",
            Type.GAUGE,
            "Whether the last observation saw everything it looks for."),
    OBSERVATION_DURATION_SECONDS(
            "ringwatch_observation_duration_seconds",
            Type.GAUGE,
            "How long the last observation took.",
            "source"),
    BPF_MAP_ENTRIES("ringwatch_bpf_map_entries", Type.GAUGE, "Capacity of a BPF map.", "map"),
    BPF_MAP_MEMORY_BYTES("ringwatch_bpf_map_memory_bytes", Type.GAUGE, "Size of a BPF map.", "map"),
    BPF_PROGRAM_RUNS_TOTAL(
            "ringwatch_bpf_program_runs_total",
            Type.COUNTER,
            "Runs of a BPF program while the sysctl kernel.bpf_stats_enabled was 1.",
            "program"),
    BPF_PROGRAM_RUN_SECONDS_TOTAL(
            "ringwatch_bpf_program_run_seconds_total",
            Type.COUNTER,
            "How long a BPF program ran while the sysctl kernel.bpf_stats_enabled was 1.",
            "program"),
    BPF_EVENTS_LOST_TOTAL(
            "ringwatch_bpf_events_lost_total",
            Type.COUNTER,
            "Events that found no room in a BPF map and are in no other count.");

    /** What kind of metric it is. */
    public enum Type {
        GAUGE,
        COUNTER,
        HISTOGRAM,
        INFO
    }

    private final String metricName;
    private final Type type;
    private final String help;
    private final List<String> labels;

    MetricCatalogue(String metricName, Type type, String help, String... labels) {
        this.metricName = metricName;
        this.type = type;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** The name as it stands in a query. */
    public String metricName() {
        return metricName;
    }

    public Type type() {
        return type;
    }

    public String help() {
        return help;
    }

    /** The names of its labels, in order. */
    public List<String> labels() {
        return labels;
    }
}
