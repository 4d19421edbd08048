/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Several vCPUs and domains: one that starts with a wrong register or page table, that has no
 * turn or one too many, that runs although it is down, or keeps a frame after its end.
 */
#include "guest.h"

#include <stdlib.h>

static long sched(unsigned int op, const void *arg)
{
    return call(__HYPERVISOR_sched_op, op, (uintptr_t)arg);
}

static long vcpu(unsigned int op, unsigned int id, void *arg)
{
    return call3(__HYPERVISOR_vcpu_op, op, id, (uintptr_t)arg);
}

static long initialise(unsigned int id, vcpu_guest_context_t *c)
{
    return vcpu(VCPUOP_initialise, id, c);
}

static void yield(void) { ck_assert_int_eq(sched(SCHEDOP_yield, NULL), 0); }

static long poll_one(evtchn_port_t p, uint64_t timeout)
{
    struct sched_poll op = {.nr_ports = 1, .timeout = timeout};

    set_xen_guest_handle(op.ports, &p);
    return sched(SCHEDOP_poll, &op);
}

static evtchn_port_t ipi(unsigned int id)
{
    evtchn_bind_ipi_t op = {.vcpu = id};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &op), 0);
    return op.port;
}

static void notify(evtchn_port_t p)
{
    evtchn_send_t op = {.port = p};

    ck_assert_int_eq(evtchn(EVTCHNOP_send, &op), 0);
}

static void run(unsigned int vcpus, bool hardware_domain, void (*function)(void *))
{
    machine_start(24);
    guest_create_vcpus(16, hardware_domain, vcpus, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

/* ---- contexts ---- */

static void nothing(void *arg) { (void)arg; }

/* A good context of vCPU 1, to be made bad. */
static vcpu_guest_context_t *good(void)
{
    vcpu_guest_context_t *c = guest_page(60);

    guest_context(c, 1, nothing, NULL);
    return c;
}

#define REFUSED(change)                                                                            \
    do {                                                                                           \
        good();                                                                                    \
        change;                                                                                    \
        ck_assert_int_eq(initialise(1, c), -EINVAL);                                               \
        ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), -EINVAL);                                       \
    } while (0)

#define NOT_CANONICAL 0x800000000000UL

static void make_read_only(void *page)
{
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)page,
                           PTE_MAKE(guest_mfn(page), PTE_PRESENT | PTE_USER), 0),
                     0);
}

static void contexts(void *arg)
{
    vcpu_guest_context_t *c = guest_page(60);
    uint64_t writable = guest_mfn(guest_page(1)), gdt = guest_mfn(guest_page(2));

    (void)arg;
    ck_assert_int_eq(initialise(1, WILD), -EFAULT);
    ck_assert_int_eq(initialise(0, good()), -EEXIST);
    ck_assert_int_eq(initialise(2, good()), -ENOENT);
    REFUSED(c->user_regs.rip = NOT_CANONICAL);
    REFUSED(c->user_regs.rsp = NOT_CANONICAL);
    REFUSED(c->kernel_sp = NOT_CANONICAL);
    REFUSED(c->fs_base = NOT_CANONICAL);
    REFUSED(c->gs_base_user = NOT_CANONICAL);
    REFUSED(c->gs_base_kernel = NOT_CANONICAL);
    REFUSED(c->event_callback_eip = NOT_CANONICAL);
    REFUSED(c->failsafe_callback_eip = NOT_CANONICAL);
    REFUSED(c->syscall_callback_eip = NOT_CANONICAL);
    REFUSED(c->trap_ctxt[0].address = NOT_CANONICAL);
    REFUSED(c->trap_ctxt[255].address = NOT_CANONICAL);
    REFUSED(c->ldt_base = NOT_CANONICAL; c->ldt_ents = 1);
    REFUSED(c->ldt_base = NOT_CANONICAL);
    REFUSED(c->ldt_base = HYPERVISOR_VIRT_START);
    REFUSED(c->ldt_base = 8);
    REFUSED(c->ldt_ents = 8193);
    REFUSED(c->gdt_ents = 16 * 512 + 1);
    REFUSED(c->gdt_ents = FIRST_RESERVED_GDT_ENTRY + 1);
    REFUSED(c->gdt_ents = 1);
    REFUSED(c->gdt_ents = 1; c->gdt_frames[0] = writable);
    REFUSED(c->gdt_ents = 1; c->gdt_frames[0] = current->cr3);
    REFUSED(c->flags = 0);
    REFUSED(c->ctrlreg[3] = 0);
    REFUSED(c->ctrlreg[3] = xen_pfn_to_cr3(writable));
    REFUSED(c->ctrlreg[1] = xen_pfn_to_cr3(1UL << 40));
    REFUSED(c->ctrlreg[1] = xen_pfn_to_cr3(writable));
    /* The first page is let go when the second is refused, and all when the root is. */
    make_read_only(guest_page(2));
    REFUSED(c->gdt_ents = 513; c->gdt_frames[0] = gdt; c->gdt_frames[1] = writable);
    ck_assert_uint_eq(page_info(hv, gdt)->type_count, 0);
    REFUSED(c->gdt_ents = 512; c->gdt_frames[0] = gdt; c->ctrlreg[3] = 0);
    ck_assert_uint_eq(page_info(hv, gdt)->type_count, 0);
    check_model();
    good()->flags = 0;
    c->ctrlreg[1] = c->ctrlreg[3];
    ck_assert_int_eq(initialise(1, c), 0);
    ck_assert(current->domain->vcpus[1]->user_mode);
    check_model();
}

