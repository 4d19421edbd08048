/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains: finding, describing and ending them. How one is built: domain_build.c.
 */
#define _GNU_SOURCE
#include "domctl.h"
#include "event_channel.h"
#include "grant_table.h"
#include "instrument.h"
#include "page_alloc.h"
#include "sched.h"

#include <stdlib.h>
#include <sys/mman.h>

struct domain *domain_by_id(struct hypervisor *hv, unsigned int id)
{
    return id < MAX_DOMAINS ? hv->domains[id] : NULL;
}

struct domain *domain_find(struct vcpu *v, domid_t domid)
{
    return domid == DOMID_SELF ? v->domain : domain_by_id(v->domain->hv, domid);
}

int domain_choose_id(struct hypervisor *hv, domid_t *id)
{
    /* They count upwards and are not used again soon. */
    for (unsigned int tries = 0; tries < MAX_DOMAINS; tries++) {
        *id = hv->next_domid;
        hv->next_domid = (domid_t)(*id + 1 < MAX_DOMAINS ? *id + 1 : 1);
        if (!hv->domains[*id])
            return 0;
    }
    return -ENOMEM;
}

/* What a domain of xl's gets if its configuration does not say (xl.cfg, max_event_channels). */
#define LAST_PORT 1023U

/* Allocated together: each allocation of a program's start costs it a mapping. */
struct domain_with_events {
    struct domain domain;
    struct event_channels events;
};

int domain_new(struct hypervisor *hv, domid_t id, struct domain **out)
{
    struct domain_with_events *both = calloc(1, sizeof(*both));
    uint64_t now = hypervisor_now(hv);
    struct domain *d;

    *out = both ? &both->domain : NULL;
    if (!both)
        return -ENOMEM;
    d = *out;
    evtchn_ports_init(d, &both->events);
    domain_free_dead(hv);
    d->hv = hv;
    d->id = id;
    d->latched_code = -1;
    d->pause_count = 1;
    d->max_vcpus = MAX_VCPUS;
    d->limits = (struct domain_limits){.last_port = LAST_PORT,
                                       .grant_frames = MAX_GRANT_FRAMES,
                                       .maptrack_frames = MAX_MAPTRACK_FRAMES,
                                       .grant_version = MAX_GRANT_VERSION};
    hv->domains[id] = d;
    hv->domain_count++;
    hv->last_time = now > hv->last_time ? now : hv->last_time;
    d->shared_info_mfn = page_allocate_special(d);
    if (!d->shared_info_mfn)
        return -ENOMEM;
    d->shared_info = page_map(hv, d->shared_info_mfn);
    time_set_wall_clock(d);
    return 0;
}

/* Whether D's vCPUs may run, as far as D is concerned: then it counts as living. */
static bool runs(const struct domain *d)
{
    return !d->is_shut_down && !d->pause_count && !d->is_dying;
}

static void stop_running(struct domain *d)
{
    d->hv->live_domains--;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i])
            sched_sleep(d->vcpus[i]);
    }
}

static void start_running(struct domain *d)
{
    d->hv->live_domains++;
    d->was_started = true;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        struct vcpu *v = d->vcpus[i];

        if (v && v != current)
            sched_wake(v);
    }
}

int domain_initialise(struct hypervisor *hv, const struct domain_config *config,
                      struct domain **out)
{
    struct domain *d;
    domid_t id = 0; /* the initial domain's */
    int error;

