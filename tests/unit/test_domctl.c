/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains that another domain makes, by hypercalls alone, with C functions for guests: what one
 * domain on real Xen cannot see is tried here. The initial domain's functions are called tools_...
 */
#include "guest.h"

#include "domctl.h"
#include "sysctl.h"

#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/version.h>

#include <stdio.h>

/* ---- what tools do ---- */

static struct xen_domctl *op(void) { return guest_page(0); }

static long domctl(uint32_t cmd, domid_t domid)
{
    op()->cmd = cmd;
    op()->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op()->domain = domid;
    return call(__HYPERVISOR_domctl, (uintptr_t)op(), 0);
}

static long domctl_zero(uint32_t cmd, domid_t domid)
{
    memset(op(), 0, sizeof(*op()));
    return domctl(cmd, domid);
}

static domid_t create(uint32_t vcpus)
{
    domid_t domid;

    memset(op(), 0, sizeof(*op()));
    op()->u.createdomain.max_vcpus = vcpus;
    op()->u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    op()->u.createdomain.max_grant_frames = op()->u.createdomain.max_maptrack_frames = -1;
    op()->u.createdomain.max_evtchn_port = 1023;
    ck_assert_int_eq(domctl(XEN_DOMCTL_createdomain, 0), 0);
    domid = op()->domain;
    memset(op(), 0, sizeof(*op()));
    op()->u.max_vcpus.max = vcpus;
    ck_assert_int_eq(domctl(XEN_DOMCTL_max_vcpus, domid), 0);
    op()->u.max_mem.max_memkb = 1024;
    ck_assert_int_eq(domctl(XEN_DOMCTL_max_mem, domid), 0);
    return domid;
}

static const struct xen_domctl_getdomaininfo *info(domid_t domid)
{
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_getdomaininfo, domid), 0);
    ck_assert_uint_eq(op()->domain, domid);
    return &op()->u.getdomaininfo;
}

static bool exists(domid_t domid)
{
    return domctl_zero(XEN_DOMCTL_getdomaininfo, domid) == 0 && op()->domain == domid;
}

#define LEAF (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED)

static long map_foreign(void *at, uint64_t mfn, domid_t domid, uint64_t flags)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)at,
                     PTE_MAKE(mfn, flags), 0, domid, 0);
}

static long unmap(void *at)
{
    return hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)at, 0, 0, 0, 0);
}

static long pin(domid_t domid, uint64_t mfn)
{
    struct mmuext_op e = {.cmd = MMUEXT_PIN_L4_TABLE};

    e.arg1.mfn = mfn;
    return hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&e, 1, 0, domid, 0);
}

/*
 * The child's pages from the start of its window: tables, then 16 of stack, then one of data; two
 * are not mapped, as a GDT's must not be writable.
 */
enum { L4, L3, L2, L1, STACK, DATA = STACK + 16, GDT, CHILD_PAGES = GDT + 2 };

struct child {
    domid_t domid;
    uint64_t frame[CHILD_PAGES];
    uint64_t base;
};

/* What a child and its maker share: the child's DATA. */
struct shared {
    uint64_t count, argument;
    long result;
    evtchn_port_t port;
};

static void fill(const struct child *c, unsigned int page, unsigned int slot, uint64_t value)
{
    ck_assert_int_eq(map_foreign(guest_page(1), c->frame[page], c->domid, LEAF), 0);
    ((uint64_t *)guest_page(1))[slot] = value;
    ck_assert_int_eq(unmap(guest_page(1)), 0);
}

static void populate(struct child *c)
{
    struct xen_memory_reservation r = {.nr_extents = CHILD_PAGES, .domid = c->domid};

    for (unsigned int i = 0; i < CHILD_PAGES; i++)
        c->frame[i] = i;
    set_xen_guest_handle(r.extent_start, c->frame);
    ck_assert_int_eq(call(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uintptr_t)&r),
                     CHILD_PAGES);
    c->base = domain_by_id(hv, c->domid)->window;
    fill(c, L4, c->base >> 39 & 511, PTE_MAKE(c->frame[L3], LEAF));
    fill(c, L3, c->base >> 30 & 511, PTE_MAKE(c->frame[L2], LEAF));
    fill(c, L2, c->base >> 21 & 511, PTE_MAKE(c->frame[L1], LEAF));
    for (unsigned int i = STACK; i <= DATA; i++)
        fill(c, L1, i, PTE_MAKE(c->frame[i], LEAF));
    ck_assert_int_eq(pin(c->domid, c->frame[L4]), 0);
}

static long set_context(const struct child *c, uint32_t vcpu, const vcpu_guest_context_t *context)
{
    memset(op(), 0, sizeof(*op()));
    op()->u.vcpucontext.vcpu = vcpu;
    op()->u.vcpucontext.ctxt.p = (vcpu_guest_context_t *)(uintptr_t)context;
    return domctl(XEN_DOMCTL_setvcpucontext, c->domid);
}

/* FUNCTION gets the child's address of DATA. */
static void make_context(const struct child *c, void (*function)(struct shared *),
                         vcpu_guest_context_t *context)
{
    memset(context, 0, sizeof(*context));
    context->flags = VGCF_in_kernel | VGCF_online;
    context->ctrlreg[3] = xen_pfn_to_cr3(c->frame[L4]);
    context->user_regs.rip = (uintptr_t)function;
    context->user_regs.rsp = c->base + DATA * PAGE_SIZE - 8; /* as after a call */
    context->user_regs.rdi = c->base + DATA * PAGE_SIZE;
}

/* A child that could run FUNCTION, but is paused. Its DATA is at guest_page(2). */
static struct shared *make_child(struct child *c, void (*function)(struct shared *))
{
    vcpu_guest_context_t *context = guest_page(4); /* two pages */

    memset(c, 0, sizeof(*c));
    c->domid = create(1);
    populate(c);
    make_context(c, function, context);
    ck_assert_int_eq(set_context(c, 0, context), 0);
    ck_assert_int_eq(map_foreign(guest_page(2), c->frame[DATA], c->domid, LEAF), 0);
    return guest_page(2);
}

