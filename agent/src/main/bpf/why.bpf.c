// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that refers to one file, mount, port or network namespace, beside what the snapshot
 * programs see. Loaded only when somebody asks.
 *
 * The iterators filter: what they meet and what is not looked for leaves no record. References that
 * a table of descriptors, an address space or a file system context owns once, though several tasks
 * share it, carry the owner's address, so that they are counted once.
 */
#include "control.h"
#include "files.h"
#include "why.h"

char LICENSE[] SEC("license") = "GPL";

#define AF_INET 2
#define AF_INET6 10
#define NSFS_MAGIC 0x6e736673
#define OVERLAYFS_MAGIC 0x794c7630
#define S_IFMT 0170000
#define S_IFREG 0100000
#define MAX_CPUS (1 << 13)
#define MAX_MOUNTS (1 << 18)

TABLE(found, found_record);
TABLE(holders, holder_record);
TABLE(work, work_record);

CONTROL(control)

/* Where it lies tells where each processor's own variables lie. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} of_processor SEC(".maps");

/* ---- what is looked for ---- */

static __always_inline u64 mount_of(u64 vfsmount)
{
	return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

/* Whether a path leads to the mount or the inode that is looked for. */
static __always_inline int path_matches(struct control *c, u64 mnt, struct dentry *dentry)
{
	if (c->match == MATCH_MOUNT)
		return mnt == c->mount;
	return c->match == MATCH_INODE && c->inode && dentry &&
	       (u64)BPF_CORE_READ(dentry, d_inode) == c->inode;
}

/* Its name was removed from the directory that is looked at. */
static __always_inline int name_gone(struct control *c, struct file *f)
{
	struct dentry *dentry = BPF_CORE_READ(f, f_path.dentry);

	return c->parent && (u64)BPF_CORE_READ(dentry, d_parent) == c->parent &&
	       !BPF_CORE_READ(dentry, d_hash.pprev);
}

static __always_inline int socket_matches(struct control *c, struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct net *net;

	if (c->match == MATCH_PORT)
		return (family == AF_INET || family == AF_INET6) &&
		       BPF_CORE_READ(sk, __sk_common.skc_num) == c->port;
	if (c->match != MATCH_NETNS)
		return 0;
	net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	if (!net || BPF_CORE_READ(net, ns.inum) != c->number)
		return 0;
	c->net = (u64)net;
	return 1;
}

/* A file of nsfs stands for the namespace of that number. */
static __always_inline int namespace_file_matches(struct control *c, struct inode *inode)
{
	u64 ns;

	if (BPF_CORE_READ(inode, i_ino) != c->number ||
	    BPF_CORE_READ(inode, i_sb, s_magic) != NSFS_MAGIC)
		return 0;
	ns = (u64)BPF_CORE_READ(inode, i_private);
	if (ns)
		c->net = ns - bpf_core_field_offset(struct net, ns);
	return 1;
}

static __always_inline int bound_here(struct control *c, u64 sk)
{
	struct unix_sock *u = (void *)sk;

	return path_matches(c, (u64)BPF_CORE_READ(u, path.mnt), BPF_CORE_READ(u, path.dentry));
}

/*
 * Whether it is the file below one of overlayfs that is looked for. What an ordinary file has in
 * that place is another object's memory, and leads to no such inode or mount.
 */
static __always_inline int below_matches(struct control *c, struct file *f)
{
	struct backing_file *below = (void *)f;
	struct dentry *dentry;

	if (!bpf_core_field_exists(below->user_path)) {
		dentry = BPF_CORE_READ(f, f_path.dentry);
		return path_matches(c, 0, dentry);
	}
	return path_matches(c, (u64)BPF_CORE_READ(below, user_path.mnt),
			    BPF_CORE_READ(below, user_path.dentry));
}

static __always_inline int file_matches(struct control *c, struct file *f, u32 kind, u64 object)
{
	struct inode *inode = BPF_CORE_READ(f, f_inode);

	switch (c->match) {
	case MATCH_FILE:
		return (u64)f == c->file;
	case MATCH_INODE:
		if ((u64)inode == c->inode || name_gone(c, f) || below_matches(c, f))
			return 1;
		return kind == KIND_UNIX && bound_here(c, object);
	case MATCH_NUMBER:
		return BPF_CORE_READ(inode, i_ino) == c->number;
	case MATCH_MOUNT:
		return (u64)BPF_CORE_READ(f, f_path.mnt) == c->mount || below_matches(c, f);
	case MATCH_NETNS:
		if (kind == KIND_UNIX || kind == KIND_SOCKET)
			return socket_matches(c, (struct sock *)object);
		return namespace_file_matches(c, inode);
	case MATCH_PORT:
		return kind == KIND_SOCKET && socket_matches(c, (struct sock *)object);
	}
	return 0;
}

/* ---- records ---- */

static __always_inline void describe_socket(struct found_record *r, struct sock *sk)
{
	r->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	r->backlog = BPF_CORE_READ(sk, sk_ack_backlog);
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	r->protocol = BPF_CORE_READ(sk, sk_protocol);
	r->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	r->refcounted = BPF_CORE_READ_BITFIELD_PROBED(&sk->__sk_common, skc_net_refcnt);
	if (r->family == AF_INET || r->family == AF_INET6) {
		r->port = BPF_CORE_READ(sk, __sk_common.skc_num);
		r->peer_port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	}
}

static __always_inline struct found_record *append_found(struct control *c)
{
	struct found_record *r = APPEND(c, found, FOUND);

	if (r)
		__builtin_memset(r, 0, sizeof(*r));
	return r;
}

/* Appends a file if it is looked for; whether it is. */
static __noinline int meet(struct control *c, u64 address)
{
	struct file *f = (void *)address;
	struct found_record *r;
	struct dentry *dentry;
	struct inode *inode;
	struct mount *m;
	u64 object = 0;
	u32 kind;

	if (!c || !f)
		return 0;
	kind = file_kind(f, &object);
	if (!file_matches(c, f, kind, object))
		return 0;
	r = append_found(c);
	if (!r)
		return 1;
	inode = BPF_CORE_READ(f, f_inode);
	dentry = BPF_CORE_READ(f, f_path.dentry);
	r->file = address;
	r->object = object;
	r->kind = kind;
	r->inode = BPF_CORE_READ(inode, i_ino);
	r->size = BPF_CORE_READ(inode, i_size);
	r->blocks = BPF_CORE_READ(inode, i_blocks);
	r->device = BPF_CORE_READ(inode, i_sb, s_dev);
	r->links = BPF_CORE_READ(inode, i_nlink);
	r->mode = BPF_CORE_READ(inode, i_mode);
	m = (void *)mount_of((u64)BPF_CORE_READ(f, f_path.mnt));
	r->mount_id = BPF_CORE_READ(m, mnt_id);
	r->unhashed = !BPF_CORE_READ(dentry, d_hash.pprev);
	r->same = c->match != MATCH_INODE || (u64)inode == c->inode || !name_gone(c, f);
	if (kind == KIND_UNIX || kind == KIND_SOCKET)
		describe_socket(r, (struct sock *)object);
	bpf_probe_read_kernel_str(r->name, sizeof(r->name), BPF_CORE_READ(dentry, d_name.name));
	return 1;
}

static __always_inline void append_holder(struct control *c, struct task_struct *task, u32 how,
					  u64 subject, u64 owner, u64 number)
{
	struct holder_record *r = APPEND(c, holders, HOLDERS);

	if (!r)
		return;
	r->subject = subject;
	r->owner = owner;
	r->number = number;
	r->tgid = task ? BPF_CORE_READ(task, tgid) : 0;
	r->tid = task ? BPF_CORE_READ(task, pid) : 0;
	r->how = how;
}

/* A regular file of overlayfs has one below, which it refers to. */
static __noinline int meet_below(struct control *c, u64 address)
{
	struct file *f = (void *)address, *below;
	struct ovl_file *private;
	struct inode *inode;

	if (!c || !f)
		return 0;
	inode = BPF_CORE_READ(f, f_inode);
	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_MAGIC ||
	    (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	private = BPF_CORE_READ(f, private_data);
	if (bpf_core_field_exists(private->realfile))
		below = BPF_CORE_READ(private, realfile);
	else
		below = (void *)private;
	if (below && meet(c, (u64)below))
		append_holder(c, NULL, HOW_BELOW, (u64)below, address, 0);
	return 0;
}

/* ---- tasks ---- */

SEC("iter/task_file")
int find_descriptors(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *f = ctx->file;
	struct control *c = get_control();

	if (!task || !f || !c)
		return 0;
	if (meet(c, (u64)f))
		append_holder(c, task, HOW_DESCRIPTOR, (u64)f, (u64)BPF_CORE_READ(task, files),
			      ctx->fd);
	meet_below(c, (u64)f);
	return 0;
}

/* The open file behind one descriptor of another process. */
SEC("iter/task_file")
int find_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct control *c = get_control();

	if (!task || !ctx->file || !c)
		return 0;
	if ((u32)task->tgid == c->tgid && ctx->fd == c->fd)
		c->file = (u64)ctx->file;
	return 0;
}

SEC("iter/task_vma")
int find_mappings(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	struct control *c = get_control();
	struct file *f;

	if (!task || !vma || !c)
		return 0;
	f = vma->vm_file;
	if (f && meet(c, (u64)f))
		append_holder(c, task, HOW_MAPPING, (u64)f, (u64)BPF_CORE_READ(vma, vm_mm),
			      BPF_CORE_READ(vma, vm_start));
	return 0;
}

static __always_inline void find_directories(struct control *c, struct task_struct *task,
					     struct fs_struct *fs)
{
	u64 subject = c->match == MATCH_MOUNT ? c->mount : c->inode;

	if (path_matches(c, (u64)BPF_CORE_READ(fs, pwd.mnt), BPF_CORE_READ(fs, pwd.dentry)))
		append_holder(c, task, HOW_CWD, subject, (u64)fs, 0);
	if (path_matches(c, (u64)BPF_CORE_READ(fs, root.mnt), BPF_CORE_READ(fs, root.dentry)))
		append_holder(c, task, HOW_ROOT, subject, (u64)fs, 0);
}

static __always_inline void find_namespace(struct control *c, struct task_struct *task,
					   struct nsproxy *proxy)
{
	struct net *net = BPF_CORE_READ(proxy, net_ns);

	if (c->match != MATCH_NETNS || !net || BPF_CORE_READ(net, ns.inum) != c->number)
		return;
	c->net = (u64)net;
	append_holder(c, task, HOW_NAMESPACE, (u64)net, (u64)proxy, 0);
}

/* What threads share with their leader is told of the leader alone, while it has it. */
SEC("iter/task")
int find_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct control *c = get_control();
	struct task_struct *leader;
	struct nsproxy *proxy;
	struct fs_struct *fs;
	struct mm_struct *mm;
	struct file *exe;
	u32 leads;

	if (!task || !c)
		return 0;
	leader = BPF_CORE_READ(task, group_leader);
	leads = task->pid == task->tgid;
	mm = BPF_CORE_READ(task, mm);
	if (mm && (leads || mm != BPF_CORE_READ(leader, mm))) {
		exe = BPF_CORE_READ(mm, exe_file);
		if (exe && meet(c, (u64)exe))
			append_holder(c, task, HOW_EXECUTABLE, (u64)exe, (u64)mm, 0);
		meet_below(c, (u64)exe);
	}
	fs = BPF_CORE_READ(task, fs);
	if (fs && (leads || fs != BPF_CORE_READ(leader, fs)))
		find_directories(c, task, fs);
	proxy = BPF_CORE_READ(task, nsproxy);
	if (proxy && (leads || proxy != BPF_CORE_READ(leader, nsproxy)))
		find_namespace(c, task, proxy);
	return 0;
}

