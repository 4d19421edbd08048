/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Handing out frames (page_alloc.c), and what the files about frames share.
 */
#ifndef HYPERCALL_SHIM_PAGE_ALLOC_H
#define HYPERCALL_SHIM_PAGE_ALLOC_H

#include "internal.h"

/* The frame of page PFN of the memory that D was made with. */
static inline uint32_t domain_mfn(const struct domain *d, uint64_t pfn)
{
    return d->p2m ? d->p2m[pfn] : d->first_mfn + (uint32_t)pfn;
}

/*
 * The frames that D has, or had, one by one are all from first_single to before end_singles: what
 * its end has to look at besides its extent.
 */
static inline void domain_has_single(struct domain *d, uint32_t mfn)
{
    if (!d->end_singles || mfn < d->first_single)
        d->first_single = mfn;
    if (mfn >= d->end_singles)
        d->end_singles = mfn + 1;
}

/* How many pages from PFN on, at most COUNT, have frames that follow each other. */
uint32_t domain_run(const struct domain *d, uint64_t pfn, uint32_t count);

/* Gives D the d->pages that it is to start with. 0 or -ENOMEM. */
int page_populate(struct domain *d);

/*
 * 2^ORDER consecutive frames at a multiple of their number, owned by D and zeroed, below LIMIT (0:
 * anywhere). Returns the first, 0 if there are none. D->pages is not changed. CLAIMED: D's claim
 * may be used.
 */
uint32_t page_allocate_order(struct domain *d, unsigned int order, uint64_t limit, bool claimed);

/* A frame that nobody has any more is free to be handed out. */
void page_free_one(struct hypervisor *hv, uint32_t mfn);

/* Frame MFN has no owner any more: zeroed and free. */
void page_free(struct hypervisor *hv, uint64_t mfn);

/* The extent that MFN is in, be it free; NULL if there is none. */
struct extent *page_find_extent(struct hypervisor *hv, uint64_t mfn);

/* page_contents.c: the frames of E have changed hands: entries that were made already say so. */
void m2p_reset(struct hypervisor *hv, const struct extent *e);

/* Changes d->pages; what D gets comes off its claim (domain_adjust_tot_pages). */
void page_adjust(struct domain *d, int64_t pages);

/* XENMEM_claim_pages. */
int page_claim(struct domain *d, uint64_t pages);

/* What D had for itself here goes. */
void page_forget_domain(struct domain *d);

/* Xen's MAX_ORDER: CONFIG_PAGEALLOC_MAX_ORDER, two levels of page tables. */
#define MAX_ORDER 18U

#endif
