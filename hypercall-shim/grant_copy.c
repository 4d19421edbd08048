/* SPDX-License-Identifier: BSD-3-Clause
 *
 * GNTTABOP_copy: bytes of a page of this domain, or of one that another grants to it, to such a
 * page.
 */
#include "grant_table.h"
#include "handlers.h"

/* One side of a copy. */
struct side {
    struct grant_table *table; /* NULL: a frame of this domain */
    grant_ref_t ref;
    uint64_t mfn;
    unsigned int start, end; /* what may be touched of the page */
};

/* What an entry of T says now, of whichever kind. */
static void read_entry(const struct grant_table *t, grant_ref_t ref, struct active_grant *active,
                       uint64_t *mfn)
{
    const grant_entry_v2_t *entry;

    active->start = 0;
    active->length = PAGE_SIZE;
    active->sub_page = false;
    active->from_domid = t->domid;
    active->from_ref = ref;
    if (t->version == 1) {
        *mfn = grant_v1(t, ref)->frame;
        return;
    }
    entry = grant_v2(t, ref);
    *mfn = entry->full_page.frame; /* at the same place in both kinds */
    if (entry->hdr.flags & GTF_sub_page) {
        active->sub_page = true;
        active->start = entry->sub_page.page_off;
        active->length = entry->sub_page.length;
    }
}

/* Whether an entry that is pinned already is still what it was, as far as Xen looks. */
static bool is_same(const struct active_grant *active, const struct active_grant *now, uint64_t mfn)
{
    if (active->mfn != mfn || active->from_domid != now->from_domid ||
        active->from_ref != now->from_ref)
        return false;
    if (!active->sub_page)
        return true;
    return now->sub_page && active->start == now->start && active->length == now->length;
}

/* The entry grants a page of T's own domain, and must be looked at. */
static int look_at_entry(struct grant_table *t, grant_ref_t ref, domid_t who)
{
    struct active_grant *active = &t->active[ref], now;
    uint64_t mfn;

    if (active->pinned) {
        read_entry(t, ref, &now, &mfn);
        if (!grant_owns(t, mfn))
            return GNTST_bad_page;
        return is_same(active, &now, mfn) ? GNTST_okay : GNTST_general_error;
    }
    /* Unpinned, what is in it does not count: so it is filled as it stands. */
    read_entry(t, ref, active, &mfn);
    if (!grant_owns(t, mfn))
        return GNTST_bad_page;
    active->mfn = (uint32_t)mfn;
    active->domid = who;
    return GNTST_okay;
}

static void release(struct grant_table *t, grant_ref_t ref, bool readonly)
{
    struct active_grant *active = &t->active[ref];
    struct grant_table *other;

    active->pinned -= PIN_ONE(readonly ? PIN_HOST_READ : PIN_HOST_WRITE);
    grant_reduce(t, ref, readonly);
    if (active->from_domid != t->domid && !grant_table_find(t->hv, active->from_domid, &other))
        release(other, active->from_ref, readonly);
}

static int acquire(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly,
                   bool transitive_too);

/* The entry grants what another domain grants to T's: one step, no more. */
static int acquire_transitive(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly)
{
    struct active_grant *active = &t->active[ref];
    const grant_entry_v2_t *entry = grant_v2(t, ref);
    domid_t domid = entry->transitive.trans_domid;
    grant_ref_t other_ref = entry->transitive.gref;
    struct active_grant now = {
        .domid = who, .sub_page = true, .from_domid = domid, .from_ref = other_ref};
    const struct active_grant *source;
    struct grant_table *other;
    int status;

    if (domid == t->domid || grant_table_find(t->hv, domid, &other))
        return GNTST_general_error;
    status = acquire(other, other_ref, t->domid, readonly, false);
    if (status)
        return status;
    source = &other->active[other_ref];
    now.mfn = source->mfn;
    now.start = source->start;
    now.length = source->length;
    if (!active->pinned) {
        *active = now;
        return GNTST_okay;
    }
    if (active->sub_page && is_same(active, &now, now.mfn))
        return GNTST_okay;
    /* Xen lets the guest try for ever (ERESTART): the entry is pinned as something else. */
    release(other, other_ref, readonly);
    return GNTST_eagain;
}

