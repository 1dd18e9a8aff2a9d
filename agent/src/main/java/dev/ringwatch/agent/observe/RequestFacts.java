package dev.ringwatch.agent.observe;

import java.util.OptionalInt;

/**
 * A request in flight that waits in its ring's table of cancellable requests: armed on a file that is
 * not ready. Those in a worker or a driver are in no list.
 *
 * @param ring its ring's open file in the graph
 * @param file the open file it has, if that was seen
 * @param opcode its {@code IORING_OP_*} number
 * @param identity tells it from every other request that is in flight at the same time; a later one
 *     may have the same. Never shown to anyone: it is made of a kernel address
 */
public record RequestFacts(int ring, OptionalInt file, int opcode, long identity) {}
