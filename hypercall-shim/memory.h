/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of memory_op share: memory.c, memory_exchange.c, memory_map.c, physmap.c.
 */
#ifndef HYPERCALL_SHIM_MEMORY_H
#define HYPERCALL_SHIM_MEMORY_H

#include "page_alloc.h"
#include "page_table.h"

#include <xen/memory.h>

/* public/memory.h does not name it: common/memory.c, six bits for the operation. */
#define EXTENT_SHIFT 6

/* The first extent to look at, where an interrupted operation goes on. */
static inline unsigned long start_extent(const unsigned long *a) { return a[0] >> EXTENT_SHIFT; }

/* The largest order of an extent that D may ask for (Xen's option memop-max-order). */
unsigned int memory_max_order(const struct domain *d);

/* Whether V's domain may ask for what FLAGS (XENMEMF_*) say of nodes; this machine has node 0. */
bool memory_node_ok(const struct vcpu *v, unsigned int flags);
/* ... and whether there is such memory. */
bool memory_node_exists(const struct vcpu *v, unsigned int flags);

#endif
