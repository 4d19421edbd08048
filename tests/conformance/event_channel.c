/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels of one domain with itself. It would catch a port handed out twice, a pending bit
 * that is lost or stays, and errors other than Xen's.
 */
#include "tap.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "core/domain.h"
#include "core/shared_info.h"

static long op(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static int is_pending(evtchn_port_t port)
{
    return shared_info()->evtchn_pending[port / 64] >> (port % 64) & 1;
}

static void clear_pending(evtchn_port_t port)
{
    __atomic_and_fetch(&shared_info()->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

static void mask_all(void)
{
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
}

static evtchn_status_t status_of(evtchn_port_t port)
{
    evtchn_status_t status = {.dom = DOMID_SELF, .port = port};

    if (op(EVTCHNOP_status, &status) != 0)
        status.status = 0xffff;
    return status;
}

static void test_interdomain_with_self(void)
{
    evtchn_alloc_unbound_t unbound = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF};
    evtchn_send_t send;
    evtchn_close_t close;

    answers(op(EVTCHNOP_alloc_unbound, &unbound), 0, "alloc_unbound to itself");
    ok(unbound.port != 0, "the port is not 0");
    ok(status_of(unbound.port).status == EVTCHNSTAT_unbound, "its status is unbound");
    send.port = unbound.port;
    answers(op(EVTCHNOP_send, &send), 0, "send on an unbound port does nothing");
    ok(!is_pending(unbound.port), "and nothing is pending");

    bind.remote_port = unbound.port;
    answers(op(EVTCHNOP_bind_interdomain, &bind), 0, "bind_interdomain to it");
    ok(bind.local_port != unbound.port, "the local port is another one");
    ok(is_pending(bind.local_port), "a new binding is pending at once");
    clear_pending(bind.local_port);
    ok(status_of(unbound.port).status == EVTCHNSTAT_interdomain, "the first end is interdomain");
    ok(status_of(unbound.port).u.interdomain.port == bind.local_port, "and names the second");
    ok(status_of(bind.local_port).u.interdomain.port == unbound.port, "which names the first");

    clear_pending(unbound.port);
    send.port = bind.local_port;
    answers(op(EVTCHNOP_send, &send), 0, "send on the second end");
    ok(is_pending(unbound.port) && !is_pending(bind.local_port), "makes the first end pending");
    clear_pending(unbound.port);
    send.port = unbound.port;
    answers(op(EVTCHNOP_send, &send), 0, "send on the first end");
    ok(is_pending(bind.local_port) && !is_pending(unbound.port), "makes the second end pending");
    clear_pending(bind.local_port);

    bind.remote_port = unbound.port;
    answers(op(EVTCHNOP_bind_interdomain, &bind), -XEN_EINVAL, "a bound port is not bound again");

    close.port = send.port;
    answers(op(EVTCHNOP_close, &close), 0, "close of the first end");
    ok(status_of(unbound.port).status == EVTCHNSTAT_closed, "it is closed");
    ok(status_of(bind.local_port).status == EVTCHNSTAT_unbound, "the other end is unbound again");
    answers(op(EVTCHNOP_close, &close), -XEN_EINVAL, "a closed port is not closed again");
    close.port = bind.local_port;
    answers(op(EVTCHNOP_close, &close), 0, "close of the second end");
}

static void test_ports_are_reused(void)
{
    evtchn_alloc_unbound_t first = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_alloc_unbound_t second = first;
    evtchn_close_t close;

    op(EVTCHNOP_alloc_unbound, &first);
    close.port = first.port;
    op(EVTCHNOP_close, &close);
    op(EVTCHNOP_alloc_unbound, &second);
    ok(first.port == second.port, "the lowest free port is given out again");
    close.port = second.port;
    op(EVTCHNOP_close, &close);
}

static void test_virq(void)
{
    evtchn_bind_virq_t bind = {.virq = VIRQ_DEBUG, .vcpu = 0};
    evtchn_bind_virq_t again = bind, bad = bind;
    evtchn_status_t status;
    evtchn_close_t close;

    answers(op(EVTCHNOP_bind_virq, &bind), 0, "bind_virq VIRQ_DEBUG");
    status = status_of(bind.port);
    ok(status.status == EVTCHNSTAT_virq && status.u.virq == VIRQ_DEBUG,
       "its status tells the virq");
    answers(op(EVTCHNOP_bind_virq, &again), -XEN_EEXIST, "a virq is bound once");
    bad.virq = NR_VIRQS;
    answers(op(EVTCHNOP_bind_virq, &bad), -XEN_EINVAL, "virq NR_VIRQS");
    bad.virq = VIRQ_DEBUG;
    bad.vcpu = 4000;
    answers(op(EVTCHNOP_bind_virq, &bad), -XEN_ENOENT, "vCPU 4000");
    close.port = bind.port;
    answers(op(EVTCHNOP_close, &close), 0, "close");
    answers(op(EVTCHNOP_bind_virq, &again), 0, "then it can be bound again");
    close.port = again.port;
    op(EVTCHNOP_close, &close);
}

static void test_ipi(void)
{
    evtchn_bind_ipi_t bind = {.vcpu = 0}, bad = {.vcpu = 4000};
    evtchn_send_t send;
    evtchn_close_t close;

    answers(op(EVTCHNOP_bind_ipi, &bind), 0, "bind_ipi");
    ok(status_of(bind.port).status == EVTCHNSTAT_ipi, "its status is ipi");
    ok(!is_pending(bind.port), "it is not pending");
    send.port = bind.port;
    answers(op(EVTCHNOP_send, &send), 0, "send");
    ok(is_pending(bind.port), "makes it pending");
    clear_pending(bind.port);
    answers(op(EVTCHNOP_bind_ipi, &bad), -XEN_ENOENT, "bind_ipi to vCPU 4000");
    close.port = bind.port;
    answers(op(EVTCHNOP_close, &close), 0, "close");
}

static void test_masks_and_selector(void)
{
    evtchn_bind_ipi_t bind = {.vcpu = 0};
    vcpu_info_t *vcpu = shared_vcpu_info();
    evtchn_send_t send;
    evtchn_unmask_t unmask;
    evtchn_close_t close;
    unsigned int word;

    op(EVTCHNOP_bind_ipi, &bind);
    word = bind.port / 64;
    vcpu->evtchn_upcall_pending = 0;
    vcpu->evtchn_pending_sel = 0;
    send.port = bind.port;
    op(EVTCHNOP_send, &send);
    ok(!vcpu->evtchn_upcall_pending, "an event on a masked port does not ask for an upcall");
    ok(vcpu->evtchn_pending_sel == 0, "nor does it set the selector");
    unmask.port = bind.port;
    answers(op(EVTCHNOP_unmask, &unmask), 0, "unmask of a pending port");
    ok(!(shared_info()->evtchn_mask[word] >> (bind.port % 64) & 1), "clears the mask bit");
    ok(vcpu->evtchn_upcall_pending, "and asks for an upcall");
    ok(vcpu->evtchn_pending_sel == 1UL << word, "and sets the selector");
    vcpu->evtchn_upcall_pending = 0;
    vcpu->evtchn_pending_sel = 0;
    op(EVTCHNOP_send, &send);
    ok(!vcpu->evtchn_upcall_pending, "a port that is pending already does not ask again");
    clear_pending(bind.port);
    op(EVTCHNOP_send, &send);
    ok(vcpu->evtchn_upcall_pending, "an unmasked port asks for an upcall");
    mask_all();
    clear_pending(bind.port);
    vcpu->evtchn_upcall_pending = 0;
    vcpu->evtchn_pending_sel = 0;
    close.port = bind.port;
    op(EVTCHNOP_close, &close);
}

static void test_bad_arguments(void)
{
    evtchn_send_t send = {.port = 0};
    evtchn_close_t close = {.port = 0};
    evtchn_unmask_t unmask = {.port = 1 << 20};
    evtchn_status_t status = {.dom = DOMID_SELF, .port = 1 << 20};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF, .remote_port = 1 << 20};
    evtchn_alloc_unbound_t unbound = {.dom = 4321, .remote_dom = DOMID_SELF};
    evtchn_bind_vcpu_t bind_vcpu = {.port = 1 << 20, .vcpu = 0};

    answers(op(EVTCHNOP_send, &send), -XEN_EINVAL, "send on port 0");
    send.port = 1 << 20;
    answers(op(EVTCHNOP_send, &send), -XEN_EINVAL, "send on a port beyond all");
    answers(op(EVTCHNOP_close, &close), -XEN_EINVAL, "close of port 0");
    answers(op(EVTCHNOP_unmask, &unmask), -XEN_EINVAL, "unmask of a port beyond all");
    answers(op(EVTCHNOP_status, &status), -XEN_EINVAL, "status of a port beyond all");
    status.port = 0;
    status.dom = 4321;
    answers(op(EVTCHNOP_status, &status), -XEN_ESRCH, "status in a domain that is not there");
    answers(op(EVTCHNOP_bind_interdomain, &bind), -XEN_EINVAL, "bind to a port beyond all");
    answers(op(EVTCHNOP_alloc_unbound, &unbound), -XEN_ESRCH, "alloc_unbound in no domain");
    answers(op(EVTCHNOP_bind_vcpu, &bind_vcpu), -XEN_EINVAL, "bind_vcpu of a port beyond all");
    answers(op(EVTCHNOP_send, WILD_POINTER), -XEN_EFAULT, "send with a wild pointer");
    answers(op(EVTCHNOP_alloc_unbound, WILD_POINTER), -XEN_EFAULT, "alloc_unbound likewise");
    answers(op(999, WILD_POINTER), -XEN_ENOSYS, "an operation that is none");
}

int main(void)
{
    mask_all();
    test_interdomain_with_self();
    test_ports_are_reused();
    test_virq();
    test_ipi();
    test_masks_and_selector();
    test_bad_arguments();
    return tap_done();
}
