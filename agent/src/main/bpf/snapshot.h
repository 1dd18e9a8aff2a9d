/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the snapshot programs tell user space: one array of fixed-size records a topic, and one
 * control record. The Java side (SnapshotTable) repeats the offsets; both sizes are compared when
 * the object is loaded.
 *
 * Addresses are keys to join records by. They never leave the process that reads these maps.
 */
#ifndef RINGWATCH_SNAPSHOT_H
#define RINGWATCH_SNAPSHOT_H

enum table {
	PROCESSES,
	DESCRIPTORS,
	TASK_LINKS,
	SOCKETS,
	RINGS,
	SLOTS,
	REQUESTS,
	EDGES,
	FILES,
	VERTICES,
	NAMES,
	TABLES
};

struct process_record {
	u64 start_time;
	u32 tgid;
	u32 uid;
	char comm[16];
	u64 user_inflight; /* descriptors in flight that this user sent */
	u64 descriptor_limit; /* what the process's sends compare it with */
	u64 user_locked; /* pages that this user has locked through rings and their like */
	u64 locked_limit; /* what it is compared with, in bytes */
	u32 netns;
	u32 exempt; /* enum exemption */
};

/* Limits that a process's capabilities lift. */
enum exemption {
	EXEMPT_IN_FLIGHT = 1,
	EXEMPT_LOCKED = 2,
};

struct descriptor_record {
	u64 file;
	u32 tgid;
	u32 fd;
};

enum task_link { LINK_MAPPING, LINK_REGISTRATION, LINK_USE, LINK_NETNS, LINK_WORKER };

/*
 * How a task has to do with a ring, other than by a descriptor; or that it is in another network
 * namespace than its process's first task.
 */
struct task_link_record {
	u64 ring;
	u64 file; /* 0 for LINK_USE, which holds no reference, LINK_NETNS and LINK_WORKER */
	u32 tgid;
	u32 tid;
	u32 link;
	u32 number; /* LINK_REGISTRATION: index in the task's table; LINK_NETNS: its number */
};

enum socket_flag {
	SOCKET_IN_FLIGHT = 1,	/* the collector knows it */
	SOCKET_PEER_GONE = 2,	/* was connected, the other end is closed */
};

struct socket_record {
	u64 sk;
	u64 file; /* 0 for an embryo */
	u64 peer;
	u64 listener; /* an embryo's */
	u64 inode;
	u64 file_count;
	u64 address; /* of its name: those of one listener share it */
	u32 netns;
	u32 queue_length;
	u32 queued_fds;
	u16 type;
	u8 state;
	u8 flags;
};

/* Listed with ring, file and its count alone; walk_rings appends another, whole one. */
struct ring_record {
	u64 ring;
	u64 file;
	u64 file_count;
	u64 buffer_bytes;
	u32 submitter;
	u32 file_slots;
	u32 buffers;
	u32 requests_allocated; /* ~0: this kernel does not count them */
	u32 requests_free;
	u32 cq_overflow;
	u32 whole;
	u32 submissions; /* how many entries it took in, modulo 2^32 */
	u32 entries;
	u32 cq_entries;
};

struct slot_record {
	u64 ring;
	u64 file;
	u64 node; /* 0 where slots are plain words */
	u32 slot;
	u32 node_refs;
};

struct request_record {
	u64 ring;
	u64 file;
	u64 node; /* the counted node of a registered file, if that is what it uses */
	u32 opcode;
	u32 registered; /* uses a slot's file: owns no reference of its own */
	u64 request;
	u64 user_data;
};

struct edge_record {
	u64 sk; /* whose queue */
	u64 file;
	u64 skb;
	u64 sender; /* a socket, which may be closed */
	u32 packet;
	u32 index;
};

struct file_record {
	u64 file;
	u64 object; /* the socket or the ring */
	u64 inode;
	u64 count;
	u32 device;
	u32 links;
	u32 kind;
	u32 state; /* of a socket */
	char name[48];
};

/* One socket or ring that user space wants walked. */
struct work_record {
	u64 object;
	u64 file;	/* a ring's, where known */
	u32 listening;	/* a socket's: its queue holds connections */
	u32 still;	/* answer: it stood still while it was read */
	u32 first_edge; /* answer: the edges of this queue, in EDGES */
	u32 end_edge;
};

/*
 * What the collector keeps of a socket in flight, once for every time it was read. A collector
 * without components keeps the count alone; the two others are then ~0.
 */
struct vertex_record {
	u64 sk;
	u64 references; /* how often the socket is in flight */
	u64 mark;	/* 0 or 1: the collector's walk has left it; more: the walk is at it */
	u64 component;	/* its index, which the collector compares */
};

/* What a socket is bound to. */
struct name_record {
	u64 address;
	u32 length; /* of path */
	char path[108]; /* an abstract one begins with 0 */
};

enum bound {
	BOUND_TASK_RINGS = 1,	/* rings that one task has used */
	BOUND_QUEUE = 2,	/* packets in a queue */
	BOUND_REQUESTS = 4,	/* a ring's table of requests */
	BOUND_TABLE = 8,	/* slots of a ring's table */
	BOUND_OVERFLOW = 16,	/* completions that overflowed */
	BOUND_FREE_REQUESTS = 32, /* requests that a ring keeps for later */
};

struct control {
	u32 cursor[TABLES];
	u32 dropped[TABLES];
	/* walk_queues, walk_rings: how many records of work there are */
	u32 work;
	/* walk_vertices */
	u64 anchor; /* a socket in flight */
	u32 vertices;
	u32 closed;
	u32 truncated; /* which bounds a walk met: enum bound */
	u32 features;
	u32 zero; /* never written: see ZERO */
	u32 pad;
};

enum feature {
	FEATURE_RING_RELEASE = 1,	/* the address of io_uring_release is known */
	FEATURE_SOCK_CLOSE = 2,		/* the address of sock_close is known */
	FEATURE_PACKET = 4,		/* the address of a packet destructor is known */
	FEATURE_VERTEX = 8,		/* the collector finds components */
	FEATURE_NODES = 16,		/* tables of counted nodes */
	FEATURE_REQUESTS = 32,		/* requests are counted */
	FEATURE_INDICES = 64,		/* the indices of components can be read */
};

#endif
