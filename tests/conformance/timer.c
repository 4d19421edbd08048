/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The timers of a vCPU: set_timer_op, the single shot, the periodic one. It would catch one that
 * fires too early, though it was stopped, or never, and a period that Xen would not take.
 */
#include "vcpus.h"

static evtchn_port_t port;

static long set_timer(uint64_t timeout)
{
    return hypercall(__HYPERVISOR_set_timer_op, timeout, 0, 0, 0, 0);
}

static long single_shot(uint64_t timeout, unsigned int flags)
{
    vcpu_set_singleshot_timer_t op = {.timeout_abs_ns = timeout, .flags = flags};

    return vcpu_op(VCPUOP_set_singleshot_timer, 0, &op);
}

static long periodic(unsigned int vcpu, uint64_t period)
{
    vcpu_set_periodic_timer_t op = {.period_ns = period};

    return vcpu_op(VCPUOP_set_periodic_timer, vcpu, &op);
}

static evtchn_port_t bind_timer(unsigned int vcpu)
{
    evtchn_bind_virq_t bind = {.virq = VIRQ_TIMER, .vcpu = vcpu};

    return hypercall_event_channel_op(EVTCHNOP_bind_virq, &bind) ? 0 : bind.port;
}

/* Waits for the timer; whether it came, and not before TIME. */
static int comes_after(uint64_t time)
{
    uint64_t limit = clock_monotonic() + 20000 * MS;
    int came;

    while (!port_is_pending(port) && clock_monotonic() < limit)
        poll_ports(&port, 1, limit);
    came = port_is_pending(port) && clock_monotonic() >= time;
    port_clear(port);
    return came;
}

/* Whether it does not come for TIME. */
static int stays_away(uint64_t time)
{
    uint64_t limit = clock_monotonic() + time;

    while (!port_is_pending(port) && clock_monotonic() < limit)
        poll_ports(&port, 1, limit);
    return !port_is_pending(port);
}

/* Running all the time, but for yields, until it comes. */
static int comes_while_running(void)
{
    uint64_t limit = clock_monotonic() + 20000 * MS;
    int came;

    while (!port_is_pending(port) && clock_monotonic() < limit)
        hypercall_sched_op(SCHEDOP_yield, NULL);
    came = port_is_pending(port);
    port_clear(port);
    return came;
}

static void test_at_boot(void)
{
    ok(comes_while_running(), "a vCPU begins with a periodic timer");
    ok(comes_while_running(), "which goes on");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "until it is stopped");
    port_clear(port);
    ok(stays_away(40 * MS), "then it does not come");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 0, WILD_POINTER), 0, "stopped again");
}

static void test_set_timer(void)
{
    uint64_t start = clock_monotonic();

    answers(set_timer(start + 10 * MS), 0, "set_timer_op in 10 ms");
    ok(comes_after(start + 10 * MS), "comes then");
    ok(stays_away(15 * MS), "and once");
    answers(set_timer(1), 0, "set_timer_op to the past");
    ok(comes_after(0), "comes at once");
    start = clock_monotonic();
    set_timer(start + 500 * MS);
    answers(set_timer(start + 10 * MS), 0, "the second setting");
    ok(comes_after(start + 10 * MS), "takes the place of the first");
    set_timer(clock_monotonic() + 200 * MS);
    answers(set_timer(0), 0, "0");
    ok(stays_away(220 * MS), "stops it");
    answers(set_timer(0), 0, "also when it does not run");
    start = clock_monotonic();
    answers(set_timer(~0UL), 0, "a negative time");
    ok(comes_after(start + 90 * MS), "means 100 ms from now");
    start = clock_monotonic();
    answers(set_timer(1UL << 63), 0, "the most negative one");
    ok(comes_after(start + 90 * MS), "too");
    start = clock_monotonic();
    answers(set_timer(start + (1UL << 50) + 1000 * MS), 0, "in more than 13 days");
    ok(comes_after(start + 90 * MS), "too");
    answers(set_timer(clock_monotonic() + (1UL << 49)), 0, "in less than 13 days");
    ok(stays_away(150 * MS), "means that");
    set_timer(0);
    port_clear(port);
}

