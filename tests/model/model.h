/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What must hold of a machine between two hypercalls, whatever its guests did: one file for each
 * invariant. A checker reads the hypervisor's own state and changes nothing. It returns NULL, or
 * says what is wrong (in a buffer that the next complaint overwrites).
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include "internal.h"

/* All of them, the cheapest first. */
const char *model_check(struct hypervisor *hv);

/*
 * The machine as the checkers look at it. Most frames are plain: unused members of their extent,
 * about which page_info says nothing. The others are noted, once for all checkers, in ascending
 * order, with what takes long to find out: the owner (page_owner).
 */
struct model {
    struct hypervisor *hv;
    uint64_t frames; /* from here on none was ever handed out: all are plain */
    const uint32_t *noted;
    uint32_t noted_count;
    struct domain **owner; /* of those that are noted */
};

/* References and type references are what tables, pins, roots and registered areas hold. */
const char *model_frames(const struct model *m);
/* An entry that is set may be set; each hooked table knows where it is hooked. */
const char *model_page_tables(const struct model *m);
/* Each frame is the hypervisor's, free, or one domain's; the numbers add up. */
const char *model_memory(const struct model *m);
/* Both ends of a channel say the same; VIRQs and ports name each other. */
const char *model_ports(const struct model *m);
/* Pins are what handles hold; nobody maps of others what no grant lets it. */
const char *model_grants(const struct model *m);
/* Who can run is in the run queue; the timers are a heap of what living domains armed. */
const char *model_scheduler(const struct model *m);

/*
 * What the process shows of living domains is what their tables say. For the end of a run: it reads
 * what Linux says of the process's mappings.
 */
const char *model_mirror(struct hypervisor *hv);

/* The same with no domain left: nothing is referenced, owned, armed or queued. */
const char *model_nothing_left(struct hypervisor *hv);

/* ---- for the checkers ---- */

/* Formats a complaint and returns it. */
const char *model_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often something that the checkers count by frame was seen. */
struct model_counts {
    uint32_t *general, *typed;
};
/* Zeroed counts for all frames of M, good until the next call. */
struct model_counts model_frame_counts(const struct model *m);

/* Whether MFN is in use as a page table now. */
static inline bool model_is_table(const struct page_info *p)
{
    return p->owner != OWNER_FREE && p->type_count && p->type >= PAGE_L1 && p->type <= PAGE_L4;
}

/* L4 slots 256 to 271 are Xen's own: what a guest leaves in them means nothing. */
static inline bool model_xen_slot(unsigned int level, unsigned int slot)
{
    return level == 4 && slot >= 256 && slot < 272;
}

#endif
