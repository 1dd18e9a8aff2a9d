// SPDX-License-Identifier: GPL-2.0
/*
 * A picture of the machine's files as far as rings and AF_UNIX queues hold them.
 *
 * The iterators only list: sockets, descriptors, ring mappings, tasks. They append records to
 * arrays that user space has mapped; nothing is written to the iterator's own buffer, which loses
 * records when it fills. Queues, the collector's list and ring tables are walked afterwards by
 * programs of type "syscall", which user space calls with no lock of the watched held. What they
 * read can change under them: each packet is checked before it is believed, and a queue that moved
 * while it was read is said to be torn.
 */
#include "control.h"
#include "packets.h"
#include "snapshot.h"

char LICENSE[] SEC("license") = "GPL";

#define PF_IO_WORKER 0x10
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LISTEN 10
#define RLIMIT_NOFILE 7
#define RLIMIT_MEMLOCK 8
#define CAP_IPC_LOCK 14
#define CAP_SYS_ADMIN 21
#define CAP_SYS_RESOURCE 24
#define PATH_BYTES 108
#define XA_DEPTH 12
#define XA_FANOUT 64
#define XA_STEPS (1 << 18)
#define MAX_PACKETS (1 << 20)
#define MORE_PACKETS 16 /* what may be queued while a queue is read */
#define MAX_VERTICES (1 << 22)
#define MAX_SLOTS (1 << 20)
#define MAX_LIST (1 << 20)
#define MAX_HASH_BITS 16
#define UNCOUNTED (~0u)

TABLE(processes, process_record);
TABLE(descriptors, descriptor_record);
TABLE(task_links, task_link_record);
TABLE(sockets, socket_record);
TABLE(rings, ring_record);
TABLE(slots, slot_record);
TABLE(requests, request_record);
TABLE(edges, edge_record);
TABLE(files, file_record);
TABLE(vertices, vertex_record);
TABLE(names, name_record);
TABLE(work, work_record);

CONTROL(control)

/* ---- records of what is met ---- */

/* references: how many of the file's the caller itself holds meanwhile. */
static __always_inline void append_ring(struct control *c, u64 ring, struct file *f,
					u32 references)
{
	struct ring_record *r = APPEND(c, rings, RINGS);

	if (!r)
		return;
	r->ring = ring;
	r->file = (u64)f;
	r->file_count = f ? file_count(f) - references : 0;
	r->whole = 0;
}

/* A peer that is no embryo and has no socket left was closed (unix_release_sock). */
static __always_inline int peer_gone(struct sock *peer)
{
	return peer && !BPF_CORE_READ(peer, sk_socket) &&
	       BPF_CORE_READ(peer, __sk_common.skc_state) == TCP_CLOSE;
}

static __always_inline void append_vertex(struct control *c, u64 sk, u64 references, u64 mark,
					  u64 component)
{
	struct vertex_record *r = APPEND(c, vertices, VERTICES);

	if (!r)
		return;
	r->sk = sk;
	r->references = references;
	r->mark = mark;
	r->component = component;
}

/* How often a collector without components counts the socket in flight. */
static __always_inline u64 counted_in_flight(void *u)
{
	struct unix_sock___atomic *atomic = u;
	struct unix_sock___plain *plain = u;

	if (bpf_core_field_exists(atomic->inflight))
		return BPF_CORE_READ(atomic, inflight.counter);
	if (bpf_core_field_exists(plain->inflight))
		return BPF_CORE_READ(plain, inflight);
	return 0;
}

