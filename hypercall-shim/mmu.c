/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mmu_update, update_va_mapping, mmuext_op (<xen/xen.h>): what a guest asks; the rules are in
 * page_table.c.
 */
#include "internal.h"
#include "handlers.h"

/*
 * Whose frames the new entries refer to. Xen's get_pg_owner: a domain cannot name itself as
 * foreign; others are for the privileged.
 */
static int frame_owner(struct vcpu *v, domid_t domid, struct domain **owner)
{
    if (domid == DOMID_SELF) {
        *owner = v->domain;
        return 0;
    }
    if (domid == v->domain->id)
        return -ESRCH;
    /* I/O memory: no domain here has any, so each use would fail with EPERM. */
    if (domid == DOMID_IO)
        return -EPERM;
    *owner = domain_by_id(v->domain->hv, domid);
    if (!*owner)
        return -ESRCH;
    return v->domain->hardware_domain ? 0 : -EPERM;
}

static void report_done(struct vcpu *v, uint64_t pdone, unsigned int done)
{
    if (pdone)
        copy_to_guest(v, pdone, &done, sizeof(done));
}

static int update_table(struct domain *d, uint64_t ptr, uint64_t value, bool preserve_ad,
                        struct domain *owner)
{
    uint64_t mfn = ptr >> PAGE_SHIFT;
    unsigned int slot = (unsigned int)(ptr & ~PAGE_MASK) / 8;
    struct page_info *page;

    if (page_owner(d->hv, mfn) != d)
        return -EINVAL;
    page = page_info(d->hv, mfn);
    if (page->type_count && page->type >= PAGE_L1 && page->type <= PAGE_L4) {
        if (page->type != PAGE_L1 && owner != d)
            return -EINVAL;
        return page_table_modify(d, mfn, page->type, slot, value, preserve_ad, owner);
    }
    /* No table (any more): an ordinary write, if the guest could have done it itself. */
    ((uint64_t *)page_map(d->hv, mfn))[slot] = value;
    return 0;
}

long mmu_update_op(struct vcpu *v, const unsigned long *a)
{
    uint64_t list = a[0];
    unsigned int count = (unsigned int)a[1] & ~MMU_UPDATE_PREEMPTED, i;
    unsigned int foreign = (unsigned int)a[3];
    struct domain *d = v->domain, *owner;
    int error;

    /* The upper half names whose tables are meant, plus one. */
    if (foreign >> 16) {
        struct domain *other = domain_by_id(d->hv, (domid_t)((foreign >> 16) - 1));

        if (!other)
            return -ESRCH;
        if (other != d)
            return -EPERM;
    }
    error = frame_owner(v, (domid_t)foreign, &owner);
    for (i = 0; !error && i < count; i++) {
        mmu_update_t req;

        if (copy_from_guest(v, &req, list + i * sizeof(req), sizeof(req))) {
            error = -EFAULT;
            break;
        }
        switch (req.ptr & 7) {
        case MMU_NORMAL_PT_UPDATE:
        case MMU_PT_UPDATE_PRESERVE_AD:
            error = update_table(d, req.ptr & ~7UL, req.val,
                                 (req.ptr & 7) == MMU_PT_UPDATE_PRESERVE_AD, owner);
            break;
        case MMU_MACHPHYS_UPDATE:
            if (page_owner(d->hv, req.ptr >> PAGE_SHIFT) != owner)
                error = -EINVAL;
            else
                m2p_set(d->hv, req.ptr >> PAGE_SHIFT, req.val);
            break;
        default:
            error = -ENOSYS;
            break;
        }
        if (error)
            break;
    }
    report_done(v, a[2], i);
    return error;
}

long update_va_mapping_op(struct vcpu *v, const unsigned long *a)
{
    struct domain *d = v->domain;
    uint64_t table;
    unsigned int slot;

    if (!page_table_find_leaf(d->hv, v->cr3, a[0], &table, &slot))
        return -EINVAL;
    return page_table_modify(d, table, 1, slot, a[1], false, d);
    /* a[2] asks for a TLB flush: the mirror never holds anything stale. */
}

long update_va_mapping_otherdomain_op(struct vcpu *v, const unsigned long *a)
{
    struct domain *d = v->domain, *owner;
    uint64_t table;
    unsigned int slot;
    int error = frame_owner(v, (domid_t)a[3], &owner);

    if (error)
        return error;
    if (!page_table_find_leaf(d->hv, v->cr3, a[0], &table, &slot))
        return -EINVAL;
    return page_table_modify(d, table, 1, slot, a[1], false, owner);
}

/* ---- mmuext_op: A of these handlers is the struct mmuext_op, in the hypervisor's memory ---- */

static const struct mmuext_op *extended(const unsigned long *a)
{
    return (const struct mmuext_op *)(const void *)a;
}

static struct domain *ext_owner(struct vcpu *v) { return v->mmuext_owner; }

long mmuext_pin(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = ext_owner(v);
    enum page_type type = (enum page_type)(op->cmd - MMUEXT_PIN_L1_TABLE + PAGE_L1);
    int error;

    if (!page_get(d, op->arg1.mfn))
        return -EINVAL;
    error = page_get_type(d, op->arg1.mfn, type);
    if (error) {
        page_put(d->hv, op->arg1.mfn);
        return error;
    }
    if (page_info(d->hv, op->arg1.mfn)->flags & PAGE_PINNED) {
        page_put_type(d, op->arg1.mfn);
        page_put(d->hv, op->arg1.mfn);
        return -EINVAL;
    }
    page_info(d->hv, op->arg1.mfn)->flags |= PAGE_PINNED;
    return 0;
}

