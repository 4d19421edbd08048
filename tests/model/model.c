/* SPDX-License-Identifier: BSD-3-Clause */
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *model_wrong(const char *format, ...)
{
    static char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return text;
}

struct model_counts model_frame_counts(struct hypervisor *hv)
{
    static struct model_counts counts;
    static uint64_t space;

    if (space < hv->frames) {
        counts.general = realloc(counts.general, hv->frames * sizeof(uint32_t));
        counts.typed = realloc(counts.typed, hv->frames * sizeof(uint32_t));
        if (!counts.general || !counts.typed)
            abort();
        space = hv->frames;
    }
    memset(counts.general, 0, hv->frames * sizeof(uint32_t));
    memset(counts.typed, 0, hv->frames * sizeof(uint32_t));
    return counts;
}

/* page_owner of every frame, going once over the extents. */
static struct domain **find_owners(struct hypervisor *hv)
{
    static struct domain **owner;
    static uint64_t space;
    size_t e = 0;

    if (space < hv->frames) {
        owner = realloc(owner, hv->frames * sizeof(owner[0]));
        if (!owner)
            abort();
        space = hv->frames;
    }
    for (uint64_t mfn = 0; mfn < hv->frames; mfn++) {
        uint16_t o = hv->page_table[mfn].owner;

        while (e < hv->extent_count && mfn >= (uint64_t)hv->extents[e].start + hv->extents[e].count)
            e++;
        if (o >= OWNER_DOMAIN(0))
            owner[mfn] = domain_by_id(hv, (domid_t)(o - OWNER_DOMAIN(0)));
        else if (o == OWNER_EXTENT && e < hv->extent_count && mfn >= hv->extents[e].start)
            owner[mfn] = hv->extents[e].owner;
        else
            owner[mfn] = NULL;
    }
    return owner;
}

const char *model_check(struct hypervisor *hv)
{
    const struct model m = {hv, find_owners(hv)};
    static const char *(*const checkers[])(const struct model *) = {
        model_scheduler, model_ports, model_memory, model_frames, model_page_tables, model_grants,
    };
    const char *wrong = NULL;

    for (size_t i = 0; !wrong && i < sizeof(checkers) / sizeof(checkers[0]); i++)
        wrong = checkers[i](&m);
    return wrong;
}

const char *model_nothing_left(struct hypervisor *hv)
{
    for (uint64_t mfn = 0; mfn < hv->frames; mfn++) {
        const struct page_info *p = page_info(hv, mfn);

        if (page_owner(hv, mfn))
            return model_wrong("frame %#lx still has an owner", (unsigned long)mfn);
        if (p->owner != OWNER_FREE && (p->refs || p->type_count || p->flags & PAGE_PINNED))
            return model_wrong("frame %#lx: %u references, %u type references, flags %#x left",
                               (unsigned long)mfn, p->refs, p->type_count, p->flags);
    }
    if (hv->timer_count || hv->run_first || hv->domain_count || hv->live_domains)
        return model_wrong("%zu timers, %u domains, %u that live, a run queue %s left",
                           hv->timer_count, hv->domain_count, hv->live_domains,
                           hv->run_first ? "not empty" : "empty");
    return model_check(hv);
}
