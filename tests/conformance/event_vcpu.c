/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels of several vCPUs. The second need not run: what it is told is in memory. It
 * would catch an event that another vCPU is told of, and a port that does not move, or moves
 * while the first vCPU still has it in a queue.
 */
#include "tap.h"

#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "core/domain.h"
#include "core/memory.h"
#include "core/shared_info.h"

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)
#define DEFAULT EVTCHN_FIFO_PRIORITY_DEFAULT

static char control_page[4096] __attribute__((aligned(4096)));
static event_word_t array[1024] __attribute__((aligned(4096)));

/* Both vCPUs' control blocks may be in one page. */
#define SECOND 1024
static evtchn_fifo_control_block_t *control(unsigned int vcpu)
{
    return (void *)(control_page + vcpu * SECOND);
}

static unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static long op(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static long bind_vcpu(evtchn_port_t port, unsigned int vcpu)
{
    evtchn_bind_vcpu_t arg = {.port = port, .vcpu = vcpu};

    return op(EVTCHNOP_bind_vcpu, &arg);
}

static long bind_virq(unsigned int virq, unsigned int vcpu, evtchn_port_t *port)
{
    evtchn_bind_virq_t arg = {.virq = virq, .vcpu = vcpu};
    long error = op(EVTCHNOP_bind_virq, &arg);

    if (error == 0)
        *port = arg.port;
    return error;
}

static evtchn_port_t ipi(unsigned int vcpu)
{
    evtchn_bind_ipi_t arg = {.vcpu = vcpu};

    return op(EVTCHNOP_bind_ipi, &arg) == 0 ? arg.port : 0;
}

/* A channel of the domain with itself. */
static void channel(evtchn_port_t *a, evtchn_port_t *b)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF};

    op(EVTCHNOP_alloc_unbound, &offer);
    bind.remote_port = offer.port;
    op(EVTCHNOP_bind_interdomain, &bind);
    *a = offer.port;
    *b = bind.local_port;
}

static long send(evtchn_port_t port) { return op(EVTCHNOP_send, &port); }

static long close(evtchn_port_t port) { return op(EVTCHNOP_close, &port); }

static unsigned int vcpu_of(evtchn_port_t port)
{
    evtchn_status_t arg = {.dom = DOMID_SELF, .port = port};

    return op(EVTCHNOP_status, &arg) == 0 ? arg.vcpu : 999;
}

static vcpu_info_t *info(unsigned int vcpu) { return &shared_info()->vcpu_info[vcpu]; }

/* Nothing is pending, and only the port is unmasked. */
static void only(evtchn_port_t port)
{
    memset(shared_info()->evtchn_pending, 0, sizeof shared_info()->evtchn_pending);
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    shared_info()->evtchn_mask[port / 64] = ~(1UL << port % 64);
    for (unsigned int i = 0; i < 2; i++) {
        info(i)->evtchn_upcall_pending = 0;
        info(i)->evtchn_pending_sel = 0;
    }
}

/* Whether VCPU has been told of PORT, and the other of nothing. */
static int told(unsigned int vcpu, evtchn_port_t port)
{
    return info(vcpu)->evtchn_upcall_pending == 1 &&
           info(vcpu)->evtchn_pending_sel == 1UL << port / 64 &&
           !info(!vcpu)->evtchn_upcall_pending && !info(!vcpu)->evtchn_pending_sel;
}

/* ---- two levels ---- */

static void test_ipi(void)
{
    evtchn_port_t port = ipi(1);

    ok(vcpu_of(port) == 1, "an IPI of vCPU 1 says so");
    only(port);
    answers(send(port), 0, "send");
    ok(told(1, port), "vCPU 1 is told");
    answers(bind_vcpu(port, 0), -XEN_EINVAL, "an IPI does not move");
    ok(vcpu_of(port) == 1, "it is where it was");
    close(port);
    ok(vcpu_of(port) == 0, "closed, it is vCPU 0's");
}

static void test_virqs(void)
{
    evtchn_port_t port = 0, other = 0;

    answers(bind_virq(VIRQ_DEBUG, 1, &port), 0, "VIRQ_DEBUG of vCPU 1");
    answers(bind_virq(VIRQ_DEBUG, 0, &other), 0, "and of vCPU 0");
    ok(port != other && vcpu_of(port) == 1 && vcpu_of(other) == 0, "are two");
    answers(bind_virq(VIRQ_DEBUG, 1, &port), -XEN_EEXIST, "each is bound once");
    answers(bind_vcpu(port, 0), -XEN_EINVAL, "it does not move");
    answers(close(port), 0, "one is closed");
    answers(bind_virq(VIRQ_DEBUG, 0, &other), -XEN_EEXIST, "the other is not");
    answers(bind_virq(VIRQ_DEBUG, 1, &port), 0, "the first can be bound again");
    close(port);
    close(other);

    answers(bind_virq(VIRQ_DOM_EXC, 1, &port), -XEN_EINVAL, "a global VIRQ of vCPU 1");
    answers(bind_virq(VIRQ_DOM_EXC, 0, &port), 0, "of vCPU 0");
    answers(bind_vcpu(port, 1), 0, "moves to vCPU 1");
    ok(vcpu_of(port) == 1, "and says so");
    answers(bind_virq(VIRQ_DOM_EXC, 0, &other), -XEN_EEXIST, "it is still bound once");
    answers(close(port), 0, "close");
    answers(bind_virq(VIRQ_DOM_EXC, 0, &port), 0, "then it can be bound again");
    ok(vcpu_of(port) == 0, "to vCPU 0");
    close(port);
}

