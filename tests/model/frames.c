/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The references of every frame add up: those that it knows of are those that page tables, pins,
 * the roots of vCPUs and registered areas hold, no more (a leak) and no fewer (a frame that could
 * be freed, or change its type, under somebody who uses it).
 */
#include "model.h"

#include "event_channel.h"
#include "grant_table.h"

/* A table that is in use refers to each frame it has an entry for. */
static void count_table(const struct model *m, uint64_t mfn, struct model_counts c)
{
    struct hypervisor *hv = m->hv;
    unsigned int level = page_info(hv, mfn)->type;
    const uint64_t *table = page_map_read(hv, mfn);

    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        uint64_t entry = table[i], child = PTE_FRAME(entry);

        if (!(entry & PTE_PRESENT) || model_xen_slot(level, i) || child >= hv->frames)
            continue;
        if (level > PAGE_L1 && child == mfn)
            continue; /* what a table shows of itself is not counted */
        c.general[child]++;
        if (level > PAGE_L1 || entry & PTE_RW)
            c.typed[child]++;
    }
}

static void count_both(struct model_counts c, uint64_t mfn)
{
    c.general[mfn]++;
    c.typed[mfn]++;
}

static void count_vcpu(const struct vcpu *v, struct model_counts c)
{
    if (v->cr3)
        count_both(c, v->cr3);
    if (v->user_cr3)
        count_both(c, v->user_cr3);
    if (v->info_registered)
        count_both(c, v->info_mfn);
    for (unsigned int i = 0; i < (v->gdt_entries + 511) / 512; i++)
        count_both(c, v->gdt_frames[i]);
}

/* Pages that the guest has given for FIFO event channels. */
static void count_events(const struct domain *d, struct model_counts c)
{
    const struct event_fifo *f = d->events ? d->events->fifo : NULL;

    for (uint32_t i = 0; f && i < f->page_count; i++)
        count_both(c, f->page_mfns[i]);
    for (unsigned int i = 0; f && i < MAX_VCPUS; i++) {
        if (f->vcpus[i].control)
            count_both(c, f->vcpus[i].control_mfn);
    }
}

/* Grants mapped for devices, which have no page tables. */
static void count_devices(struct hypervisor *hv, const struct domain *d, struct model_counts c)
{
    const struct grant_table *mine = d->grant_table;

    for (grant_handle_t h = 0; mine && h < mine->maptrack_limit; h++) {
        const struct grant_mapping *m = &mine->maptrack[h];
        struct grant_table *t;
        uint64_t mfn;

        if (!(m->flags & GNTMAP_device_map) || grant_table_find(hv, m->domid, &t))
            continue;
        mfn = t->active[m->ref].mfn;
        c.general[mfn]++;
        if (!(m->flags & GNTMAP_readonly))
            c.typed[mfn]++;
    }
}

static void count_all(const struct model *m, struct model_counts c)
{
    struct hypervisor *hv = m->hv;

    for (uint32_t n = 0; n < m->noted_count; n++) {
        uint64_t mfn = m->noted[n];
        const struct page_info *p = &hv->page_table[mfn];

        if (p->owner == OWNER_FREE)
            continue; /* its fields mean other things: page_alloc.c */
        if (p->flags & PAGE_PINNED)
            count_both(c, mfn);
        if (model_is_table(p))
            count_table(m, mfn, c);
    }
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        if (hv->domains[i] && hv->domains[i]->eoi_map_mfn)
            count_both(c, hv->domains[i]->eoi_map_mfn);
        for (unsigned int k = 0; hv->domains[i] && k < HOST_FRAMES; k++) {
            if (hv->domains[i]->host_frames[k])
                count_both(c, hv->domains[i]->host_frames[k]);
        }
        if (hv->domains[i])
            count_events(hv->domains[i], c);
        if (hv->domains[i])
            count_devices(hv, hv->domains[i], c);
        for (unsigned int k = 0; hv->domains[i] && k < MAX_VCPUS; k++) {
            if (hv->domains[i]->vcpus[k])
                count_vcpu(hv->domains[i]->vcpus[k], c);
        }
    }
}

static const char *check_frame(const struct model *m, uint64_t mfn, struct model_counts c)
{
    const struct page_info *p = &m->hv->page_table[mfn];
    unsigned long n = (unsigned long)mfn;

    if (p->owner == OWNER_FREE)
        return c.general[mfn] ? model_wrong("frame %#lx is free, and %u references to it are held",
                                            n, c.general[mfn])
                              : NULL;
    if (p->refs != c.general[mfn])
        return model_wrong("frame %#lx says %u references; %u are held", n, p->refs,
                           c.general[mfn]);
    if (p->type_count != c.typed[mfn])
        return model_wrong("frame %#lx says %u uses as type %u; there are %u", n, p->type_count,
                           p->type, c.typed[mfn]);
    if (p->refs < p->type_count)
        return model_wrong("frame %#lx: %u uses but %u references", n, p->type_count, p->refs);
    if (p->refs && !m->owner[mfn] && p->owner != OWNER_HYPERVISOR)
        return model_wrong("frame %#lx: %u references, but no owner", n, p->refs);
    if (p->flags & PAGE_RELEASED && !p->refs && !(p->flags & PAGE_SPECIAL))
        return model_wrong("frame %#lx: given back, unused, but not free", n);
    if (p->flags & PAGE_PINNED && !model_is_table(p))
        return model_wrong("frame %#lx: pinned, but no page table", n);
    return NULL;
}

/* References to plain frames are left when those to the others have been taken away. */
static const char *check_plain(const struct model *m, struct model_counts c)
{
    for (uint32_t n = 0; n < m->noted_count; n++)
        c.general[m->noted[n]] = c.typed[m->noted[n]] = 0;
    for (uint64_t mfn = 0; mfn < m->hv->frames; mfn++) {
        if (c.general[mfn] | c.typed[mfn])
            return model_wrong("frame %#lx says no reference; %u are held", (unsigned long)mfn,
                               c.general[mfn]);
    }
    return NULL;
}

const char *model_frames(const struct model *m)
{
    struct model_counts c = model_frame_counts(m);
    const char *wrong = NULL;

    count_all(m, c);
    for (uint32_t n = 0; !wrong && n < m->noted_count; n++)
        wrong = check_frame(m, m->noted[n], c);
    return wrong ? wrong : check_plain(m, c);
}