static void yield(void) { call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0); }

static void yield_often(void)
{
    for (int i = 0; i < 10; i++)
        yield();
}

/* ---- children ---- */

static void child_counts(struct shared *s)
{
    for (;;) {
        s->count++;
        yield();
    }
}

static void child_ends(struct shared *s)
{
    s->count++;
    guest_shutdown((unsigned int)s->argument);
}

static void child_suspends(struct shared *s)
{
    struct sched_shutdown reason = {SHUTDOWN_suspend};

    for (;;) {
        s->count++;
        s->result = call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&reason);
    }
}

static void child_says_code(struct shared *s)
{
    struct sched_shutdown code = {7};

    call(__HYPERVISOR_sched_op, SCHEDOP_shutdown_code, (uintptr_t)&code);
    s->count++;
    yield();
    guest_shutdown(SHUTDOWN_poweroff);
}

static void child_blocks(struct shared *s)
{
    for (;;) {
        s->count++;
        call(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
    }
}

static void child_polls(struct shared *s)
{
    for (;;) {
        struct sched_poll poll = {.timeout = hypervisor_now(hv) + 1000000000};

        s->count++;
        call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll);
    }
}

static void child_opens_port(struct shared *s)
{
    evtchn_alloc_unbound_t alloc = {.dom = DOMID_SELF, .remote_dom = 0};

    s->result = evtchn(EVTCHNOP_alloc_unbound, &alloc);
    s->port = alloc.port;
    child_counts(s);
}

/* ---- tests ---- */

static void tools_whole_life(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_counts);
    uint64_t count;

    (void)arg;
    yield_often();
    ck_assert_uint_eq(s->count, 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_unpausedomain, c.domid), 0);
    yield_often();
    ck_assert_uint_gt(s->count, 5);
    ck_assert_uint_eq(info(c.domid)->flags & XEN_DOMINF_paused, 0);
    ck_assert_uint_eq(info(c.domid)->tot_pages, CHILD_PAGES);
    ck_assert_uint_eq(info(c.domid)->nr_online_vcpus, 1);

    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, c.domid), 0);
    count = s->count;
    yield_often();
    ck_assert_uint_eq(s->count, count);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_unpausedomain, c.domid), 0);
    yield_often();
    ck_assert_uint_eq(s->count, count);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_unpausedomain, c.domid), 0);
    yield_often();
    ck_assert_uint_gt(s->count, count + 5);

    /* In the middle of its hypercall; its data stays, because it is mapped here. */
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_destroydomain, c.domid), 0);
    count = s->count;
    yield_often();
    ck_assert_uint_eq(s->count, count);
    ck_assert_uint_ne(info(c.domid)->flags & XEN_DOMINF_dying, 0);
    ck_assert_uint_eq(info(c.domid)->tot_pages, 1);
    ck_assert_int_eq(unmap(guest_page(2)), 0);
    ck_assert(!exists(c.domid));
    ck_assert_ptr_null(domain_by_id(hv, c.domid));
}

/* The code that it gave is seen before it shuts down, and then in place of the reason. */
static void tools_shutdown_code(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_says_code);

    (void)arg;
    ck_assert_uint_eq(info(c.domid)->flags >> XEN_DOMINF_shutdownshift, 0xffff);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield();
    ck_assert_uint_eq(s->count, 1);
    ck_assert_uint_eq(info(c.domid)->flags >> XEN_DOMINF_shutdownshift, 7);
    ck_assert_uint_eq(op()->u.getdomaininfo.flags & XEN_DOMINF_shutdown, 0);
    yield_often();
    ck_assert_uint_eq(info(c.domid)->flags >> XEN_DOMINF_shutdownshift, 7);
    ck_assert_uint_ne(op()->u.getdomaininfo.flags & XEN_DOMINF_shutdown, 0);
    ck_assert_int_eq(unmap(s), 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
}

/* A child at rest in each way that there is, destroyed. */
static void tools_destroy_at_rest(void *arg)
{
    static void (*const functions[])(struct shared *) = {child_blocks, child_polls, child_suspends,
                                                         child_ends, child_counts};

    (void)arg;
    for (unsigned int i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        for (unsigned int k = 0; k < 3; k++) {
            struct child c;
            struct shared *s = make_child(&c, functions[i]);

            if (k > 0) {
                domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
                yield_often();
                ck_assert_uint_ge(s->count, 1);
            }
            if (k > 1)
                domctl_zero(XEN_DOMCTL_pausedomain, c.domid);
            ck_assert_int_eq(unmap(s), 0);
            ck_assert_int_eq(domctl_zero(XEN_DOMCTL_destroydomain, c.domid), 0);
            ck_assert(!exists(c.domid));
            yield_often();
        }
    }
}

/* Shut down, resumed, and told of to whom it was to be told. */
static void tools_suspend(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_suspends);
    evtchn_bind_virq_t virq = {.virq = VIRQ_DOM_EXC};
    evtchn_alloc_unbound_t alloc = {.remote_dom = 0};
    evtchn_bind_interdomain_t bind = {0};
    shared_info_t *mine = domain_by_id(hv, 0)->shared_info;

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    ck_assert_uint_eq(mine->evtchn_pending[0], 0);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    ck_assert_uint_eq(s->count, 1);
    ck_assert_uint_eq(info(c.domid)->flags,
                      XEN_DOMINF_shutdown | SHUTDOWN_suspend << XEN_DOMINF_shutdownshift);
    ck_assert_uint_eq(mine->evtchn_pending[0], 1UL << virq.port);

    /* By a port of the child's, of which the other end is here. */
    mine->evtchn_pending[0] = 0;
    alloc.dom = bind.remote_dom = c.domid;
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &alloc), 0);
    bind.remote_port = alloc.port;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    mine->evtchn_pending[0] = 0;
    memset(op(), 0, sizeof(*op()));
    op()->u.subscribe.port = alloc.port;
    ck_assert_int_eq(domctl(XEN_DOMCTL_subscribe, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_resumedomain, c.domid), 0);
    yield_often();
    ck_assert_uint_eq(s->count, 2);
    ck_assert_int_eq(s->result, 0);
    ck_assert_uint_eq(mine->evtchn_pending[0], 1UL << bind.local_port);

    /* Resumed while it is paused: it waits for that. */
    domctl_zero(XEN_DOMCTL_pausedomain, c.domid);
    domctl_zero(XEN_DOMCTL_resumedomain, c.domid);
    yield_often();
    ck_assert_uint_eq(s->count, 2);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    ck_assert_uint_eq(s->count, 3);
    mine->evtchn_pending[0] = 0;
    ck_assert_int_eq(unmap(s), 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
    ck_assert_uint_eq(mine->evtchn_pending[0], 1UL << virq.port);
}

