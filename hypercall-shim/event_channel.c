/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels, two-level ABI (<xen/event_channel.h>). Errors as in Xen's
 * common/event_channel.c.
 */
#include "internal.h"
#include "handlers.h"

#include <stdlib.h>

/* Xen's default for a domain that xl makes (xl.cfg, max_event_channels): ports 0 to 1023. */
#define DOMAIN_PORTS 1024U

static struct evtchn *port(const struct domain *d, evtchn_port_t p)
{
    return &d->buckets[p / PORTS_A_BUCKET][p % PORTS_A_BUCKET];
}

bool event_channel_valid(const struct domain *d, evtchn_port_t p) { return p < d->ports; }

static bool grow(struct domain *d)
{
    evtchn_port_t limit = d->hardware_domain ? MAX_PORTS : DOMAIN_PORTS;
    struct evtchn *bucket;

    if (d->ports >= limit)
        return false;
    bucket = calloc(PORTS_A_BUCKET, sizeof(*bucket));
    if (!bucket)
        return false;
    d->buckets[d->ports / PORTS_A_BUCKET] = bucket;
    d->ports += PORTS_A_BUCKET;
    return true;
}

int event_channel_init(struct domain *d)
{
    if (!grow(d))
        return -ENOMEM;
    port(d, 0)->state = EVTCHN_RESERVED; /* port 0 is never used */
    return 0;
}

static int free_port(struct domain *d, evtchn_port_t *out)
{
    if (d->is_dying)
        return -EINVAL;
    for (evtchn_port_t p = 1;; p++) {
        if (p >= d->ports && !grow(d))
            return -ENOSPC;
        if (port(d, p)->state == EVTCHN_FREE) {
            *port(d, p) = (struct evtchn){0};
            *out = p;
            return 0;
        }
    }
}

/* ---- pending bits ---- */

#define BITS (sizeof(xen_ulong_t) * 8)

static bool test_and_set(xen_ulong_t *word, unsigned int bit)
{
    xen_ulong_t mask = (xen_ulong_t)1 << bit;

    return __atomic_fetch_or(word, mask, __ATOMIC_SEQ_CST) & mask;
}

bool event_channel_pending(struct domain *d, evtchn_port_t p)
{
    return d->shared_info->evtchn_pending[p / BITS] >> p % BITS & 1;
}

static bool masked(struct domain *d, evtchn_port_t p)
{
    return d->shared_info->evtchn_mask[p / BITS] >> p % BITS & 1;
}

/* The second and third level: the word's selector bit, the vCPU's upcall flag. */
static void tell_vcpu(struct domain *d, evtchn_port_t p)
{
    struct vcpu *v = d->vcpus[port(d, p)->notify_vcpu];

    if (!v)
        return; /* tools have not made it yet */
    if (!test_and_set(&v->info->evtchn_pending_sel, (unsigned int)(p / BITS))) {
        v->info->evtchn_upcall_pending = 1;
        if (v->state == VCPU_BLOCKED)
            vcpu_wake(v);
    }
}

static void set_pending(struct domain *d, evtchn_port_t p)
{
    if (test_and_set(&d->shared_info->evtchn_pending[p / BITS], (unsigned int)(p % BITS)))
        return;
    if (!masked(d, p))
        tell_vcpu(d, p);
    /* SCHEDOP_poll looks at ports whether masked or not. */
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i])
            vcpu_kick_for_event(d->vcpus[i], p);
    }
}

static void clear_pending(struct domain *d, evtchn_port_t p)
{
    xen_ulong_t mask = (xen_ulong_t)1 << p % BITS;

    __atomic_fetch_and(&d->shared_info->evtchn_pending[p / BITS], ~mask, __ATOMIC_SEQ_CST);
}

/* ---- closing ---- */

/* VIRQs that each vCPU has of its own (<xen/xen.h>: "V." in their comments). */
bool event_channel_virq_is_global(uint32_t virq)
{
    return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}

static void close_port(struct domain *d, evtchn_port_t p)
{
    struct evtchn *e = port(d, p);

    if (e->state == EVTCHN_INTERDOMAIN && !e->notify) {
        struct domain *other = domain_by_id(d->hv, e->remote_domid);
        struct evtchn *end = port(other, e->remote_port);

        /* The other end goes back to waiting for this domain. */
        end->state = EVTCHN_UNBOUND;
        end->remote_domid = d->id;
    } else if (e->state == EVTCHN_VIRQ) {
        d->virq_to_port[e->virq][event_channel_virq_is_global(e->virq) ? 0 : e->notify_vcpu] = 0;
    }
    clear_pending(d, p);
    *e = (struct evtchn){.state = EVTCHN_FREE};
}

static void close_all(struct domain *d)
{
    for (evtchn_port_t p = 1; p < d->ports; p++) {
        if (port(d, p)->state != EVTCHN_FREE)
            close_port(d, p);
    }
}