long mmuext_unpin(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = ext_owner(v);

    if (page_owner(d->hv, op->arg1.mfn) != d)
        return -EINVAL;
    if (!(page_info(d->hv, op->arg1.mfn)->flags & PAGE_PINNED))
        return -EINVAL;
    page_info(d->hv, op->arg1.mfn)->flags &= (uint8_t)~PAGE_PINNED;
    page_put_type(d, op->arg1.mfn);
    page_put(d->hv, op->arg1.mfn);
    return 0;
}

static int get_root(struct domain *d, uint64_t mfn)
{
    int error;

    if (!page_get(d, mfn))
        return -EINVAL;
    error = page_get_type(d, mfn, PAGE_L4);
    if (error)
        page_put(d->hv, mfn);
    return error;
}

long mmuext_new_baseptr(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = v->domain;
    uint64_t old = v->cr3;
    int error;

    if (ext_owner(v) != d)
        return -EPERM;
    if (op->arg1.mfn == old)
        return 0;
    error = get_root(d, op->arg1.mfn);
    if (error)
        return error;
    v->cr3 = op->arg1.mfn;
    d->hv->translation_generation++;
    mirror_switch(d, v->cr3);
    page_put_type(d, old);
    page_put(d->hv, old);
    return 0;
}

long mmuext_new_user_baseptr(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = v->domain;
    uint64_t old = v->user_cr3;
    int error;

    if (ext_owner(v) != d)
        return -EPERM;
    if (op->arg1.mfn == old)
        return 0;
    if (op->arg1.mfn) {
        error = get_root(d, op->arg1.mfn);
        if (error)
            return error;
    }
    v->user_cr3 = op->arg1.mfn;
    if (old) {
        page_put_type(d, old);
        page_put(d->hv, old);
    }
    return 0;
}

/* Nothing stale is ever cached here: flushing is done as soon as it is allowed. */
long mmuext_flush(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    uint64_t mask;

    if (ext_owner(v) != v->domain)
        return -EPERM;
    if (op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_INVLPG_MULTI) {
        /* Xen reads the vCPU mask and answers EINVAL when it cannot. */
        if (copy_from_guest(v, &mask, (uint64_t)(uintptr_t)op->arg2.vcpumask.p, 4))
            return -EINVAL;
    }
    return 0;
}

long mmuext_flush_cache(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    if (ext_owner(v) != v->domain)
        return -EPERM;
    return -EACCES; /* only for domains with devices or I/O memory */
}

long mmuext_set_ldt(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    uint64_t base = op->arg1.linear_addr;

    if (ext_owner(v) != v->domain)
        return -EPERM;
    if (op->arg2.nr_ents > 8192 || (op->arg2.nr_ents && base & ~PAGE_MASK))
        return -EINVAL;
    /* Kept, not loaded: a Linux process has its own LDT. */
    v->ldt_base = base;
    v->ldt_entries = op->arg2.nr_ents;
    return 0;
}

long mmuext_clear_page(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = ext_owner(v);

    if (!page_get(d, op->arg1.mfn))
        return -EINVAL;
    if (page_get_type(d, op->arg1.mfn, PAGE_WRITABLE)) {
        page_put(d->hv, op->arg1.mfn);
        return -EINVAL;
    }
    memset(page_map(d->hv, op->arg1.mfn), 0, PAGE_SIZE);
    page_put_type(d, op->arg1.mfn);
    page_put(d->hv, op->arg1.mfn);
    return 0;
}

long mmuext_copy_page(struct vcpu *v, const unsigned long *a)
{
    const struct mmuext_op *op = extended(a);
    struct domain *d = ext_owner(v);
    const void *from;

    if (page_owner(d->hv, op->arg2.src_mfn) != d || !page_get(d, op->arg1.mfn))
        return -EINVAL;
    if (page_get_type(d, op->arg1.mfn, PAGE_WRITABLE)) {
        page_put(d->hv, op->arg1.mfn);
        return -EINVAL;
    }
    from = page_map(d->hv, op->arg2.src_mfn);
    memmove(page_map(d->hv, op->arg1.mfn), from, PAGE_SIZE);
    page_put_type(d, op->arg1.mfn);
    page_put(d->hv, op->arg1.mfn);
    return 0;
}

long mmuext_op_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int count = (unsigned int)a[1] & ~MMU_UPDATE_PREEMPTED, i;
    long error = frame_owner(v, (domid_t)a[3], &v->mmuext_owner);

    if (error)
        return error;
    for (i = 0; i < count; i++) {
        struct mmuext_op op;
        const struct suboperation *row;

        if (copy_from_guest(v, &op, a[0] + i * sizeof(op), sizeof(op))) {
            error = -EFAULT;
            break;
        }
        row = hypercall_suboperation(v, __HYPERVISOR_mmuext_op, op.cmd);
        if (!row)
            error = -ENOSYS;
        else if (row->handler)
            error = row->handler(v, (const unsigned long *)(const void *)&op);
        else
            error = row->error;
        if (error) {
            hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: %s: error %ld",
                           v->domain->id, v->id, row ? row->name : "mmuext_op", -error);
            break;
        }
    }
    report_done(v, a[2], i);
    return error;
}
