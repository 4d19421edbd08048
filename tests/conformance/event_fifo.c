/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FIFO ABI of event channels, with the initial domain's first vCPU. It would catch an event
 * that is linked twice, to a word that the guest has taken already, or into the wrong queue; a
 * port given out while it is in a queue; a page that the hypervisor writes to after the reset.
 */
#include "tap.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/memory.h"
#include "core/shared_info.h"

#define PRESENT 1UL
#define WRITE   2UL
#define USER    4UL
#define NX      (1UL << 63)

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED  (1U << EVTCHN_FIFO_MASKED)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)
#define BUSY    (1U << EVTCHN_FIFO_BUSY)

#define WORDS_A_PAGE (4096 / sizeof(event_word_t))
#define DEFAULT      EVTCHN_FIFO_PRIORITY_DEFAULT

/* However many vCPUs a test is run with, this one is not there. */
#define NO_VCPU 77

/* Where the control block is in its page. */
#define OFFSET 512

static char control_page[4096] __attribute__((aligned(4096)));
static event_word_t array[2][WORDS_A_PAGE] __attribute__((aligned(4096)));
static event_word_t spare[WORDS_A_PAGE] __attribute__((aligned(4096)));
static evtchn_fifo_control_block_t *const control = (void *)(control_page + OFFSET);

static unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static long op(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static event_word_t *word(evtchn_port_t port)
{
    return &array[port / WORDS_A_PAGE][port % WORDS_A_PAGE];
}

static evtchn_port_t ipi(void)
{
    evtchn_bind_ipi_t bind = {.vcpu = 0};

    return op(EVTCHNOP_bind_ipi, &bind) == 0 ? bind.port : 0;
}

static long send(evtchn_port_t port) { return op(EVTCHNOP_send, &port); }

static long close(evtchn_port_t port) { return op(EVTCHNOP_close, &port); }

static long unmask(evtchn_port_t port) { return op(EVTCHNOP_unmask, &port); }

static long reset(void)
{
    evtchn_reset_t arg = {.dom = DOMID_SELF};

    return op(EVTCHNOP_reset, &arg);
}

static long set_priority(evtchn_port_t port, unsigned int priority)
{
    evtchn_set_priority_t arg = {.port = port, .priority = priority};

    return op(EVTCHNOP_set_priority, &arg);
}

static long expand(unsigned long mfn)
{
    evtchn_expand_array_t arg = {.array_gfn = mfn};

    return op(EVTCHNOP_expand_array, &arg);
}

static long init_control(unsigned long mfn, unsigned int offset, unsigned int vcpu)
{
    evtchn_init_control_t arg = {.control_gfn = mfn, .offset = offset, .vcpu = vcpu};

    return op(EVTCHNOP_init_control, &arg);
}

/* Whether Xen asks for an upcall; forgets it. */
static int upcall(void)
{
    return __atomic_exchange_n(&shared_vcpu_info()->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
}

static int is_2l_pending(evtchn_port_t port)
{
    return __atomic_load_n(&shared_info()->evtchn_pending[port / 64], __ATOMIC_SEQ_CST) >>
               (port % 64) &
           1;
}

static uint32_t ready(void) { return __atomic_load_n(&control->ready, __ATOMIC_SEQ_CST); }

static evtchn_port_t head(unsigned int queue)
{
    return __atomic_load_n(&control->head[queue], __ATOMIC_SEQ_CST);
}

static event_word_t value(evtchn_port_t port)
{
    return __atomic_load_n(word(port), __ATOMIC_SEQ_CST);
}

/*
 * Takes the head of QUEUE as a guest does: the word is unlinked, its link becomes the head, and
 * an empty queue is not ready any more. The event stays pending. Returns the port, 0 if none.
 */
static evtchn_port_t take(unsigned int queue)
{
    evtchn_port_t port = control->head[queue];
    event_word_t old;

    if (!(control->ready >> queue & 1) || !port)
        return 0;
    old = __atomic_fetch_and(word(port), ~(LINKED | EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);
    control->head[queue] = old & EVTCHN_FIFO_LINK_MASK;
    if (!control->head[queue])
        __atomic_fetch_and(&control->ready, ~(1U << queue), __ATOMIC_SEQ_CST);
    return port;
}

static void clear_pending(evtchn_port_t port)
{
    __atomic_fetch_and(word(port), ~PENDING, __ATOMIC_SEQ_CST);
}

/* ---- before and at the change of the ABI ---- */

static void test_two_level_has_none_of_it(void)
{
    answers(expand(mfn_of(array[0])), -XEN_EOPNOTSUPP, "expand_array under the two-level ABI");
    answers(expand(~0UL), -XEN_EOPNOTSUPP, "of no page too");
    answers(set_priority(1, 0), -XEN_ENOSYS, "set_priority under the two-level ABI");
    answers(set_priority(0, 99), -XEN_ENOSYS, "on port 0, of a priority that is none");
    answers(set_priority(1 << 20, 0), -XEN_EINVAL, "but first, of a port beyond all");
    answers(op(EVTCHNOP_init_control, WILD_POINTER), -XEN_EFAULT, "init_control, wild pointer");
    answers(op(EVTCHNOP_expand_array, WILD_POINTER), -XEN_EFAULT, "expand_array, wild pointer");
    answers(op(EVTCHNOP_set_priority, WILD_POINTER), -XEN_EFAULT, "set_priority, wild pointer");
}

static void test_control_block_refused(void)
{
    evtchn_init_control_t arg = {.control_gfn = ~0UL, .link_bits = 99};
    unsigned long good = mfn_of(control_page);
    unsigned int last = 4096 - sizeof(evtchn_fifo_control_block_t);

    answers(init_control(good, 0, NO_VCPU), -XEN_ENOENT,
            "init_control of a vCPU that is not there");
    answers(init_control(~0UL, 4096, NO_VCPU), -XEN_ENOENT, "that is what is looked at first");
    answers(init_control(good, 0, 0xffffffff), -XEN_ENOENT, "vCPU 0xffffffff");
    answers(init_control(good, last + 8, 0), -XEN_EINVAL, "a block across the end of the page");
    answers(init_control(good, 0xfffffff8, 0), -XEN_EINVAL, "a block far beyond it");
    answers(init_control(good, 4, 0), -XEN_EINVAL, "a block at 4");
    answers(init_control(good, last - 1, 0), -XEN_EINVAL, "a block at an odd address");
    answers(op(EVTCHNOP_init_control, &arg), -XEN_EINVAL, "frame ~0");
    ok(arg.link_bits == 99, "and nothing is stored");
    answers(init_control(0xfffffffUL, 0, 0), -XEN_EINVAL, "a frame beyond all");
    answers(init_control(mfn_of((void *)domain_start_info()->pt_base), 0, 0), -XEN_EINVAL,
            "a page table");
    answers(expand(mfn_of(array[0])), -XEN_EOPNOTSUPP, "it is the two-level ABI still");
}

static evtchn_port_t p, q, r; /* three IPIs */

static void test_change(void)
{
    evtchn_init_control_t arg = {.control_gfn = mfn_of(control_page), .offset = OFFSET};
    xen_ulong_t selector;

    p = ipi();
    q = ipi();
    r = ipi();
    send(p);
    ok(is_2l_pending(p), "an event of the two-level ABI is pending");
    upcall();
    selector = shared_vcpu_info()->evtchn_pending_sel;
    answers(op(EVTCHNOP_init_control, &arg), 0, "init_control");
    ok(arg.link_bits == EVTCHN_FIFO_LINK_BITS, "it says how many bits a link has");
    ok(arg.control_gfn == mfn_of(control_page) && arg.offset == OFFSET, "the rest is as it was");
    answers(init_control(mfn_of(control_page), OFFSET, 0), -XEN_EINVAL, "a second time");
    answers(init_control(mfn_of(spare), 0, 0), -XEN_EINVAL, "with another page");
    answers(init_control(mfn_of(spare), 0, NO_VCPU), -XEN_ENOENT, "for a vCPU that is not there");
    ok(ready() == 0 && head(DEFAULT) == 0, "no event is ready, for there are no event words");
    ok(!upcall(), "no upcall is asked for");

    answers(send(q), 0, "send on a port without an event word");
    ok(!is_2l_pending(q), "does not use the two-level bits");
    ok(is_2l_pending(p), "which stay as they were");
    ok(shared_vcpu_info()->evtchn_pending_sel == selector, "as does the selector");
    ok(!upcall() && ready() == 0, "and tells nobody");
    answers(unmask(q), 0, "unmask of such a port");
    ok(!upcall() && ready() == 0, "tells nobody either");
}

static void test_array(void)
{
    answers(expand(~0UL), -XEN_EINVAL, "expand_array by frame ~0");
    answers(expand(0xfffffffUL), -XEN_EINVAL, "by a frame beyond all");
    answers(expand(mfn_of((void *)domain_start_info()->pt_base)), -XEN_EINVAL, "by a page table");
    *word(1) = MASKED; /* the console's */
    *word(q) = MASKED;
    answers(expand(mfn_of(array[0])), 0, "by a page");
    ok(value(p) == (PENDING | LINKED), "what was pending before the change is linked");
    ok(value(q) == (PENDING | MASKED), "what came without a word is pending; masked, not linked");
    ok(value(r) == 0, "what was not sent is not pending");
    ok(head(DEFAULT) == p, "the head of the default queue is the first");
    ok(ready() == 1U << DEFAULT, "and the queue is ready");
    ok(upcall(), "an upcall is asked for");
    answers(unmask(q), 0, "unmask of the pending one");
    ok(value(q) == (PENDING | LINKED), "links it");
    ok(value(p) == (PENDING | LINKED | q), "behind the first");
    ok(head(DEFAULT) == p, "which stays the head");
    ok(!upcall(), "the vCPU knows already");
    ok(take(DEFAULT) == p && take(DEFAULT) == q && take(DEFAULT) == 0, "the guest takes both");
    ok(value(p) == PENDING && value(q) == PENDING, "they are pending until it clears that");
    clear_pending(p);
    clear_pending(q);
}

/* ---- sending ---- */

static void test_send(void)
{
    answers(send(p), 0, "send");
    ok(value(p) == (PENDING | LINKED), "the port is pending and linked");
    ok(head(DEFAULT) == p && ready() == 1U << DEFAULT && upcall(), "head, ready and upcall");
    answers(send(p), 0, "send again");
    ok(value(p) == (PENDING | LINKED) && head(DEFAULT) == p && !upcall(), "changes nothing");
    clear_pending(p);
    ok(value(p) == LINKED, "the guest clears pending before it has taken the port");
    answers(send(p), 0, "send then");
    ok(value(p) == (PENDING | LINKED) && !upcall(), "makes it pending where it is");
    send(q);
    send(r);
    ok(value(p) == (PENDING | LINKED | q), "a second port is linked to");
    ok(value(q) == (PENDING | LINKED | r), "a third from the second");
    ok(value(r) == (PENDING | LINKED), "the third is the last");
    ok(take(DEFAULT) == p, "the guest takes the first");
    ok(value(p) == PENDING && head(DEFAULT) == q, "and leaves it pending");
    send(p);
    ok(value(p) == (PENDING | LINKED), "send links a port that is pending but in no queue");
    ok(value(r) == (PENDING | LINKED | p), "behind the last");
    ok(!upcall(), "no upcall for a queue that is ready");
    ok(take(DEFAULT) == q && take(DEFAULT) == r && take(DEFAULT) == p, "in the order of sending");
    ok(ready() == 0, "the queue is empty");
    clear_pending(p);
    clear_pending(q);
    clear_pending(r);
    control->ready = 1U << DEFAULT;
    send(p);
    ok(head(DEFAULT) == p && !upcall(), "a queue that says it is ready needs no upcall");
    take(DEFAULT);
    clear_pending(p);
    upcall();
    shared_vcpu_info()->evtchn_upcall_pending = 1;
    send(p);
    ok(ready() == 1U << DEFAULT, "with the upcall asked for already, a queue gets ready");
    take(DEFAULT);
    clear_pending(p);
    upcall();
}

static void test_words_of_the_guest(void)
{
    /* A careless guest: bits that only the hypervisor sets, and what it forgot to clear. */
    *word(p) = 4711;
    send(p);
    ok(value(p) == (PENDING | LINKED | 4711), "a link that the guest left stays in the word");
    *word(p) = PENDING | LINKED | BUSY | 4711;
    send(q);
    ok(value(p) == (PENDING | LINKED | q), "linking on clears it, and busy");
    *word(q) = PENDING | BUSY | 4711;
    send(r);
    ok(value(q) == (PENDING | BUSY | 4711), "a last word that is not linked is left alone");
    ok(head(DEFAULT) == r, "its successor becomes the head, whatever that was");
    *word(p) = *word(q) = 0;
    take(DEFAULT);
    clear_pending(r);
    *word(p) = LINKED;
    send(p);
    ok(value(p) == (PENDING | LINKED) && ready() == 0, "a word linked by the guest is in no queue");
    *word(p) = 1U << 20;
    send(p);
    ok(value(p) == (PENDING | LINKED | 1U << 20), "the bits between link and busy stay");
    *word(q) = 0;
    send(q);
    ok(value(p) == (PENDING | LINKED | 1U << 20 | q), "also when it is linked on");
    take(DEFAULT);
    take(DEFAULT);
    *word(p) = *word(q) = 0;
    upcall();
}

static void test_masks(void)
{
    *word(p) = MASKED;
    answers(send(p), 0, "send on a masked port");
    ok(value(p) == (PENDING | MASKED), "pending, not linked");
    ok(ready() == 0 && !upcall(), "nobody is told");
    answers(send(p), 0, "again");
    ok(value(p) == (PENDING | MASKED), "as before");
    answers(unmask(p), 0, "unmask");
    ok(value(p) == (PENDING | LINKED) && head(DEFAULT) == p && upcall(), "links it and tells");
    answers(unmask(p), 0, "unmask again");
    ok(value(p) == (PENDING | LINKED) && !upcall(), "does nothing");
    __atomic_fetch_or(word(p), MASKED, __ATOMIC_SEQ_CST);
    send(p);
    ok(value(p) == (PENDING | LINKED | MASKED), "a port masked in its queue stays there");
    unmask(p);
    ok(value(p) == (PENDING | LINKED) && !upcall(), "unmasked there, nobody is told again");
    take(DEFAULT);
    clear_pending(p);
    *word(p) = MASKED;
    answers(unmask(p), 0, "unmask of a port that is not pending");
    ok(value(p) == 0 && !upcall() && ready() == 0, "clears the bit only");
    *word(p) = PENDING;
    answers(unmask(p), 0, "unmask of a pending port that was not masked");
    ok(value(p) == (PENDING | LINKED) && upcall(), "links it all the same");
    take(DEFAULT);
    clear_pending(p);
    *word(0) = MASKED | PENDING;
    answers(unmask(0), 0, "unmask of port 0");
    ok(value(0) == (MASKED | PENDING), "does nothing");
    *word(0) = 0;
    *word(60) = MASKED | PENDING;
    answers(unmask(60), 0, "unmask of a free port");
    ok(value(60) == (MASKED | PENDING), "does nothing");
    *word(60) = 0;
}

/* ---- priorities ---- */

static void test_priorities(void)
{
    answers(set_priority(p, EVTCHN_FIFO_PRIORITY_MIN + 1), -XEN_EINVAL, "priority 16");
    answers(set_priority(p, 0xffffffff), -XEN_EINVAL, "priority 0xffffffff");
    answers(set_priority(60, 0), -XEN_EACCES, "priority of a free port");
    answers(set_priority(60, 99), -XEN_EACCES, "that is what is looked at first");
    answers(set_priority(0, 0), -XEN_EACCES, "priority of port 0");
    answers(set_priority(1 << 20, 0), -XEN_EINVAL, "of a port beyond all");
    for (unsigned int i = 0; i <= EVTCHN_FIFO_PRIORITY_MIN; i++) {
        long error = set_priority(p, i);

        send(p);
        ok(error == 0 && head(i) == p && ready() == 1U << i && upcall(), "priority %u", i);
        take(i);
        clear_pending(p);
    }
    set_priority(p, EVTCHN_FIFO_PRIORITY_MAX);
    send(p);
    send(q);
    ok(ready() == (1U | 1U << DEFAULT), "two queues are ready");
    ok(head(0) == p && head(DEFAULT) == q, "each with its port");
    ok(upcall(), "after one upcall");
    ok(take(0) == p && take(DEFAULT) == q, "both are taken");
    clear_pending(p);
    clear_pending(q);
}

static void test_moves(void)
{
    set_priority(p, DEFAULT);
    send(p);
    answers(set_priority(p, 3), 0, "set_priority of a port in a queue");
    ok(head(DEFAULT) == p && ready() == 1U << DEFAULT, "it stays there");
    send(p);
    ok(head(DEFAULT) == p && ready() == 1U << DEFAULT, "also when it is sent again");
    send(q);
    ok(value(p) == (PENDING | LINKED | q), "and others are linked to it");
    take(DEFAULT);
    send(p);
    ok(head(3) == p && ready() == (1U << 3 | 1U << DEFAULT), "taken and sent, it is in the new");
    ok(value(p) == (PENDING | LINKED), "without a link");
    send(r);
    ok(value(q) == (PENDING | LINKED | r), "the old queue goes on");
    take(DEFAULT), take(DEFAULT), take(3);
    clear_pending(p), clear_pending(q), clear_pending(r);

    /* The last of a queue leaves it for another: nobody may be linked to it from there. */
    set_priority(p, DEFAULT);
    send(p);
    take(DEFAULT);
    clear_pending(p);
    set_priority(p, 3);
    send(p);
    ok(head(3) == p, "the last port of a queue moves to another");
    send(q);
    ok(value(p) == (PENDING | LINKED), "a port for the old queue is not linked to it");
    ok(head(DEFAULT) == q, "but becomes the head of the old queue");
    set_priority(r, 3);
    send(r);
    ok(value(p) == (PENDING | LINKED | r), "a port for the new queue is");
    take(DEFAULT), take(3), take(3);
    clear_pending(p), clear_pending(q), clear_pending(r);

    /* It comes back while it is still the last in the other. */
    set_priority(p, DEFAULT);
    send(p);
    set_priority(r, DEFAULT);
    send(r);
    ok(head(DEFAULT) == p && value(p) == (PENDING | LINKED | r), "back in the first queue");
    take(DEFAULT), take(DEFAULT);
    clear_pending(p), clear_pending(r);
    upcall();
}

/* ---- channels ---- */

static void test_interdomain(void)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF};
    evtchn_bind_vcpu_t vcpu = {.vcpu = 0};

    answers(op(EVTCHNOP_alloc_unbound, &offer), 0, "alloc_unbound");
    answers(set_priority(offer.port, 5), 0, "a priority for a port that waits");
    bind.remote_port = offer.port;
    answers(op(EVTCHNOP_bind_interdomain, &bind), 0, "bind_interdomain");
    ok(value(bind.local_port) == (PENDING | LINKED), "the new end is pending and linked");
    ok(head(DEFAULT) == bind.local_port && upcall(), "in the default queue");
    take(DEFAULT);
    clear_pending(bind.local_port);
    send(bind.local_port);
    ok(head(5) == offer.port && upcall(), "the first end has kept its priority");
    take(5);
    clear_pending(offer.port);
    set_priority(bind.local_port, 6);
    send(offer.port);
    ok(head(6) == bind.local_port && upcall(), "the new end gets one");
    take(6);
    clear_pending(bind.local_port);
    vcpu.port = offer.port;
    answers(op(EVTCHNOP_bind_vcpu, &vcpu), 0, "bind_vcpu to the vCPU it has");
    answers(close(bind.local_port), 0, "close of the new end");
    answers(op(EVTCHNOP_bind_interdomain, &bind), 0, "bind_interdomain to the first again");
    ok(head(DEFAULT) == bind.local_port, "gives the new end the default priority again");
    take(DEFAULT);
    clear_pending(bind.local_port);
    send(bind.local_port);
    ok(head(5) == offer.port, "and leaves the first end's");
    take(5);
    clear_pending(offer.port);
    close(bind.local_port);
    close(offer.port);
    upcall();
}

static void test_close(void)
{
    evtchn_port_t other;

    send(p);
    answers(close(p), 0, "close of a port in a queue");
    ok(value(p) == LINKED, "it is not pending any more, but linked still");
    other = ipi();
    ok(other != p && other > r, "so it is not given out");
    ok(take(DEFAULT) == p, "the guest takes it");
    ok(ipi() == p, "now it is");
    send(p);
    ok(head(DEFAULT) == p && value(p) == (PENDING | LINKED), "and can be sent");
    take(DEFAULT);
    close(p);
    ok(value(p) == 0, "close of a pending port clears that");
    *word(p) = LINKED;
    close(other);
    ok(ipi() == other, "a free port that a guest says is linked is passed over");
    *word(p) = 0;
    ok(ipi() == p, "until it says otherwise");
    close(other);
    *word(p) = MASKED;
    close(p);
    ok(value(p) == MASKED, "close leaves the mask");
    ok(ipi() == p && value(p) == MASKED, "and so does a new binding");
    *word(p) = 0;
    set_priority(p, 2);
    close(p);
    ok(ipi() == p, "a port with another priority is bound again");
    send(p);
    ok(head(DEFAULT) == p, "it has the default priority");
    take(DEFAULT);
    clear_pending(p);
    upcall();
}

/* ---- a VIRQ, for which the vCPU waits ---- */

static long poll(evtchn_port_t port)
{
    sched_poll_t arg = {.nr_ports = 1, .timeout = clock_monotonic() + 10000000000UL};

    set_xen_guest_handle(arg.ports, &port);
    return hypercall_sched_op(SCHEDOP_poll, &arg);
}

static void test_timer(void)
{
    evtchn_bind_virq_t bind = {.virq = VIRQ_TIMER};
    vcpu_set_singleshot_timer_t timer = {.timeout_abs_ns = clock_monotonic() + 1000000};
    evtchn_port_t port;

    answers(op(EVTCHNOP_bind_virq, &bind), 0, "bind_virq");
    port = bind.port;
    answers(set_priority(port, 1), 0, "set_priority of a VIRQ");
    *word(port) = MASKED;
    answers(hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &timer), 0, "a timer is set");
    answers(poll(port), 0, "poll of its port, masked");
    ok(value(port) == (PENDING | MASKED), "ends when it is pending");
    answers(poll(port), 0, "poll of a pending port ends at once");
    ok(clock_monotonic() < timer.timeout_abs_ns + 5000000000UL, "none of it by the timeout");
    answers(poll(60), -XEN_EINVAL, "poll of a free port");
    answers(unmask(port), 0, "unmask");
    ok(head(1) == port && upcall(), "puts it into its queue");
    answers(send(port), -XEN_EINVAL, "a VIRQ cannot be sent");
    take(1);
    close(port);
    upcall();
}

