/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel fields that the programs here read, and no others. Every access is relocated when an
 * object is loaded (CO-RE), so only names and kinds of fields matter, not their place. A struct
 * with a suffix behind three underscores is the same kernel struct with the fields that only some
 * kernels have: ask bpf_core_field_exists before reading them.
 */
#ifndef RINGWATCH_KERNEL_H
#define RINGWATCH_KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef short __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u32 __wsum;

#ifndef NULL
#define NULL ((void *)0)
#endif

#define BPF_F_MMAPABLE (1u << 10)
#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_F_USER_STACK (1u << 8)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

/* Files. */

struct qstr {
	const unsigned char *name;
};

struct hlist_bl_node {
	void *pprev; /* NULL: the name is not in the directory any more (d_unhashed) */
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
};

struct address_space {
	struct inode *host;
};

struct inode {
	u16 i_mode;
	u32 i_nlink;
	unsigned long i_ino;
	s64 i_size;
	u64 i_blocks;
	struct super_block *i_sb;
	void *i_private;
};

struct file_operations {
	void *release;
};

struct file {
	const struct file_operations *f_op;
	struct address_space *f_mapping;
	void *private_data;
	struct inode *f_inode;
	struct path f_path;
};

struct atomic_long {
	long counter;
};

/* 6.13 and later: one less than the number of references. */
struct file___ref {
	struct {
		struct atomic_long refcnt;
	} f_ref;
};

/* Before: the number of references. */
struct file___count {
	struct atomic_long f_count;
};

/* 6.5 and later: the file below one of overlayfs; user_path is that of the file above. */
struct backing_file {
	struct file file;
	struct {
		struct path user_path;
	};
};

/* 6.13 and later; before, the file below is the private data itself. */
struct ovl_file {
	struct file *realfile;
};

/* Mounts. */

struct vfsmount {
	struct dentry *mnt_root;
};

struct mnt_pcp {
	int mnt_count;
};

struct mount {
	struct vfsmount mnt;
	struct dentry *mnt_mountpoint;
	struct mnt_pcp *mnt_pcp; /* of each processor */
	struct list_head mnt_mounts;
	struct list_head mnt_child;
	void *mnt_ns;
	int mnt_id;
};

/* 6.17 and later, where mounts no longer refer to what they are mounted on. */
struct mount___flags {
	int mnt_t_flags;
};

struct bpf_array {
	void *pptrs[0]; /* of each processor */
};

/* Loop devices. */

struct gendisk {
	void *private_data;
};

struct block_device {
	struct gendisk *bd_disk;
};

struct bdev_inode {
	struct block_device bdev;
	struct inode vfs_inode;
};

struct loop_device {
	int lo_number;
	struct file *lo_backing_file;
};

/* Sockets. */

struct ns_common {
	unsigned int inum;
};

/* The dentry of its file in nsfs, while there is one: a pointer from 6.9. */
struct ns_common___pointer {
	void *stashed;
};

struct ns_common___atomic {
	struct atomic_long stashed;
};

/* 6.18 and later. */
struct ns_common___ref {
	struct {
		struct {
			int counter;
		} refs;
	} __ns_ref;
};

/* Before, from 5.11. */
struct ns_common___count {
	struct {
		struct {
			int counter;
		} refs;
	} count;
};

struct net {
	struct ns_common ns;
};

struct sock_common {
	struct {
		__be16 skc_dport;
		u16 skc_num;
	};
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_net_refcnt : 1;
	struct {
		struct net *net;
	} skc_net;
};

struct sk_buff {
	struct sk_buff *next;
	struct sock *sk;
	unsigned int len;
	void *destructor;
	char cb[48];
};

struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
	u32 qlen;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	struct socket *sk_socket;
	u32 sk_ack_backlog;
	u16 sk_type;
	u16 sk_protocol;
};

struct scm_stat {
	struct {
		int counter;
	} nr_fds;
};

struct scm_fp_list {
	short count;
	struct file *fp[253];
};

struct scm_cookie {
	struct scm_fp_list *fp;
};

struct unix_skb_parms {
	struct scm_fp_list *fp;
};

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	struct {
		struct {
			int counter;
		} refs;
	} refcnt;
	int len;
	struct sockaddr_un name[];
};

struct unix_sock {
	struct sock sk;
	struct path path; /* where it is bound */
	struct unix_address *addr;
	struct sock *peer;
	struct scm_stat scm_stat;
};

/* The collector that finds components: 6.10 and later, and the stable kernels that took it. */
struct unix_sock___scc {
	struct sock *listener;
	struct unix_vertex *vertex;
};

struct unix_vertex {
	struct list_head edges;
	struct list_head entry;
	unsigned long out_degree;
	unsigned long index;
	unsigned long scc_index;
};

