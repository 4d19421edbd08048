/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See physmap.h. The builder's list in the initial mapping has no room for more, so new frames have
 * a list of their own, whose pages are made as it grows.
 */
#include <stdint.h>

#include <xen/memory.h>

#include "core/domain.h"
#include "core/hypercall.h"
#include "core/memory.h"
#include "core/physmap.h"

#define PER_PAGE (PAGE_SIZE / sizeof(xen_pfn_t))

static struct {
    const unsigned long *list; /* the builder's */
    size_t count;              /* what is in it */
    xen_pfn_t *more;           /* pfns from COUNT on; address space for ROOM */
    size_t more_count, room;
    size_t growth; /* Xen's last word on it */
    bool growing;
} physmap;

void physmap_start(const start_info_t *si)
{
    domid_t self = DOMID_SELF;
    long most;

    physmap.list = (const unsigned long *)si->mfn_list;
    physmap.count = si->nr_pages;
    /* The initial domain's maximum is the machine's memory, which is for the domains that it makes.
     */
    if (si->flags & SIF_INITDOMAIN)
        return;
    most = hypercall_memory_op(XENMEM_maximum_reservation, &self);
    if (most > (long)si->nr_pages)
        physmap.growth = (size_t)most - si->nr_pages;
}

mfn_t physmap_frame(pfn_t pfn)
{
    return pfn < physmap.count ? physmap.list[pfn] : physmap.more[pfn - physmap.count];
}

size_t physmap_count(void) { return physmap.count + physmap.more_count; }

size_t physmap_growth(void) { return physmap.growth; }

/* Frames for whose numbers there is room in one page of the list. Returns whether all were given.
 */
static bool populate(size_t count)
{
    xen_pfn_t *extents = physmap.more + physmap.more_count;
    pfn_t first = physmap_count();
    struct xen_memory_reservation reservation = {.nr_extents = count, .domid = DOMID_SELF};
    long got;

    for (size_t i = 0; i < count; i++)
        extents[i] = first + i;
    set_xen_guest_handle(reservation.extent_start, extents);
    /* Each pfn is replaced by the frame that it has now. */
    got = hypercall_memory_op(XENMEM_populate_physmap, &reservation);
    if (got <= 0)
        return false;
    physmap.more_count += (size_t)got;
    physmap.growth -= (size_t)got;
    frame_give(first, (size_t)got);
    return (size_t)got == count;
}

void physmap_grow(size_t count)
{
    if (physmap.growing || physmap.growth == 0)
        return;
    physmap.growing = true; /* making room takes frames, and is not to ask for more */
    if (!physmap.more) {
        size_t pages = (physmap.growth + PER_PAGE - 1) / PER_PAGE;

        physmap.more = memory_reserve(pages * PAGE_SIZE, PAGE_SIZE);
        physmap.room = 0;
    }
    if (count > physmap.growth)
        count = physmap.growth;
    while (physmap.more && count) {
        size_t part = PER_PAGE - physmap.more_count % PER_PAGE;

        if (physmap.room == physmap.more_count) {
            if (!memory_commit(physmap.more + physmap.room, PAGE_SIZE, MEMORY_WRITE))
                break;
            physmap.room += PER_PAGE;
        }
        if (part > count)
            part = count;
        if (!populate(part)) {
            physmap.growth = 0; /* the machine has no more, or the tools have changed their mind */
            break;
        }
        count -= part;
    }
    physmap.growing = false;
}
