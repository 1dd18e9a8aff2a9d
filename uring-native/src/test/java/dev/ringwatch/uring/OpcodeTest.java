package dev.ringwatch.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpcodeTest {
    @Test
    void codesAreThePlacesInTheKernelsEnum() {
        for (Opcode opcode : Opcode.values()) {
            assertEquals(opcode.ordinal(), opcode.code());
            assertEquals(Optional.of(opcode), Opcode.of(opcode.code()));
        }
        assertEquals(0, Opcode.NOP.code());
        assertEquals(13, Opcode.ACCEPT.code());
        assertEquals(40, Opcode.MSG_RING.code());
        assertEquals(62, Opcode.PIPE.code());
    }

    @Test
    void anUnknownCodeHasNoName() {
        assertTrue(Opcode.of(-1).isEmpty());
        assertTrue(Opcode.of(255).isEmpty());
    }
}