static void tools_peer_dies(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_opens_port);
    evtchn_bind_interdomain_t bind = {0};
    evtchn_status_t status = {.dom = DOMID_SELF};
    evtchn_send_t send;

    (void)arg;
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    ck_assert_int_eq(s->result, 0);
    bind.remote_dom = c.domid;
    bind.remote_port = s->port;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    send.port = status.port = bind.local_port;
    ck_assert_int_eq(evtchn(EVTCHNOP_send, &send), 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
    ck_assert_int_eq(evtchn(EVTCHNOP_send, &send), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), 0);
    ck_assert_uint_eq(status.status, EVTCHNSTAT_unbound);
    ck_assert_int_ne(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
}

static void tools_virq_handler(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_counts);
    evtchn_bind_virq_t virq = {.virq = VIRQ_DOM_EXC};
    shared_info_t *mine = domain_by_id(hv, 0)->shared_info;
    domid_t other;

    (void)arg;
    evtchn(EVTCHNOP_bind_virq, &virq);
    memset(op(), 0, sizeof(*op()));
    op()->u.set_virq_handler.virq = VIRQ_DOM_EXC;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_virq_handler, c.domid), 0);
    other = create(1);
    domctl_zero(XEN_DOMCTL_destroydomain, other);
    ck_assert_uint_eq(mine->evtchn_pending[0], 0); /* the child got it, and has not bound it */
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
    /* Whoever handled them is gone: they are the initial domain's again. */
    ck_assert_uint_eq(mine->evtchn_pending[0], 1UL << virq.port);
    memset(op(), 0, sizeof(*op()));
    op()->u.set_virq_handler.virq = VIRQ_DOM_EXC;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_virq_handler, c.domid), -EINVAL); /* it is dying */
    ck_assert_int_eq(unmap(s), 0);
}

/* Frames of all kinds that are mapped elsewhere keep the domain, each of them. */
static void tools_last_references(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_counts);
    uint64_t shared_info = info(c.domid)->shared_info_frame;
    const shared_info_t *seen = guest_page(6);

    (void)arg;
    ck_assert_int_eq(map_foreign(guest_page(6), shared_info, c.domid, LEAF), 0);
    ck_assert_int_eq(map_foreign(guest_page(7), c.frame[L1], c.domid, LEAF & ~PTE_RW), 0);
    ck_assert_uint_ne(seen->wc_sec, 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
    ck_assert_uint_eq(info(c.domid)->tot_pages, 2);
    ck_assert_uint_ne(seen->wc_sec, 0);
    ck_assert_int_eq(unmap(s), 0);
    ck_assert_int_eq(unmap(guest_page(7)), 0);
    ck_assert_uint_eq(info(c.domid)->tot_pages, 0);
    ck_assert_uint_eq(info(c.domid)->max_vcpu_id, 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_unpausedomain, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_getvcpuinfo, c.domid), 0);
    ck_assert_int_eq(unmap(guest_page(6)), 0);
    ck_assert(!exists(c.domid));
}

/* What is still mapped when the initial domain ends goes with that. */
static void tools_leave_all_mapped(void *arg)
{
    struct child c;

    (void)arg;
    make_child(&c, child_counts);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
}

static void tools_contexts(void *arg)
{
    struct child c;
    vcpu_guest_context_t *context = guest_page(4), *back = guest_page(8);
    struct shared *s = make_child(&c, child_counts);
    uint32_t before = page_info(hv, c.frame[L4])->refs;

    (void)arg;
    /* Bad page tables leave nothing behind, unlike Xen 4.17's. */
    ck_assert_int_eq(set_context(&c, 0, NULL), 0);
    ck_assert_uint_eq(page_info(hv, c.frame[L4])->refs, before - 1);
    make_context(&c, child_counts, context);
    context->ctrlreg[1] = xen_pfn_to_cr3(c.frame[DATA]);
    ck_assert_int_eq(set_context(&c, 0, context), -EINVAL);
    ck_assert_uint_eq(page_info(hv, c.frame[L4])->refs, before - 1);
    context->flags = VGCF_online;
    ck_assert_int_eq(set_context(&c, 0, context), -EINVAL); /* also for user mode */
    context->flags = VGCF_in_kernel | VGCF_online | VGCF_i387_valid;
    context->fpu_ctxt.x[0] = 0x7f;
    context->ctrlreg[1] = context->ctrlreg[3];
    context->gdt_ents = 600;
    context->gdt_frames[0] = c.frame[STACK];
    ck_assert_int_eq(set_context(&c, 0, context), -EINVAL); /* which the guest may write */
    ck_assert_uint_eq(page_info(hv, c.frame[L4])->refs, before - 1);
    context->gdt_frames[0] = c.frame[GDT];
    context->gdt_frames[1] = c.frame[GDT + 1];
    context->ldt_ents = 3;
    context->ldt_base = c.base;
    ck_assert_int_eq(set_context(&c, 0, context), 0);
    ck_assert_uint_eq(page_info(hv, c.frame[L4])->refs, before + 1);
    memset(op(), 0, sizeof(*op()));
    op()->u.vcpucontext.ctxt.p = back;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpucontext, c.domid), 0);
    ck_assert_uint_eq(back->flags, context->flags);
    ck_assert_int_eq(back->fpu_ctxt.x[0], 0x7f);
    ck_assert_uint_eq(back->ctrlreg[1], context->ctrlreg[1]);
    ck_assert_uint_eq(back->gdt_frames[1], c.frame[GDT + 1]);
    ck_assert_uint_eq(back->ldt_base, c.base);
    context->ldt_base = c.base + PAGE_SIZE;
    ck_assert_int_eq(set_context(&c, 0, context), -EOPNOTSUPP);
    context->ldt_base = c.base;
    context->gdt_frames[1] = c.frame[GDT];
    ck_assert_int_eq(set_context(&c, 0, context), -EOPNOTSUPP);
    context->gdt_frames[1] = c.frame[GDT + 1];
    ck_assert_int_eq(set_context(&c, 0, context), 0);

    /* One that has run goes on where it was, or where it is told to. */
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    domctl_zero(XEN_DOMCTL_pausedomain, c.domid);
    before = (uint32_t)s->count;
    memset(op(), 0, sizeof(*op()));
    op()->u.vcpucontext.ctxt.p = back;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpucontext, c.domid), 0);
    ck_assert_uint_gt(back->user_regs.rsp, c.base);
    ck_assert_uint_lt(back->user_regs.rsp, c.base + DATA * PAGE_SIZE);
    ck_assert_int_eq(set_context(&c, 0, back), 0);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    ck_assert_uint_gt(s->count, before);
    domctl_zero(XEN_DOMCTL_pausedomain, c.domid);
    ck_assert_int_eq(set_context(&c, 0, NULL), 0);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    before = (uint32_t)s->count;
    yield_often();
    ck_assert_uint_eq(s->count, before);
    ck_assert_uint_eq(info(c.domid)->nr_online_vcpus, 0);
    ck_assert_int_eq(unmap(s), 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
}