START_TEST(test_contexts) { run(2, false, contexts); }
END_TEST

struct seen {
    bool done;
    uint64_t argument;
    uint32_t mxcsr;
    uint16_t fcw;
    uint8_t xmm[16];
};

static void looks(void *arg)
{
    struct seen *s = arg;

    __asm__ volatile("stmxcsr %0; fnstcw %1; movdqu %%xmm7, %2"
                     : "=m"(s->mxcsr), "=m"(s->fcw), "=m"(s->xmm));
    ck_assert_uint_eq(current->id, 1);
    ck_assert_ptr_eq(current, current->domain->vcpus[1]);
    s->done = true;
}

/* What is kept of a context, and its references. */
static void starts(void *arg)
{
    vcpu_guest_context_t *c = good();
    struct vcpu *v = current->domain->vcpus[1];
    struct seen *s = guest_page(3);
    uint64_t gdt = guest_mfn(guest_page(2));
    uint32_t mxcsr = 0xffff3f80; /* Xen's processor would fault on the upper bits */
    uint16_t fcw = 0x27f;

    (void)arg;
    guest_context(c, 1, looks, s);
    make_read_only(guest_page(2));
    c->gdt_ents = 512;
    c->gdt_frames[0] = gdt;
    c->ctrlreg[1] = c->ctrlreg[3];
    c->ldt_ents = 3;
    c->ldt_base = 0x5000;
    c->kernel_sp = 0x6000;
    c->kernel_ss = 0x7003;
    c->fs_base = 1;
    c->gs_base_kernel = 2;
    c->gs_base_user = 3;
    c->event_callback_eip = 4;
    c->failsafe_callback_eip = 5;
    c->syscall_callback_eip = 6;
    c->trap_ctxt[14].address = 7;
    c->debugreg[0] = 8;
    c->debugreg[1] = NOT_CANONICAL; /* refused: stays */
    c->user_regs.rflags = 0x3000;
    c->flags |= VGCF_I387_VALID;
    __asm__ volatile("fxsave %0" : "=m"(c->fpu_ctxt));
    memcpy(c->fpu_ctxt.x, &fcw, sizeof(fcw));
    memcpy(c->fpu_ctxt.x + 24, &mxcsr, sizeof(mxcsr));
    memset(c->fpu_ctxt.x + 160 + 7 * 16, 0x77, 16);
    ck_assert_int_eq(initialise(1, c), 0);
    check_model();
    ck_assert_int_eq(initialise(1, c), -EEXIST);
    ck_assert_uint_eq(v->cr3, current->cr3);
    ck_assert_uint_eq(v->user_cr3, current->cr3);
    ck_assert_uint_eq(v->ldt_entries, 3);
    ck_assert_uint_eq(v->ldt_base, 0x5000);
    ck_assert_uint_eq(v->kernel_sp, 0x6000);
    ck_assert_uint_eq(v->kernel_ss, 0x7003);
    ck_assert_uint_eq(v->fs_base, 1);
    ck_assert_uint_eq(v->gs_base_kernel, 2);
    ck_assert_uint_eq(v->gs_base_user, 3);
    ck_assert_uint_eq(v->event_callback, 4);
    ck_assert_uint_eq(v->failsafe_callback, 5);
    ck_assert_uint_eq(v->syscall_callback, 6);
    ck_assert_uint_eq(v->traps[14].address, 7);
    ck_assert_uint_eq(v->debugreg[0], 8);
    ck_assert_uint_eq(v->debugreg[1], 0);
    ck_assert_uint_eq(v->iopl, 3);
    ck_assert_uint_eq(v->entry.rflags, 0x202);
    ck_assert_uint_eq(page_info(hv, gdt)->type_count, 1);
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 1, NULL), 0);
    yield();
    ck_assert(!s->done);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    yield();
    ck_assert(s->done);
    ck_assert_uint_eq(s->mxcsr, 0x3f80);
    ck_assert_uint_eq(s->fcw, 0x27f);
    ck_assert_uint_eq(s->xmm[0], 0x77);
    ck_assert_uint_eq(s->xmm[15], 0x77);
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 1, NULL), 0);
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(fcw));
    ck_assert_uint_eq(mxcsr & ~0x3fU, 0x1f80); /* the caller has its own */
    ck_assert_uint_eq(fcw, 0x37f);
}