/* ---- the array's growth and its end ---- */

static void test_growth(void)
{
    static evtchn_port_t ports[5000];
    unsigned int count = 0, extra = 0;
    evtchn_port_t last = 0, port = WORDS_A_PAGE + 10;

    while (count < 5000 && last < 4500 && (last = ipi()) != 0)
        ports[count++] = last;
    ok(last == 4500, "ports beyond those of the two-level ABI are given out");
    answers(send(port), 0, "send on one in a page that the array does not have");
    ok(ready() == 0 && !upcall(), "tells nobody");
    memset(array[1], 0, sizeof array[1]);
    *word(port + 1) = PENDING | LINKED;
    answers(expand(mfn_of(array[1])), 0, "the page comes");
    ok(value(port) == (PENDING | LINKED) && head(DEFAULT) == port && upcall(), "it is told then");
    ok(value(port + 1) == (PENDING | LINKED), "what the guest wrote there stays");
    send(p);
    ok(value(port) == (PENDING | LINKED | p), "ports of both pages are in one queue");
    take(DEFAULT), take(DEFAULT);
    clear_pending(p), clear_pending(port);
    answers(send(4500), 0, "send on a port of the fifth page");
    answers(unmask(4500), 0, "and unmask");
    answers(set_priority(4500, 1), 0, "and set_priority");
    ok(ready() == 0, "nobody is told");
    memset(spare, 0xff, sizeof spare);
    for (unsigned int i = 0; i < count; i++)
        close(ports[i]);
    ok(1, "all are closed");
    while (extra < 200 && expand(mfn_of(spare)) == 0)
        extra++;
    ok(extra == 126, "the array has at most 128 pages; one page may be in it often");
    answers(expand(mfn_of(spare)), -XEN_ENOSPC, "expand_array by one more");
    answers(expand(~0UL), -XEN_ENOSPC, "by frame ~0");
}

