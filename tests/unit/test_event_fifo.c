/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FIFO ABI where one vCPU on Xen does not reach: several vCPUs and domains, all ports, the
 * guest's pages; and random use, in which no event may get lost and none may come by itself.
 */
#include "guest.h"

#include "event_channel.h"

#include <xen/memory.h>

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED  (1U << EVTCHN_FIFO_MASKED)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)
#define DEFAULT EVTCHN_FIFO_PRIORITY_DEFAULT

#define WORDS_A_PAGE (PAGE_SIZE / sizeof(event_word_t))

/* Guest pages: control blocks from 0 on, the event array from 8 on. */
#define ARRAY 8U

static struct evtchn_fifo_control_block *control(unsigned int vcpu) { return guest_page(vcpu); }

static event_word_t *word(evtchn_port_t p) { return (event_word_t *)guest_page(ARRAY) + p; }

static long init_control(unsigned int vcpu, uint64_t mfn)
{
    evtchn_init_control_t op = {.control_gfn = mfn, .vcpu = vcpu};

    return evtchn(EVTCHNOP_init_control, &op);
}

static long expand(uint64_t mfn)
{
    evtchn_expand_array_t op = {.array_gfn = mfn};

    return evtchn(EVTCHNOP_expand_array, &op);
}

static long set_priority(evtchn_port_t p, unsigned int priority)
{
    evtchn_set_priority_t op = {.port = p, .priority = priority};

    return evtchn(EVTCHNOP_set_priority, &op);
}

static long bind_vcpu(evtchn_port_t p, unsigned int vcpu)
{
    evtchn_bind_vcpu_t op = {.port = p, .vcpu = vcpu};

    return evtchn(EVTCHNOP_bind_vcpu, &op);
}

static long simple(unsigned int op, evtchn_port_t port) { return evtchn(op, &port); }

static void send(evtchn_port_t p) { ck_assert_int_eq(simple(EVTCHNOP_send, p), 0); }

static void close(evtchn_port_t p) { ck_assert_int_eq(simple(EVTCHNOP_close, p), 0); }

static void reset(void)
{
    evtchn_reset_t op = {.dom = DOMID_SELF};

    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &op), 0);
}

static long try_ipi(unsigned int vcpu, evtchn_port_t *port)
{
    evtchn_bind_ipi_t op = {.vcpu = vcpu};
    long error = evtchn(EVTCHNOP_bind_ipi, &op);

    *port = op.port;
    return error;
}

static evtchn_port_t ipi(unsigned int vcpu)
{
    evtchn_port_t port;

    ck_assert_int_eq(try_ipi(vcpu, &port), 0);
    return port;
}

static evtchn_port_t offer(domid_t remote)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = remote};

    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &op), 0);
    return op.port;
}

static evtchn_port_t bind_to(domid_t dom, evtchn_port_t port)
{
    evtchn_bind_interdomain_t op = {.remote_dom = dom, .remote_port = port};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &op), 0);
    return op.local_port;
}

/* Changes to the FIFO ABI, with control blocks for VCPUS vCPUs and PAGES pages of the array. */
static void use_fifo(unsigned int vcpus, unsigned int pages)
{
    for (unsigned int i = 0; i < vcpus; i++)
        ck_assert_int_eq(init_control(i, guest_mfn(control(i))), 0);
    for (unsigned int i = 0; i < pages; i++)
        ck_assert_int_eq(expand(guest_mfn(guest_page(ARRAY + i))), 0);
}

/* As a guest takes the head of QUEUE; it stays pending. 0 if the queue is not ready. */
static evtchn_port_t take_from(unsigned int vcpu, unsigned int queue)
{
    struct evtchn_fifo_control_block *c = control(vcpu);
    evtchn_port_t port = c->head[queue];
    event_word_t old = *word(port);

    if (!(c->ready >> queue & 1))
        return 0;
    ck_assert_uint_ne(port, 0);
    ck_assert(old & LINKED);
    *word(port) = old & ~(LINKED | EVTCHN_FIFO_LINK_MASK);
    c->head[queue] = old & EVTCHN_FIFO_LINK_MASK;
    if (!c->head[queue])
        c->ready &= ~(1U << queue);
    return port;
}

/* ---- all ports ---- */

