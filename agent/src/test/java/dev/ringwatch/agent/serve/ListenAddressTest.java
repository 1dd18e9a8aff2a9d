package dev.ringwatch.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.serve.ListenAddress.Tcp;
import dev.ringwatch.agent.serve.ListenAddress.Unix;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @Test
    void hostAndPort() {
        assertEquals(new Tcp("127.0.0.1", 9736), ListenAddress.parse("127.0.0.1:9736"));
        assertEquals(new Tcp("localhost", 0), ListenAddress.parse("localhost:0"));
    }

    @Test
    void ipv6InBrackets() {
        assertEquals(new Tcp("::1", 9736), ListenAddress.parse("[::1]:9736"));
    }

    @Test
    void unixPath() {
        assertEquals(
                new Unix(Path.of("/run/ringwatch.sock")),
                ListenAddress.parse("unix:/run/ringwatch.sock"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9736", "[::1]:1", "unix:/run/ringwatch.sock"})
    void printsAsItIsWritten(String text) {
        assertEquals(text, ListenAddress.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9736 | no port",
                "'' | no port",
                "[::1] | no port",
                ":9736 | no host; 127.0.0.1 is this machine only",
                "::1:9736 | in brackets",
                "[nonsense]:1 | no IPv6 address",
                "a b:1 | not a host name",
                "http://host:1 | in brackets",
                "host: | a port is a number",
                "host:-1 | a port is a number",
                "host:65536 | a port is a number",
                "host:99999999999 | a port is a number",
                "unix: | needs a path",
                "unix:@abstract | no file mode",
            })
    void badInputIsOneLine(String text, String reason) {
        var e =
                assertThrows(
                        IllegalArgumentException.class, () -> ListenAddress.parse(text.strip()));
        String line = String.valueOf(e.getMessage());
        assertTrue(line.contains(reason), line);
        assertFalse(line.contains("\n"), line);
    }

    @Test
    void unixPathAsLongAsTheKernelTakes() {
        String longest = "unix:/" + "x".repeat(106);
        assertEquals(longest, ListenAddress.parse(longest).toString());
        assertThrows(
                IllegalArgumentException.class, () -> ListenAddress.parse(longest.concat("x")));
    }

    @Test
    void unixPathWithNul() {
        assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse("unix:/a\0b"));
    }
}
