package dev.ringwatch.uring;

import dev.ringwatch.uring.sys.SocketLayouts.Iovec;
import java.lang.foreign.MemorySegment;

/** Writes an {@link Operation} into a {@link SubmissionEntry}. */
final class OperationEncoder {
    private OperationEncoder() {}

    /** Writes the operation; the entry's own flags are added by others. */
    static SubmissionEntry encode(Operation operation, SubmissionEntry entry) {
        return switch (operation) {
            case Operation.Data data -> data(data, entry);
            case Operation.Names names -> names(names, entry);
            case Operation.Network network -> network(network, entry);
            case Operation.Control control -> control(control, entry);
        };
    }

    private static SubmissionEntry data(Operation.Data operation, SubmissionEntry entry) {
        return switch (operation) {
            case Operation.Nop() -> entry.nop();
            case Operation.Read(Target file, MemorySegment into, long offset) ->
                    on(file, entry.read(number(file), into.address(), size(into), offset));
            case Operation.Write(Target file, MemorySegment from, long offset) ->
                    on(file, entry.write(number(file), from.address(), size(from), offset));
            case Operation.ReadVector(Target file, MemorySegment into, long offset, int flags) ->
                    on(
                            file,
                            entry.readVector(
                                    number(file), into.address(), parts(into), offset, flags));
            case Operation.WriteVector(Target file, MemorySegment from, long offset, int flags) ->
                    on(
                            file,
                            entry.writeVector(
                                    number(file), from.address(), parts(from), offset, flags));
            case Operation.ReadFixed(Target file, MemorySegment into, long offset, int buffer) ->
                    on(
                            file,
                            entry.readFixed(
                                    number(file), into.address(), size(into), offset, buffer));
            case Operation.WriteFixed(Target file, MemorySegment from, long offset, int buffer) ->
                    on(
                            file,
                            entry.writeFixed(
                                    number(file), from.address(), size(from), offset, buffer));
            case Operation.ReadVectorFixed(
                            Target file,
                            MemorySegment into,
                            long offset,
                            int buffer) ->
                    on(
                            file,
                            entry.readVectorFixed(
                                    number(file), into.address(), parts(into), offset, buffer));
            case Operation.WriteVectorFixed(
                            Target file,
                            MemorySegment from,
                            long offset,
                            int buffer) ->
                    on(
                            file,
                            entry.writeVectorFixed(
                                    number(file), from.address(), parts(from), offset, buffer));
            case Operation.ReadMultishot(Target file, long offset, int group) ->
                    on(file, entry.readMultishot(number(file), offset, group));
            case Operation.Sync(Target file, long offset, int length, boolean dataOnly) ->
                    on(file, entry.sync(number(file), offset, length, dataOnly));
            case Operation.SyncRange(Target file, long offset, int length, int flags) ->
                    on(file, entry.syncRange(number(file), offset, length, flags));
            case Operation.Allocate(Target file, int mode, long offset, long length) ->
                    on(file, entry.allocate(number(file), mode, offset, length));
            case Operation.Truncate(Target file, long length) ->
                    on(file, entry.truncate(number(file), length));
            case Operation.AdviseFile(Target file, long offset, int length, int advice) ->
                    on(file, entry.adviseFile(number(file), offset, length, advice));
            case Operation.AdviseMemory(MemorySegment memory, int advice) ->
                    entry.adviseMemory(memory.address(), size(memory), advice);
            case Operation.GetAttribute(Target file, MemorySegment name, MemorySegment value) ->
                    on(
                            file,
                            entry.attribute(
                                    number(file), name.address(), value.address(), size(value)));
            case Operation.SetAttribute(
                            Target file,
                            MemorySegment name,
                            MemorySegment value,
                            int flags) ->
                    on(
                            file,
                            entry.setAttribute(
                                    number(file),
                                    name.address(),
                                    value.address(),
                                    size(value),
                                    flags));
            case Operation.Splice(
                            Target from,
                            long fromOffset,
                            Target to,
                            long toOffset,
                            int length,
                            int flags) ->
                    from(
                            from,
                            on(
                                    to,
                                    entry.splice(
                                            number(from),
                                            fromOffset,
                                            number(to),
                                            toOffset,
                                            length,
                                            flags)));
            case Operation.Tee(Target from, Target to, int length, int flags) ->
                    from(from, on(to, entry.tee(number(from), number(to), length, flags)));
            case Operation.Pipe(MemorySegment into, int flags) -> entry.pipe(into.address(), flags);
            case Operation.Close(Target.Descriptor(int number)) -> entry.close(number);
            case Operation.Close(Target.Slot(int index)) -> entry.closeSlot(index);
        };
    }

