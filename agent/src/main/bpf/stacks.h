/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of stacks.bpf.c tell user space: who made the last call that put a file into a
 * ring's table or into a queue, and each stack once. The Java side (StackProbes) repeats the
 * offsets; sizes are compared when the object is loaded.
 *
 * Addresses of the kernel are keys to join by, those of the process are looked up in its mappings;
 * neither leaves the agent.
 */
#ifndef RINGWATCH_STACKS_H
#define RINGWATCH_STACKS_H

#define MAX_FRAMES 64

/* What a call did to a ring. */
enum family { FAMILY_FILES = 1, FAMILY_UPDATE = 2, FAMILY_BUFFERS = 3 };

struct call_key {
	u64 object; /* a ring; or the first file of a message */
	u64 detail; /* enum family; or the socket that receives it, 0 if that is not known */
};

struct call_record {
	u64 stack; /* its id; 0: none could be read */
	u64 time; /* CLOCK_MONOTONIC */
	u32 tgid;
	u32 tid;
	char comm[16];
};

struct stack_record {
	u64 id;
	u64 start; /* of the process, by CLOCK_BOOTTIME */
	u64 caller; /* who called the function of the first frame, if that has no frame; or 0 */
	u32 tgid;
	u32 count;
	u64 frames[MAX_FRAMES]; /* addresses of the process, innermost first */
};

struct stack_losses {
	u64 stacks; /* of which user space was not told: its buffer was full */
	u64 calls; /* that could not be kept */
};

#endif
