package dev.ringwatch.agent.config;

/** Whether a feature that may be impossible or dear is wanted. */
public enum Switch {
    /** Where it works and costs little. */
    AUTO,
    /** In any case: the agent does not start without it. */
    ON,
    /** Not at all. */
    OFF
}
