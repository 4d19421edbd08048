/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What guests ask about a grant table, and do to entries that nobody uses: setup_table, query_size,
 * get_status_frames, XENMEM_acquire_resource's part, swap_grant_ref; and cache_flush.
 */
#include "grant_table.h"
#include "handlers.h"

#include <xen/memory.h>

/* The status of an operation that answers a query's errors with one. */
static int16_t query_status(int error)
{
    if (error == -ESRCH)
        return GNTST_bad_domain;
    if (error == -EPERM)
        return GNTST_permission_denied;
    return error ? GNTST_general_error : GNTST_okay;
}

/* Stores a frame's number as an element of a list: xen_pfn_t and uint64_t are the same here. */
static int16_t store_frames(struct vcpu *v, uint64_t list, const uint32_t *frames,
                            unsigned int count)
{
    int16_t status = GNTST_okay;

    for (unsigned int i = 0; i < count; i++) {
        uint64_t mfn = frames[i];

        if (copy_to_guest(v, list + i * sizeof(mfn), &mfn, sizeof(mfn)))
            status = GNTST_bad_virt_addr; /* and the rest is stored */
    }
    return status;
}

static int16_t setup(struct vcpu *v, const struct gnttab_setup_table *op)
{
    struct grant_table *t;
    int error = grant_table_query(v, op->dom, &t);

    if (error)
        return query_status(error);
    if (op->nr_frames > t->limits.grant_frames)
        return GNTST_general_error;
    if (op->nr_frames > t->frames && !grant_table_grow(t, op->nr_frames))
        return GNTST_general_error;
    return store_frames(v, (uint64_t)(uintptr_t)op->frame_list.p, t->shared, op->nr_frames);
}

long grant_setup_table(struct vcpu *v, const unsigned long *a)
{
    struct gnttab_setup_table op;

    if ((unsigned int)a[2] != 1)
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!guest_address_ok((uint64_t)(uintptr_t)op.frame_list.p))
        return -EFAULT;
    op.status = setup(v, &op);
    return copy_to_guest(v, a[1] + offsetof(struct gnttab_setup_table, status), &op.status,
                         sizeof(op.status));
}

long grant_query_size(struct vcpu *v, const unsigned long *a)
{
    struct gnttab_query_size op;
    struct grant_table *t;
    int error;

    if ((unsigned int)a[2] != 1)
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = grant_table_query(v, op.dom, &t);
    op.status = query_status(error);
    if (!error) {
        op.nr_frames = t->frames;
        op.max_nr_frames = t->limits.grant_frames;
    }
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

static int16_t get_status_frames(struct vcpu *v, const struct gnttab_get_status_frames *op)
{
    struct grant_table *t;
    int error = grant_table_query(v, op->dom, &t);

    if (error)
        return query_status(error);
    if (op->nr_frames > t->status_frames)
        return GNTST_general_error;
    return store_frames(v, (uint64_t)(uintptr_t)op->frame_list.p, t->status, op->nr_frames);
}

long grant_get_status_frames(struct vcpu *v, const unsigned long *a)
{
    struct gnttab_get_status_frames op;

    if ((unsigned int)a[2] != 1)
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!guest_address_ok((uint64_t)(uintptr_t)op.frame_list.p))
        return -EFAULT;
    op.status = get_status_frames(v, &op);
    return copy_to_guest(v, a[1] + offsetof(struct gnttab_get_status_frames, status), &op.status,
                         sizeof(op.status));
}

/* ---- the tables of others, for who manages them ---- */

unsigned int grant_resource_frames(const struct domain *d, unsigned int id)
{
    switch (id) {
    case XENMEM_resource_grant_table_id_shared:
        return d->limits.grant_frames;
    case XENMEM_resource_grant_table_id_status:
        return (unsigned int)STATUS_FRAMES(d->limits.grant_frames);
    default:
        return 0;
    }
}

/* Xen grows a table for a status frame until that is full of entries, or not at all. */
static const uint32_t *grow_for(struct grant_table *t, bool status, uint64_t count)
{
    uint64_t frames = status ? count * STATUS_A_FRAME / ENTRIES_A_FRAME_V2 : count;
    const unsigned int *have = status ? &t->status_frames : &t->frames;

    if (count > *have && frames <= t->limits.grant_frames)
        grant_table_grow(t, (unsigned int)frames);
    if (count > *have)
        return NULL;
    return status ? t->status : t->shared;
}

int grant_resource_get(struct domain *d, unsigned int id, unsigned int first, unsigned int count,
                       xen_pfn_t *mfns)
{
    bool status = id == XENMEM_resource_grant_table_id_status;
    struct grant_table *t = grant_table_get(d);
    const uint32_t *frames;

    if (!t)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    if (status && t->version != 2)
        return -EINVAL;
    frames = grow_for(t, status, (uint64_t)first + count);
    if (!frames)
        return -EINVAL;
    for (unsigned int i = 0; i < count; i++)
        mfns[i] = frames[first + i];
    return 0;
}