/* ---- what user space already knows of ---- */

static long examine_step(u32 i, struct control **context)
{
	struct work_record *r = bpf_map_lookup_elem(&work, &i);

	if (r && r->object) {
		meet(*context, r->object);
		meet_below(*context, r->object);
	}
	return 0;
}

/* The files that rings, queues and requests have. */
SEC("syscall")
int examine_files(void *ctx)
{
	struct control *c = get_control();

	if (c)
		bpf_loop(c->work, examine_step, &c, 0);
	return 0;
}

static __noinline int meet_socket(struct control *c, u64 sk)
{
	struct found_record *r;
	struct socket *socket;
	u64 number = 0;

	if (!c || !sk)
		return 0;
	socket = BPF_CORE_READ((struct sock *)sk, sk_socket);
	if (socket)
		number = BPF_CORE_READ(socket, file, f_inode, i_ino);
	if (bound_here(c, sk))
		append_holder(c, NULL, HOW_BOUND, c->match == MATCH_MOUNT ? c->mount : c->inode,
			      sk, number);
	if (socket || !socket_matches(c, (struct sock *)sk))
		return 0;
	r = append_found(c);
	if (r) {
		r->object = sk;
		r->kind = KIND_UNIX;
		describe_socket(r, (struct sock *)sk);
	}
	return 0;
}

