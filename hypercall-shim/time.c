/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PV clock: system time and wall clock in the shared info page, with the version protocol of
 * <xen/xen.h>; and the timers of a vCPU, which raise VIRQ_TIMER.
 */
#include "sched.h"

#include <x86intrin.h>

#define MS 1000000UL

/* For so long, what the host's clock said is extrapolated as a guest would do it. */
#define CLOCK_AGE (1 * MS)

/* ---- system time ---- */

/* What a guest computes from CLOCK (struct vcpu_time_info) at TSC, and no less than that. */
static uint64_t extrapolate(const struct hypervisor_clock *clock, uint64_t tsc)
{
    uint64_t delta = tsc - clock->tsc_timestamp;

    if (tsc < clock->tsc_timestamp)
        return clock->system_time;
    if (clock->tsc_shift >= 0)
        delta <<= clock->tsc_shift;
    else
        delta >>= -clock->tsc_shift;
    return clock->system_time +
           (uint64_t)((unsigned __int128)delta * clock->tsc_to_system_mul >> 32);
}

uint64_t time_read(struct hypervisor *hv)
{
    hv->host.clock(hv->host.context, &hv->clock);
    assert(hv->clock.system_time >= hv->last_time);
    hv->last_time = hv->clock.system_time;
    return hv->last_time;
}

uint64_t time_now(struct hypervisor *hv)
{
    uint64_t now;

    /* A virtual clock (a factor of 0) moves only when it is read. */
    if (!hv->clock.tsc_to_system_mul)
        return time_read(hv);
    now = extrapolate(&hv->clock, __rdtsc());
    if (now - hv->clock.system_time > CLOCK_AGE)
        return time_read(hv);
    if (now > hv->last_time)
        hv->last_time = now;
    return hv->last_time;
}

/* T becomes what the clock said, with its version odd meanwhile: a reader reads again. */
static void write_time_info(struct vcpu_time_info *t, const struct hypervisor_clock *clock)
{
    t->version = (t->version + 1) | 1;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    t->tsc_timestamp = clock->tsc_timestamp;
    t->system_time = clock->system_time;
    t->tsc_to_system_mul = clock->tsc_to_system_mul;
    t->tsc_shift = clock->tsc_shift;
    t->flags = 0; /* no XEN_PVCLOCK_TSC_STABLE_BIT: the rate is measured better all the time */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    t->version++;
}

/* The same for V's second place, through the page tables of BY. */
static void write_time_area(struct vcpu *by, struct vcpu *v)
{
    struct vcpu_time_info t = v->info->time;
    uint64_t version = v->time_area + offsetof(struct vcpu_time_info, version);

    if (!v->time_area)
        return;
    t.version--; /* odd; if that cannot be written, the rest is not tried */
    if (copy_to_guest(by, version, &t.version, sizeof(t.version)))
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    copy_to_guest(by, v->time_area, &t, sizeof(t));
    __atomic_thread_fence(__ATOMIC_RELEASE);
    t.version++;
    copy_to_guest(by, version, &t.version, sizeof(t.version));
}

void time_show(struct vcpu *v)
{
    const struct hypervisor_clock *clock = &v->domain->hv->clock;
    const struct vcpu_time_info *t = &v->info->time;

    if (t->tsc_timestamp == clock->tsc_timestamp && t->system_time == clock->system_time &&
        t->tsc_to_system_mul == clock->tsc_to_system_mul)
        return;
    write_time_info(&v->info->time, clock);
    write_time_area(v, v);
}

uint64_t time_update(struct vcpu *v)
{
    uint64_t now = time_now(v->domain->hv);

    time_show(v);
    return now;
}

void time_force(struct vcpu *by, struct vcpu *v)
{
    time_now(v->domain->hv);
    write_time_info(&v->info->time, &v->domain->hv->clock);
    write_time_area(by, v);
}

long vcpu_register_time_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_time_memory_area op;
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    if (!guest_address_ok(op.addr.p))
        return -EFAULT;
    t->time_area = op.addr.p;
    time_force(v, t);
    return 0;
}

/* ---- wall clock ---- */

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

/* How much later, at least, a counter that nobody's time moves is with each look at it. */
#define COUNTER_STEP 64U

uint64_t time_counter(struct hypervisor *hv)
{
    if (!hv->repeatable)
        return __rdtsc();
    /* Nanoseconds, of a time that stands still: who waits for the counter must not do so for ever.
     */
    return time_now(hv) + COUNTER_STEP * ++hv->counter_reads;
}

