/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See physmap.h. The builder's list in the initial mapping has no room for more, so new frames have
 * a list of their own, whose pages are made as it grows. A pfn whose frame was given back is
 * absent: its place in the list has the absent one before it, so that they need no memory of their
 * own.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xen/memory.h>

#include "core/domain.h"
#include "core/hypercall.h"
#include "core/memory.h"
#include "core/physmap.h"

#define PER_PAGE (PAGE_SIZE / sizeof(xen_pfn_t))

/* The tools may give more later than they allow at start: so many times what there is then. */
#define ROOM_TIMES 16

/* Frames that are not given back: with them a program goes on, whatever the target is. */
#define KEPT 512

#define NONE UINT64_MAX

static struct {
    unsigned long *list;               /* the builder's */
    size_t count;                      /* what is in it */
    xen_pfn_t *more;                   /* pfns from COUNT on */
    size_t more_count, room, capacity; /* it has pages for ROOM, and address space for CAPACITY */
    pfn_t absent;                      /* the last one; NONE: none */
    size_t absent_count;
    size_t growth; /* Xen's last word on it, or the target's */
    size_t target; /* frames; 0: none was set */
    bool busy;
    void (*changed)(void);
} physmap = {.absent = NONE};

static long maximum(void)
{
    domid_t self = DOMID_SELF;

    return hypercall_memory_op(XENMEM_maximum_reservation, &self);
}

void physmap_start(const start_info_t *si)
{
    long most;

    physmap.list = (unsigned long *)si->mfn_list;
    physmap.count = si->nr_pages;
    /* The initial domain's maximum is the machine's memory, which is for the domains that it makes.
     */
    if (si->flags & SIF_INITDOMAIN)
        return;
    most = maximum();
    if (most > (long)si->nr_pages)
        physmap.growth = (size_t)most - si->nr_pages;
}

static unsigned long *entry(pfn_t pfn)
{
    return pfn < physmap.count ? &physmap.list[pfn] : &physmap.more[pfn - physmap.count];
}

mfn_t physmap_frame(pfn_t pfn) { return *entry(pfn); }

/* The first one that there never was. */
static pfn_t next_pfn(void) { return physmap.count + physmap.more_count; }

size_t physmap_count(void) { return next_pfn() - physmap.absent_count; }

size_t physmap_growth(void) { return physmap.growth; }

/* ---- less ---- */

#define BATCH 256

static xen_pfn_t batch[BATCH] __attribute__((section(".bss.0large")));

static void make_absent(pfn_t pfn)
{
    *entry(pfn) = physmap.absent;
    physmap.absent = pfn;
    physmap.absent_count++;
}

/* Gives back up to MOST free frames. Returns how many. */
static size_t give_back(size_t most)
{
    struct xen_memory_reservation reservation = {.domid = DOMID_SELF};
    pfn_t first;
    size_t count = frame_take(most < BATCH ? most : BATCH, &first);
    long done;

    for (size_t i = 0; i < count; i++)
        batch[i] = physmap_frame(first + i);
    reservation.nr_extents = count;
    set_xen_guest_handle(reservation.extent_start, batch);
    done = hypercall_memory_op(XENMEM_decrease_reservation, &reservation);
    if (done < 0)
        done = 0;
    for (long i = 0; i < done; i++)
        make_absent(first + (pfn_t)i);
    if ((size_t)done < count)
        frame_give(first + (pfn_t)done, count - (size_t)done);
    return (size_t)done;
}

void physmap_settle(void)
{
    size_t before = physmap_count();

    if (physmap.busy || !physmap.target)
        return;
    physmap.busy = true;
    while (physmap_count() > physmap.target && frame_free_count() > KEPT) {
        size_t most = physmap_count() - physmap.target;

        if (most > frame_free_count() - KEPT)
            most = frame_free_count() - KEPT;
        if (give_back(most) == 0)
            break;
    }
    physmap.busy = false;
    if (physmap_count() != before && physmap.changed)
        physmap.changed();
}