START_TEST(test_starts) { run(2, false, starts); }
END_TEST

/* One that never runs has its frames given back with the domain. */
static void never_started(void *arg)
{
    vcpu_guest_context_t *c = good();

    (void)arg;
    c->ctrlreg[1] = c->ctrlreg[3];
    ck_assert_int_eq(initialise(1, c), 0);
}

START_TEST(test_never_started) { run(3, false, never_started); }
END_TEST

/* ---- up and down ---- */

static evtchn_port_t bell;
static unsigned int rings;

static void counts(void *arg)
{
    (void)arg;
    for (;;) {
        ck_assert_int_eq(poll_one(bell, 0), 0);
        current->domain->shared_info->evtchn_pending[0] &= ~(1UL << bell);
        rings++;
    }
}

static int state_of(unsigned int id)
{
    struct vcpu_runstate_info r;

    ck_assert_int_eq(vcpu(VCPUOP_get_runstate_info, id, &r), 0);
    return r.state;
}

static void ups_and_downs(void *arg)
{
    struct vcpu *v = current->domain->vcpus[1];

    (void)arg;
    rings = 0;
    bell = ipi(1);
    guest_start_vcpu(1, counts, NULL);
    ck_assert_int_eq(state_of(1), RUNSTATE_runnable);
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0); /* before it ever ran */
    ck_assert_int_eq(state_of(1), RUNSTATE_offline);
    ck_assert(!v->queued);
    yield();
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    ck_assert_int_eq(state_of(1), RUNSTATE_runnable);
    yield();
    ck_assert_int_eq(state_of(1), RUNSTATE_blocked);
    notify(bell);
    ck_assert_int_eq(state_of(1), RUNSTATE_runnable);
    yield();
    ck_assert_uint_eq(rings, 1);
    /* Down while it waits: it goes on waiting, and what it waits for is not lost. */
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0);
    ck_assert_int_eq(state_of(1), RUNSTATE_blocked);
    notify(bell);
    ck_assert_int_eq(state_of(1), RUNSTATE_offline);
    yield();
    ck_assert_uint_eq(rings, 1);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    yield();
    ck_assert_uint_eq(rings, 2);
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    ck_assert_int_eq(state_of(1), RUNSTATE_blocked);
    yield();
    ck_assert_uint_eq(rings, 2);
    /* The last one that is up takes the domain with it, whoever says so. */
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0);
    vcpu(VCPUOP_down, 0, NULL);
    ck_abort();
}

