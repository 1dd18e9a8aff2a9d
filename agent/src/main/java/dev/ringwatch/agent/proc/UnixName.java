package dev.ringwatch.agent.proc;

/**
 * The address a socket is bound to, see unix(7).
 *
 * @param text for {@link Kind#ABSTRACT} without the leading NUL; in either kind bytes that are no
 *     text are replaced
 */
public record UnixName(Kind kind, String text) {

    /** In which space a name lives. */
    public enum Kind {
        /** A path, relative or absolute, at the time of bind. */
        PATH,
        /** A name in the network namespace. */
        ABSTRACT
    }
}
