/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The one way for handlers to guest memory: a guest's address goes through the guest's own page
 * tables. So a wild pointer is -EFAULT, also where the host has memory. What they lead to is
 * read and written where the guest has it if the process shows it there: the direct map would
 * cost a page fault for each page that is used for the first time.
 */
#include "internal.h"
#include "instrument.h"

/* Whether the process shows V's page at VA, writable or not as V's page tables say. */
static bool is_shown(const struct vcpu *v, uint64_t va)
{
    const struct domain *d = v->domain;
    const struct mirror_run *pending = &d->hv->run;

    if (va < PAGE_SIZE) /* its address is NULL, which means something else here */
        return false;
    if (instrument_watches_memory() || v->cr3 != d->mirror_base)
        return false;
    if (va - pending->va < pending->pages << PAGE_SHIFT)
        return false;
    return address_is_shown(d, va);
}

static uint8_t *translate(struct vcpu *v, uint64_t va, bool write)
{
    struct hypervisor *hv = v->domain->hv;
    struct tlb_entry *t = &v->tlb[va >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
    uint64_t mfn = v->cr3, rights = PTE_RW;

    /* Not canonical. Xen's own range is refused by its L4 slots, which are never present. */
    if (!is_canonical(va))
        return NULL;
    for (unsigned int level = 4; level >= 1; level--) {
        const uint64_t *table = page_map_read(hv, mfn);
        uint64_t entry = table[va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1)];

        if (!(entry & PTE_PRESENT) || (level == 4 && (va >> 39 & 511) - 256 < 16))
            return NULL;
        rights &= entry;
        mfn = PTE_FRAME(entry);
    }
    if (write && !(rights & PTE_RW))
        return NULL;
    if (is_shown(v, va) && (!(hv->page_table[mfn].flags & PAGE_LAZY) || page_in_place(hv, mfn))) {
        t->host = (uint8_t *)(uintptr_t)(va & PAGE_MASK);
    } else if (rights & PTE_RW) {
        t->host = page_map(hv, mfn);
    } else {
        const void *page = page_map_read(hv, mfn);

        memcpy(&t->host, &page, sizeof(page)); /* read only: T says so */
    }
    t->page = (va >> PAGE_SHIFT) | 1UL << 63;
    t->writable = rights & PTE_RW;
    return t->host + (va & ~PAGE_MASK);
}

uint8_t *guest_pointer_slow(struct vcpu *v, uint64_t va, bool write)
{
    if (v->tlb_generation != v->domain->hv->translation_generation) {
        memset(v->tlb, 0, sizeof(v->tlb));
        v->tlb_generation = v->domain->hv->translation_generation;
    }
    return translate(v, va, write);
}

int copy_from_guest(struct vcpu *v, void *to, uint64_t from, size_t len)
{
    uint8_t *out = to;

    while (len) {
        size_t part = PAGE_SIZE - (from & ~PAGE_MASK);
        const uint8_t *in = guest_pointer(v, from, false);

        if (!in)
            return -EFAULT;
        if (part > len)
            part = len;
        memcpy(out, in, part);
        out += part;
        from += part;
        len -= part;
    }
    return 0;
}

int hypervisor_read_guest(void *to, uint64_t from, size_t len)
{
    struct vcpu *v = current;

    if (!v)
        return -EFAULT;
    /* The structs of most calls, without a call of memcpy. */
    if (len == 4)
        return copy_few_from_guest(v, to, from, 4);
    if (len == 24)
        return copy_few_from_guest(v, to, from, 24);
    return copy_from_guest(v, to, from, len);
}

const void *hypervisor_see_guest(uint64_t from, size_t len)
{
    struct vcpu *v = current;

    if (!v || (from & ~PAGE_MASK) + len > PAGE_SIZE)
        return NULL;
    return guest_pointer(v, from, false);
}

int copy_to_guest(struct vcpu *v, uint64_t to, const void *from, size_t len)
{
    const uint8_t *in = from;

    while (len) {
        size_t part = PAGE_SIZE - (to & ~PAGE_MASK);
        uint8_t *out = guest_pointer(v, to, true);

        if (!out)
            return -EFAULT;
        if (part > len)
            part = len;
        memcpy(out, in, part);
        instrument_wrote(to, part);
        in += part;
        to += part;
        len -= part;
    }
    return 0;
}
