package dev.ringwatch.agent;

import dev.ringwatch.agent.config.Durations;
import dev.ringwatch.agent.draw.SvgWriter;
import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.report.GraphPicture;
import dev.ringwatch.agent.report.HistoryReport;
import dev.ringwatch.agent.report.JsonReport;
import dev.ringwatch.agent.report.TextReport;
import dev.ringwatch.agent.report.WhyReport;
import dev.ringwatch.agent.serve.HealthRoutes;
import dev.ringwatch.agent.serve.MetricsRoute;
import dev.ringwatch.agent.serve.Request;
import dev.ringwatch.agent.serve.Response;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Routes.Visibility;
import dev.ringwatch.agent.track.Finding;
import dev.ringwatch.agent.track.History;
import dev.ringwatch.agent.track.HistoryView;
import dev.ringwatch.agent.track.Tracked;
import dev.ringwatch.agent.why.Answer;
import dev.ringwatch.agent.why.Target;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the agent serves. Every answer shows the last observation, but that to a question about one
 * target, for which the observer's thread looks.
 */
final class Api {
    private static final String SVG = "image/svg+xml";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Agent agent;

    private Api(Agent agent) {
        this.agent = agent;
    }

    /**
     * The agent's routes.
     *
     * @param token opens what shows other people's processes over TCP
     * @param serving adds to the agent's status what the service around it knows of itself
     */
    static Routes routes(
            Agent agent,
            PrometheusRegistry registry,
            String token,
            UnaryOperator<AgentStatus> serving) {
        Api api = new Api(agent);
        return PageRoutes.add(Routes.builder(), agent, serving)
                .path("/metrics", Visibility.PUBLIC, new MetricsRoute(registry))
                .path("/-/healthy", Visibility.PUBLIC, HealthRoutes.healthy())
                .path("/-/ready", Visibility.PUBLIC, HealthRoutes.ready(agent::notReady))
                .path("/api/v1/snapshot", Visibility.PRIVATE, api::snapshot)
                .path("/api/v1/leaks", Visibility.PRIVATE, api::leaks)
                .prefix("/api/v1/leaks/", Visibility.PRIVATE, api::leak)
                .path("/api/v1/history", Visibility.PRIVATE, api::history)
                .path("/api/v1/why", Visibility.PRIVATE, api::why)
                .token(token)
                .build();
    }

    private Response snapshot(Request request) throws IOException {
        Optional<Tracked> last = agent.last();
        if (last.isEmpty()) {
            return notReady();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonReport.snapshot(last.get(), last.get().findingsOrUndecided(), out);
        return Response.json(out.toByteArray());
    }

    private Response leaks(Request request) throws IOException {
        Optional<Tracked> last = agent.last();
        if (last.isEmpty()) {
            return notReady();
        }
        Tracked tracked = last.get();
        if (tracked.observations() < 2) {
            return Response.line(503, "a leak must be seen twice, and this was the first look")
                    .with("Retry-After", "1");
        }
        List<Finding> findings;
        try {
            findings = chosen(tracked, request);
        } catch (IllegalArgumentException e) {
            return Response.line(400, String.valueOf(e.getMessage()));
        }
        return leaks(tracked, findings, request.parameter("format").orElse("json"));
    }

    private static List<Finding> chosen(Tracked tracked, Request request) {
        List<Finding> old =
                request.parameter("older_than")
                        .map(text -> tracked.findingsOrUndecided(Durations.parse(text)))
                        .orElseGet(tracked::findingsOrUndecided);
        Optional<String> pid = request.parameter("pid");
        if (pid.isEmpty()) {
            return old;
        }
        if (!pid.get().matches("\\d{1,9}")) {
            throw new IllegalArgumentException("pid: must be a process id");
        }
        int wanted = Integer.parseInt(pid.get());
        return old.stream().filter(f -> tracked.concerns(f, wanted)).toList();
    }

    private Response leak(Request request) throws IOException {
        Optional<Tracked> last = agent.last();
        if (last.isEmpty()) {
            return notReady();
        }
        String id = request.path().substring("/api/v1/leaks/".length());
        List<Finding> findings =
                last.get().findingsOrUndecided().stream().filter(f -> f.id().equals(id)).toList();
        if (findings.isEmpty()) {
            return agent.closedFinding(id)
                    .map(
                            json ->
                                    Response.json(json.getBytes(StandardCharsets.UTF_8))
                                            .with(AgentClient.FINDINGS_HEADER, "false"))
                    .orElseGet(() -> Response.line(404, "there is no finding " + id));
        }
        return leaks(last.get(), findings, request.parameter("format").orElse("json"));
    }

    private static Response leaks(Tracked tracked, List<Finding> findings, String format)
            throws IOException {
        Response response;
        switch (format) {
            case "json" -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                JsonReport.leaks(tracked, findings, out);
                response = Response.json(out.toByteArray());
            }
            case "text" ->
                    response =
                            Response.of(
                                    200,
                                    TEXT,
                                    TextReport.leaks(tracked, findings)
                                            .getBytes(StandardCharsets.UTF_8));
            case "svg" -> {
                String picture = SvgWriter.write(GraphPicture.findings(tracked, findings));
                response = Response.of(200, SVG, picture.getBytes(StandardCharsets.UTF_8));
            }
            default -> {
                return Response.line(400, "format: must be json, text or svg");
            }
        }
        return response.with(AgentClient.FINDINGS_HEADER, Boolean.toString(!findings.isEmpty()));
    }

    private Response history(Request request) throws IOException {
        Optional<String> group = request.parameter("group");
        History history = agent.history();
        HistoryView view = group.isPresent() ? history.view(group.get()) : history.view();
        if (view.size() == 0) {
            return notReady();
        }
        if (group.isPresent() && view.groups().isEmpty()) {
            return Response.line(404, "no such group had series in the last hour");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HistoryReport.json(view, out);
        return Response.json(out.toByteArray());
    }

    private Response why(Request request) throws IOException {
        Target target;
        try {
            target = Target.parse(request.parameter("target").orElse(""));
        } catch (IllegalArgumentException e) {
            return Response.line(400, String.valueOf(e.getMessage()));
        }
        Optional<String> from = request.parameter("mount_namespace");
        if (target instanceof Target.Named
                && from.isPresent()
                && !from.get().equals(WhyCommand.mountNamespace())) {
            return Response.line(503, "paths lead elsewhere here: another mount namespace");
        }
        Optional<Answer> answer;
        try {
            answer = agent.why(target);
        } catch (CliException e) {
            return Response.line(404, e.line());
        }
        return answer.isPresent()
                ? why(answer.get(), request.parameter("format").orElse("json"))
                : Response.line(503, "too many questions are waiting").with("Retry-After", "1");
    }

    private static Response why(Answer answer, String format) throws IOException {
        Response response;
        switch (format) {
            case "json" -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                WhyReport.json(answer, out);
                response = Response.json(out.toByteArray());
            }
            case "text" ->
                    response =
                            Response.of(
                                    200,
                                    TEXT,
                                    WhyReport.text(answer).getBytes(StandardCharsets.UTF_8));
            default -> {
                return Response.line(400, "format: must be json or text");
            }
        }
        return response.with(AgentClient.FINDINGS_HEADER, Boolean.toString(answer.held()));
    }

    private Response notReady() {
        return Response.line(503, agent.notReady().orElse("not ready")).with("Retry-After", "1");
    }
}
