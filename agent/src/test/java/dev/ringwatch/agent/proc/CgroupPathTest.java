package dev.ringwatch.agent.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The names of control groups are chosen by whoever may make some. */
class CgroupPathTest {
    @Test
    void aCarriageReturnInANameForgesNoLine() {
        String path = "/user.slice/x\r0::/system.slice/db.service";
        assertEquals(
                List.of(new CgroupPath(0, "", path), new CgroupPath(1, "name=systemd", "/")),
                CgroupPath.parse("0::" + path + "\n1:name=systemd:/\n"));
    }
}
