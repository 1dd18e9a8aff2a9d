package dev.ringwatch.agent.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.agent.proc.ProcUnixSocket.SocketType;
import dev.ringwatch.agent.proc.ProcUnixSocket.State;
import dev.ringwatch.agent.proc.UnixDiag.UnixDiagSocket;
import dev.ringwatch.agent.proc.UnixDiagMessages.Progress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** net/unix, stat, release and sock_diag, as recorded. */
class ProcFormatsTest {

    @Test
    void netUnixWithNamesThatHoldNewlines() {
        List<ProcUnixSocket> all =
                NetUnix.parse(RingFdinfoParserTest.resource("net-unix.txt"), OptionalLong.of(7));
        assertEquals(
                List.of(9707L, 9719L, 0L, 119717L, 1517L),
                all.stream().map(ProcUnixSocket::inode).toList());
        assertEquals(
                List.of(
                        State.CONNECTED,
                        State.UNCONNECTED,
                        State.EMBRYO,
                        State.LISTENING,
                        State.CONNECTED),
                all.stream().map(ProcUnixSocket::state).toList());
        assertEquals(
                Optional.of(
                        new UnixName(UnixName.Kind.PATH, "/srv/so ck\n0000000075cd8a67: 00000003")),
                all.get(1).name());
        assertEquals(SocketType.DGRAM, all.get(1).type());
        assertEquals(
                Optional.of(new UnixName(UnixName.Kind.ABSTRACT, "ring abstract\nx")),
                all.get(3).name());
        assertEquals(SocketType.SEQPACKET, all.get(3).type());
        assertEquals(new UnixPeer.Unknown(), all.get(0).peer());
        assertEquals(OptionalLong.of(7), all.get(0).networkNamespace());
    }

    @ParameterizedTest
    @CsvSource({
        "6.8.12,false", "6.9,true", "6.11.0-26-generic,true", "6.12.33,true", "6.12.34,false",
        "6.12.117+deb13-amd64,false", "6.13.0,true", "6.14.9,true", "6.15.2,true", "6.15.3,false",
        "6.16-rc1,false", "6.18.44,false", "5.15.0,false", "7.0.0,false"
    })
    void kernelsWhereReadingARingMayCrash(String release, boolean unsafe) {
        assertEquals(unsafe, KernelRelease.parse(release).orElseThrow().ringFdinfoUnsafe());
    }

    @Test
    void releasesThatAreNone() {
        assertTrue(KernelRelease.parse("").isEmpty());
        assertTrue(KernelRelease.parse("linux").isEmpty());
        assertTrue(KernelRelease.parse("99999.1.1").isEmpty());
    }

    @Test
    void statOfAProcessWithAHostileName() {
        String rest = " S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 9 9 9\n";
        ProcStat stat = ProcStat.parse("7 (a) S 1 (\n)" + rest).orElseThrow();
        assertEquals("a) S 1 (\n", stat.comm());
        assertEquals(12345, stat.startTicks());
        assertFalse(stat.kernelThread());
        assertTrue(ProcStat.parse("7 (a) S 1").isEmpty());
        assertTrue(ProcStat.parse("").isEmpty());
    }

    @Test
    void aRecordedDump() {
        List<UnixDiagSocket> sockets = new ArrayList<>();
        List<ByteBuffer> datagrams = recording();
        assertEquals(new Progress.More(true), UnixDiagMessages.read(datagrams.get(0), 7, sockets));
        assertEquals(new Progress.More(true), UnixDiagMessages.read(datagrams.get(1), 7, sockets));
        assertEquals(new Progress.Done(true), UnixDiagMessages.read(datagrams.get(2), 7, sockets));
        assertEquals(
                List.of(
                        socket(1, 1, 28287, null, new UnixPeer.Connected(28286), 0),
                        socket(
                                2,
                                7,
                                28292,
                                new UnixName(UnixName.Kind.PATH, "/run/example/dgram01"),
                                new UnixPeer.None(),
                                0),
                        socket(1, 1, 28291, null, new UnixPeer.WithoutFile(), 0),
                        socket(1, 1, 28288, null, new UnixPeer.WithoutFile(), 3),
                        new UnixDiagSocket(
                                1,
                                10,
                                28290,
                                Optional.of(new UnixName(UnixName.Kind.ABSTRACT, "ring\nabs")),
                                new UnixPeer.None(),
                                List.of(28291L),
                                OptionalInt.of(0))),
                sockets);
    }