struct unix_edge {
	struct unix_sock *predecessor;
	struct list_head vertex_entry;
};

/* Before: it counts how often a socket is in flight, atomically until 6.8 or without. */
struct unix_sock___atomic {
	struct atomic_long inflight;
};

struct unix_sock___plain {
	unsigned long inflight;
};

/* Tasks. */

struct user_struct {
	unsigned long unix_inflight;
	struct atomic_long locked_vm;
};

struct user_namespace {
	int level;
};

struct cred {
	struct {
		u32 val;
	} uid;
	struct {
		u64 val;
	} cap_effective;
	struct user_struct *user;
	struct user_namespace *user_ns;
};

struct nsproxy {
	struct net *net_ns;
};

struct rlimit {
	unsigned long rlim_cur;
};

struct signal_struct {
	struct rlimit rlim[16];
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct mm_struct {
	struct file *exe_file;
};

struct task_struct {
	s32 pid;
	s32 tgid;
	u64 start_time;
	u64 start_boottime;
	char comm[16];
	unsigned int flags;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	const struct cred *real_cred;
	const struct cred *cred;
	struct signal_struct *signal;
	struct io_uring_task *io_uring;
};

struct vm_area_struct {
	unsigned long vm_start;
	struct mm_struct *vm_mm;
	struct file *vm_file;
};

/* What a task had in its registers when it entered the kernel. */
struct pt_regs___x86 {
	unsigned long orig_ax;
	unsigned long si;
	unsigned long sp;
};

struct pt_regs___arm64 {
	u64 regs[31];
	s32 syscallno;
};

/* io_uring. */

struct xarray {
	void *xa_head;
};

struct xa_node {
	void *slots[64];
};

struct io_uring_task {
	struct file *registered_rings[16];
	struct xarray xa;
};

struct io_tctx_node {
	struct io_ring_ctx *ctx;
};

struct io_rsrc_node {
	int refs;
	unsigned long file_ptr;
	struct io_mapped_ubuf *buf;
};

struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
};

struct io_hash_bucket {
	struct hlist_head list;
};

struct io_hash_table {
	struct io_hash_bucket *hbs;
	unsigned int hash_bits;
};

/* 6.0 to 6.12: requests whose ring's lock is held anyway are in a table of their own. */
struct io_ring_ctx___locked {
	struct io_hash_table cancel_table_locked;
};

struct io_wq_work_node {
	struct io_wq_work_node *next;
};

struct io_submit_state {
	struct io_wq_work_node free_list;
};

struct work_struct {
	void *func;
};

struct io_ring_ctx {
	struct task_struct *submitter_task;
	unsigned int sq_entries;
	unsigned int cq_entries;
	unsigned int cached_sq_head;
	struct io_submit_state submit_state;
	struct io_hash_table cancel_table;
	struct list_head cq_overflow_list;
	unsigned int nr_req_allocated;
	struct work_struct exit_work;
};

/* 6.13 and later: a table of counted nodes. */
struct io_file_table___nodes {
	struct io_rsrc_data data;
};

struct io_ring_ctx___nodes {
	struct io_file_table___nodes file_table;
	struct io_rsrc_data buf_table;
};

/* Before: a table of words, the file's address with flags in its low bits. */
struct io_fixed_file___words {
	unsigned long file_ptr;
};

struct io_file_table___words {
	struct io_fixed_file___words *files;
};

struct io_ring_ctx___words {
	unsigned int nr_user_files;
	unsigned int nr_user_bufs;
	struct io_file_table___words file_table;
	struct io_mapped_ubuf **user_bufs;
};

struct io_mapped_ubuf {
	u64 ubuf;
};

struct io_mapped_ubuf___len {
	unsigned int len;
};

struct io_mapped_ubuf___end {
	u64 ubuf_end;
};

struct io_kiocb {
	struct file *file;
	u8 opcode;
	struct io_ring_ctx *ctx;
	struct hlist_node hash_node;
};

/* 5.19 and later. */
struct io_kiocb___cqe {
	struct {
		u64 user_data;
	} cqe;
};

/* Before. */
struct io_kiocb___user_data {
	u64 user_data;
};

/* The width of the flags differs between kernels. */
struct io_kiocb___flags64 {
	u64 flags;
};

struct io_kiocb___flags32 {
	u32 flags;
};

struct io_kiocb___node {
	struct io_rsrc_node *file_node;
};

/* What an iterator's program is called with. */

struct bpf_iter_meta {
	u64 seq_num;
};

struct bpf_iter__unix {
	struct bpf_iter_meta *meta;
	struct unix_sock *unix_sk;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file __attribute__((aligned(8)));
};

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

#pragma clang attribute pop

#endif
