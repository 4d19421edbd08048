/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The grant table: its frames, its entries in either version, and their pins.
 */
#include "grant_table.h"

#include <stdlib.h>

/* ---- making and growing ---- */

static uint32_t new_frame(struct grant_table *t)
{
    uint32_t mfn = page_allocate_special(domain_by_id(t->hv, t->domid));

    if (mfn)
        page_info(t->hv, mfn)->flags |= PAGE_GRANT_TABLE;
    /* Nobody can map what a dying domain gets (Xen's share_xen_page_with_guest). */
    if (mfn && t->dying)
        page_info(t->hv, mfn)->flags |= PAGE_RELEASED;
    return mfn;
}

/* LIST becomes TO frames long. False, with the new ones given back, if there are not as many. */
static bool grow(struct grant_table *t, uint32_t *list, unsigned int *count, unsigned int to)
{
    unsigned int had = *count;

    while (*count < to) {
        uint32_t mfn = new_frame(t);

        if (!mfn) {
            while (*count > had)
                page_free_special(t->hv, list[--*count]);
            return false;
        }
        list[(*count)++] = mfn;
    }
    return true;
}

bool grant_status_grow(struct grant_table *t)
{
    return grow(t, t->status, &t->status_frames, (unsigned int)STATUS_FRAMES(t->frames));
}

bool grant_status_free(struct grant_table *t)
{
    for (unsigned int i = 0; i < t->status_frames; i++) {
        if (page_info(t->hv, t->status[i])->refs > 0)
            return false;
    }
    while (t->status_frames > 0)
        page_free_special(t->hv, t->status[--t->status_frames]);
    return true;
}

bool grant_table_grow(struct grant_table *t, unsigned int frames)
{
    unsigned int had = t->frames;
    struct active_grant *active;

    active = realloc(t->active, frames * ENTRIES_A_FRAME_V1 * sizeof(*active));
    if (!active)
        return false;
    t->active = active;
    memset(active + had * ENTRIES_A_FRAME_V1, 0,
           (frames - had) * ENTRIES_A_FRAME_V1 * sizeof(*active));
    if (!grow(t, t->shared, &t->frames, frames))
        return false;
    if (t->version == 1 || grant_status_grow(t))
        return true;
    while (t->frames > had)
        page_free_special(t->hv, t->shared[--t->frames]);
    return false;
}

/* What the domain's builder grants to domain 0 (xl's xc_dom_gnttab_init): both rings. */
static void grant_ring(struct grant_table *t, grant_ref_t ref, uint32_t mfn)
{
    if (mfn)
        *grant_v1(t, ref) = (grant_entry_v1_t){.flags = GTF_permit_access, .frame = mfn};
}

struct grant_table *grant_table_get(struct domain *d)
{
    struct grant_table *t = d->grant_table;

    if (t)
        return t;
    t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->hv = d->hv;
    t->domid = d->id;
    t->dying = d->is_dying;
    t->first_mfn = d->first_mfn;
    t->extent_pages = d->is_dying ? 0 : d->extent_pages;
    t->limits = d->limits;
    t->version = 1;
    if (!grant_table_grow(t, 1)) {
        grant_table_free(t);
        return NULL;
    }
    grant_ring(t, GNTTAB_RESERVED_CONSOLE, d->console_mfn);
    grant_ring(t, GNTTAB_RESERVED_XENSTORE, d->xenstore_mfn);
    d->grant_table = t;
    return t;
}

int grant_table_find_slow(struct hypervisor *hv, domid_t domid, struct grant_table **t)
{
    struct domain *d = domain_by_id(hv, domid);

    if (!d)
        return GNTST_bad_domain;
    *t = grant_table_get(d);
    return *t ? GNTST_okay : GNTST_general_error;
}

int grant_table_query(struct vcpu *v, domid_t domid, struct grant_table **t)
{
    int status;

    if (domid == DOMID_SELF)
        domid = v->domain->id;
    status = grant_table_find(v->domain->hv, domid, t);
    if (status == GNTST_bad_domain)
        return -ESRCH;
    if (domid != v->domain->id && !v->domain->hardware_domain)
        return -EPERM;
    return status ? -ENOMEM : 0;
}

/* ---- pins ---- */

int grant_allow(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly, bool map)
{
    grant_entry_header_t entry = *grant_header(t, ref);
    unsigned int kind = entry.flags & (map ? GTF_type_mask | GTF_sub_page : GTF_type_mask);
    bool fits = kind == GTF_permit_access;

    if (t->version == 2 && !map && kind == GTF_transitive)
        fits = true;
    if (entry.domid != who)
        fits = false;
    if (!t->active[ref].pinned && !fits)
        return GNTST_general_error;
    if (!readonly && entry.flags & GTF_readonly)
        return GNTST_general_error;
    *grant_status(t, ref) |= (uint16_t)(readonly ? GTF_reading : GTF_reading | GTF_writing);
    return GNTST_okay;
}

void grant_reduce(struct grant_table *t, grant_ref_t ref, bool readonly)
{
    const struct active_grant *active = &t->active[ref];
    unsigned int gone = active->pinned ? 0 : GTF_reading;

    if (!readonly && !grant_has_writer(active))
        gone |= GTF_writing;
    *grant_status(t, ref) &= (uint16_t)~gone;
}

/* ---- the end ---- */

void grant_table_free(struct grant_table *t)
{
    while (t->frames > 0)
        page_free_special(t->hv, t->shared[--t->frames]);
    while (t->status_frames > 0)
        page_free_special(t->hv, t->status[--t->status_frames]);
    free(t->active);
    free(t->maptrack);
    free(t);
}

void grant_table_kill(struct domain *d)
{
    if (!d->grant_table)
        return;
    d->grant_table->dying = true;
    d->grant_table->extent_pages = 0;
}

void grant_table_destroy(struct domain *d)
{
    if (d->grant_table)
        grant_table_free(d->grant_table);
    d->grant_table = NULL;
}
