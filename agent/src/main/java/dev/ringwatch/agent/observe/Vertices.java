package dev.ringwatch.agent.observe;

import dev.ringwatch.agent.bpf.Records;
import dev.ringwatch.agent.bpf.SnapshotTable.Vertex;
import dev.ringwatch.core.graph.LongIndex;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was read of the collector's vertices. They are read without its lock, each twice or more, in
 * walks over all of them, and the collector may be at work meanwhile: it gives each vertex a passing
 * index, then perhaps a lower one, and then a mark that says it is done with it. The mark is the same
 * for all and another after each such walk (unix_vertex_grouped_index). So indices are believed if
 * all vertices have one and the same mark in every reading, and a vertex the same index in each of
 * its own.
 */
final class Vertices {
    private static final int LEAST_READINGS = 2;
    private static final long MOST = Integer.MAX_VALUE;

    private final Records records;
    private final LongIndex sockets;
    private final int[] lastRow;
    private final int[] readings;
    private final boolean[] changed;
    private final boolean collectorAtRest;

    Vertices(Records records) {
        this.records = records;
        sockets = new LongIndex(Math.max(16, records.count()));
        lastRow = new int[records.count()];
        readings = new int[records.count()];
        changed = new boolean[records.count()];
        boolean sameMark = true;
        for (int i = 0; i < records.count(); i++) {
            read(i);
            sameMark &= mark(i) == mark(0);
        }
        collectorAtRest =
                sameMark
                        && records.count() > 0
                        && Long.compareUnsigned(mark(0), Vertex.WALKED_NOW) < 0;
    }

    private void read(int row) {
        long sk = records.u64(row, Vertex.SK);
        if (!sockets.add(sk)) {
            int before = lastRow[sockets.get(sk)];
            changed[sockets.get(sk)] |=
                    component(row) != component(before) || references(row) != references(before);
        }
        lastRow[sockets.get(sk)] = row;
        readings[sockets.get(sk)]++;
    }

    /** What is known of a socket, by its address; absent if the collector does not have it. */
    Optional<CollectorFacts> of(long sk) {
        int vertex = sockets.get(sk);
        if (vertex == LongIndex.ABSENT) {
            return Optional.empty();
        }
        long references = references(lastRow[vertex]);
        return Optional.of(new CollectorFacts((int) Math.min(MOST, references), index(vertex)));
    }

    private OptionalInt index(int vertex) {
        long index = component(lastRow[vertex]);
        boolean known =
                collectorAtRest
                        && readings[vertex] >= LEAST_READINGS
                        && !changed[vertex]
                        && index >= 0
                        && index <= MOST;
        return known ? OptionalInt.of((int) index) : OptionalInt.empty();
    }

    private long mark(int row) {
        return records.u64(row, Vertex.MARK);
    }

    private long component(int row) {
        return records.u64(row, Vertex.COMPONENT);
    }

    private long references(int row) {
        return records.u64(row, Vertex.REFERENCES);
    }
}