static long pin(void *page)
{
    mmuext_op_t arg = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page)};

    return hypercall_mmuext_op(&arg, 1);
}

static long map(void *page, uint64_t flags)
{
    return hypercall_update_va_mapping(page, mfn_of(page) << 12 | flags | USER | PRESENT | NX,
                                       UVMF_INVLPG);
}

static void test_reset(void)
{
    mmuext_op_t unpin = {.cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = mfn_of(spare)};
    evtchn_port_t port;

    memset(spare, 0, sizeof spare);
    answers(map(spare, 0), 0, "a page of the array is mapped read only");
    answers(pin(spare), -XEN_EINVAL, "it cannot be a page table, for it is written to");
    send(q);
    send(p);
    *word(r) = PENDING | MASKED;
    upcall();
    answers(reset(), 0, "reset");
    ok(value(q) == (LINKED | p) && value(p) == LINKED, "closes all ports where they are");
    ok(value(r) == MASKED, "and leaves the masks");
    answers(expand(mfn_of(spare)), -XEN_EOPNOTSUPP, "expand_array: it is the two-level ABI again");
    answers(set_priority(p, 0), -XEN_ENOSYS, "set_priority");
    answers(pin(spare), 0, "the page is the guest's alone, and can be a page table");
    answers(init_control(mfn_of(spare), 0, 0), -XEN_EINVAL, "a control block then not");
    hypercall_mmuext_op(&unpin, 1);
    answers(map(spare, WRITE), 0, "it is mapped writable again");
    port = ipi();
    ok(port == 1, "all ports are free, linked or not");
    send(port);
    ok(is_2l_pending(port), "send uses the two-level bits");
    close(port);
    ok(!is_2l_pending(port), "and close");
}

