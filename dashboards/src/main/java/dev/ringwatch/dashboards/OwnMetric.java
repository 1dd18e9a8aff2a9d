package dev.ringwatch.dashboards;

/**
 * What the dashboards ask of the agent's own process, and of Prometheus about scraping it. The
 * agent's metrics of the machine are in its catalogue; these have the names that Prometheus and
 * Micrometer's binders give them.
 */
enum OwnMetric {
    SCRAPE_DURATION("scrape_duration_seconds", "How long Prometheus took to scrape the agent."),
    SCRAPE_SAMPLES("scrape_samples_scraped", "How many series a scrape of the agent brings."),
    CPU_SECONDS("process_cpu_seconds_total", "Processor time of the agent's process."),
    START_TIME("process_start_time_seconds", "When the agent's process began, in Unix time."),
    OPEN_FILES("process_files_open_files", "Files that the agent has open itself."),
    MAX_FILES("process_files_max_files", "How many files the agent may have open."),
    MEMORY_USED("jvm_memory_used_bytes", "Memory that the agent's JVM uses."),
    MEMORY_COMMITTED("jvm_memory_committed_bytes", "Memory that the agent's JVM has reserved."),
    BUFFER_MEMORY("jvm_buffer_memory_used_bytes", "Memory of Java's buffers outside the heap."),
    THREADS("jvm_threads_live_threads", "Threads of the agent's JVM, without virtual ones.");

    private final String metricName;
    private final String help;

    OwnMetric(String metricName, String help) {
        this.metricName = metricName;
        this.help = help;
    }

    /** The name as it stands in a query. */
    String metricName() {
        return metricName;
    }

    String help() {
        return help;
    }
}
