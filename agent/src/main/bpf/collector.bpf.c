// SPDX-License-Identifier: GPL-2.0
/*
 * The runs of the kernel's AF_UNIX collector: who started each, how long it took and what it freed.
 *
 * The collector is a work item (__unix_gc). It is queued in the context of whoever closed a socket
 * or sent descriptors, so that is where a run is attributed. There is one item: runs never overlap.
 *
 * A packet that the worker frees during a run is one that the run took out of a dead socket's queue
 * (unix_gc calls __skb_queue_purge). A packet without bytes and without files that a sender frees
 * while its user has more descriptors in flight than it may is a send that was refused with
 * ETOOMANYREFS (unix_attach_fds, which runs before the packet is filled).
 */
#include "events.h"
#include "packets.h"

char LICENSE[] SEC("license") = "GPL";

#define RLIMIT_NOFILE 7

extern const void __unix_gc __ksym __weak;
extern const void unix_graph_state __ksym __weak;
extern const void unix_graph_maybe_cyclic __ksym __weak;

enum collector_count { RUNS_QUEUED, SENDS_REJECTED };

enum graph { GRAPH_UNKNOWN, GRAPH_NOT_CYCLIC, GRAPH_CYCLIC };

struct collector {
	struct events events;
	u64 started;	/* when the run that is going on began, or 0 */
	u64 last_end;
	u64 runs;
	u64 freed_sockets;
	u64 freed_fds;
	u32 worker;	/* the thread of that run */
	u32 graph;	/* answer of read_graph */
	/* How often a packet has one file. Here because the verifier would follow every value of a
	 * counter that it knows. */
	u64 times;
	struct histogram durations;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct collector);
} control SEC(".maps");

static __always_inline struct collector *get_control(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

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
	c->runs++;
	return 0;
}

struct freed_files {
	struct collector *c;
	u64 fpl;
	u32 count;
	u64 file; /* of the inner walk */
};

static __always_inline struct file *passed(u64 fpl, u32 i)
{
	struct file *f = NULL;

	bpf_probe_read_kernel(&f, sizeof(f),
			      (void *)(fpl + bpf_core_field_offset(struct scm_fp_list, fp) +
				       i * 8ull));
	return f;
}

static long same_file(u32 i, struct freed_files *w)
{
	if ((u64)passed(w->fpl, i) == w->file)
		w->c->times++;
	return 0;
}

/* A socket goes with the packet that has all that is left of its references; told at the first. */
static long freed_file(u32 i, struct freed_files *w)
{
	struct file *f = passed(w->fpl, i);
	u64 references;
	u64 object;

	if (!f || file_kind(f, &object) != KIND_UNIX)
		return 0;
	references = file_count(f);
	if (references > 1) {
		if (references > w->count - i)
			return 0;
		w->file = (u64)f;
		w->c->times = 0;
		bpf_loop(i, same_file, w, 0);
		if (w->c->times)
			return 0;
		bpf_loop(w->count, same_file, w, 0);
		if (w->c->times != references)
			return 0;
	}
	w->c->freed_sockets++;
	return 0;
}

static __always_inline void freed_packet(struct collector *c, struct sk_buff *skb)
{
	struct unix_skb_parms *parms = (void *)&skb->cb;
	struct scm_fp_list *fpl = BPF_CORE_READ(parms, fp);
	struct freed_files w = { .c = c, .fpl = (u64)fpl };

	if (!fpl)
		return;
	w.count = BPF_CORE_READ(fpl, count);
	if (w.count > SCM_MAX_FD)
		return;
	c->freed_fds += w.count;
	bpf_loop(w.count, freed_file, &w, 0);
}

/* What unix_attach_fds compares (too_many_unix_fds); capabilities are not asked for. */
static __always_inline int over_limit(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, cred, user, unix_inflight) >
	       BPF_CORE_READ(task, signal, rlim[RLIMIT_NOFILE].rlim_cur);
}

static __always_inline int was_refused(struct sk_buff *skb)
{
	struct unix_skb_parms *parms = (void *)&skb->cb;

	return !skb->len && !BPF_CORE_READ(parms, fp) && over_limit();
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(packet_freed, struct sk_buff *skb)
{
	struct collector *c;

	if (!frees_files((u64)skb->destructor))
		return 0;
	c = get_control();
	if (!c)
		return 0;
	if (c->started && c->worker == (u32)bpf_get_current_pid_tgid())
		freed_packet(c, skb);
	else if (was_refused(skb))
		count(&c->events, SENDS_REJECTED);
	return 0;
}
