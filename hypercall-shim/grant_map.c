/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mapping other domains' pages by grants, and letting them go. A mapping is known to its domain by
 * a handle; it holds pins of the entry, and references of the frame as a page-table entry does:
 * when the guest overwrites that entry, these go and the pins stay, as on Xen.
 */
#include "grant_table.h"
#include "handlers.h"

#include <stdlib.h>

#define WAYS       (GNTMAP_device_map | GNTMAP_host_map)
#define NO_HANDLE  UINT32_MAX
#define END        UINT32_MAX /* of the list of free handles */
#define READ_FLAGS (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_NX)

/* Bit 52, with which Xen marks entries that only the guest's kernel may use (_PAGE_GUEST_KERNEL).
 */
#define PTE_GUEST_KERNEL (1UL << 52)

/* ---- handles ---- */

/* More handles, in front of the free ones; the first of them is given out at once. */
static grant_handle_t more_handles(struct grant_table *t)
{
    grant_handle_t first = t->maptrack_limit, last = first + MAPTRACK_A_FRAME - 1;

    if (t->maptrack_limit >= t->limits.maptrack_frames * MAPTRACK_A_FRAME)
        return NO_HANDLE;
    if (t->maptrack_limit == t->maptrack_space) {
        unsigned int space = t->maptrack_space ? 2 * t->maptrack_space : MAPTRACK_A_FRAME;
        struct grant_mapping *more = realloc(t->maptrack, space * sizeof(*more));

        if (!more)
            return NO_HANDLE;
        t->maptrack = more;
        t->maptrack_space = space;
    }
    for (grant_handle_t h = first; h <= last; h++)
        t->maptrack[h] = (struct grant_mapping){.ref = h + 1};
    t->maptrack[last].ref = t->maptrack_limit ? t->maptrack_head : END;
    if (!t->maptrack_limit)
        t->maptrack_tail = last;
    t->maptrack_head = first + 1;
    t->maptrack_limit += MAPTRACK_A_FRAME;
    return first;
}

/* The oldest free one. One is always left in the list, so that it has an end (as Xen's has). */
static grant_handle_t take_handle(struct grant_table *t)
{
    grant_handle_t handle = t->maptrack_head;

    if (!t->maptrack_limit || t->maptrack[handle].ref == END)
        return more_handles(t);
    t->maptrack_head = t->maptrack[handle].ref;
    return handle;
}

static void put_handle(struct grant_table *t, grant_handle_t handle)
{
    t->maptrack[handle] = (struct grant_mapping){.ref = END};
    t->maptrack[t->maptrack_tail].ref = handle;
    t->maptrack_tail = handle;
}

/* ---- pins and references ---- */

static enum pin host_pin(unsigned int flags)
{
    return flags & GNTMAP_readonly ? PIN_HOST_READ : PIN_HOST_WRITE;
}

static enum pin device_pin(unsigned int flags)
{
    return flags & GNTMAP_readonly ? PIN_DEVICE_READ : PIN_DEVICE_WRITE;
}

static bool has_room(const struct active_grant *active, unsigned int flags)
{
    if (flags & GNTMAP_host_map && grant_pins(active, host_pin(flags)) >= MAX_PINS)
        return false;
    return !(flags & GNTMAP_device_map) || grant_pins(active, device_pin(flags)) < MAX_PINS;
}

/* One pin for each of the ways in FLAGS. */
static uint32_t pins_of(unsigned int flags)
{
    uint32_t pins = 0;

    if (flags & GNTMAP_host_map)
        pins += PIN_ONE(host_pin(flags));
    if (flags & GNTMAP_device_map)
        pins += PIN_ONE(device_pin(flags));
    return pins;
}

/*
 * Whether WHO's mapping M is one of T's still. It is not when the number of a domain that has gone,
 * but not by unmapping, is another's now.
 */
static bool is_pinned(const struct grant_table *t, const struct grant_mapping *m, domid_t who)
{
    const struct active_grant *active;

    if (m->ref >= grant_entries(t))
        return false;
    active = &t->active[m->ref];
    if (active->domid != who)
        return false;
    if (m->flags & GNTMAP_host_map && !grant_pins(active, host_pin(m->flags)))
        return false;
    return !(m->flags & GNTMAP_device_map) || grant_pins(active, device_pin(m->flags));
}

