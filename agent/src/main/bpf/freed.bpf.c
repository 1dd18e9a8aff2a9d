// SPDX-License-Identifier: GPL-2.0
/*
 * What the AF_UNIX collector frees: a packet that its worker frees during a run is one that the run
 * took out of a dead socket's queue (unix_gc calls __skb_queue_purge). Others free packets, too; for
 * one of theirs this costs a comparison.
 */
#include "collector.h"
#include "packets.h"

char LICENSE[] SEC("license") = "GPL";

/* To be run by the agent before anything is attached. */
SEC("syscall")
int enrol(void *ctx)
{
	struct collector *c = get_control();

	if (c) {
		c->events.own = current_tgid();
		c->events.ready = ADDRESS(unix_destruct_scm) || ADDRESS(unix_wfree);
	}
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
	return 0;
}
