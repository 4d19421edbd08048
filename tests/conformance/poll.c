/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SCHEDOP_poll with several vCPUs, SCHEDOP_yield and what else sched_op has. It would catch a
 * poll that ends too early or never, one that looks at its ports in another order than Xen, and
 * a vCPU that never has a turn.
 */
#include "vcpus.h"

#define PRESENT 1UL
#define WRITE   2UL
#define USER    4UL
#define NX      (1UL << 63)

static vcpu_guest_context_t context;
static evtchn_port_t ports[4], wake;

static void start(unsigned int id, void (*function)(void))
{
    context_of(&context, id, function);
    answers(vcpu_op(VCPUOP_initialise, id, &context), 0, "initialise vCPU %u", id);
    answers(vcpu_op(VCPUOP_up, id, NULL), 0, "up");
}

/* ---- vCPU 1 sends for vCPU 0 ---- */

static volatile uint64_t send_at; /* 0: nothing to do */
static volatile evtchn_port_t send_to;
static volatile int sent;

/* A machine with much to do may not have let vCPU 0 poll yet, when its 10 ms are over. */
static int is_waiting(void)
{
    vcpu_runstate_info_t r = {0};

    vcpu_op(VCPUOP_get_runstate_info, 0, &r);
    return r.state == RUNSTATE_blocked;
}

static void sender(void)
{
    for (;;) {
        sleep_on(wake);
        while (vcpu_time(1) < send_at || !is_waiting())
            poll_ports(NULL, 0, vcpu_time(1) + MS);
        sent = 1;
        port_send(send_to);
    }
}

/* PORT will be sent on in 10 ms, unless it never polls that long. */
static void send_soon(evtchn_port_t port)
{
    for (int i = 0; i < 4; i++)
        port_clear(ports[i]);
    sent = 0;
    send_to = port;
    send_at = clock_monotonic() + 10 * MS;
    port_send(wake);
}

/* How a poll of vCPU 0 ends that PORT is sent on during. */
static void poll_during(evtchn_port_t port, unsigned int count, int ends, const char *what)
{
    uint64_t limit = clock_monotonic() + (ends ? 20000 : 200) * MS, now;

    send_soon(port);
    answers(poll_ports(ports, count, limit), 0, "%s", what);
    now = clock_monotonic();
    ok(sent, "waits for the event");
    if (ends)
        ok(now < limit, "and is over then");
    else
        ok(now >= limit, "and goes on until its time is over");
    ok(port_is_pending(port), "the port stays pending");
}

static void unmask(evtchn_port_t port, int unmasked)
{
    if (unmasked)
        __atomic_and_fetch(&shared_info()->evtchn_mask[port / 64], ~(1UL << port % 64),
                           __ATOMIC_SEQ_CST);
    else
        __atomic_or_fetch(&shared_info()->evtchn_mask[port / 64], 1UL << port % 64,
                          __ATOMIC_SEQ_CST);
    shared_vcpu_info()->evtchn_pending_sel = 0;
    shared_vcpu_info()->evtchn_upcall_pending = 0;
}

static void test_wakes(void)
{
    start(1, sender);
    poll_during(ports[0], 1, 1, "poll of one port, which comes");
    poll_during(ports[1], 1, 0, "poll of one port, and a masked one comes that it did not name");
    poll_during(ports[0], 2, 1, "poll of two ports, the first comes");
    poll_during(ports[1], 2, 1, "poll of two ports, the second comes");
    poll_during(ports[2], 2, 1, "poll of two ports, and one comes that it did not name");
    poll_during(ports[3], 0, 1, "poll of no port, and one comes");
    unmask(ports[2], 1);
    poll_during(ports[2], 1, 1, "poll of one port, and an unmasked one comes that it did not name");
    ok(shared_vcpu_info()->evtchn_upcall_pending == 1, "an upcall would be due");
    ok(shared_vcpu_info()->evtchn_pending_sel & 1UL << ports[2] / 64, "and its word is selected");
    ok(shared_vcpu_info()->evtchn_upcall_mask == 1, "were upcalls not masked");
    port_clear(ports[2]);
    /* Told once, the vCPU is not told again until it has taken note. */
    poll_during(ports[2], 1, 0, "the same when it has been told already");
    unmask(ports[2], 0);
}

/* ---- several wait for the same port ---- */

static evtchn_port_t common;
static volatile int waiting, woken;

static void wait_for_common(void)
{
    evtchn_port_t port = common;

    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    while (!port_is_pending(port))
        poll_ports(&port, 1, 0);
    __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
}

static void yielder_2(void);
static void yielder_3(void);

