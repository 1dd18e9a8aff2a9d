package dev.ringwatch.agent.config;

/**
 * How processes are told apart in metrics.
 *
 * @param max how many groups have series of their own, 1 to 200
 */
public record GroupOptions(int max) {
    public static final GroupOptions DEFAULT = new GroupOptions(50);

    static GroupOptions read(Keys keys) {
        return new GroupOptions(
                keys.number(
                        "max",
                        "Groups with series of their own; the rest is counted as ~other.",
                        1,
                        200,
                        DEFAULT.max));
    }
}