/* A vCPU that domain_create made. */
static void nothing(void *arg) { (void)arg; }

static void tools_other_domain(void *arg)
{
    domid_t domid = *(domid_t *)arg;
    vcpu_guest_context_t *back = guest_page(8);

    memset(op(), 0, sizeof(*op()));
    op()->u.vcpucontext.ctxt.p = back;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpucontext, domid), 0);
    ck_assert_uint_eq(back->flags, VGCF_in_kernel | VGCF_online);
    ck_assert_uint_eq(back->user_regs.cs, FLAT_RING3_CS64);
    ck_assert_uint_ne(back->user_regs.rip, 0);
    ck_assert_uint_ne(back->ctrlreg[3], 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, domid), 0);
    yield_often();
    ck_assert_uint_eq(info(domid)->flags & XEN_DOMINF_shutdown, 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0);
    ck_assert(!exists(domid));
}

/* ---- who may what ---- */

static long plain(unsigned int hyper, uint32_t *words) { return call(hyper, (uintptr_t)words, 0); }

static void unprivileged(void *arg)
{
    static const uint32_t own_order[] = {
        XEN_DOMCTL_iomem_permission,
        XEN_DOMCTL_irq_permission,
        XEN_DOMCTL_getdomaininfo,
    };
    struct xen_sysctl *sys = guest_page(3);
    struct xen_platform_op *platform = guest_page(3);

    (void)arg;
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, 1000), -ESRCH);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, current->domain->id), -EPERM);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_createdomain, 0), -EPERM);
    ck_assert_int_eq(domctl_zero(9999, current->domain->id), -EPERM);
    for (unsigned int i = 0; i < sizeof(own_order) / sizeof(own_order[0]); i++)
        ck_assert_int_eq(domctl_zero(own_order[i], current->domain->id), -EPERM);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_vm_event_op, current->domain->id), -EPERM);
    memset(op(), 0, sizeof(*op()));
    op()->u.vm_event_op.op = XEN_VM_EVENT_GET_VERSION;
    ck_assert_int_eq(domctl(XEN_DOMCTL_vm_event_op, DOMID_INVALID), 0);
    memset(op(), 0, sizeof(*op()));
    op()->u.memory_mapping.nr_mfns = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_memory_mapping, current->domain->id), -EPERM);
    memset(sys, 0, sizeof(*sys));
    ck_assert_int_eq(plain(__HYPERVISOR_sysctl, (uint32_t *)sys), -EACCES);
    sys->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    ck_assert_int_eq(plain(__HYPERVISOR_sysctl, (uint32_t *)sys), -EPERM);
    memset(platform, 0, sizeof(*platform));
    ck_assert_int_eq(plain(__HYPERVISOR_platform_op, (uint32_t *)platform), -EACCES);
    platform->interface_version = XENPF_INTERFACE_VERSION;
    ck_assert_int_eq(plain(__HYPERVISOR_platform_op, (uint32_t *)platform), -EPERM);
}

/* XenStore's domain may look, but not touch. */
static void child_looks(struct shared *s)
{
    static struct xen_domctl copies[2];
    struct xen_domctl *ask = (struct xen_domctl *)(void *)(s + 1);

    memset(ask, 0, sizeof(*ask));
    ask->cmd = XEN_DOMCTL_getdomaininfo;
    ask->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    s->result = call(__HYPERVISOR_domctl, (uintptr_t)ask, 0);
    copies[0] = *ask;
    s->argument = copies[0].u.getdomaininfo.tot_pages;
    ask->cmd = XEN_DOMCTL_pausedomain;
    ask->domain = current->domain->id;
    s->count = (uint64_t)call(__HYPERVISOR_domctl, (uintptr_t)ask, 0);
    guest_shutdown(SHUTDOWN_poweroff);
}

static void tools_xenstore_domain(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_looks);

    (void)arg;
    domain_by_id(hv, c.domid)->control->flags = XEN_DOMCTL_CDF_xs_domain;
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
    ck_assert_int_eq(s->result, 0);
    ck_assert_uint_gt(s->argument, 1000);
    ck_assert_int_eq((long)s->count, -EPERM);
    ck_assert_int_eq(unmap(s), 0);
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
}

/* ---- limits ---- */