/* references: as above. */
static __noinline int append_socket(struct control *c, u64 address, u32 references)
{
	struct unix_sock *u = (void *)address;
	struct unix_sock___scc *scc = (void *)address;
	struct socket_record *r;
	struct socket *socket;
	struct file *f;
	u64 in_flight;

	if (!c || !u)
		return 0;
	r = APPEND(c, sockets, SOCKETS);
	if (!r)
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->sk = address;
	r->address = (u64)BPF_CORE_READ(u, addr);
	r->peer = (u64)BPF_CORE_READ(u, peer);
	r->netns = BPF_CORE_READ(u, sk.__sk_common.skc_net.net, ns.inum);
	r->queue_length = BPF_CORE_READ(u, sk.sk_receive_queue.qlen);
	r->queued_fds = BPF_CORE_READ(u, scm_stat.nr_fds.counter);
	r->type = BPF_CORE_READ(u, sk.sk_type);
	r->state = BPF_CORE_READ(u, sk.__sk_common.skc_state);
	if (peer_gone((struct sock *)r->peer))
		r->flags |= SOCKET_PEER_GONE;
	socket = BPF_CORE_READ(u, sk.sk_socket);
	if (socket) {
		f = BPF_CORE_READ(socket, file);
		r->file = (u64)f;
		r->inode = BPF_CORE_READ(f, f_inode, i_ino);
		r->file_count = f ? file_count(f) - references : 0;
	}
	if (bpf_core_field_exists(scc->vertex)) {
		r->listener = (u64)BPF_CORE_READ(scc, listener);
		if (BPF_CORE_READ(scc, vertex))
			r->flags |= SOCKET_IN_FLIGHT;
	} else {
		in_flight = counted_in_flight(u);
		if (in_flight) {
			r->flags |= SOCKET_IN_FLIGHT;
			append_vertex(c, address, in_flight, ~0ull, ~0ull);
		}
	}
	return 0;
}

/* A file that a queue, a slot or a request has. */
static __noinline int append_file(struct control *c, u64 address)
{
	struct file *f = (void *)address;
	struct file_record *r;
	u64 object = 0;

	if (!c || !f)
		return 0;
	r = APPEND(c, files, FILES);
	if (!r)
		return 0;
	r->file = address;
	r->kind = file_kind(f, &object);
	r->object = object;
	r->inode = BPF_CORE_READ(f, f_inode, i_ino);
	r->count = file_count(f);
	r->device = BPF_CORE_READ(f, f_inode, i_sb, s_dev);
	r->links = BPF_CORE_READ(f, f_inode, i_nlink);
	r->state = 0;
	r->name[0] = 0;
	if (r->kind == KIND_SOCKET)
		r->state = BPF_CORE_READ((struct sock *)object, __sk_common.skc_state);
	if (r->kind == KIND_UNIX)
		append_socket(c, object, 0);
	if (r->kind == KIND_RING)
		append_ring(c, object, f, 0);
	if (r->kind == KIND_OTHER)
		bpf_probe_read_kernel_str(r->name, sizeof(r->name),
					  BPF_CORE_READ(f, f_path.dentry, d_name.name));
	return 0;
}

/* ---- listing: iterators ---- */

/*
 * A listener and the connections accepted from it share one name: it is told with the listener, or
 * with whoever has it alone.
 */
static __noinline int append_name(struct control *c, u64 address)
{
	struct unix_sock *u = (void *)address;
	struct unix_address *name;
	struct name_record *r;
	u32 length;

	if (!c || !u)
		return 0;
	name = BPF_CORE_READ(u, addr);
	if (!name)
		return 0;
	if (BPF_CORE_READ(u, sk.__sk_common.skc_state) != TCP_LISTEN &&
	    BPF_CORE_READ(name, refcnt.refs.counter) != 1)
		return 0;
	r = APPEND(c, names, NAMES);
	if (!r)
		return 0;
	length = BPF_CORE_READ(name, len);
	r->address = (u64)name;
	r->length = length < 2 ? 0 : length > PATH_BYTES + 2 ? PATH_BYTES : length - 2;
	bpf_probe_read_kernel(r->path, sizeof(r->path),
			      (void *)((u64)name + bpf_core_field_offset(struct unix_address, name) +
				       bpf_core_field_offset(struct sockaddr_un, sun_path)));
	return 0;
}

SEC("iter/unix")
int list_sockets(struct bpf_iter__unix *ctx)
{
	struct control *c = get_control();

	if (!ctx->unix_sk || !c)
		return 0;
	append_socket(c, (u64)ctx->unix_sk, 0);
	append_name(c, (u64)ctx->unix_sk);
	return 0;
}

