/* SPDX-License-Identifier: BSD-3-Clause
 *
 * event_channel_op (<xen/event_channel.h>): binding ports, sending, closing. Which error comes
 * first is as in Xen's common/event_channel.c.
 */
#include "event_channel.h"
#include "handlers.h"

/*
 * Interrupt lines that a domain could name: Xen's nr_pirqs on a machine with one processor and
 * 24 lines, with Xen's defaults for the initial domain and for others (32 more than the lines).
 */
#define HARDWARE_DOMAIN_PIRQS 208U
#define DOMAIN_PIRQS          56U

bool event_channel_valid(const struct domain *d, evtchn_port_t p)
{
    return evtchn_exists(d, p) && evtchn_at(d, p)->state > EVTCHN_RESERVED;
}

bool event_channel_pending(struct domain *d, evtchn_port_t p)
{
    return d->events->fifo ? event_fifo_pending(d, p) : event_2l_pending(d, p);
}

bool evtchn_masked(const struct domain *d, evtchn_port_t p)
{
    return d->events->fifo ? event_fifo_masked(d, p) : event_2l_masked(d, p);
}

void evtchn_raise(struct domain *d, evtchn_port_t p)
{
    if (d->events->fifo)
        event_fifo_raise(d, p);
    else
        event_2l_raise(d, p);
}

static void clear_pending(struct domain *d, evtchn_port_t p)
{
    if (d->events->fifo)
        event_fifo_clear_pending(d, p);
    else
        event_2l_clear_pending(d, p);
}

/* Xen's vcpu_mark_events_pending: a vCPU is woken whether it has upcalls masked or not. */
void evtchn_tell_vcpu(struct vcpu *v)
{
    if (!(__atomic_fetch_or(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST) & 1))
        vcpu_wake(v);
}

void evtchn_wake_pollers(struct domain *d, evtchn_port_t p)
{
    unsigned int left = d->vcpu_count;

    for (unsigned int i = 0; left > 0; i++) {
        if (!d->vcpus[i])
            continue;
        vcpu_kick_for_event(d->vcpus[i], p);
        left--;
    }
}

/* VIRQs that each vCPU has of its own are marked "V." in <xen/xen.h>. */
bool event_channel_virq_is_global(uint32_t virq)
{
    switch (virq) {
    case VIRQ_TIMER:
    case VIRQ_DEBUG:
    case VIRQ_XENOPROF:
    case VIRQ_XENPMU:
        return false;
    default:
        return true;
    }
}

/* ---- closing ---- */

static void close_port(struct domain *d, evtchn_port_t p)
{
    struct evtchn *e = evtchn_at(d, p);

    clear_pending(d, p); /* or it would be there when the port is bound again */
    if (e->state == EVTCHN_INTERDOMAIN && !e->notify) {
        struct domain *other = domain_by_id(d->hv, e->remote_domid);
        struct evtchn *end = evtchn_at(other, e->remote_port);

        /* The other end goes back to waiting for this domain, be it about to die. */
        end->state = EVTCHN_UNBOUND;
        end->remote_domid = d->id;
    } else if (e->state == EVTCHN_VIRQ) {
        d->vcpus[event_channel_virq_is_global(e->virq) ? 0 : e->notify_vcpu]
            ->virq_to_port[e->virq] = 0;
    }
    evtchn_give(d, p);
}

void event_channel_reset_all(struct domain *d)
{
    struct event_channels *events = d->events;

    if (!events)
        return; /* D is dying */
    for (evtchn_port_t first = 0; first < events->valid; first += PORTS_A_BUCKET) {
        uint64_t used = ~events->buckets[first / PORTS_A_BUCKET]->free;

        for (; used; used &= used - 1) {
            evtchn_port_t p = first + (evtchn_port_t)__builtin_ctzl(used);

            if (p != 0)
                close_port(d, p);
        }
    }
    if (events->fifo)
        event_fifo_destroy(d);
}

void event_channel_destroy(struct domain *d)
{
    event_channel_reset_all(d);
    if (!d->events)
        return;
    d->left_ports = d->events->valid;
    evtchn_ports_free(d);
}

/* ---- operations ---- */

static struct vcpu *find_vcpu(struct domain *d, uint32_t id)
{
    return id < MAX_VCPUS ? d->vcpus[id] : NULL;
}

