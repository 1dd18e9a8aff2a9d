package dev.ringwatch.uring.bench;

import dev.ringwatch.uring.bench.Comparison.Drive;
import dev.ringwatch.uring.bench.Comparison.Goal;
import dev.ringwatch.uring.bench.Comparison.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The benchmarks; what each one is stands with the command, in the agent's BenchCommand. */
enum BenchName {
    ECHO {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) {
            int connections = options.connections().orElse(64);
            IntStream sizes =
                    options.size().isPresent() ? options.size().stream() : IntStream.of(64, 4096);
            return sizes.mapToObj(size -> echo(connections, size, tools)).toList();
        }
    },
    FACADE {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) {
            int size = options.size().orElse(64);
            IntStream connections =
                    options.connections().isPresent()
                            ? options.connections().stream()
                            : IntStream.of(64, 1000);
            return connections.mapToObj(count -> facade(count, size)).toList();
        }
    },
    FILES {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) throws IOException {
            ReadFile file = ReadFile.of(tools, options.megabytes());
            return List.of(file.cached(tools.programs()), file.direct(tools.programs()));
        }
    },
    NOP {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) {
            return List.of(nop(32, 1.00, tools), nop(1, 1.05, tools));
        }
    },
    PASSING {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) {
            Peer netty =
                    new Peer(Contender.java("Netty epoll", NettyPassing.class), new Goal.Cpu(0.70));
            return List.of(passing(1, Stream.of(netty), tools), passing(64, Stream.of(), tools));
        }
    },
    STATIC {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) throws IOException {
            int connections = options.connections().orElse(64);
            return List.of(
                    fileServer(connections, 4 << 10, 0.85, tools),
                    fileServer(connections, 64 << 10, 1.00, tools),
                    fileServer(connections, 1 << 20, 1.00, tools));
        }
    },
    LATENCY {
        @Override
        List<Comparison> comparisons(BenchOptions options, Tools tools) {
            int connections = options.connections().orElse(64);
            int size = options.size().orElse(64);
            return DoubleStream.of(0.5, 0.8)
                    .mapToObj(share -> latency(connections, size, share))
                    .toList();
        }
    };

    /** What is compared, with what the user said about sizes. */
    abstract List<Comparison> comparisons(BenchOptions options, Tools tools) throws IOException;

    private static Comparison echo(int connections, int size, Tools tools) {
        return new Comparison(
                "echo, %d connections, %d bytes".formatted(connections, size),
                "message",
                new Drive.Echo(connections, size),
                Contender.java("ringwatch, raw loop", RawEcho.class),
                List.of(
                        new Peer(
                                Contender.c("C with liburing", tools.programs(), "echo"),
                                new Goal.Cpu(1.00)),
                        new Peer(
                                Contender.java("Netty epoll", NettyEcho.class, "epoll"),
                                new Goal.Cpu(0.80)),
                        new Peer(
                                Contender.java(
                                        "Netty io_uring, buffer ring", NettyEcho.class, "uring"),
                                new Goal.Cpu(0.90)),
                        // Fewer buffers stay in the caches of the processor.
                        new Peer(
                                Contender.java("ringwatch, 128 buffers", RawEcho.class, 128),
                                new Goal.None())));
    }

    private static Comparison nop(int batch, double goal, Tools tools) {
        return new Comparison(
                "nop, batch " + batch,
                "operation",
                new Drive.Itself(),
                Contender.java("ringwatch, raw loop", RawNop.class, batch),
                List.of(
                        new Peer(
                                Contender.c("C with liburing", tools.programs(), "nop", batch),
                                new Goal.Cpu(goal))));
    }

    private static Comparison passing(int each, Stream<Peer> others, Tools tools) {
        Stream<Peer> peers =
                Stream.of(
                        new Peer(
                                Contender.c(
                                        "C, sendmsg and recvmsg",
                                        tools.programs(),
                                        "passing",
                                        each),
                                new Goal.Cpu(1.10)),
                        new Peer(
                                Contender.java("ringwatch, plain calls", PlainPassing.class, each),
                                new Goal.None()));
        return new Comparison(
                "passing, %d a message".formatted(each),
                "descriptor",
                new Drive.Itself(),
                Contender.java("ringwatch, raw loop", RawPassing.class, each),
                Stream.concat(peers, others).toList());
    }

    private static Comparison fileServer(int connections, int bytes, double goal, Tools tools)
            throws IOException {
        Path path = tools.file("file-" + bytes, bytes);
        return new Comparison(
                "static, a file of %,d bytes, %d connections".formatted(bytes, connections),
                "request",
                new Drive.Get(connections, path.getFileName().toString(), bytes),
                Contender.java("ringwatch, raw loop, mapped file", RawStatic.class, path, bytes),
                List.of(
                        new Peer(
                                Contender.java(
                                        "Netty epoll, sendfile", NettyStatic.class, path, bytes),
                                new Goal.Cpu(goal))));
    }

    private static Comparison latency(int connections, int size, double share) {
        return new Comparison(
                "latency at %.0f %% load, %d connections, %d bytes"
                        .formatted(share * 100, connections, size),
                "message",
                new Drive.Paced(connections, size, share),
                Contender.java("ringwatch, raw loop", RawEcho.class),
                List.of(
                        new Peer(
                                Contender.java("Netty epoll", NettyEcho.class, "epoll"),
                                new Goal.Latency(1.00)),
                        new Peer(
                                Contender.java("JDK virtual threads", ThreadsEcho.class),
                                new Goal.Latency(1.00)),
                        new Peer(
                                Contender.java("ringwatch, virtual threads", FacadeEcho.class),
                                new Goal.None())));
    }

    private static Comparison facade(int connections, int size) {
        return new Comparison(
                "facade, %d connections, %d bytes".formatted(connections, size),
                "message",
                new Drive.Echo(connections, size),
                Contender.java("ringwatch, virtual threads", FacadeEcho.class),
                List.of(
                        new Peer(
                                Contender.java("JDK virtual threads", ThreadsEcho.class),
                                new Goal.CpuAndThroughput(0.80, 1.20)),
                        new Peer(
                                Contender.java("ringwatch, raw loop", RawEcho.class),
                                new Goal.Cpu(1.50))));
    }
}