/* The frame that entry REF of T names now, a whole page. */
static int first_pin(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly)
{
    uint64_t mfn = t->version == 1 ? grant_v1(t, ref)->frame : grant_v2(t, ref)->full_page.frame;

    if (!grant_owns(t, mfn)) {
        grant_reduce(t, ref, readonly);
        return GNTST_bad_page;
    }
    t->active[ref] = (struct active_grant){
        .mfn = (uint32_t)mfn,
        .domid = who,
        .length = PAGE_SIZE,
        .from_domid = t->domid,
        .from_ref = ref,
    };
    return GNTST_okay;
}

static int pin(struct grant_table *t, grant_ref_t ref, domid_t who, unsigned int flags)
{
    bool readonly = flags & GNTMAP_readonly;
    struct active_grant *active;
    int status;

    if (ref >= grant_entries(t))
        return GNTST_bad_gntref;
    active = &t->active[ref];
    if (active->pinned && (active->domid != who || active->sub_page || !has_room(active, flags)))
        return GNTST_general_error;
    if (!active->pinned || (!readonly && !grant_has_writer(active))) {
        status = grant_allow(t, ref, who, readonly, true);
        if (status)
            return status;
        if (!active->pinned) {
            status = first_pin(t, ref, who, readonly);
            if (status)
                return status;
        }
    }
    active->pinned += pins_of(flags);
    return GNTST_okay;
}

static void unpin(struct grant_table *t, grant_ref_t ref, unsigned int flags)
{
    t->active[ref].pinned -= pins_of(flags);
    grant_reduce(t, ref, flags & GNTMAP_readonly);
}

/* For one way of a mapping: a reference, and a type reference for one that writes. */
static bool get_frame(struct hypervisor *hv, uint64_t mfn, bool readonly)
{
    if (!readonly && !page_get_writable(hv, mfn))
        return false; /* a page table */
    page_info(hv, mfn)->refs++;
    return true;
}

static void put_frame(struct hypervisor *hv, uint64_t mfn, bool readonly)
{
    if (!readonly)
        page_put_writable(hv, mfn);
    page_put(hv, mfn);
}

/* For all ways in FLAGS. The owner may have died, or lost it, since it was pinned. */
static bool get_frames(struct grant_table *t, uint64_t mfn, unsigned int flags)
{
    bool readonly = flags & GNTMAP_readonly;

    if (!grant_owns(t, mfn))
        return false;
    page_map(t->hv, mfn); /* its contents, if nobody has looked at it yet */
    if (!get_frame(t->hv, mfn, readonly))
        return false;
    if ((flags & WAYS) == WAYS)
        get_frame(t->hv, mfn, readonly);
    return true;
}

static void put_frames(struct hypervisor *hv, uint64_t mfn, unsigned int flags)
{
    if (flags & GNTMAP_device_map)
        put_frame(hv, mfn, flags & GNTMAP_readonly);
    if (flags & GNTMAP_host_map)
        put_frame(hv, mfn, flags & GNTMAP_readonly);
}

/* ---- the page-table entry ---- */

struct place {
    uint64_t table;
    unsigned int slot;
};

/* ADDRESS is a machine address of an entry or, without GNTMAP_contains_pte, a virtual one. */
static bool find_place(struct vcpu *v, uint64_t address, unsigned int flags, struct place *p)
{
    struct domain *d = v->domain;
    const struct page_info *page;

    if (flags & GNTMAP_contains_pte) {
        if (address % sizeof(uint64_t))
            return false;
        p->table = address >> PAGE_SHIFT;
        p->slot = (unsigned int)(address & ~PAGE_MASK) / (unsigned int)sizeof(uint64_t);
    } else {
        if (!guest_address_ok(address))
            return false;
        if (!page_table_find_leaf(d->hv, v->cr3, address, &p->table, &p->slot))
            return false;
    }
    if (page_owner(d->hv, p->table) != d)
        return false;
    page = page_info(d->hv, p->table);
    return page->type == PAGE_L1 && page->type_count > 0;
}

static uint64_t entry_at(struct hypervisor *hv, const struct place *p)
{
    return ((const uint64_t *)page_map_read(hv, p->table))[p->slot];
}