START_TEST(test_ups_and_downs)
{
    run(2, false, ups_and_downs);
    ck_assert_uint_eq(host.reason, SHUTDOWN_poweroff);
}
END_TEST

static void ends_domain(void *arg)
{
    (void)arg;
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 0, NULL), 0);
    guest_shutdown(77);
}

static void leaves_it_to_another(void *arg)
{
    (void)arg;
    guest_start_vcpu(2, ends_domain, NULL);
    vcpu(VCPUOP_down, 0, NULL);
    ck_abort();
}

START_TEST(test_leaves_it_to_another)
{
    run(3, false, leaves_it_to_another);
    ck_assert_uint_eq(host.reason, 77);
}
END_TEST

/* VGCF_online: up, but nobody has woken it (Xen's common_vcpu_op, VCPUOP_up). */
static void online(void *arg)
{
    vcpu_guest_context_t *c = guest_page(60);
    struct seen *s = guest_page(3);

    (void)arg;
    guest_context(c, 1, looks, s);
    c->flags |= VGCF_online;
    ck_assert_int_eq(initialise(1, c), 0);
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 1, NULL), 1);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    yield();
    ck_assert(!s->done);
    ck_assert_int_eq(vcpu(VCPUOP_down, 1, NULL), 0);
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    yield();
    ck_assert(s->done);
    ck_assert_uint_eq(s->mxcsr, 0x1f80);
    ck_assert_uint_eq(s->fcw, 0x37f);
}

START_TEST(test_online) { run(2, false, online); }
END_TEST

/* ---- address spaces ---- */

static uint64_t as_table(unsigned int page)
{
    make_read_only(guest_page(page));
    return PTE_MAKE(guest_mfn(guest_page(page)), PTE_PRESENT | PTE_RW | PTE_USER);
}

static unsigned int writes;

static void writes_there(void *arg)
{
    char *place = arg;

    for (;;) {
        place[writes] = (char)('a' + writes);
        writes++;
        yield();
    }
}

/* vCPU 1 has a page in the window where vCPU 0 has none, and all else in common. */
static void spaces(void *arg)
{
    uint64_t *l1 = guest_page(10), *l2 = guest_page(11), *l3 = guest_page(12), *l4 = guest_page(13);
    uint64_t va = current->domain->window;
    const uint64_t *root = page_map_read(hv, current->cr3);
    vcpu_guest_context_t *c = guest_page(60);
    char *other = guest_page(14);

    (void)arg;
    writes = 0;
    memcpy(l4, root, PAGE_SIZE);
    if (root[va >> 39 & 511] & PTE_PRESENT)
        memcpy(l3, page_map_read(hv, PTE_FRAME(root[va >> 39 & 511])), PAGE_SIZE);
    ck_assert(!(l3[va >> 30 & 511] & PTE_PRESENT));
    l1[va >> 12 & 511] = PTE_MAKE(guest_mfn(other), PTE_PRESENT | PTE_RW | PTE_USER);
    l2[va >> 21 & 511] = as_table(10);
    l3[va >> 30 & 511] = as_table(11);
    l4[va >> 39 & 511] = as_table(12);
    guest_context(c, 1, writes_there, (void *)(uintptr_t)va);
    c->ctrlreg[3] = xen_pfn_to_cr3(PTE_FRAME(as_table(13)));
    ck_assert_int_eq(initialise(1, c), 0);
    check_model();
    ck_assert_int_eq(vcpu(VCPUOP_up, 1, NULL), 0);
    for (unsigned int i = 1; i <= 3; i++) {
        yield();
        ck_assert_uint_eq(writes, i);
        ck_assert_uint_eq(current->domain->mirror_base, current->cr3);
    }
    ck_assert_str_eq(other, "abc");
    /* A change of common tables while the other is away. */
    memcpy(guest_page(20), "before", 7);
    memcpy(guest_page(21), "after", 6);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(20),
                           PTE_MAKE(guest_mfn(guest_page(21)), PTE_PRESENT | PTE_USER), 0),
                     0);
    yield();
    ck_assert_str_eq(guest_page(20), "after");
    ck_assert_uint_eq(writes, 4);
}