static void tools_many(void *arg)
{
    unsigned int made = 0;

    (void)arg;
    memset(op(), 0, sizeof(*op()));
    for (;;) {
        memset(op(), 0, sizeof(*op()));
        op()->u.createdomain.max_vcpus = 1;
        op()->u.createdomain.grant_opts = 1;
        op()->u.createdomain.max_grant_frames = 1;
        if (domctl(XEN_DOMCTL_createdomain, 0))
            break;
        made++;
    }
    ck_assert_uint_eq(made, MAX_DOMAINS - 1);
    for (unsigned int i = 1; i < MAX_DOMAINS; i++)
        ck_assert_int_eq(domctl_zero(XEN_DOMCTL_destroydomain, (domid_t)i), 0);
    memset(op(), 0, sizeof(*op()));
    op()->u.createdomain.max_vcpus = 1;
    op()->u.createdomain.grant_opts = 1;
    op()->u.createdomain.max_grant_frames = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_createdomain, MAX_DOMAINS), -ENOMEM);
    op()->u.createdomain.max_vcpus = MAX_VCPUS + 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_createdomain, 0), -EINVAL);
    op()->u.createdomain.max_vcpus = MAX_VCPUS;
    ck_assert_int_eq(domctl(XEN_DOMCTL_createdomain, 5), 0);
    memset(op(), 0, sizeof(*op()));
    op()->u.max_vcpus.max = MAX_VCPUS;
    ck_assert_int_eq(domctl(XEN_DOMCTL_max_vcpus, 5), 0);
    ck_assert_uint_eq(info(5)->max_vcpu_id, MAX_VCPUS - 1);
    /* The machine has not all the memory that it may have. */
    op()->u.max_mem.max_memkb = 1 << 20;
    ck_assert_int_eq(domctl(XEN_DOMCTL_max_mem, 5), 0);
    {
        struct xen_memory_reservation r = {.nr_extents = 100000, .domid = 5};
        long got = call(__HYPERVISOR_memory_op, XENMEM_increase_reservation, (uintptr_t)&r);

        ck_assert_int_gt(got, 1000);
        ck_assert_int_lt(got, 100000);
        ck_assert_uint_eq(info(5)->tot_pages, (uint64_t)got);
    }
}

/* ---- what differs from a real machine, or cannot be reached on one ---- */

static void corners_of_vcpus(domid_t domid)
{
    uint64_t *words = guest_page(9);

    memset(op(), 0, sizeof(*op()));
    words[0] = words[1] = 9;
    op()->u.vcpuextstate.buffer.p = words;
    op()->u.vcpuextstate.size = 15;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpuextstate, domid), -EINVAL);
    op()->u.vcpuextstate.size = 100;
    op()->u.vcpuextstate.xfeature_mask = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpuextstate, domid), -EINVAL);
    op()->u.vcpuextstate.xfeature_mask = 0;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpuextstate, domid), 0);
    ck_assert_uint_eq(op()->u.vcpuextstate.size, 16);
    ck_assert_uint_eq(words[0] | words[1], 0);
    words[0] = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuextstate, domid), -EINVAL);
    words[0] = 0;
    words[1] = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuextstate, domid), -EINVAL);
    op()->u.vcpuextstate.buffer.p = WILD;
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpuextstate, domid), -EFAULT);
    op()->u.vcpuextstate.vcpu = 9;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuextstate, domid), -ESRCH);
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_vcpu_msrs, domid), -ESRCH);
    memset(op(), 0, sizeof(*op()));
    op()->u.vcpuaffinity.flags = XEN_VCPUAFFINITY_SOFT;
    op()->u.vcpuaffinity.cpumap_soft.nr_bits = 8;
    op()->u.vcpuaffinity.cpumap_soft.bitmap.p = guest_page(9);
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpuaffinity, domid), 0);
    ck_assert_int_eq(*(uint8_t *)guest_page(9), 1);
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuaffinity, domid), 0);
    op()->u.vcpuaffinity.cpumap_soft.bitmap.p = WILD;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuaffinity, domid), -EFAULT);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_sendtrigger, domid), 0);
    ck_assert(domain_by_id(hv, domid)->vcpus[0]->nmi_pending);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_set_ext_vcpucontext, domid), -EINVAL);
    op()->u.ext_vcpucontext.size = 128;
    op()->u.ext_vcpucontext.syscall32_callback_eip = 1UL << 60;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_ext_vcpucontext, domid), -EINVAL);
}

static void corners_of_kinds(domid_t domid)
{
    static const struct {
        uint32_t operation, mode;
        long answer;
    } shadow[] = {
        {XEN_DOMCTL_SHADOW_OP_ENABLE, 0, -EINVAL},
        {XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, -EOPNOTSUPP},
        {XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, -EOPNOTSUPP},
        {XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION, 0, -EINVAL},
    };

    for (unsigned int i = 0; i < sizeof(shadow) / sizeof(shadow[0]); i++) {
        memset(op(), 0, sizeof(*op()));
        op()->u.shadow_op.op = shadow[i].operation;
        op()->u.shadow_op.mode = shadow[i].mode;
        ck_assert_int_eq(domctl(XEN_DOMCTL_shadow_op, domid), shadow[i].answer);
    }
    memset(op(), 0, sizeof(*op()));
    op()->u.address_size.size = 32;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_address_size, domid), -EOPNOTSUPP);
    memset(op(), 0, sizeof(*op()));
    op()->u.cpu_policy.nr_leaves = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_cpu_policy, domid), -EOPNOTSUPP);
    op()->u.cpu_policy.nr_leaves = 10000;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_cpu_policy, domid), -E2BIG);
    op()->u.cpu_policy.nr_leaves = 0;
    op()->u.cpu_policy.nr_msrs = 3;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_cpu_policy, domid), -E2BIG);
    op()->u.cpu_policy.nr_msrs = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_set_cpu_policy, domid), -EOPNOTSUPP);
    memset(op(), 0, sizeof(*op()));
    op()->u.iomem_permission.first_mfn = 0xfebf0;
    op()->u.iomem_permission.nr_mfns = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_iomem_permission, domid), -EPERM);
}

