/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Every entry of every table in use is one that its guest was entitled to make, as it is now: a
 * table below a table, a writable mapping only of a frame that is no table, frames of others:
 * grants.c. And each table's list of hooks is the list of entries that hook it.
 */
#include "model.h"

static const char *check_leaf(const struct model *m, uint64_t table, unsigned int slot,
                              uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);
    const struct page_info *p = &m->hv->page_table[mfn];

    if (entry & PTE_RW && (p->type != PAGE_WRITABLE || !p->type_count))
        return model_wrong("table %#lx slot %u maps frame %#lx writable, whose type is %u",
                           (unsigned long)table, slot, (unsigned long)mfn, p->type);
    return NULL;
}

static const char *check_hook(const struct model *m, const struct domain *d, uint64_t table,
                              unsigned int slot, uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);
    const struct page_info *p = &m->hv->page_table[mfn];
    unsigned int level = m->hv->page_table[table].type, times = 0;

    if (!model_is_table(p) || (p->type != level - 1 && (p->type != level || entry & PTE_RW)))
        return model_wrong("table %#lx slot %u hooks frame %#lx, whose type is %u",
                           (unsigned long)table, slot, (unsigned long)mfn, p->type);
    if (m->owner[mfn] != d)
        return model_wrong("table %#lx slot %u of d%u hooks table %#lx, which is not its own",
                           (unsigned long)table, slot, d->id, (unsigned long)mfn);
    for (uint32_t i = p->link; i; i = m->hv->links[i].next)
        times += m->hv->links[i].parent == table && m->hv->links[i].slot == slot;
    if (times != 1)
        return model_wrong("table %#lx knows %u times that slot %u of %#lx hooks it",
                           (unsigned long)mfn, times, slot, (unsigned long)table);
    return NULL;
}

static const char *check_table(const struct model *m, uint64_t mfn, uint32_t *hooks)
{
    struct hypervisor *hv = m->hv;
    const uint64_t *entries = page_map_read(hv, mfn);
    const struct domain *d = m->owner[mfn];
    unsigned int level = hv->page_table[mfn].type;
    const char *wrong = NULL;

    if (!d)
        return model_wrong("table %#lx has no owner", (unsigned long)mfn);
    for (unsigned int i = 0; !wrong && i < PT_ENTRIES; i++) {
        if (!(entries[i] & PTE_PRESENT) || model_xen_slot(level, i))
            continue;
        if (PTE_FRAME(entries[i]) >= m->hv->frames)
            wrong = model_wrong("table %#lx slot %u maps frame %#lx, which is none",
                                (unsigned long)mfn, i, (unsigned long)PTE_FRAME(entries[i]));
        else if (!(entries[i] & PTE_USER))
            wrong = model_wrong("table %#lx slot %u: a mapping that ring 3 cannot use",
                                (unsigned long)mfn, i);
        else if (level == PAGE_L1)
            wrong = check_leaf(m, mfn, i, entries[i]);
        else
            wrong = check_hook(m, d, mfn, i, entries[i]);
        *hooks += level != PAGE_L1;
    }
    return wrong;
}

/* Links that are in no table's list are in the list of free ones. */
static const char *check_links(struct hypervisor *hv, uint32_t hooks)
{
    uint32_t unused = 0;

    for (uint32_t i = hv->first_free_link; i && unused <= hv->link_count; i = hv->links[i].next)
        unused++;
    if (hv->link_count && hooks + unused != hv->link_count - 1)
        return model_wrong("%u hooks and %u free links of %u", hooks, unused, hv->link_count - 1);
    return NULL;
}

const char *model_page_tables(const struct model *m)
{
    struct hypervisor *hv = m->hv;
    const char *wrong = NULL;
    uint32_t hooks = 0;

    for (uint32_t n = 0; !wrong && n < m->noted_count; n++) {
        if (model_is_table(&hv->page_table[m->noted[n]]))
            wrong = check_table(m, m->noted[n], &hooks);
    }
    return wrong ? wrong : check_links(hv, hooks);
}
