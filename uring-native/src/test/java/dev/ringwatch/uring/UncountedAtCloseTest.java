package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.OwnedFd;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: operations that the count of those in flight does not show do not outlive their ring. */
class UncountedAtCloseTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource(RingShape.class)
    void messagesOfAnotherRingHideNothingFromClose(RingShape shape) throws IOException {
        List<Completion> atClose = new ArrayList<>();
        try (OwnedFd never = Fds.eventFd(0, 0);
                IoUring other = IoUring.open(RingOptions.entries(4))) {
            IoUring ring = shape.open(8);
            ring.next(1).poll(never.number(), Operation.POLLIN);
            ring.next(2).poll(never.number(), Operation.POLLIN);
            ring.submit();
            for (int message = 10; message < 13; message++) {
                other.next(7).messageRing(ring.descriptor(), message, 0);
                other.submitAndWait(1);
                assertEquals(0, Live.await(other, 1).getFirst().result());
                assertEquals(message, Live.await(ring, 1).getFirst().userData());
            }
            assertEquals(-1, ring.inFlight());
            ring.close(DEADLINE, keep(atClose));
        }
        assertEquals(-Errno.ECANCELED.code(), Live.with(atClose, 1).result());
        assertEquals(-Errno.ECANCELED.code(), Live.with(atClose, 2).result());
    }

    @ParameterizedTest
    @EnumSource(RingShape.class)
    void operationsThatAreSilentOnSuccessAreCancelledToo(RingShape shape) throws IOException {
        List<Completion> atClose = new ArrayList<>();
        try (OwnedFd never = Fds.eventFd(0, 0)) {
            IoUring ring = shape.open(8);
            ring.next(1).poll(never.number(), Operation.POLLIN).skipSuccess();
            ring.submit();
            assertEquals(0, ring.inFlight());
            ring.close(DEADLINE, keep(atClose));
        }
        assertEquals(-Errno.ECANCELED.code(), Live.with(atClose, 1).result());
    }

    private static Completion.Visitor keep(List<Completion> all) {
        return (userData, result, flags) -> all.add(new Completion(userData, result, flags));
    }
}
