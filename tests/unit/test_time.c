/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Time with a clock that the test holds: runstates to the nanosecond, timers that fire too early
 * or for the wrong vCPU, a clock that is shown too late, and one that the host reads backwards.
 */
#include "guest.h"

#include <x86intrin.h>

#include "sched.h"

#define MS 1000000UL

static long sched(unsigned int op, const void *arg)
{
    return call(__HYPERVISOR_sched_op, op, (uintptr_t)arg);
}

static long vcpu(unsigned int op, unsigned int id, void *arg)
{
    return call3(__HYPERVISOR_vcpu_op, op, id, (uintptr_t)arg);
}

static void yield(void) { ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0); }

static void sleep_until(uint64_t time)
{
    struct sched_poll op = {.timeout = time};

    ck_assert_int_eq(sched(SCHEDOP_poll, &op), 0);
}

static evtchn_port_t timer_port(unsigned int id)
{
    evtchn_bind_virq_t virq = {.virq = VIRQ_TIMER, .vcpu = id};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    return virq.port;
}

static bool take(evtchn_port_t p)
{
    bool pending = event_channel_pending(current->domain, p);

    current->domain->shared_info->evtchn_pending[0] &= ~(1UL << p);
    current->info->evtchn_pending_sel = 0;
    current->info->evtchn_upcall_pending = 0;
    return pending;
}

static long set_timer(uint64_t time) { return call(__HYPERVISOR_set_timer_op, time, 0); }

static void run(unsigned int vcpus, void (*function)(void *))
{
    machine_start(24);
    guest_create_vcpus(16, false, vcpus, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

/* ---- runstates ---- */

static struct vcpu_runstate_info state_of(unsigned int id)
{
    struct vcpu_runstate_info r;

    ck_assert_int_eq(vcpu(VCPUOP_get_runstate_info, id, &r), 0);
    return r;
}

#define TIMES(r, running, runnable, blocked, offline)                                              \
    do {                                                                                           \
        ck_assert_uint_eq((r).time[RUNSTATE_running], running);                                    \
        ck_assert_uint_eq((r).time[RUNSTATE_runnable], runnable);                                  \
        ck_assert_uint_eq((r).time[RUNSTATE_blocked], blocked);                                    \
        ck_assert_uint_eq((r).time[RUNSTATE_offline], offline);                                    \
    } while (0)

/* vCPU 1: runs 7, gives others a turn, runs 70, waits until 1,000 after START. */
static uint64_t start;
static void works(void *arg)
{
    (void)arg;
    host.time += 7;
    yield();
    host.time += 70;
    sleep_until(start + 1000);
}

static void runstates(void *arg)
{
    struct vcpu_runstate_info r;

    (void)arg;
    start = host.time;
    r = state_of(0);
    TIMES(r, 0, 0, 0, 0);
    ck_assert_uint_eq(r.state_entry_time, start);
    host.time += 100;
    r = state_of(0);
    TIMES(r, 100, 0, 0, 0);
    ck_assert_uint_eq(r.state_entry_time, start);
    r = state_of(1);
    ck_assert_int_eq(r.state, RUNSTATE_offline);
    TIMES(r, 0, 0, 0, 100);
    guest_start_vcpu(1, works, NULL);
    host.time += 3;
    r = state_of(1);
    ck_assert_int_eq(r.state, RUNSTATE_runnable);
    TIMES(r, 0, 3, 0, 100);
    yield();
    TIMES(state_of(0), 103, 7, 0, 0);
    TIMES(state_of(1), 7, 3, 0, 100);
    host.time += 20;
    TIMES(state_of(1), 7, 23, 0, 100);
    yield();
    TIMES(state_of(0), 123, 77, 0, 0);
    TIMES(state_of(1), 77, 23, 0, 100);
    host.time += 50;
    r = state_of(1);
    ck_assert_int_eq(r.state, RUNSTATE_blocked);
    TIMES(r, 77, 23, 50, 100);
    sleep_until(start + 2000);
    ck_assert_uint_eq(host.time, start + 2000);
    /* Awake at 1,000 and down at once, to the end. */
    r = state_of(1);
    ck_assert_int_eq(r.state, RUNSTATE_offline);
    TIMES(r, 77, 23, 800, 1100);
    TIMES(state_of(0), 173, 77, 1750, 0);
    /* Alone, a yield is none. */
    r = state_of(0);
    yield();
    ck_assert_uint_eq(state_of(0).state_entry_time, r.state_entry_time);
}

START_TEST(test_runstates) { run(2, runstates); }
END_TEST

/* The update flag is set while the area changes, and not afterwards. */
static void areas(void *arg)
{
    struct vcpu_register_runstate_memory_area op;
    vcpu_runstate_info_t *area = guest_page(3);

    (void)arg;
    op.addr.p = HYPERVISOR_VIRT_START;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), -EFAULT);
    op.addr.p = 1UL << 47;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), -EFAULT);
    op.addr.p = (uintptr_t)WILD;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), 0);
    op.addr.p = ~0UL - 4096; /* Xen's access_ok lets what is above its own part pass */
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), 0);
    host.time += 11;
    op.addr.p = (uintptr_t)area;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 1, &op), 0);
    ck_assert_int_eq(area->state, RUNSTATE_offline);
    TIMES(*area, 0, 0, 0, 11);
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), 0);
    TIMES(*area, 0, 0, 0, 0); /* the caller's: as it was when it began to run */
    ck_assert_int_eq(
        call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    sleep_until(host.time + 5);
    TIMES(*area, 11, 0, 5, 0);
    ck_assert_uint_eq(area->state_entry_time, host.time);
    op.addr.p = 0;
    ck_assert_int_eq(vcpu(VCPUOP_register_runstate_memory_area, 0, &op), 0);
    sleep_until(host.time + 5);
    TIMES(*area, 11, 0, 5, 0);
}

