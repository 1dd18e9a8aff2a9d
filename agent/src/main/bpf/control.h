/* SPDX-License-Identifier: GPL-2.0 */
/* The control record of an object: what belongs to none of its tables. User space maps it. */
#ifndef RINGWATCH_CONTROL_H
#define RINGWATCH_CONTROL_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>

#define CONTROL(record)                                         \
	struct {                                                \
		__uint(type, BPF_MAP_TYPE_ARRAY);               \
		__uint(map_flags, BPF_F_MMAPABLE);              \
		__uint(max_entries, 1);                         \
		__type(key, u32);                               \
		__type(value, struct record);                   \
	} control SEC(".maps");                                 \
								\
	static __always_inline struct record *get_control(void) \
	{                                                       \
		u32 zero = 0;                                   \
								\
		return bpf_map_lookup_elem(&control, &zero);    \
	}

#endif
