/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The version of a grant table. A change clears it but for the first entries, which the domain's
 * builder has made for its rings.
 */
#include "grant_table.h"
#include "handlers.h"

long grant_get_version(struct vcpu *v, const unsigned long *a)
{
    struct gnttab_get_version op;
    struct grant_table *t;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = grant_table_query(v, op.dom, &t);
    if (error)
        return error;
    op.version = t->version;
    return copy_to_guest(v, a[1] + offsetof(struct gnttab_get_version, version), &op.version,
                         sizeof(op.version));
}

static bool is_used(const struct grant_table *t)
{
    for (grant_ref_t ref = GNTTAB_NR_RESERVED_ENTRIES; ref < grant_entries(t); ref++) {
        if (t->active[ref].pinned)
            return true;
    }
    return false;
}

/* Whether version 1 has no room for what a reserved entry of version 2 says. */
static bool is_too_large(const grant_entry_v2_t *entry)
{
    switch (entry->hdr.flags & GTF_type_mask) {
    case GTF_permit_access:
        return entry->full_page.frame >> 32 != 0;
    case GTF_transitive:
        return true;
    default:
        return false;
    }
}

static void clear_entries(struct grant_table *t)
{
    for (unsigned int i = 0; i < t->frames; i++)
        memset(page_map(t->hv, t->shared[i]), 0, PAGE_SIZE);
}

static int to_version_2(struct grant_table *t)
{
    grant_entry_v1_t kept[GNTTAB_NR_RESERVED_ENTRIES];

    if (!grant_status_grow(t))
        return -ENOMEM;
    memcpy(kept, grant_v1(t, 0), sizeof(kept));
    clear_entries(t);
    t->version = 2;
    for (grant_ref_t ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
        grant_entry_v2_t *entry = grant_v2(t, ref);
        const unsigned int used = GTF_reading | GTF_writing;

        entry->hdr.flags = (uint16_t)(kept[ref].flags & ~used);
        entry->hdr.domid = kept[ref].domid;
        entry->full_page.frame = kept[ref].frame;
        *grant_status(t, ref) = (uint16_t)(kept[ref].flags & used);
    }
    return 0;
}

static int to_version_1(struct grant_table *t)
{
    grant_entry_v1_t kept[GNTTAB_NR_RESERVED_ENTRIES] = {{0}};

    for (grant_ref_t ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
        const grant_entry_v2_t *entry = grant_v2(t, ref);

        if (is_too_large(entry))
            return -ERANGE;
        if ((entry->hdr.flags & GTF_type_mask) != GTF_permit_access)
            continue;
        kept[ref].flags = entry->hdr.flags | *grant_status(t, ref);
        kept[ref].domid = entry->hdr.domid;
        kept[ref].frame = (uint32_t)entry->full_page.frame;
    }
    if (!grant_status_free(t))
        return -EBUSY;
    clear_entries(t);
    t->version = 1;
    memcpy(grant_v1(t, 0), kept, sizeof(kept));
    return 0;
}

static int set_version(struct grant_table *t, uint32_t version)
{
    if (version != 1 && version != 2)
        return -EINVAL;
    if (version > t->limits.grant_version)
        return -ENOSYS; /* as where there was one version only */
    if (version == t->version)
        return 0;
    if (is_used(t))
        return -EBUSY;
    return version == 1 ? to_version_1(t) : to_version_2(t);
}

long grant_set_version(struct vcpu *v, const unsigned long *a)
{
    struct grant_table *t = grant_table_get(v->domain);
    struct gnttab_set_version op;
    long error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!t)
        return -ENOMEM;
    error = set_version(t, op.version);
    op.version = t->version;
    if (copy_to_guest(v, a[1], &op, sizeof(op)))
        return -EFAULT;
    return error;
}
