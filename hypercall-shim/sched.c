/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The scheduler, round robin over the runnable vCPUs, and sched_op (<xen/sched.h>).
 */
#include "preempt.h"
#include "instrument.h"

#include <stdlib.h>

/* vcpu_switch.S */
void vcpu_start(void **save_sp, const struct vcpu_entry *entry);

/* ---- who runs next ---- */

bool sched_runnable(const struct vcpu *v)
{
    const struct domain *d = v->domain;

    if (v->state != VCPU_RUNNABLE || v->is_down)
        return false;
    return !d->is_shut_down && !d->pause_count && !d->is_dying;
}

void sched_queue(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    if (v->queued || !sched_runnable(v))
        return;
    v->queued = true;
    v->run_next = NULL;
    v->run_prev = hv->run_last;
    if (hv->run_last)
        hv->run_last->run_next = v;
    else
        hv->run_first = v;
    hv->run_last = v;
}

void sched_unqueue(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    if (!v->queued)
        return;
    if (v->run_prev)
        v->run_prev->run_next = v->run_next;
    else
        hv->run_first = v->run_next;
    if (v->run_next)
        v->run_next->run_prev = v->run_prev;
    else
        hv->run_last = v->run_prev;
    v->queued = false;
}

void sched_wake(struct vcpu *v)
{
    uint64_t now = time_now(v->domain->hv);

    if (sched_runnable(v)) {
        vcpu_set_runstate(v, RUNSTATE_runnable, now);
        sched_queue(v);
    } else if (v->state == VCPU_RUNNABLE && v->runstate.state == RUNSTATE_blocked) {
        vcpu_set_runstate(v, RUNSTATE_offline, now); /* not waiting, but down */
    }
}

void vcpu_wake(struct vcpu *v)
{
    if (v->state != VCPU_BLOCKED && v->state != VCPU_POLLING)
        return;
    v->state = VCPU_RUNNABLE;
    tell(v->domain, HYPERVISOR_EVENT_WAKE, v->id, 0);
    sched_wake(v);
}

void sched_sleep(struct vcpu *v)
{
    sched_unqueue(v);
    if (v->runstate.state == RUNSTATE_runnable)
        vcpu_set_runstate(v, RUNSTATE_offline, time_now(v->domain->hv));
}

/* When the initial domain shuts down, the machine does (Xen's hwdom_shutdown). */
static bool is_over(const struct hypervisor *hv)
{
    const struct domain *d = hv->domains[0];

    return !hv->live_domains || (d && d->hardware_domain && d->is_shut_down);
}

/* Nobody can run: sleeps, and stores the time afterwards in NOW. */
static bool idle(struct hypervisor *hv, uint64_t *now)
{
    uint64_t before = *now;
    enum hypervisor_wait result = hv->host.wait(hv->host.context, timer_next(hv));

    *now = time_read(hv);
    hv->idle_time += *now - before;
    return result != HYPERVISOR_WAIT_NEVER;
}

/* How V stands when it does not run. */
static int resting_state(const struct vcpu *v)
{
    if (v->state == VCPU_BLOCKED || v->state == VCPU_POLLING)
        return RUNSTATE_blocked;
    return sched_runnable(v) ? RUNSTATE_runnable : RUNSTATE_offline;
}

