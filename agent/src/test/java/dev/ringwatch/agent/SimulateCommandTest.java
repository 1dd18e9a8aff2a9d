package dev.ringwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SimulateCommandTest {
    @Test
    void theSameSeedTellsTheSame() {
        Cli one = Cli.run("simulate", "--seed", "0x2a", "--programs", "600");
        Cli two = Cli.run("simulate", "--seed", "42", "--programs", "600");
        assertEquals(ExitStatus.OK, one.status(), one::err);
        assertEquals(one.out(), two.out());
        assertTrue(one.out().contains("seed 0x2a"), one::out);
    }

    @Test
    void theDefectIsToldByCountsOnly() throws IOException {
        Cli cli = Cli.run("simulate", "--seed", "1", "--programs", "3000", "--json");
        assertEquals(ExitStatus.OK, cli.status(), cli::err);
        JsonNode era = new ObjectMapper().readTree(cli.out()).get("eras").get(0);
        assertTrue(era.get("left").get("low_links").asInt() > 0, cli::out);
        assertTrue(era.get("defect").get("messages").asInt() >= 3, cli::out);
        assertFalse(era.get("examples").has("low_links"), cli::out);
        assertEquals(0, era.get("failing").asInt());
    }

    @Test
    void allSmallSequencesLeaveNothingWhereTheCollectorIsRepaired() throws IOException {
        Cli cli = Cli.run("simulate", "--exhaustive", "--messages", "2", "--json");
        assertEquals(ExitStatus.OK, cli.status(), cli::err);
        for (JsonNode era : new ObjectMapper().readTree(cli.out()).get("eras")) {
            assertEquals(225, era.get("sequences").asInt());
            assertEquals(0, era.get("left_for_good").asInt());
        }
    }
}
