/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vcpu_info at another place than the shared info page. It would catch a place that Xen refuses,
 * events and times that still go to the old one, and a vCPU that is moved while it runs.
 */
#include "vcpus.h"

static char pages[VCPUS][4096] __attribute__((aligned(4096)));
static vcpu_guest_context_t context;
static evtchn_port_t wake;

static long register_info(unsigned int vcpu, unsigned long mfn, unsigned int offset)
{
    vcpu_register_vcpu_info_t op = {.mfn = mfn, .offset = offset};

    return vcpu_op(VCPUOP_register_vcpu_info, vcpu, &op);
}

static vcpu_info_t *info(unsigned int vcpu, unsigned int offset)
{
    return (vcpu_info_t *)(pages[vcpu] + offset);
}

static void test_arguments(void)
{
    unsigned long good = mfn_of(pages[0]);
    uint32_t version = shared_info()->vcpu_info[0].time.version;

    answers(vcpu_op(VCPUOP_register_vcpu_info, 0, WILD_POINTER), -XEN_EFAULT,
            "register_vcpu_info with a wild pointer");
    answers(register_info(0, good, 4096 - 56), -XEN_ENXIO, "a place that ends after the page");
    answers(register_info(0, good, ~0U), -XEN_ENXIO, "one far beyond it");
    answers(register_info(0, good, 4), -XEN_ENXIO, "one in the middle of eight bytes");
    answers(register_info(0, 0xfffffff, 1), -XEN_ENXIO, "the offset is looked at first");
    answers(register_info(0, 0xfffffff, 0), -XEN_EINVAL, "a frame beyond all");
    answers(register_info(0, ~0UL, 0), -XEN_EINVAL, "no frame");
    answers(register_info(0, root_mfn(), 0), -XEN_EINVAL, "a page table");
    answers(register_info(2, root_mfn(), 0), -XEN_EINVAL, "nor for another vCPU");
    ok(shared_info()->vcpu_info[0].time.version > version, "each brings the time up to date");
}

static volatile int laps;

static void other(void)
{
    for (;;) {
        laps++;
        sleep_on(wake);
    }
}

static void test_down(void)
{
    answers(register_info(2, mfn_of(pages[2]), 64), 0, "a place for a vCPU that is down");
    ok(info(2, 64)->evtchn_upcall_mask == 1, "its upcalls are masked");
    ok(info(2, 64)->evtchn_upcall_pending == 1, "one would be due");
    ok(info(2, 64)->evtchn_pending_sel == ~0UL, "from every word");
    ok(info(2, 64)->time.version % 2 == 0 && info(2, 64)->time.version > 0, "the time is told");
    ok(time_of(&info(2, 64)->time) <= vcpu_time(0) + MS, "which is time");
    answers(register_info(2, mfn_of(pages[2]), 64), -XEN_EINVAL, "once");
    answers(register_info(2, 0xfffffff, 64), -XEN_EINVAL, "wherever to");
    answers(register_info(2, 0xfffffff, 3), -XEN_ENXIO, "but the offset is looked at first");
    context_of(&context, 2, other);
    answers(vcpu_op(VCPUOP_initialise, 2, &context), 0, "it can be initialised");
    answers(vcpu_op(VCPUOP_up, 2, NULL), 0, "and goes up");
    wait_for(laps == 1);
    ok(laps == 1, "and runs");
}

static void test_up(void)
{
    context_of(&context, 1, other);
    vcpu_op(VCPUOP_initialise, 1, &context);
    vcpu_op(VCPUOP_up, 1, NULL);
    wait_for(laps == 2);
    answers(register_info(1, mfn_of(pages[1]), 0), -XEN_EINVAL, "not for another that is up");
    vcpu_op(VCPUOP_down, 1, NULL);
    answers(register_info(1, mfn_of(pages[1]), 4096 - 64), 0, "but down, at the end of the page");
    vcpu_op(VCPUOP_up, 1, NULL);
}

static void test_own(void)
{
    evtchn_port_t port = port_ipi(0);
    vcpu_info_t old, *new = info(0, 128);
    uint64_t time;

    shared_info()->vcpu_info[0].arch.cr2 = 0x1234;
    answers(register_info(0, mfn_of(pages[0]), 128), 0, "a place for the caller");
    ok(new->arch.cr2 == 0x1234, "what was in the old one is in it");
    ok(new->evtchn_upcall_mask == 1, "upcalls are masked as before");
    ok(new->evtchn_upcall_pending == 1, "one would be due");
    ok(new->evtchn_pending_sel == ~0UL, "from every word");
    ok(new->time.version % 2 == 0, "the time's version is even");
    old = shared_info()->vcpu_info[0];
    new->evtchn_upcall_pending = 0;
    new->evtchn_pending_sel = 0;
    __atomic_and_fetch(&shared_info()->evtchn_mask[port / 64], ~(1UL << port % 64),
                       __ATOMIC_SEQ_CST);
    answers(port_send(port), 0, "an event");
    ok(new->evtchn_upcall_pending == 1, "is told there");
    ok(new->evtchn_pending_sel == 1UL << port / 64, "with its word");
    answers(register_info(0, mfn_of(pages[0]), 128), -XEN_EINVAL, "once");
    poll_ports(NULL, 0, time_of(&new->time) + 2 * MS);
    ok(memcmp(&old, &shared_info()->vcpu_info[0], sizeof old) == 0, "the old one is left alone");
    time = vcpu_time(0);
    ok(time_of(&new->time) + MS >= time, "the new one has the time");
}

int main(void)
{
    mask_all();
    for (unsigned int i = 0; i < VCPUS; i++)
        vcpu_op(VCPUOP_stop_periodic_timer, i, NULL);
    wake = port_ipi(1);
    test_arguments();
    test_down();
    test_up();
    test_own();
    return tap_done();
}
