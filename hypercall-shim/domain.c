/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains: finding, describing and ending them. How one is built: domain_build.c.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "grant_table.h"

#include <stdlib.h>
#include <sys/mman.h>

struct domain *domain_by_id(struct hypervisor *hv, domid_t domid)
{
    return domid < MAX_DOMAINS ? hv->domains[domid] : NULL;
}

struct domain *domain_find(struct vcpu *v, domid_t domid)
{
    return domid == DOMID_SELF ? v->domain : domain_by_id(v->domain->hv, domid);
}

static int choose_id(struct hypervisor *hv, const struct domain_config *config, domid_t *id)
{
    /* The initial domain is number 0; the others count upwards and are not used again soon. */
    if (config->hardware_domain) {
        *id = 0;
        return hv->domains[0] || zombie_find(hv, 0) ? -EEXIST : 0;
    }
    for (unsigned int tries = 0; tries < MAX_DOMAINS; tries++) {
        *id = hv->next_domid;
        hv->next_domid = (domid_t)(*id + 1 < MAX_DOMAINS ? *id + 1 : 1);
        if (!hv->domains[*id] && !zombie_find(hv, *id))
            return 0;
    }
    return -ENOMEM;
}

int domain_initialise(struct hypervisor *hv, const struct domain_config *config,
                      struct domain **out)
{
    struct domain *d = calloc(1, sizeof(*d));
    uint64_t now = hypervisor_now(hv);
    domid_t id;
    int error;

    if (!d)
        return -ENOMEM;
    error = choose_id(hv, config, &id);
    if (error) {
        free(d);
        return error;
    }
    d->hv = hv;
    d->id = id;
    d->latched_code = -1;
    d->hardware_domain = config->hardware_domain;
    /* What an image's ELF note PAE_MODE "yes" asks for (XEN_ELFNOTE_PAE_MODE, <xen/elfnote.h>). */
    d->vm_assist = 1UL << VMASST_TYPE_pae_extended_cr3;
    d->debug_console = config->debug_console;
    strncpy(d->name, config->name, sizeof(d->name) - 1);
    d->pages = config->memory >> PAGE_SHIFT;
    d->max_pages = (config->max_memory ? config->max_memory : config->memory) >> PAGE_SHIFT;
    /* An identifier that is no one else's in this machine; xl would make a random UUID. */
    memcpy(d->handle, "halvm", 5);
    d->handle[14] = (uint8_t)(id >> 8);
    d->handle[15] = (uint8_t)id;
    hv->domains[id] = d;
    hv->domain_count++;
    hv->live_domains++;
    hv->last_time = now > hv->last_time ? now : hv->last_time;
    *out = d;

    d->extent_pages = (uint32_t)d->pages;
    d->first_mfn = page_allocate_extent(d, d->extent_pages);
    if (!d->first_mfn) {
        d->extent_pages = 0;
        return -ENOMEM;
    }
    d->shared_info_mfn = page_allocate_special(d);
    if (!d->shared_info_mfn)
        return -ENOMEM;
    d->shared_info = page_map(hv, d->shared_info_mfn);
    d->shared_info->arch.max_pfn = d->pages;
    time_set_wall_clock(d);
    return event_channel_init(d);
}

void domain_destroy(struct domain *d)
{
    struct hypervisor *hv = d->hv;

    if (!d->is_shut_down) {
        d->is_shut_down = true;
        hv->live_domains--;
    }
    timer_stop(hv, &d->watchdog[0]);
    timer_stop(hv, &d->watchdog[1]);
    event_channel_destroy(d);
    grant_table_release_mappings(d);
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        struct vcpu *v = d->vcpus[i];

        if (!v)
            continue;
        if (v->info_registered) {
            page_put_type(d, v->info_mfn);
            page_put(hv, v->info_mfn);
        }
        for (int k = 0; k < 2; k++) {
            uint64_t root = k ? v->user_cr3 : v->cr3;

            if (root) {
                page_put_type(d, root);
                page_put(hv, root);
            }
        }
        vcpu_destroy(v);
    }
    if (d->text_lazy.count)
        page_lazy_remove(hv, &d->text_lazy);
    if (d->data_lazy.count)
        page_lazy_remove(hv, &d->data_lazy);
    if (d->p2m_lazy.count)
        page_lazy_remove(hv, &d->p2m_lazy);
    page_release_all(d);
    grant_table_destroy(d);
    hv->translation_generation++;
    if (d->window_owned)
        munmap((void *)(uintptr_t)d->window, d->window_size);
    if (d->low_owned)
        munmap((void *)(uintptr_t)d->virt_base, d->virt_end - d->virt_base);
    hv->domains[d->id] = NULL;
    hv->domain_count--;
    free(d);
}

struct hypervisor *domain_hypervisor(const struct domain *d) { return d->hv; }

domid_t domain_id(const struct domain *d) { return d->id; }

const char *domain_name(const struct domain *d) { return d->name; }

bool domain_is_hardware(const struct domain *d) { return d->hardware_domain; }

start_info_t *domain_start_info(struct domain *d)
{
    return d->has_start_info ? page_map(d->hv, d->start_info_mfn) : NULL;
}

void *domain_frame(struct domain *d, xen_pfn_t mfn)
{
    return page_owner(d->hv, mfn) == d ? page_map(d->hv, mfn) : NULL;
}
