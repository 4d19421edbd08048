/* SPDX-License-Identifier: BSD-3-Clause
 *
 * GNTTABOP_transfer: a frame of this domain becomes another's, which has an entry ready for it. All
 * that is looked at after the frame has been taken costs it (Xen's gnttab_transfer).
 */
#include "grant_table.h"
#include "page_alloc.h"
#include "handlers.h"

static bool accepts(struct grant_table *t, grant_ref_t ref, domid_t from)
{
    grant_entry_header_t entry;

    if (ref >= grant_entries(t))
        return false;
    entry = *grant_header(t, ref);
    return entry.flags == GTF_accept_transfer && entry.domid == from;
}

/* The number that D wished the frame to have goes to the machine-to-physical table. */
static void complete(struct grant_table *t, grant_ref_t ref, uint32_t mfn)
{
    if (t->version == 1) {
        m2p_set(t->hv, mfn, grant_v1(t, ref)->frame);
        grant_v1(t, ref)->frame = mfn;
    } else {
        m2p_set(t->hv, mfn, grant_v2(t, ref)->full_page.frame);
        grant_v2(t, ref)->full_page.frame = mfn;
    }
    grant_header(t, ref)->flags |= GTF_transfer_committed | GTF_transfer_completed;
}

static int give(struct domain *d, domid_t to, grant_ref_t ref, uint32_t mfn)
{
    struct domain *receiver = domain_by_id(d->hv, to);
    struct grant_table *t;
    int status = grant_table_find(d->hv, to, &t);

    if (status)
        return status;
    if (receiver->is_dying)
        return GNTST_general_error;
    if (receiver->pages >= receiver->max_pages)
        return GNTST_general_error;
    if (!accepts(t, ref, d->id))
        return GNTST_general_error;
    page_give(receiver, mfn);
    complete(t, ref, mfn);
    return GNTST_okay;
}

static void transfer_one(struct vcpu *v, void *argument)
{
    struct gnttab_transfer *op = argument;
    struct domain *d = v->domain;

    if (!page_steal(d, op->mfn)) {
        op->status = GNTST_bad_page;
        return;
    }
    op->status = (int16_t)give(d, op->domid, op->ref, (uint32_t)op->mfn);
    if (op->status)
        page_free(d->hv, op->mfn);
}

long grant_transfer(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_transfer),
        .out = offsetof(struct gnttab_transfer, status),
        .out_size = sizeof(int16_t),
        .act = transfer_one,
    };

    return grant_list(v, a, &list);
}
