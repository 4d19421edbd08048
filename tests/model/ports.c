/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels: the two ends of a channel name each other; a VIRQ's port and the table of VIRQs
 * name each other; a port tells a vCPU that exists; ports that are valid have memory, others none.
 */
#include "model.h"

#include "event_channel.h"

static const char *check_bucket(const struct domain *d, uint32_t i)
{
    const struct evtchn_bucket *b = d->events->buckets[i];
    uint64_t free_ports = 0;

    for (unsigned int k = 0; k < PORTS_A_BUCKET; k++)
        free_ports |= (uint64_t)(b->ports[k].state == EVTCHN_FREE) << k;
    if (b->free != free_ports)
        return model_wrong("d%u: of ports %u.. %#lx say that they are free; %#lx are", d->id,
                           i * PORTS_A_BUCKET, (unsigned long)b->free, (unsigned long)free_ports);
    if ((d->events->with_free[i / 64] >> i % 64 & 1) != (free_ports != 0))
        return model_wrong("d%u: bucket %u has %s free port, unlike its bit", d->id, i,
                           free_ports ? "a" : "no");
    return NULL;
}

static const char *check_buckets(const struct domain *d)
{
    const struct event_channels *e = d->events;
    const char *wrong = NULL;

    if (e->valid > EVTCHN_FIFO_NR_CHANNELS || e->valid % PORTS_A_BUCKET)
        return model_wrong("d%u has %u ports", d->id, e->valid);
    if (evtchn_at(d, 0)->state != EVTCHN_RESERVED)
        return model_wrong("d%u: port 0 is in use, state %u", d->id, evtchn_at(d, 0)->state);
    for (uint32_t i = 0; !wrong && i < e->valid / PORTS_A_BUCKET; i++)
        wrong = check_bucket(d, i);
    for (uint32_t i = 0; !wrong && i < BUCKETS_MAX / 64; i++) {
        if ((e->words_with_free >> i & 1) != (e->with_free[i] != 0))
            wrong =
                model_wrong("d%u: word %u of buckets with free ports and its bit differ", d->id, i);
    }
    return wrong;
}

static const char *check_interdomain(struct hypervisor *hv, const struct domain *d, evtchn_port_t p)
{
    const struct evtchn *e = evtchn_at(d, p), *end;
    const struct domain *other;

    if (e->notify)
        return NULL; /* the host's */
    other = domain_by_id(hv, e->remote_domid);
    if (!other || !evtchn_exists(other, e->remote_port))
        return model_wrong("d%u port %u is bound to d%u port %u, which does not exist", d->id, p,
                           e->remote_domid, e->remote_port);
    end = evtchn_at(other, e->remote_port);
    if (end->state != EVTCHN_INTERDOMAIN || end->notify || end->remote_domid != d->id ||
        end->remote_port != p)
        return model_wrong("d%u port %u is bound to d%u port %u, which is in state %u, to d%u "
                           "port %u",
                           d->id, p, e->remote_domid, e->remote_port, end->state, end->remote_domid,
                           end->remote_port);
    return NULL;
}

static const char *check_virq(const struct domain *d, evtchn_port_t p)
{
    const struct evtchn *e = evtchn_at(d, p);

    if (e->virq >= NR_VIRQS)
        return model_wrong("d%u port %u: VIRQ %u", d->id, p, e->virq);
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i] && d->vcpus[i]->virq_to_port[e->virq] == p)
            return NULL;
    }
    return model_wrong("d%u port %u is bound to VIRQ %u, which does not know it", d->id, p,
                       e->virq);
}

static const char *check_port(struct hypervisor *hv, const struct domain *d, evtchn_port_t p)
{
    const struct evtchn *e = evtchn_at(d, p);

    if (e->state == EVTCHN_FREE)
        return NULL;
    if (p > d->limits.last_port)
        return model_wrong("d%u has port %u; %u would be the last", d->id, p, d->limits.last_port);
    if (e->notify_vcpu >= MAX_VCPUS || !d->vcpus[e->notify_vcpu])
        return d->vcpu_count ? model_wrong("d%u port %u tells vCPU %u, which does not exist", d->id,
                                           p, e->notify_vcpu)
                             : NULL;
    switch (e->state) {
    case EVTCHN_UNBOUND:
    case EVTCHN_IPI:
        return NULL;
    case EVTCHN_INTERDOMAIN:
        return check_interdomain(hv, d, p);
    case EVTCHN_VIRQ:
        return check_virq(d, p);
    default:
        return model_wrong("d%u port %u is in state %u", d->id, p, e->state);
    }
}

static const char *check_virq_table(const struct domain *d)
{
    for (unsigned int virq = 0; virq < NR_VIRQS; virq++) {
        for (unsigned int i = 0; i < MAX_VCPUS; i++) {
            evtchn_port_t p = d->vcpus[i] ? d->vcpus[i]->virq_to_port[virq] : 0;

            if (p && (!evtchn_exists(d, p) || evtchn_at(d, p)->state != EVTCHN_VIRQ ||
                      evtchn_at(d, p)->virq != virq))
                return model_wrong("d%u: VIRQ %u of vCPU %u goes to port %u, which is not its",
                                   d->id, virq, i, p);
        }
    }
    return NULL;
}

const char *model_ports(const struct model *m)
{
    struct hypervisor *hv = m->hv;
    const char *wrong = NULL;

    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (!d || !d->events)
            continue;
        wrong = check_buckets(d);
        if (!wrong)
            wrong = check_virq_table(d);
        for (evtchn_port_t p = 1; !wrong && p < d->events->valid; p++)
            wrong = check_port(hv, d, p);
    }
    return wrong;
}
