package dev.ringwatch.agent.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import dev.ringwatch.agent.page.Shell.Frame;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is shown to who has not signed in: nothing of the machine. */
final class Landing {
    private Landing() {}

    static String page(Shell shell, String path, boolean refused) {
        List<DomContent> content = new ArrayList<>();
        content.add(h1("Ringwatch watches this machine"));
        content.add(
                p(
                        "It finds the open files that only io_uring rings and AF_UNIX queues hold. What it"
                                + " sees is shown to who may see other people's processes."));
        if (refused) {
            content.add(
                    p("That token is not this agent's: it makes a new one at each start.")
                            .withClass("notice bad")
                            .attr("role", "alert"));
        }
        content.add(div(signIn(path), otherWays()).withClass("cards"));
        content.add(
                p(
                        text("Open to everybody: "),
                        a("metrics").withHref("/metrics"),
                        text(", "),
                        a("whether it lives").withHref("/-/healthy"),
                        text(" and "),
                        a("whether it is ready").withHref("/-/ready"),
                        text(".")));
        return shell.page(
                new Frame(
                        "Ringwatch: sign in", Optional.empty(), Optional.empty(), false, List.of()),
                List.of(div().withClass("landing").withData("landing", "").with(content)));
    }

    private static DomContent signIn(String path) {
        return section(
                        h2("Sign in").withId("sign-in"),
                        form(
                                        label("Token").attr("for", "token"),
                                        input().withId("token")
                                                .withName("token")
                                                .withType("password")
                                                .isRequired()
                                                .attr("autocomplete", "off")
                                                .attr("spellcheck", "false"),
                                        button("Sign in").withType("submit"))
                                .withMethod("get")
                                .withAction(path),
                        p(
                                        text("You have signed in already? "),
                                        a("Go on").withHref(path),
                                        text("."))
                                .withClass("small"))
                .withClass("card")
                .attr("aria-labelledby", "sign-in");
    }

    private static DomContent otherWays() {
        return section(
                        h2("Where the token is").withId("ways"),
                        ul(
                                li(
                                        text("In the link that "),
                                        code("ringwatch run"),
                                        text(" prints when it starts; as a service, in "),
                                        code("journalctl -u ringwatch"),
                                        text(".")),
                                li(
                                        text("On the machine none is needed: "),
                                        code("ringwatch leaks"),
                                        text(" asks the agent's unix socket, and so does "),
                                        code(
                                                "curl --unix-socket /run/ringwatch/ringwatch.sock"
                                                        + " http://ringwatch/api/v1/leaks?format=text"),
                                        text(".")),
                                li(
                                        "With users or client certificates configured, their password or"
                                                + " certificate does.")))
                .withClass("card")
                .attr("aria-labelledby", "ways");
    }
}