    private static SubmissionEntry names(Operation.Names operation, SubmissionEntry entry) {
        return switch (operation) {
            case Operation.Open(int directory, MemorySegment path, int flags, int mode) ->
                    entry.open(directory, path.address(), flags, mode);
            case Operation.OpenHow(int directory, MemorySegment path, MemorySegment how) ->
                    entry.openHow(directory, path.address(), how.address(), size(how));
            case Operation.Status(
                            int directory,
                            MemorySegment path,
                            int flags,
                            int mask,
                            MemorySegment into) ->
                    entry.status(directory, path.address(), flags, mask, into.address());
            case Operation.Rename(
                            int fromDirectory,
                            MemorySegment from,
                            int toDirectory,
                            MemorySegment to,
                            int flags) ->
                    entry.rename(fromDirectory, from.address(), toDirectory, to.address(), flags);
            case Operation.Unlink(int directory, MemorySegment path, int flags) ->
                    entry.unlink(directory, path.address(), flags);
            case Operation.MakeDirectory(int directory, MemorySegment path, int mode) ->
                    entry.makeDirectory(directory, path.address(), mode);
            case Operation.SymbolicLink(MemorySegment target, int directory, MemorySegment path) ->
                    entry.symbolicLink(target.address(), directory, path.address());
            case Operation.Link(
                            int fromDirectory,
                            MemorySegment from,
                            int toDirectory,
                            MemorySegment to,
                            int flags) ->
                    entry.link(fromDirectory, from.address(), toDirectory, to.address(), flags);
            case Operation.GetAttributeAt(
                            MemorySegment path,
                            MemorySegment name,
                            MemorySegment value) ->
                    entry.attributeAt(path.address(), name.address(), value.address(), size(value));
            case Operation.SetAttributeAt(
                            MemorySegment path,
                            MemorySegment name,
                            MemorySegment value,
                            int flags) ->
                    entry.setAttributeAt(
                            path.address(), name.address(), value.address(), size(value), flags);
        };
    }

    private static SubmissionEntry network(Operation.Network operation, SubmissionEntry entry) {
        return switch (operation) {
            case Operation.Socket(int domain, int type, int protocol) ->
                    entry.socket(domain, type, protocol);
            case Operation.Bind(Target socket, MemorySegment address) ->
                    on(socket, entry.bind(number(socket), address.address(), size(address)));
            case Operation.Listen(Target socket, int backlog) ->
                    on(socket, entry.listen(number(socket), backlog));
            case Operation.Connect(Target socket, MemorySegment address) ->
                    on(socket, entry.connect(number(socket), address.address(), size(address)));
            case Operation.Accept(Target socket, int flags) ->
                    on(socket, entry.accept(number(socket), 0, 0, flags));
            case Operation.AcceptMultishot(Target socket, int flags) ->
                    on(socket, entry.acceptMultishot(number(socket), flags));
            case Operation.Send(Target socket, MemorySegment from, int flags) ->
                    on(socket, entry.send(number(socket), from.address(), size(from), flags));
            case Operation.SendZeroCopy(Target socket, MemorySegment from, int flags) ->
                    on(
                            socket,
                            entry.sendZeroCopy(number(socket), from.address(), size(from), flags));
            case Operation.SendMessage(Target socket, MemorySegment message, int flags) ->
                    on(socket, entry.sendMessage(number(socket), message.address(), flags));
            case Operation.SendMessageZeroCopy(Target socket, MemorySegment message, int flags) ->
                    on(socket, entry.sendMessageZeroCopy(number(socket), message.address(), flags));
            case Operation.Receive(Target socket, MemorySegment into, int flags) ->
                    on(socket, entry.receive(number(socket), into.address(), size(into), flags));
            case Operation.ReceiveMultishot(Target socket, int flags, int group) ->
                    on(socket, entry.receiveMultishot(number(socket), flags, group));
            case Operation.ReceiveMessage(Target socket, MemorySegment message, int flags) ->
                    on(socket, entry.receiveMessage(number(socket), message.address(), flags));
            case Operation.ReceiveMessageMultishot(
                            Target socket,
                            MemorySegment message,
                            int flags,
                            int group) ->
                    on(
                            socket,
                            entry.receiveMessageMultishot(
                                    number(socket), message.address(), flags, group));
            case Operation.Shutdown(Target socket, int how) ->
                    on(socket, entry.shutdown(number(socket), how));
            case Operation.GetSocketOption(
                            Target socket,
                            int level,
                            int option,
                            MemorySegment value) ->
                    on(
                            socket,
                            entry.socketOption(
                                    number(socket), level, option, value.address(), size(value)));
            case Operation.SetSocketOption(
                            Target socket,
                            int level,
                            int option,
                            MemorySegment value) ->
                    on(
                            socket,
                            entry.setSocketOption(
                                    number(socket), level, option, value.address(), size(value)));
        };
    }

