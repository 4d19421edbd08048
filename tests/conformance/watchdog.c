/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SCHEDOP_watchdog, and what else ends a domain or says how it ends. It would catch a watchdog
 * that is given out twice, and one that does not bite: the plan is the last line, the end is the
 * watchdog's.
 */
#include "vcpus.h"

static long watchdog(unsigned int id, unsigned int timeout)
{
    sched_watchdog_t op = {.id = id, .timeout = timeout};

    return hypercall_sched_op(SCHEDOP_watchdog, &op);
}

static void test_watchdogs(void)
{
    answers(hypercall_sched_op(SCHEDOP_watchdog, WILD_POINTER), -XEN_EFAULT,
            "watchdog with a wild pointer");
    answers(watchdog(3, 100), -XEN_EINVAL, "there is no third one");
    answers(watchdog(~0U, 100), -XEN_EINVAL, "nor the last number");
    answers(watchdog(1, 100), -XEN_EINVAL, "the first is not in use");
    answers(watchdog(2, 0), -XEN_EINVAL, "nor the second, to be stopped");
    answers(watchdog(0, 100), 1, "a new one is the first");
    answers(watchdog(0, ~0U), 2, "the next is the second, with the longest time");
    /* Xen's domain_watchdog makes an unsigned number of it, which a long can hold. */
    answers(watchdog(0, 100), (uint32_t)-XEN_ENOSPC, "there are no more");
    answers(watchdog(1, 200), 0, "set the first again");
    answers(watchdog(2, 1), 0, "and the second");
    answers(watchdog(2, ~0U), 0, "and again, before its time is over");
    answers(watchdog(1, 0), 0, "stop the first");
    answers(watchdog(1, 0), -XEN_EINVAL, "it is not in use then");
    answers(watchdog(1, 100), -XEN_EINVAL, "and not started by its number");
    answers(watchdog(0, 100), 1, "a new one is the first again");
    answers(watchdog(1, 0), 0, "stop it");
    answers(watchdog(2, 0), 0, "and the second");
    let_run(1100 * MS);
    ok(1, "nothing has come of it");
}

static void test_shutdown_arguments(void)
{
    sched_remote_shutdown_t remote = {.domain_id = 4321, .reason = SHUTDOWN_crash};
    sched_shutdown_t code = {.reason = SHUTDOWN_reboot};

    answers(hypercall_sched_op(SCHEDOP_shutdown, WILD_POINTER), -XEN_EFAULT,
            "shutdown with a wild pointer");
    answers(hypercall_sched_op(SCHEDOP_shutdown_code, WILD_POINTER), -XEN_EFAULT,
            "shutdown_code with a wild pointer");
    answers(hypercall_sched_op(SCHEDOP_remote_shutdown, WILD_POINTER), -XEN_EFAULT,
            "remote_shutdown with a wild pointer");
    answers(hypercall_sched_op(SCHEDOP_remote_shutdown, &remote), -XEN_ESRCH,
            "remote_shutdown of no domain");
    remote.domain_id = DOMID_SELF;
    answers(hypercall_sched_op(SCHEDOP_remote_shutdown, &remote), -XEN_ESRCH,
            "nor is DOMID_SELF one");
    remote.domain_id = DOMID_XEN;
    answers(hypercall_sched_op(SCHEDOP_remote_shutdown, &remote), -XEN_ESRCH, "nor DOMID_XEN");
    answers(hypercall_sched_op(999, NULL), -XEN_ENOSYS, "a sched_op that is none");
    answers(hypercall_sched_op(~0U, NULL), -XEN_ENOSYS, "nor is the last number");
    answers(hypercall(__HYPERVISOR_sched_op_compat, SCHEDOP_poll, 0, 0, 0, 0), -XEN_ENOSYS,
            "the older hypercall has no poll");
    answers(hypercall(__HYPERVISOR_sched_op_compat, 999, 0, 0, 0, 0), -XEN_ENOSYS,
            "nor what is none");
    answers(hypercall_sched_op(SCHEDOP_shutdown_code, &code), 0, "shutdown_code");
    answers(hypercall_sched_op(SCHEDOP_shutdown_code, &code), 0, "and again");
}

static void test_pin_override(void)
{
    sched_pin_override_t pin = {.pcpu = -1};

    answers(hypercall_sched_op(SCHEDOP_pin_override, WILD_POINTER), -XEN_EFAULT,
            "pin_override with a wild pointer");
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EINVAL,
            "what is not pinned is not unpinned");
    pin.pcpu = 1;
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EINVAL, "there is no processor 1");
    pin.pcpu = 1 << 20;
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EINVAL, "nor one far beyond");
    pin.pcpu = 0;
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), 0, "pinned to processor 0");
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EBUSY, "once");
    pin.pcpu = 1;
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EINVAL, "still no processor 1");
    pin.pcpu = -5;
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), 0, "unpinned");
    answers(hypercall_sched_op(SCHEDOP_pin_override, &pin), -XEN_EINVAL, "once");
}

/* On a machine with one processor every vCPU of the initial domain is pinned to it. */
static void test_physid(void)
{
    vcpu_get_physid_t id = {.phys_id = 42};

    answers(vcpu_op(VCPUOP_get_physid, 0, WILD_POINTER), -XEN_EFAULT,
            "get_physid with a wild pointer");
    answers(vcpu_op(VCPUOP_get_physid, 0, &id), 0, "get_physid");
    ok(id.phys_id == 0, "is 0");
    answers(vcpu_op(VCPUOP_get_physid, 1, &id), 0, "get_physid of vCPU 1");
    ok(id.phys_id == ~0UL, "there is no processor of that number, hence all ones");
}

int main(void)
{
    mask_all();
    vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    test_watchdogs();
    test_shutdown_arguments();
    test_pin_override();
    test_physid();
    tap_done();
    /* A watchdog of no time at all bites at once (Xen's domain_watchdog does not look at it). */
    let_run(50 * MS); /* for the console */
    watchdog(0, 0);
    let_run(1000 * MS);
    printf("# still here\n");
    return 1;
}