SEC("iter/task_file")
int list_descriptors(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *f = ctx->file;
	struct control *c = get_control();
	struct descriptor_record *r;
	u64 object;
	u32 kind;

	if (!task || !f || !c)
		return 0;
	r = APPEND(c, descriptors, DESCRIPTORS);
	if (r) {
		r->file = (u64)f;
		r->tgid = task->tgid;
		r->fd = ctx->fd;
	}
	kind = file_kind(f, &object);
	if (kind == KIND_UNIX)
		append_socket(c, object, 1); /* the iterator's (fget_task_next) */
	if (kind == KIND_RING)
		append_ring(c, object, f, 1);
	return 0;
}

static __always_inline void append_link(struct control *c, struct task_struct *task, u32 link,
					u64 ring, struct file *f, u32 number)
{
	struct task_link_record *r = APPEND(c, task_links, TASK_LINKS);

	if (!r)
		return;
	r->ring = ring;
	r->file = (u64)f;
	r->tgid = BPF_CORE_READ(task, tgid);
	r->tid = BPF_CORE_READ(task, pid);
	r->link = link;
	r->number = number;
}

/* A worker of a ring and not its submission thread, which has the flag as well. */
static __always_inline int is_worker(struct task_struct *task)
{
	char comm[16];

	if (!(task->flags & PF_IO_WORKER))
		return 0;
	BPF_CORE_READ_STR_INTO(&comm, task, comm);
	return comm[4] != 's'; /* iou-wrk-PID and iou-sqp-PID */
}

SEC("iter/task_vma")
int list_mappings(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	struct control *c = get_control();
	struct file *f;
	u64 ring;

	if (!task || !vma || !c)
		return 0;
	f = vma->vm_file;
	if (!f || file_kind(f, &ring) != KIND_RING)
		return 0;
	append_link(c, task, LINK_MAPPING, ring, f, 0);
	append_ring(c, ring, f, 0);
	return 0;
}

/* Depth-first over the xarray of the rings that a task has used: entries are io_tctx_node. */
struct xa_walk {
	struct control *c;
	struct task_struct *task;
	u64 node[XA_DEPTH];
	u32 slot[XA_DEPTH];
	u32 depth;
	u32 finished;
};

static long xa_step(u32 i, struct xa_walk *w)
{
	u32 depth = w->depth, slot;
	u64 entry = 0, ring;

	if (depth >= XA_DEPTH)
		return 1;
	slot = w->slot[depth];
	if (slot >= XA_FANOUT) {
		w->finished = depth == 0;
		w->depth = depth - 1;
		return depth == 0;
	}
	w->slot[depth] = slot + 1;
	bpf_probe_read_kernel(&entry, sizeof(entry),
			      (void *)(w->node[depth] +
				       bpf_core_field_offset(struct xa_node, slots) + slot * 8));
	if (!entry)
		return 0;
	if ((entry & 3) == 2 && entry > 4096) { /* an inner node (xa_is_node) */
		depth++;
		if (depth >= XA_DEPTH)
			return 1;
		w->node[depth] = entry - 2;
		w->slot[depth] = 0;
		w->depth = depth;
		return 0;
	}
	if (entry & 3)
		return 0;
	ring = (u64)BPF_CORE_READ((struct io_tctx_node *)entry, ctx);
	append_link(w->c, w->task, LINK_USE, ring, NULL, 0);
	append_ring(w->c, ring, NULL, 0);
	return 0;
}

static __always_inline void list_used_rings(struct control *c, struct task_struct *task,
					    struct io_uring_task *used)
{
	struct xa_walk w = { .c = c, .task = task };
	u64 head = (u64)BPF_CORE_READ(used, xa.xa_head);

	/* A single entry would be at index 0, and no ring has address 0: the head is a node. */
	if ((head & 3) != 2 || head <= 4096)
		return;
	w.node[0] = head - 2;
	w.slot[0] = ZERO(c);
	w.depth = ZERO(c);
	bpf_loop(XA_STEPS, xa_step, &w, 0);
	if (!w.finished)
		__sync_fetch_and_or(&c->truncated, BOUND_TASK_RINGS);
}

static __always_inline u32 netns_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

/* As capable() has it: the capability, in the first user namespace. */
static __always_inline u32 exemptions(const struct cred *cred)
{
	u32 exempt = 0;
	u64 caps = 0;

	/* One word, or two halves of one up to 6.2: little-endian, the same. */
	bpf_probe_read_kernel(&caps, sizeof(caps),
			      (void *)((u64)cred + bpf_core_field_offset(struct cred, cap_effective)));
	if (BPF_CORE_READ(cred, user_ns, level))
		return 0;
	if (caps & (1ull << CAP_SYS_RESOURCE | 1ull << CAP_SYS_ADMIN))
		exempt |= EXEMPT_IN_FLIGHT;
	if (caps & 1ull << CAP_IPC_LOCK)
		exempt |= EXEMPT_LOCKED;
	return exempt;
}

