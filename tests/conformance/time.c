/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PV clock: vcpu_time_info, its registered copies, the wall clock. It would catch a clock
 * that goes backwards, a version that stays odd, and an area that is written although it was
 * moved.
 */
#include "vcpus.h"

static vcpu_time_info_t areas[4];
static char page[4096] __attribute__((aligned(4096)));

static vcpu_time_info_t *info(unsigned int vcpu) { return &shared_info()->vcpu_info[vcpu].time; }

static long register_area(unsigned int vcpu, void *at)
{
    vcpu_register_time_memory_area_t op = {.addr.p = (uintptr_t)at};

    return vcpu_op(VCPUOP_register_vcpu_time_memory_area, vcpu, &op);
}

static int same_clock(const vcpu_time_info_t *a, const vcpu_time_info_t *b)
{
    return a->system_time == b->system_time && a->tsc_timestamp == b->tsc_timestamp &&
           a->tsc_to_system_mul == b->tsc_to_system_mul && a->tsc_shift == b->tsc_shift &&
           a->flags == b->flags;
}

static void test_system_time(void)
{
    vcpu_time_info_t *t = info(0);
    uint64_t last = vcpu_time(0), start = last;
    int backwards = 0;

    ok(t->version % 2 == 0, "the version is even");
    ok(t->version > 0, "and not the first");
    ok(t->tsc_to_system_mul != 0, "the counter has a rate");
    ok((t->flags & ~XEN_PVCLOCK_TSC_STABLE_BIT) == 0, "no flag is set that has no meaning");
    for (int i = 0; i < 10000; i++) {
        uint64_t now = vcpu_time(0);

        backwards += now < last;
        last = now;
    }
    ok(backwards == 0, "the clock does not go backwards");
    for (int i = 0; i < 20; i++) {
        uint64_t now, deadline = vcpu_time(0) + MS;

        poll_ports(NULL, 0, deadline);
        now = vcpu_time(0);
        backwards += now < last || now < deadline;
        last = now;
    }
    ok(backwards == 0, "nor over a wait, which is not too short by it");
    ok(last - start >= 20 * MS, "and goes on");
    ok(t->version % 2 == 0, "the version is even afterwards");
}

static void test_wall_clock(void)
{
    shared_info_t *s = shared_info();

    ok(s->wc_version % 2 == 0, "wc_version is even");
    ok(s->wc_version > 0, "and not the first");
    ok(s->wc_sec > 1577836800, "the machine started after 2020");
    ok(s->wc_sec_hi == 0, "and before 2106");
    ok(s->wc_nsec < 1000000000, "wc_nsec is less than a second");
}

static void test_areas(void)
{
    vcpu_time_info_t before;
    uint64_t a, b;
    uint32_t version = info(0)->version;

    answers(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, WILD_POINTER), -XEN_EFAULT,
            "register_vcpu_time_memory_area with a wild pointer");
    answers(register_area(0, (void *)0xffff820000000000), -XEN_EFAULT, "an area within Xen");
    answers(register_area(0, (void *)CANONICAL), -XEN_EFAULT, "one that is not canonical");
    answers(register_area(0, WILD_POINTER), 0, "that it is not mapped is not looked at");
    answers(register_area(0, NULL), 0, "none");
    ok(info(0)->version > version, "each updates the vCPU's own");
    memset(areas, 0xff, sizeof areas);
    answers(register_area(0, &areas[0]), 0, "an area");
    ok(areas[0].version % 2 == 0, "its version is even");
    ok(same_clock(&areas[0], info(0)), "it tells the same as the vCPU's");
    ok(areas[0].version == info(0)->version, "with the same version");
    a = time_of(&areas[0]);
    b = vcpu_time(0);
    ok(b >= a && b - a < 10000 * MS, "it is a clock");

    answers(register_area(0, &areas[1]), 0, "another place");
    ok(same_clock(&areas[1], info(0)), "it is there then");
    before = areas[0];
    answers(register_area(0, &areas[1]), 0, "and again");
    ok(memcmp(&before, &areas[0], sizeof before) == 0, "the first is left alone");
    answers(register_area(0, (char *)&areas[2] + 1), 0, "no alignment is asked for");
    memcpy(&before, (char *)&areas[2] + 1, sizeof before);
    ok(same_clock(&before, info(0)), "it is there");

    strcpy(page, "mine");
    set_writable(page, 0);
    answers(register_area(0, page), 0, "an area that cannot be written to");
    ok(strcmp(page, "mine") == 0, "is not");
    let_run(2 * MS);
    ok(strcmp(page, "mine") == 0, "also not later");
    set_writable(page, 1);
    answers(register_area(0, NULL), 0, "none again");
}

static vcpu_guest_context_t context;
static evtchn_port_t wake;
static volatile int laps;

static void lap(void)
{
    for (;;) {
        laps++;
        sleep_on(wake);
    }
}

static void test_other_vcpus(void)
{
    vcpu_time_info_t before;

    answers(register_area(1, &areas[3]), 0, "an area of a vCPU that is down");
    ok(areas[3].version % 2 == 0, "its version is even");
    ok(same_clock(&areas[3], info(1)), "it tells the same as the vCPU's");
    ok(time_of(&areas[3]) <= vcpu_time(0) + MS, "which is time");
    context_of(&context, 1, lap);
    answers(vcpu_op(VCPUOP_initialise, 1, &context), 0, "initialise vCPU 1");
    vcpu_op(VCPUOP_up, 1, NULL);
    wait_for(laps == 1);
    ok(laps == 1, "it runs");
    ok(same_clock(&areas[3], info(1)), "its area is as its vcpu_info");
    ok(areas[3].version % 2 == 0, "with an even version");
    vcpu_op(VCPUOP_down, 1, NULL);
    before = areas[3];
    let_run(5 * MS);
    ok(memcmp(&before, &areas[3], sizeof before) == 0, "down, its clock is not brought up to date");
}

int main(void)
{
    mask_all();
    for (unsigned int i = 0; i < VCPUS; i++)
        vcpu_op(VCPUOP_stop_periodic_timer, i, NULL);
    wake = port_ipi(1);
    test_system_time();
    test_wall_clock();
    test_areas();
    test_other_vcpus();
    return tap_done();
}