static void fill(void *arg)
{
    evtchn_port_t port, last = EVTCHN_FIFO_NR_CHANNELS - 1;

    (void)arg;
    use_fifo(1, 128);
    ck_assert_int_eq(expand(guest_mfn(guest_page(1))), -ENOSPC);
    for (evtchn_port_t i = 1; i <= last; i++) {
        if (ipi(0) != i)
            ck_abort_msg("not the lowest");
    }
    ck_assert_int_eq(try_ipi(0, &port), -ENOSPC);
    close(70000);
    close(9);
    close(131000);
    ck_assert_uint_eq(ipi(0), 9);
    ck_assert_uint_eq(ipi(0), 70000);
    ck_assert_uint_eq(ipi(0), 131000);
    ck_assert_int_eq(try_ipi(0, &port), -ENOSPC);
    send(5);
    send(last);
    send(7);
    ck_assert_uint_eq(*word(5), PENDING | LINKED | last);
    ck_assert_uint_eq(*word(last), PENDING | LINKED | 7);
    close(last);
    ck_assert_uint_eq(*word(last), LINKED | 7);
    ck_assert_int_eq(try_ipi(0, &port), -ENOSPC); /* the free one is linked still */
    ck_assert_uint_eq(take_from(0, DEFAULT), 5);
    ck_assert_uint_eq(take_from(0, DEFAULT), last);
    ck_assert_uint_eq(ipi(0), last);
    reset();
    /* The table stays, but the two-level ABI has its own limit. */
    for (evtchn_port_t i = 1; i < EVTCHN_2L_NR_CHANNELS; i++) {
        if (ipi(0) != i)
            ck_abort_msg("not the lowest");
    }
    ck_assert_int_eq(try_ipi(0, &port), -ENOSPC);
    ck_assert_int_eq(simple(EVTCHNOP_send, last), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_unmask, last), 0);
}

static void few(void *arg)
{
    evtchn_port_t port;

    (void)arg;
    use_fifo(1, 1);
    for (port = ipi(0); port < 1023; port = ipi(0))
        ;
    ck_assert_int_eq(try_ipi(0, &port), -ENOSPC); /* not the initial domain */
    reset();
}