static long examine_socket_step(u32 i, struct control **context)
{
	struct work_record *r = bpf_map_lookup_elem(&work, &i);

	if (r && r->object)
		meet_socket(*context, r->object);
	return 0;
}

/* AF_UNIX sockets: where they are bound, and those that have no file. */
SEC("syscall")
int examine_sockets(void *ctx)
{
	struct control *c = get_control();

	if (c)
		bpf_loop(c->work, examine_socket_step, &c, 0);
	return 0;
}

/* ---- counts ---- */

static long count_step(u32 i, struct control **context)
{
	struct work_record *r = bpf_map_lookup_elem(&work, &i);

	if (r && r->object)
		r->answer = file_count((struct file *)r->object);
	return 0;
}

SEC("syscall")
int count_files(void *ctx)
{
	struct control *c = get_control();

	if (c)
		bpf_loop(c->work, count_step, &c, 0);
	return 0;
}

struct cpu_walk {
	u64 base;	/* of of_processor */
	u64 counts;	/* of the mount */
	s64 sum;
};

static long cpu_step(u32 i, struct cpu_walk *w)
{
	u64 *mine, address = 0;
	u32 zero = 0;
	s32 count = 0;

	mine = bpf_map_lookup_percpu_elem(&of_processor, &zero, i);
	if (!mine)
		return 1;
	/* By way of memory: no arithmetic is allowed on the pointer itself. */
	bpf_probe_read_kernel(&address, sizeof(address), &mine);
	bpf_probe_read_kernel(&count, sizeof(count),
			      (void *)(w->counts + (address - w->base) +
				       bpf_core_field_offset(struct mnt_pcp, mnt_count)));
	w->sum += count;
	return 0;
}