static void test_single_shot(void)
{
    uint64_t start = clock_monotonic();

    answers(vcpu_op(VCPUOP_set_singleshot_timer, 0, WILD_POINTER), -XEN_EFAULT,
            "set_singleshot_timer with a wild pointer");
    answers(single_shot(start + 10 * MS, 0), 0, "set_singleshot_timer in 10 ms");
    ok(comes_after(start + 10 * MS), "comes then");
    ok(stays_away(15 * MS), "and once");
    answers(single_shot(1, 0), 0, "set to the past");
    ok(port_is_pending(port), "it is pending on return");
    port_clear(port);
    answers(single_shot(0, 0), 0, "0 is past too");
    ok(port_is_pending(port), "and pending on return");
    port_clear(port);
    answers(single_shot(1, VCPU_SSHOTTMR_future), 0, "that it must be in the future");
    ok(port_is_pending(port), "is not looked at");
    port_clear(port);
    answers(single_shot(1, ~0U), 0, "nor are other flags");
    port_clear(port);
    answers(single_shot(~0UL, 0), 0, "a negative time");
    ok(comes_after(0), "comes at once");
    single_shot(clock_monotonic() + 200 * MS, 0);
    answers(vcpu_op(VCPUOP_stop_singleshot_timer, 0, WILD_POINTER), 0, "stop_singleshot_timer");
    ok(stays_away(220 * MS), "then it does not come");
    answers(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stopped again");
    start = clock_monotonic();
    single_shot(start + 500 * MS, 0);
    set_timer(start + 10 * MS);
    ok(comes_after(start + 10 * MS), "set_timer_op sets the same timer");
    ok(stays_away(15 * MS), "and not a second one");
    set_timer(clock_monotonic() + 200 * MS);
    vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL);
    ok(stays_away(220 * MS), "stop_singleshot_timer stops it");
    single_shot(clock_monotonic() + 200 * MS, 0);
    single_shot(1, 0);
    port_clear(port);
    ok(stays_away(220 * MS), "the past takes the place of the future");
}

static void test_periodic(void)
{
    int stands_still = 0;

    answers(vcpu_op(VCPUOP_set_periodic_timer, 0, WILD_POINTER), -XEN_EFAULT,
            "set_periodic_timer with a wild pointer");
    answers(periodic(0, 0), -XEN_EINVAL, "a period of 0");
    answers(periodic(0, MS - 1), -XEN_EINVAL, "of less than 1 ms");
    answers(periodic(0, 1UL << 62), -XEN_EINVAL, "of more than Xen can compute with");
    answers(periodic(0, ~0UL), -XEN_EINVAL, "of the largest number");
    answers(periodic(0, (1UL << 62) - 1), 0, "the longest");
    answers(periodic(0, 2 * MS), 0, "2 ms");
    for (int i = 1; i <= 3; i++)
        ok(comes_while_running(), "tick %d", i);
    /* It may have come between looking and waiting, hence the tries. */
    for (int i = 0; i < 10 && !stands_still; i++) {
        uint64_t limit = clock_monotonic() + 20 * MS;

        port_clear(port);
        poll_ports(&port, 1, limit);
        stands_still = clock_monotonic() >= limit;
    }
    ok(stands_still, "it does not wake a vCPU that waits");
    ok(port_is_pending(port), "but comes when that runs again");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stop_periodic_timer");
    port_clear(port);
    ok(stays_away(10 * MS), "then it does not come");
}

static vcpu_guest_context_t context;
static evtchn_port_t never;
static volatile int sleeps;

static void sleeper(void)
{
    sleeps = 1;
    for (;;)
        sleep_on(never);
}

static void test_of_another(void)
{
    evtchn_port_t other = bind_timer(1);

    ok(other && other != port, "vCPU 1 has a port of its own for its timers");
    answers(periodic(1, 500 * MS), 0, "set_periodic_timer of vCPU 1, which is down");
    ok(port_is_pending(other), "since its last tick was long ago, one is due");
    port_clear(other);
    answers(periodic(1, 500 * MS), 0, "set again");
    ok(!port_is_pending(other), "it is not");
    answers(periodic(1, 5 * MS), 0, "set to 5 ms");
    for (int i = 1; i <= 3; i++) {
        wait_for(port_is_pending(other));
        ok(port_is_pending(other), "but ticks although it is down, %d", i);
        port_clear(other);
    }
    ok(!port_is_pending(port), "which are not vCPU 0's");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 1, NULL), 0, "stop_periodic_timer");
    port_clear(other);
    let_run(15 * MS);
    ok(!port_is_pending(other), "then there are none");
    never = port_ipi(1);
    context_of(&context, 1, sleeper);
    answers(vcpu_op(VCPUOP_initialise, 1, &context), 0, "initialise vCPU 1");
    answers(periodic(1, 5 * MS), 0, "a timer for it");
    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "up");
    wait_for(sleeps);
    ok(sleeps, "it waits");
    port_clear(other);
    let_run(20 * MS);
    ok(!port_is_pending(other), "now that it has run, its timer stands still while it waits");
    answers(periodic(1, 5 * MS), 0, "set by another");
    port_clear(other);
    wait_for(port_is_pending(other));
    ok(port_is_pending(other), "it goes");
}

int main(void)
{
    mask_all();
    port = bind_timer(0);
    ok(port != 0, "bind VIRQ_TIMER");
    test_at_boot();
    test_set_timer();
    test_single_shot();
    test_periodic();
    test_of_another();
    return tap_done();
}