void event_channel_destroy(struct domain *d)
{
    close_all(d);
    for (size_t i = 0; i < MAX_PORTS / PORTS_A_BUCKET; i++)
        free(d->buckets[i]);
    memset(d->buckets, 0, sizeof(d->buckets));
    d->ports = 0;
}

void event_channel_reset_all(struct domain *d) { close_all(d); }

/* ---- the host's side ---- */

static void ignore(void *context, struct domain *d, evtchn_port_t p)
{
    (void)context;
    (void)d;
    (void)p;
}

int event_channel_allocate_host(struct domain *d, evtchn_port_t *out)
{
    int error = free_port(d, out);

    if (!error)
        *port(d, *out) = (struct evtchn){
            .state = EVTCHN_INTERDOMAIN, .remote_domid = 0, .remote_port = *out, .notify = ignore};
    return error;
}

int event_channel_host_bind(struct domain *d, evtchn_port_t p, event_channel_notify *notify,
                            void *context)
{
    if (!event_channel_valid(d, p) || !port(d, p)->notify)
        return -EINVAL;
    port(d, p)->notify = notify;
    port(d, p)->notify_context = context;
    return 0;
}

void event_channel_host_raise(struct domain *d, evtchn_port_t p)
{
    /* The guest may have closed its end, or reset all. */
    if (event_channel_valid(d, p) && port(d, p)->notify)
        set_pending(d, p);
}

void event_channel_virq(struct domain *d, unsigned int virq)
{
    evtchn_port_t p = d->virq_to_port[virq][0];

    if (p)
        set_pending(d, p);
}

void event_channel_global_virq(struct hypervisor *hv, unsigned int virq)
{
    struct domain *d = domain_by_id(hv, hv->virq_handler[virq]);

    if (d)
        event_channel_virq(d, virq);
}

void event_channel_virq_vcpu(struct vcpu *v, unsigned int virq)
{
    struct domain *d = v->domain;
    evtchn_port_t p = d->virq_to_port[virq][v->id];

    if (p)
        set_pending(d, p);
}

bool event_channel_awaited(struct domain *d, evtchn_port_t p)
{
    if (!event_channel_valid(d, p) || port(d, p)->state == EVTCHN_FREE)
        return false;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        struct vcpu *v = d->vcpus[i];

        if (!v)
            continue;
        if (v->state == VCPU_BLOCKED && !masked(d, p) && port(d, p)->notify_vcpu == i)
            return true;
        for (unsigned int k = 0; v->state == VCPU_POLLING && k < v->poll_count; k++) {
            if (v->poll_ports[k] == p)
                return true;
        }
    }
    return false;
}

bool event_channel_virq_awaited(struct domain *d, unsigned int virq)
{
    evtchn_port_t p = d->virq_to_port[virq][0];

    return p && event_channel_awaited(d, p);
}

/* ---- operations ---- */

static struct vcpu *find_vcpu(struct domain *d, uint32_t id)
{
    return id < MAX_VCPUS ? d->vcpus[id] : NULL;
}

/* DOMID for an operation that only a privileged domain may do to others: -ESRCH, -EPERM. */
static int target(struct vcpu *v, domid_t domid, struct domain **out)
{
    *out = domain_find(v, domid);
    if (!*out)
        return -ESRCH;
    return *out == v->domain || v->domain->hardware_domain ? 0 : -EPERM;
}

