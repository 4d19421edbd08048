/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is in frames: pages that are made when someone looks (struct lazy_range), and the
 * machine-to-physical table, which is made of such.
 */
#define _GNU_SOURCE
#include "page_alloc.h"
#include "instrument.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- lazy pages ---- */

static bool has_frame(const struct lazy_range *r, uint64_t mfn)
{
    return mfn >= r->start && mfn < (uint64_t)r->start + r->count;
}

static struct lazy_range *find_lazy(struct hypervisor *hv, uint64_t mfn)
{
    struct domain *d = page_owner(hv, mfn);
    struct lazy_range *r = hv->lazy;

    /* Mostly one of its owner's, however many domains there are. */
    if (d && has_frame(&d->data_lazy, mfn))
        return &d->data_lazy;
    if (d && has_frame(&d->text_lazy, mfn))
        return &d->text_lazy;
    while (!has_frame(r, mfn))
        r = r->next;
    return r;
}

/*
 * Copies the page at VA to FRAME, its alias of MFN, and maps the frame at VA. The page may be the
 * stack that this runs on, so nothing may be stored there in between: no call, no spill.
 */
static long move_page(void *va, void *frame, int fd, uint64_t mfn)
{
    register long flags __asm__("r10") = MAP_SHARED | MAP_FIXED;
    register long descriptor __asm__("r8") = fd;
    register long offset __asm__("r9") = (long)(mfn << PAGE_SHIFT);
    long result = __NR_mmap;
    void *from = va, *to = frame;
    long words = PAGE_SIZE / 8;

    __asm__ volatile("rep movsq\n\t"
                     "movq %[va], %%rdi\n\t"
                     "movl %[length], %%esi\n\t"
                     "syscall"
                     : "+&a"(result), "+&D"(to), "+&S"(from), "+&c"(words)
                     : [va] "r"(va), [length] "i"(PAGE_SIZE),
                       "d"(PROT_READ | PROT_WRITE | PROT_EXEC), "r"(flags), "r"(descriptor),
                       "r"(offset)
                     : "r11", "memory");
    return result;
}

static void make_lazy(struct hypervisor *hv, struct lazy_range *r, uint32_t index)
{
    uint64_t mfn = r->start + index;
    uint8_t *page = hv->direct_map + (mfn << PAGE_SHIFT);
    uint8_t *view = r->view ? r->view + ((size_t)index << PAGE_SHIFT) : NULL;

    if (r->in_place) {
        if (move_page(view, page, hv->memfd, mfn) != (long)(uintptr_t)view)
            abort(); /* no memory for a mapping: the guest cannot go on */
    } else if (r->source) {
        memcpy(page, r->source + ((size_t)index << PAGE_SHIFT), PAGE_SIZE);
    } else {
        r->make(hv, r->domain, index, page);
        if (view)
            mprotect(view, PAGE_SIZE, r->view_prot);
    }
    hv->page_table[mfn].flags &= (uint8_t)~PAGE_LAZY;
    hv->translation_generation++; /* somebody may remember where it was */
    if (view)
        instrument_mapped(view, PAGE_SIZE, true);
}

/* Whether nobody has looked at page INDEX of R yet. */
static bool is_pending(const struct hypervisor *hv, const struct lazy_range *r, uint32_t index)
{
    return hv->page_table[r->start + index].flags & PAGE_LAZY;
}

void page_lazy_make(struct hypervisor *hv, struct lazy_range *r, uint32_t first, uint32_t count)
{
    uint64_t pages[LAZY_TOGETHER][PAGE_SIZE / sizeof(uint64_t)];
    size_t len;

    assert(r->make && count <= LAZY_TOGETHER);
    if (first >= r->count)
        return;
    if (count > r->count - first)
        count = r->count - first;
    len = (size_t)count << PAGE_SHIFT;
    memset(pages, 0, len);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_pending(hv, r, first + i))
            return; /* somebody was here before: one by one, then */
        r->make(hv, r->domain, first + i, pages[i]);
    }
    /* Written, not stored: a store would cost a page fault each in the direct map. */
    if (pwrite(hv->memfd, pages, len, (off_t)(r->start + first) << PAGE_SHIFT) != (ssize_t)len)
        return; /* they are made when they are looked at */
    for (uint32_t i = first; i < first + count; i++)
        hv->page_table[r->start + i].flags &= (uint8_t)~PAGE_LAZY;
    if (r->view) {
        uint8_t *view = r->view + ((size_t)first << PAGE_SHIFT);

        mprotect(view, len, r->view_prot);
        instrument_mapped(view, len, true);
    }
}

void *page_map(struct hypervisor *hv, uint64_t mfn)
{
    assert(mfn < hv->frames);
    if (hv->page_table[mfn].flags & PAGE_LAZY) {
        struct lazy_range *r = find_lazy(hv, mfn);

        make_lazy(hv, r, (uint32_t)(mfn - r->start));
    }
    return hv->direct_map + (mfn << PAGE_SHIFT);
}

const void *page_map_read(struct hypervisor *hv, uint64_t mfn)
{
    assert(mfn < hv->frames);
    if (hv->page_table[mfn].flags & PAGE_LAZY) {
        struct lazy_range *r = find_lazy(hv, mfn);

        if (r->source)
            return r->source + ((mfn - r->start) << PAGE_SHIFT);
    }
    return page_map(hv, mfn);
}