/* Pins what REF of T grants to WHO. */
static int acquire(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly,
                   bool transitive_too)
{
    enum pin way = readonly ? PIN_HOST_READ : PIN_HOST_WRITE;
    struct active_grant *active;
    bool transitive, look;
    int status = GNTST_okay;

    if (ref >= grant_entries(t))
        return GNTST_bad_gntref;
    active = &t->active[ref];
    if (active->pinned && (active->domid != who || grant_pins(active, way) >= MAX_PINS))
        return GNTST_general_error;
    transitive = t->version == 2 && (grant_header(t, ref)->flags & GTF_type_mask) == GTF_transitive;
    look = !active->pinned || (!readonly && !grant_has_writer(active));
    if (look) {
        status = grant_allow(t, ref, who, readonly, false);
        if (status)
            return status;
    }
    if (transitive)
        status = transitive_too ? acquire_transitive(t, ref, who, readonly) : GNTST_general_error;
    else if (look)
        status = look_at_entry(t, ref, who);
    else if (t->dying || !grant_owns(t, active->mfn))
        status = GNTST_bad_domain;
    if (status) {
        grant_reduce(t, ref, readonly);
        return status;
    }
    active->pinned += PIN_ONE(way);
    return GNTST_okay;
}

/* Whether DOMID is one; its table, if a reference into it is meant. */
static inline int find_domain(struct vcpu *v, domid_t domid, bool by_reference, struct side *s)
{
    struct hypervisor *hv = v->domain->hv;

    s->table = NULL;
    if (by_reference)
        return grant_table_find(hv, domid == DOMID_SELF ? v->domain->id : domid, &s->table);
    if (domid == DOMID_SELF)
        return GNTST_okay;
    return domain_by_id(hv, domid) ? GNTST_okay : GNTST_bad_domain;
}

static int find_domains(struct vcpu *v, const struct gnttab_copy *op, struct side *from,
                        struct side *to)
{
    int status = find_domain(v, op->source.domid, op->flags & GNTCOPY_source_gref, from);

    if (!status)
        status = find_domain(v, op->dest.domid, op->flags & GNTCOPY_dest_gref, to);
    if (status)
        return status;
    /* A frame is named by its owner only, as DOMID_SELF. Xen 4.17.7 as Debian has it looks at both
     * domains before that. */
    if (!from->table && op->source.domid != DOMID_SELF)
        return GNTST_permission_denied;
    if (!to->table && op->dest.domid != DOMID_SELF)
        return GNTST_permission_denied;
    return GNTST_okay;
}

static int claim(struct vcpu *v, const struct gnttab_copy_ptr *p, bool readonly, struct side *s)
{
    const struct active_grant *active;
    int status;

    if (!s->table) {
        s->mfn = p->u.gmfn;
        s->start = 0;
        s->end = PAGE_SIZE;
        return page_is_of(v->domain->hv, v->domain->id, s->mfn) ? GNTST_okay : GNTST_bad_page;
    }
    s->ref = p->u.ref;
    status = acquire(s->table, s->ref, v->domain->id, readonly, true);
    if (status)
        return status;
    active = &s->table->active[s->ref];
    s->mfn = active->mfn;
    s->start = active->start;
    s->end = s->start + active->length;
    return GNTST_okay;
}

static bool is_writable(struct hypervisor *hv, uint64_t mfn)
{
    const struct page_info *page = &hv->page_table[mfn];

    return page->type_count == 0 || page->type == PAGE_WRITABLE;
}

static bool is_within(const struct side *s, unsigned int offset, unsigned int len)
{
    return offset >= s->start && offset + len <= s->end;
}

/* What the processor has for it: a page takes less than through musl's memmove, which begins with
 * it after a few questions and goes by eight bytes. */
static inline void move_apart(void *to, const void *from, size_t len)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

static inline void move_bytes(struct hypervisor *hv, const struct gnttab_copy *op, uint64_t from,
                              uint64_t to)
{
    const uint8_t *source = hv->direct_map + (from << PAGE_SHIFT);
    uint8_t *dest = page_map(hv, to);

    if (hv->page_table[from].flags & PAGE_LAZY)
        source = page_map_read(hv, from);
    if (from == to)
        memmove(dest + op->dest.offset, source + op->source.offset, op->len);
    else
        move_apart(dest + op->dest.offset, source + op->source.offset, op->len);
}

