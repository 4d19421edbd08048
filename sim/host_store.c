/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore on the machine: its rings are those of the domains' start infos. A domain's request is
 * answered inside of its EVTCHNOP_send, which is fast; with a seed it is put off to a turn that the
 * seed draws, as if the store ran in a domain of its own.
 */
#include "host.h"
#include "xenstore/xenstore.h"

#include <errno.h>

static struct host_domain *find(struct sim_host *h, unsigned int domid)
{
    struct sim_domain *s = machine_domain(&h->machine, domid);

    return s ? host_domain_of(s) : NULL;
}

/* ---- what the store needs ---- */

static uint64_t store_now(void *context)
{
    struct sim_host *h = context;

    return hypervisor_now(h->machine.hv);
}

static enum xenstore_domain_state store_domain_state(void *context, unsigned int domid)
{
    struct host_domain *d = find(context, domid);

    if (!domid)
        return XENSTORE_DOMAIN_RUNNING;
    if (!d)
        return XENSTORE_DOMAIN_NONE;
    return d->sim.ended ? XENSTORE_DOMAIN_SHUTDOWN : XENSTORE_DOMAIN_RUNNING;
}

static struct xenstore_domain_interface *store_map(void *context, unsigned int domid)
{
    struct host_domain *d = find(context, domid);

    return d ? domain_frame(d->sim.domain, domain_start_info(d->sim.domain)->store_mfn) : NULL;
}

/* Frame and port go with the domain. */
static void store_unmap(void *context, unsigned int domid) { (void)context, (void)domid; }

static void store_unbind(void *context, unsigned int domid) { (void)context, (void)domid; }

static void store_event(void *context, struct domain *domain, evtchn_port_t port)
{
    struct sim_host *h = context;
    struct host_domain *d;

    (void)port;
    if (!h->seed) {
        xenstore_ring_serve(h->store, domain_id(domain));
        return;
    }
    d = find(h, domain_id(domain));
    if (d)
        d->store_event = true;
    hypervisor_attend(h->machine.hv);
}

static bool store_bind(void *context, unsigned int domid, evtchn_port_t port)
{
    struct host_domain *d = find(context, domid);

    return d && !event_channel_host_bind(d->sim.domain, port, store_event, context);
}

static void store_notify(void *context, unsigned int domid)
{
    struct host_domain *d = find(context, domid);

    if (d && !d->sim.ended)
        event_channel_host_raise(d->sim.domain, domain_start_info(d->sim.domain)->store_evtchn);
}

/* ---- for the host ---- */

bool host_store_create(struct sim_host *h)
{
    const struct xenstore_host host = {
        .context = h,
        .now = store_now,
        .domain_state = store_domain_state,
        .map = store_map,
        .unmap = store_unmap,
        .bind = store_bind,
        .unbind = store_unbind,
        .notify = store_notify,
    };

    h->store = xenstore_create(&host);
    if (!h->store) {
        errno = ENOMEM;
        return false;
    }
    errno = xenstore_toolstack_start(h->store);
    return !errno;
}

int host_store_add(struct sim_host *h, struct host_domain *d)
{
    const struct domain_settings *s = &d->plan->settings;
    const start_info_t *si = domain_start_info(d->sim.domain);
    const struct xenstore_domain_config config = {
        .domid = domain_id(d->sim.domain),
        .name = d->name,
        .uuid = d->uuid,
        .kernel = s->kernel,
        .ramdisk = s->ramdisk,
        .cmdline = s->command_line[0] ? s->command_line : NULL,
        .max_memory = s->max_memory,
        .memory = s->memory,
        .max_vcpus = s->vcpus,
        .vcpus = s->vcpus,
        .store_port = si->store_evtchn,
        .store_mfn = si->store_mfn,
        .console_port = si->console.domU.evtchn,
        .console_mfn = si->console.domU.mfn,
        .start_time = h->machine.clock.wall + d->started,
    };

    return xenstore_toolstack_create(h->store, &config);
}

void host_store_remove(struct sim_host *h, struct host_domain *d)
{
    unsigned int domid = domain_id(d->sim.domain);

    if (!xenstore_is_introduced(h->store, domid))
        return;
    xenstore_toolstack_destroy(h->store, domid);
    xenstore_release(h->store, domid);
}

void host_store_domains_changed(struct sim_host *h)
{
    if (!h->seed) {
        xenstore_domains_changed(h->store);
        xenstore_run(h->store);
        return;
    }
    h->domains_changed = true;
    hypervisor_attend(h->machine.hv);
}

/* One thing of all that were put off: the others have another turn. */
static bool do_one(struct sim_host *h)
{
    struct host_domain *chosen = NULL;
    uint32_t n = 0;

    for (struct sim_domain *s = h->machine.domains; s; s = s->next) {
        if (host_domain_of(s)->store_event && !hypervisor_draw(h->machine.hv, ++n))
            chosen = host_domain_of(s);
    }
    if (h->domains_changed && !hypervisor_draw(h->machine.hv, n + 1)) {
        h->domains_changed = false;
        xenstore_domains_changed(h->store);
        xenstore_run(h->store);
    } else if (chosen) {
        chosen->store_event = false;
        xenstore_ring_serve(h->store, domain_id(chosen->sim.domain));
    }
    return n || h->domains_changed;
}

void host_store_look(struct sim_host *h)
{
    if (h->seed && do_one(h))
        hypervisor_attend(h->machine.hv);
    if (!h->machine.clock.is_virtual && xenstore_deadline(h->store) <= store_now(h)) {
        xenstore_tick(h->store);
        xenstore_run(h->store);
    }
}
