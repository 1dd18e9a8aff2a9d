package dev.ringwatch.agent.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of /proc/PID/maps. */
class MappingTest {
    @Test
    void onlyCodeIsKept() {
        List<Mapping> all =
                Mapping.executable(
                        List.of(
                                "7f0000001000-7f0000002000 r-xp 00003000 fe:00 12   /usr/lib/a b.so",
                                "7f0000000000-7f0000001000 r--p 00000000 fe:00 12   /usr/lib/a b.so",
                                "560000000000-560000001000 rwxp 00000000 00:00 0 "));
        assertEquals(2, all.size());
        assertEquals(0x560000000000L, all.get(0).start());
        assertTrue(all.get(0).madeAtRunTime());
        assertEquals("a b.so", all.get(1).module());
        assertEquals(0x3000, all.get(1).offset());
        assertTrue(all.get(1).contains(0x7f0000001fffL));
        assertFalse(all.get(1).contains(0x7f0000002000L));
    }

    @Test
    void aFileThatIsGoneKeepsItsName() {
        Mapping mapping =
                Mapping.executable(List.of("1000-2000 r-xp 00000000 fe:00 12 /opt/x.so (deleted)"))
                        .getFirst();
        assertEquals("x.so", mapping.module());
        assertFalse(mapping.madeAtRunTime());
    }

    @Test
    void theTopOfTheAddressSpaceIsARangeLikeAnyOther() {
        List<Mapping> all =
                Mapping.executable(
                        List.of(
                                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]",
                                "1000-2000 r-xp 00000000 fe:00 12 /opt/x"));
        assertTrue(all.stream().filter(m -> m.contains(0x1800)).count() == 1);
        assertEquals(
                "[vsyscall]",
                all.stream()
                        .filter(m -> m.contains(0xffffffffff600010L))
                        .findFirst()
                        .orElseThrow()
                        .module());
    }

    @Test
    void whatIsNoLineIsLeftOut() {
        assertEquals(
                List.of(),
                Mapping.executable(List.of("", "x", "1-2 r-xp", "g000-h000 r-xp 0 0:0 0 /x")));
    }
}