START_TEST(test_all_ports)
{
    machine_start(48);
    guest_create(32, true, fill, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST
START_TEST(test_few_ports) { guest_test(few); }
END_TEST

/* ---- two vCPUs ---- */

static void two_vcpus(void *arg)
{
    evtchn_port_t other = ipi(1), a = offer(DOMID_SELF), b = bind_to(DOMID_SELF, a);
    vcpu_info_t *info = current->domain->vcpus[1]->info;

    (void)arg;
    current->domain->shared_info->evtchn_pending[0] = 0;
    use_fifo(1, 1);
    info->evtchn_upcall_pending = 0;
    send(other); /* vCPU 1 has no control block: dropped, as in Xen */
    ck_assert_uint_eq(*word(other), 0);
    ck_assert_uint_eq(info->evtchn_upcall_pending, 0);
    ck_assert_int_eq(init_control(2, guest_mfn(control(2))), -ENOENT);
    ck_assert_int_eq(init_control(1, guest_mfn(control(1))), 0);
    ck_assert_int_eq(init_control(1, guest_mfn(control(1))), -EINVAL);
    send(other);
    ck_assert_uint_eq(*word(other), PENDING | LINKED);
    ck_assert_uint_eq(control(1)->head[DEFAULT], other);
    ck_assert_uint_eq(control(1)->ready, 1U << DEFAULT);
    ck_assert_uint_eq(control(0)->ready, 0);
    ck_assert_uint_eq(info->evtchn_upcall_pending, 1);

    send(a); /* b, to vCPU 0 */
    ck_assert_uint_eq(control(0)->head[DEFAULT], b);
    ck_assert_int_eq(bind_vcpu(b, 1), 0);
    send(a);
    ck_assert_uint_eq(control(0)->head[DEFAULT], b); /* in its queue it stays there */
    ck_assert_uint_eq(*word(other), PENDING | LINKED);
    ck_assert_uint_eq(take_from(0, DEFAULT), b);
    send(a);
    ck_assert_uint_eq(*word(other), PENDING | LINKED | b); /* now it is in the other vCPU's */
    ck_assert_uint_eq(control(0)->ready, 0);
    /* b was the last of vCPU 0's queue, which must not be linked to from there any more. */
    ck_assert_int_eq(bind_vcpu(a, 0), 0);
    send(b);
    ck_assert_uint_eq(control(0)->head[DEFAULT], a);
    ck_assert_uint_eq(*word(b), PENDING | LINKED);
    ck_assert_uint_eq(take_from(1, DEFAULT), other);
    ck_assert_uint_eq(take_from(1, DEFAULT), b);
    ck_assert_uint_eq(take_from(0, DEFAULT), a);
    reset();
}

START_TEST(test_two_vcpus)
{
    machine_start(24);
    ck_assert_ptr_nonnull(vcpu_create(guest_create(16, false, two_vcpus, NULL), 1));
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- two domains, each with its ABI ---- */

static unsigned int turn;
static evtchn_port_t shared_port;

static void wait_turn(unsigned int mine)
{
    while (turn != mine)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static long wait_for(evtchn_port_t p)
{
    struct sched_poll op = {.nr_ports = 1};

    set_xen_guest_handle(op.ports, &p);
    return call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op);
}

static void with_fifo(void *arg)
{
    (void)arg;
    use_fifo(1, 1);
    shared_port = offer(2);
    *word(shared_port) = MASKED;
    ck_assert_int_eq(set_priority(shared_port, 2), 0);
    turn = 1;
    ck_assert_int_eq(wait_for(shared_port), 0); /* masked: who polls is woken all the same */
    ck_assert_uint_eq(*word(shared_port), PENDING | MASKED);
    ck_assert_uint_eq(control(0)->ready, 0);
    *word(shared_port) = 0;
    current->info->evtchn_upcall_pending = 0;
    turn = 2;
    call(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
    ck_assert_uint_eq(take_from(0, 2), shared_port);
    *word(shared_port) = 0;
    current->info->evtchn_upcall_mask = 1;
    current->info->evtchn_upcall_pending = 0;
    send(shared_port);
    turn = 3;
    ck_assert_int_eq(wait_for(shared_port), 0);
    /* It dies with its pages in use. */
}

static void with_two_levels(void *arg)
{
    struct vcpu *v = domain_by_id(hv, 1)->vcpus[0];
    evtchn_port_t port;

    (void)arg;
    wait_turn(1);
    port = bind_to(1, shared_port);
    current->domain->shared_info->evtchn_pending[0] = 0;
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    ck_assert_uint_eq(v->state, VCPU_POLLING);
    ck_assert(event_channel_awaited(v->domain, shared_port));
    ck_assert(!event_channel_awaited(v->domain, 900));
    send(port);
    wait_turn(2);
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    ck_assert_uint_eq(v->state, VCPU_BLOCKED);
    ck_assert(event_channel_awaited(v->domain, shared_port));
    send(port);
    ck_assert_uint_eq(v->state, VCPU_RUNNABLE);
    wait_turn(3);
    ck_assert(event_channel_pending(current->domain, port));
    send(port);
}

START_TEST(test_two_domains)
{
    machine_start(24);
    turn = 0;
    guest_create(8, false, with_fifo, NULL);
    guest_create(8, false, with_two_levels, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- the guest's pages ---- */

static void pages(void *arg)
{
    const struct page_info *info = page_info(hv, guest_mfn(guest_page(ARRAY)));
    uint64_t mfn = guest_mfn(guest_page(ARRAY)), table = current->cr3;
    uint32_t refs = info->refs, types = info->type_count;
    struct xen_memory_reservation give = {.nr_extents = 1, .domid = DOMID_SELF};

    (void)arg;
    ck_assert_int_eq(init_control(0, hv->frames), -EINVAL);
    ck_assert_int_eq(init_control(0, table), -EINVAL);
    ck_assert_int_eq(init_control(0, domain_by_id(hv, 2)->first_mfn), -EINVAL); /* another's */
    ck_assert_int_eq(expand(mfn), -EOPNOTSUPP);
    use_fifo(1, 0);
    ck_assert_int_eq(expand(hv->frames), -EINVAL);
    ck_assert_int_eq(expand(table), -EINVAL);
    ck_assert_int_eq(expand(domain_by_id(hv, 2)->first_mfn), -EINVAL);
    ck_assert_int_eq(expand(current->domain->shared_info_mfn), 0); /* the guest's, and writable */
    ck_assert_int_eq(expand(mfn), 0);
    ck_assert_int_eq(expand(mfn), 0); /* twice */
    ck_assert_uint_eq(info->refs, refs + 2);
    ck_assert_uint_eq(info->type_count, types + 2);
    /* Given back by the guest, the page stays the hypervisor's to write to until the reset. */
    ck_assert_int_eq(
        hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(ARRAY), 0, 0, 0, 0), 0);
    set_xen_guest_handle(give.extent_start, &mfn);
    ck_assert_int_eq(call(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, (uintptr_t)&give),
                     1);
    ck_assert_uint_eq(info->refs, 2);
    reset();
    ck_assert_uint_eq(info->owner, OWNER_FREE);
    ck_assert_int_eq(expand(mfn), -EOPNOTSUPP);
}

static void does_nothing(void *arg) { (void)arg; }

START_TEST(test_pages)
{
    machine_start(24);
    guest_create(8, false, pages, NULL);
    guest_create(8, false, does_nothing, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* What one vCPU sees on Xen too, and tests/conformance/event_fifo.c asks there. */
static void errors(void *arg)
{
    evtchn_init_control_t op = {.control_gfn = guest_mfn(control(0)), .vcpu = MAX_VCPUS};
    evtchn_port_t p = ipi(0), q = ipi(0);

    (void)arg;
    ck_assert_int_eq(set_priority(1, 0), -ENOSYS);
    ck_assert_int_eq(set_priority(64, 0), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_init_control, &op), -ENOENT);
    op.vcpu = 0;
    op.offset = PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) + 8;
    ck_assert_int_eq(evtchn(EVTCHNOP_init_control, &op), -EINVAL);
    op.offset = 4;
    ck_assert_int_eq(evtchn(EVTCHNOP_init_control, &op), -EINVAL);
    current->domain->shared_info->evtchn_mask[0] = ~0UL;
    send(p);
    use_fifo(1, 0);
    send(q);
    ck_assert(!event_channel_pending(current->domain, q)); /* there is no word */
    ck_assert(!event_channel_awaited(current->domain, q));
    ck_assert_int_eq(simple(EVTCHNOP_unmask, q), 0);
    close(ipi(0));
    ck_assert_int_eq(expand(guest_mfn(guest_page(ARRAY))), 0);
    ck_assert_uint_eq(*word(p), PENDING | LINKED | q);
    ck_assert_int_eq(set_priority(0, 0), -EACCES);
    ck_assert_int_eq(set_priority(63, 0), -EACCES);
    ck_assert_int_eq(set_priority(64, 0), -EINVAL);
    ck_assert_int_eq(set_priority(p, EVTCHN_FIFO_PRIORITY_MIN + 1), -EINVAL);
    ck_assert_uint_eq(take_from(0, DEFAULT), p);
    ck_assert_uint_eq(take_from(0, DEFAULT), q);
    control(0)->ready = 1U << DEFAULT;
    current->info->evtchn_upcall_pending = 0;
    send(p);
    ck_assert_uint_eq(current->info->evtchn_upcall_pending, 0); /* the queue says it is ready */
    reset();
    /* A second time, with ports beyond the array's only page. */
    use_fifo(1, 0);
    while (ipi(0) < 1022)
        ;
    ck_assert_int_eq(expand(guest_mfn(guest_page(ARRAY))), 0);
    reset();
}

START_TEST(test_errors) { guest_test(errors); }
END_TEST

/* The host's ends of channels, and virtual interrupts. */
static void host_ends(void *arg)
{
    evtchn_bind_virq_t virq = {.virq = VIRQ_DEBUG};

    (void)arg;
    use_fifo(1, 0);
    event_channel_host_raise(current->domain, 2); /* kept until there is a word */
    ck_assert(!event_channel_pending(current->domain, 2));
    ck_assert_int_eq(simple(EVTCHNOP_close, 1), 0);
    ck_assert_int_eq(expand(guest_mfn(guest_page(ARRAY))), 0);
    ck_assert_uint_eq(*word(2), PENDING | LINKED);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    ck_assert_uint_eq(virq.port, 1);
    event_channel_virq_vcpu(current, VIRQ_DEBUG);
    ck_assert_uint_eq(*word(2), PENDING | LINKED | 1);
    ck_assert_uint_eq(*word(1), PENDING | LINKED);
    reset();
    ck_assert_uint_eq(*word(1), LINKED);
    event_channel_host_raise(current->domain, 2);
    ck_assert(!(current->domain->shared_info->evtchn_pending[0] & 4));
}

START_TEST(test_host_ends) { guest_test(host_ends); }
END_TEST

/* ---- random use ---- */

#define CHANNELS 40U
#define STEPS    20000U

static uint64_t seed;

static unsigned int any(unsigned int below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned int)(seed >> 20) % below;
}

/* Channels of the domain with itself; what is sent on FROM must come at TO. */
struct channel {
    evtchn_port_t from, to;
};
static struct channel channels[CHANNELS];
static bool expected[WORDS_A_PAGE]; /* by port: it has been sent, and not come */

/* Handles one event of VCPU, the most urgent. False if there is none. */
static bool handle(unsigned int vcpu)
{
    uint32_t ready = control(vcpu)->ready;
    evtchn_port_t port;

    if (!ready)
        return false;
    port = take_from(vcpu, (unsigned int)__builtin_ctz(ready));
    if ((*word(port) & (PENDING | MASKED)) == PENDING) {
        *word(port) &= ~PENDING;
        ck_assert_msg(expected[port], "port %u came by itself", port);
        expected[port] = false;
    }
    return true;
}

static void bind_channel(struct channel *c)
{
    c->to = bind_to(DOMID_SELF, c->from);
    ck_assert_msg(!expected[c->to], "port %u is given out with an event", c->to);
    expected[c->to] = true; /* bind_interdomain raises it once */
}

static void rebind(struct channel *c)
{
    close(c->to);
    expected[c->to] = false;
    bind_channel(c);
}

static void step(void)
{
    struct channel *c = &channels[any(CHANNELS)];

    switch (any(10)) {
    case 0:
        __atomic_fetch_or(word(c->to), MASKED, __ATOMIC_SEQ_CST);
        break;
    case 1:
        ck_assert_int_eq(simple(EVTCHNOP_unmask, c->to), 0);
        break;
    case 2:
        ck_assert_int_eq(set_priority(c->to, any(EVTCHN_FIFO_MAX_QUEUES)), 0);
        break;
    case 3:
        ck_assert_int_eq(bind_vcpu(c->to, any(2)), 0);
        break;
    case 4:
    case 5:
        handle(any(2));
        break;
    case 6:
        if (any(4) == 0)
            rebind(c);
        break;
    default:
        send(c->from);
        expected[c->to] = true;
        break;
    }
}

static void random_use(void *arg)
{
    (void)arg;
    use_fifo(2, 1);
    for (unsigned int i = 0; i < CHANNELS; i++) {
        channels[i].from = offer(DOMID_SELF);
        bind_channel(&channels[i]);
    }
    for (unsigned int i = 0; i < STEPS; i++)
        step();
    for (unsigned int i = 0; i < CHANNELS; i++)
        ck_assert_int_eq(simple(EVTCHNOP_unmask, channels[i].to), 0);
    while (handle(0) || handle(1))
        ;
    for (evtchn_port_t p = 0; p < WORDS_A_PAGE; p++) {
        ck_assert_msg(!expected[p], "the event of port %u is lost", p);
        ck_assert_msg(!(*word(p) & (PENDING | LINKED)), "port %u: word %#x", p, *word(p));
    }
    reset();
}

START_TEST(test_random)
{
    seed = 0x9e3779b97f4a7c15UL * (uint64_t)(_i + 1);
    memset(expected, 0, sizeof(expected));
    machine_start(24);
    ck_assert_ptr_nonnull(vcpu_create(guest_create(16, false, random_use, NULL), 1));
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("event_fifo");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 60); /* a machine may have other things to do */
    tcase_add_test(t, test_all_ports);
    tcase_add_test(t, test_few_ports);
    tcase_add_test(t, test_two_vcpus);
    tcase_add_test(t, test_two_domains);
    tcase_add_test(t, test_pages);
    tcase_add_test(t, test_errors);
    tcase_add_test(t, test_host_ends);
    tcase_add_loop_test(t, test_random, 0, 5);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