START_TEST(test_areas) { run(2, areas); }
END_TEST

/* ---- timers ---- */

static void timers(void *arg)
{
    evtchn_port_t port = timer_port(0);
    uint64_t now = host.time;

    (void)arg;
    vcpu(VCPUOP_stop_periodic_timer, 0, NULL);
    /* What Linux cannot have meant comes in 100 ms. */
    const uint64_t odd[] = {~0UL, 1UL << 63, now + (1UL << 50), now + (1UL << 62)};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        ck_assert_int_eq(set_timer(odd[i]), 0);
        ck_assert_uint_eq(timer_next(hv), host.time + 100 * MS);
    }
    ck_assert_int_eq(set_timer(now + (1UL << 50) - 1), 0);
    ck_assert_uint_eq(timer_next(hv), now + (1UL << 50) - 1);
    /* Ports are independent of who polls what: the timer wakes a poll of no port. */
    ck_assert_int_eq(set_timer(now + 40), 0);
    sleep_until(now + 400);
    ck_assert_uint_eq(host.time, now + 40);
    ck_assert(take(port));
    /* A deadline that is past already, of a poll: the others have a turn. */
    sleep_until(1);
    sleep_until(~0UL);
    ck_assert_uint_eq(host.time, now + 40);
    struct vcpu_set_singleshot_timer one = {.timeout_abs_ns = ~0UL};
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 0, &one), 0);
    ck_assert(take(port));
    ck_assert_int_eq(vcpu(VCPUOP_set_singleshot_timer, 1, &one), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_stop_singleshot_timer, 1, NULL), -EINVAL);
}

START_TEST(test_timers) { run(2, timers); }
END_TEST

static void waits(void *arg)
{
    (void)arg;
    sleep_until(0);
}

static void periodic(void *arg)
{
    evtchn_port_t own = timer_port(0), other = timer_port(1);
    struct vcpu_set_periodic_timer set = {.period_ns = 10 * MS};

    (void)arg;
    /* At boot each vCPU has one of 10 ms. */
    take(own);
    host.time += 9 * MS;
    yield();
    ck_assert(!take(own));
    host.time += 1 * MS;
    yield();
    ck_assert(take(own));
    vcpu(VCPUOP_stop_periodic_timer, 0, NULL);
    host.time += 100 * MS;
    yield();
    ck_assert(!take(own));
    /* Of a vCPU that does not run, set by another: goes, until that has run. */
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 1, &set), 0);
    ck_assert(take(other)); /* its last tick is long ago */
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 1, &set), 0);
    ck_assert(!take(other));
    for (unsigned int i = 0; i < 3; i++) {
        uint64_t last = host.time;

        sleep_until(host.time + 1000 * MS); /* any event ends it */
        ck_assert_uint_eq(host.time, last + 10 * MS);
        ck_assert(take(other));
        ck_assert(!take(own));
    }
    guest_start_vcpu(1, waits, NULL);
    yield();
    ck_assert_int_eq(current->domain->vcpus[1]->state, VCPU_POLLING);
    ck_assert_uint_eq(timer_next(hv), HYPERVISOR_FOREVER);
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, 1, &set), 0);
    ck_assert_uint_eq(timer_next(hv), host.time + 10 * MS);
    ck_assert_int_eq(vcpu(VCPUOP_stop_periodic_timer, 1, NULL), 0);
    ck_assert_uint_eq(timer_next(hv), HYPERVISOR_FOREVER);
}

