/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The scheduler, round robin over the runnable vCPUs, and sched_op (<xen/sched.h>).
 */
#include "internal.h"
#include "handlers.h"

#include <stdlib.h>

void sched_queue(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    if (v->queued || v->domain->is_shut_down || v->domain->pause_count)
        return;
    v->queued = true;
    v->run_next = NULL;
    if (hv->run_last)
        hv->run_last->run_next = v;
    else
        hv->run_first = v;
    hv->run_last = v;
}

void sched_unqueue(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    struct vcpu *before = NULL;

    if (!v->queued)
        return;
    for (struct vcpu *i = hv->run_first; i != v; i = i->run_next)
        before = i;
    if (before)
        before->run_next = v->run_next;
    else
        hv->run_first = v->run_next;
    if (hv->run_last == v)
        hv->run_last = before;
    v->queued = false;
}

static enum hypervisor_wait sleep_until(struct hypervisor *hv, uint64_t deadline)
{
    uint64_t before = hypervisor_now(hv);
    enum hypervisor_wait result = hv->host.wait(hv->host.context, deadline);

    hv->idle_time += hypervisor_now(hv) - before;
    return result;
}

/* When the initial domain shuts down, the machine does (Xen's hwdom_shutdown). */
static bool machine_is_off(const struct hypervisor *hv)
{
    const struct domain *d = hv->domains[0];

    return d && d->hardware_domain && d->is_shut_down;
}

bool hypervisor_run(struct hypervisor *hv)
{
    while (hv->live_domains && !machine_is_off(hv)) {
        struct vcpu *v;

        if (hv->timer_count) {
            hv->last_time = hypervisor_now(hv);
            timer_run(hv, hv->last_time);
            if (!hv->live_domains || machine_is_off(hv))
                break; /* a watchdog's doing */
        }
        v = hv->run_first;
        if (v) {
            sched_unqueue(v);
            vcpu_enter(v);
            if (v->state == VCPU_RUNNABLE)
                sched_queue(v);
        } else if (sleep_until(hv, timer_next(hv)) == HYPERVISOR_WAIT_NEVER) {
            return false;
        }
    }
    return true;
}

static bool upcall_is_due(const struct vcpu *v)
{
    return v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask;
}

void vcpu_kick_for_event(struct vcpu *v, evtchn_port_t p)
{
    if (v->state != VCPU_POLLING)
        return;
    for (unsigned int i = 0; i < v->poll_count; i++) {
        if (v->poll_ports[i] == p) {
            vcpu_wake(v);
            return;
        }
    }
}

/* ---- operations ---- */

long sched_yield_op(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    vcpu_leave(v);
    return 0;
}

/* The two numbers before there was struct sched_*: a[1] is the argument itself. */
long sched_block_op(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    v->info->evtchn_upcall_mask = 0; /* <xen/sched.h>: atomically re-enables event delivery */
    if (upcall_is_due(v))
        return 0;
    v->state = VCPU_BLOCKED;
    vcpu_leave(v);
    return 0;
}

/* Of a vCPU whose domain has shut down: it continues when tools resume the domain, if ever. */
static long wait_for_resume(struct vcpu *v)
{
    vcpu_leave(v);
    return 0;
}

long sched_shutdown_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_shutdown op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    domain_shutdown(v->domain, op.reason & 0xff); /* Xen keeps a u8 */
    return wait_for_resume(v);
}

/* sched_op_compat: the argument is the reason. */
long sched_shutdown_compat(struct vcpu *v, const unsigned long *a)
{
    domain_shutdown(v->domain, a[1] & 0xff);
    return wait_for_resume(v);
}

long sched_shutdown_code_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_shutdown op;
    struct domain *d = v->domain;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (d->latched_code < 0) /* the first one stays */
        d->latched_code = (int)(op.reason & 0xff);
    return 0;
}

#define POLL_PORTS_MAX 128U

long sched_poll_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_poll op;
    struct domain *d = v->domain;
    evtchn_port_t ports[POLL_PORTS_MAX];
    uint64_t from;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > POLL_PORTS_MAX)
        return -EINVAL;
    from = (uint64_t)(uintptr_t)op.ports.p;
    if (op.nr_ports && copy_from_guest(v, ports, from, op.nr_ports * sizeof(ports[0])))
        return -EFAULT;
    for (unsigned int i = 0; i < op.nr_ports; i++) {
        if (!event_channel_valid(d, ports[i]))
            return -EINVAL;
        if (event_channel_pending(d, ports[i]))
            return 0;
    }
    if (upcall_is_due(v))
        return 0;
    if (op.timeout && op.timeout <= hypervisor_now(d->hv))
        return 0;

    if (!v->poll_ports)
        v->poll_ports = malloc(sizeof(ports));
    if (!v->poll_ports)
        return -ENOMEM;
    memcpy(v->poll_ports, ports, op.nr_ports * sizeof(ports[0]));
    v->poll_count = op.nr_ports;
    v->state = VCPU_POLLING;
    if (op.timeout)
        timer_set(d->hv, &v->poll_timer, op.timeout);
    vcpu_leave(v);
    timer_stop(d->hv, &v->poll_timer);
    return 0;
}

long sched_remote_shutdown_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_remote_shutdown op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_by_id(v->domain->hv, op.domain_id); /* DOMID_SELF is not meant here */
    if (!d)
        return -ESRCH;
    if (!v->domain->hardware_domain)
        return -EPERM; /* only for the domain that serves D's devices */
    domain_shutdown(d, op.reason & 0xff);
    return d == v->domain ? wait_for_resume(v) : 0;
}

static void watchdog_fired(void *arg)
{
    struct domain *d = arg;

    hypervisor_log(d->hv, HYPERVISOR_LOG_WARNING, "d%u: watchdog timeout", d->id);
    domain_shutdown(d, SHUTDOWN_watchdog);
}

long sched_watchdog_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_watchdog op;
    struct domain *d = v->domain;
    struct timer *t;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.id > 2)
        return -EINVAL;
    if (op.id == 0) {
        if (op.timeout == 0)
            return -EINVAL;
        for (op.id = 1; op.id <= 2 && d->watchdog[op.id - 1].place; op.id++)
            ;
        if (op.id > 2)
            return -ENOSPC;
        t = &d->watchdog[op.id - 1];
        *t = (struct timer){.fire = watchdog_fired, .arg = d};
        timer_set(d->hv, t, hypervisor_now(d->hv) + op.timeout * 1000000000UL);
        return op.id;
    }
    t = &d->watchdog[op.id - 1];
    if (!t->place)
        return -EINVAL;
    if (op.timeout)
        timer_set(d->hv, t, hypervisor_now(d->hv) + op.timeout * 1000000000UL);
    else
        timer_stop(d->hv, t);
    return 0;
}

long set_timer_op(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;

    time_update(v); /* a good moment to refine the clock: the guest is about to sleep */
    if (a[0] == 0)
        timer_stop(hv, &v->singleshot_timer);
    else
        timer_set(hv, &v->singleshot_timer, a[0]);
    timer_run(hv, hv->last_time);
    return 0;
}
