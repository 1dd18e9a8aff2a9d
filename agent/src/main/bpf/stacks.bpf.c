// SPDX-License-Identifier: GPL-2.0
/*
 * Where files were registered with a ring, and where descriptors were sent: the user stack of the
 * call. Opt-in, an object of its own: what it attaches to is run by calls that others make.
 *
 * A send is known by the first file of its message and, where that is known, the socket that
 * receives it; the same file sent to the same socket again replaces what was known. Three programs
 * can see a send, and the first that the kernel lets attach is used: the function that tells the
 * collector of it, the older one that takes the files into a packet, and the trace point behind
 * every send, which looks whether the packet that came to the end of the peer's queue carries files.
 */
#include "packets.h"
#include <bpf/bpf_tracing.h>
#include "stacks.h"

char LICENSE[] SEC("license") = "GPL";

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MAX_MESSAGES 4 /* control messages of a call that are looked at */
#define TOP_WORDS 8
#define LONGEST_CALL 7 /* bytes of a call instruction on x86 */
#define FNV 0x100000001b3ull

/* io_uring_register(2) */
#define REGISTER_BUFFERS 0
#define REGISTER_FILES 2
#define REGISTER_FILES_UPDATE 6
#define REGISTER_FILES2 13
#define REGISTER_FILES_UPDATE2 14
#define REGISTER_BUFFERS2 15
#define REGISTER_BUFFERS_UPDATE 16
#define REGISTER_CLONE_BUFFERS 30
#define REGISTER_USE_RING (1u << 31)

#define CALLS(name, entries)                            \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_LRU_HASH);    \
		__uint(max_entries, entries);           \
		__type(key, struct call_key);           \
		__type(value, struct call_record);      \
	} name SEC(".maps")

CALLS(registrations, 8192);
CALLS(sends, 65536);

/* Stacks that user space has been told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, u32);
} told SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct stack_losses);
} losses SEC(".maps");

struct scratch {
	u32 used;
	u32 pad;
	struct stack_record stack;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

#define LOSE(what)                                                          \
	({                                                                  \
		u32 zero = 0;                                               \
		struct stack_losses *l = bpf_map_lookup_elem(&losses, &zero); \
		if (l)                                                      \
			__sync_fetch_and_add(&l->what, 1);                  \
	})

/* ---- the stack of the running task ---- */

/* Whether the bytes that end at this address are a call instruction of x86. */
static __always_inline int behind_call(u64 address)
{
	u8 b[LONGEST_CALL];

	if (address < 4096 || bpf_probe_read_user(b, sizeof(b), (void *)(address - LONGEST_CALL)))
		return 0;
	if (b[2] == 0xe8)
		return 1;
	return (b[5] == 0xff && (b[6] & 0x38) == 0x10) || (b[4] == 0xff && (b[5] & 0x38) == 0x10) ||
	       (b[1] == 0xff && (b[2] & 0x38) == 0x10) || (b[0] == 0xff && (b[1] & 0x38) == 0x10);
}

/*
 * System calls are made by functions of the C library that mostly have no frame, and whose caller
 * the chain of frame pointers therefore leaves out. Their return address is on top of the stack, or
 * near it; on arm64 in the link register.
 */
static __always_inline u64 caller_of_first(void *regs)
{
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm64 = regs;
	u64 words[TOP_WORDS];
	int i;

	if (bpf_core_field_exists(arm64->regs))
		return BPF_CORE_READ(arm64, regs[30]);
	if (!bpf_core_field_exists(x86->sp))
		return 0;
	if (bpf_probe_read_user(words, sizeof(words), (void *)BPF_CORE_READ(x86, sp)))
		return 0;
	for (i = 0; i < TOP_WORDS; i++)
		if (behind_call(words[i]))
			return words[i];
	return 0;
}

static __always_inline u64 hashed(u64 hash, u64 value)
{
	hash = (hash ^ value) * FNV;
	return hash ^ hash >> 29;
}

/* Its id, once user space has been told of it; 0 without one. */
static __always_inline u64 id_of_stack(void *ctx, struct stack_record *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	long bytes = bpf_get_stack(ctx, s->frames, sizeof(s->frames), BPF_F_USER_STACK);
	u32 one = 1, i;
	u64 id;

	if (bytes <= 0)
		return 0;
	s->count = (u32)bytes / 8;
	s->tgid = BPF_CORE_READ(task, tgid);
	s->start = BPF_CORE_READ(task, group_leader, start_boottime);
	s->caller = caller_of_first((void *)bpf_task_pt_regs(task));
	id = hashed(hashed(hashed(s->tgid, s->start), s->caller), s->count);
	for (i = 0; i < MAX_FRAMES; i++)
		if (i < s->count)
			id = hashed(id, s->frames[i]);
	s->id = id ? id : 1;
	id = s->id;
	if (bpf_map_lookup_elem(&told, &id))
		return id;
	if (bpf_ringbuf_output(&stacks, s, sizeof(*s), 0))
		LOSE(stacks);
	else
		bpf_map_update_elem(&told, &id, &one, BPF_ANY);
	return id;
}

static __always_inline void keep(void *ctx, void *map, u64 object, u64 detail)
{
	struct call_key key = { .object = object, .detail = detail };
	struct call_record call = {};
	struct scratch *s;
	u64 ids = bpf_get_current_pid_tgid();
	u32 zero = 0;

	s = bpf_map_lookup_elem(&scratch, &zero);
	if (!s)
		return;
	/* Another program may run on this processor before this one ends. */
	if (__sync_fetch_and_add(&s->used, 1) == 0)
		call.stack = id_of_stack(ctx, &s->stack);
	else
		LOSE(stacks);
	__sync_fetch_and_sub(&s->used, 1);
	call.time = bpf_ktime_get_ns();
	call.tgid = ids >> 32;
	call.tid = (u32)ids;
	bpf_get_current_comm(call.comm, sizeof(call.comm));
	if (bpf_map_update_elem(map, &key, &call, BPF_ANY))
		LOSE(calls);
}