SEC("iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct control *c = get_control();
	struct io_uring_task *used;
	struct process_record *r;
	struct file *f;
	u64 ring;
	int i;

	if (!task || !c)
		return 0;
	if (task->pid == task->tgid) {
		r = APPEND(c, processes, PROCESSES);
		if (r) {
			r->start_time = task->start_time;
			r->tgid = task->tgid;
			r->uid = BPF_CORE_READ(task, real_cred, uid.val);
			BPF_CORE_READ_STR_INTO(&r->comm, task, comm);
			r->user_inflight = BPF_CORE_READ(task, real_cred, user, unix_inflight);
			r->descriptor_limit = BPF_CORE_READ(task, signal, rlim[RLIMIT_NOFILE].rlim_cur);
			r->user_locked = BPF_CORE_READ(task, real_cred, user, locked_vm.counter);
			r->locked_limit = BPF_CORE_READ(task, signal, rlim[RLIMIT_MEMLOCK].rlim_cur);
			r->netns = netns_of(task);
			r->exempt = exemptions(task->real_cred);
		}
	} else if (netns_of(task) != netns_of(task->group_leader)) {
		append_link(c, task, LINK_NETNS, 0, NULL, netns_of(task));
	}
	if (is_worker(task))
		append_link(c, task, LINK_WORKER, 0, NULL, 0);
	used = task->io_uring;
	if (!used)
		return 0;
	for (i = 0; i < 16; i++) {
		f = BPF_CORE_READ(used, registered_rings[i]);
		if (!f || file_kind(f, &ring) != KIND_RING)
			continue;
		append_link(c, task, LINK_REGISTRATION, ring, f, i);
		append_ring(c, ring, f, 0);
	}
	list_used_rings(c, task, used);
	return 0;
}

/* ---- the collector's own list of sockets in flight ---- */

static __always_inline int has_indices(void)
{
	return bpf_core_field_exists(struct unix_vertex, out_degree) &&
	       bpf_core_field_exists(struct unix_vertex, index) &&
	       bpf_core_field_exists(struct unix_vertex, scc_index);
}

struct vertex_walk {
	struct control *c;
	u64 first;
	u64 entry;
};

static long vertex_step(u32 i, struct vertex_walk *w)
{
	struct unix_vertex *v =
		(void *)(w->entry - bpf_core_field_offset(struct unix_vertex, entry));
	struct unix_edge *edge;
	struct unix_sock *u = NULL;
	u64 first_edge = (u64)BPF_CORE_READ(v, edges.next);

	if (!w->entry)
		return 1;
	edge = (void *)(first_edge - bpf_core_field_offset(struct unix_edge, vertex_entry));
	u = BPF_CORE_READ(edge, predecessor);
	/* The list's head is no vertex: what would be its socket does not point back at it. */
	if (u && BPF_CORE_READ((struct unix_sock___scc *)u, vertex) == v) {
		append_socket(w->c, (u64)u, 0);
		if (has_indices())
			append_vertex(w->c, (u64)u, BPF_CORE_READ(v, out_degree),
				      BPF_CORE_READ(v, index), BPF_CORE_READ(v, scc_index));
		w->c->vertices++;
	}
	w->entry = (u64)BPF_CORE_READ(v, entry.next);
	if (w->entry != w->first)
		return 0;
	w->c->closed = 1;
	return 1;
}

SEC("syscall")
int walk_vertices(void *ctx)
{
	struct control *c = get_control();
	struct vertex_walk w = { .c = c };
	struct unix_sock___scc *anchor;
	u64 vertex;

	if (!c)
		return 0;
	c->vertices = 0;
	c->closed = 0;
	anchor = (void *)c->anchor;
	if (!anchor || !bpf_core_field_exists(anchor->vertex))
		return 0;
	vertex = (u64)BPF_CORE_READ(anchor, vertex);
	if (!vertex)
		return 0;
	w.entry = w.first = vertex + bpf_core_field_offset(struct unix_vertex, entry);
	bpf_loop(MAX_VERTICES, vertex_step, &w, 0);
	return 0;
}

