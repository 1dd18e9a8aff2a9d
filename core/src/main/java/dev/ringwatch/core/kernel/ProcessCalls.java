package dev.ringwatch.core.kernel;

import dev.ringwatch.core.kernel.Outcome.Done;
import dev.ringwatch.core.kernel.Outcome.Refused;
import java.util.ArrayList;
import java.util.List;

/** What processes do with descriptors, mappings and themselves; pipes and regular files. */
final class ProcessCalls {
    private final KernelState kernel;

    ProcessCalls(KernelState kernel) {
        this.kernel = kernel;
    }

    /** Gives the file a descriptor, which takes over a reference that the caller has. */
    static int install(Task task, OpenFile file) {
        int fd = task.freeDescriptor();
        if (fd >= 0) {
            task.install(fd, file);
        }
        return fd;
    }

    Outcome dup(Task task, OpenFile file) {
        int fd = install(task, file);
        if (fd < 0) {
            return new Refused(Errno.EMFILE);
        }
        file.get();
        return Done.of(fd);
    }

    Outcome close(Task task, int fd) {
        OpenFile file = task.uninstall(fd);
        if (file == null) {
            return new Refused(Errno.EBADF);
        }
        task.closeOnExec.remove(fd);
        kernel.put(file);
        return Done.of();
    }

    Outcome closeOnExec(Task task, int fd, boolean on) {
        if (!task.descriptors.containsKey(fd)) {
            return new Refused(Errno.EBADF);
        }
        if (on) {
            task.closeOnExec.add(fd);
        } else {
            task.closeOnExec.remove(fd);
        }
        return Done.of();
    }

    Outcome fork(Task task) {
        Task child = new Task(kernel.newPid(), task.user, task.capable, task.descriptorLimit);
        task.descriptors.forEach(
                (fd, file) -> {
                    file.get();
                    child.install(fd, file);
                });
        child.closeOnExec.addAll(task.closeOnExec);
        task.mappings
                .values()
                .forEach(
                        file -> {
                            file.get();
                            child.mappings.put(child.newMapping(), file);
                        });
        kernel.addTask(child);
        return Done.of(child.pid());
    }

    Outcome exec(Task task) {
        dropRegisteredRings(task);
        kernel.ringCalls.cancel(task, false);
        unmapAll(task);
        for (int fd : List.copyOf(task.closeOnExec)) {
            close(task, fd);
        }
        return Done.of();
    }

    Outcome exit(Task task) {
        dropRegisteredRings(task);
        kernel.ringCalls.cancel(task, true);
        unmapAll(task);
        for (int fd : List.copyOf(task.descriptors.keySet())) {
            close(task, fd);
        }
        kernel.tasks.remove(task.pid());
        return Done.of();
    }

    private void dropRegisteredRings(Task task) {
        for (int i = 0; i < task.registeredRings.length; i++) {
            OpenFile ring = task.registeredRings[i];
            task.registeredRings[i] = null;
            if (ring != null) {
                kernel.put(ring);
            }
        }
    }

    private void unmapAll(Task task) {
        List<OpenFile> mapped = new ArrayList<>(task.mappings.values());
        task.mappings.clear();
        mapped.forEach(kernel::put);
    }

    Outcome map(Task task, OpenFile file) {
        PipeEnd pipe = file.pipe();
        if (file.socket() != null || pipe != null) {
            boolean unreadable = pipe != null && pipe.writes;
            return new Refused(unreadable ? Errno.EACCES : Errno.ENODEV);
        }
        file.get();
        int mapping = task.newMapping();
        task.mappings.put(mapping, file);
        return Done.of(mapping);
    }

    Outcome unmap(Task task, int mapping) {
        OpenFile file = task.mappings.remove(mapping);
        if (file == null) {
            return new Refused(Errno.EINVAL);
        }
        kernel.put(file);
        return Done.of();
    }

    Outcome open(Task task) {
        if (task.freeDescriptor() < 0) {
            return new Refused(Errno.EMFILE);
        }
        OpenFile file = kernel.open(new OpenFile.Regular(), "file");
        file.get();
        return Done.of(install(task, file));
    }

    Outcome pipe(Task task) {
        if (task.descriptors.size() + 2 > task.descriptorLimit) {
            return new Refused(Errno.EMFILE);
        }
        PipeEnd.Buffer buffer = new PipeEnd.Buffer();
        OpenFile reader = kernel.open(new PipeEnd(buffer, false), "pipe");
        OpenFile writer = kernel.open(new PipeEnd(buffer, true), "pipe");
        buffer.reader = reader;
        buffer.writer = writer;
        reader.get();
        writer.get();
        return Done.of(install(task, reader), install(task, writer));
    }

    Outcome write(Task task, OpenFile file, int bytes) {
        UnixSocket socket = file.socket();
        PipeEnd pipe = file.pipe();
        if (socket != null) {
            return kernel.socketCalls.send(
                    task, socket, new Syscall.Send(task.pid(), 0, List.of(), bytes, false, null));
        }
        if (file.ring() != null) {
            return new Refused(Errno.EINVAL);
        }
        if (pipe != null) {
            return writePipe(pipe, bytes);
        }
        return Done.of(bytes);
    }

    private Outcome writePipe(PipeEnd pipe, int bytes) {
        if (!pipe.writes) {
            return new Refused(Errno.EBADF);
        }
        if (pipe.buffer.reader == null) {
            return new Refused(Errno.EPIPE);
        }
        pipe.buffer.bytes += bytes;
        kernel.wakeForInput(pipe.buffer.reader);
        return Done.of(bytes);
    }

    /** Of a socket: descriptors that come along are dropped. */
    Outcome read(Task task, OpenFile file, int bytes) {
        UnixSocket socket = file.socket();
        PipeEnd pipe = file.pipe();
        if (socket != null) {
            Outcome received =
                    kernel.socketCalls.receive(
                            task,
                            socket,
                            new Syscall.Receive(task.pid(), 0, 0, bytes, false, false));
            return received instanceof Done done ? Done.of(done.value()) : received;
        }
        if (file.ring() != null) {
            return new Refused(Errno.EINVAL);
        }
        return pipe == null ? Done.of(0) : readPipe(pipe, bytes);
    }

    private static Outcome readPipe(PipeEnd pipe, int bytes) {
        if (pipe.writes) {
            return new Refused(Errno.EBADF);
        }
        if (pipe.buffer.bytes == 0) {
            return pipe.buffer.writer == null ? Done.of(0) : new Refused(Errno.EAGAIN);
        }
        int taken = Math.min(bytes, pipe.buffer.bytes);
        pipe.buffer.bytes -= taken;
        return Done.of(taken);
    }
}