    if (!config->hardware_domain)
        error = domain_choose_id(hv, &id);
    else
        error = hv->domains[0] ? -EEXIST : 0;
    if (error)
        return error;
    error = domain_new(hv, id, out);
    if (error)
        return error;
    d = *out;
    strncpy(d->name, config->name, sizeof(d->name) - 1);
    tell(d, HYPERVISOR_EVENT_CREATED, 0, 0);
    d->pause_count = 0; /* it begins at once */
    start_running(d);
    d->hardware_domain = config->hardware_domain;
    if (d->hardware_domain) /* Xen's create_dom0 sets no limit */
        d->limits.last_port = INT32_MAX;
    /* What an image's ELF note PAE_MODE "yes" asks for (XEN_ELFNOTE_PAE_MODE, <xen/elfnote.h>). */
    d->vm_assist = 1UL << VMASST_TYPE_pae_extended_cr3;
    d->debug_console = config->debug_console;
    d->pages = config->memory >> PAGE_SHIFT;
    d->max_pages = (config->max_memory ? config->max_memory : config->memory) >> PAGE_SHIFT;
    /* An identifier that is no one else's in this machine; xl would make a random UUID. */
    memcpy(d->handle, "halvm", 5);
    d->handle[14] = (uint8_t)(id >> 8);
    d->handle[15] = (uint8_t)id;
    if (config->handle)
        memcpy(d->handle, config->handle, sizeof(d->handle));
    return page_populate(d);
}

/* ---- pausing ---- */

/* Xen's limit for the count of tools: an arbitrary one, so that it cannot overflow. */
#define PAUSE_MAX 255U

int domain_pause(struct domain *d)
{
    bool before = runs(d);

    if (d->pause_count == PAUSE_MAX)
        return -EOVERFLOW;
    d->pause_count++;
    tell(d, HYPERVISOR_EVENT_PAUSED, 0, d->pause_count);
    if (before)
        stop_running(d);
    return 0;
}

int domain_unpause(struct domain *d)
{
    if (!d->pause_count)
        return -EINVAL;
    d->pause_count--;
    tell(d, HYPERVISOR_EVENT_UNPAUSED, 0, d->pause_count);
    if (runs(d))
        start_running(d);
    return 0;
}

/* How the outside learns of an end: the tools' VIRQ, or the port that they named for suspend. */
static void tell_tools(struct domain *d)
{
    if (d->shutdown_reason == SHUTDOWN_suspend && d->control && d->control->suspend_port)
        event_channel_send(d, d->control->suspend_port);
    else
        event_channel_global_virq(d->hv, VIRQ_DOM_EXC);
}

void domain_shutdown(struct domain *d, unsigned int reason)
{
    struct hypervisor *hv = d->hv;

    if (d->is_shut_down)
        return;
    if (runs(d))
        stop_running(d);
    d->is_shut_down = true;
    d->shutdown_reason = d->latched_code >= 0 ? (unsigned int)d->latched_code : reason;
    tell(d, HYPERVISOR_EVENT_SHUT_DOWN, 0, d->shutdown_reason);
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i])
            time_vcpu_stop(d->vcpus[i]);
    }
    timer_stop(hv, &d->watchdog[0]);
    timer_stop(hv, &d->watchdog[1]);
    tell_tools(d);
    hv->host.domain_ended(hv->host.context, d, reason, d->latched_code);
}

void domain_resume(struct domain *d)
{
    bool before = runs(d);

    if (d->is_shut_down)
        tell(d, HYPERVISOR_EVENT_RESUMED, 0, 0);
    d->is_shut_down = false;
    d->latched_code = -1;
    if (!before && runs(d))
        start_running(d);
}

/* ---- the end ---- */

/* What V holds goes; V itself stays to be asked about while D is dying. */
static void release_vcpu(struct domain *d, struct vcpu *v)
{
    if (v->info_registered)
        page_put_both(d, v->info_mfn);
    v->info_registered = false;
    domctl_keep_registers(v);
    trap_vcpu_destroy(v);
    vcpu_release_roots(v);
    time_vcpu_stop(v);
}

static void destroy_vcpus(struct domain *d)
{
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i]) {
            vcpu_control_free(d->vcpus[i]);
            vcpu_destroy(d->vcpus[i]);
        }
    }
}

/* For what tools still do to a dying domain; its frame may go to another one. */
static void keep_shared_info(struct domain *d)
{
    d->left_shared_info = d->shared_info = calloc(1, PAGE_SIZE);
    if (!d->shared_info)
        abort(); /* LCOV_EXCL_LINE: one page, the process is lost anyway */
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i])
            d->vcpus[i]->info = &d->shared_info->vcpu_info[i];
    }
}

