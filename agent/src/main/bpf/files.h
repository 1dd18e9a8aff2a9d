/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every program here needs: tables that user space maps, and what an open file is.
 */
#ifndef RINGWATCH_FILES_H
#define RINGWATCH_FILES_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define AF_UNIX 1

enum file_kind { KIND_OTHER, KIND_UNIX, KIND_RING, KIND_SOCKET };

/* Typeless: only the addresses are wanted. An unknown one reads as 0 and matches nothing. */
extern const void io_uring_release __ksym __weak;
extern const void sock_close __ksym __weak;

#define ADDRESS(symbol) ((u64)&symbol)

#define TABLE(name, record)                           \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_ARRAY);     \
		__uint(map_flags, BPF_F_MMAPABLE);    \
		__uint(max_entries, 4096);            \
		__type(key, u32);                     \
		__type(value, struct record);         \
	} name SEC(".maps")

/*
 * A 0 that the verifier does not know. Before 6.8 it follows a loop's body once, with the values
 * that the context has at first, and removes the branches that these do not take: what a body
 * compares must not begin as a constant.
 */
#define ZERO(c) (*(volatile u32 *)&(c)->zero)

/* The next free record of a table, or NULL and the loss counted. */
#define APPEND(c, name, which)                                              \
	({                                                                  \
		u32 at = __sync_fetch_and_add(&(c)->cursor[which], 1);      \
		void *record = bpf_map_lookup_elem(&name, &at);             \
		if (!record)                                                \
			__sync_fetch_and_add(&(c)->dropped[which], 1);      \
		record;                                                     \
	})

static __always_inline u64 file_count(struct file *f)
{
	struct file___ref *now = (void *)f;
	struct file___count *before = (void *)f;

	if (bpf_core_field_exists(now->f_ref))
		return BPF_CORE_READ(now, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ(before, f_count.counter);
}

/* The kind, and in *object the ring or the socket behind the file. */
static __always_inline u32 file_kind(struct file *f, u64 *object)
{
	u64 release = (u64)BPF_CORE_READ(f, f_op, release);
	void *private = BPF_CORE_READ(f, private_data);
	struct sock *sk;

	*object = 0;
	if (!release)
		return KIND_OTHER;
	if (release == ADDRESS(io_uring_release)) {
		*object = (u64)private;
		return KIND_RING;
	}
	if (release != ADDRESS(sock_close))
		return KIND_OTHER;
	sk = BPF_CORE_READ((struct socket *)private, sk);
	*object = (u64)sk;
	return BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX ? KIND_UNIX : KIND_SOCKET;
}

#endif