/* ---- queues ---- */

struct packet_walk {
	struct control *c;
	u64 sk;
	u64 head;
	u64 skb;
	u64 last_file;
	u64 fpl;
	u32 packet;	/* packets with descriptors so far */
	u32 length;	/* packets so far */
	u32 fds;
	u32 listening;
};

static long passed_file(u32 i, struct packet_walk *w)
{
	struct edge_record *r;
	struct sk_buff *skb = (void *)w->skb;
	struct file *f = NULL;

	if (i >= SCM_MAX_FD)
		return 1;
	bpf_probe_read_kernel(&f, sizeof(f),
			      (void *)(w->fpl + bpf_core_field_offset(struct scm_fp_list, fp) +
				       i * 8ull));
	if (!f)
		return 0;
	r = APPEND(w->c, edges, EDGES);
	if (r) {
		r->sk = w->sk;
		r->file = (u64)f;
		r->skb = w->skb;
		r->sender = (u64)BPF_CORE_READ(skb, sk);
		r->packet = w->packet;
		r->index = i;
	}
	if ((u64)f != w->last_file) {
		w->last_file = (u64)f;
		append_file(w->c, (u64)f);
	}
	w->fds++;
	return 0;
}

static long packet_step(u32 i, struct packet_walk *w)
{
	struct sk_buff *skb = (void *)w->skb;
	struct unix_skb_parms *parms;
	struct scm_fp_list *fpl;
	u32 count;

	if (!skb || w->skb == w->head)
		return 1;
	w->length++;
	if (w->listening) {
		append_socket(w->c, (u64)BPF_CORE_READ(skb, sk), 0);
	} else if (frees_files((u64)BPF_CORE_READ(skb, destructor))) {
		parms = (void *)(w->skb + bpf_core_field_offset(struct sk_buff, cb));
		fpl = BPF_CORE_READ(parms, fp);
		if (fpl) {
			count = BPF_CORE_READ(fpl, count);
			w->fpl = (u64)fpl;
			bpf_loop(count > SCM_MAX_FD ? SCM_MAX_FD : count, passed_file, w, 0);
			w->packet++;
		}
	}
	w->skb = (u64)BPF_CORE_READ(skb, next);
	return 0;
}

/* Whether what was read is one state of the queue, and not parts of several. */
static __always_inline int stood_still(struct packet_walk *w, struct unix_sock *u, u32 length)
{
	if (w->skb != w->head || w->length != length)
		return 0;
	if (BPF_CORE_READ(u, sk.sk_receive_queue.qlen) != length)
		return 0;
	/* The count is never too low; it is too high after some losses, and that is no tear. */
	return w->listening || w->fds <= (u32)BPF_CORE_READ(u, scm_stat.nr_fds.counter);
}

static long queue_step(u32 i, struct control **context)
{
	struct control *c = *context;
	struct work_record *r = bpf_map_lookup_elem(&work, &i);
	struct packet_walk w = { .c = c };
	struct unix_sock *u;
	u32 length;

	if (!r || !r->object)
		return 0;
	u = (void *)r->object;
	w.sk = r->object;
	w.last_file = ZERO(c);
	w.listening = r->listening;
	w.head = r->object + bpf_core_field_offset(struct unix_sock, sk.sk_receive_queue);
	length = BPF_CORE_READ(u, sk.sk_receive_queue.qlen);
	r->first_edge = c->cursor[EDGES];
	w.skb = (u64)BPF_CORE_READ(u, sk.sk_receive_queue.next);
	if (length > MAX_PACKETS)
		__sync_fetch_and_or(&c->truncated, BOUND_QUEUE);
	/* No longer than the queue: a packet that moved to another one would lead astray. */
	bpf_loop(length > MAX_PACKETS ? MAX_PACKETS : length + MORE_PACKETS, packet_step, &w, 0);
	r->end_edge = c->cursor[EDGES];
	r->still = stood_still(&w, u, length);
	return 0;
}