void page_lazy_add(struct hypervisor *hv, struct lazy_range *range)
{
    for (uint32_t i = 0; i < range->count; i++)
        hv->page_table[range->start + i].flags |= PAGE_LAZY;
    range->next = hv->lazy;
    hv->lazy = range;
}

void page_lazy_remove(struct hypervisor *hv, struct lazy_range *range)
{
    for (struct lazy_range **link = &hv->lazy; *link; link = &(*link)->next) {
        if (*link == range) {
            *link = range->next;
            for (uint32_t i = 0; i < range->count; i++)
                hv->page_table[range->start + i].flags &= (uint8_t)~PAGE_LAZY;
            return;
        }
    }
}

bool page_in_place(struct hypervisor *hv, uint64_t mfn)
{
    return hv->page_table[mfn].flags & PAGE_LAZY && find_lazy(hv, mfn)->in_place;
}

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_SIZE - 1) == 0;
}

/* A frame that nobody has written to is a hole, so zeroes need not be copied. */
static void leave(struct hypervisor *hv, const struct lazy_range *r, uint32_t index)
{
    const uint8_t *from = r->view + ((size_t)index << PAGE_SHIFT);
    uint64_t mfn = r->start + index;

    if (!is_zero(from))
        memcpy(hv->direct_map + (mfn << PAGE_SHIFT), from, PAGE_SIZE);
    hv->page_table[mfn].flags &= (uint8_t)~PAGE_LAZY;
    hv->translation_generation++;
}

void page_lazy_leave(struct hypervisor *hv, uint64_t va, size_t len)
{
    for (struct lazy_range *r = hv->lazy; r; r = r->next) {
        uint64_t start = (uintptr_t)r->view, end = start + ((uint64_t)r->count << PAGE_SHIFT);
        uint64_t to = va + len < end ? va + len : end;

        for (uint64_t at = va > start ? va : start; r->in_place && at < to; at += PAGE_SIZE) {
            uint32_t index = (uint32_t)((at - start) >> PAGE_SHIFT);

            if (is_pending(hv, r, index))
                leave(hv, r, index);
        }
    }
}

bool hypervisor_populate_on_fault(struct hypervisor *hv, const void *address)
{
    for (struct lazy_range *r = hv->lazy; r; r = r->next) {
        uintptr_t offset = (uintptr_t)address - (uintptr_t)r->view;

        if (r->view && (uintptr_t)address >= (uintptr_t)r->view &&
            offset >> PAGE_SHIFT < r->count &&
            is_pending(hv, r, (uint32_t)(offset >> PAGE_SHIFT))) {
            make_lazy(hv, r, (uint32_t)(offset >> PAGE_SHIFT));
            return true;
        }
    }
    return false;
}

void hypervisor_populate_all(struct hypervisor *hv)
{
    for (struct lazy_range *r = hv->lazy; r; r = r->next) {
        for (uint32_t i = 0; r->view && !r->in_place && i < r->count; i++) {
            if (is_pending(hv, r, i))
                make_lazy(hv, r, i);
        }
    }
}

/* ---- machine to physical ---- */

#define M2P_A_PAGE (PAGE_SIZE / sizeof(uint64_t))

/* The entry of a frame about which nobody has said anything. */
static uint64_t m2p_default(struct hypervisor *hv, uint64_t mfn)
{
    struct extent *e = page_find_extent(hv, mfn);

    return e && e->owner ? mfn - e->start : INVALID_P2M_ENTRY;
}

static uint64_t *m2p_entry(struct hypervisor *hv, uint64_t mfn)
{
    uint64_t *page = page_map(hv, hv->m2p_lazy.start + mfn / M2P_A_PAGE);

    return page + mfn % M2P_A_PAGE;
}

uint64_t m2p_get(struct hypervisor *hv, uint64_t mfn) { return *m2p_entry(hv, mfn); }

void m2p_set(struct hypervisor *hv, uint64_t mfn, uint64_t pfn) { *m2p_entry(hv, mfn) = pfn; }

void m2p_make(struct hypervisor *hv, struct domain *d, uint32_t index, void *page)
{
    uint64_t *entry = page;

    (void)d;
    for (size_t i = 0; i < M2P_A_PAGE; i++)
        entry[i] = m2p_default(hv, index * M2P_A_PAGE + i);
}

void m2p_reset(struct hypervisor *hv, const struct extent *e)
{
    uint64_t mfn = e->start, end = (uint64_t)e->start + e->count;

    while (mfn < end) {
        uint64_t next = (mfn / M2P_A_PAGE + 1) * M2P_A_PAGE;
        uint64_t *entry;

        if (next > end)
            next = end;
        if (is_pending(hv, &hv->m2p_lazy, (uint32_t)(mfn / M2P_A_PAGE))) {
            mfn = next;
            continue;
        }
        for (entry = m2p_entry(hv, mfn); mfn < next; mfn++)
            *entry++ = e->owner ? mfn - e->start : INVALID_P2M_ENTRY;
    }
}