long evtchn_alloc_unbound(struct vcpu *v, const unsigned long *a)
{
    evtchn_alloc_unbound_t op;
    struct domain *d;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_find(v, op.dom);
    if (!d)
        return -ESRCH;
    error = evtchn_find_free(d, &op.port);
    if (error)
        return error;
    if (!may_target(v->domain, d))
        return -EPERM;
    /* The remote domain need not exist yet, or ever. */
    evtchn_take(d, op.port, EVTCHN_UNBOUND)->remote_domid =
        op.remote_dom == DOMID_SELF ? v->domain->id : op.remote_dom;
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
    error = evtchn_find_free(d, &op.local_port);
    if (error)
        return error;
    if (!evtchn_exists(other, op.remote_port))
        return -EINVAL;
    end = evtchn_at(other, op.remote_port);
    if (end->state != EVTCHN_UNBOUND)
        return -EINVAL;
    if (end->remote_domid != d->id)
        return -EINVAL; /* it waits for somebody else */
    mine = evtchn_take(d, op.local_port, EVTCHN_INTERDOMAIN);
    mine->remote_domid = other->id;
    mine->remote_port = op.remote_port;
    end->state = EVTCHN_INTERDOMAIN;
    end->remote_domid = d->id;
    end->remote_port = op.local_port;
    /* The other end may have sent while nobody listened: an event now loses nothing. */
    evtchn_raise(d, op.local_port);
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_bind_virq(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_virq_t op;
    struct domain *d = v->domain;
    struct vcpu *target;
    struct evtchn *e;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.virq >= NR_VIRQS)
        return -EINVAL;
    /* A global one may only afterwards be moved to another vCPU, by bind_vcpu. */
    if (event_channel_virq_is_global(op.virq) && op.vcpu != 0)
        return -EINVAL;
    target = find_vcpu(d, op.vcpu);
    if (!target)
        return -ENOENT;
    if (target->virq_to_port[op.virq])
        return -EEXIST;
    error = evtchn_find_free(d, &op.port);
    if (error)
        return error;
    /* Any domain may bind any VIRQ; the global ones of the machine come to the initial domain. */
    e = evtchn_take(d, op.port, EVTCHN_VIRQ);
    e->virq = op.virq;
    e->notify_vcpu = (uint16_t)op.vcpu;
    target->virq_to_port[op.virq] = op.port;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_bind_ipi(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_ipi_t op;
    struct domain *d = v->domain;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!find_vcpu(d, op.vcpu))
        return -ENOENT;
    error = evtchn_find_free(d, &op.port);
    if (error)
        return error;
    evtchn_take(d, op.port, EVTCHN_IPI)->notify_vcpu = (uint16_t)op.vcpu;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

/* No interrupt line is mapped to a domain's (PHYSDEVOP_map_pirq), so nobody has access to one. */
long evtchn_bind_pirq(struct vcpu *v, const unsigned long *a)
{
    evtchn_bind_pirq_t op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.pirq >= (v->domain->hardware_domain ? HARDWARE_DOMAIN_PIRQS : DOMAIN_PIRQS))
        return -EINVAL;
    return -EPERM;
}

long evtchn_close(struct vcpu *v, const unsigned long *a)
{
    evtchn_close_t op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!event_channel_valid(v->domain, op.port))
        return -EINVAL;
    close_port(v->domain, op.port);
    return 0;
}

int event_channel_send(struct domain *d, evtchn_port_t p)
{
    struct evtchn *e;

    if (!evtchn_exists(d, p))
        return -EINVAL;
    e = evtchn_at(d, p);
    switch (e->state) {
    case EVTCHN_INTERDOMAIN:
        if (e->notify)
            e->notify(e->notify_context, d, p);
        else
            evtchn_raise(domain_by_id(d->hv, e->remote_domid), e->remote_port);
        return 0;
    case EVTCHN_IPI:
        evtchn_raise(d, p);
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

    if (copy_few_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return event_channel_send(v->domain, op.port);
}

long evtchn_status(struct vcpu *v, const unsigned long *a)
{
    static const struct evtchn closed = {.state = EVTCHN_FREE};
    const struct evtchn *e;
    evtchn_status_t op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_find(v, op.dom);
    if (!d)
        return -ESRCH;
    if (!evtchn_exists(d, op.port) && op.port >= d->left_ports)
        return -EINVAL;
    if (!may_target(v->domain, d))
        return -EPERM;
    e = d->events ? evtchn_at(d, op.port) : &closed;
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

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!evtchn_exists(d, op.port))
        return -EINVAL;
    if (!event_channel_valid(d, op.port))
        return 0; /* Xen: a port that is not bound keeps its bits as they are */
    if (d->events->fifo)
        event_fifo_unmask(d, op.port);
    else
        event_2l_unmask(d, op.port);
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
    if (!evtchn_exists(d, op.port))
        return -EINVAL;
    e = evtchn_at(d, op.port);
    switch (e->state) {
    case EVTCHN_UNBOUND:
    case EVTCHN_INTERDOMAIN:
        break;
    case EVTCHN_VIRQ:
        if (!event_channel_virq_is_global(e->virq))
            return -EINVAL;
        break;
    default:
        return -EINVAL;
    }
    /* What is pending stays with the vCPU that has been told. */
    e->notify_vcpu = (uint16_t)op.vcpu;
    return 0;
}

static int reset_target(struct vcpu *v, const unsigned long *a, struct domain **out)
{
    evtchn_reset_t op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_find(v, op.dom);
    if (!d)
        return -ESRCH;
    if (!may_target(v->domain, d))
        return -EPERM;
    if (d != v->domain && !d->pause_count)
        return -EINVAL; /* only while tools have it paused */
    *out = d;
    return 0;
}

long evtchn_reset(struct vcpu *v, const unsigned long *a)
{
    struct domain *d;
    int error = reset_target(v, a, &d);

    if (!error)
        event_channel_reset_all(d);
    return error;
}

/* How Xen goes on with a reset that took long. None does here, so there is none to go on with. */
long evtchn_reset_cont(struct vcpu *v, const unsigned long *a)
{
    struct domain *d;
    int error = reset_target(v, a, &d);

    return error ? error : -EBUSY;
}

/* The ABI before 3.2.2: the number of the operation is in front of its argument. */
long event_channel_op_compat(struct vcpu *v, const unsigned long *a)
{
    struct evtchn_op op;
    unsigned long args[2];

    if (copy_from_guest(v, &op, a[0], sizeof(op)))
        return -EFAULT;
    if (op.cmd > EVTCHNOP_unmask) /* what is newer than it */
        return -ENOSYS;
    args[0] = op.cmd;
    args[1] = a[0] + offsetof(struct evtchn_op, u);
    return hypercall_dispatch(v, __HYPERVISOR_event_channel_op, args);
}