static void test_several(void)
{
    common = port_ipi(0);
    start(2, yielder_2);
    start(3, yielder_3);
    wait_for(waiting == 2);
    let_run(5 * MS);
    ok(waiting == 2 && woken == 0, "two vCPUs poll the same port");
    answers(port_send(common), 0, "one event");
    wait_for(woken == 2);
    ok(woken == 2, "wakes both");
}

/* ---- arguments ---- */

static char two_pages[2 * 4096] __attribute__((aligned(4096)));

static void test_arguments(void)
{
    evtchn_port_t *last = (evtchn_port_t *)(two_pages + 4096) - 1, wild = 1 << 20, zero = 0;
    unsigned long second = mfn_of(two_pages + 4096);
    evtchn_close_t closed;
    uint64_t past = 1;

    port_clear(ports[0]);
    answers(poll_ports(NULL, 0, past), 0, "poll of no port, with a timeout in the past");
    answers(poll_ports(WILD_POINTER, 0, past), 0, "the list of no port may be wild");
    answers(poll_ports((void *)0xffff820000000000, 0, past), -XEN_EFAULT, "but not within Xen");
    answers(poll_ports((void *)CANONICAL, 0, past), -XEN_EFAULT, "and not beyond the canonical");
    answers(poll_ports((void *)0xffff820000000000, 129, past), -XEN_EINVAL,
            "that there are too many comes first");
    answers(poll_ports((void *)(1UL << 47), 1, past), -XEN_EFAULT, "nor with a port");
    answers(poll_ports(&wild, 1, past), -XEN_EINVAL, "poll of a port beyond all");
    answers(poll_ports(&zero, 1, past), -XEN_EINVAL, "poll of port 0");
    closed.port = port_ipi(0);
    wild = closed.port;
    hypercall_event_channel_op(EVTCHNOP_close, &closed);
    answers(poll_ports(&wild, 1, past), -XEN_EINVAL, "poll of a closed port");
    answers(poll_ports(ports, 1, ~0UL), 0, "a timeout that is negative is past");
    answers(poll_ports(ports, 1, 1UL << 63), 0, "so is the most negative one");

    hypercall_update_va_mapping(two_pages + 4096, 0, UVMF_INVLPG);
    *last = ports[0];
    answers(poll_ports(last, 1, past), 0, "a list that ends where nothing is mapped");
    answers(poll_ports(last, 2, past), -XEN_EFAULT, "one that goes on there");
    port_send(ports[0]);
    answers(poll_ports(last, 2, 0), 0, "unless a port before that is pending");
    *last = wild;
    answers(poll_ports(last, 2, 0), -XEN_EINVAL, "or wrong");
    hypercall_update_va_mapping(two_pages + 4096, second << 12 | PRESENT | WRITE | USER | NX,
                                UVMF_INVLPG);
    last[0] = ports[0];
    last[1] = wild;
    answers(poll_ports(last, 2, 0), 0, "a pending port hides a wrong one after it");
    last[0] = wild;
    last[1] = ports[0];
    answers(poll_ports(last, 2, 0), -XEN_EINVAL, "but not before it");
    port_clear(ports[0]);
}

/* ---- yield ---- */

static volatile unsigned long turns[VCPUS];

static void yielder(unsigned int id)
{
    wait_for_common();
    for (;;) {
        turns[id]++;
        hypercall_sched_op(SCHEDOP_yield, NULL);
    }
}

static void yielder_2(void) { yielder(2); }
static void yielder_3(void) { yielder(3); }

static void test_yield(void)
{
    uint64_t limit = clock_monotonic() + 20000 * MS;

    answers(hypercall_sched_op(SCHEDOP_yield, NULL), 0, "yield");
    answers(hypercall_sched_op(SCHEDOP_yield, WILD_POINTER), 0, "its argument is not looked at");
    while ((turns[2] < 10 || turns[3] < 10) && clock_monotonic() < limit)
        hypercall_sched_op(SCHEDOP_yield, NULL);
    ok(turns[2] >= 10, "vCPU 2 has turns");
    ok(turns[3] >= 10, "and vCPU 3");
    answers(hypercall(__HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0, 0, 0, 0), 0,
            "yield by the older hypercall");
    vcpu_op(VCPUOP_down, 2, NULL);
    vcpu_op(VCPUOP_down, 3, NULL);
}

int main(void)
{
    mask_all();
    for (unsigned int i = 0; i < VCPUS; i++)
        vcpu_op(VCPUOP_stop_periodic_timer, i, NULL);
    for (int i = 0; i < 4; i++)
        ports[i] = port_ipi(0);
    wake = port_ipi(1);
    test_arguments();
    test_wakes();
    test_several();
    test_yield();
    return tap_done();
}
