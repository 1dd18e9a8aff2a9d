// SPDX-License-Identifier: GPL-2.0
/*
 * What can only be seen on the way of every request and every send; opt-in.
 *
 * Requests in flight and since when: from the submission (or submission of the link's head) to the
 * completion. One that asks for no completion when it succeeds has no event at its end, and is left
 * out. A request's memory is used again for later ones: a submission replaces what was there.
 *
 * Sends that were refused with ETOOMANYREFS: their result is in the trace point behind every send;
 * before that came (6.3), a refused packet was freed without bytes and files (unix_attach_fds runs
 * before it is filled) while the sender's user had more in flight than it may.
 */
#include "only_events.h"
#include "packets.h"

char LICENSE[] SEC("license") = "GPL";

#define ETOOMANYREFS 109
#define RLIMIT_NOFILE 7
#define CQE_SKIP (1u << 6) /* IOSQE_CQE_SKIP_SUCCESS, which is REQ_F_CQE_SKIP */

enum hot_count { SENDS_REJECTED };

struct started {
	u64 ring;
	u64 at;
};

/* Requests in flight. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct started);
} requests SEC(".maps");

static __always_inline int skips_completion(struct io_kiocb *req)
{
	struct io_kiocb___flags64 *wide = (void *)req;
	struct io_kiocb___flags32 *narrow = (void *)req;

	if (bpf_core_field_size(wide->flags) == 8)
		return BPF_CORE_READ(wide, flags) & CQE_SKIP;
	return BPF_CORE_READ(narrow, flags) & CQE_SKIP;
}

static __always_inline void request_begins(struct io_kiocb *req)
{
	struct started s = { .ring = (u64)BPF_CORE_READ(req, ctx), .at = bpf_ktime_get_ns() };
	struct events *e = get_control();
	u64 key = (u64)req;

	if (!e || skips_completion(req))
		return;
	if (bpf_map_update_elem(&requests, &key, &s, BPF_ANY))
		__sync_fetch_and_add(&e->lost, 1);
}

/* 6.4 and later. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(request_submitted, struct io_kiocb *req)
{
	request_begins(req);
	return 0;
}

/* Before. */
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(entry_submitted, struct io_kiocb *req)
{
	request_begins(req);
	return 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(request_completed, void *ring, void *req)
{
	u64 key = (u64)req;

	if (key) /* NULL: one of several completions of a request that goes on */
		bpf_map_delete_elem(&requests, &key);
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(send_ended, struct sock *sk, int result)
{
	struct events *e;

	if (result != -ETOOMANYREFS)
		return 0;
	e = get_control();
	if (e)
		count(e, SENDS_REJECTED);
	return 0;
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
int BPF_PROG(packet_dropped, struct sk_buff *skb)
{
	struct events *e;

	if (!frees_files((u64)skb->destructor) || !was_refused(skb))
		return 0;
	e = get_control();
	if (e)
		count(e, SENDS_REJECTED);
	return 0;
}
