/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Grant tables, among their own files. A domain has one from its first look at it on, as if it had
 * been there, empty and of one frame, since the domain was made. After the domain's death it stays
 * with what is left of it, so that others can unmap what they have of it.
 */
#ifndef HYPERCALL_SHIM_GRANT_TABLE_H
#define HYPERCALL_SHIM_GRANT_TABLE_H

#include "internal.h"
#include "instrument.h"

#include <xen/grant_table.h>

/* Xen's defaults: gnttab_max_frames, gnttab_max_maptrack_frames and gnttab of its command line. */
#define MAX_GRANT_FRAMES    64U
#define MAX_MAPTRACK_FRAMES 1024U
#define MAX_GRANT_VERSION   2U
#define MAPTRACK_A_FRAME    256U

#define ENTRIES_A_FRAME_V1 (PAGE_SIZE / sizeof(grant_entry_v1_t))
#define ENTRIES_A_FRAME_V2 (PAGE_SIZE / sizeof(grant_entry_v2_t))
#define STATUS_A_FRAME     (PAGE_SIZE / sizeof(grant_status_t))
#define STATUS_FRAMES(n)   (((n)*ENTRIES_A_FRAME_V2 + STATUS_A_FRAME - 1) / STATUS_A_FRAME)
#define MAX_STATUS_FRAMES  STATUS_FRAMES(MAX_GRANT_FRAMES)

/* How a grant is in use. Each way is counted for itself, to MAX_PINS. */
enum pin {
    PIN_HOST_WRITE,
    PIN_HOST_READ,
    PIN_DEVICE_WRITE,
    PIN_DEVICE_READ,
    PIN_WAYS,
};
#define MAX_PINS 128
/* A byte of active_grant.pinned for each way; all together say whether it is in use at all. */
#define PIN_ONE(way)   (1U << 8 * (way))
#define PIN_COUNT(way) (0xffU << 8 * (way))

/* An entry as it was when it was first pinned; what the guest writes to it since does not count. */
struct active_grant {
    uint32_t pinned;
    uint32_t mfn;
    domid_t domid; /* who uses it */
    uint16_t start, length;
    bool sub_page; /* a part of the page, or not this domain's page: cannot be mapped */
    /* Where the frame is from: the entry itself or, if it is transitive, another domain's. */
    domid_t from_domid;
    grant_ref_t from_ref;
};

/* What a handle stands for. */
struct grant_mapping {
    grant_ref_t ref; /* free: the next free handle */
    uint16_t flags;  /* GNTMAP_*; 0: free */
    domid_t domid;
};

struct grant_table {
    struct hypervisor *hv;
    domid_t domid;
    bool dying;
    uint32_t first_mfn, extent_pages; /* the domain's extent, none when it is dead */
    struct domain_limits limits;
    unsigned int version;
    unsigned int frames, status_frames;
    uint32_t shared[MAX_GRANT_FRAMES]; /* mfn */
    uint32_t status[MAX_STATUS_FRAMES];
    struct active_grant *active; /* for as many entries as version 1 has in FRAMES */

    /* Handles: those below the limit are in use or in the list of free ones. */
    struct grant_mapping *maptrack;
    unsigned int maptrack_limit, maptrack_space;
    grant_handle_t maptrack_head, maptrack_tail;
};

/* ---- grant_table.c ---- */

/* D's table; NULL if there is no memory for one. */
struct grant_table *grant_table_get(struct domain *d);
/* The table of DOMID, or of what is left of it: GNTST_bad_domain, GNTST_general_error (no memory).
 */
int grant_table_find_slow(struct hypervisor *hv, domid_t domid, struct grant_table **t);
static inline int grant_table_find(struct hypervisor *machine, domid_t domid,
                                   struct grant_table **t)
{
    if (domid < MAX_DOMAINS && machine->domains[domid] && machine->domains[domid]->grant_table) {
        *t = machine->domains[domid]->grant_table;
        return GNTST_okay;
    }
    return grant_table_find_slow(machine, domid, t);
}
/* The same for domains that the query operations know: DOMID_SELF too. -ESRCH, -EPERM, -ENOMEM. */
int grant_table_query(struct vcpu *v, domid_t domid, struct grant_table **t);
/* Makes it FRAMES large, with what status frames that needs. False: no memory. */
bool grant_table_grow(struct grant_table *t, unsigned int frames);
bool grant_status_grow(struct grant_table *t);
/* Gives the status frames back; false, with nothing changed, if one is in use. */
bool grant_status_free(struct grant_table *t);

/* page_is_of for the table's domain, in two comparisons where they do. */
static inline bool grant_owns(const struct grant_table *t, uint64_t mfn)
{
    if (mfn - t->first_mfn < t->extent_pages && t->hv->page_table[mfn].owner == OWNER_EXTENT)
        return true;
    return page_is_of(t->hv, t->domid, mfn);
}

/* ---- entries ---- */

static inline unsigned int grant_entries(const struct grant_table *t)
{
    return t->frames * (unsigned int)(t->version == 1 ? ENTRIES_A_FRAME_V1 : ENTRIES_A_FRAME_V2);
}

static inline void *grant_frame_at(const struct grant_table *t, uint32_t mfn)
{
    return t->hv->direct_map + ((size_t)mfn << PAGE_SHIFT);
}