uint32_t time_tsc_khz(struct hypervisor *hv)
{
    const struct hypervisor_clock *clock = &hv->clock;
    uint64_t khz = 1000000; /* of a clock that shows its nanoseconds as they are */

    time_read(hv);
    if (clock->tsc_to_system_mul)
        khz = (khz << 32) / clock->tsc_to_system_mul;
    return (uint32_t)(clock->tsc_shift < 0 ? khz << -clock->tsc_shift : khz >> clock->tsc_shift);
}

/* ---- timers ---- */

static void singleshot_fired(void *arg) { event_channel_virq_vcpu(arg, VIRQ_TIMER); }

static void poll_timed_out(void *arg)
{
    struct vcpu *v = arg;

    vcpu_wake(v);
}

/*
 * Xen stops this timer when a vCPU gives up the processor, and looks at it when it gets it again;
 * ticks that were missed are not made up for. So the timer of a vCPU that runs needs no place
 * among the timers: who is interrupted gets it at once again. But set for one that does not run, it
 * goes at once.
 */
void time_periodic(struct vcpu *v, uint64_t now)
{
    if (!v->periodic_period || now < v->periodic_last + v->periodic_period)
        return;
    event_channel_virq_vcpu(v, VIRQ_TIMER);
    v->periodic_last = now;
}

static void periodic_fired(void *arg)
{
    struct vcpu *v = arg;

    time_periodic(v, v->domain->hv->last_time);
    timer_set(v->domain->hv, &v->periodic_timer, v->periodic_last + v->periodic_period);
}

void time_stop_running(struct vcpu *v)
{
    if (v->periodic_timer.place)
        timer_stop(v->domain->hv, &v->periodic_timer);
}

/* The periodic timer of a new vCPU (Xen's pv_vcpu_initialise). */
#define PERIOD_AT_FIRST (10 * MS)

void time_vcpu_init(struct vcpu *v)
{
    v->singleshot_timer = (struct timer){.fire = singleshot_fired, .arg = v};
    v->poll_timer = (struct timer){.fire = poll_timed_out, .arg = v};
    v->periodic_timer = (struct timer){.fire = periodic_fired, .arg = v};
    v->periodic_period = PERIOD_AT_FIRST;
}

void time_vcpu_stop(struct vcpu *v)
{
    timer_stop(v->domain->hv, &v->singleshot_timer);
    timer_stop(v->domain->hv, &v->poll_timer);
    timer_stop(v->domain->hv, &v->periodic_timer);
}

long set_timer_op(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t now = time_read(hv); /* a good moment: the guest is about to sleep */
    int64_t timeout = (int64_t)a[0], offset = timeout - (int64_t)now;

    time_show(v);
    if (timeout == 0) {
        timer_stop(hv, &v->singleshot_timer);
        return 0;
    }
    /* Negative, or in 13 days and more: Linux meant something else (Xen's do_set_timer_op). */
    if (timeout < 0 || (offset > 0 && (uint32_t)(offset >> 50)))
        timeout = (int64_t)(now + 100 * MS);
    timer_set(hv, &v->singleshot_timer, (uint64_t)timeout);
    sched_run_timers(v);
    return 0;
}

long vcpu_set_singleshot_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_set_singleshot_timer op;
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (t != v)
        return -EINVAL;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    /* Xen 4.17 takes no notice of VCPU_SSHOTTMR_future: the past fires at once. */
    timer_set(v->domain->hv, &v->singleshot_timer, time_deadline(op.timeout_abs_ns));
    sched_run_timers(v);
    return 0;
}

long vcpu_stop_singleshot_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (t != v)
        return -EINVAL;
    timer_stop(v->domain->hv, &v->singleshot_timer);
    return 0;
}

/* A periodic timer is at least 1 ms, and at most Xen's STIME_DELTA_MAX. */
#define PERIOD_MIN (1 * MS)
#define PERIOD_MAX (~0UL >> 2)

long vcpu_set_periodic_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_set_periodic_timer op;
    struct hypervisor *hv = v->domain->hv;
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    if (op.period_ns < PERIOD_MIN)
        return -EINVAL;
    if (op.period_ns > PERIOD_MAX)
        return -EINVAL;
    t->periodic_period = op.period_ns;
    /* Counted from the last tick, of whatever period: one can be due already. */
    timer_stop(hv, &t->periodic_timer);
    time_periodic(t, time_now(hv));
    if (t != v)
        timer_set(hv, &t->periodic_timer, t->periodic_last + t->periodic_period);
    return 0;
}

long vcpu_stop_periodic_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    t->periodic_period = 0;
    timer_stop(v->domain->hv, &t->periodic_timer);
    return 0;
}
