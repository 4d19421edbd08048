/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The machine: its memory, its clock, its log. What it costs to make one is what every hosted
 * program pays at its start: nothing here touches memory in proportion to the machine's size.
 */
#define _GNU_SOURCE
#include "grant_table.h"
#include "sysctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Frames 0 to 255 are the hypervisor's, so that no guest's mfn is equal to its pfn: shared info
 * pages from 1 on, the machine-to-physical table from where it fits at the end of them.
 */
#define SPECIAL_FRAMES 256U

/*
 * Where guests find the machine-to-physical table, if nothing is there yet: they are told its
 * address, and are told the same one in each run. Below the domains' windows.
 */
#ifdef __SANITIZE_ADDRESS__
#define M2P_HINT ((void *)0x170000000000UL) /* its shadow is below 0x100080000000 */
#else
#define M2P_HINT ((void *)0x4100000000UL)
#endif

/*
 * Of a machine with a seed: its frames are handed out in runs of eight, each a mapping at most
 * twice, since with single ones a domain's start is four times as dear; and in longer ones where
 * these would be more mappings than Linux has.
 */
#define ORDER_WITH_SEED 3U
#define RUNS_WITH_SEED  16384U

static void *map_table(void *hint, size_t len, int prot, int flags, int fd, off_t offset)
{
    void *p = mmap(hint, len, prot, flags | MAP_NORESERVE, fd, offset);

    return p == MAP_FAILED ? NULL : p;
}

struct hypervisor *hypervisor_create(const struct hypervisor_host *host,
                                     const struct hypervisor_config *config)
{
    struct hypervisor *hv = calloc(1, sizeof(*hv));
    uint64_t frames = config->memory >> PAGE_SHIFT;
    uint32_t m2p_frames;

    if (!hv)
        return NULL;
    hv->host = *host;
    hv->log.always = hv->log.limited = (uint8_t)(config->log_level + 1);
    hv->guest_log.always = hv->guest_log.limited = HYPERVISOR_LOG_DEBUG + 1;
    hv->grant_frames = MAX_GRANT_FRAMES;
    hv->maptrack_frames = MAX_MAPTRACK_FRAMES;
    hv->memfd = -1;
    /* Its table of eight bytes a frame has an entry for itself too, hence the bit more. */
    m2p_frames = (uint32_t)((frames + SPECIAL_FRAMES) / 512 + (frames >> 18) + 2);
    hv->reserved_frames = SPECIAL_FRAMES + m2p_frames;
    hv->frames = frames + hv->reserved_frames;
    hv->next_fresh = hv->reserved_frames;
    hv->next_reserved = 1;
    hv->seed = hv->seed_state = config->seed;
    hv->repeatable = config->repeatable;
    hv->next_look = host->look ? 0 : HYPERVISOR_FOREVER;
    if (hv->seed) {
        hv->next_fresh = (uint32_t)hv->frames; /* page_alloc.c: all are handed out by the seed */
        hv->seed_order = ORDER_WITH_SEED;
        while (hv->frames >> hv->seed_order > RUNS_WITH_SEED)
            hv->seed_order++;
    }
    hv->m2p_lazy = (struct lazy_range){
        .start = SPECIAL_FRAMES,
        .count = m2p_frames,
        .make = m2p_make,
        .view_prot = PROT_READ,
    };
    hv->memfd = memfd_create("halvm-memory", MFD_CLOEXEC);
    if (hv->memfd < 0 || ftruncate(hv->memfd, (off_t)(hv->frames << PAGE_SHIFT)))
        goto fail;
    hv->direct_map =
        map_table(NULL, hv->frames << PAGE_SHIFT, PROT_READ | PROT_WRITE, MAP_SHARED, hv->memfd, 0);
    hv->page_table = map_table(NULL, hv->frames * sizeof(*hv->page_table), PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* Shown to guests page by page, as they look: see lazy_range. */
    hv->m2p_view = map_table(M2P_HINT, (size_t)m2p_frames << PAGE_SHIFT, PROT_NONE, MAP_SHARED,
                             hv->memfd, (off_t)SPECIAL_FRAMES << PAGE_SHIFT);
    if (!hv->direct_map || !hv->page_table || !hv->m2p_view)
        goto fail;
    hv->m2p_lazy.view = hv->m2p_view;
    page_lazy_add(hv, &hv->m2p_lazy);
    for (uint32_t i = 0; i < hv->reserved_frames; i++)
        hv->page_table[i].owner = OWNER_HYPERVISOR;
    hv->translation_generation = 1;
    hv->next_domid = 1;
    hypercall_choose_way(hv, false);
    return hv;

fail:
    hypervisor_destroy(hv);
    return NULL;
}

void hypervisor_destroy(struct hypervisor *hv)
{
    int error = errno;

    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        if (hv->domains[i])
            domain_destroy(hv->domains[i]);
    }
    domain_free_dead(hv);
    hypercall_stacks_unmap(hv);
    if (hv->direct_map)
        munmap(hv->direct_map, hv->frames << PAGE_SHIFT);
    if (hv->page_table)
        munmap(hv->page_table, hv->frames * sizeof(*hv->page_table));
    if (hv->m2p_view)
        munmap(hv->m2p_view, (size_t)hv->m2p_lazy.count << PAGE_SHIFT);
    if (hv->memfd >= 0)
        close(hv->memfd);
    if (hv->extents != hv->first_extents)
        free(hv->extents);
    if (hv->links != hv->first_links)
        free(hv->links);
    free(hv->timers);
    free(hv->table_write);
    free(hv->ring);
    free(hv->control);
    free(hv->cpu_policy);
    free(hv);
    errno = error;
}

void hypervisor_log(struct hypervisor *hv, enum hypervisor_log_level level, const char *format, ...)
{
    char line[512];
    va_list args;

    if (level >= hv->log.limited)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    console_ring_log(hv, line);
    hv->host.log(hv->host.context, level, line);
}

void event_tell(struct domain *d, enum hypervisor_event_kind kind, uint32_t vcpu, uint32_t value)
{
    const struct hypervisor *hv = d->hv;
    const struct hypervisor_event event = {
        .domain = d,
        .time = hv->last_time,
        .kind = kind,
        .value = value,
        .domid = d->id,
        .vcpu = (uint16_t)vcpu,
    };

    hv->host.event(hv->host.context, &event);
}

uint64_t hypervisor_time(const struct hypervisor *hv) { return hv->last_time; }

uint64_t hypervisor_now(struct hypervisor *hv)
{
    struct hypervisor_clock now;

    hv->host.clock(hv->host.context, &now);
    return now.system_time;
}

struct domain *hypervisor_current_domain(void) { return current ? current->domain : NULL; }

unsigned int hypervisor_current_vcpu(void) { return current->id; }

uint32_t hypervisor_draw(struct hypervisor *hv, uint32_t n)
{
    /* splitmix64, and the high half of a product for the range */
    hv->seed_state += 0x9e3779b97f4a7c15UL;
    return (uint32_t)((mix_bits(hv->seed_state) >> 32) * n >> 32);
}
