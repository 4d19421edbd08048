/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Scheduling and time: a vCPU that is not woken, a timer that fires early or never, a shutdown
 * that loses its code.
 */
#include "guest.h"

static long sched(unsigned int op, const void *arg)
{
    return call(__HYPERVISOR_sched_op, op, (uintptr_t)arg);
}

static long vcpu(unsigned int op, unsigned int id, void *arg)
{
    return call3(__HYPERVISOR_vcpu_op, op, id, (uintptr_t)arg);
}

static evtchn_port_t timer_port(void)
{
    evtchn_bind_virq_t virq = {.virq = VIRQ_TIMER};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    return virq.port;
}

static void clear(evtchn_port_t p)
{
    current->domain->shared_info->evtchn_pending[0] &= ~(1UL << p);
    current->info->evtchn_pending_sel = 0;
    current->info->evtchn_upcall_pending = 0;
}

static long poll_one(evtchn_port_t p, uint64_t timeout)
{
    struct sched_poll op = {.nr_ports = 1, .timeout = timeout};

    set_xen_guest_handle(op.ports, &p);
    return sched(SCHEDOP_poll, &op);
}

static void polls(void *arg)
{
    struct sched_poll op = {.nr_ports = 129};
    evtchn_port_t port = timer_port(), bad = 100000;
    uint64_t start = host.time;

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_poll, WILD), -EFAULT);
    ck_assert_int_eq(sched(SCHEDOP_poll, &op), -EINVAL);
    op.nr_ports = 1;
    set_xen_guest_handle(op.ports, (evtchn_port_t *)WILD);
    ck_assert_int_eq(sched(SCHEDOP_poll, &op), -EFAULT);
    ck_assert_int_eq(poll_one(bad, 0), -EINVAL);
    set_xen_guest_handle(op.ports, (evtchn_port_t *)HYPERVISOR_VIRT_START);
    ck_assert_int_eq(sched(SCHEDOP_poll, &op), -EFAULT);
    ck_assert_int_eq(poll_one(port, start + 1000), 0);
    ck_assert_uint_eq(host.time, start + 1000);
    ck_assert_uint_eq(current->info->time.system_time, start + 1000);
    ck_assert_uint_eq(current->info->time.version % 2, 0);
    ck_assert_int_eq(poll_one(port, start), 0); /* the past: at once */
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, start + 5000, 0), 0);
    ck_assert_int_eq(poll_one(port, 0), 0);
    ck_assert_uint_eq(host.time, start + 5000);
    ck_assert(event_channel_pending(current->domain, port));
    ck_assert_int_eq(poll_one(port, 0), 0); /* pending already */
    clear(port);
    /* Set to the past it fires at once; stopped it never does. */
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, start, 0), 0);
    ck_assert(event_channel_pending(current->domain, port));
    clear(port);
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, start + 9000, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, 0, 0), 0);
    ck_assert_int_eq(poll_one(port, start + 10000), 0);
    ck_assert(!event_channel_pending(current->domain, port));
    /* An upcall that is due ends a poll before it sleeps. */
    current->info->evtchn_upcall_mask = 0;
    current->info->evtchn_upcall_pending = 1;
    ck_assert_int_eq(poll_one(port, 0), 0);
}

static void blocks(void *arg)
{
    evtchn_port_t port = timer_port();
    uint64_t start = host.time;

    (void)arg;
    current->info->evtchn_upcall_mask = 1;
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, start + 700, 0), 0);
    ck_assert_int_eq(sched(SCHEDOP_block, NULL), 0);
    ck_assert_uint_eq(host.time, start + 700);
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1); /* after the upcall (guest.c) */
    ck_assert_int_eq(sched(SCHEDOP_block, NULL), 0);         /* still pending */
    ck_assert_uint_eq(host.time, start + 700);
    clear(port);
    ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0);
    ck_assert_int_eq(call(__HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_timer_op, start + 900, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_sched_op_compat, SCHEDOP_block, 0), 0);
    ck_assert_uint_eq(host.time, start + 900);
    clear(port);
    ck_assert_int_eq(call(__HYPERVISOR_sched_op_compat, 77, 0), -ENOSYS);
    ck_assert_int_eq(sched(77, NULL), -ENOSYS);
    ck_assert_int_eq(sched(SCHEDOP_pin_override, NULL), -EPERM);
    ck_assert_int_eq(sched(SCHEDOP_shutdown, WILD), -EFAULT);
    ck_assert_int_eq(sched(SCHEDOP_shutdown_code, WILD), -EFAULT);
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, WILD), -EFAULT);
    struct sched_remote_shutdown remote = {.domain_id = 99};
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, &remote), -ESRCH);
    remote.domain_id = current->domain->id;
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, &remote), -EPERM);
}

