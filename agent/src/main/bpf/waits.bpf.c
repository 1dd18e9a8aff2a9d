// SPDX-License-Identifier: GPL-2.0
/*
 * Who waits for the AF_UNIX collector, and for how long. A sender of sockets whose user has many
 * descriptors in flight waits for a run that is going on (wait_for_unix_gc calls flush_work). Before
 * the collector had a worker it ran in the call of whoever closed a socket or sent (unix_gc): that
 * call waits for all of it.
 *
 * There is no trace point behind either: this needs fentry, which not every kernel lets attach.
 */
#include "only_events.h"
#include "files.h"

char LICENSE[] SEC("license") = "GPL";

extern const void __unix_gc __ksym __weak;

enum wait_count { WAIT_NANOS };

/* Since when a thread waits. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u64);
} waiting SEC(".maps");

static __always_inline void begin(void)
{
	struct events *e = get_control();
	u32 tid = bpf_get_current_pid_tgid();
	u64 now = bpf_ktime_get_ns();

	if (!e || current_tgid() == e->own)
		return;
	if (bpf_map_update_elem(&waiting, &tid, &now, BPF_ANY))
		__sync_fetch_and_add(&e->lost, 1);
}

static __always_inline void end(void)
{
	struct events *e = get_control();
	u32 tid = bpf_get_current_pid_tgid();
	u64 *since = bpf_map_lookup_elem(&waiting, &tid);
	u64 waited;

	if (!e || !since)
		return;
	waited = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&waiting, &tid);
	add(e, WAIT_NANOS, waited);
}

SEC("fentry/flush_work")
int BPF_PROG(wait_begins, struct work_struct *work)
{
	if (work && (u64)work->func == ADDRESS(__unix_gc))
		begin();
	return 0;
}

SEC("fexit/flush_work")
int BPF_PROG(wait_ends, struct work_struct *work)
{
	if (work && (u64)work->func == ADDRESS(__unix_gc))
		end();
	return 0;
}

SEC("fentry/unix_gc")
int BPF_PROG(collection_begins)
{
	begin();
	return 0;
}

SEC("fexit/unix_gc")
int BPF_PROG(collection_ends)
{
	end();
	return 0;
}
