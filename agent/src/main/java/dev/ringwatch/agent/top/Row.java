package dev.ringwatch.agent.top;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one group or one process has to do with rings and queues. What could not be read for any of
 * its rings or sockets is absent; what is absent for some only is the sum of the others.
 *
 * @param pid absent for a group
 * @param name the command's name for a process, else the group's
 * @param tableUse the fullest of its file tables, from 0 to 1
 * @param oldest since when something waits in a queue of its, as far as was seen
 */
record Row(
        OptionalLong pid,
        String name,
        String group,
        long rings,
        OptionalLong files,
        OptionalLong slots,
        Optional<Double> tableUse,
        OptionalLong requests,
        OptionalLong bufferBytes,
        OptionalLong overflow,
        OptionalLong inflight,
        Optional<Instant> oldest,
        long findings) {}
