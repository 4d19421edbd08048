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

struct model_counts model_frame_counts(const struct model *m)
{
    uint64_t frames = m->hv->frames;
    static struct model_counts counts;
    static uint64_t space;

    if (space < frames) {
        counts.general = realloc(counts.general, frames * sizeof(uint32_t));
        counts.typed = realloc(counts.typed, frames * sizeof(uint32_t));
        if (!counts.general || !counts.typed)
            abort();
        space = frames;
    }
    memset(counts.general, 0, frames * sizeof(uint32_t));
    memset(counts.typed, 0, frames * sizeof(uint32_t));
    return counts;
}

/* Whether there is nothing to say of a frame but that it is a member of its extent. */
static bool is_plain(const struct page_info *p)
{
    return !(p->refs | p->type_count | p->owner | p->flags);
}

/* Notes the frames of M that are not plain, and who owns them, going once over the extents. */
static void note_frames(struct model *m)
{
    static struct domain **owner;
    static uint32_t *noted;
    static uint64_t space;
    struct hypervisor *hv = m->hv;
    size_t e = 0;

    if (space < hv->frames) {
        owner = realloc(owner, hv->frames * sizeof(owner[0]));
        noted = realloc(noted, hv->frames * sizeof(noted[0]));
        if (!owner || !noted)
            abort();
        space = hv->frames;
    }
    for (uint64_t mfn = 0; mfn < m->frames; mfn++) {
        const struct page_info *p = &hv->page_table[mfn];

        if (is_plain(p))
            continue;
        noted[m->noted_count++] = (uint32_t)mfn;
        while (e < hv->extent_count && mfn >= (uint64_t)hv->extents[e].start + hv->extents[e].count)
            e++;
        if (p->owner >= OWNER_DOMAIN(0))
            owner[mfn] = domain_by_id(hv, (domid_t)(p->owner - OWNER_DOMAIN(0)));
        else if (p->owner == OWNER_EXTENT && e < hv->extent_count && mfn >= hv->extents[e].start)
            owner[mfn] = hv->extents[e].owner;
        else
            owner[mfn] = NULL;
    }
    m->noted = noted;
    m->owner = owner;
}

const char *model_check(struct hypervisor *hv)
{
    /* With a seed any may be in use (page_alloc.c). */
    struct model m = {.hv = hv, .frames = hv->seed ? hv->frames : hv->next_fresh};
    static const char *(*const checkers[])(const struct model *) = {
        model_scheduler, model_ports, model_memory, model_frames, model_page_tables, model_grants,
    };
    const char *wrong = NULL;

    note_frames(&m);
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