START_TEST(test_spaces) { run(2, false, spaces); }
END_TEST

/* ---- turns ---- */

#define DOMAINS 5U
static unsigned int order[10 * 2 * DOMAINS], order_count;

static void takes_turns(void *arg)
{
    (void)arg;
    for (unsigned int i = 0; i < 10; i++) {
        order[order_count++] = current->domain->id * 2U + current->id;
        yield();
    }
}

static void takes_turns_twice(void *arg)
{
    guest_start_vcpu(1, takes_turns, NULL);
    yield();
    takes_turns(arg);
    while (vcpu(VCPUOP_is_up, 1, NULL))
        yield();
}

START_TEST(test_turns)
{
    order_count = 0;
    machine_start(8 * DOMAINS + 16);
    for (unsigned int i = 0; i < DOMAINS; i++)
        guest_create_vcpus(8, false, 2, takes_turns_twice, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(order_count, 10 * 2 * DOMAINS);
    /* From one turn of a vCPU to its next, all others have had one. */
    for (unsigned int i = 2 * DOMAINS; i < 9 * 2 * DOMAINS; i++)
        ck_assert_uint_eq(order[i], order[i - 2 * DOMAINS]);
    machine_stop();
}
END_TEST

static evtchn_port_t common;
static unsigned int awake;

static void waits_for_common(void *arg)
{
    (void)arg;
    ck_assert_int_eq(poll_one(common, 0), 0);
    awake++;
}

static void many(void *arg)
{
    (void)arg;
    awake = 0;
    common = ipi(0);
    for (unsigned int id = 1; id < MAX_VCPUS; id++)
        guest_start_vcpu(id, waits_for_common, NULL);
    yield();
    ck_assert_uint_eq(awake, 0);
    notify(common);
    yield();
    ck_assert_uint_eq(awake, MAX_VCPUS - 1);
    for (unsigned int id = 1; id < MAX_VCPUS; id++)
        ck_assert_int_eq(vcpu(VCPUOP_is_up, id, NULL), 0);
}

START_TEST(test_many) { run(MAX_VCPUS, false, many); }
END_TEST

/* Stacks of hypercalls that come by page: of those that are free some are kept, the others not. */
START_TEST(test_stacks)
{
    struct domain *d;
    unsigned int kept;

    machine_start(32);
    d = guest_create_vcpus(16, false, MAX_VCPUS, many, NULL);
    ck_assert(hypercall_page_used(d));
    for (unsigned int i = 0; i < MAX_VCPUS; i++)
        ck_assert_ptr_nonnull(d->vcpus[i]->hypercall_sp);
    ck_assert_uint_eq(hv->stacks_kept, 0);
    domain_destroy(d);
    kept = hv->stacks_kept;
    ck_assert_uint_gt(kept, 0);
    ck_assert_uint_lt(kept, MAX_VCPUS);
    machine_stop();
}
END_TEST

START_TEST(test_too_many)
{
    struct domain_config c = {.name = "big", .memory = 8UL << 20, .vcpus = MAX_VCPUS + 1};
    struct domain *d;

    machine_start(24);
    ck_assert_int_eq(domain_create(hv, &c, &d), -EINVAL);
    machine_stop();
}
END_TEST

/* ---- ends ---- */

static void sleeps(void *arg)
{
    (void)arg;
    poll_one(1, 0);
}

static void blocks(void *arg)
{
    (void)arg;
    sched(SCHEDOP_block, NULL);
}

static void works(void *arg)
{
    (void)arg;
    for (;;)
        yield();
}

static void sleeps_for_a_while(void *arg)
{
    (void)arg;
    poll_one(1, host.time + 1000000);
}

/* Shuts down with vCPUs in all states. */
static void crowd(void *arg)
{
    struct vcpu *w = current->domain->vcpus[3];

    (void)arg;
    ipi(0);
    guest_start_vcpu(1, sleeps, NULL);
    guest_start_vcpu(2, blocks, NULL);
    guest_start_vcpu(3, works, NULL);
    guest_start_vcpu(4, sleeps_for_a_while, NULL);
    guest_start_vcpu(5, nothing, NULL);
    vcpu(VCPUOP_down, 4, NULL); /* out of the middle of the queue */
    vcpu(VCPUOP_up, 4, NULL);
    yield();
    vcpu(VCPUOP_down, 2, NULL);
    ck_assert(w->queued);
    guest_shutdown(SHUTDOWN_reboot);
}

START_TEST(test_crowd)
{
    run(8, false, crowd);
    ck_assert_uint_eq(host.reason, SHUTDOWN_reboot);
    /* And a domain that is destroyed with all of them, not having shut down. */
    machine_start(24);
    struct domain *d = guest_create_vcpus(16, false, 2, sleeps, NULL);
    ck_assert(!hypervisor_run(hv));
    domain_destroy(d);
    ck_assert_uint_eq(hv->timer_count, 0);
    machine_stop();
}
END_TEST

static void bites(void *arg)
{
    struct sched_watchdog w = {.id = 0, .timeout = 0};

    (void)arg;
    guest_start_vcpu(1, works, NULL);
    sched(SCHEDOP_watchdog, &w);
    ck_abort();
}

static void bites_while_working(void *arg)
{
    struct sched_watchdog w = {.id = 0, .timeout = 3};

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_watchdog, &w), 1);
    for (;;) {
        host.time += 1000000000;
        yield();
    }
}

