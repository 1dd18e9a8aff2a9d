// SPDX-License-Identifier: GPL-2.0
/*
 * The runs of the kernel's AF_UNIX collector: who started each and how long it took.
 *
 * The collector is a work item (__unix_gc). It is queued in the context of whoever closed a socket
 * or sent descriptors, so that is where a run is attributed. There is one item: runs never overlap.
 */
#include "collector.h"
#include "files.h"

char LICENSE[] SEC("license") = "GPL";

extern const void __unix_gc __ksym __weak;
extern const void unix_graph_state __ksym __weak;
extern const void unix_graph_maybe_cyclic __ksym __weak;

enum collector_count { RUNS_QUEUED };

/* To be run by the agent before anything is attached. */
SEC("syscall")
int enrol(void *ctx)
{
	struct collector *c = get_control();

	if (c) {
		c->events.own = current_tgid();
		c->events.ready = ADDRESS(__unix_gc) != 0;
	}
	return 0;
}

/* What the collector holds of its graph; its variables have no address on many kernels. */
SEC("syscall")
int read_graph(void *ctx)
{
	struct collector *c = get_control();
	u64 address = ADDRESS(unix_graph_state);
	u8 value = 0;

	if (!c)
		return 0;
	c->graph = GRAPH_UNKNOWN;
	if (!address)
		address = ADDRESS(unix_graph_maybe_cyclic);
	if (address && !bpf_probe_read_kernel(&value, sizeof(value), (void *)address))
		c->graph = value ? GRAPH_CYCLIC : GRAPH_NOT_CYCLIC;
	return 0;
}

SEC("tp_btf/workqueue_queue_work")
int BPF_PROG(run_queued, int cpu, void *pool, struct work_struct *work)
{
	struct collector *c;

	if ((u64)work->func != ADDRESS(__unix_gc))
		return 0;
	c = get_control();
	if (c)
		count(&c->events, RUNS_QUEUED);
	return 0;
}

SEC("tp_btf/workqueue_execute_start")
int BPF_PROG(run_begins, struct work_struct *work)
{
	struct collector *c;

	if ((u64)work->func != ADDRESS(__unix_gc))
		return 0;
	c = get_control();
	if (!c)
		return 0;
	c->worker = bpf_get_current_pid_tgid();
	c->started = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/workqueue_execute_end")
int BPF_PROG(run_ends, struct work_struct *work)
{
	struct collector *c = get_control();
	u64 now;

	if (!c || !c->started || c->worker != (u32)bpf_get_current_pid_tgid())
		return 0;
	now = bpf_ktime_get_ns();
	add_duration(&c->durations, now - c->started);
	c->started = 0;
	c->last_end = now;
	return 0;
}