SEC("syscall")
int walk_queues(void *ctx)
{
	struct control *c = get_control();

	if (c)
		bpf_loop(c->work, queue_step, &c, 0);
	return 0;
}

/* ---- rings ---- */

struct table_walk {
	struct control *c;
	u64 ring;
	u64 table;
	u64 last_file;
	u64 bytes;
	u32 count;
};

static __always_inline u64 table_word(struct table_walk *w, u32 i)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)(w->table + 8ull * i));
	return word;
}

static __always_inline void append_slot(struct table_walk *w, u32 slot, u64 file, u64 node,
					u32 node_refs)
{
	struct slot_record *r;

	if (!file)
		return;
	r = APPEND(w->c, slots, SLOTS);
	if (r) {
		r->ring = w->ring;
		r->file = file;
		r->node = node;
		r->slot = slot;
		r->node_refs = node_refs;
	}
	if (file != w->last_file) {
		w->last_file = file;
		append_file(w->c, file);
	}
}

static long slot_of_nodes(u32 i, struct table_walk *w)
{
	struct io_rsrc_node *node = (void *)table_word(w, i);

	if (node)
		append_slot(w, i, BPF_CORE_READ(node, file_ptr) & ~7ull, (u64)node,
			    BPF_CORE_READ(node, refs));
	return 0;
}

static long slot_of_words(u32 i, struct table_walk *w)
{
	append_slot(w, i, table_word(w, i) & ~7ull, 0, 0);
	return 0;
}

static __always_inline void count_buffer(struct table_walk *w, struct io_mapped_ubuf *buffer)
{
	struct io_mapped_ubuf___len *with_length = (void *)buffer;
	struct io_mapped_ubuf___end *with_end = (void *)buffer;

	/* Up to 6.12 an empty slot has a buffer that begins at the last address (dummy_ubuf). */
	if (!buffer || BPF_CORE_READ(buffer, ubuf) == ~0ull)
		return;
	w->count++;
	if (bpf_core_field_exists(with_length->len))
		w->bytes += BPF_CORE_READ(with_length, len);
	else if (bpf_core_field_exists(with_end->ubuf_end))
		w->bytes += BPF_CORE_READ(with_end, ubuf_end) - BPF_CORE_READ(buffer, ubuf);
}

static long buffer_of_nodes(u32 i, struct table_walk *w)
{
	struct io_rsrc_node *node = (void *)table_word(w, i);

	if (node)
		count_buffer(w, BPF_CORE_READ(node, buf));
	return 0;
}

static long buffer_of_words(u32 i, struct table_walk *w)
{
	count_buffer(w, (void *)table_word(w, i));
	return 0;
}

struct list_walk {
	u64 entry;
	u64 head;
	u32 length;
	u32 ended;
};

static long list_step(u32 i, struct list_walk *w)
{
	u64 next = 0;

	if (!w->entry || w->entry == w->head) {
		w->ended = 1;
		return 1;
	}
	w->length++;
	bpf_probe_read_kernel(&next, sizeof(next), (void *)w->entry);
	w->entry = next;
	return 0;
}

/*
 * The length of a list into *length; false if it is longer than can be walked. The length itself is
 * never compared: the verifier would then follow each of its values apart.
 */
static __always_inline u32 list_length(u64 first, u64 head, u32 *length)
{
	struct list_walk w = { .entry = first, .head = head };

	bpf_loop(MAX_LIST, list_step, &w, 0);
	*length = w.length;
	return w.ended;
}

struct request_walk {
	struct control *c;
	u64 ring;
	u64 buckets;
	u64 entry;
};

static __always_inline u32 uses_slot(struct io_kiocb *request)
{
	struct io_kiocb___flags64 *wide = (void *)request;
	struct io_kiocb___flags32 *narrow = (void *)request;

	/* REQ_F_FIXED_FILE is bit 0 in every kernel: it mirrors IOSQE_FIXED_FILE. */
	if (bpf_core_field_size(wide->flags) == 8)
		return BPF_CORE_READ(wide, flags) & 1;
	return BPF_CORE_READ(narrow, flags) & 1;
}

static __always_inline u64 user_data(struct io_kiocb *request)
{
	struct io_kiocb___cqe *now = (void *)request;
	struct io_kiocb___user_data *before = (void *)request;

	if (bpf_core_field_exists(now->cqe))
		return BPF_CORE_READ(now, cqe.user_data);
	if (bpf_core_field_exists(before->user_data))
		return BPF_CORE_READ(before, user_data);
	return 0;
}