struct child_walk {
	struct control *c;
	u64 head;
	u64 entry;
};

static long child_step(u32 i, struct child_walk *w)
{
	struct mount *child;

	if (!w->entry || w->entry == w->head)
		return 1;
	child = (void *)(w->entry - bpf_core_field_offset(struct mount, mnt_child));
	append_holder(w->c, NULL, HOW_CHILD, w->c->mount, (u64)child,
		      (u32)BPF_CORE_READ(child, mnt_id));
	w->entry = (u64)BPF_CORE_READ(child, mnt_child.next);
	return 0;
}

/* The count of a mount is the sum of one of each processor (mnt_get_count). */
SEC("syscall")
int count_mount(void *ctx)
{
	struct control *c = get_control();
	void *map = &of_processor;
	struct bpf_array *array;
	struct child_walk children = { .c = c };
	struct cpu_walk w = {};
	struct mount *m;
	u64 address;

	if (!c || !c->mount)
		return 0;
	w.sum = ZERO(c);
	m = (void *)mount_of(c->mount);
	c->mount_id = BPF_CORE_READ(m, mnt_id);
	c->attached = !!BPF_CORE_READ(m, mnt_ns);
	w.counts = (u64)BPF_CORE_READ(m, mnt_pcp);
	bpf_probe_read_kernel(&array, sizeof(array), &map); /* as above */
	bpf_probe_read_kernel(&w.base, sizeof(w.base),
			      (void *)((u64)array + bpf_core_field_offset(struct bpf_array, pptrs)));
	bpf_loop(MAX_CPUS, cpu_step, &w, 0);
	c->count = w.sum;
	c->counted = w.counts && w.base;
	c->children_count = !bpf_core_field_exists(struct mount___flags, mnt_t_flags);
	address = (u64)m + bpf_core_field_offset(struct mount, mnt_mounts);
	children.head = address;
	children.entry = (u64)BPF_CORE_READ(m, mnt_mounts.next);
	bpf_loop(MAX_MOUNTS, child_step, &children, 0);
	return 0;
}