/* ---- swap_grant_ref ---- */

static void swap_entries(struct grant_table *t, grant_ref_t a, grant_ref_t b)
{
    if (t->version == 1) {
        grant_entry_v1_t entry = *grant_v1(t, a);

        *grant_v1(t, a) = *grant_v1(t, b);
        *grant_v1(t, b) = entry;
    } else {
        grant_entry_v2_t entry = *grant_v2(t, a);
        grant_status_t status = *grant_status(t, a);

        *grant_v2(t, a) = *grant_v2(t, b);
        *grant_v2(t, b) = entry;
        *grant_status(t, a) = *grant_status(t, b);
        *grant_status(t, b) = status;
    }
}

static int16_t swap(struct domain *d, grant_ref_t a, grant_ref_t b)
{
    struct grant_table *t = grant_table_get(d);

    if (!t)
        return GNTST_general_error;
    if (a >= grant_entries(t) || b >= grant_entries(t))
        return GNTST_bad_gntref;
    if (a == b)
        return GNTST_okay;
    if (t->active[a].pinned || t->active[b].pinned)
        return GNTST_eagain;
    swap_entries(t, a, b);
    return GNTST_okay;
}

static void swap_one(struct vcpu *v, void *argument)
{
    struct gnttab_swap_grant_ref *op = argument;

    op->status = swap(v->domain, op->ref_a, op->ref_b);
}

long grant_swap_grant_ref(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_swap_grant_ref),
        .out = offsetof(struct gnttab_swap_grant_ref, status),
        .out_size = sizeof(int16_t),
        .act = swap_one,
    };

    return grant_list(v, a, &list);
}

/* ---- cache_flush ---- */

#define CACHE_LINE 64U

/* Whether D has mapped MFN by a grant of T's. From which reference on it looks is D's choice. */
static bool is_mapped_by(const struct grant_table *t, domid_t domid, uint64_t mfn,
                         grant_ref_t first)
{
    /* Xen has no quicker way either (grant_map_exists); it is for devices that do not snoop. */
    for (grant_ref_t ref = first; ref < grant_entries(t); ref++) {
        const struct active_grant *active = &t->active[ref];

        if (active->pinned && active->domid == domid && active->mfn == mfn)
            return true;
    }
    return false;
}

static int may_flush(struct domain *d, uint64_t mfn, grant_ref_t first)
{
    struct hypervisor *hv = d->hv;
    struct grant_table *t;
    struct domain *owner;

    if (mfn >= hv->frames)
        return -EINVAL;
    if (page_is_of(hv, d->id, mfn))
        return 0;
    owner = page_owner(hv, mfn);
    if (!owner)
        return -EPERM; /* free, or the hypervisor's */
    if (grant_table_find(hv, owner->id, &t))
        return -EPERM;
    return is_mapped_by(t, d->id, mfn, first) ? 0 : -EINVAL;
}

static void flush_lines(const uint8_t *from, size_t len)
{
    uintptr_t at = (uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1);

    for (; at < (uintptr_t)from + len; at += CACHE_LINE)
        __builtin_ia32_clflush((const void *)at);
}

static int flush(struct domain *d, const struct gnttab_cache_flush *op, grant_ref_t first)
{
    uint64_t mfn = op->a.dev_bus_addr >> PAGE_SHIFT;
    int error;

    if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE)
        return -EINVAL;
    if (op->offset + op->length > (int)PAGE_SIZE)
        return -EINVAL;
    if (op->op & ~(GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN))
        return -EINVAL;
    if (op->length == 0 || op->op == 0)
        return first ? -EILSEQ : 0;
    error = may_flush(d, mfn, first);
    if (error)
        return error;
    if (op->op == GNTTAB_CACHE_INVAL)
        return -EOPNOTSUPP; /* x86 has no instruction that only invalidates a line */
    flush_lines((const uint8_t *)page_map(d->hv, mfn) + op->offset, op->length);
    return 0;
}

long grant_cache_flush(struct vcpu *v, const unsigned long *a)
{
    grant_ref_t first = (unsigned int)a[0] & ~GNTTABOP_CMD_MASK;
    struct gnttab_cache_flush op;

    if (!guest_address_ok(a[1]))
        return -EFAULT;
    for (unsigned int i = 0; i < (unsigned int)a[2]; i++, first = 0) {
        int error;

        if (copy_from_guest(v, &op, a[1] + i * sizeof(op), sizeof(op)))
            return -EFAULT;
        error = flush(v->domain, &op, first);
        if (error)
            return error;
    }
    return 0;
}