static long request_step(u32 i, struct request_walk *w)
{
	struct io_kiocb *request;
	struct io_kiocb___node *with_node;
	struct request_record *r;
	struct file *f;
	u64 next = 0;

	if (!w->entry)
		return 1;
	request = (void *)(w->entry - bpf_core_field_offset(struct io_kiocb, hash_node));
	if ((u64)BPF_CORE_READ(request, ctx) != w->ring)
		return 1; /* ended while it was read */
	f = BPF_CORE_READ(request, file);
	r = APPEND(w->c, requests, REQUESTS);
	if (r) {
		r->ring = w->ring;
		r->file = (u64)f;
		r->opcode = BPF_CORE_READ(request, opcode);
		r->registered = uses_slot(request);
		r->node = 0;
		r->request = (u64)request;
		r->user_data = user_data(request);
		with_node = (void *)request;
		if (r->registered && bpf_core_field_exists(with_node->file_node))
			r->node = (u64)BPF_CORE_READ(with_node, file_node);
	}
	append_file(w->c, (u64)f);
	bpf_probe_read_kernel(&next, sizeof(next), (void *)w->entry);
	w->entry = next;
	return 0;
}

static long bucket_step(u32 i, struct request_walk *w)
{
	u64 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first),
			      (void *)(w->buckets +
				       (u64)i * bpf_core_type_size(struct io_hash_bucket) +
				       bpf_core_field_offset(struct io_hash_bucket, list)));
	if (!first)
		return 0;
	w->entry = first;
	bpf_loop(MAX_LIST, request_step, w, 0);
	return 0;
}

static __always_inline void walk_table(struct request_walk *w, u64 buckets, u32 bits)
{
	w->buckets = buckets;
	if (!buckets)
		return;
	if (bits > MAX_HASH_BITS) {
		bits = MAX_HASH_BITS;
		__sync_fetch_and_or(&w->c->truncated, BOUND_REQUESTS);
	}
	bpf_loop(1u << bits, bucket_step, w, 0);
}

static __always_inline void walk_requests(struct control *c, struct io_ring_ctx *ring)
{
	struct request_walk w = { .c = c, .ring = (u64)ring };
	struct io_ring_ctx___locked *locked = (void *)ring;

	if (bpf_core_field_exists(ring->cancel_table))
		walk_table(&w, (u64)BPF_CORE_READ(ring, cancel_table.hbs),
			   BPF_CORE_READ(ring, cancel_table.hash_bits));
	if (bpf_core_field_exists(locked->cancel_table_locked))
		walk_table(&w, (u64)BPF_CORE_READ(locked, cancel_table_locked.hbs),
			   BPF_CORE_READ(locked, cancel_table_locked.hash_bits));
}

static __always_inline u32 bounded(struct control *c, u32 n)
{
	if (n <= MAX_SLOTS)
		return n;
	__sync_fetch_and_or(&c->truncated, BOUND_TABLE);
	return MAX_SLOTS;
}

static __always_inline void walk_tables(struct control *c, struct ring_record *r, u64 ring)
{
	struct io_ring_ctx___nodes *nodes = (void *)ring;
	struct io_ring_ctx___words *words = (void *)ring;
	struct table_walk w = { .c = c, .ring = ring };
	u32 buffers;

	w.last_file = ZERO(c);
	if (bpf_core_field_exists(nodes->buf_table)) {
		r->file_slots = BPF_CORE_READ(nodes, file_table.data.nr);
		w.table = (u64)BPF_CORE_READ(nodes, file_table.data.nodes);
		if (w.table)
			bpf_loop(bounded(c, r->file_slots), slot_of_nodes, &w, 0);
		buffers = BPF_CORE_READ(nodes, buf_table.nr);
		w.table = (u64)BPF_CORE_READ(nodes, buf_table.nodes);
		if (w.table)
			bpf_loop(bounded(c, buffers), buffer_of_nodes, &w, 0);
	} else {
		r->file_slots = BPF_CORE_READ(words, nr_user_files);
		w.table = (u64)BPF_CORE_READ(words, file_table.files);
		if (w.table)
			bpf_loop(bounded(c, r->file_slots), slot_of_words, &w, 0);
		buffers = BPF_CORE_READ(words, nr_user_bufs);
		w.table = (u64)BPF_CORE_READ(words, user_bufs);
		if (w.table)
			bpf_loop(bounded(c, buffers), buffer_of_words, &w, 0);
	}
	r->buffers = w.count;
	r->buffer_bytes = w.bytes;
}