/* Entry REF as either version has it; REF must be less than grant_entries. */
static inline grant_entry_v1_t *grant_v1(const struct grant_table *t, grant_ref_t ref)
{
    grant_entry_v1_t *page = grant_frame_at(t, t->shared[ref / ENTRIES_A_FRAME_V1]);

    return page + ref % ENTRIES_A_FRAME_V1;
}

static inline grant_entry_v2_t *grant_v2(const struct grant_table *t, grant_ref_t ref)
{
    grant_entry_v2_t *page = grant_frame_at(t, t->shared[ref / ENTRIES_A_FRAME_V2]);

    return page + ref % ENTRIES_A_FRAME_V2;
}

/* Flags and domid are the first two fields of both. */
static inline grant_entry_header_t *grant_header(const struct grant_table *t, grant_ref_t ref)
{
    if (t->version == 1)
        return (grant_entry_header_t *)grant_v1(t, ref);
    return &grant_v2(t, ref)->hdr;
}

/* Where GTF_reading and GTF_writing of it are. */
static inline uint16_t *grant_status(const struct grant_table *t, grant_ref_t ref)
{
    grant_status_t *page;

    if (t->version == 1)
        return &grant_v1(t, ref)->flags;
    page = grant_frame_at(t, t->status[ref / STATUS_A_FRAME]);
    return page + ref % STATUS_A_FRAME;
}

/* ---- pins ---- */

static inline bool grant_has_writer(const struct active_grant *active)
{
    return active->pinned & (PIN_COUNT(PIN_HOST_WRITE) | PIN_COUNT(PIN_DEVICE_WRITE));
}

static inline unsigned int grant_pins(const struct active_grant *active, enum pin way)
{
    return active->pinned >> 8 * way & 0xff;
}

/*
 * WHO wants to read or write what REF grants: looks at the entry, as far as its pins do not answer
 * for it, and sets the flags that say so. MAP: not a part of a page.
 */
int grant_allow(struct grant_table *t, grant_ref_t ref, domid_t who, bool readonly, bool map);
/* Clears the flags of REF that its pins no longer stand for. */
void grant_reduce(struct grant_table *t, grant_ref_t ref, bool readonly);

/*
 * The end of D: first what it has mapped of others; then nobody gets anything new of it; its own
 * table goes when nobody has mapped a frame of it any more.
 */
void grant_table_release_mappings(struct domain *d);
void grant_table_kill(struct domain *d);
void grant_table_destroy(struct domain *d);
void grant_table_free(struct grant_table *t);

/* ---- grant_setup.c: XENMEM_acquire_resource ---- */

/* How many frames there can be of what ID (XENMEM_resource_grant_table_id_*) says; 0: no such ID.
 */
unsigned int grant_resource_frames(const struct domain *d, unsigned int id);
/* COUNT of them from FIRST on; the table grows to have them. 0, -EINVAL or -ENOMEM. */
int grant_resource_get(struct domain *d, unsigned int id, unsigned int first, unsigned int count,
                       xen_pfn_t *mfns);

/* ---- grant_op.c: lists of arguments ---- */

/*
 * An operation on a list of arguments of SIZE bytes, of which OUT_SIZE at OUT are stored: all, or
 * the status at the end, which is not read then.
 */
struct grant_list {
    size_t size, out, out_size;
    void (*act)(struct vcpu *v, void *argument);
};

union grant_argument {
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap;
    struct gnttab_unmap_and_replace replace;
    struct gnttab_transfer transfer;
    struct gnttab_copy copy;
    struct gnttab_swap_grant_ref swap;
};

/*
 * Where an argument is, if all of it is in a page that can be written: its translation is good as
 * long as no page table changes.
 */
static inline uint8_t *grant_find_argument(struct vcpu *v, uint64_t place, size_t size)
{
    if ((place & ~PAGE_MASK) > PAGE_SIZE - size)
        return NULL;
    return guest_pointer(v, place, true);
}

/* Inlined into each operation, where LIST is constant: a copy takes hardly longer than this. */
static inline __attribute__((always_inline)) int grant_act_at(struct vcpu *v, uint64_t place,
                                                              const struct grant_list *list)
{
    size_t in_size = list->out ? list->out : list->size;
    uint64_t generation;
    union grant_argument argument;
    uint8_t *at = grant_find_argument(v, place, list->size);

    if (at)
        memcpy(&argument, at, in_size);
    else if (copy_from_guest(v, &argument, place, list->size))
        return -EFAULT;
    generation = v->domain->hv->translation_generation;
    list->act(v, &argument);
    if (at && generation == v->domain->hv->translation_generation) {
        memcpy(at + list->out, (const char *)&argument + list->out, list->out_size);
        instrument_wrote(place + list->out, list->out_size);
        return 0;
    }
    return copy_to_guest(v, place + list->out, (const char *)&argument + list->out, list->out_size);
}

static inline __attribute__((always_inline)) long grant_list(struct vcpu *v, const unsigned long *a,
                                                             const struct grant_list *list)
{
    if (!guest_address_ok(a[1]))
        return -EFAULT;
    for (unsigned int i = 0; i < (unsigned int)a[2]; i++) {
        if (grant_act_at(v, a[1] + i * list->size, list))
            return -EFAULT;
    }
    return 0;
}

/* ---- hypercall_table.c ---- */

/* Bits of the operation's number above the operation: where a long one goes on. */
#define GNTTABOP_CMD_MASK 0xfffU

#endif
