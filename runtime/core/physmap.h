/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which machine frame is behind each pfn, and getting more of them: a domain begins with its
 * "memory", and Xen lets it have more up to its maximum reservation (xl mem-set; maxmem under halvm
 * run).
 */
#ifndef RUNTIME_CORE_PHYSMAP_H
#define RUNTIME_CORE_PHYSMAP_H

#include <stddef.h>

#include <xen/xen.h>

#include "core/frame.h"

void physmap_start(const start_info_t *si);

/* The machine frame of PFN, which the domain has. */
mfn_t physmap_frame(pfn_t pfn);

/* How many frames the domain has, and how many more Xen lets it have at most. */
size_t physmap_count(void);
size_t physmap_growth(void);

/*
 * Gets COUNT frames more, or as many as Xen gives, and gives them to frame.h. Needs some free
 * frames to begin with: to be called before they run out.
 */
void physmap_grow(size_t count);

#endif