long evtchn_alloc_unbound(struct vcpu *v, const unsigned long *a)
{
    evtchn_alloc_unbound_t op;
    struct domain *d;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = target(v, op.dom, &d);
    if (!error)
        error = free_port(d, &op.port);
    if (error)
        return error;
    port(d, op.port)->state = EVTCHN_UNBOUND;
    port(d, op.port)->remote_domid = op.remote_dom == DOMID_SELF ? v->domain->id : op.remote_dom;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_bind_interdomain(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_interdomain_t op;
    struct domain *d = v->domain, *other;
    struct evtchn *end, *mine;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    other = domain_find(v, op.remote_dom);
    if (!other)
        return -ESRCH;
    error = free_port(d, &op.local_port);
    if (error)
        return error;
    if (!event_channel_valid(other, op.remote_port))
        return -EINVAL;
    end = port(other, op.remote_port);
    if (end->state != EVTCHN_UNBOUND || end->remote_domid != d->id)
        return -EINVAL;
    mine = port(d, op.local_port);
    mine->state = EVTCHN_INTERDOMAIN;
    mine->remote_domid = other->id;
    mine->remote_port = op.remote_port;
    end->state = EVTCHN_INTERDOMAIN;
    end->remote_domid = d->id;
    end->remote_port = op.local_port;
    /* The other end may have sent while nobody listened: an event now loses nothing. */
    set_pending(d, op.local_port);
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_bind_virq(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_virq_t op;
    struct domain *d = v->domain;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.virq >= NR_VIRQS)
        return -EINVAL;
    if (event_channel_virq_is_global(op.virq) && op.vcpu != 0)
        return -EINVAL;
    if (!find_vcpu(d, op.vcpu))
        return -ENOENT;
    if (d->virq_to_port[op.virq][op.vcpu])
        return -EEXIST;
    error = free_port(d, &op.port);
    if (error)
        return error;
    port(d, op.port)->state = EVTCHN_VIRQ;
    port(d, op.port)->virq = op.virq;
    port(d, op.port)->notify_vcpu = op.vcpu;
    d->virq_to_port[op.virq][op.vcpu] = op.port;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_bind_ipi(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_ipi_t op;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!find_vcpu(v->domain, op.vcpu))
        return -ENOENT;
    error = free_port(v->domain, &op.port);
    if (error)
        return error;
    port(v->domain, op.port)->state = EVTCHN_IPI;
    port(v->domain, op.port)->notify_vcpu = op.vcpu;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_close(struct vcpu *v, const unsigned long *a)
{
    evtchn_close_t op;
    struct domain *d = v->domain;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!event_channel_valid(d, op.port) || port(d, op.port)->state == EVTCHN_FREE ||
        port(d, op.port)->state == EVTCHN_RESERVED)
        return -EINVAL;
    close_port(d, op.port);
    return 0;
}

int event_channel_send(struct domain *d, evtchn_port_t p)
{
    struct evtchn *e;

    if (!event_channel_valid(d, p))
        return -EINVAL;
    e = port(d, p);
    switch (e->state) {
    case EVTCHN_INTERDOMAIN:
        if (e->notify)
            e->notify(e->notify_context, d, p);
        else
            set_pending(domain_by_id(d->hv, e->remote_domid), e->remote_port);
        return 0;
    case EVTCHN_IPI:
        set_pending(d, p);
        return 0;
    case EVTCHN_UNBOUND:
        return 0; /* nobody listens yet: the event is dropped */
    default:
        return -EINVAL;
    }
}

long evtchn_send(struct vcpu *v, const unsigned long *a)
{
    evtchn_send_t op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return event_channel_send(v->domain, op.port);
}

long evtchn_status(struct vcpu *v, const unsigned long *a)
{
    evtchn_status_t op;
    struct domain *d;
    struct evtchn *e;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = target(v, op.dom, &d);
    if (error)
        return error;
    if (!event_channel_valid(d, op.port))
        return -EINVAL;
    e = port(d, op.port);
    op.vcpu = e->notify_vcpu;
    switch (e->state) {
    case EVTCHN_UNBOUND:
        op.status = EVTCHNSTAT_unbound;
        op.u.unbound.dom = e->remote_domid;
        break;
    case EVTCHN_INTERDOMAIN:
        op.status = EVTCHNSTAT_interdomain;
        op.u.interdomain.dom = e->remote_domid;
        op.u.interdomain.port = e->remote_port;
        break;
    case EVTCHN_VIRQ:
        op.status = EVTCHNSTAT_virq;
        op.u.virq = e->virq;
        break;
    case EVTCHN_IPI:
        op.status = EVTCHNSTAT_ipi;
        break;
    default:
        op.status = EVTCHNSTAT_closed;
        break;
    }
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_unmask(struct vcpu *v, const unsigned long *a)
{
    evtchn_unmask_t op;
    struct domain *d = v->domain;
    xen_ulong_t bit;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!event_channel_valid(d, op.port))
        return -EINVAL;
    bit = (xen_ulong_t)1 << op.port % BITS;
    if (__atomic_fetch_and(&d->shared_info->evtchn_mask[op.port / BITS], ~bit, __ATOMIC_SEQ_CST) &
            bit &&
        event_channel_pending(d, op.port))
        tell_vcpu(d, op.port);
    return 0;
}

long evtchn_bind_vcpu(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_vcpu_t op;
    struct domain *d = v->domain;
    struct evtchn *e;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!find_vcpu(d, op.vcpu))
        return -ENOENT;
    if (!event_channel_valid(d, op.port))
        return -EINVAL;
    e = port(d, op.port);
    if (e->state != EVTCHN_UNBOUND && e->state != EVTCHN_INTERDOMAIN &&
        (e->state != EVTCHN_VIRQ || !event_channel_virq_is_global(e->virq)))
        return -EINVAL;
    e->notify_vcpu = op.vcpu;
    return 0;
}

long evtchn_reset(struct vcpu *v, const unsigned long *a)
{
    evtchn_reset_t op;
    struct domain *d;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = target(v, op.dom, &d);
    if (error)
        return error;
    close_all(d);
    return 0;
}