static int move_claimed(struct hypervisor *hv, const struct gnttab_copy *op,
                        const struct side *from, const struct side *to)
{
    if (op->source.offset + op->len > (int)PAGE_SIZE || op->dest.offset + op->len > (int)PAGE_SIZE)
        return GNTST_bad_copy_arg;
    if (!is_within(from, op->source.offset, op->len) || !is_within(to, op->dest.offset, op->len))
        return GNTST_general_error;
    move_bytes(hv, op, from->mfn, to->mfn);
    return GNTST_okay;
}

static int copy_claimed(struct vcpu *v, const struct gnttab_copy *op, const struct side *from,
                        struct side *to)
{
    struct hypervisor *hv = v->domain->hv;
    int status = claim(v, &op->dest, false, to);

    if (status)
        return status;
    status = is_writable(hv, to->mfn) ? move_claimed(hv, op, from, to) : GNTST_general_error;
    if (to->table)
        release(to->table, to->ref, false);
    return status;
}

static int copy(struct vcpu *v, const struct gnttab_copy *op)
{
    struct side from, to;
    int status = find_domains(v, op, &from, &to);

    if (!status)
        status = claim(v, &op->source, true, &from);
    if (status)
        return status;
    status = copy_claimed(v, op, &from, &to);
    if (from.table)
        release(from.table, from.ref, true);
    return status;
}

/* ---- the common case ---- */

/*
 * The frame of a whole page by an entry that nobody uses; 0 if it is anything else. Nobody could
 * see the pin and the flags that the copy holds meanwhile, but by copying the table itself; so they
 * are left out.
 */
static inline uint64_t find_briefly(struct vcpu *v, const struct gnttab_copy_ptr *p, bool readonly)
{
    struct hypervisor *hv = v->domain->hv;
    domid_t self = v->domain->id;
    const grant_entry_v1_t *entry;
    struct grant_table *t;
    unsigned int flags;

    if (grant_table_find(hv, p->domid == DOMID_SELF ? self : p->domid, &t))
        return 0;
    if (t->version != 1 || p->u.ref >= grant_entries(t) || t->active[p->u.ref].pinned)
        return 0;
    entry = grant_v1(t, p->u.ref);
    flags = entry->flags;
    if (readonly)
        flags &= ~(unsigned int)GTF_readonly;
    if (flags != GTF_permit_access || entry->domid != self || !grant_owns(t, entry->frame))
        return 0;
    if (hv->page_table[entry->frame].flags & PAGE_SPECIAL)
        return 0;
    return entry->frame;
}

static inline uint64_t find_own(struct vcpu *v, const struct gnttab_copy_ptr *p)
{
    if (p->domid != DOMID_SELF || !page_is_of(v->domain->hv, v->domain->id, p->u.gmfn))
        return 0;
    return p->u.gmfn;
}

static bool copy_briefly(struct vcpu *v, const struct gnttab_copy *op)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t from, to;

    from = op->flags & GNTCOPY_source_gref ? find_briefly(v, &op->source, true)
                                           : find_own(v, &op->source);
    to = op->flags & GNTCOPY_dest_gref ? find_briefly(v, &op->dest, false) : find_own(v, &op->dest);
    if (!from || !to || !is_writable(hv, to))
        return false;
    if (op->source.offset + op->len > (int)PAGE_SIZE || op->dest.offset + op->len > (int)PAGE_SIZE)
        return false;
    move_bytes(hv, op, from, to);
    return true;
}

/* ---- the operation ---- */

static void copy_one(struct vcpu *v, void *argument)
{
    struct gnttab_copy *op = argument;

    op->status = copy_briefly(v, op) ? GNTST_okay : (int16_t)copy(v, op);
}

long grant_copy(struct vcpu *v, const unsigned long *a)
{
    static const struct grant_list list = {
        .size = sizeof(struct gnttab_copy),
        .out = offsetof(struct gnttab_copy, status),
        .out_size = sizeof(int16_t),
        .act = copy_one,
    };

    return grant_list(v, a, &list);
}