START_TEST(test_watchdog)
{
    run(2, false, bites);
    ck_assert_uint_eq(host.reason, SHUTDOWN_watchdog);
    run(1, false, bites_while_working);
    ck_assert_uint_eq(host.reason, SHUTDOWN_watchdog);
    ck_assert_uint_eq(host.time, 4000000000);
    /* The other domain goes on. */
    machine_start(24);
    guest_create(8, false, bites_while_working, NULL);
    guest_create(8, false, sleeps_for_a_while, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.ended, 2);
    machine_stop();
}
END_TEST

/* Tools may resume a domain that has shut down: the hypercall returns then. */
static struct domain *suspended;
static bool resumed;

static void resume(struct fake_host *h)
{
    if (resumed || !suspended->is_shut_down)
        return;
    resumed = true;
    suspended->is_shut_down = false;
    hv->live_domains++;
    sched_queue(suspended->vcpus[0]);
    h->idle_did_something = true;
}

static void suspends(void *arg)
{
    struct sched_shutdown op = {SHUTDOWN_suspend};

    if (arg)
        ck_assert_int_eq(sched(SCHEDOP_shutdown, &op), 0);
    else
        ck_assert_int_eq(call(__HYPERVISOR_sched_op_compat, SCHEDOP_shutdown, op.reason), 0);
    ck_assert(resumed);
}

START_TEST(test_resume)
{
    for (int i = 0; i < 2; i++) {
        resumed = false;
        machine_start(32);
        suspended = guest_create(8, false, suspends, i ? &resumed : NULL);
        guest_create(8, false, sleeps_for_a_while, NULL);
        host.idle = resume;
        ck_assert(guest_run());
        ck_assert(resumed);
        ck_assert_uint_eq(host.ended, 3);
        machine_stop();
    }
}
END_TEST

/* A send to a domain that has shut down wakes nobody in it. */
static evtchn_port_t channel;

static void listens(void *arg)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = 0};

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &op), 0);
    channel = op.port;
    poll_one(channel, 0);
    ck_assert_int_eq(poll_one(channel, 0), 0); /* pending from the binding */
    ck_abort();
}

static void sends(void *arg)
{
    struct domain *other = arg;
    evtchn_bind_interdomain_t op = {.remote_dom = other->id};
    struct sched_remote_shutdown remote = {.domain_id = other->id, .reason = SHUTDOWN_crash};

    while (!channel)
        yield();
    op.remote_port = channel;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &op), 0);
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, &remote), 0);
    ck_assert_int_eq(sched(SCHEDOP_remote_shutdown, &remote), 0); /* again: nothing */
    ck_assert_uint_eq(host.ended, 1);
    notify(op.local_port);
    ck_assert(event_channel_pending(other, channel));
    ck_assert(!other->vcpus[0]->queued);
    yield();
}

