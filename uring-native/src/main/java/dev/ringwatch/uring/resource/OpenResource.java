package dev.ringwatch.uring.resource;

import java.time.Duration;
import java.util.Optional;

/**
 * Something opened and not closed.
 *
 * @param description what it is, such as {@code fd 12}
 * @param age how long it has been open
 * @param opened where it was opened, if that was kept; its stack trace tells
 */
public record OpenResource(
        ResourceKind kind, String description, Duration age, Optional<Throwable> opened) {
    @Override
    public String toString() {
        return kind + " " + description + ", open for " + age.toMillis() + " ms";
    }
}