static void corners_of_numa(domid_t domid)
{
    uint32_t *numbers = guest_page(9);
    xen_vmemrange_t *range = guest_page(10);
    struct xen_domctl_vnuma *n = &op()->u.vnuma;

    ck_assert_ptr_null(domain_vnuma(domain_by_id(hv, domid)));
    memset(op(), 0, sizeof(*op()));
    n->nr_vcpus = n->nr_vnodes = n->nr_vmemranges = 1;
    n->vdistance.p = n->vcpu_to_vnode.p = n->vnode_to_pnode.p = numbers;
    n->vmemrange.p = range;
    numbers[0] = 0;
    range[0].end = 77;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(domctl(XEN_DOMCTL_setvnumainfo, domid), 0);
        ck_assert_uint_eq(domain_vnuma(domain_by_id(hv, domid))->range[0].end, 77);
    }
    n->vnode_to_pnode.p = WILD;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvnumainfo, domid), -EFAULT);
    n->vcpu_to_vnode.p = WILD;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvnumainfo, domid), -EFAULT);
    n->vmemrange.p = WILD;
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvnumainfo, domid), -EFAULT);
}

static struct xen_sysctl *sys(void) { return guest_page(3); }

static long sysctl(uint32_t cmd)
{
    sys()->cmd = cmd;
    sys()->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return call(__HYPERVISOR_sysctl, (uintptr_t)sys(), 0);
}

static void corners_of_machine(void)
{
    char *keys = guest_page(9);

    memset(sys(), 0, sizeof(*sys()));
    strcpy(keys, "qh!");
    sys()->u.debug_keys.keys.p = keys;
    sys()->u.debug_keys.nr_keys = 3;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_debug_keys), 0);
    ck_assert_ptr_nonnull(strstr(host.log, "d0: 4096 pages, 1 vCPUs, pause count 0\n"));
    memset(sys(), 0, sizeof(*sys()));
    sys()->u.page_offline.end = 2000;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_page_offline_op), -ENOMEM);
    sys()->u.page_offline.end = 0;
    sys()->u.page_offline.cmd = sysctl_page_offline;
    sys()->u.page_offline.status.p = guest_page(9);
    ck_assert_int_eq(sysctl(XEN_SYSCTL_page_offline_op), -EINVAL);
    memset(sys(), 0, sizeof(*sys()));
    sys()->u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_set_size;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_tbuf_op), -ENOMEM);
    memset(sys(), 0, sizeof(*sys()));
    sys()->u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
    sys()->u.cpupool_op.cpupool_id = XEN_SYSCTL_CPUPOOL_PAR_ANY;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_cpupool_op), -ENOMEM);
    memset(sys(), 0, sizeof(*sys()));
    sys()->u.pm_op.cmd = XEN_SYSCTL_pm_op_enable_turbo;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_pm_op), -EACCES);
    sys()->u.pm_op.cmd = XEN_SYSCTL_pm_op_disable_turbo;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_pm_op), -EACCES);
    for (uint32_t i = 0; i < 6; i++) {
        bool hvm = i == XEN_SYSCTL_cpu_featureset_hvm || i == XEN_SYSCTL_cpu_featureset_hvm_max;

        memset(sys(), 0, sizeof(*sys()));
        sys()->u.cpu_featureset.index = i;
        sys()->u.cpu_featureset.features.p = guest_page(9);
        sys()->u.cpu_featureset.nr_features = CPU_FEATURE_WORDS;
        ck_assert_int_eq(sysctl(XEN_SYSCTL_get_cpu_featureset), hvm ? -EOPNOTSUPP : 0);
        hvm = i == XEN_SYSCTL_cpu_policy_hvm_max || i == XEN_SYSCTL_cpu_policy_hvm_default;
        memset(sys(), 0, sizeof(*sys()));
        sys()->u.cpu_policy.index = i;
        ck_assert_int_eq(sysctl(XEN_SYSCTL_get_cpu_policy), hvm ? -EOPNOTSUPP : 0);
    }
    /* Free frames by the width of their addresses: all of them, one way and the other. */
    memset(sys(), 0, sizeof(*sys()));
    sys()->u.availheap.node = 3;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_availheap), 0);
    ck_assert_uint_eq(sys()->u.availheap.avail_bytes, 0);
    sys()->u.availheap.node = 0;
    sys()->u.availheap.min_bitwidth = 64;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_availheap), 0);
    ck_assert_uint_eq(sys()->u.availheap.avail_bytes, 0);
    sys()->u.availheap.min_bitwidth = 0;
    sys()->u.availheap.max_bitwidth = 5;
    ck_assert_int_eq(sysctl(XEN_SYSCTL_availheap), 0);
    ck_assert_uint_eq(sys()->u.availheap.avail_bytes, 0);
}

static void corners_of_platform(void)
{
    static const struct {
        uint32_t cmd, first;
        long answer;
    } all[] = {
        {XENPF_add_memtype, 0, -ENXIO},
        {XENPF_del_memtype, 0, -ENXIO},
        {XENPF_read_memtype, 0, -EINVAL},
        {XENPF_enter_acpi_sleep, 0, -EPERM},
        {XENPF_cpu_hotadd, 1, -ENOSPC},
        {XENPF_cpu_hotadd, 0x8000, -EINVAL},
        {XENPF_platform_quirk, QUIRK_NOIRQBALANCING, 0},
        {XENPF_set_processor_pminfo, 0, -ENOSYS},
    };
    struct xen_platform_op *p = guest_page(3);

    for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        memset(p, 0, sizeof(*p));
        p->cmd = all[i].cmd;
        p->interface_version = XENPF_INTERFACE_VERSION;
        memcpy(&p->u, &all[i].first, sizeof(all[i].first));
        ck_assert_int_eq(call(__HYPERVISOR_platform_op, (uintptr_t)p, 0), all[i].answer);
    }
    memset(p, 0, sizeof(*p));
    p->cmd = XENPF_get_symbol;
    p->interface_version = XENPF_INTERFACE_VERSION;
    p->u.symdata.symnum = 1;
    ck_assert_int_eq(call(__HYPERVISOR_platform_op, (uintptr_t)p, 0), -ERANGE);
}

