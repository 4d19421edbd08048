/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mmuext_op (<xen/xen.h>): pinning, roots, flushes. A of the handlers is the struct mmuext_op, in
 * the hypervisor's memory.
 */
#include "page_table.h"
#include "handlers.h"

#define LDT_ENTRIES 8192U

static const struct mmuext_op *extended(const unsigned long *a)
{
    return (const struct mmuext_op *)(const void *)a;
}

/* Frames of domain_io and domain_xen: no operation here knows any. */
static bool get(struct vcpu *v, uint64_t mfn)
{
    struct domain *d = v->mmuext_owner;

    return d->hv && page_get(d, mfn);
}

static bool foreign(const struct vcpu *v) { return v->mmuext_owner != v->domain; }

/* ---- pinning ---- */

long mmuext_pin(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = v->mmuext_owner;
    enum page_type type = (enum page_type)(op->cmd - MMUEXT_PIN_L1_TABLE + PAGE_L1);
    int error;

    if (!get(v, op->arg1.mfn))
        return -EINVAL;
    error = page_get_type(d, op->arg1.mfn, type);
    if (error) {
        page_put(d->hv, op->arg1.mfn);
        return error;
    }
    if (page_info(d->hv, op->arg1.mfn)->flags & PAGE_PINNED) {
        page_put_both(d, op->arg1.mfn);
        return -EINVAL;
    }
    page_set_pinned(d, op->arg1.mfn);
    /* Xen unpins it at once when its domain has ended: nobody else would. */
    if (d->is_dying)
        page_unpin(d, op->arg1.mfn);
    return 0;
}

long mmuext_unpin(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct hypervisor *hv = v->domain->hv;
    struct page_info *page;

    if (!get(v, op->arg1.mfn))
        return -EINVAL;
    page = page_info(hv, op->arg1.mfn);
    if (!(page->flags & PAGE_PINNED)) {
        page_put(hv, op->arg1.mfn);
        return -EINVAL;
    }
    page_unpin(v->mmuext_owner, op->arg1.mfn);
    page_put(hv, op->arg1.mfn);
    return 0;
}

/* ---- roots ---- */

long mmuext_new_baseptr(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = v->domain;
    uint64_t old = v->cr3;
    int error;

    if (foreign(v))
        return -EPERM;
    if (op->arg1.mfn == old)
        return 0;
    error = page_get_both(d, op->arg1.mfn, PAGE_L4);
    if (error)
        return error;
    v->cr3 = op->arg1.mfn;
    d->hv->translation_generation++;
    mirror_switch(d, v->cr3);
    page_put_both(d, old);
    return 0;
}

long mmuext_new_user_baseptr(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = v->domain;
    uint64_t old = v->user_cr3;
    int error;

    if (foreign(v))
        return -EPERM;
    if (op->arg1.mfn == old)
        return 0;
    if (op->arg1.mfn) {
        error = page_get_both(d, op->arg1.mfn, PAGE_L4);
        if (error)
            return error;
    }
    v->user_cr3 = op->arg1.mfn;
    if (old)
        page_put_both(d, old);
    return 0;
}

/* ---- flushes: nothing stale is ever cached here, so they are done as soon as allowed ---- */

long mmuext_flush(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    return foreign(v) ? -EPERM : 0;
}

long mmuext_flush_multi(struct vcpu *v, const unsigned long *a)
{
    if (foreign(v))
        return -EPERM;
    /* Any error with the mask is EINVAL (do_mmuext_op). */
    if (vcpu_mask_read(v, (uint64_t)(uintptr_t)extended(a)->arg2.vcpumask.p))
        return -EINVAL;
    return 0;
}

/* Only for domains with devices or I/O memory, as the hardware domain has (for Xen's checks). */
long mmuext_flush_cache(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    if (foreign(v))
        return -EPERM;
    return v->domain->hardware_domain ? 0 : -EACCES;
}

long mmuext_flush_cache_global(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    if (foreign(v))
        return -EPERM;
    return v->domain->hardware_domain ? 0 : -EINVAL;
}

long mmuext_set_ldt(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    uint64_t base = op->arg1.linear_addr;

    if (foreign(v))
        return -EPERM;
    if (op->arg2.nr_ents > LDT_ENTRIES)
        return -EINVAL;
    if (op->arg2.nr_ents && (base & ~PAGE_MASK || !guest_address_ok(base)))
        return -EINVAL;
    /* Kept, not loaded: a Linux process has its own LDT. */
    v->ldt_base = base;
    v->ldt_entries = op->arg2.nr_ents;
    return 0;
}

/* ---- contents ---- */

/* Takes both references, so that MFN can be written. */
static bool get_writable(struct vcpu *v, uint64_t mfn)
{
    if (!get(v, mfn))
        return false;
    if (!page_get_type(v->mmuext_owner, mfn, PAGE_WRITABLE))
        return true;
    page_put(v->domain->hv, mfn);
    return false;
}

long mmuext_clear_page(struct vcpu *v, const unsigned long *a)
{
    uint64_t mfn = extended(a)->arg1.mfn;

    if (!get_writable(v, mfn))
        return -EINVAL;
    memset(page_map(v->domain->hv, mfn), 0, PAGE_SIZE);
    page_put_both(v->mmuext_owner, mfn);
    return 0;
}

long mmuext_copy_page(struct vcpu *v, const unsigned long *a)
{
    uint64_t from = extended(a)->arg2.src_mfn, to = extended(a)->arg1.mfn;
    struct hypervisor *hv = v->domain->hv;

    if (!get(v, from))
        return -EINVAL;
    if (!get_writable(v, to)) {
        page_put(hv, from);
        return -EINVAL;
    }
    memmove(page_map(hv, to), page_map(hv, from), PAGE_SIZE);
    page_put_both(v->mmuext_owner, to);
    page_put(hv, from);
    return 0;
}

/* ---- the list ---- */

static long operate(struct vcpu *v, const struct mmuext_op *op)
{
    const struct suboperation *row = hypercall_suboperation(v, __HYPERVISOR_mmuext_op, op->cmd);
    long error;

    if (!row)
        error = -ENOSYS;
    else if (row->handler)
        error = row->handler(v, (const unsigned long *)(const void *)op);
    else
        error = row->error;
    if (error)
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: %s: error %ld", v->domain->id,
                       v->id, row ? row->name : "mmuext_op", -error);
    return error;
}

long mmuext_op_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int count = (unsigned int)a[1], done, i;
    long error = 0;

    if (count == MMU_UPDATE_PREEMPTED && !a[0])
        return (int)a[3];
    done = requests_done_before(v, &count, a[2]);
    if (!guest_address_ok(a[0]))
        return -EFAULT;
    v->mmuext_owner = frame_owner_find(v, (domid_t)a[3]);
    if (!v->mmuext_owner)
        return -ESRCH;
    if (!may_target(v->domain, v->mmuext_owner))
        return -EPERM;
    for (i = 0; i < count; i++) {
        struct mmuext_op op;

        error = copy_from_guest(v, &op, a[0] + i * sizeof(op), sizeof(op));
        if (!error)
            error = operate(v, &op);
        if (error)
            break;
    }
    requests_report(v, a[2], done + i);
    return error;
}
