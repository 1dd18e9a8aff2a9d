package dev.ringwatch.agent.observe;

import java.util.OptionalInt;

/**
 * What the kernel's AF_UNIX collector keeps of a socket in flight.
 *
 * @param references how many queued descriptors refer to it ({@code unix_vertex.out_degree}; {@code
 *     unix_sock.inflight} where the collector finds no components)
 * @param componentIndex what the collector compares to tell whether two sockets are in one component
 *     ({@code unix_vertex.scc_index}); fresh and its own until the collector has walked the graph.
 *     Absent where it can't be read, and where the collector was at work while it was read
 */
public record CollectorFacts(int references, OptionalInt componentIndex) {}
