/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mmu_update, update_va_mapping (<xen/xen.h>): what a guest asks; the rules are in page_table.c.
 */
#include "page_table.h"
#include "handlers.h"

/* Names only: nothing of them is ever used but their numbers. */
struct domain domain_io = {.id = DOMID_IO};
struct domain domain_xen = {.id = DOMID_XEN};

struct domain *frame_owner_find(struct vcpu *v, domid_t domid)
{
    if (domid == v->domain->id)
        return NULL;
    if (domid == DOMID_IO)
        return &domain_io;
    if (domid == DOMID_XEN)
        return &domain_xen;
    return domain_find(v, domid);
}

unsigned int requests_done_before(struct vcpu *v, unsigned int *count, uint64_t pdone)
{
    unsigned int done = 0;

    if (*count & MMU_UPDATE_PREEMPTED) {
        *count &= ~MMU_UPDATE_PREEMPTED;
        if (pdone && copy_from_guest(v, &done, pdone, sizeof(done)))
            done = 0;
    }
    return done;
}

void requests_report(struct vcpu *v, uint64_t pdone, unsigned int done)
{
    if (pdone)
        copy_to_guest(v, pdone, &done, sizeof(done));
}

int vcpu_mask_read(struct vcpu *v, uint64_t va)
{
    uint64_t mask;

    /* One word tells of all that a domain can have; those that do not exist are ignored. */
    return copy_from_guest(v, &mask, va, sizeof(mask));
}

/* ---- mmu_update ---- */

/* Who is asked about what: TABLES is the domain that has the page tables. */
struct update {
    struct vcpu *v;
    struct domain *tables, *frames;
    bool preserve_ad;
};

static int update_entry(const struct update *u, uint64_t mfn, unsigned int slot, uint64_t value)
{
    struct hypervisor *hv = u->v->domain->hv;
    struct page_info *page = page_info(hv, mfn);

    if (page_is_table(page)) {
        if (page->type != PAGE_L1 && u->frames != u->tables)
            return -EINVAL;
        return page_table_modify(u->tables, mfn, page->type, slot, value, u->preserve_ad,
                                 u->frames);
    }
    /* No table: an ordinary write, if the guest could have done it itself. */
    if (page_get_type(u->tables, mfn, PAGE_WRITABLE))
        return -EINVAL;
    ((uint64_t *)page_map(hv, mfn))[slot] = value;
    page_put_type(u->tables, mfn);
    return 0;
}

static int update_table(const struct update *u, const mmu_update_t *req)
{
    struct domain *d = u->v->domain;
    uint64_t mfn = req->ptr >> PAGE_SHIFT;
    int error;

    if (u->frames != &domain_io && !may_target(d, u->frames))
        return -EPERM;
    if (!may_target(d, u->tables))
        return -EPERM;
    if (!page_get(u->tables, mfn))
        return -EINVAL;
    error = update_entry(u, mfn, (unsigned int)(req->ptr & ~PAGE_MASK) / 8, req->val);
    page_put(d->hv, mfn);
    return error;
}

static int update_m2p(const struct update *u, const mmu_update_t *req)
{
    struct domain *d = u->v->domain;
    uint64_t mfn = req->ptr >> PAGE_SHIFT;

    if (d != u->tables)
        return -EPERM;
    if (u->frames != &domain_io && !may_target(d, u->frames))
        return -EPERM;
    if (page_real_owner(d->hv, mfn) != u->frames)
        return -EINVAL;
    m2p_set(d->hv, mfn, req->val);
    return 0;
}

static int update_one(struct update *u, const mmu_update_t *req)
{
    u->preserve_ad = false;
    switch (req->ptr & 7) {
    case MMU_PT_UPDATE_PRESERVE_AD:
        u->preserve_ad = true;
        return update_table(u, req);
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE: /* differs only for translated domains */
        return update_table(u, req);
    case MMU_MACHPHYS_UPDATE:
        return update_m2p(u, req);
    default:
        return -ENOSYS;
    }
}

/* The upper half of FOREIGN names whose tables are meant, plus one. */
static int find_tables(struct update *u, unsigned int foreign)
{
    u->tables = u->v->domain;
    if (!(foreign >> 16))
        return 0;
    u->tables = domain_by_id(u->v->domain->hv, (domid_t)((foreign >> 16) - 1));
    return u->tables ? 0 : -ESRCH;
}

long mmu_update_op(struct vcpu *v, const unsigned long *a)
{
    struct update u = {.v = v};
    unsigned int count = (unsigned int)a[1], done, i = 0;
    unsigned int foreign = (unsigned int)a[3];
    int error;

    /* How Xen ends a call that it had interrupted: the result comes in that argument. */
    if (count == MMU_UPDATE_PREEMPTED && !a[0])
        return (int)foreign;
    done = requests_done_before(v, &count, a[2]);
    if (!guest_address_ok(a[0]))
        return -EFAULT;
    error = find_tables(&u, foreign);
    if (error)
        return error;
    u.frames = frame_owner_find(v, (domid_t)foreign);
    if (!u.frames)
        error = -ESRCH;
    for (; !error && i < count; i++) {
        mmu_update_t req;

        error = copy_from_guest(v, &req, a[0] + i * sizeof(req), sizeof(req));
        if (!error)
            error = update_one(&u, &req);
        if (error)
            break;
    }
    requests_report(v, a[2], done + i);
    return error;
}

/* ---- update_va_mapping ---- */

/* Nothing stale is ever cached here: flushing is done as soon as FLAGS are looked at. */
static int flush(struct vcpu *v, unsigned long flags)
{
    unsigned long type = flags & UVMF_FLUSHTYPE_MASK, mask = flags & ~UVMF_FLUSHTYPE_MASK;

    if (type != UVMF_TLB_FLUSH && type != UVMF_INVLPG)
        return 0;
    if (mask == UVMF_LOCAL || mask == UVMF_ALL)
        return 0;
    return vcpu_mask_read(v, mask);
}

static int update_va(struct vcpu *v, const unsigned long *a, struct domain *owner)
{
    struct domain *d = v->domain;
    uint64_t table;
    unsigned int slot;
    int error;

    if (!may_target(d, owner))
        return -EPERM;
    if (!page_table_find_leaf(d->hv, v->cr3, a[0], &table, &slot))
        return -EINVAL;
    /* A linear mapping may lead to a table of another level. */
    if (page_info(d->hv, table)->type != PAGE_L1)
        return -EINVAL;
    error = page_table_modify(d, table, 1, slot, a[1], false, owner);
    return error ? error : flush(v, a[2]);
}

long update_va_mapping_op(struct vcpu *v, const unsigned long *a)
{
    return update_va(v, a, v->domain);
}

long update_va_mapping_otherdomain_op(struct vcpu *v, const unsigned long *a)
{
    struct domain *owner = frame_owner_find(v, (domid_t)a[3]);

    return owner ? update_va(v, a, owner) : -ESRCH;
}
