/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runstates and their registered areas. It would catch time that is lost or counted twice, a
 * state that is not Xen's, and an area that is not kept up to date, or is though it was moved.
 */
#include "vcpus.h"

static vcpu_runstate_info_t areas[4];
static char page[4096] __attribute__((aligned(4096)));
static vcpu_guest_context_t context;
static evtchn_port_t wake;

static vcpu_runstate_info_t runstate(unsigned int vcpu)
{
    vcpu_runstate_info_t r = {.state = -1};

    vcpu_op(VCPUOP_get_runstate_info, vcpu, &r);
    return r;
}

static uint64_t sum(const vcpu_runstate_info_t *r)
{
    return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

static long register_area(unsigned int vcpu, void *at)
{
    vcpu_register_runstate_memory_area_t op = {.addr.p = (uintptr_t)at};

    return vcpu_op(VCPUOP_register_runstate_memory_area, vcpu, &op);
}

/* Times of VCPU add up to the time that passes: looked at twice, with MEANWHILE in between. */
static void adds_up(unsigned int vcpu, void (*meanwhile)(void), const char *what)
{
    vcpu_runstate_info_t first, second;
    uint64_t t[4];

    t[0] = clock_monotonic();
    first = runstate(vcpu);
    t[1] = clock_monotonic();
    meanwhile();
    t[2] = clock_monotonic();
    second = runstate(vcpu);
    t[3] = clock_monotonic();
    /* The clocks of a vCPU and of Xen may differ by a little. */
    ok(sum(&second) - sum(&first) + MS >= t[2] - t[1], "%s: no time is lost", what);
    ok(sum(&second) - sum(&first) <= t[3] - t[0] + MS, "%s: none is counted twice", what);
}

static void sleep_a_while(void) { let_run(20 * MS); }

static void work_a_while(void)
{
    uint64_t until = clock_monotonic() + 20 * MS;

    while (clock_monotonic() < until)
        hypercall_sched_op(SCHEDOP_yield, NULL);
}

static void test_get(void)
{
    vcpu_runstate_info_t first, second;

    answers(vcpu_op(VCPUOP_get_runstate_info, 0, WILD_POINTER), -XEN_EFAULT,
            "get_runstate_info with a wild pointer");
    first = runstate(0);
    ok(first.state == RUNSTATE_running, "vCPU 0 is running");
    ok(first.state_entry_time <= clock_monotonic(), "since some time");
    ok(first.time[RUNSTATE_running] > 0, "it has been running");
    adds_up(0, sleep_a_while, "asleep");
    adds_up(0, work_a_while, "at work");
    first = runstate(0);
    sleep_a_while();
    second = runstate(0);
    ok(second.time[RUNSTATE_blocked] - first.time[RUNSTATE_blocked] >= 10 * MS,
       "sleep counts as blocked");
    ok(second.state_entry_time > first.state_entry_time, "it began to run anew");
    ok(second.time[RUNSTATE_offline] == first.time[RUNSTATE_offline], "it was never offline");
    first = runstate(0);
    work_a_while();
    second = runstate(0);
    ok(second.time[RUNSTATE_running] - first.time[RUNSTATE_running] >= 10 * MS,
       "work counts as running");

    first = runstate(1);
    ok(first.state == RUNSTATE_offline, "vCPU 1 is offline");
    adds_up(1, sleep_a_while, "offline");
    second = runstate(1);
    ok(second.time[RUNSTATE_offline] - first.time[RUNSTATE_offline] >= 20 * MS,
       "all of it is offline");
    ok(second.state_entry_time == first.state_entry_time, "since it was made");
    ok(second.time[RUNSTATE_running] + second.time[RUNSTATE_runnable] +
               second.time[RUNSTATE_blocked] ==
           0,
       "and nothing else ever");
}

static void test_arguments(void)
{
    answers(vcpu_op(VCPUOP_register_runstate_memory_area, 0, WILD_POINTER), -XEN_EFAULT,
            "register_runstate_memory_area with a wild pointer");
    answers(register_area(0, (void *)0xffff820000000000), -XEN_EFAULT, "an area within Xen");
    answers(register_area(0, (void *)CANONICAL), -XEN_EFAULT, "one that is not canonical");
    answers(register_area(0, WILD_POINTER), 0, "that it is not mapped is not looked at");
    let_run(MS);
    answers(register_area(0, NULL), 0, "none");
    strcpy(page, "mine");
    set_writable(page, 0);
    answers(register_area(0, page), 0, "an area that cannot be written to");
    let_run(MS);
    ok(strcmp(page, "mine") == 0, "is not");
    set_writable(page, 1);
    wait_for(strcmp(page, "mine") != 0);
    ok(strcmp(page, "mine") != 0, "but is as soon as it can");
}

static void test_area(void)
{
    vcpu_runstate_info_t r;

    memset(areas, 0xff, sizeof areas);
    answers(register_area(0, &areas[0]), 0, "an area");
    r = runstate(0);
    ok(areas[0].state == RUNSTATE_running, "it says running");
    ok(areas[0].state_entry_time <= r.state_entry_time, "since when it does");
    ok(areas[0].time[RUNSTATE_running] <= r.time[RUNSTATE_running], "and how long before");
    r = areas[0];
    sleep_a_while();
    ok(areas[0].state == RUNSTATE_running, "after a sleep it says running");
    ok(areas[0].state_entry_time > r.state_entry_time, "since later");
    ok(areas[0].time[RUNSTATE_blocked] - r.time[RUNSTATE_blocked] >= 10 * MS,
       "and that it was blocked");
    ok(!(areas[0].state_entry_time & XEN_RUNSTATE_UPDATE), "it is not being updated");
    answers(register_area(0, &areas[1]), 0, "another place");
    r = areas[0];
    sleep_a_while();
    ok(memcmp(&r, &areas[0], sizeof r) == 0, "the first is left alone");
    ok(areas[1].state == RUNSTATE_running, "the other says running");
    answers(register_area(0, (char *)&areas[2] + 3), 0, "no alignment is asked for");
    answers(hypercall(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag,
                      0, 0, 0),
            0, "vm_assist runstate_update_flag");
    answers(register_area(0, &areas[1]), 0, "the area again");
    r = areas[1];
    sleep_a_while();
    ok(areas[1].state == RUNSTATE_running, "it says running");
    ok(areas[1].state_entry_time > r.state_entry_time, "since later");
    ok(!(areas[1].state_entry_time & XEN_RUNSTATE_UPDATE), "it is not being updated");
}

/* ---- of another ---- */

static volatile int laps, mode; /* 0: sleep, 1: work, 2: go down */

static void other(void)
{
    for (;;) {
        laps++;
        if (mode == 0)
            sleep_on(wake);
        else if (mode == 1)
            hypercall_sched_op(SCHEDOP_yield, NULL);
        else
            vcpu_op(VCPUOP_down, 1, NULL);
    }
}

static void test_other(void)
{
    vcpu_runstate_info_t r;
    int lap;

    answers(register_area(1, &areas[3]), 0, "an area of vCPU 1");
    ok(areas[3].state == RUNSTATE_offline, "it says offline");
    ok(areas[3].time[RUNSTATE_offline] > 0, "up to now");
    r = areas[3];
    answers(register_area(1, &areas[3]), 0, "and again");
    ok(areas[3].time[RUNSTATE_offline] > r.time[RUNSTATE_offline], "up to now, again");
    context_of(&context, 1, other);
    answers(vcpu_op(VCPUOP_initialise, 1, &context), 0, "initialise it");
    vcpu_op(VCPUOP_up, 1, NULL);
    wait_for(laps);
    let_run(5 * MS);
    ok(areas[3].state == RUNSTATE_blocked, "asleep, its area says blocked");
    ok(runstate(1).state == RUNSTATE_blocked, "and get_runstate_info");
    ok(areas[3].time[RUNSTATE_running] > 0, "it was running");
    ok(areas[3].time[RUNSTATE_offline] > r.time[RUNSTATE_offline], "it was offline");
    adds_up(1, sleep_a_while, "vCPU 1 asleep");
    mode = 1;
    port_send(wake);
    lap = laps;
    wait_for(laps > lap + 10);
    ok(areas[3].state == RUNSTATE_runnable, "at work, but not now: its area says runnable");
    ok(runstate(1).state == RUNSTATE_runnable, "and get_runstate_info");
    adds_up(1, sleep_a_while, "vCPU 1 at work");
    adds_up(1, work_a_while, "both at work");
    adds_up(0, work_a_while, "both at work, vCPU 0");
    r = runstate(0);
    ok(r.time[RUNSTATE_runnable] > 0, "vCPU 0 had to wait for it");
    answers(vcpu_op(VCPUOP_down, 1, NULL), 0, "down");
    ok(runstate(1).state == RUNSTATE_offline, "makes it offline at once");
    ok(areas[3].state == RUNSTATE_runnable, "its area is written when it runs, or stops to");
    mode = 2;
    lap = laps;
    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "up");
    wait_for(vcpu_op(VCPUOP_is_up, 1, NULL) == 0);
    let_run(5 * MS);
    ok(laps > lap, "it ran");
    ok(areas[3].state == RUNSTATE_offline, "after it went down itself its area says offline");
    adds_up(1, sleep_a_while, "vCPU 1 down");
}

int main(void)
{
    mask_all();
    for (unsigned int i = 0; i < VCPUS; i++)
        vcpu_op(VCPUOP_stop_periodic_timer, i, NULL);
    wake = port_ipi(1);
    test_get();
    test_arguments();
    test_area();
    test_other();
    return tap_done();
}