/* Arguments that can be read, but not written to: the answer is lost. */
static void corners_of_answers(domid_t domid)
{
    uint64_t flags = LEAF & ~PTE_RW;
    unsigned int pages[] = {0, 3};

    domctl_zero(XEN_DOMCTL_getdomaininfo, domid);
    memset(sys(), 0, sizeof(*sys()));
    sysctl(XEN_SYSCTL_sched_id);
    for (int i = 0; i < 2; i++) {
        void *page = guest_page(pages[i]);

        ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)page,
                                   PTE_MAKE(guest_mfn(page), flags), 0, 0, 0),
                         0);
    }
    ck_assert_int_eq(call(__HYPERVISOR_domctl, (uintptr_t)op(), 0), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_sysctl, (uintptr_t)sys(), 0), -EFAULT);
}

static void tools_corners(void *arg)
{
    domid_t domid = create(1);

    (void)arg;
    corners_of_vcpus(domid);
    corners_of_kinds(domid);
    corners_of_numa(domid);
    corners_of_machine();
    corners_of_platform();
    corners_of_answers(domid);
}

/* What can be asked of a dying domain: it must not get anything new. */
static void tools_dying(void *arg)
{
    struct child c;
    struct shared *s = make_child(&c, child_counts);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = 0};
    evtchn_alloc_unbound_t alloc = {.remote_dom = 0};

    (void)arg;
    domctl_zero(XEN_DOMCTL_destroydomain, c.domid);
    alloc.dom = r.domid = c.domid;
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &alloc), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_memory_op, XENMEM_increase_reservation, (uintptr_t)&r), 0);
    memset(op(), 0, sizeof(*op()));
    op()->u.max_vcpus.max = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_max_vcpus, c.domid), 0);
    ck_assert_uint_eq(info(c.domid)->max_vcpu_id, 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_settimeoffset, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_setdebugging, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_pausedomain, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_resumedomain, c.domid), 0);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_soft_reset, c.domid), -EINVAL);
    while (domctl_zero(XEN_DOMCTL_unpausedomain, c.domid) == 0)
        ;
    yield_often();
    ck_assert_int_eq(unmap(s), 0);
    ck_assert(!exists(c.domid));
}

/* ---- time ---- */

static void tools_time(void *arg)
{
    domid_t domid = create(1);
    const shared_info_t *mine = domain_by_id(hv, 0)->shared_info;
    const shared_info_t *its = domain_by_id(hv, domid)->shared_info;
    struct xen_platform_op *platform = guest_page(3);
    uint32_t second = mine->wc_sec;

    (void)arg;
    ck_assert_uint_eq(its->wc_sec, second);
    memset(op(), 0, sizeof(*op()));
    op()->u.settimeoffset.time_offset_seconds = -3600;
    ck_assert_int_eq(domctl(XEN_DOMCTL_settimeoffset, domid), 0);
    ck_assert_uint_eq(its->wc_sec, second - 3600);
    ck_assert_uint_eq(mine->wc_sec, second);
    memset(platform, 0, sizeof(*platform));
    platform->interface_version = XENPF_INTERFACE_VERSION;
    platform->cmd = XENPF_settime64;
    platform->u.settime64.secs = 1000000;
    ck_assert_int_eq(plain(__HYPERVISOR_platform_op, (uint32_t *)platform), 0);
    ck_assert_uint_eq(mine->wc_sec, 1000000);
    ck_assert_uint_eq(its->wc_sec, 1000000 - 3600);
    memset(op(), 0, sizeof(*op()));
    op()->u.tsc_info.tsc_mode = 1;
    ck_assert_int_eq(domctl(XEN_DOMCTL_settscinfo, domid), -EOPNOTSUPP);
    ck_assert_int_eq(domctl_zero(XEN_DOMCTL_gettscinfo, domid), 0);
    ck_assert_uint_eq(op()->u.tsc_info.gtsc_khz, 1000000); /* the fake clock stands still */
    domctl_zero(XEN_DOMCTL_destroydomain, domid);
}

/* ---- the log ---- */

static char *read_log(uint32_t *length)
{
    struct xen_sysctl *sys = guest_page(3);
    char *buffer = guest_page(20); /* five pages */

    memset(sys, 0, sizeof(*sys));
    sys->cmd = XEN_SYSCTL_readconsole;
    sys->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    sys->u.readconsole.count = 5 * PAGE_SIZE;
    sys->u.readconsole.buffer.p = buffer;
    ck_assert_int_eq(plain(__HYPERVISOR_sysctl, (uint32_t *)sys), 0);
    *length = sys->u.readconsole.count;
    buffer[*length] = '\0';
    return buffer;
}

static void says(void *arg)
{
    strcpy(guest_page(10), "half a ");
    call3(__HYPERVISOR_console_io, CONSOLEIO_write, 7, (uintptr_t)guest_page(10));
    yield();
    strcpy(guest_page(10), "line\n\x01more\t.\n");
    call3(__HYPERVISOR_console_io, CONSOLEIO_write, 13, (uintptr_t)guest_page(10));
    (void)arg;
}

static void tools_log(void *arg)
{
    uint32_t length;
    char expected[64], *text;

    (void)arg;
    yield_often();
    text = read_log(&length);
    snprintf(expected, sizeof(expected), "(d1) half a line\n(d1) more\t.\n");
    ck_assert_ptr_nonnull(strstr(text, expected));
    /* Much more than it can hold: the end is kept. */
    for (int i = 0; i < 1000; i++)
        hypervisor_log(hv, HYPERVISOR_LOG_INFO, "line %d of many that nobody reads", i);
    text = read_log(&length);
    ck_assert_uint_eq(length, 16384);
    ck_assert_ptr_nonnull(strstr(text, "(XEN) line 999 of many that nobody reads\n"));
    ck_assert_ptr_null(strstr(text, "line 10 of"));
}

/* ---- who listens to hypercalls ---- */

static struct heard {
    unsigned int op;
    uint32_t suboperation;
    bool back;
    long result;
} heard[64];
static unsigned int heard_count;