START_TEST(test_periodic) { run(2, periodic); }
END_TEST

/* ---- the clock ---- */

static void shown(void *arg)
{
    struct vcpu_register_time_memory_area op;
    struct vcpu_time_info *area = guest_page(3), *own = &current->info->time;
    uint32_t version;

    (void)arg;
    op.addr.p = HYPERVISOR_VIRT_START;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, &op), -EFAULT);
    op.addr.p = (uintptr_t)WILD;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
    op.addr.p = (uintptr_t)area;
    version = own->version;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
    ck_assert_uint_eq(own->version, version + 2);
    ck_assert_int_eq(memcmp(area, own, sizeof(*own)), 0);
    /* Nothing has changed: nothing is written. */
    version = own->version;
    yield();
    ck_assert_uint_eq(own->version, version);
    host.time += 5;
    yield();
    ck_assert_uint_eq(own->version, version + 2);
    ck_assert_uint_eq(own->system_time, host.time);
    ck_assert_int_eq(memcmp(area, own, sizeof(*own)), 0);
    /* Of another: by the caller's tables, since that one has none yet. */
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 1, &op), 0);
    ck_assert_uint_eq(area->system_time, host.time);
    ck_assert_uint_eq(current->domain->vcpus[1]->info->time.system_time, host.time);
    op.addr.p = 0;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
    ck_assert_uint_eq(current->domain->shared_info->wc_version, 2);
    ck_assert_uint_eq(current->domain->shared_info->wc_sec, 1700000000);
    ck_assert_uint_eq(current->domain->shared_info->wc_nsec, 5);
    ck_assert_uint_eq(current->domain->shared_info->wc_sec_hi, 0);
}

START_TEST(test_shown) { run(2, shown); }
END_TEST

/* A host whose clock says CLOCK; READS how often it was asked. */
static struct hypervisor_clock clock_now;
static unsigned int reads;

static void counted_clock(void *context, struct hypervisor_clock *now)
{
    (void)context;
    reads++;
    *now = clock_now;
}

/* The factor for 2^SHIFT times as many nanoseconds as ticks, and a little less. */
static void set_clock(uint64_t time, uint64_t tsc, int8_t shift)
{
    clock_now = (struct hypervisor_clock){.system_time = time,
                                          .tsc_timestamp = tsc,
                                          .tsc_to_system_mul = 0x80000000U,
                                          .tsc_shift = shift};
}

START_TEST(test_extrapolation)
{
    uint64_t first, second;

    machine_start(24);
    hv->host.clock = counted_clock;
    reads = 0;
    /* A tick of the counter is 2^-20 ns: this clock stands almost still. */
    set_clock(5000, __rdtsc(), -19);
    ck_assert_uint_eq(time_read(hv), 5000);
    first = time_now(hv);
    second = time_now(hv);
    ck_assert_uint_eq(reads, 1);
    ck_assert_uint_ge(first, 5000);
    ck_assert_uint_ge(second, first);
    /* Ahead of the counter, on another processor: no time passes. */
    set_clock(9000, __rdtsc() + (1UL << 60), -19);
    ck_assert_uint_eq(time_read(hv), 9000);
    ck_assert_uint_eq(time_now(hv), 9000);
    ck_assert_uint_eq(time_now(hv), 9000);
    ck_assert_uint_eq(reads, 2);
    /* A tick is 4 ns: it goes on, and is asked again when a millisecond has passed. */
    set_clock(10000, __rdtsc(), 3);
    time_read(hv);
    first = time_now(hv);
    ck_assert_uint_ge(first, 10000);
    set_clock(first + 50 * MS, __rdtsc(), 3);
    while (reads == 3)
        second = time_now(hv);
    ck_assert_uint_eq(second, first + 50 * MS);
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("time");
    TCase *t = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(t, test_runstates);
    tcase_add_test(t, test_areas);
    tcase_add_test(t, test_timers);
    tcase_add_test(t, test_periodic);
    tcase_add_test(t, test_shown);
    tcase_add_test(t, test_extrapolation);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