static void test_change_again(void)
{
    memset(array, 0, sizeof array);
    memset(control_page, 0, sizeof control_page);
    *word(1) = MASKED; /* it may have been told something by the console */
    upcall();
    answers(init_control(mfn_of(control_page), OFFSET, 0), 0, "init_control after the reset");
    answers(expand(mfn_of(array[0])), 0, "expand_array");
    /* Surprising, but so it is: what once waited for its word, p and q, is told again. */
    ok(value(p) == (PENDING | LINKED | q), "free ports that once came without a word are linked");
    ok(value(q) == (PENDING | LINKED) && value(r) == 0, "in the order of their numbers");
    ok(head(DEFAULT) == p && upcall(), "and told");
    take(DEFAULT), take(DEFAULT);
    answers(reset(), 0, "reset with no port bound");
    ok(value(p) == PENDING && value(q) == PENDING, "clears nothing, for they are free");
    answers(expand(mfn_of(array[0])), -XEN_EOPNOTSUPP, "and is back at the two-level ABI");
}

int main(void)
{
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    test_two_level_has_none_of_it();
    test_control_block_refused();
    test_change();
    test_array();
    test_send();
    test_words_of_the_guest();
    test_masks();
    test_priorities();
    test_moves();
    test_interdomain();
    test_close();
    test_timer();
    test_growth();
    test_reset();
    test_change_again();
    return tap_done();
}