    private static SubmissionEntry control(Operation.Control operation, SubmissionEntry entry) {
        return switch (operation) {
            case Operation.PollAdd(Target file, int events, boolean multishot) ->
                    on(
                            file,
                            multishot
                                    ? entry.pollMultishot(number(file), events)
                                    : entry.poll(number(file), events));
            case Operation.PollRemove(long userData) -> entry.pollRemove(userData);
            case Operation.PollUpdate(long userData, int events, boolean multishot) ->
                    entry.pollUpdate(userData, events, multishot);
            case Operation.Timeout(MemorySegment time, int completions, int flags) ->
                    entry.timeout(time.address(), completions, flags);
            case Operation.TimeoutRemove(long userData) -> entry.timeoutRemove(userData);
            case Operation.TimeoutUpdate(long userData, MemorySegment time, int flags) ->
                    entry.timeoutUpdate(userData, time.address(), flags);
            case Operation.LinkTimeout(MemorySegment time, int flags) ->
                    entry.linkTimeout(time.address(), flags);
            case Operation.Cancel(long userData) -> entry.cancel(userData);
            case Operation.CancelEach(long userData) -> entry.cancelEach(userData);
            case Operation.CancelFile(Target.Descriptor(int fd)) -> entry.cancelDescriptor(fd);
            case Operation.CancelFile(Target.Slot(int slot)) -> entry.cancelSlot(slot);
            case Operation.CancelAll() -> entry.cancelAny();
            case Operation.CancelKind(Opcode kind) -> entry.cancelKind(kind);
            case Operation.MessageRing(int ring, long userData, int result) ->
                    entry.messageRing(ring, userData, result);
            case Operation.MessageFile(int ring, int fromSlot, int toSlot, long userData) ->
                    entry.messageFile(ring, fromSlot, toSlot, userData);
            case Operation.UpdateFiles(MemorySegment descriptors, int firstSlot) ->
                    entry.updateFiles(descriptors.address(), size(descriptors) / 4, firstSlot);
            case Operation.InstallSlot(int slot) -> entry.installSlot(slot);
            case Operation.ProvideBuffers(
                            MemorySegment memory,
                            int length,
                            int group,
                            int firstId) ->
                    entry.provideBuffers(
                            memory.address(), length, size(memory) / length, group, firstId);
            case Operation.RemoveBuffers(int count, int group) -> entry.removeBuffers(count, group);
        };
    }

    private static SubmissionEntry on(Target file, SubmissionEntry entry) {
        return switch (file) {
            case Target.Descriptor descriptor -> entry;
            case Target.Slot slot -> entry.fixedFile();
        };
    }

    private static SubmissionEntry from(Target file, SubmissionEntry entry) {
        return switch (file) {
            case Target.Descriptor descriptor -> entry;
            case Target.Slot slot -> entry.fromSlot();
        };
    }

    private static int number(Target file) {
        return switch (file) {
            case Target.Descriptor(int number) -> number;
            case Target.Slot(int index) -> index;
        };
    }

    private static int size(MemorySegment memory) {
        return (int) memory.byteSize();
    }

    private static int parts(MemorySegment iovecs) {
        return (int) (iovecs.byteSize() / Iovec.SIZE);
    }
}
