package dev.ringwatch.uring;

import static dev.ringwatch.uring.Live.await;
import static dev.ringwatch.uring.Live.one;
import static dev.ringwatch.uring.Live.submitAll;
import static dev.ringwatch.uring.Live.with;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ringwatch.uring.sys.Errno;
import dev.ringwatch.uring.sys.Fds;
import dev.ringwatch.uring.sys.MappedMemory;
import dev.ringwatch.uring.sys.OwnedFd;
import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import dev.ringwatch.uring.sys.SocketLayouts.Msghdr;
import dev.ringwatch.uring.sys.Sockets;
import dev.ringwatch.uring.sys.Sys;
import dev.ringwatch.uring.sys.Syscall;
import dev.ringwatch.uring.sys.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live: sockets made, connected, written and read by rings. */
class SocketScenariosTest {
    private static final int AF_INET = 2;

    @ParameterizedTest
    @EnumSource
    @Scenario({"socket", "bind-listen", "shutdown"})
    void aServerIsMadeByTheRingAlone(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Arena arena = Arena.ofShared()) {
            MemorySegment address = Live.name().encode(arena);
            ring.registerEmptyFiles(4);
            Target server = Target.slot(0);
            Target client = Target.slot(1);
            Target peer = Target.slot(2);
            Operation socket = new Operation.Socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            ring.prepare(socket, 1).intoSlot(0).link();
            ring.prepare(new Operation.Bind(server, address), 2).link();
            ring.prepare(new Operation.Listen(server, 4), 3).link();
            ring.prepare(socket, 4).intoSlot(1).link();
            ring.prepare(new Operation.Connect(client, address), 5);
            for (Completion each : await(ring, 5)) {
                assertEquals(0, each.result(), each.toString());
            }
            ring.prepare(new Operation.Accept(server, 0), 6).intoSlot(2);
            assertEquals(0, await(ring, 1).getFirst().result());

            MemorySegment out = Live.text(arena, "by ring");
            MemorySegment in = arena.allocate(16);
            assertEquals(7, one(ring, new Operation.Send(client, out, 0)).result());
            assertEquals(7, one(ring, new Operation.Receive(peer, in, 0)).result());
            assertEquals("by ring", Live.text(in, 7));

            assertEquals(0, one(ring, new Operation.Shutdown(client, 1)).result());
            assertEquals(0, one(ring, new Operation.Receive(peer, in, 0)).result());
            assertEquals(Errno.EPIPE, one(ring, new Operation.Send(client, out, 0x4000)).errno());

            MemorySegment type = arena.allocate(4, 4);
            Operation option =
                    new Operation.GetSocketOption(
                            client, Sockets.SOL_SOCKET, Sockets.SO_TYPE, type);
            assertEquals(4, one(ring, option).result());
            assertEquals(Sockets.SOCK_STREAM, type.get(JAVA_INT, 0));
            for (int slot = 0; slot < 3; slot++) {
                Operation close = new Operation.Close(Target.slot(slot));
                assertEquals(0, one(ring, close).result());
                assertEquals(Errno.EBADF, one(ring, close).errno());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("socket")
    void aSocketComesAsADescriptorOrInAnySlot(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8)) {
            Operation socket = new Operation.Socket(AF_INET, Sockets.SOCK_DGRAM, 0);
            try (OwnedFd made = OwnedFd.own(one(ring, socket).result())) {
                assertEquals(
                        Sockets.SOCK_DGRAM,
                        Sockets.option(made.number(), Sockets.SOL_SOCKET, Sockets.SO_TYPE));
            }
            ring.prepare(socket, 1).intoSlot(0);
            assertEquals(Errno.ENXIO, await(ring, 1).getFirst().errno());
            ring.registerEmptyFiles(2);
            Set<Integer> slots = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                ring.prepare(socket, 1).intoSlot(SubmissionEntry.ANY_SLOT);
                slots.add(await(ring, 1).getFirst().result());
            }
            assertEquals(Set.of(0, 1), slots);
            ring.prepare(socket, 1).intoSlot(SubmissionEntry.ANY_SLOT);
            assertEquals(Errno.ENFILE, await(ring, 1).getFirst().errno());
            Operation wrong = new Operation.Socket(-1, Sockets.SOCK_STREAM, 0);
            assertEquals(Errno.EAFNOSUPPORT, one(ring, wrong).errno());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("accept")
    void connectionsAreAcceptedOnceAndAgainAndIntoSlots(RingShape shape) throws IOException {
        UnixAddress address = Live.name();
        try (IoUring ring = shape.open(16);
                OwnedFd listener = Live.listener(address)) {
            Target server = Target.descriptor(listener.number());
            int closeOnExec = Fds.O_CLOEXEC;
            ring.prepare(new Operation.Accept(server, closeOnExec), 1);
            submitAll(ring);
            try (OwnedFd client = Live.connect(address);
                    OwnedFd peer = OwnedFd.own(await(ring, 1).getFirst().result())) {
                Live.send(client, "hello");
                assertEquals("hello", Live.receive(peer, 16));
            }

            ring.prepare(new Operation.AcceptMultishot(server, closeOnExec), 2);
            submitAll(ring);
            Set<Integer> peers = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                try (OwnedFd client = Live.connect(address)) {
                    Completion accepted = await(ring, 1).getFirst();
                    assertFalse(accepted.last());
                    peers.add(accepted.result());
                    assertTrue(client.isOpen());
                }
            }
            assertEquals(4, peers.size());
            for (int peer : peers) {
                Fds.close(peer);
            }
            ring.prepare(new Operation.Cancel(2), 3);
            assertEquals(Errno.ECANCELED, with(await(ring, 2), 2).errno());

            ring.registerEmptyFiles(2);
            ring.prepare(new Operation.AcceptMultishot(server, 0), 4)
                    .intoSlot(SubmissionEntry.ANY_SLOT);
            submitAll(ring);
            List<Integer> slots = new ArrayList<>();
            try (OwnedFd first = Live.connect(address);
                    OwnedFd second = Live.connect(address);
                    OwnedFd third = Live.connect(address)) {
                List<Completion> done = await(ring, 3);
                slots.add(done.get(0).result());
                slots.add(done.get(1).result());
                assertEquals(Set.of(0, 1), Set.copyOf(slots));
                assertEquals(Errno.ENFILE, done.get(2).errno(), "no slot is left");
                assertTrue(done.get(2).last());
                assertTrue(first.isOpen() && second.isOpen() && third.isOpen());
            }
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("accept")
    void anAcceptThatWaitsIsCancelledByNameAndByClose(RingShape shape) throws IOException {
        UnixAddress address = Live.name();
        try (OwnedFd listener = Live.listener(address)) {
            Operation accept = new Operation.Accept(Target.descriptor(listener.number()), 0);
            IoUring ring = shape.open(8);
            ring.prepare(accept, 1);
            submitAll(ring);
            ring.prepare(new Operation.Cancel(1), 2);
            List<Completion> done = await(ring, 2);
            assertEquals(Errno.ECANCELED, with(done, 1).errno());
            assertEquals(0, with(done, 2).result());
            ring.prepare(accept, 3);
            submitAll(ring);
            List<Integer> seen = new ArrayList<>();
            ring.close(IoUring.CLOSE_DEADLINE, (userData, result, flags) -> seen.add(result));
            assertEquals(List.of(-Errno.ECANCELED.code()), seen);

            try (IoUring other = shape.open(4)) {
                other.prepare(accept, 4).acceptWithoutWaiting();
                assertEquals(Errno.EAGAIN, await(other, 1).getFirst().errno());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("accept-mshot-stress")
    void noConnectionIsLostWhileManyCome(RingShape shape) throws Exception {
        int all = 60;
        UnixAddress address = Live.name();
        try (IoUring ring = shape.open(8);
                OwnedFd listener = Live.listener(address)) {
            ring.next(1).acceptMultishot(listener.number(), Fds.O_CLOEXEC);
            submitAll(ring);
            FutureTask<Boolean> connector =
                    new FutureTask<>(
                            () -> {
                                for (int i = 0; i < all; i++) {
                                    try (OwnedFd client = Live.connect(address)) {
                                        Live.send(client, "x");
                                    }
                                }
                                return true;
                            });
            Thread.ofPlatform().start(connector);
            int accepted = 0;
            while (accepted < all) {
                Completion done = await(ring, 1).getFirst();
                if (done.result() >= 0) {
                    try (OwnedFd peer = OwnedFd.own(done.result())) {
                        assertEquals("x", Live.receive(peer, 4));
                    }
                    accepted++;
                }
                if (done.last()) {
                    ring.next(1).acceptMultishot(listener.number(), Fds.O_CLOEXEC);
                }
            }
            assertTrue(connector.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("accept-reuse")
    void theRoomForAPeersNameIsUsedAgain(RingShape shape) throws IOException {
        UnixAddress address = Live.name();
        try (IoUring ring = shape.open(8);
                OwnedFd listener = Live.listener(address);
                Arena arena = Arena.ofShared()) {
            MemorySegment name = arena.allocate(112, 8);
            MemorySegment length = arena.allocate(JAVA_INT);
            for (int round = 0; round < 3; round++) {
                length.set(JAVA_INT, 0, 112);
                ring.next(1).accept(listener.number(), name.address(), length.address(), 0);
                submitAll(ring);
                MemorySegment own = Live.name().encode(arena);
                try (OwnedFd client = bound(own)) {
                    Sockets.connect(client.number(), address);
                    OwnedFd.own(await(ring, 1).getFirst().result()).close();
                }
                assertEquals(own.byteSize(), length.get(JAVA_INT, 0));
                assertEquals(-1, own.mismatch(name.asSlice(0, own.byteSize())));
            }
        }
    }

    private static OwnedFd bound(MemorySegment address) throws IOException {
        OwnedFd socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        Sys.check(
                Syscall.BIND,
                Sys.call(Syscall.BIND, socket.number(), address.address(), address.byteSize()),
                "");
        return socket;
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("accept-non-empty")
    void anAcceptSaysWhetherMoreWait(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Live.Listener listener = Live.Listener.open();
                OwnedFd first = listener.connect();
                OwnedFd second = listener.connect()) {
            assertTrue(first.isOpen() && second.isOpen());
            Operation accept =
                    new Operation.Accept(Target.descriptor(listener.socket().number()), 0);
            Completion one = one(ring, accept);
            Completion two = one(ring, accept);
            Fds.close(one.result());
            Fds.close(two.result());
            assertEquals(Completion.F_SOCK_NONEMPTY, one.flags());
            assertEquals(0, two.flags());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("send_recv")
    void bytesGoAndComeByDescriptorAndBySlot(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            ring.registerFiles(left.number());
            MemorySegment out = Live.text(arena, "payload");
            MemorySegment in = arena.allocate(16);
            for (Target from : List.of(Target.descriptor(left.number()), Target.slot(0))) {
                ring.prepare(new Operation.Receive(Target.descriptor(right.number()), in, 0), 1);
                submitAll(ring);
                ring.prepare(new Operation.Send(from, out, 0), 2);
                List<Completion> done = await(ring, 2);
                assertEquals(7, with(done, 1).result());
                assertEquals(7, with(done, 2).result());
                assertEquals("payload", Live.text(in, 7));
            }
            try (OwnedFd file = Live.fileWith("x")) {
                Target noSocket = Target.descriptor(file.number());
                assertEquals(
                        Errno.ENOTSOCK, one(ring, new Operation.Send(noSocket, out, 0)).errno());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("send_recvmsg")
    void messagesGoFromSeveralPartsIntoSeveral(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_DGRAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment in1 = arena.allocate(4);
            MemorySegment in2 = arena.allocate(16);
            ring.prepare(
                    new Operation.SendMessage(
                            Target.descriptor(left.number()),
                            message(arena, Live.text(arena, "ab"), Live.text(arena, "cdefg")),
                            0),
                    1);
            MemorySegment into = message(arena, in1, in2);
            ring.prepare(
                    new Operation.ReceiveMessage(Target.descriptor(right.number()), into, 0), 2);
            List<Completion> done = await(ring, 2);
            assertEquals(7, with(done, 1).result());
            assertEquals(7, with(done, 2).result());
            assertEquals("abcd", Live.text(in1, 4));
            assertEquals("efg", Live.text(in2, 3));

            MemorySegment tooSmall = message(arena, arena.allocate(2));
            Live.send(left, "truncated");
            Operation receive =
                    new Operation.ReceiveMessage(Target.descriptor(right.number()), tooSmall, 0);
            assertEquals(2, one(ring, receive).result());
            int truncated = 0x20;
            assertEquals(truncated, tooSmall.get(JAVA_INT, Msghdr.FLAGS) & truncated);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("sendmsg_iov_clean")
    void theDescriptionOfAMessageIsTheProgramsAgainOnceItIsTaken(RingShape shape)
            throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment filler = arena.allocate(4096).fill((byte) 'f');
            long filled = fill(left, filler);
            Arena description = Arena.ofShared();
            MemorySegment kept = Live.text(arena, "kept ");
            MemorySegment message = message(description, kept, Live.text(arena, "whole"));
            ring.prepare(
                    new Operation.SendMessage(Target.descriptor(left.number()), message, 0), 1);
            submitAll(ring);
            assertTrue(Live.quiet(ring), "the socket is full, so the message waits");
            message.fill((byte) 0xff);
            description.close();
            MemorySegment in = arena.allocate(4096);
            while (filled > 0) {
                filled -= Fds.read(right.number(), in.asSlice(0, Math.min(4096, filled)));
            }
            assertEquals(10, await(ring, 1).getFirst().result());
            assertEquals("kept whole", Live.receive(right, 64));
        }
    }

    /** Sends until nothing more fits. */
    private static long fill(OwnedFd socket, MemorySegment with) throws IOException {
        long sent = 0;
        while (true) {
            long result =
                    Sys.call(
                            Syscall.SENDTO,
                            socket.number(),
                            with.address(),
                            with.byteSize(),
                            Sockets.MSG_DONTWAIT);
            if (result < 0) {
                assertEquals(-Errno.EAGAIN.code(), result);
                return sent;
            }
            sent += result;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("send-zerocopy")
    void aZeroCopySendCompletesThenGivesItsMemoryBack(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                Live.Tcp tcp = Live.Tcp.open();
                Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192, 4096).fill((byte) 'z');
            BufferTable table = ring.registerBuffers(memory);
            Target socket = Target.descriptor(tcp.ours().number());
            MemorySegment message = message(arena, memory);
            for (int kind = 0; kind < 4; kind++) {
                boolean fixed = kind % 2 == 1;
                SubmissionEntry entry =
                        kind < 2
                                ? ring.prepare(new Operation.SendZeroCopy(socket, memory, 0), kind)
                                : ring.prepare(
                                        new Operation.SendMessageZeroCopy(socket, message, 0),
                                        kind);
                if (fixed) {
                    entry.fixedBuffer(0);
                }
                Completion sent = await(ring, 1).getFirst();
                if (kind == 3 && sent.errno() == Errno.EINVAL) {
                    continue; // registered memory in a message came with 6.15
                }
                assertEquals(8192, sent.result(), "kind " + kind);
                assertFalse(sent.last());
                assertEquals(1, ring.inFlight());
                readAll(tcp, 8192, (byte) 'z');
                Completion notice = await(ring, 1).getFirst();
                assertEquals(new Completion(kind, 0, Completion.F_NOTIF), notice);
                assertEquals(0, ring.inFlight());
            }
            ring.prepare(new Operation.SendZeroCopy(socket, memory, 0), 9).reportUsage();
            assertEquals(8192, await(ring, 1).getFirst().result());
            readAll(tcp, 8192, (byte) 'z');
            int copied = 1 << 31;
            assertEquals(
                    copied, await(ring, 1).getFirst().result() & copied, "loopback has to copy");
            table.unregister();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("send-zerocopy")
    void aZeroCopySendThatFailsAtOnceGivesNoNotice(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            assertTrue(right.isOpen());
            MemorySegment memory = arena.allocate(16);
            Operation local =
                    new Operation.SendZeroCopy(Target.descriptor(left.number()), memory, 0);
            Completion done = one(ring, local);
            assertEquals(Errno.EOPNOTSUPP, done.errno(), "AF_UNIX copies always");
            // F_MORE and the notice come together or not at all, whatever the result.
            if (!done.last()) {
                assertEquals(Completion.F_NOTIF, await(ring, 1).getFirst().flags());
            }
            assertTrue(Live.quiet(ring));
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("sendzc-bug")
    void registeredMemoryStaysWithASendThatIsNotNotified(RingShape shape) throws IOException {
        int size = 256 * 1024;
        try (IoUring ring = shape.open(8);
                Live.Tcp tcp = Live.Tcp.open()) {
            Arena own = Arena.ofShared();
            MemorySegment memory = anonymous(own, size).fill((byte) 'k');
            BufferTable table = ring.registerBuffers(memory);
            Target socket = Target.descriptor(tcp.ours().number());
            ring.prepare(new Operation.SendZeroCopy(socket, memory, 0), 1).fixedBuffer(0);
            Completion sent = await(ring, 1).getFirst();
            assertTrue(sent.result() > 0, sent.toString());
            table.unregister();
            own.close();
            readAll(tcp, sent.result(), (byte) 'k');
            assertTrue(await(ring, 1).getFirst().last());
        }
    }

    /** Closing waits for the notice, or says that the memory is still the kernel's. */
    @ParameterizedTest
    @EnumSource
    void closeWaitsForTheNoticeOfAZeroCopySend(RingShape shape) throws Exception {
        try (Live.Tcp tcp = Live.Tcp.open();
                Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192, 4096).fill((byte) 'c');
            IoUring ring = shape.open(8);
            Target socket = Target.descriptor(tcp.ours().number());
            ring.prepare(new Operation.SendZeroCopy(socket, memory, 0), 1);
            assertEquals(8192, await(ring, 1).getFirst().result());
            FutureTask<Boolean> reader =
                    new FutureTask<>(
                            () -> {
                                readAll(tcp, 8192, (byte) 'c');
                                return true;
                            });
            Thread.ofPlatform().start(reader);
            List<Integer> seen = new ArrayList<>();
            ring.close(IoUring.CLOSE_DEADLINE, (userData, result, flags) -> seen.add(flags));
            assertEquals(List.of(Completion.F_NOTIF), seen);
            assertTrue(reader.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recv-multishot")
    void aReceiveGoesOnUntilTheBuffersOrTheBytesEnd(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment buffers = arena.allocate(3 * 16);
            provide(ring, buffers, 16);
            Operation receive =
                    new Operation.ReceiveMultishot(Target.descriptor(right.number()), 0, 7);
            ring.prepare(receive, 1);
            submitAll(ring);
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                Live.send(left, "part" + i);
                Completion done = await(ring, 1).getFirst();
                assertEquals(5, done.result());
                assertEquals(Completion.F_BUFFER, done.flags() & Completion.F_BUFFER);
                int id = done.flags() >>> 16;
                assertEquals("part" + i, Live.text(buffers.asSlice(16L * id, 16), 5));
                ids.add(id);
            }
            assertEquals(Set.of(0, 1, 2), ids);
            Live.send(left, "more");
            Completion starved = awaitLast(ring);
            assertEquals(Errno.ENOBUFS, starved.errno());
            assertEquals(0, ring.inFlight());

            provide(ring, buffers, 16);
            ring.prepare(receive, 2);
            assertEquals(4, await(ring, 1).getFirst().result());
            Sockets.shutdown(left.number(), 1);
            Completion end = awaitLast(ring);
            assertEquals(new Completion(2, 0, end.flags()), end);
            assertEquals(0, ring.inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recv-multishot")
    void messagesComeWithTheirLengthsIntoBuffers(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_DGRAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment buffers = arena.allocate(4 * 64, 8);
            provide(ring, buffers, 64);
            MemorySegment shapeOfMessage = arena.allocate(Msghdr.SIZE, 8);
            ring.prepare(
                    new Operation.ReceiveMessageMultishot(
                            Target.descriptor(right.number()), shapeOfMessage, 0, 7),
                    1);
            submitAll(ring);
            int header = 16;
            for (String text : List.of("one", "three")) {
                sendDatagram(left, text);
                Completion done = await(ring, 1).getFirst();
                assertEquals(header + text.length(), done.result());
                MemorySegment buffer = buffers.asSlice(64L * (done.flags() >>> 16), 64);
                assertEquals(text.length(), buffer.get(JAVA_INT, 8), "payload");
                assertEquals(text, Live.text(buffer.asSlice(header), text.length()));
            }
            sendDatagram(left, "");
            Completion empty = await(ring, 1).getFirst();
            assertEquals(header, empty.result());
            assertTrue(empty.last(), "an empty message ends it");
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("recv-mshot-drain")
    void whatDrainsStartsAfterAMultishotEnded(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            MemorySegment buffers = arena.allocate(8 * 16);
            provide(ring, buffers, 16);
            ring.prepare(
                    new Operation.ReceiveMultishot(Target.descriptor(right.number()), 0, 7), 1);
            ring.prepare(new Operation.Nop(), 2).drain();
            submitAll(ring);
            for (int i = 0; i < 3; i++) {
                Live.send(left, "x");
                assertEquals(1, await(ring, 1).getFirst().userData());
            }
            Sockets.shutdown(left.number(), 1);
            List<Completion> done = new ArrayList<>();
            while (done.isEmpty() || done.getLast().userData() != 2) {
                done.addAll(await(ring, 1));
            }
            assertTrue(done.get(done.size() - 2).last(), done.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("socket-rw-eagain")
    void aReadOfASocketThatMayNotWaitDoesNotHang(RingShape shape) throws IOException {
        List<OwnedFd> pair = Sockets.pair(Sockets.SOCK_STREAM);
        try (IoUring ring = shape.open(8);
                OwnedFd left = pair.get(0);
                OwnedFd right = pair.get(1);
                Arena arena = Arena.ofShared()) {
            Fds.setNonBlocking(left.number(), true);
            Fds.setNonBlocking(right.number(), true);
            MemorySegment in = arena.allocate(16);
            MemorySegment out = Live.text(arena, "there");
            Target socket = Target.descriptor(right.number());
            Operation once = new Operation.Receive(socket, in, Sockets.MSG_DONTWAIT);
            assertEquals(Errno.EAGAIN, one(ring, once).errno());
            for (Operation read :
                    List.of(
                            new Operation.Read(socket, in, -1),
                            new Operation.Receive(socket, in, 0))) {
                ring.prepare(read, 1);
                ring.prepare(new Operation.Write(Target.descriptor(left.number()), out, -1), 2);
                List<Completion> done = await(ring, 2);
                assertEquals(5, with(done, 2).result());
                if (with(done, 1).errno() == Errno.EAGAIN) {
                    assertEquals("there", Live.receive(right, 16));
                } else {
                    assertEquals(5, with(done, 1).result());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Scenario("short-read")
    void aReadEndsWithTheFile(RingShape shape) throws IOException {
        try (IoUring ring = shape.open(8);
                OwnedFd file = Live.fileWith("0123456789");
                Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocate(64);
            Target target = Target.descriptor(file.number());
            assertEquals(10, one(ring, new Operation.Read(target, in, 0)).result());
            assertEquals(3, one(ring, new Operation.Read(target, in, 7)).result());
            assertEquals("789", Live.text(in, 3));
            assertEquals(0, one(ring, new Operation.Read(target, in, 10)).result());
            MemorySegment parts = arena.allocate(2 * Iovec.SIZE, 8);
            part(parts, 0, in.asSlice(0, 4));
            part(parts, 1, in.asSlice(32, 32));
            assertEquals(10, one(ring, new Operation.ReadVector(target, parts, 0, 0)).result());
            assertEquals("456789", Live.text(in.asSlice(32), 6));
            assertNotEquals(0, in.get(JAVA_BYTE, 0));
        }
    }

    private static void provide(IoUring ring, MemorySegment memory, int length) throws IOException {
        Operation provide = new Operation.ProvideBuffers(memory, length, 7, 0);
        assertEquals(0, one(ring, provide).result());
    }

    /** Takes completions up to an operation's last. */
    private static Completion awaitLast(IoUring ring) throws IOException {
        Completion done = await(ring, 1).getFirst();
        while (!done.last()) {
            done = await(ring, 1).getFirst();
        }
        return done;
    }

    private static void sendDatagram(OwnedFd socket, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        assertEquals(bytes.length, Sockets.send(socket.number(), MemorySegment.ofArray(bytes), 0));
    }

    private static void readAll(Live.Tcp tcp, int bytes, byte each) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(bytes);
        while (in.hasRemaining()) {
            assertTrue(tcp.theirs().read(in) > 0);
        }
        for (byte one : in.array()) {
            assertEquals(each, one);
        }
    }

    /** A struct msghdr of these parts. */
    private static MemorySegment message(Arena arena, MemorySegment... parts) {
        MemorySegment iovecs = arena.allocate((long) Iovec.SIZE * parts.length, 8);
        for (int i = 0; i < parts.length; i++) {
            part(iovecs, i, parts[i]);
        }
        MemorySegment header = arena.allocate(Msghdr.SIZE, 8);
        header.set(JAVA_LONG, Msghdr.IOV, iovecs.address());
        header.set(JAVA_LONG, Msghdr.IOVLEN, parts.length);
        return header;
    }

    private static void part(MemorySegment iovecs, int index, MemorySegment memory) {
        iovecs.set(JAVA_LONG, (long) Iovec.SIZE * index + Iovec.BASE, memory.address());
        iovecs.set(JAVA_LONG, (long) Iovec.SIZE * index + Iovec.LEN, memory.byteSize());
    }

    private static MemorySegment anonymous(Arena arena, long size) throws IOException {
        return MappedMemory.map(
                arena,
                size,
                MappedMemory.PROT_READ | MappedMemory.PROT_WRITE,
                MappedMemory.MAP_PRIVATE | MappedMemory.MAP_ANONYMOUS,
                -1,
                0);
    }
}
