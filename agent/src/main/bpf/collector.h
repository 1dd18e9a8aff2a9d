/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of the collector and of the run that is going on. Where both are loaded, the objects
 * collector and freed have one such record: user space gives the second the map of the first.
 */
#ifndef RINGWATCH_COLLECTOR_H
#define RINGWATCH_COLLECTOR_H

#include "control.h"
#include "events.h"

enum graph { GRAPH_UNKNOWN, GRAPH_NOT_CYCLIC, GRAPH_CYCLIC };

struct collector {
	struct events events;
	u64 started;	/* when the run that is going on began, or 0 */
	u64 last_end;
	u64 freed_sockets;
	u64 freed_fds;
	u32 worker;	/* the thread of that run */
	u32 graph;	/* answer of read_graph */
	/* How often a packet has one file. Here because the verifier would follow every value of a
	 * counter that it knows. */
	u64 times;
	struct histogram durations;
};

CONTROL(collector)

#endif
