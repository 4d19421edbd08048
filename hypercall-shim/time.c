/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PV clock: system time and wall clock in the shared info page, with the version protocol of
 * <xen/xen.h>; and the timers of a vCPU, which raise VIRQ_TIMER.
 */
#include "internal.h"

static void write_time_info(struct vcpu_time_info *t, const struct hypervisor_clock *now)
{
    /* Odd while it changes, so that a reader knows to read again (<xen/xen.h>). */
    t->version = (t->version + 1) | 1;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    t->tsc_timestamp = now->tsc_timestamp;
    t->system_time = now->system_time;
    t->tsc_to_system_mul = now->tsc_to_system_mul;
    t->tsc_shift = now->tsc_shift;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    t->version++;
}

uint64_t time_update(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    struct hypervisor_clock now;

    hv->host.clock(hv->host.context, &now);
    assert(now.system_time >= hv->last_time);
    hv->last_time = now.system_time;
    write_time_info(&v->info->time, &now);
    if (v->time_area) {
        struct vcpu_time_info copy = v->info->time;

        copy_to_guest(v, v->time_area, &copy, sizeof(copy));
    }
    return now.system_time;
}

void time_set_wall_clock(struct domain *d)
{
    shared_info_t *s = d->shared_info;
    /* The machine's, as platform_op may have set it, and what tools have set for D. */
    uint64_t wall = d->hv->host.wall_clock(d->hv->host.context) + (uint64_t)d->hv->wall_adjust;
    uint64_t seconds = wall / 1000000000 + (uint64_t)d->time_offset;

    s->wc_version = (s->wc_version + 1) | 1;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    s->wc_sec = (uint32_t)seconds;
    s->wc_nsec = (uint32_t)(wall % 1000000000);
    s->wc_sec_hi = (uint32_t)(seconds >> 32);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    s->wc_version++;
}

uint32_t time_tsc_khz(struct hypervisor *hv)
{
    struct hypervisor_clock now;
    uint64_t khz = 1000000; /* of a clock that shows its nanoseconds as they are */

    hv->host.clock(hv->host.context, &now);
    if (now.tsc_to_system_mul)
        khz = (khz << 32) / now.tsc_to_system_mul;
    return (uint32_t)(now.tsc_shift < 0 ? khz << -now.tsc_shift : khz >> now.tsc_shift);
}

static void singleshot_fired(void *arg) { event_channel_virq_vcpu(arg, VIRQ_TIMER); }

static void periodic_fired(void *arg)
{
    struct vcpu *v = arg;
    uint64_t now = v->domain->hv->last_time;

    event_channel_virq_vcpu(v, VIRQ_TIMER);
    /* Ticks that were missed while the guest computed are not made up for. */
    v->periodic_last += v->periodic_period;
    if (v->periodic_last + v->periodic_period <= now)
        v->periodic_last = now;
    timer_set(v->domain->hv, &v->periodic_timer, v->periodic_last + v->periodic_period);
}

static void poll_timed_out(void *arg)
{
    struct vcpu *v = arg;

    v->poll_timed_out = true;
    vcpu_wake(v);
}

void time_vcpu_init(struct vcpu *v)
{
    v->singleshot_timer = (struct timer){.fire = singleshot_fired, .arg = v};
    v->periodic_timer = (struct timer){.fire = periodic_fired, .arg = v};
    v->poll_timer = (struct timer){.fire = poll_timed_out, .arg = v};
}

void time_vcpu_stop(struct vcpu *v)
{
    timer_stop(v->domain->hv, &v->singleshot_timer);
    timer_stop(v->domain->hv, &v->periodic_timer);
    timer_stop(v->domain->hv, &v->poll_timer);
}
