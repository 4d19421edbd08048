/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Grants: the pins of every entry are, way by way, those of the handles that map it, so that an
 * entry is in use exactly as long as somebody has it; a frame of another domain is in nobody's page
 * tables more often, or with more rights, than grants of it are mapped.
 */
#include "model.h"

#include "grant_table.h"

#include <stdlib.h>

/* The table of DOMID, dying or alive, if it has one. Makes none (grant_table_find would). */
static const struct grant_table *table_of(struct hypervisor *hv, domid_t domid)
{
    const struct domain *d = domain_by_id(hv, domid);

    return d ? d->grant_table : NULL;
}

/* Pins by the handles of living domains, as many as the table has entries. */
static const uint32_t *count_handles(struct hypervisor *hv, const struct grant_table *t)
{
    static uint32_t *pins;
    size_t size = (size_t)t->frames * ENTRIES_A_FRAME_V1 * sizeof(*pins);

    pins = realloc(pins, size);
    if (!pins)
        abort();
    memset(pins, 0, size);
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        const struct grant_table *mine = hv->domains[i] ? hv->domains[i]->grant_table : NULL;

        for (grant_handle_t h = 0; mine && h < mine->maptrack_limit; h++) {
            const struct grant_mapping *m = &mine->maptrack[h];
            bool readonly = m->flags & GNTMAP_readonly;

            if (m->domid != t->domid || m->ref >= t->frames * ENTRIES_A_FRAME_V1)
                continue;
            /* What is not this entry's any more is of a domain that had the number before. */
            if (t->active[m->ref].domid != mine->domid)
                continue;
            if (m->flags & GNTMAP_host_map)
                pins[m->ref] += PIN_ONE(readonly ? PIN_HOST_READ : PIN_HOST_WRITE);
            if (m->flags & GNTMAP_device_map)
                pins[m->ref] += PIN_ONE(readonly ? PIN_DEVICE_READ : PIN_DEVICE_WRITE);
        }
    }
    return pins;
}

static const char *check_entries(struct hypervisor *hv, const struct grant_table *t)
{
    const uint32_t *pins = count_handles(hv, t);

    for (grant_ref_t ref = 0; ref < t->frames * ENTRIES_A_FRAME_V1; ref++) {
        const struct active_grant *a = &t->active[ref];

        if (a->pinned != pins[ref])
            return model_wrong("d%u: grant %u has pins %#x; its mappings are %#x", t->domid, ref,
                               a->pinned, pins[ref]);
        if (a->pinned && ref >= grant_entries(t))
            return model_wrong("d%u: grant %u is in use, and version %u does not have it", t->domid,
                               ref, t->version);
    }
    return NULL;
}

static const char *check_handles(const struct grant_table *t)
{
    unsigned int unused = 0, listed = 0;

    for (grant_handle_t h = 0; h < t->maptrack_limit; h++) {
        unused += t->maptrack[h].flags == 0;
        /* Ways go one by one; a handle that has none left is free, flags and all. */
        if (t->maptrack[h].flags && !(t->maptrack[h].flags & (GNTMAP_device_map | GNTMAP_host_map)))
            return model_wrong("d%u: handle %u maps nothing, but is not free", t->domid, h);
    }
    if (!t->maptrack_limit)
        return NULL;
    for (grant_handle_t h = t->maptrack_head; listed <= unused; h = t->maptrack[h].ref) {
        listed++;
        if (h >= t->maptrack_limit || t->maptrack[h].flags)
            return model_wrong("d%u: handle %u is in the list of free ones", t->domid, h);
        if (h == t->maptrack_tail)
            break;
    }
    if (listed != unused)
        return model_wrong("d%u: %u handles are free, %u in their list", t->domid, unused, listed);
    return NULL;
}

