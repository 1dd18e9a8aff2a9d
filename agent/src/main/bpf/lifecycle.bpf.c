// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to rings seldom enough to be followed: they are made and closed, completions
 * overflow, requests are given to worker threads.
 *
 * A ring's file is released by whoever drops it last; the ring itself is torn down afterwards, by a
 * work item (io_ring_exit_work). The item is queued by the one who released the ring, and its end is
 * the ring's: by then its memory is freed, so only the item's address is compared.
 */
#include "control.h"
#include "events.h"
#include "files.h"

char LICENSE[] SEC("license") = "GPL";

extern const void io_ring_exit_work __ksym __weak;

enum lifecycle_count { RINGS_CREATED, RINGS_RELEASED, CQ_OVERFLOWS, IOWQ_PUNTS };

struct lifecycle {
	struct events events;
	u32 exiting; /* rings being torn down that are in the map */
	u32 pad;
	struct histogram teardown;
};

CONTROL(lifecycle)

/* Work items of rings being torn down, and when they were queued. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, u64);
} exiting SEC(".maps");

/*
 * When rings were made, by their address: memory is used again at once, so the address alone does not
 * tell a ring from the one before it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, u64);
} made SEC(".maps");

/* To be run by the agent before anything is attached. */
SEC("syscall")
int enrol(void *ctx)
{
	struct lifecycle *c = get_control();

	if (c) {
		c->events.own = current_tgid();
		c->events.ready = ADDRESS(io_ring_exit_work) != 0;
	}
	return 0;
}

SEC("tp_btf/io_uring_create")
int BPF_PROG(ring_created, int fd, void *ring)
{
	struct lifecycle *c = get_control();
	u64 now = bpf_ktime_get_ns();
	u64 key = (u64)ring;

	if (!c)
		return 0;
	count(&c->events, RINGS_CREATED);
	if (bpf_map_update_elem(&made, &key, &now, BPF_ANY))
		__sync_fetch_and_add(&c->events.lost, 1);
	return 0;
}

SEC("tp_btf/workqueue_queue_work")
int BPF_PROG(ring_released, int cpu, void *pool, struct work_struct *work)
{
	struct lifecycle *c;
	u64 key = (u64)work;
	u64 now;

	if ((u64)work->func != ADDRESS(io_ring_exit_work))
		return 0;
	c = get_control();
	if (!c)
		return 0;
	count(&c->events, RINGS_RELEASED);
	now = bpf_ktime_get_ns();
	if (!bpf_map_update_elem(&exiting, &key, &now, BPF_NOEXIST))
		__sync_fetch_and_add(&c->exiting, 1);
	else
		__sync_fetch_and_add(&c->events.lost, 1);
	return 0;
}

SEC("tp_btf/workqueue_execute_end")
int BPF_PROG(ring_torn_down, struct work_struct *work)
{
	struct lifecycle *c = get_control();
	u64 key = (u64)work;
	u64 *queued, *born;
	u64 ring, at;

	if (!c || !c->exiting)
		return 0;
	queued = bpf_map_lookup_elem(&exiting, &key);
	if (!queued)
		return 0;
	at = *queued;
	if (bpf_map_delete_elem(&exiting, &key))
		return 0;
	__sync_fetch_and_add(&c->exiting, -1);
	ring = key - bpf_core_field_offset(struct io_ring_ctx, exit_work);
	/* The memory is free by now: what was made after the release is another ring. */
	born = bpf_map_lookup_elem(&made, &ring);
	if (born && *born < at)
		bpf_map_delete_elem(&made, &ring);
	add_duration(&c->teardown, bpf_ktime_get_ns() - at);
	return 0;
}

SEC("tp_btf/io_uring_cqe_overflow")
int completion_overflowed(u64 *ctx)
{
	struct lifecycle *c = get_control();

	if (c)
		count(&c->events, CQ_OVERFLOWS);
	return 0;
}

SEC("tp_btf/io_uring_queue_async_work")
int request_punted(u64 *ctx)
{
	struct lifecycle *c = get_control();

	if (c)
		count(&c->events, IOWQ_PUNTS);
	return 0;
}