static void put_host_frames(struct domain *d)
{
    for (unsigned int i = 0; i < HOST_FRAMES; i++) {
        if (d->host_frames[i])
            page_put_both(d, d->host_frames[i]);
        d->host_frames[i] = 0;
    }
}

void domain_destroy(struct domain *d)
{
    struct hypervisor *hv = d->hv;

    if (d->is_dying)
        return;
    tell(d, HYPERVISOR_EVENT_DESTROYED, 0, 0);
    if (runs(d))
        stop_running(d);
    d->is_dying = true;
    timer_stop(hv, &d->watchdog[0]);
    timer_stop(hv, &d->watchdog[1]);
    event_channel_destroy(d);
    grant_table_release_mappings(d);
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i])
            release_vcpu(d, d->vcpus[i]);
    }
    physdev_domain_destroy(d);
    for (unsigned int i = 0; i < NR_VIRQS; i++) {
        if (hv->virq_handler[i] == d->id)
            hv->virq_handler[i] = 0;
    }
    domain_vnuma_free(d);
    if (d->text_lazy.count)
        page_lazy_remove(hv, &d->text_lazy);
    if (d->data_lazy.count)
        page_lazy_remove(hv, &d->data_lazy);
    if (d->p2m_lazy.count)
        page_lazy_remove(hv, &d->p2m_lazy);
    grant_table_kill(d);
    put_host_frames(d);
    page_release_all(d);
    hv->translation_generation++;
    mirror_flush(hv); /* nothing is put there afterwards */
    if (d->window_owned)
        munmap((void *)(uintptr_t)d->window, d->window_size);
    if (d->low_owned) {
        void *low = (void *)(uintptr_t)d->virt_base;

        /* What handlers have left on a stack of D's that they will not return to. */
        instrument_mapped(low, d->virt_end - d->virt_base, true);
        munmap(low, d->virt_end - d->virt_base);
    }
    d->window_owned = d->low_owned = false;
    address_release(d);
    /* What others have mapped stays, and with it the domain's number, until they unmap it. */
    if (d->left_frames)
        keep_shared_info(d);
    else
        domain_bury(d);
}

void domain_bury(struct domain *d)
{
    struct hypervisor *hv = d->hv;

    destroy_vcpus(d);
    grant_table_destroy(d);
    hv->domains[d->id] = NULL;
    hv->domain_count--;
    /* Whoever has given back its last frame may still have a pointer to D in hand. */
    d->next_dead = hv->dead;
    hv->dead = d;
}

void domain_free_dead(struct hypervisor *hv)
{
    while (hv->dead) {
        struct domain *d = hv->dead;

        hv->dead = d->next_dead;
        domain_control_free(d);
        free(d->left_shared_info);
        free(d);
    }
}

struct hypervisor *domain_hypervisor(const struct domain *d) { return d->hv; }

domid_t domain_id(const struct domain *d) { return d->id; }

void domain_set_context(struct domain *d, void *context) { d->context = context; }

void *domain_context(const struct domain *d) { return d->context; }

const char *domain_name(const struct domain *d) { return d->name; }

bool domain_is_hardware(const struct domain *d) { return d->hardware_domain; }

start_info_t *domain_start_info(struct domain *d)
{
    return d->has_start_info ? page_map(d->hv, d->start_info_mfn) : NULL;
}

uintptr_t domain_window(const struct domain *d, size_t *size)
{
    *size = d->window_size;
    return d->window;
}

void *domain_frame(struct domain *d, xen_pfn_t mfn)
{
    uint32_t *place = d->host_frames, *end = place + HOST_FRAMES;

    while (place < end && *place && *place != mfn)
        place++;
    if (place == end)
        return NULL;
    if (!*place) {
        if (page_get_both(d, mfn, PAGE_WRITABLE))
            return NULL;
        *place = (uint32_t)mfn;
    }
    return page_map(d->hv, mfn);
}