/* The table's own frames are the hypervisor's, shared with the domain. Returns how many. */
static const char *check_table_frames(struct hypervisor *hv, const struct grant_table *t,
                                      unsigned int *count)
{
    if (t->version != 1 && t->version != 2)
        return model_wrong("d%u: grant table of version %u", t->domid, t->version);
    if (t->version > t->limits.grant_version || t->frames > t->limits.grant_frames ||
        t->maptrack_limit > t->limits.maptrack_frames * MAPTRACK_A_FRAME)
        return model_wrong("d%u: version %u, %u grant frames, %u handles: more than it may have",
                           t->domid, t->version, t->frames, t->maptrack_limit);
    if (t->frames > MAX_GRANT_FRAMES ||
        t->status_frames != (t->version == 1 ? 0 : STATUS_FRAMES(t->frames)))
        return model_wrong("d%u: version %u, %u grant frames, %u status frames", t->domid,
                           t->version, t->frames, t->status_frames);
    for (unsigned int i = 0; i < t->frames + t->status_frames; i++) {
        uint32_t mfn = i < t->frames ? t->shared[i] : t->status[i - t->frames];

        if (!(hv->page_table[mfn].flags & PAGE_GRANT_TABLE) || !page_is_of(hv, t->domid, mfn))
            return model_wrong("d%u: frame %#x is not one of its grant table", t->domid, mfn);
    }
    *count += t->frames + t->status_frames;
    return NULL;
}

static const char *check_tables(const struct model *m)
{
    struct hypervisor *hv = m->hv;
    unsigned int in_tables = 0, flagged = 0;
    const char *wrong = NULL;

    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct grant_table *t = table_of(hv, (domid_t)i);

        if (!t)
            continue;
        wrong = check_table_frames(hv, t, &in_tables);
        if (!wrong)
            wrong = check_entries(hv, t);
        if (!wrong)
            wrong = check_handles(t);
    }
    for (uint32_t n = 0; n < m->noted_count; n++)
        flagged += (hv->page_table[m->noted[n]].flags & PAGE_GRANT_TABLE) != 0;
    if (!wrong && flagged != in_tables)
        wrong = model_wrong("%u frames are of grant tables; %u are in one", flagged, in_tables);
    return wrong;
}

/* ---- mappings of frames of others ---- */

/* How often D's handles let it map each frame; TYPED: writable. */
static void count_rights(struct hypervisor *hv, const struct domain *d, struct model_counts c)
{
    const struct grant_table *mine = d->grant_table;

    for (grant_handle_t h = 0; mine && h < mine->maptrack_limit; h++) {
        const struct grant_mapping *m = &mine->maptrack[h];
        const struct grant_table *t = m->flags & GNTMAP_host_map ? table_of(hv, m->domid) : NULL;

        if (!t || m->ref >= grant_entries(t))
            continue;
        c.general[t->active[m->ref].mfn]++;
        c.typed[t->active[m->ref].mfn] += !(m->flags & GNTMAP_readonly);
    }
}

static const char *check_leaves(const struct model *m, const struct domain *d, uint64_t table,
                                struct model_counts c)
{
    const uint64_t *entries = page_map_read(m->hv, table);

    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        uint64_t mfn = PTE_FRAME(entries[i]);

        if (!(entries[i] & PTE_PRESENT) || m->owner[mfn] == d)
            continue;
        if (!c.general[mfn] || (entries[i] & PTE_RW && !c.typed[mfn]))
            return model_wrong("d%u: slot %u of table %#lx maps frame %#lx%s, which no grant lets "
                               "it do",
                               d->id, i, (unsigned long)table, (unsigned long)mfn,
                               entries[i] & PTE_RW ? " writable" : "");
        c.general[mfn]--;
        if (entries[i] & PTE_RW)
            c.typed[mfn]--;
    }
    return NULL;
}

/* The privileged may map frames of others without grants. */
static const char *check_foreign(const struct model *m)
{
    const char *wrong = NULL;

    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct domain *d = m->hv->domains[i];
        struct model_counts c;

        if (!d || !d->grant_table || d->hardware_domain)
            continue;
        c = model_frame_counts(m);
        count_rights(m->hv, d, c);
        for (uint32_t n = 0; !wrong && n < m->noted_count; n++) {
            uint64_t mfn = m->noted[n];
            const struct page_info *p = &m->hv->page_table[mfn];

            if (m->owner[mfn] == d && model_is_table(p) && p->type == PAGE_L1)
                wrong = check_leaves(m, d, mfn, c);
        }
    }
    return wrong;
}

const char *model_grants(const struct model *m)
{
    const char *wrong = check_tables(m);

    return wrong ? wrong : check_foreign(m);
}
