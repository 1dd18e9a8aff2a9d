package dev.ringwatch.uring.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: a pool after its end. */
@Timeout(20)
class FixedBuffersTest {
    @ParameterizedTest
    @EnumSource(TestBackend.class)
    void aClosedPoolKeepsNobodyWaiting(TestBackend backend) throws Exception {
        try (Uring uring = backend.open()) {
            FixedBuffers pool = uring.fixedBuffers(2, 100);
            pool.close();
            for (int i = 0; i < 3; i++) {
                assertThrows(IllegalStateException.class, pool::take);
                assertThrows(IllegalStateException.class, pool::tryTake);
            }
            assertEquals(0, pool.available());
            pool.close();
        }
    }
}
