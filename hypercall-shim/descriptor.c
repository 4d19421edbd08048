/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest's segment descriptors: set_gdt and update_descriptor. Pages of descriptors are of a type
 * of their own, so that a guest cannot write what Xen has checked. They are kept, not loaded:
 * a process has Linux's tables.
 */
#include "trap.h"
#include "handlers.h"

/* Bits of a descriptor (processor manual). */
#define CODE_OR_DATA (1UL << 44)
#define PRESENT      (1UL << 47)
#define DPL_SHIFT    45
#define TYPE(d)      ((unsigned int)((d) >> 40 & 0xf))
#define CALL_GATE    0xcU
#define GATE_COUNT   (0xffUL << 32) /* reserved in a gate of 64 bits */

/* Xen's guest_gate_selector_okay: not one of Xen's own. */
static bool gate_target_ok(uint16_t selector)
{
    return selector >> 3 < FIRST_RESERVED_GDT_ENTRY || selector == FLAT_KERNEL_CS || selector & 4;
}

bool descriptor_check(uint64_t *descriptor)
{
    uint64_t d = *descriptor;
    uint16_t target = (uint16_t)(d >> 16);

    if (!(d & PRESENT))
        return true;
    /* All code and data goes, in ring 3. */
    if (d & CODE_OR_DATA) {
        *descriptor = d | 3UL << DPL_SHIFT;
        return true;
    }
    if (TYPE(d) == 0)
        return true; /* the second half of a gate */
    if (TYPE(d) != CALL_GATE || !gate_target_ok(target))
        return false;
    if (d & GATE_COUNT)
        return false;
    /* Every use is to fault: ring 0; its own ring, 3 like all, is kept in the selector. */
    target = (uint16_t)(target | 3);
    *descriptor = (d & ~(3UL << DPL_SHIFT) & ~(0xffffUL << 16)) | (uint64_t)target << 16;
    return true;
}

int descriptor_page_validate(struct hypervisor *hv, uint64_t mfn)
{
    uint64_t *descriptors = page_map(hv, mfn);

    for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*descriptors); i++) {
        if (!descriptor_check(&descriptors[i]))
            return -EINVAL;
    }
    return 0;
}

static void put_pages(struct domain *d, const uint64_t *frames, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        page_put_both(d, frames[i]);
}

static unsigned int pages_of(unsigned int entries) { return (entries + 511) / 512; }

void descriptor_release_gdt(struct vcpu *v)
{
    put_pages(v->domain, v->gdt_frames, pages_of(v->gdt_entries));
    v->gdt_entries = 0;
}

int descriptor_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries)
{
    unsigned int count = pages_of(entries);

    for (unsigned int i = 0; i < count; i++) {
        if (page_get_both(v->domain, frames[i], PAGE_DESCRIPTOR)) {
            put_pages(v->domain, frames, i);
            return -EINVAL;
        }
    }
    descriptor_release_gdt(v);
    memcpy(v->gdt_frames, frames, count * sizeof(frames[0]));
    v->gdt_entries = entries;
    return 0;
}

long set_gdt_op(struct vcpu *v, const unsigned long *a)
{
    uint64_t frames[FIRST_RESERVED_GDT_PAGE];
    unsigned int entries = (unsigned int)a[1];

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (copy_from_guest(v, frames, a[0], pages_of(entries) * sizeof(frames[0])))
        return -EFAULT;
    return descriptor_set_gdt(v, frames, entries);
}

long update_descriptor_op(struct vcpu *v, const unsigned long *a)
{
    struct domain *d = v->domain;
    uint64_t mfn = a[0] >> PAGE_SHIFT, descriptor = a[1];
    struct page_info *page;
    enum page_type type;

    if (a[0] & 7 || !descriptor_check(&descriptor))
        return -EINVAL;
    if (!page_get(d, mfn))
        return -EINVAL;
    page = page_info(d->hv, mfn);
    type = page->type == PAGE_DESCRIPTOR ? PAGE_DESCRIPTOR : PAGE_WRITABLE;
    if (page_get_type(d, mfn, type)) {
        page_put(d->hv, mfn);
        return -EINVAL;
    }
    memcpy((uint8_t *)page_map(d->hv, mfn) + (a[0] & ~PAGE_MASK), &descriptor, 8);
    page_put_both(d, mfn);
    return 0;
}
