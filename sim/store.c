/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore on the machine: its rings are those of the domains' start infos. A domain's request is
 * answered inside of its EVTCHNOP_send, which is fast; with a seed it is put off to a turn that the
 * seed draws, as if the store ran in a domain of its own.
 */
#include "sim.h"
#include "xenstore/xenstore.h"

#include <errno.h>

/* ---- what the store needs ---- */

static uint64_t store_now(void *context)
{
    struct sim_machine *m = context;

    return hypervisor_now(m->hv);
}

static enum xenstore_domain_state store_domain_state(void *context, unsigned int domid)
{
    struct sim_domain *s = machine_domain(context, domid);

    if (!domid)
        return XENSTORE_DOMAIN_RUNNING;
    if (!s)
        return XENSTORE_DOMAIN_NONE;
    return s->ended ? XENSTORE_DOMAIN_SHUTDOWN : XENSTORE_DOMAIN_RUNNING;
}

static struct xenstore_domain_interface *store_map(void *context, unsigned int domid)
{
    struct sim_domain *s = machine_domain(context, domid);

    return s ? domain_frame(s->domain, domain_start_info(s->domain)->store_mfn) : NULL;
}

/* Frame and port go with the domain. */
static void store_unmap(void *context, unsigned int domid) { (void)context, (void)domid; }

static void store_unbind(void *context, unsigned int domid) { (void)context, (void)domid; }

void store_ring_event(struct sim_machine *m, struct domain *domain)
{
    struct sim_domain *s;

    if (!m->seed) {
        xenstore_ring_serve(m->store, domain_id(domain));
        return;
    }
    s = machine_domain(m, domain_id(domain));
    if (s)
        s->store_event = true;
    hypervisor_attend(m->hv);
}

static void store_event(void *context, struct domain *domain, evtchn_port_t port)
{
    (void)port;
    store_ring_event(context, domain);
}

static bool store_bind(void *context, unsigned int domid, evtchn_port_t port)
{
    struct sim_domain *s = machine_domain(context, domid);

    return s && !event_channel_host_bind(s->domain, port, store_event, context);
}

static void store_notify(void *context, unsigned int domid)
{
    struct sim_domain *s = machine_domain(context, domid);

    if (s && !s->ended)
        event_channel_host_raise(s->domain, domain_start_info(s->domain)->store_evtchn);
}

static void store_trace(void *context, unsigned int domid, bool out,
                        const struct xsd_sockmsg *message, const char *data)
{
    const struct sim_machine *m = context;

    trace_xenstore(m->trace, hypervisor_time(m->hv), domid, out, message, data);
}

/* ---- for the machine ---- */

bool store_create(struct sim_machine *m)
{
    const struct xenstore_host host = {
        .context = m,
        .now = store_now,
        .domain_state = store_domain_state,
        .map = store_map,
        .unmap = store_unmap,
        .bind = store_bind,
        .unbind = store_unbind,
        .notify = store_notify,
        .trace = m->trace && trace_is_open(m->trace) ? store_trace : NULL,
    };

    m->store = xenstore_create(&host);
    if (!m->store) {
        errno = ENOMEM;
        return false;
    }
    errno = xenstore_toolstack_start(m->store);
    return !errno;
}

int store_add(struct sim_machine *m, struct sim_domain *s, struct xenstore_domain_config *c)
{
    const start_info_t *si = domain_start_info(s->domain);

    c->domid = domain_id(s->domain);
    c->store_port = si->store_evtchn;
    c->store_mfn = si->store_mfn;
    c->console_port = si->console.domU.evtchn;
    c->console_mfn = si->console.domU.mfn;
    return xenstore_toolstack_create(m->store, c);
}

void store_remove(struct sim_machine *m, struct sim_domain *s)
{
    unsigned int domid = domain_id(s->domain);

    if (!xenstore_is_introduced(m->store, domid))
        return;
    xenstore_toolstack_destroy(m->store, domid);
    xenstore_release(m->store, domid);
}

void store_domains_changed(struct sim_machine *m)
{
    if (!m->seed) {
        xenstore_domains_changed(m->store);
        xenstore_run(m->store);
        return;
    }
    m->domains_changed = true;
    hypervisor_attend(m->hv);
}

/* One thing of all that were put off: the others have another turn. */
static bool do_one(struct sim_machine *m)
{
    struct sim_domain *chosen = NULL;
    uint32_t n = 0;

    for (struct sim_domain *s = m->domains; s; s = s->next) {
        if (s->store_event && !hypervisor_draw(m->hv, ++n))
            chosen = s;
    }
    if (m->domains_changed && !hypervisor_draw(m->hv, n + 1)) {
        m->domains_changed = false;
        xenstore_domains_changed(m->store);
        xenstore_run(m->store);
    } else if (chosen) {
        chosen->store_event = false;
        xenstore_ring_serve(m->store, domain_id(chosen->domain));
    }
    return n || m->domains_changed;
}

void store_look(struct sim_machine *m)
{
    if (m->seed && do_one(m))
        hypervisor_attend(m->hv);
    store_tick(m);
}

uint64_t store_deadline(struct sim_machine *m)
{
    return m->store ? xenstore_deadline(m->store) : HYPERVISOR_FOREVER;
}

void store_tick(struct sim_machine *m)
{
    if (store_deadline(m) > store_now(m))
        return;
    xenstore_tick(m->store);
    xenstore_run(m->store);
}