static void listen(void *context, const struct hypervisor_call *c)
{
    bool back = c->stage == HYPERVISOR_RETURN;

    (void)context;
    if (heard_count < 64)
        heard[heard_count++] = (struct heard){c->op, c->suboperation, back, back ? c->result : 0};
}

static void speaks(void *arg)
{
    static multicall_entry_t calls[1];

    (void)arg;
    heard_count = 0;
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    call(__HYPERVISOR_set_debugreg, 9, 0);
    call(99, 0, 0);
    calls[0] = (multicall_entry_t){.op = __HYPERVISOR_xen_version, .args = {XENVER_version}};
    memcpy(guest_page(1), calls, sizeof(calls));
    call(__HYPERVISOR_multicall, (uintptr_t)guest_page(1), 1);
}

START_TEST(test_trace)
{
    const uint32_t none = HYPERVISOR_NO_SUBOPERATION;
    const struct heard expected[] = {
        {__HYPERVISOR_sched_op, SCHEDOP_yield, false, 0},
        {__HYPERVISOR_sched_op, SCHEDOP_yield, true, 0},
        {__HYPERVISOR_mmuext_op, none, false, 0},
        {__HYPERVISOR_mmuext_op, MMUEXT_TLB_FLUSH_LOCAL, false, 0},
        {__HYPERVISOR_mmuext_op, none, true, 0},
        {__HYPERVISOR_set_debugreg, none, false, 0},
        {__HYPERVISOR_set_debugreg, none, true, -ENODEV},
        {99, none, false, 0},
        {99, none, true, -ENOSYS},
        {__HYPERVISOR_multicall, none, false, 0},
        {__HYPERVISOR_xen_version, 0, false, 0},
        {__HYPERVISOR_xen_version, 0, true, 4 << 16 | 17},
        {__HYPERVISOR_multicall, none, true, 0},
        {__HYPERVISOR_sched_op, SCHEDOP_shutdown, false, 0},
    };

    machine_start(24);
    hv->host.hypercall = listen;
    hv->hypercall_limit = 0;
    guest_create(16, false, speaks, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(heard_count, sizeof(expected) / sizeof(expected[0]));
    for (unsigned int i = 0; i < heard_count; i++) {
        ck_assert_uint_eq(heard[i].op, expected[i].op);
        ck_assert_uint_eq(heard[i].suboperation, expected[i].suboperation);
        ck_assert(heard[i].back == expected[i].back);
        ck_assert_int_eq(heard[i].result, expected[i].result);
    }
    machine_stop();
}
END_TEST

/* ---- */

static void run_tools(void (*function)(void *))
{
    machine_start(32);
    guest_create(16, true, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

START_TEST(test_whole_life) { run_tools(tools_whole_life); }
END_TEST
START_TEST(test_destroy_at_rest) { run_tools(tools_destroy_at_rest); }
END_TEST
START_TEST(test_shutdown_code) { run_tools(tools_shutdown_code); }
END_TEST
START_TEST(test_suspend) { run_tools(tools_suspend); }
END_TEST
START_TEST(test_peer_dies) { run_tools(tools_peer_dies); }
END_TEST
START_TEST(test_virq_handler) { run_tools(tools_virq_handler); }
END_TEST
START_TEST(test_last_references) { run_tools(tools_last_references); }
END_TEST
START_TEST(test_leave_all_mapped) { run_tools(tools_leave_all_mapped); }
END_TEST
START_TEST(test_contexts) { run_tools(tools_contexts); }
END_TEST
START_TEST(test_xenstore_domain) { run_tools(tools_xenstore_domain); }
END_TEST
START_TEST(test_many) { run_tools(tools_many); }
END_TEST
START_TEST(test_corners) { run_tools(tools_corners); }
END_TEST
START_TEST(test_dying) { run_tools(tools_dying); }
END_TEST
START_TEST(test_time) { run_tools(tools_time); }
END_TEST
START_TEST(test_unprivileged) { guest_test(unprivileged); }
END_TEST

START_TEST(test_log)
{
    machine_start(48);
    guest_create(16, true, tools_log, NULL);
    guest_create(16, false, says, NULL)->debug_console = true;
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

START_TEST(test_other_domain)
{
    static domid_t domid = 1;

    machine_start(48);
    guest_create(16, true, tools_other_domain, &domid);
    guest_create(16, false, nothing, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* The machine ends with the initial domain, whoever still runs. */
static void tools_go(void *arg)
{
    struct child c;

    (void)arg;
    make_child(&c, child_counts);
    domctl_zero(XEN_DOMCTL_unpausedomain, c.domid);
    yield_often();
}

START_TEST(test_tools_go) { run_tools(tools_go); }
END_TEST

/* A machine that ends while a domain is dying, and one that never ran, is there. */
START_TEST(test_machine_ends)
{
    machine_start(32);
    guest_create(16, true, tools_leave_all_mapped, NULL);
    ck_assert(guest_run());
    ck_assert_ptr_nonnull(hv->domains[1]);
    domain_destroy(hv->domains[1]); /* it is dying already */
    ck_assert_ptr_nonnull(hv->domains[1]);
    hypervisor_destroy(hv);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domctl");
    TCase *t = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_whole_life);
    tcase_add_test(t, test_destroy_at_rest);
    tcase_add_test(t, test_shutdown_code);
    tcase_add_test(t, test_suspend);
    tcase_add_test(t, test_peer_dies);
    tcase_add_test(t, test_virq_handler);
    tcase_add_test(t, test_last_references);
    tcase_add_test(t, test_leave_all_mapped);
    tcase_add_test(t, test_contexts);
    tcase_add_test(t, test_xenstore_domain);
    tcase_add_test(t, test_many);
    tcase_add_test(t, test_tools_go);
    tcase_add_test(t, test_corners);
    tcase_add_test(t, test_dying);
    tcase_add_test(t, test_time);
    tcase_add_test(t, test_unprivileged);
    tcase_add_test(t, test_log);
    tcase_add_test(t, test_other_domain);
    tcase_add_test(t, test_machine_ends);
    tcase_add_test(t, test_trace);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