/* As a call of vcpu_switch, by a jump: see there. */
static inline void switch_to(void **save_sp, void *to_sp)
{
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "subq $128, %%rsp\n\t" /* whatever the compiler has below */
                     "pushq %%rax\n\t"
                     "jmp vcpu_switch\n\t"
                     "1: addq $128, %%rsp"
                     : "+D"(save_sp), "+S"(to_sp)
                     :
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/* V could not even begin, or go on. Returns the time. */
static uint64_t crash_at_start(struct vcpu *v)
{
    uint64_t now = time_now(v->domain->hv);

    current = NULL;
    hypercall_choose_way(v->domain->hv, false);
    domain_shutdown(v->domain, SHUTDOWN_crash);
    v->state = VCPU_DOWN;
    time_stop_running(v);
    vcpu_set_runstate(v, RUNSTATE_offline, now);
    return now;
}

static inline __attribute__((always_inline)) void begin_turn(struct vcpu *v, uint64_t now)
{
    if (v->domain->mirror_base != v->cr3)
        mirror_switch(v->domain, v->cr3);
    vcpu_set_runstate(v, RUNSTATE_running, now);
    vcpu_update_runstate_area(v);
    time_periodic(v, now);
    time_show(v);
    current = v;
    processor_load(v);
}

static inline __attribute__((always_inline)) void end_turn(struct vcpu *v, uint64_t now)
{
    current = NULL;
    time_stop_running(v);
    vcpu_set_runstate(v, resting_state(v), now);
    vcpu_update_runstate_area(v);
}

/*
 * Gives the processor to V until a vCPU comes back through vcpu_leave: V, or one to which it was
 * passed on (*LEFT). Takes and returns the time.
 */
static inline __attribute__((always_inline)) uint64_t enter(struct vcpu *v, uint64_t now,
                                                            struct vcpu **left)
{
    struct hypervisor *hv = v->domain->hv;

    begin_turn(v, now);
    *left = v;
    if (!v->started) {
        if (!upcall_begin(v))
            return crash_at_start(v);
        v->started = true;
        instrument_stack(v);
        instrument_before_enter(v);
        vectors_begin(v);
        vcpu_start(&hv->host_sp, &v->entry);
    } else if (__builtin_expect(v->is_preempted, 0)) {
        if (!preempt_resume(v))
            return crash_at_start(v);
    } else {
        instrument_before_enter(v);
        switch_to(&hv->host_sp, v->sp);
    }
    *left = current;
    instrument_arrived_in_host(*left);
    now = time_now(hv);
    end_turn(*left, now);
    return now;
}

uint64_t sched_enter(struct vcpu *v, uint64_t now)
{
    struct vcpu *left;

    return enter(v, now, &left);
}

struct vcpu *sched_pass_on(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    struct vcpu *next = hv->run_first;
    uint64_t now;

    if (!hv->passes_on || !next || next == v || !next->started || next->is_preempted)
        return NULL;
    /* Something has ended that the host may have to know of. */
    if (hv->interrupted || v->domain->is_shut_down)
        return NULL;
    now = time_now(hv);
    if (timer_next(hv) <= now || hv->next_look <= now)
        return NULL;
    end_turn(v, now);
    sched_unqueue(next);
    sched_queue(v);
    begin_turn(next, now);
    return next;
}

/* ---- the host's turn ---- */

#define LOOK_INTERVAL 1000000U /* ns */

void hypervisor_attend(struct hypervisor *hv)
{
    if (hv->host.look)
        hv->next_look = 0;
}

/* Something is to be done, or time has passed. With a seed others may come first. */
static void look(struct hypervisor *hv, uint64_t *now)
{
    if (hv->seed && !hv->next_look && hv->run_first && hypervisor_draw(hv, 4))
        return;
    hv->next_look = *now + LOOK_INTERVAL;
    hv->host.look(hv->host.context);
    *now = time_now(hv);
}

static struct vcpu *next_to_run(struct hypervisor *hv)
{
    struct vcpu *v = hv->run_first;
    uint32_t n = 0;

    if (!hv->seed || !v || !v->run_next)
        return v;
    for (; v; v = v->run_next)
        n++;
    n = hypervisor_draw(hv, n);
    for (v = hv->run_first; n; n--)
        v = v->run_next;
    return v;
}

bool hypervisor_run(struct hypervisor *hv)
{
    bool over = true;
    uint64_t now = time_read(hv);

    /* A seed draws who is next, and instruments want to see each switch. */
    hv->passes_on = !hv->seed && !instrument_switches();
    while (!is_over(hv) && !hv->interrupted) {
        struct vcpu *v;

        if (timer_next(hv) <= now) {
            timer_run(hv, now);
            if (is_over(hv))
                break; /* a watchdog's doing */
        }
        if (hv->next_look <= now) {
            look(hv, &now);
            continue;
        }
        v = next_to_run(hv);
        if (v) {
            sched_unqueue(v);
            now = enter(v, now, &v);
            sched_queue(v);
        } else if (!idle(hv, &now)) {
            over = false;
            break;
        }
    }
    hv->passes_on = false;
    hv->interrupted = hv->interrupted && !over;
    return over;
}

void hypervisor_interrupt(struct hypervisor *hv) { hv->interrupted = true; }

/* ---- waiting ---- */

static bool upcall_is_due(const struct vcpu *v)
{
    return v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask;
}

/* In a hypercall of V: until its domain is resumed, if it has shut down. */
static void stay_while_shut_down(struct vcpu *v)
{
    while (v->domain->is_shut_down)
        vcpu_leave(v);
}

void sched_lose_turn(struct vcpu *v)
{
    mirror_flush(v->domain->hv);
    vcpu_leave(v);
    stay_while_shut_down(v);
}

/* After some hypercalls another vCPU has a turn, as one's time can end on Xen. */
void sched_chance(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    if ((!hv->run_first && hv->next_look) || hypervisor_draw(hv, 8))
        return;
    sched_lose_turn(v);
}

void sched_run_timers(struct vcpu *v)
{
    timer_run(v->domain->hv, time_now(v->domain->hv));
    stay_while_shut_down(v);
}

/* The others have a turn, if there are any; else V goes on, and its runstate with it. */
static void yield(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    sched_run_timers(v);
    if (hv->run_first || hv->next_look <= hv->last_time)
        vcpu_leave(v);
    else
        time_periodic(v, time_update(v));
}

/*
 * Xen does not remember a list: who polls one port is woken by that one, who polls several, or
 * none, by an event on any port of its domain (evtchn_check_pollers).
 */
void vcpu_kick_for_event(struct vcpu *v, evtchn_port_t p)
{
    if (v->state != VCPU_POLLING)
        return;
    if (v->poll_count != 1 || v->poll_ports[0] == p)
        vcpu_wake(v);
}

/* ---- operations ---- */

long sched_yield_op(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    yield(v);
    return 0;
}

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

long sched_shutdown_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_shutdown op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    domain_shutdown(v->domain, op.reason & 0xff); /* Xen keeps a u8 */
    stay_while_shut_down(v);
    return 0;
}

