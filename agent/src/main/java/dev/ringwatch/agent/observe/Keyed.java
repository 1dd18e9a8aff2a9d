package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.LongIndex;
import java.util.Map;

/**
 * An observation with the kernel's addresses of what is in it: what other records of the same
 * moment can be joined by. They are for the process that looks, and shown to nobody.
 *
 * @param processes all processes, those too that the observation leaves out
 * @param files the number, in the observation's graph, of the open file at an address
 * @param sockets the addresses of all AF_UNIX sockets, with open files or without
 */
public record Keyed(
        Observation observation,
        Map<Integer, ProcessFacts> processes,
        LongIndex files,
        LongIndex sockets) {}
