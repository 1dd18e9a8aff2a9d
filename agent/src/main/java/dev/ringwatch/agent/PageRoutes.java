package dev.ringwatch.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ringwatch.agent.metrics.AgentStatus;
import dev.ringwatch.agent.page.Assets;
import dev.ringwatch.agent.page.Pages;
import dev.ringwatch.agent.page.State;
import dev.ringwatch.agent.serve.Request;
import dev.ringwatch.agent.serve.Response;
import dev.ringwatch.agent.serve.Routes;
import dev.ringwatch.agent.serve.Routes.Visibility;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.function.UnaryOperator;

/** The agent's pages over HTTP. */
final class PageRoutes {
    private static final String HTML = "text/html; charset=utf-8";

    /** Nothing but what the agent serves: no script or style in a page, no other host, no frame. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    /** In the answer to who may see the page: tells a script that it is not the sign-in. */
    private static final String PAGE_HEADER = "Ringwatch-Page";

    private final Agent agent;
    private final UnaryOperator<AgentStatus> serving;
    private final Assets assets = Assets.read();
    private final Pages pages = new Pages(assets, Main.version());

    private PageRoutes(Agent agent, UnaryOperator<AgentStatus> serving) {
        this.agent = agent;
        this.serving = serving;
    }

    /**
     * Adds the pages and what they refer to.
     *
     * @param serving adds what the service around the agent knows of itself
     */
    static Routes.Builder add(
            Routes.Builder routes, Agent agent, UnaryOperator<AgentStatus> serving) {
        PageRoutes own = new PageRoutes(agent, serving);
        return routes.page("/", own::home, own::landing)
                .pages(Pages.FINDINGS, own::finding, own::landing)
                .pages(Pages.GROUPS, own::group, own::landing)
                .prefix(Assets.ROOT, Visibility.PUBLIC, own::asset);
    }

    private Response home(Request request) {
        return html(200, pages.home(agent.state(serving))).with(PAGE_HEADER, "home");
    }

    private Response finding(Request request) {
        String id = request.path().substring(Pages.FINDINGS.length());
        State state = agent.state(serving);
        return pages.finding(state, id)
                .map(page -> html(200, page))
                .orElseGet(() -> html(missing(state), pages.noFinding(state)))
                .with(PAGE_HEADER, "finding");
    }

    private Response group(Request request) {
        String group = request.path().substring(Pages.GROUPS.length());
        State state = agent.state(serving);
        return pages.group(state, group)
                .map(page -> html(200, page))
                .orElseGet(() -> html(missing(state), pages.noGroup(state)))
                .with(PAGE_HEADER, "group");
    }

    private static int missing(State state) {
        return state.tracked().isPresent() ? 404 : 503;
    }

    private Response landing(Request request, boolean refused) throws URISyntaxException {
        boolean front = request.path().equals("/");
        String path = new URI(null, null, request.path(), null).toASCIIString();
        return html(front && !refused ? 200 : 403, pages.landing(path, refused));
    }

    private Response asset(Request request) {
        return assets.find(request.path())
                .map(
                        asset ->
                                Response.of(200, asset.type(), asset.content().getBytes(UTF_8))
                                        .with(
                                                "Cache-Control",
                                                "public, max-age=31536000, immutable"))
                .orElseGet(() -> Response.line(404, "404: nothing here"));
    }

    private static Response html(int status, String page) {
        return Response.of(status, HTML, page.getBytes(UTF_8))
                .with("Content-Security-Policy", POLICY);
    }
}