static __always_inline u32 has_file(struct ns_common *ns)
{
	struct ns_common___pointer *now = (void *)ns;
	struct ns_common___atomic *before = (void *)ns;

	if (bpf_core_field_exists(now->stashed))
		return !!BPF_CORE_READ(now, stashed);
	return !!BPF_CORE_READ(before, stashed.counter);
}

SEC("syscall")
int count_namespace(void *ctx)
{
	struct control *c = get_control();
	struct ns_common___count *before;
	struct ns_common___ref *now;
	struct net *net;

	if (!c || !c->net)
		return 0;
	net = (void *)c->net;
	now = (void *)&net->ns;
	before = (void *)&net->ns;
	c->counted = 1;
	if (bpf_core_field_exists(now->__ns_ref))
		c->count = BPF_CORE_READ(now, __ns_ref.refs.counter);
	else if (bpf_core_field_exists(before->count))
		c->count = BPF_CORE_READ(before, count.refs.counter);
	else
		c->counted = 0;
	c->stashed = has_file(&net->ns);
	return 0;
}

/* ---- descriptors of the asking thread ---- */

static __always_inline struct file *own_file(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots = BPF_CORE_READ(table, fd);
	struct file *f = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&f, sizeof(f), slots + fd);
	return f;
}

/* Where a descriptor of the asking process leads. */
SEC("syscall")
int read_descriptor(void *ctx)
{
	struct control *c = get_control();
	struct dentry *dentry;
	struct inode *inode;
	struct file *f;

	if (!c)
		return 0;
	f = own_file(c->fd);
	if (!f)
		return 0;
	inode = BPF_CORE_READ(f, f_inode);
	dentry = BPF_CORE_READ(f, f_path.dentry);
	c->file = (u64)f;
	c->inode = (u64)inode;
	c->dentry = (u64)dentry;
	c->parent = (u64)BPF_CORE_READ(dentry, d_parent);
	c->mount = (u64)BPF_CORE_READ(f, f_path.mnt);
	c->is_root = dentry == BPF_CORE_READ(f, f_path.mnt, mnt_root);
	c->device = BPF_CORE_READ(inode, i_sb, s_dev);
	c->inode_number = BPF_CORE_READ(inode, i_ino);
	c->mode = BPF_CORE_READ(inode, i_mode);
	return 0;
}

/* The file that the loop device behind a descriptor of the asking process is backed by. */
SEC("syscall")
int find_backing_file(void *ctx)
{
	struct control *c = get_control();
	struct bdev_inode *device;
	struct loop_device *loop;
	struct file *f, *backing;
	u64 inode;

	if (!c || !bpf_core_field_exists(struct loop_device, lo_backing_file))
		return 0; /* no loop driver, so no loop device */
	f = own_file(c->fd);
	if (!f)
		return 0;
	inode = (u64)BPF_CORE_READ(f, f_mapping, host);
	device = (void *)(inode - bpf_core_field_offset(struct bdev_inode, vfs_inode));
	loop = BPF_CORE_READ(device, bdev.bd_disk, private_data);
	backing = BPF_CORE_READ(loop, lo_backing_file);
	if (backing && meet(c, (u64)backing))
		append_holder(c, NULL, HOW_LOOP, (u64)backing, (u64)loop,
			      BPF_CORE_READ(loop, lo_number));
	return 0;
}
