/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Scheduling and time of one vCPU. It would catch a wait that ends too early, a time that goes
 * backwards, and timers that fire although they were stopped.
 */
#include "tap.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "core/clock.h"
#include "core/event.h"
#include "core/shared_info.h"

#define MS 1000000UL

static int is_pending(evtchn_port_t port)
{
    return shared_info()->evtchn_pending[port / 64] >> (port % 64) & 1;
}

static void clear_pending(evtchn_port_t port)
{
    __atomic_and_fetch(&shared_info()->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

static long poll_ports(evtchn_port_t *ports, unsigned int count, uint64_t timeout)
{
    sched_poll_t poll = {.nr_ports = count, .timeout = timeout};

    set_xen_guest_handle(poll.ports, ports);
    return hypercall_sched_op(SCHEDOP_poll, &poll);
}

static void test_clock(void)
{
    uint64_t last = clock_monotonic();
    int backwards = 0;

    for (int i = 0; i < 1000; i++) {
        uint64_t now = clock_monotonic();

        backwards += now < last;
        last = now;
    }
    ok(backwards == 0, "the PV clock does not go backwards");
    ok(clock_wall() / 1000000000 > 1577836800, "the wall clock is after 2020");
    ok(shared_info()->wc_version % 2 == 0, "wc_version is even");
    ok(shared_vcpu_info()->time.version % 2 == 0, "the time's version is even");
}

static void test_poll(evtchn_port_t port)
{
    evtchn_port_t wild[1] = {1 << 20};
    uint64_t start = clock_monotonic();
    evtchn_send_t send = {.port = port};
    static evtchn_port_t many[129];
    vcpu_runstate_info_t before, after;
    uint64_t blocked = 0;

    answers(poll_ports(&port, 1, start + 20 * MS), 0, "poll with a timeout");
    ok(clock_monotonic() >= start + 20 * MS, "waits until then");
    /* On a busy machine part of a wait is over before the hypervisor hears of it. */
    for (int i = 0; i < 50 && blocked < 10 * MS; i++) {
        hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &before);
        poll_ports(&port, 1, clock_monotonic() + 20 * MS);
        hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &after);
        blocked = after.time[RUNSTATE_blocked] - before.time[RUNSTATE_blocked];
    }
    ok(blocked >= 10 * MS, "the wait counts as blocked in the runstate");
    answers(poll_ports(&port, 1, 1), 0, "poll with a timeout in the past");
    hypercall_event_channel_op(EVTCHNOP_send, &send);
    answers(poll_ports(&port, 1, 0), 0, "poll of a port that is pending, for ever");
    ok(is_pending(port), "it stays pending");
    clear_pending(port);
    answers(poll_ports(wild, 1, start), -XEN_EINVAL, "poll of a port beyond all");
    answers(poll_ports(many, 129, start), -XEN_EINVAL, "poll of 129 ports");
    answers(poll_ports(WILD_POINTER, 1, start), -XEN_EFAULT, "poll with a wild list of ports");
    answers(hypercall_sched_op(SCHEDOP_poll, WILD_POINTER), -XEN_EFAULT,
            "poll with a wild pointer");
}

static void test_timers(evtchn_port_t port)
{
    vcpu_set_singleshot_timer_t single = {.timeout_abs_ns = clock_monotonic() + 5 * MS};
    vcpu_set_periodic_timer_t periodic = {.period_ns = 1};
    uint64_t start;

    answers(hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stop_periodic_timer");
    clear_pending(port);
    answers(hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &single), 0, "set_singleshot_timer");
    answers(poll_ports(&port, 1, clock_monotonic() + 10000 * MS), 0, "wait for VIRQ_TIMER");
    ok(is_pending(port), "VIRQ_TIMER is pending");
    ok(clock_monotonic() >= single.timeout_abs_ns, "and not too early");
    clear_pending(port);
    single.timeout_abs_ns = clock_monotonic() + 10 * MS;
    hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &single);
    answers(hypercall_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stop_singleshot_timer");
    poll_ports(&port, 1, clock_monotonic() + 30 * MS);
    ok(!is_pending(port), "a stopped timer does not fire");
    start = clock_monotonic();
    answers(hypercall(__HYPERVISOR_set_timer_op, start + 5 * MS, 0, 0, 0, 0), 0, "set_timer_op");
    poll_ports(&port, 1, clock_monotonic() + 10000 * MS);
    ok(is_pending(port) && clock_monotonic() >= start + 5 * MS, "fires in time");
    clear_pending(port);
    answers(hypercall(__HYPERVISOR_set_timer_op, 0, 0, 0, 0, 0), 0, "set_timer_op 0 stops it");
    answers(hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, &periodic), -XEN_EINVAL,
            "a period of 1 ns");
    periodic.period_ns = 2 * MS;
    answers(hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, &periodic), 0, "a period of 2 ms");
    /* Xen stops this timer while the vCPU waits, so the guest must be running. */
    for (int i = 0; i < 3; i++) {
        uint64_t limit = clock_monotonic() + 10000 * MS;

        while (!is_pending(port) && clock_monotonic() < limit)
            hypercall_sched_op(SCHEDOP_yield, NULL);
        ok(is_pending(port), "periodic tick %d", i);
        clear_pending(port);
    }
    hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    clear_pending(port);
}

static void test_vcpu_op(void)
{
    vcpu_runstate_info_t runstate;

    answers(hypercall_vcpu_op(VCPUOP_is_up, 0, NULL), 1, "vCPU 0 is up");
    answers(hypercall_vcpu_op(VCPUOP_is_up, 4000, NULL), -XEN_ENOENT, "there is no vCPU 4000");
    answers(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &runstate), 0, "get_runstate_info");
    ok(runstate.state == RUNSTATE_running, "it is running");
    answers(hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, WILD_POINTER), -XEN_EFAULT,
            "get_runstate_info with a wild pointer");
    answers(hypercall_vcpu_op(999, 0, NULL), -XEN_ENOSYS, "an operation that is none");
    answers(hypercall_sched_op(SCHEDOP_yield, NULL), 0, "yield");
    answers(hypercall_sched_op(999, NULL), -XEN_ENOSYS, "a sched_op that is none");
    answers(hypercall_sched_op(SCHEDOP_shutdown, WILD_POINTER), -XEN_EFAULT,
            "shutdown with a wild pointer");
}

int main(void)
{
    evtchn_bind_ipi_t ipi = {.vcpu = 0};
    int timer;

    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    hypercall_event_channel_op(EVTCHNOP_bind_ipi, &ipi);
    timer = event_bind_virq(VIRQ_TIMER);
    ok(timer > 0, "bind VIRQ_TIMER");
    test_clock();
    test_poll(ipi.port);
    test_timers((evtchn_port_t)timer);
    test_vcpu_op();
    return tap_done();
}