/* Always what the flags say; caching bits of the grant are for I/O memory, which nobody has. */
static uint64_t make_entry(uint64_t mfn, unsigned int flags)
{
    uint64_t bits = READ_FLAGS | PTE_USER;

    if (!(flags & GNTMAP_readonly))
        bits |= PTE_RW;
    /* Xen's adjust_guest_l1e: what applications may use is global, the rest the kernel's. */
    bits |= flags & GNTMAP_application_map ? PTE_GLOBAL : PTE_GUEST_KERNEL;
    bits |= (uint64_t)(flags >> _GNTMAP_guest_avail0) << 9 & PTE_AVAIL;
    return PTE_MAKE(mfn, bits);
}

static int set_entry(struct vcpu *v, uint64_t address, uint64_t mfn, unsigned int flags)
{
    struct place p;
    uint64_t old;

    if (!find_place(v, address, flags, &p))
        return GNTST_general_error;
    old = page_table_exchange_leaf(v->domain, p.table, p.slot, make_entry(mfn, flags));
    page_table_put_leaf(v->domain->hv, old);
    return GNTST_okay;
}

/* Takes the entry at VA away, with its references: for unmap_and_replace. */
static bool steal_entry(struct vcpu *v, uint64_t va, uint64_t *entry)
{
    struct place p;

    if (!find_place(v, va, 0, &p))
        return false;
    *entry = page_table_exchange_leaf(v->domain, p.table, p.slot, 0);
    return true;
}

static bool put_entry(struct vcpu *v, uint64_t address, uint64_t mfn, unsigned int flags,
                      uint64_t entry)
{
    uint64_t expected = PTE_PRESENT | (flags & GNTMAP_readonly ? 0 : PTE_RW), old;
    struct place p;

    if (!find_place(v, address, flags, &p))
        return false;
    old = entry_at(v->domain->hv, &p);
    /* The frame is there, with the right to write or without it as it was mapped. */
    if (PTE_FRAME(old) != mfn || (old & (PTE_PRESENT | PTE_RW)) != expected)
        return false;
    page_table_exchange_leaf(v->domain, p.table, p.slot, entry);
    return true;
}

/*
 * The entry of a grant at ADDRESS goes; in its place comes the one at NEW, if that is not 0. When
 * this fails the one at NEW is gone all the same, as from Xen (replace_grant_pv_mapping).
 */
static int replace_entry(struct vcpu *v, uint64_t address, uint64_t mfn, unsigned int flags,
                         uint64_t new)
{
    uint64_t entry = 0;

    if (new &&flags & GNTMAP_contains_pte)
        return GNTST_general_error;
    if (new && !steal_entry(v, new, &entry))
        return GNTST_general_error;
    if (put_entry(v, address, mfn, flags, entry))
        return GNTST_okay;
    page_table_put_leaf(v->domain->hv, entry);
    return GNTST_general_error;
}

/* ---- map_grant_ref ---- */

static int map_pinned(struct vcpu *v, struct grant_table *t, struct gnttab_map_grant_ref *op)
{
    uint64_t mfn = t->active[op->ref].mfn;
    int status;

    if (!get_frames(t, mfn, op->flags))
        return GNTST_general_error;
    if (op->flags & GNTMAP_host_map) {
        status = set_entry(v, op->host_addr, mfn, op->flags);
        if (status) {
            put_frames(t->hv, mfn, op->flags);
            return status;
        }
    }
    op->dev_bus_addr = mfn << PAGE_SHIFT;
    return GNTST_okay;
}

static int map_grant(struct vcpu *v, struct grant_table *t, struct gnttab_map_grant_ref *op)
{
    int status = pin(t, op->ref, v->domain->id, op->flags);

    if (status)
        return status;
    status = map_pinned(v, t, op);
    if (status)
        unpin(t, op->ref, op->flags);
    return status;
}

static int map(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
    struct grant_table *mine, *t;
    grant_handle_t handle;
    int status;

    if (!(op->flags & WAYS))
        return GNTST_bad_gntref;
    status = grant_table_find(v->domain->hv, op->dom, &t);
    if (status)
        return status;
    mine = grant_table_get(v->domain);
    handle = mine ? take_handle(mine) : NO_HANDLE;
    if (handle == NO_HANDLE)
        return GNTST_no_space;
    status = map_grant(v, t, op);
    if (status) {
        put_handle(mine, handle);
        return status;
    }
    mine->maptrack[handle] =
        (struct grant_mapping){.ref = op->ref, .flags = (uint16_t)op->flags, .domid = op->dom};
    op->handle = handle;
    return GNTST_okay;
}

static void map_one(struct vcpu *v, void *argument)
{
    struct gnttab_map_grant_ref *op = argument;

    op->status = (int16_t)map(v, op);
}

