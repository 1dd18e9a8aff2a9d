package dev.ringwatch.agent.proc;

import dev.ringwatch.agent.proc.ProcUnixSocket.SocketType;
import dev.ringwatch.agent.proc.ProcUnixSocket.Source;
import dev.ringwatch.agent.proc.ProcUnixSocket.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code /proc/PID/net/unix} (net/unix/af_unix.c, {@code unix_seq_show}).
 *
 * <p>The kernel prints bound names as they are, only NUL as {@code @}. A line that does not look like
 * an entry belongs to the name before it; a name that holds a whole line forges an entry, which
 * sock_diag does not know.
 */
final class NetUnix {
    private static final Pattern ENTRY =
            Pattern.compile(
                    "[0-9a-f]{8,16}: [0-9A-F]{8} 00000000 ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2})"
                            + " +(\\d{1,19})(?: (.*))?",
                    Pattern.DOTALL);

    /** __SO_ACCEPTCON of linux/socket.h. */
    private static final long LISTENS = 1 << 16;

    private final OptionalLong networkNamespace;
    private final List<ProcUnixSocket> sockets = new ArrayList<>();
    private String pending = "";

    private NetUnix(OptionalLong networkNamespace) {
        this.networkNamespace = networkNamespace;
    }

    static List<ProcUnixSocket> parse(String text, OptionalLong networkNamespace) {
        NetUnix table = new NetUnix(networkNamespace);
        String[] lines = text.split("\n", -1);
        for (int i = 1; i < lines.length; i++) {
            boolean closingNewline = i == lines.length - 1 && lines[i].isEmpty();
            if (!closingNewline) {
                table.line(lines[i]);
            }
        }
        table.flush();
        return List.copyOf(table.sockets);
    }

    private void line(String line) {
        if (ENTRY.matcher(line).matches()) {
            flush();
            pending = line;
        } else if (!pending.isEmpty()) {
            pending = pending + "\n" + line;
        }
    }

    private void flush() {
        Matcher m = ENTRY.matcher(pending);
        if (m.matches()) {
            OptionalLong inode = Numbers.decimal(m.group(4), Long.MAX_VALUE);
            inode.ifPresent(n -> sockets.add(socket(m, n)));
        }
        pending = "";
    }

    private ProcUnixSocket socket(Matcher m, long inode) {
        long flags = Long.parseLong(m.group(1), 16);
        int state = Integer.parseInt(m.group(3), 16);
        return new ProcUnixSocket(
                networkNamespace,
                inode,
                SocketType.of(Integer.parseInt(m.group(2), 16)),
                (flags & LISTENS) != 0 ? State.LISTENING : state(state),
                name(m.group(5)),
                new UnixPeer.Unknown(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                Source.NET_UNIX);
    }

    /** SS_* of linux/net.h, as unix_seq_show() uses them. */
    private static State state(int printed) {
        return switch (printed) {
            case 1 -> State.UNCONNECTED;
            case 2 -> State.EMBRYO;
            case 3 -> State.CONNECTED;
            case 4 -> State.CLOSED;
            default -> State.OTHER;
        };
    }

    private static Optional<UnixName> name(@Nullable String printed) {
        if (printed == null || printed.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                printed.charAt(0) == '@'
                        ? new UnixName(UnixName.Kind.ABSTRACT, printed.substring(1))
                        : new UnixName(UnixName.Kind.PATH, printed));
    }
}
