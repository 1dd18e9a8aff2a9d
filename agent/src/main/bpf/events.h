/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the event objects count: one entry for each process that did something, and one control
 * record with what belongs to nobody. User space repeats the sizes and compares them at load.
 *
 * A process stays in the map after its end, so that what it did last is still read; user space
 * removes it then. The agent itself is never counted.
 */
#ifndef RINGWATCH_EVENTS_H
#define RINGWATCH_EVENTS_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define PF_KTHREAD 0x00200000
#define COUNTS 4
#define DURATION_BOUNDS 13

/* All zero for the kernel's own threads, which are counted as one. */
struct actor_key {
	u64 start_time;
	u32 tgid;
	u32 pad;
};

/* comm and cgroup are those of the last event: a process may change both. */
struct actor {
	char comm[16];
	u64 cgroup;
	u64 counts[COUNTS]; /* an object's own enum */
};

struct histogram {
	u64 sum_ns;
	u64 buckets[DURATION_BOUNDS + 1]; /* the last has no bound */
};

struct events {
	u64 lost;	/* events that found no room in a map */
	u32 own;	/* the agent's process id, as the kernel numbers it */
	u32 ready;	/* the functions that are looked for have addresses */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct actor_key);
	__type(value, struct actor);
} actors SEC(".maps");

/* An upper bound is in its bucket, as Prometheus has it. */
static const u64 duration_bounds[DURATION_BOUNDS] = {
	10000ull,	30000ull,	100000ull,	300000ull,	1000000ull,
	3000000ull,	10000000ull,	30000000ull,	100000000ull,	300000000ull,
	1000000000ull,	3000000000ull,	10000000000ull,
};

static __always_inline void add_duration(struct histogram *h, u64 ns)
{
	u32 bucket = 0;
	int i;

#pragma unroll
	for (i = 0; i < DURATION_BOUNDS; i++)
		bucket += ns > duration_bounds[i];
	if (bucket > DURATION_BOUNDS)
		return;
	__sync_fetch_and_add(&h->sum_ns, ns);
	__sync_fetch_and_add(&h->buckets[bucket], 1);
}

static __always_inline u32 current_tgid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* The entry of the process that is running, or NULL and the loss counted. */
static __always_inline struct actor *current_actor(struct events *e)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *leader;
	struct actor_key key = {};
	struct actor fresh = {};
	struct actor *a;
	int ours = !(BPF_CORE_READ(task, flags) & PF_KTHREAD);

	leader = BPF_CORE_READ(task, group_leader);
	if (ours) {
		key.start_time = BPF_CORE_READ(leader, start_time);
		key.tgid = current_tgid();
	}
	a = bpf_map_lookup_elem(&actors, &key);
	if (!a) {
		bpf_map_update_elem(&actors, &key, &fresh, BPF_NOEXIST);
		a = bpf_map_lookup_elem(&actors, &key);
	}
	if (!a) {
		__sync_fetch_and_add(&e->lost, 1);
		return NULL;
	}
	if (ours) {
		BPF_CORE_READ_STR_INTO(&a->comm, leader, comm);
		a->cgroup = bpf_get_current_cgroup_id();
	}
	return a;
}

static __always_inline void add(struct events *e, u32 which, u64 amount)
{
	struct actor *a;

	if (current_tgid() == e->own)
		return;
	a = current_actor(e);
	if (a && which < COUNTS)
		__sync_fetch_and_add(&a->counts[which], amount);
}

static __always_inline void count(struct events *e, u32 which)
{
	add(e, which, 1);
}

#endif
