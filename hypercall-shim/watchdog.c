/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SCHEDOP_watchdog (<xen/sched.h>): two timers of a domain, which it has to set again and again.
 */
#include "sched.h"

#define SECOND 1000000000UL
#define COUNT  (sizeof(((struct domain *)0)->watchdog) / sizeof(struct timer))

static void fired(void *arg)
{
    struct domain *d = arg;

    hypervisor_log(d->hv, HYPERVISOR_LOG_WARNING, "d%u: watchdog timeout", d->id);
    domain_shutdown(d, SHUTDOWN_watchdog);
}

static void set(struct domain *d, struct timer *t, uint32_t timeout)
{
    t->fire = fired;
    t->arg = d;
    timer_set(d->hv, t, time_now(d->hv) + timeout * SECOND);
}

/* Takes one that is free. A timeout of 0 is not special: it fires at once. */
static long start(struct domain *d, uint32_t timeout)
{
    for (unsigned int i = 0; i < COUNT; i++) {
        if (!d->watchdog[i].place) {
            set(d, &d->watchdog[i], timeout);
            return i + 1;
        }
    }
    return (uint32_t)-ENOSPC; /* Xen's domain_watchdog makes an unsigned number of it */
}

long sched_watchdog_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_watchdog op;
    struct domain *d = v->domain;
    struct timer *t;
    long id;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.id > COUNT)
        return -EINVAL;
    if (op.id == 0) {
        id = start(d, op.timeout);
        sched_run_timers(v);
        return id;
    }
    t = &d->watchdog[op.id - 1];
    if (!t->place)
        return -EINVAL;
    if (op.timeout)
        set(d, t, op.timeout);
    else
        timer_stop(d->hv, t);
    return 0;
}
