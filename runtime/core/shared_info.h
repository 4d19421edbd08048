/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The page that Xen shares with the domain (shared_info_t, <xen/xen.h>). Xen writes most of it
 * while the guest runs, so every access goes through a volatile or atomic load.
 */
#ifndef RUNTIME_CORE_SHARED_INFO_H
#define RUNTIME_CORE_SHARED_INFO_H

#include <stdint.h>

#include <xen/xen.h>

/* Valid after memory_start(). */
shared_info_t *shared_info(void);

/* The guest runs on one vCPU; this is its part of the page. */
static inline vcpu_info_t *shared_vcpu_info(void) { return &shared_info()->vcpu_info[0]; }

#endif