long grant_map_grant_ref(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_map_grant_ref),
        .out_size = sizeof(struct gnttab_map_grant_ref),
        .act = map_one,
    };

    return grant_list(v, a, &list);
}

/* ---- unmap_grant_ref, unmap_and_replace ---- */

struct unmap {
    uint64_t host_addr, dev_bus_addr, new_addr;
    grant_handle_t handle;
};

/*
 * A guest that overwrote the entry of a mapping, then unmaps by its handle after the other domain
 * has gone altogether: Xen takes it for a broken one (unmap_common).
 */
static void crash(struct vcpu *v)
{
    mirror_flush(v->domain->hv);
    domain_shutdown(v->domain, SHUTDOWN_crash);
    v->state = VCPU_DOWN;
    for (;;)
        vcpu_leave(v);
}

static int unmap(struct vcpu *v, const struct unmap *op)
{
    struct grant_table *mine = v->domain->grant_table, *t;
    struct grant_mapping *m;
    unsigned int flags, done = 0;
    uint64_t mfn;
    int status;

    if (!mine || op->handle >= mine->maptrack_limit)
        return GNTST_bad_handle;
    m = &mine->maptrack[op->handle];
    flags = m->flags;
    if (!flags)
        return GNTST_bad_handle;
    if (grant_table_find(v->domain->hv, m->domid, &t))
        crash(v);
    if (!is_pinned(t, m, v->domain->id))
        return GNTST_bad_handle;
    mfn = t->active[m->ref].mfn;
    if (op->dev_bus_addr && flags & GNTMAP_device_map && op->dev_bus_addr != mfn << PAGE_SHIFT)
        return GNTST_bad_dev_addr;
    if (op->host_addr && flags & GNTMAP_host_map) {
        status = replace_entry(v, op->host_addr, mfn, flags, op->new_addr);
        if (status)
            return status;
        done |= GNTMAP_host_map;
    }
    if (op->dev_bus_addr && flags & GNTMAP_device_map)
        done |= GNTMAP_device_map;
    if (!done)
        return GNTST_okay;
    m->flags &= (uint16_t)~done;
    unpin(t, m->ref, done | (flags & GNTMAP_readonly));
    put_frames(v->domain->hv, mfn, done | (flags & GNTMAP_readonly));
    if (!(m->flags & WAYS))
        put_handle(mine, op->handle);
    return GNTST_okay;
}

static void unmap_one(struct vcpu *v, void *argument)
{
    struct gnttab_unmap_grant_ref *op = argument;
    struct unmap u = {
        .host_addr = op->host_addr, .dev_bus_addr = op->dev_bus_addr, .handle = op->handle};

    op->status = (int16_t)unmap(v, &u);
}

long grant_unmap_grant_ref(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_unmap_grant_ref),
        .out = offsetof(struct gnttab_unmap_grant_ref, status),
        .out_size = sizeof(int16_t),
        .act = unmap_one,
    };

    return grant_list(v, a, &list);
}

static void replace_one(struct vcpu *v, void *argument)
{
    struct gnttab_unmap_and_replace *op = argument;
    struct unmap u = {.host_addr = op->host_addr, .new_addr = op->new_addr, .handle = op->handle};

    op->status = (int16_t)unmap(v, &u);
}

long grant_unmap_and_replace(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_unmap_and_replace),
        .out = offsetof(struct gnttab_unmap_and_replace, status),
        .out_size = sizeof(int16_t),
        .act = replace_one,
    };

    return grant_list(v, a, &list);
}

/* ---- the end of a domain ---- */

void grant_table_release_mappings(struct domain *d)
{
    struct grant_table *mine = d->grant_table, *t;

    for (grant_handle_t h = 0; mine && h < mine->maptrack_limit; h++) {
        struct grant_mapping *m = &mine->maptrack[h];
        unsigned int device = m->flags & (GNTMAP_device_map | GNTMAP_readonly);
        uint64_t mfn;

        if (!(m->flags & WAYS) || grant_table_find(d->hv, m->domid, &t))
            continue;
        if (!is_pinned(t, m, d->id))
            continue;
        mfn = t->active[m->ref].mfn;
        unpin(t, m->ref, m->flags);
        /* The CPU's references go with the page tables. */
        put_frames(d->hv, mfn, device);
        m->flags = 0;
    }
}
