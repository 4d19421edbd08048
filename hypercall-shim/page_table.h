/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files about frames and page tables share: mmu.c, mmuext.c, page_table.c, mirror.c,
 * page.c, page_alloc.c, memory.c and their like.
 */
#ifndef HYPERCALL_SHIM_PAGE_TABLE_H
#define HYPERCALL_SHIM_PAGE_TABLE_H

#include "internal.h"

/* Slots 256 to 271 of an L4 table are Xen's own (public/arch-x86/xen-x86_64.h). */
#define L4_XEN_FIRST 256U
#define L4_XEN_LAST  271U

/*
 * Bits that Xen sets in the entries of a 64-bit guest (arch/x86/pv/mm.h, adjust_guest_l1e): its
 * kernel and its user space both run in ring 3, so what is the kernel's is told by a bit for
 * software, and all else is global.
 */
#define PTE_GUEST_KERNEL (1UL << 52)

/* A frame number that Xen takes for "no frame", all ones. */
#define PTE_INVALID_FRAME 0xffffffffffUL

/*
 * DOMID_IO and DOMID_XEN as owners of frames: Xen's dom_io and dom_xen. They own I/O memory, of
 * which this machine has none, and the frames of the machine-to-physical table.
 */
extern struct domain domain_io, domain_xen;

/* Xen's get_pg_owner: whose frames DOMID means, NULL if nobody's. */
struct domain *frame_owner_find(struct vcpu *v, domid_t domid);

/* Who owns MFN, domain_xen included; NULL if nobody. */
struct domain *page_real_owner(struct hypervisor *hv, uint64_t mfn);

static inline bool page_is_table(const struct page_info *page)
{
    return page->type_count && page->type >= PAGE_L1 && page->type <= PAGE_L4;
}

/* Reads the mask of vCPUs at VA as far as D has any. 0 or -EFAULT. */
int vcpu_mask_read(struct vcpu *v, uint64_t va);

/* mmu.c, mmuext.c: the number of done requests, which a continued call (COUNT) adds up. */
unsigned int requests_done_before(struct vcpu *v, unsigned int *count, uint64_t pdone);
void requests_report(struct vcpu *v, uint64_t pdone, unsigned int done);

/* The root that the mirror shows is a root no more. */
void mirror_forget(struct domain *d, uint64_t root);

/* The process may write to the page at VA, whatever V's tables say; or not any more. */
bool mirror_protect(struct vcpu *v, uint64_t va, bool write);

#endif