static __always_inline void read_ring(struct control *c, struct ring_record *r,
				      struct io_ring_ctx *ring)
{
	u64 overflow = (u64)ring + bpf_core_field_offset(struct io_ring_ctx, cq_overflow_list);

	r->submitter = BPF_CORE_READ(ring, submitter_task, pid);
	r->submissions = BPF_CORE_READ(ring, cached_sq_head);
	r->entries = BPF_CORE_READ(ring, sq_entries);
	r->cq_entries = BPF_CORE_READ(ring, cq_entries);
	if (!list_length((u64)BPF_CORE_READ(ring, cq_overflow_list.next), overflow, &r->cq_overflow))
		__sync_fetch_and_or(&c->truncated, BOUND_OVERFLOW);
	r->requests_allocated = UNCOUNTED;
	if (!bpf_core_field_exists(ring->nr_req_allocated))
		return;
	if (list_length((u64)BPF_CORE_READ(ring, submit_state.free_list.next), 0, &r->requests_free))
		r->requests_allocated = BPF_CORE_READ(ring, nr_req_allocated);
	else
		__sync_fetch_and_or(&c->truncated, BOUND_FREE_REQUESTS);
}

/* What is true of every ring and hardly of memory that was one. */
static __always_inline int looks_like_a_ring(struct io_ring_ctx *ring)
{
	u32 entries = BPF_CORE_READ(ring, cq_entries);

	return entries && !(entries & (entries - 1)) && BPF_CORE_READ(ring, cq_overflow_list.next);
}

/* A ring whose file is not known is in use by a task or being torn down: it is read all the same. */
static __always_inline int same_ring(struct work_record *item)
{
	u64 ring;

	if (!looks_like_a_ring((struct io_ring_ctx *)item->object))
		return 0;
	if (!item->file)
		return 1;
	return file_kind((struct file *)item->file, &ring) == KIND_RING && ring == item->object;
}

static long ring_step(u32 i, struct control **context)
{
	struct control *c = *context;
	struct work_record *item = bpf_map_lookup_elem(&work, &i);
	struct ring_record *r;

	if (!item || !item->object || !same_ring(item))
		return 0;
	r = APPEND(c, rings, RINGS);
	if (!r)
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->ring = item->object;
	r->file = item->file;
	if (item->file)
		r->file_count = file_count((struct file *)item->file);
	read_ring(c, r, (struct io_ring_ctx *)item->object);
	walk_tables(c, r, item->object);
	walk_requests(c, (struct io_ring_ctx *)item->object);
	r->whole = same_ring(item);
	item->still = r->whole;
	return 0;
}

SEC("syscall")
int walk_rings(void *ctx)
{
	struct control *c = get_control();

	if (c)
		bpf_loop(c->work, ring_step, &c, 0);
	return 0;
}

/* What this kernel lets the programs above see. */
SEC("syscall")
int probe(void *ctx)
{
	struct control *c = get_control();
	u32 features = 0;

	if (!c)
		return 0;
	if (ADDRESS(io_uring_release))
		features |= FEATURE_RING_RELEASE;
	if (ADDRESS(sock_close))
		features |= FEATURE_SOCK_CLOSE;
	if (ADDRESS(unix_destruct_scm) || ADDRESS(unix_wfree))
		features |= FEATURE_PACKET;
	if (bpf_core_field_exists(struct unix_sock___scc, vertex))
		features |= FEATURE_VERTEX;
	if (bpf_core_field_exists(struct io_ring_ctx___nodes, buf_table))
		features |= FEATURE_NODES;
	if (bpf_core_field_exists(struct io_ring_ctx, nr_req_allocated))
		features |= FEATURE_REQUESTS;
	if (has_indices())
		features |= FEATURE_INDICES;
	c->features = features;
	return 0;
}