static void timers(void *arg)
{
    evtchn_port_t port = timer_port();
    struct vcpu_set_singleshot_timer one = {.timeout_abs_ns = host.time + 50};
    struct vcpu_set_periodic_timer period = {.period_ns = 999999};
    uint64_t start = host.time;

    (void)arg;
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 0, &one), 0);
    ck_assert_int_eq(poll_one(port, 0), 0);
    ck_assert_uint_eq(host.time, start + 50);
    clear(port);
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 0, &one), 0); /* the past */
    ck_assert(event_channel_pending(current->domain, port));
    clear(port);
    one.timeout_abs_ns = host.time + 10;
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 0, &one), 0);
    ck_assert_int_eq(vcpu(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 0, &period), -EINVAL);
    period.period_ns = 1000000;
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 0, &period), 0);
    ck_assert(!event_channel_pending(current->domain, port)); /* the last tick is not long ago */
    ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0);
    ck_assert(!event_channel_pending(current->domain, port));
    host.time += 5500000; /* busy: the ticks in between are lost */
    ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0);
    ck_assert(event_channel_pending(current->domain, port));
    clear(port);
    ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0);
    ck_assert(!event_channel_pending(current->domain, port));
    /* It stands still while nobody runs, and is looked at afterwards. */
    start = host.time;
    ck_assert_int_eq(poll_one(port, start + 3000000), 0);
    ck_assert_uint_eq(host.time, start + 3000000);
    ck_assert(event_channel_pending(current->domain, port));
    clear(port);
    period.period_ns = (~0UL >> 2) + 1;
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 0, &period), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_stop_periodic_timer, 0, NULL), 0);
    ck_assert_int_eq(poll_one(port, host.time + 9000000), 0);
    ck_assert(!event_channel_pending(current->domain, port));
}

static void vcpus(void *arg)
{
    struct vcpu_register_runstate_memory_area area;
    struct vcpu_register_time_memory_area time;
    struct vcpu_runstate_info run, *seen = guest_page(3);
    struct vcpu_time_info *when = (void *)((char *)guest_page(3) + 512);
    struct vcpu_register_vcpu_info info = {.mfn = guest_mfn(guest_page(4)), .offset = 4090};
    static const unsigned int all[] = {
        VCPUOP_initialise,
        VCPUOP_up,
        VCPUOP_down,
        VCPUOP_is_up,
        VCPUOP_get_runstate_info,
        VCPUOP_register_runstate_memory_area,
        VCPUOP_set_periodic_timer,
        VCPUOP_stop_periodic_timer,
        VCPUOP_set_singleshot_timer,
        VCPUOP_stop_singleshot_timer,
        VCPUOP_register_vcpu_info,
        VCPUOP_send_nmi,
        VCPUOP_get_physid,
        VCPUOP_register_vcpu_time_memory_area,
    };

    (void)arg;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ck_assert_int_eq(vcpu(all[i], 1, NULL), -ENOENT);
        ck_assert_int_eq(vcpu(all[i], 5000, NULL), -ENOENT);
    }
    ck_assert_int_eq(vcpu(77, 0, NULL), -ENOSYS);
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 0, NULL), 1);
    ck_assert_int_eq(vcpu(VCPUOP_up, 0, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_initialise, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_initialise, 0, guest_page(0)), -EEXIST);
    ck_assert_int_eq(vcpu(VCPUOP_send_nmi, 0, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_send_nmi, 0, WILD), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 0, NULL), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_get_runstate_info, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 0, WILD), -EFAULT);
    host.time += 1234;
    ck_assert_int_eq(vcpu(VCPUOP_get_runstate_info, 0, &run), 0);
    ck_assert_int_eq(run.state, RUNSTATE_running);
    ck_assert_uint_eq(run.time[RUNSTATE_running], 1234);
    area.addr.p = (uintptr_t)seen;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &area), 0);
    ck_assert_uint_eq(seen->state_entry_time, host.time - 1234); /* as of then */
    time.addr.p = (uintptr_t)when;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, &time), 0);
    ck_assert_uint_eq(when->system_time, host.time);
    poll_one(1, host.time + 99);
    ck_assert_uint_eq(seen->time[RUNSTATE_blocked], 99);
    ck_assert_uint_eq(when->system_time, host.time);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), -ENXIO);
    info.offset = 4;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), -ENXIO);
    info.offset = 128;
    info.mfn = 2;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), -EINVAL);
    info.mfn = current->cr3;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), -EINVAL);
    info.mfn = guest_mfn(guest_page(4));
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), 0);
    ck_assert_int_eq(((vcpu_info_t *)(void *)((char *)guest_page(4) + 128))->evtchn_upcall_pending,
                     1);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_down, 0, NULL), 0); /* the last one: the domain is off */
    ck_abort();
}