/* sched_op_compat: the argument is the reason. */
long sched_shutdown_compat(struct vcpu *v, const unsigned long *a)
{
    domain_shutdown(v->domain, a[1] & 0xff);
    stay_while_shut_down(v);
    return 0;
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

/* Looks at the ports in turn: 1 if one is pending, or an error; whatever comes first. */
static int look_at_ports(struct vcpu *v, const struct sched_poll *op)
{
    struct domain *d = v->domain;
    uint64_t from = (uint64_t)(uintptr_t)op->ports.p;

    for (unsigned int i = 0; i < op->nr_ports; i++) {
        evtchn_port_t *port = &v->poll_ports[i];

        if (copy_few_from_guest(v, port, from + i * sizeof(*port), sizeof(*port)))
            return -EFAULT;
        if (!event_channel_valid(d, *port))
            return -EINVAL;
        if (event_channel_pending(d, *port))
            return 1;
    }
    return 0;
}

long sched_poll_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_poll op;
    struct hypervisor *hv = v->domain->hv;
    int found;

    if (copy_few_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > POLL_PORTS_MAX)
        return -EINVAL;
    if (!guest_address_ok((uint64_t)(uintptr_t)op.ports.p))
        return -EFAULT;
    if (upcall_is_due(v))
        return 0;
    if (!v->poll_ports)
        v->poll_ports = malloc(POLL_PORTS_MAX * sizeof(v->poll_ports[0]));
    if (!v->poll_ports)
        return -ENOMEM; /* LCOV_EXCL_LINE: the process has no memory */
    found = look_at_ports(v, &op);
    if (found)
        return found < 0 ? found : 0;

    if (op.timeout && time_deadline(op.timeout) <= time_now(hv)) {
        yield(v);
        return 0;
    }
    v->poll_count = op.nr_ports;
    v->state = VCPU_POLLING;
    if (op.timeout)
        timer_set(hv, &v->poll_timer, op.timeout);
    vcpu_leave(v);
    if (op.timeout)
        timer_stop(hv, &v->poll_timer);
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
    stay_while_shut_down(v);
    return 0;
}

/* There is one processor, number 0. The initial domain's ACPI code must run there at times. */
long sched_pin_override_op(struct vcpu *v, const unsigned long *a)
{
    struct sched_pin_override op;

    if (!v->domain->hardware_domain)
        return -EPERM;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.pcpu > 0)
        return -EINVAL;
    if (op.pcpu < 0) {
        if (!v->is_pinned)
            return -EINVAL;
        v->is_pinned = false;
        return 0;
    }
    if (v->is_pinned)
        return -EBUSY;
    v->is_pinned = true;
    return 0;
}
