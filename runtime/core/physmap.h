/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which machine frame is behind each pfn, getting more of them, and giving them back: a domain
 * begins with its "memory", and Xen lets it have more up to its maximum reservation (xl mem-set;
 * maxmem under halvm run). The tools may ask it to have less (target.h).
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

/*
 * The domain shall have FRAMES at most, and may have so many if Xen says the same. What is free is
 * given back now, but for some that a program needs to go on; what becomes free later, then. What
 * the domain was built with is no order, until there was another.
 */
void physmap_set_target(size_t frames);

/* Gives back what is above the target and free. After frames have become free. */
void physmap_settle(void);

/* CHANGED is called when the domain can have more or less than before. */
void physmap_on_change(void (*changed)(void));

#endif