    @Test
    void answersToAnotherRequestAreSkipped() {
        List<UnixDiagSocket> sockets = new ArrayList<>();
        for (ByteBuffer datagram : recording()) {
            assertEquals(new Progress.More(true), UnixDiagMessages.read(datagram, 8, sockets));
        }
        assertTrue(sockets.isEmpty());
    }

    @Test
    void aRefusalCarriesTheErrorNumber() {
        ByteBuffer b = ByteBuffer.allocate(36).order(ByteOrder.nativeOrder());
        b.putInt(36).putShort((short) 2).putShort((short) 0).putInt(7).putInt(1).putInt(-2);
        assertEquals(
                new Progress.Refused(2), UnixDiagMessages.read(b.rewind(), 7, new ArrayList<>()));
    }

    @Test
    void anInterruptedDumpSaysSo() {
        ByteBuffer b = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
        b.putInt(20).putShort((short) 3).putShort((short) 0x12).putInt(7).putInt(1).putInt(0);
        assertEquals(
                new Progress.Done(false), UnixDiagMessages.read(b.rewind(), 7, new ArrayList<>()));
    }

    @Test
    void lengthsThatLieAreRefused() {
        ByteBuffer message = recording().get(0);
        message.order(ByteOrder.nativeOrder()).putInt(0, 1 << 20);
        assertThrows(
                MalformedDiagException.class,
                () -> UnixDiagMessages.read(message, 7, new ArrayList<>()));
        ByteBuffer attribute = recording().get(0);
        attribute.order(ByteOrder.nativeOrder()).putShort(32, (short) 3);
        assertThrows(
                MalformedDiagException.class,
                () -> UnixDiagMessages.read(attribute, 7, new ArrayList<>()));
    }

    /** Whatever the bytes, the answer is sockets or a refusal, never another exception. */
    @Test
    void damagedDatagrams() {
        SplittableRandom random = new SplittableRandom(20250613);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer b = recording().get(i % 2);
            for (int j = random.nextInt(6); j >= 0; j--) {
                b.put(random.nextInt(b.limit()), (byte) random.nextInt(256));
            }
            b.limit(random.nextInt(b.limit()));
            try {
                UnixDiagMessages.read(b, 7, new ArrayList<>());
            } catch (MalformedDiagException e) {
                assertFalse(String.valueOf(e.getMessage()).isEmpty());
            }
        }
    }

    @Test
    void theRequestIsADumpOfEveryState() {
        Assumptions.assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
        byte[] bytes = new byte[40];
        UnixDiagMessages.dumpRequest(7).get(bytes);
        assertEquals(
                "28000000140001030700000000000000"
                        + "01000000ffffffff000000000d000000ffffffffffffffff",
                HexFormat.of().formatHex(bytes));
    }

    private static UnixDiagSocket socket(
            int type, int state, long inode, @Nullable UnixName name, UnixPeer peer, int shutdown) {
        return new UnixDiagSocket(
                type,
                state,
                inode,
                Optional.ofNullable(name),
                peer,
                List.of(),
                OptionalInt.of(shutdown));
    }

    private static List<ByteBuffer> recording() {
        Assumptions.assumeTrue(
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "recorded in little endian");
        return RingFdinfoParserTest.resource("unix-diag-x86_64.hex")
                .lines()
                .map(line -> ByteBuffer.wrap(HexFormat.of().parseHex(line)))
                .toList();
    }
}
