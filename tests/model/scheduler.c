/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who can run is in the run queue, once, and nobody else; the timers are a heap and each is one
 * that a living domain armed; the counts of domains and vCPUs are right.
 */
#include "model.h"

/* Whether vCPUs of D may run at all. */
static bool runs(const struct domain *d)
{
    return !d->is_shut_down && !d->is_dying && !d->pause_count;
}

static const char *check_vcpu(const struct vcpu *v)
{
    bool wanted = sched_runnable(v) && v != current;

    /* One that was online from its context on waits for somebody to wake it, as on Xen. */
    if (!v->queued && wanted && !v->started)
        return NULL;
    if (v->queued != wanted)
        return model_wrong("d%uv%u is %sin the run queue; it is %s", v->domain->id, v->id,
                           v->queued ? "" : "not ",
                           v == current ? "running"
                           : wanted     ? "runnable"
                                        : "not runnable");
    return NULL;
}

static const char *check_queue(struct hypervisor *hv)
{
    const struct vcpu *last = NULL;
    unsigned int length = 0, queued = 0;
    const char *wrong = NULL;

    for (const struct vcpu *v = hv->run_first; v; v = v->run_next) {
        if (!v->queued || v->run_prev != last)
            return model_wrong("the run queue is broken at d%uv%u", v->domain->id, v->id);
        last = v;
        if (++length > MAX_DOMAINS * MAX_VCPUS)
            return model_wrong("the run queue has no end");
    }
    if (hv->run_last != last)
        return model_wrong("the run queue's end is not its last");
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        for (unsigned int k = 0; !wrong && d && k < MAX_VCPUS; k++) {
            if (!d->vcpus[k])
                continue;
            queued += d->vcpus[k]->queued;
            wrong = check_vcpu(d->vcpus[k]);
        }
    }
    if (!wrong && length != queued)
        wrong = model_wrong("%u vCPUs say that they are queued; %u are", queued, length);
    return wrong;
}

static unsigned int armed(const struct hypervisor *hv, const struct timer *t)
{
    return t->place && t->place <= hv->timer_count && hv->timers[t->place] == t;
}

static const char *check_timers(struct hypervisor *hv)
{
    size_t count = 0;

    for (size_t i = 1; i <= hv->timer_count; i++) {
        const struct timer *t = hv->timers[i];

        if (t->place != i)
            return model_wrong("the timer in place %zu says that it is in %zu", i, t->place);
        if (i > 1 && hv->timers[i / 2]->deadline > t->deadline)
            return model_wrong("the timer in place %zu is due before the one above it", i);
    }
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (!d)
            continue;
        count += armed(hv, &d->watchdog[0]) + armed(hv, &d->watchdog[1]);
        for (unsigned int k = 0; k < MAX_VCPUS; k++) {
            const struct vcpu *v = d->vcpus[k];

            if (v)
                count += armed(hv, &v->poll_timer) + armed(hv, &v->singleshot_timer) +
                         armed(hv, &v->periodic_timer);
        }
    }
    if (count != hv->timer_count)
        return model_wrong("%zu timers are armed, %zu in the heap", count, hv->timer_count);
    return NULL;
}

/* A dying domain's vCPUs are there to be asked about, and hold nothing. */
static const char *check_dying(const struct domain *d)
{
    if (d->events || d->pinned || d->watchdog[0].place || d->watchdog[1].place)
        return model_wrong("dying d%u has %s", d->id,
                           d->events   ? "event channels"
                           : d->pinned ? "pinned tables"
                                       : "a watchdog");
    for (unsigned int k = 0; k < MAX_VCPUS; k++) {
        const struct vcpu *v = d->vcpus[k];

        if (v && (v->cr3 || v->user_cr3 || v->info_registered || v->started))
            return model_wrong("d%uv%u of a dying domain has tables, an area or a stack", d->id, k);
    }
    return NULL;
}

static const char *check_domain(struct hypervisor *hv, const struct domain *d, unsigned int id)
{
    unsigned int vcpus = 0;

    if (d->id != id || d->hv != hv)
        return model_wrong("the domain in place %u says that it is d%u", id, d->id);
    for (unsigned int k = 0; k < MAX_VCPUS; k++) {
        const struct vcpu *v = d->vcpus[k];

        if (!v)
            continue;
        vcpus++;
        if (v->id != k || v->domain != d)
            return model_wrong("the vCPU in place %u of d%u says that it is d%uv%u", k, id,
                               v->domain->id, v->id);
        if ((d->is_shut_down || d->is_dying) &&
            (v->queued || v->poll_timer.place || v->singleshot_timer.place ||
             v->periodic_timer.place))
            return model_wrong("d%uv%u could come back, but its domain has shut down", id, k);
    }
    if (vcpus != d->vcpu_count)
        return model_wrong("d%u counts %u vCPUs; it has %u", id, d->vcpu_count, vcpus);
    return d->is_dying ? check_dying(d) : NULL;
}

static const char *check_domains(struct hypervisor *hv)
{
    unsigned int count = 0, live = 0;
    const char *wrong = NULL;

    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (!d)
            continue;
        count++;
        live += runs(d);
        wrong = check_domain(hv, d, i);
    }
    if (!wrong && (count != hv->domain_count || live != hv->live_domains))
        wrong = model_wrong("%u domains, %u of them live; counted are %u and %u", count, live,
                            hv->domain_count, hv->live_domains);
    return wrong;
}

const char *model_scheduler(const struct model *m)
{
    struct hypervisor *hv = m->hv;
    const char *wrong = check_domains(hv);

    if (!wrong)
        wrong = check_queue(hv);
    return wrong ? wrong : check_timers(hv);
}