/* ---- registering with a ring ---- */

static __always_inline u64 family(u32 opcode)
{
	switch (opcode & ~REGISTER_USE_RING) {
	case REGISTER_FILES:
	case REGISTER_FILES2:
		return FAMILY_FILES;
	case REGISTER_FILES_UPDATE:
	case REGISTER_FILES_UPDATE2:
		return FAMILY_UPDATE;
	case REGISTER_BUFFERS:
	case REGISTER_BUFFERS2:
	case REGISTER_BUFFERS_UPDATE:
	case REGISTER_CLONE_BUFFERS:
		return FAMILY_BUFFERS;
	default:
		return 0;
	}
}

SEC("tp_btf/io_uring_register")
int BPF_PROG(on_register, void *ring, u32 opcode, u32 files, u32 buffers, long result)
{
	u64 what = family(opcode);

	if (what && result >= 0)
		keep(ctx, &registrations, (u64)ring, what);
	return 0;
}

/* A new ring may have the address of an old one, whose calls are not its. */
SEC("tp_btf/io_uring_create")
int BPF_PROG(on_create, int fd, void *ring)
{
	struct call_key key = { .object = (u64)ring };
	u64 what;

	/* Not counted by key.detail: before 6.13 the verifier loses a number that is on the stack. */
	for (what = FAMILY_FILES; what <= FAMILY_BUFFERS; what++) {
		key.detail = what;
		bpf_map_delete_elem(&registrations, &key);
	}
	return 0;
}

/* ---- sending descriptors ---- */

SEC("fentry/unix_add_edges")
int BPF_PROG(on_edges, struct scm_fp_list *list, struct unix_sock *receiver)
{
	keep(ctx, &sends, (u64)BPF_CORE_READ(list, fp[0]), (u64)receiver);
	return 0;
}

/* Only messages with files come here. */
SEC("fentry/unix_attach_fds")
int BPF_PROG(on_attach, struct scm_cookie *message)
{
	keep(ctx, &sends, (u64)BPF_CORE_READ(message, fp, fp[0]), 0);
	return 0;
}

/* The first file in the last packet of a queue, or 0 where that has none. */
static __always_inline u64 last_file(struct unix_sock *receiver)
{
	struct sk_buff *skb = BPF_CORE_READ(receiver, sk.sk_receive_queue.prev);
	struct unix_skb_parms *parms = (void *)&skb->cb;

	return frees_files((u64)BPF_CORE_READ(skb, destructor)) ?
		       (u64)BPF_CORE_READ(parms, fp, fp[0]) : 0;
}

static __always_inline u64 file_of(u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return (u64)file;
}

/* The message of the running sendmsg or sendmmsg (its first), or 0. */
static __always_inline u64 message_of_call(void)
{
	void *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm64 = regs;
	u64 number;

	if (bpf_core_field_exists(arm64->regs)) {
		number = BPF_CORE_READ(arm64, syscallno);
		return number == 211 || number == 269 ? BPF_CORE_READ(arm64, regs[1]) : 0;
	}
	if (!bpf_core_field_exists(x86->orig_ax))
		return 0;
	number = BPF_CORE_READ(x86, orig_ax);
	return number == 46 || number == 307 ? BPF_CORE_READ(x86, si) : 0;
}

/* The first file that the running call sends, by what it was given, or 0. */
static __always_inline u64 file_of_call(void)
{
	u64 message = message_of_call(), at, end;
	struct {
		u64 control;
		u64 bytes;
	} given;
	struct {
		u64 bytes;
		u32 level;
		u32 type;
		u32 fd;
		u32 pad;
	} part;
	int i;

	/* struct user_msghdr: msg_control, msg_controllen */
	if (!message || bpf_probe_read_user(&given, sizeof(given), (void *)(message + 32)) ||
	    !given.control)
		return 0;
	at = given.control;
	end = at + given.bytes;
	for (i = 0; i < MAX_MESSAGES; i++) {
		if (at + 20 > end || bpf_probe_read_user(&part, 20, (void *)at))
			return 0;
		if (part.level == SOL_SOCKET && part.type == SCM_RIGHTS)
			return file_of(part.fd);
		if (part.bytes < 16)
			return 0;
		at += (part.bytes + 7) & ~7ull;
	}
	return 0;
}

/*
 * A message longer than a packet has its files in the first, and one that is sent to an address
 * goes to a queue that is not known here: then the call's arguments are read. What a ring sends has
 * none, and is seen in the queue alone.
 */
SEC("tp_btf/sock_send_length")
int BPF_PROG(on_sent, struct sock *sk, int result, int flags)
{
	struct unix_sock *peer;
	u64 file = 0;

	if (result < 0 || sk->__sk_common.skc_family != AF_UNIX)
		return 0;
	peer = (void *)BPF_CORE_READ((struct unix_sock *)sk, peer);
	if (peer && BPF_CORE_READ(peer, scm_stat.nr_fds.counter) == 0)
		return 0;
	if (peer)
		file = last_file(peer);
	if (!file)
		file = file_of_call();
	if (file)
		keep(ctx, &sends, file, (u64)peer);
	return 0;
}
