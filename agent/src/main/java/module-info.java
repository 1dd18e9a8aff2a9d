/** The agent: watches every process, finds what rings and queues hold, and exports it. */
@org.jspecify.annotations.NullMarked
module dev.ringwatch.agent {
    requires bcrypt;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires com.google.common; // ELK needs it; an automatic module cannot say so
    requires com.j2html;
    requires dev.ringwatch.core;
    requires dev.ringwatch.uring;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires io.prometheus.metrics.model;
    requires io.prometheus.metrics.exporter.common;
    requires io.prometheus.writer.text;
    requires java.management;
    requires jdk.unsupported; // signals, through JLine
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires org.eclipse.elk.alg.layered;
    requires org.eclipse.elk.core;
    requires org.eclipse.elk.graph;
    requires org.eclipse.emf.common;
    requires org.eclipse.emf.ecore;
    requires org.eclipse.xtext.xbase.lib;
    requires org.jline.terminal;
    requires static org.jspecify;

    exports dev.ringwatch.agent.metrics to
            dev.ringwatch.dashboards;

    opens dev.ringwatch.agent to
            info.picocli;
}
