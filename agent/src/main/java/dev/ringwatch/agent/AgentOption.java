package dev.ringwatch.agent;

import dev.ringwatch.agent.observe.Observer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agent a one-shot command asks before it looks for itself, and how it asks. */
final class AgentOption {
    @Option(
            names = "--agent",
            paramLabel = "SOCKET",
            description =
                    "The unix socket of the agent to ask. Default: "
                            + "the service's, /run/ringwatch/ringwatch.sock, or "
                            + RunCommand.DEFAULT_SOCKET
                            + ", if one listens there.")
    private @Nullable String agent;

    /**
     * What the agent answers; nothing if none does, or if a source was chosen and no agent. Says on
     * stderr when an agent was named and does not answer.
     */
    Optional<AgentClient.Answer> ask(SourceOption source, String request, Duration patience) {
        String explicit = agent;
        if (explicit == null && source.source() != Observer.Choice.AUTO) {
            return Optional.empty();
        }
        String socket = explicit == null ? AgentClient.usualSocket() : explicit;
        Optional<AgentClient.Answer> answer = AgentClient.get(socket, request, patience);
        if (explicit != null && answer.isEmpty()) {
            System.err.println("ringwatch: no agent answers at " + socket + ": looking without it");
        }
        return answer;
    }
}