static void test_channel(void)
{
    evtchn_port_t a, b;

    channel(&a, &b);
    answers(bind_vcpu(b, 1), 0, "one end moves to vCPU 1");
    ok(vcpu_of(a) == 0 && vcpu_of(b) == 1, "that end alone");
    only(b);
    send(a);
    ok(told(1, b), "send tells vCPU 1");
    only(a);
    send(b);
    ok(told(0, a), "and the other way vCPU 0");
    only(b);
    shared_info()->evtchn_mask[b / 64] = ~0UL;
    send(a);
    answers(op(EVTCHNOP_unmask, &b), 0, "unmask");
    ok(told(1, b), "tells vCPU 1");
    only(b);
    info(0)->evtchn_pending_sel = 1UL << b / 64;
    send(a);
    ok(info(1)->evtchn_upcall_pending && info(1)->evtchn_pending_sel == 1UL << b / 64,
       "what vCPU 0 has selected does not matter to vCPU 1");
    only(b);
    send(a);
    answers(bind_vcpu(b, 0), 0, "moved while it is pending");
    ok(told(1, b), "it stays with the vCPU that was told");
    bind_vcpu(b, 1);
    close(a);
    ok(vcpu_of(b) == 1, "the other end's closing does not move it");
    close(b);
    ok(vcpu_of(b) == 0, "its own does");
}

/* ---- FIFO ---- */

static long init_control(unsigned int vcpu)
{
    evtchn_init_control_t arg = {
        .control_gfn = mfn_of(control_page), .offset = vcpu * SECOND, .vcpu = vcpu};

    return op(EVTCHNOP_init_control, &arg);
}

static evtchn_port_t take(unsigned int vcpu)
{
    evtchn_fifo_control_block_t *c = control(vcpu);
    evtchn_port_t port = c->head[DEFAULT];

    c->head[DEFAULT] = array[port] & EVTCHN_FIFO_LINK_MASK;
    array[port] &= ~(LINKED | EVTCHN_FIFO_LINK_MASK);
    if (!c->head[DEFAULT])
        c->ready &= ~(1U << DEFAULT);
    return port;
}

static void test_fifo(void)
{
    evtchn_expand_array_t expand = {.array_gfn = mfn_of(array)};
    evtchn_port_t other = ipi(1), a, b;

    channel(&a, &b);
    only(a);
    answers(init_control(0), 0, "init_control of vCPU 0");
    answers(op(EVTCHNOP_expand_array, &expand), 0, "expand_array");
    answers(send(other), 0, "send to vCPU 1, which has no control block");
    ok(array[other] == 0 && !info(1)->evtchn_upcall_pending, "is lost");
    answers(op(EVTCHNOP_unmask, &other), 0, "unmask");
    ok(array[other] == 0, "does not find it");
    array[other] = PENDING;
    answers(op(EVTCHNOP_unmask, &other), 0, "unmask of a pending one");
    ok(array[other] == PENDING, "does not link it");
    array[other] = 0;
    answers(init_control(1), 0, "init_control of vCPU 1, in the same page");
    answers(init_control(1), -XEN_EINVAL, "a second time");
    ok(control(1)->ready == 0, "nothing is ready");
    answers(send(other), 0, "send to vCPU 1");
    ok(control(1)->head[DEFAULT] == other && control(1)->ready == 1U << DEFAULT, "is in its queue");
    ok(control(0)->ready == 0, "and in no other");
    ok(info(1)->evtchn_upcall_pending && !info(0)->evtchn_upcall_pending, "vCPU 1 is told");

    send(a);
    ok(control(0)->head[DEFAULT] == b, "an event for vCPU 0 is in its queue");
    answers(bind_vcpu(b, 1), 0, "the port moves to vCPU 1");
    send(a);
    ok(control(0)->head[DEFAULT] == b && array[other] == (PENDING | LINKED),
       "sent again, it stays in the queue it is in");
    ok(take(0) == b, "vCPU 0 takes it");
    send(a);
    ok(array[other] == (PENDING | LINKED | b) && control(0)->ready == 0,
       "sent then, it is at the end of vCPU 1's");
    send(b);
    ok(control(0)->head[DEFAULT] == a && array[b] == (PENDING | LINKED),
       "nobody is linked to it from vCPU 0's queue, which it was the last of");
    ok(take(1) == other && take(1) == b && control(1)->ready == 0, "vCPU 1 takes both");
    ok(take(0) == a, "vCPU 0 its own");
    bind_vcpu(b, 0);
    array[b] = array[other] = 0;
    send(a);
    ok(control(0)->head[DEFAULT] == b && array[b] == (PENDING | LINKED), "and the port comes back");
    send(other);
    ok(control(1)->head[DEFAULT] == other, "vCPU 1's queue begins anew");
}

int main(void)
{
    evtchn_reset_t reset = {.dom = DOMID_SELF};

    if (hypercall_vcpu_op(VCPUOP_is_up, 1, NULL) < 0) {
        ok(1, "there is only one vCPU, with which nothing can be asked");
        return tap_done();
    }
    test_ipi();
    test_virqs();
    test_channel();
    test_fifo();
    answers(op(EVTCHNOP_reset, &reset), 0, "reset");
    return tap_done();
}
