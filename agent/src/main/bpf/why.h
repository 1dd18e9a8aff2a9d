/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of why.bpf.c tell user space, and what they are asked. The Java side (WhyTable,
 * BpfWhy) repeats the offsets; sizes are compared when the object is loaded.
 *
 * Addresses are keys to join records by. They never leave the process that reads these maps.
 */
#ifndef RINGWATCH_WHY_H
#define RINGWATCH_WHY_H

enum table { FOUND, HOLDERS, TABLES };

/* Which files, sockets and tasks are looked for. */
enum match {
	MATCH_FILE,	/* one open file, by address */
	MATCH_INODE,	/* every open file of an inode, by address; and names that are gone */
	MATCH_NUMBER,	/* every open file with an inode of that number */
	MATCH_MOUNT,	/* every open file reached through a mount, by address */
	MATCH_NETNS,	/* a network namespace, by number */
	MATCH_PORT,	/* every internet socket with that local port */
};

/* An open file, or a socket that has none; once for every time it was met. */
struct found_record {
	u64 file;	/* 0: a socket without one */
	u64 object;	/* the socket or the ring */
	u64 inode;
	u64 size;
	u64 blocks;	/* of 512 bytes */
	u32 device;
	u32 links;
	u32 kind;
	u32 mode;
	u32 mount_id;
	u32 netns;
	u32 backlog;	/* connections of a listener that wait to be accepted */
	u16 family;
	u16 protocol;
	u16 port;
	u16 peer_port;	/* as it is sent */
	u8 state;
	u8 refcounted;	/* this socket keeps its network namespace */
	u8 unhashed;	/* its name was removed */
	u8 same;	/* 0: met by its removed name alone */
	char name[256];
};

enum how {
	HOW_DESCRIPTOR,	/* owner: the table of descriptors */
	HOW_MAPPING,	/* owner: the address space, number: where */
	HOW_EXECUTABLE,	/* owner: the address space */
	HOW_CWD,	/* owner: the fs_struct */
	HOW_ROOT,
	HOW_NAMESPACE,	/* owner: the nsproxy */
	HOW_BOUND,	/* owner: the socket, number: its inode or 0 */
	HOW_CHILD,	/* owner: the mount, number: its id */
	HOW_LOOP,	/* number: of the device */
	HOW_BELOW,	/* owner: the file of overlayfs above */
};

struct holder_record {
	u64 subject;	/* the file, or what is looked for */
	u64 owner;	/* a reference shared by several tasks has one owner */
	u64 number;
	u32 tgid;
	u32 tid;
	u32 how;
	u32 pad;
};

/* One file or socket that user space wants looked at. */
struct work_record {
	u64 object;
	u64 answer;
};

struct control {
	u32 cursor[TABLES];
	u32 dropped[TABLES];
	/* what is looked for */
	u32 match;
	u32 port;
	u64 file;
	u64 inode;
	u64 parent;	/* of names that are gone; 0: of none */
	u64 mount;
	u64 net;	/* answer, when the namespace was met */
	u64 number;	/* of an inode or a network namespace */
	/* read_descriptor, find_file */
	u32 tgid;
	u32 fd;
	/* what read_descriptor answers, beside file, inode, parent and mount */
	u32 device;
	u32 mode;
	u64 inode_number;
	u64 dentry;
	u32 is_root;	/* it is the root of its mount */
	/* count_mount, count_namespace */
	u32 counted;
	s64 count;
	u32 attached;	/* the mount is in a namespace */
	u32 mount_id;
	u32 stashed;	/* the namespace has a file */
	/* examine and others: how many records of work there are */
	u32 work;
	u32 zero;	/* never written: see ZERO */
	u32 children_count;	/* mounts on the mount refer to it */
};

#endif
