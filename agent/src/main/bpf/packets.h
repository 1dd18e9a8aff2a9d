/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet of an AF_UNIX socket carries. */
#ifndef RINGWATCH_PACKETS_H
#define RINGWATCH_PACKETS_H

#include "files.h"

#define SCM_MAX_FD 253

/* As in files.h. */
extern const void unix_destruct_scm __ksym __weak;
extern const void unix_wfree __ksym __weak;

/* Only a packet with such a destructor has a unix_skb_parms as its control block. */
static __always_inline int frees_files(u64 destructor)
{
	return destructor && (destructor == ADDRESS(unix_destruct_scm) ||
			      destructor == ADDRESS(unix_wfree));
}

#endif
