package dev.ringwatch.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what can be seen here, what can't, and the cure for each lack. */
@Command(
        name = "doctor",
        description = "Says what can be seen on this machine, what can't, and the cure.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringwatch doctor",
            "  ringwatch doctor --json | jq '.checks[] | select(.ok == false)'",
            "",
            "Exit status: 0 all well, 1 something is lacking, 2 an error."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Checks.Check> checks = Checks.all();
        if (json) {
            writeJson(checks);
        } else {
            checks.forEach(DoctorCommand::writeText);
        }
        boolean well = checks.stream().allMatch(Checks.Check::ok);
        return well ? ExitStatus.OK : ExitStatus.FOUND;
    }

    private static void writeText(Checks.Check check) {
        boolean colours =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        String mark = check.ok() ? "ok  " : "LACK";
        String shown = colours ? (check.ok() ? GREEN : RED) + mark + PLAIN : mark;
        System.out.println(shown + "  " + check.name() + ": " + check.detail());
        check.cure().ifPresent(cure -> System.out.println("      cure: " + cure));
    }

    private static void writeJson(List<Checks.Check> checks) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeArrayFieldStart("checks");
            for (Checks.Check check : checks) {
                json.writeStartObject();
                json.writeStringField("name", check.name());
                json.writeBooleanField("ok", check.ok());
                json.writeStringField("detail", check.detail());
                json.writeFieldName("cure");
                if (check.cure().isPresent()) {
                    json.writeString(check.cure().get());
                } else {
                    json.writeNull();
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
        bytes.writeTo(System.out);
        System.out.flush();
    }
}