void physmap_set_target(size_t frames)
{
    long most;

    if (!physmap.target && frames == physmap.count)
        return;
    most = maximum();
    physmap.target = frames ? frames : 1;
    if (most >= 0 && frames > (size_t)most)
        frames = (size_t)most;
    physmap.growth = frames > physmap_count() ? frames - physmap_count() : 0;
    physmap_settle();
    if (physmap.changed)
        physmap.changed();
}

void physmap_on_change(void (*changed)(void)) { physmap.changed = changed; }

/* ---- more ---- */

/* Frames for up to COUNT absent pfns. */
static void populate_absent(size_t count)
{
    static pfn_t pfns[BATCH] __attribute__((section(".bss.0large")));
    struct xen_memory_reservation reservation = {.domid = DOMID_SELF};
    size_t n = 0;
    long got;

    for (pfn_t pfn = physmap.absent; n < count && n < BATCH && pfn != NONE; pfn = *entry(pfn)) {
        pfns[n] = pfn;
        batch[n++] = pfn;
    }
    reservation.nr_extents = n;
    set_xen_guest_handle(reservation.extent_start, batch);
    got = hypercall_memory_op(XENMEM_populate_physmap, &reservation);
    if (got <= 0)
        return;
    physmap.absent = *entry(pfns[got - 1]);
    physmap.absent_count -= (size_t)got;
    physmap.growth -= (size_t)got;
    for (long i = 0; i < got; i++)
        *entry(pfns[i]) = batch[i];
    for (long i = 0; i < got; i++)
        frame_give(pfns[i], 1);
}

/* Frames for whose numbers there is room in one page of the list. */
static void populate(size_t count)
{
    xen_pfn_t *extents = physmap.more + physmap.more_count;
    pfn_t first = next_pfn();
    struct xen_memory_reservation reservation = {.nr_extents = count, .domid = DOMID_SELF};
    long got;

    for (size_t i = 0; i < count; i++)
        extents[i] = first + i;
    set_xen_guest_handle(reservation.extent_start, extents);
    /* Each pfn is replaced by the frame that it has now. */
    got = hypercall_memory_op(XENMEM_populate_physmap, &reservation);
    if (got <= 0)
        return;
    physmap.more_count += (size_t)got;
    physmap.growth -= (size_t)got;
    frame_give(first, (size_t)got);
}

/* Address space for the list of all that can come. */
static bool reserve_list(void)
{
    size_t pages = ((physmap.count + physmap.growth) * ROOM_TIMES + PER_PAGE - 1) / PER_PAGE;

    if (!physmap.more) {
        physmap.more = memory_reserve(pages * PAGE_SIZE, PAGE_SIZE);
        physmap.capacity = pages * PER_PAGE;
    }
    return physmap.more;
}

/* Up to COUNT frames that there never were. */
static void add(size_t count)
{
    size_t part = PER_PAGE - physmap.more_count % PER_PAGE;

    if (!reserve_list() || physmap.more_count == physmap.capacity)
        return;
    if (physmap.room == physmap.more_count) {
        if (!memory_commit(physmap.more + physmap.room, PAGE_SIZE, MEMORY_WRITE))
            return;
        physmap.room += PER_PAGE;
    }
    populate(part < count ? part : count);
}

void physmap_grow(size_t count)
{
    if (physmap.busy || physmap.growth == 0)
        return;
    physmap.busy = true; /* making room takes frames, and is not to ask for more */
    if (count > physmap.growth)
        count = physmap.growth;
    while (count) {
        size_t before = physmap_count(), got;

        if (physmap.absent_count)
            populate_absent(count);
        else
            add(count);
        got = physmap_count() - before;
        if (got == 0) {
            physmap.growth = 0; /* the machine has no more, or the tools have changed their mind */
            break;
        }
        count -= got;
    }
    physmap.busy = false;
}
