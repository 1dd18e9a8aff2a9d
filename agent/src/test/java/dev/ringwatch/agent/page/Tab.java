package dev.ringwatch.agent.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/** A tab, and everything that was asked for and complained of in it. For one thread. */
final class Tab implements AutoCloseable {
    /** How long something may take to appear: a page looks again every two seconds. */
    static final double PATIENCE_MILLIS = 20_000;

    /** The rules of WCAG 2.2 to level AA, and what is good beside them. */
    private static final List<String> RULES =
            List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");

    private static final String REPORT_VIOLATIONS =
            "document.addEventListener('securitypolicyviolation',"
                    + " e => console.error('refused: ' + e.violatedDirective + ' ' + e.blockedURI))";

    private final BrowserContext context;
    private final Page page;
    private final List<String> requests = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    Tab(BrowserContext context) {
        this.context = context;
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.addInitScript(REPORT_VIOLATIONS);
        context.onRequest(r -> requests.add(r.url()));
        context.onConsoleMessage(m -> complain(m.type(), m.text()));
        context.onWebError(e -> complaints.add(e.error()));
        context.onDialog(
                d -> {
                    complaints.add("a dialog: " + d.message());
                    d.dismiss();
                });
        page = context.newPage();
    }

    private void complain(String type, String text) {
        if (type.equals("error") || type.equals("warning")) {
            complaints.add(text);
        }
    }

    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    /** Every address that was asked for, in order. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Forgets what was complained of so far. */
    void forgive() {
        complaints.clear();
    }

    /** Nothing left the agent, and nothing went wrong. */
    void assertClean(String origin) {
        assertEquals(List.of(), complaints);
        for (String request : requests) {
            assertTrue(request.startsWith(origin + "/"), request);
        }
    }

    /** No rule of accessibility is broken. */
    void assertAccessible(String where) {
        List<String> broken =
                new AxeBuilder(page)
                        .withTags(RULES).analyze().getViolations().stream()
                                .map(Tab::words)
                                .toList();
        assertEquals(List.of(), broken, where);
    }

    private static String words(Rule rule) {
        List<Object> nodes =
                rule.getNodes().stream().limit(5).<Object>map(n -> n.getHtml()).toList();
        return rule.getId() + ": " + rule.getHelp() + " " + nodes;
    }

    @Override
    public void close() {
        context.close();
    }
}