static void watchdogs(void *arg)
{
    struct sched_watchdog w = {.id = 0, .timeout = 0};
    struct sched_shutdown code = {42};

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, WILD), -EFAULT);
    w.id = 3;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), -EINVAL);
    w.id = 1;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), -EINVAL);
    w.id = 0;
    w.timeout = 10;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), 1);
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), 2);
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), (uint32_t)-ENOSPC);
    w.id = 2;
    w.timeout = 0;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), 0);
    w.id = 1;
    w.timeout = 20;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), 0);
    ck_assert_int_eq(sched(SCHEDOP_shutdown_code, &code), 0);
    code.reason = 43;
    ck_assert_int_eq(sched(SCHEDOP_shutdown_code, &code), 0);
    poll_one(1, 0);
    ck_abort();
}

static void reason(void *arg) { guest_shutdown(*(unsigned int *)arg); }

static void compat(void *arg)
{
    (void)arg;
    call(__HYPERVISOR_sched_op_compat, SCHEDOP_shutdown, 0x107);
}

static void forever(void *arg)
{
    (void)arg;
    poll_one(1, 0);
}

static void killer(void *arg)
{
    struct sched_remote_shutdown remote = {.domain_id = 1, .reason = 9};

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, &remote), 0);
    ck_assert_uint_eq(host.reason, 9);
    remote.domain_id = 0;
    sched(SCHEDOP_remote_shutdown, &remote);
    ck_abort();
}

START_TEST(test_poll) { guest_test(polls); }
END_TEST
START_TEST(test_block) { guest_test(blocks); }
END_TEST
START_TEST(test_timers) { guest_test(timers); }
END_TEST
START_TEST(test_vcpus) { guest_test(vcpus); }
END_TEST

START_TEST(test_watchdog)
{
    guest_test(watchdogs);
    ck_assert_uint_eq(host.time, 21000000000UL);
    ck_assert_uint_eq(host.reason, SHUTDOWN_watchdog);
    ck_assert_int_eq(host.latched, 42); /* the first stays */
}
END_TEST

START_TEST(test_reasons)
{
    static const unsigned int reasons[] = {0, 1, 2, 3, 4, 200, 255};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        machine_start(24);
        guest_create(8, false, reason, (void *)(uintptr_t)&reasons[i]);
        ck_assert(guest_run());
        ck_assert_uint_eq(host.ended, 1);
        ck_assert_uint_eq(host.reason, reasons[i]);
        ck_assert_int_eq(host.latched, -1);
        machine_stop();
    }
    guest_test(compat);
    ck_assert_uint_eq(host.reason, 7);
}
END_TEST

START_TEST(test_deadlock)
{
    machine_start(24);
    guest_create(8, false, forever, NULL);
    ck_assert(!guest_run());
    machine_stop();
}
END_TEST

START_TEST(test_remote_shutdown)
{
    machine_start(24);
    guest_create(8, false, forever, NULL);
    guest_create(8, true, killer, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.ended, 2);
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sched");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_poll);
    tcase_add_test(t, test_block);
    tcase_add_test(t, test_timers);
    tcase_add_test(t, test_vcpus);
    tcase_add_test(t, test_watchdog);
    tcase_add_test(t, test_reasons);
    tcase_add_test(t, test_deadlock);
    tcase_add_test(t, test_remote_shutdown);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
