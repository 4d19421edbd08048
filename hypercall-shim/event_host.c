/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels as seen from the host: its ends of a domain's channels, and virtual interrupts.
 */
#include "event_channel.h"

static void ignore(void *context, struct domain *d, evtchn_port_t p)
{
    (void)context;
    (void)d;
    (void)p;
}

int event_channel_allocate_host(struct domain *d, evtchn_port_t *out)
{
    int error = evtchn_find_free(d, out);
    struct evtchn *e;

    if (error)
        return error; /* LCOV_EXCL_LINE: the first ports of a domain are free */
    /* The guest sees a channel to domain 0, where Xen's tools run. */
    e = evtchn_take(d, *out, EVTCHN_INTERDOMAIN);
    e->remote_domid = 0;
    e->remote_port = *out;
    e->notify = ignore;
    return 0;
}

static bool is_host_end(const struct domain *d, evtchn_port_t p)
{
    return event_channel_valid(d, p) && evtchn_at(d, p)->notify;
}

int event_channel_host_bind(struct domain *d, evtchn_port_t p, event_channel_notify *notify,
                            void *context)
{
    if (!is_host_end(d, p))
        return -EINVAL;
    evtchn_at(d, p)->notify = notify;
    evtchn_at(d, p)->notify_context = context;
    return 0;
}

void event_channel_host_raise(struct domain *d, evtchn_port_t p)
{
    /* The guest may have closed its end, or reset all. */
    if (is_host_end(d, p))
        evtchn_raise(d, p);
}

/* ---- virtual interrupts ---- */

void event_channel_global_virq(struct hypervisor *hv, unsigned int virq)
{
    struct domain *d = domain_by_id(hv, hv->virq_handler[virq]);

    if (d)
        event_channel_virq(d, virq);
}

void event_channel_virq_vcpu(struct vcpu *v, unsigned int virq)
{
    evtchn_port_t p = v->virq_to_port[virq];

    if (p)
        evtchn_raise(v->domain, p);
}

/* A global one is bound to vCPU 0, whichever it has been moved to since. */
void event_channel_virq(struct domain *d, unsigned int virq)
{
    if (d->vcpus[0])
        event_channel_virq_vcpu(d->vcpus[0], virq);
}

/* ---- who sleeps for what ---- */

/* As a first event would wake it: evtchn_tell_vcpu or evtchn_wake_pollers. */
static bool awaits(const struct vcpu *v, evtchn_port_t p)
{
    bool is_told = !evtchn_masked(v->domain, p) && evtchn_at(v->domain, p)->notify_vcpu == v->id;

    if (v->state != VCPU_BLOCKED && v->state != VCPU_POLLING)
        return false;
    if (is_told && !(v->info->evtchn_upcall_pending & 1))
        return true;
    for (unsigned int i = 0; v->state == VCPU_POLLING && i < v->poll_count; i++) {
        if (v->poll_ports[i] == p)
            return true;
    }
    return false;
}

bool event_channel_awaited(struct domain *d, evtchn_port_t p)
{
    if (!event_channel_valid(d, p))
        return false;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i] && awaits(d->vcpus[i], p))
            return true;
    }
    return false;
}

bool event_channel_virq_awaited(struct domain *d, unsigned int virq)
{
    evtchn_port_t p = d->vcpus[0] ? d->vcpus[0]->virq_to_port[virq] : 0;

    return p && event_channel_awaited(d, p);
}