START_TEST(test_send_to_the_dead)
{
    struct domain *other;

    channel = 0;
    machine_start(32);
    other = guest_create(8, false, listens, NULL);
    guest_create(8, true, sends, other);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.ended, 2);
    machine_stop();
}
END_TEST

/* ---- rights ---- */

static void unprivileged(void *arg)
{
    struct sched_pin_override pin = {.pcpu = 0};
    struct vcpu_get_physid id;

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_pin_override, WILD), -EPERM);
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), -EPERM);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 0, &id), -EINVAL);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 1, &id), -EINVAL);
    ck_assert_int_eq(vcpu(77, 1, NULL), -ENOSYS);
    ck_assert_int_eq(vcpu(77, 2, NULL), -ENOENT);
}

static void privileged(void *arg)
{
    struct sched_pin_override pin = {.pcpu = -1};
    struct vcpu_get_physid id;

    (void)arg;
    ck_assert_int_eq(sched(SCHEDOP_pin_override, WILD), -EFAULT);
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), -EINVAL);
    pin.pcpu = 1;
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), -EINVAL);
    pin.pcpu = 0;
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), 0);
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), -EBUSY);
    pin.pcpu = -1;
    ck_assert_int_eq(sched(SCHEDOP_pin_override, &pin), 0);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 0, WILD), -EFAULT);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 0, &id), 0);
    ck_assert_uint_eq(id.phys_id, 0);
    ck_assert_int_eq(vcpu(VCPUOP_get_physid, 1, &id), 0);
    ck_assert_uint_eq(id.phys_id, ~0UL);
}

START_TEST(test_rights)
{
    run(2, false, unprivileged);
    run(2, true, privileged);
}
END_TEST

/* ---- places ---- */

static void places(void *arg)
{
    struct vcpu_register_vcpu_info info = {.mfn = guest_mfn(guest_page(4)), .offset = 64};
    struct vcpu *v = current->domain->vcpus[1];

    (void)arg;
    guest_start_vcpu(1, sleeps, NULL);
    ipi(0);
    yield();
    ck_assert_int_eq(v->state, VCPU_POLLING);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 1, &info), -EINVAL);
    vcpu(VCPUOP_down, 1, NULL);
    /* The event that Xen makes of it ends the vCPU's wait. */
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 1, &info), 0);
    ck_assert_int_eq(v->state, VCPU_RUNNABLE);
    ck_assert_ptr_eq(v->info, page_map(hv, info.mfn) + 64);
    vcpu(VCPUOP_up, 1, NULL);
    yield();
    ck_assert_int_eq(vcpu(VCPUOP_is_up, 1, NULL), 0);
    info.mfn = guest_mfn(guest_page(5));
    current->info->evtchn_upcall_pending = 1; /* one is due already */
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, 0, &info), 0);
    check_model();
}

START_TEST(test_places) { run(2, false, places); }
END_TEST

int main(void)
{
    Suite *s = suite_create("vcpu");
    TCase *t = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(t, test_contexts);
    tcase_add_test(t, test_starts);
    tcase_add_test(t, test_never_started);
    tcase_add_test(t, test_ups_and_downs);
    tcase_add_test(t, test_leaves_it_to_another);
    tcase_add_test(t, test_online);
    tcase_add_test(t, test_spaces);
    tcase_add_test(t, test_turns);
    tcase_add_test(t, test_many);
    tcase_add_test(t, test_stacks);
    tcase_add_test(t, test_too_many);
    tcase_add_test(t, test_crowd);
    tcase_add_test(t, test_watchdog);
    tcase_add_test(t, test_resume);
    tcase_add_test(t, test_send_to_the_dead);
    tcase_add_test(t, test_rights);
    tcase_add_test(t, test_places);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
