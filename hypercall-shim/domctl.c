/* SPDX-License-Identifier: BSD-3-Clause
 *
 * domctl (<xen/domctl.h>): the way in, and what makes, describes, pauses and ends domains.
 * Errors and their order as in Xen's common/domctl.c and arch/x86/domctl.c; who may do what as
 * in its xsm/dummy.h.
 */
#include "domctl.h"
#include "grant_table.h"
#include "handlers.h"

#include <stdlib.h>

#define EVERY_NODE         UINT64_MAX /* XEN_DOMCTL_setnodeaffinity's map has 64 bits (MAX_NUMNODES) */
#define MAX_NODES          64U
#define DEFAULT_WEIGHT     256U /* credit2 (common/sched/credit2.c) */
#define GUEST_ADDRESS_BITS 52U  /* of a page-table entry's frame, and the offset in it */

struct domain_control *domain_control(struct domain *d)
{
    if (!d->control)
        d->control = calloc(1, sizeof(*d->control));
    return d->control;
}

static void free_vnuma(struct domain_vnuma *n)
{
    if (!n)
        return;
    free(n->distance);
    free(n->vcpu_to_node);
    free(n->range);
    free(n);
}

void domain_vnuma_free(struct domain *d)
{
    if (!d->control)
        return;
    free_vnuma(d->control->vnuma);
    d->control->vnuma = NULL;
}

void domain_control_free(struct domain *d)
{
    domain_vnuma_free(d);
    free(d->control);
    d->control = NULL;
}

const struct domain_vnuma *domain_vnuma(const struct domain *d)
{
    return d->control ? d->control->vnuma : NULL;
}

/* ---- bit maps ---- */

int bitmap_to_guest(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t bits,
                    unsigned int nbits)
{
    uint64_t place = (uint64_t)(uintptr_t)map->bitmap.p;
    uint32_t bytes = map->nr_bits / 8 + (map->nr_bits % 8 != 0);

    if (nbits < 64)
        bits &= (1UL << nbits) - 1;
    for (uint32_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(i < 8 ? bits >> 8 * i : 0);

        if (copy_to_guest(v, place + i, &byte, 1))
            return -EFAULT;
    }
    return 0;
}

int bitmap_from_guest(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t *bits,
                      unsigned int nbits)
{
    uint64_t place = (uint64_t)(uintptr_t)map->bitmap.p;
    uint32_t bytes = map->nr_bits / 8 + (map->nr_bits % 8 != 0);
    uint32_t wanted = (nbits + 7) / 8;

    *bits = 0;
    if (copy_from_guest(v, bits, place, bytes < wanted ? bytes : wanted))
        return -EFAULT;
    if (map->nr_bits < nbits)
        nbits = map->nr_bits;
    if (nbits < 64)
        *bits &= (1UL << nbits) - 1;
    return 0;
}

/* ---- making a domain ---- */

/* What Xen says of a configuration that no domain can have on a machine like this one. */
static int check_config(const struct xen_domctl_createdomain *c)
{
    const uint32_t known = 2 * XEN_DOMCTL_CDF_MAX - 1;

    if (c->flags & ~known)
        return -EINVAL;
    if (c->grant_opts & ~(uint32_t)XEN_DOMCTL_GRANT_version_mask)
        return -EINVAL;
    if (c->max_vcpus < 1)
        return -EINVAL;
    if (c->flags & (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap | XEN_DOMCTL_CDF_nested_virt))
        return -EINVAL; /* as where the processor has no virtualisation */
    if (c->flags & (XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_vpmu))
        return -EINVAL; /* the machine has neither */
    if (c->iommu_opts)
        return -EINVAL;
    if (c->vmtrace_size)
        return -EINVAL;
    /* Xen's limit is 8192; here it is what a shared info page has place for. */
    if (c->max_vcpus > MAX_VCPUS)
        return -EINVAL;
    if (c->arch.misc_flags & ~(uint32_t)XEN_X86_MSR_RELAXED)
        return -EINVAL;
    return 0;
}

static int check_emulation(uint32_t flags)
{
    if (flags & ~(uint32_t)XEN_X86_EMU_ALL)
        return -EINVAL;
    return flags & ~(uint32_t)XEN_X86_EMU_PIT ? -EOPNOTSUPP : 0; /* all but that: HVM */
}

/* Negative numbers of frames stand for the most that there may be. */
static uint32_t frames_or(int32_t wanted, uint32_t most)
{
    return wanted < 0 ? most : (uint32_t)wanted;
}

static int check_grants(const struct hypervisor *hv, const struct xen_domctl_createdomain *c)
{
    uint32_t version = c->grant_opts & XEN_DOMCTL_GRANT_version_mask;
    uint32_t frames = frames_or(c->max_grant_frames, hv->grant_frames);

    if (version < 1 || version > MAX_GRANT_VERSION)
        return -EINVAL;
    if (frames < 1 || frames > hv->grant_frames)
        return -EINVAL;
    return frames_or(c->max_maptrack_frames, hv->maptrack_frames) > hv->maptrack_frames ? -EINVAL
                                                                                        : 0;
}

static void set_limits(struct domain *d, const struct xen_domctl_createdomain *c)
{
    struct domain_limits *l = &d->limits;

    l->last_port = c->max_evtchn_port < INT32_MAX ? c->max_evtchn_port : INT32_MAX;
    l->grant_version = c->grant_opts & XEN_DOMCTL_GRANT_version_mask;
    l->grant_frames = (uint16_t)frames_or(c->max_grant_frames, d->hv->grant_frames);
    l->maptrack_frames = frames_or(c->max_maptrack_frames, d->hv->maptrack_frames);
}

static int choose_id(struct hypervisor *hv, domid_t wanted, domid_t *id)
{
    if (wanted == 0 || wanted >= DOMID_FIRST_RESERVED)
        return domain_choose_id(hv, id);
    if (wanted >= MAX_DOMAINS)
        return -ENOMEM; /* Xen has none, this is the size of a table here */
    *id = wanted;
    return hv->domains[wanted] ? -EEXIST : 0;
}

static int build_empty(struct hypervisor *hv, domid_t id, const struct xen_domctl_createdomain *c,
                       struct domain **out)
{
    int error = domain_new(hv, id, out);
    struct domain *d = *out;

    if (error)
        return error;
    tell(d, HYPERVISOR_EVENT_CREATED, 0, 0);
    d->max_vcpus = c->max_vcpus;
    set_limits(d, c);
    memcpy(d->handle, c->handle, sizeof(d->handle));
    if (!domain_control(d) || !domain_make_window(d))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    d->control->flags = c->flags;
    d->control->emulation = c->arch.emulation_flags;
    return 0;
}

long domctl_createdomain(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_createdomain *c = &call->op.u.createdomain;
    struct domain *d = NULL;
    domid_t id;
    int error = choose_id(v->domain->hv, call->op.domain, &id);

    if (!error)
        error = check_config(c);
    if (!error)
        error = check_emulation(c->arch.emulation_flags);
    if (!error)
        error = check_grants(v->domain->hv, c);
    if (!error && c->cpupool_id)
        error = -ESRCH; /* there is Pool-0 only */
    if (!error)
        error = build_empty(v->domain->hv, id, c, &d);
    if (error) {
        if (d)
            domain_destroy(d);
        return error;
    }
    call->op.domain = id;
    call->copy_back = true;
    return 0;
}

/* ---- its life ---- */

long domctl_destroydomain(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct hypervisor *hv = v->domain->hv;

    if (call->d == v->domain)
        return -EINVAL;
    if (call->d->is_dying)
        return 0;
    domain_destroy(call->d);
    event_channel_global_virq(hv, VIRQ_DOM_EXC);
    return 0;
}

long domctl_pausedomain(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    return call->d == v->domain ? -EINVAL : domain_pause(call->d);
}

long domctl_unpausedomain(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return domain_unpause(domctl_call(a)->d);
}

long domctl_resumedomain(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    if (call->d == v->domain)
        return -EINVAL;
    domain_resume(call->d);
    return 0;
}

/*
 * All vCPUs must have stopped for a shutdown, and tools must have paused the domain. Then Xen
 * resets the event channels, and finds that a PV domain cannot be reset (arch_domain_soft_reset):
 * it is crashed. So nothing is ever left to be continued.
 */
long domctl_soft_reset(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct domain *d = call->d;

    if (d == v->domain)
        return -EINVAL;
    if (d->vcpu_count && !d->is_shut_down)
        return -EINVAL;
    if (!d->pause_count)
        return -EINVAL; /* evtchn_reset */
    if (call->op.cmd == XEN_DOMCTL_soft_reset_cont)
        return -EBUSY;
    event_channel_reset_all(d);
    domain_shutdown(d, SHUTDOWN_crash);
    return -EINVAL;
}

/* ---- what it is ---- */

static void describe_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    uint64_t now = hypervisor_now(d->hv);
    uint32_t flags = XEN_DOMINF_blocked;

    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        struct vcpu *v = d->vcpus[i];

        if (!v)
            continue;
        info->max_vcpu_id = i;
        info->cpu_time += vcpu_cpu_time(v, now);
        if (v->is_down)
            continue;
        info->nr_online_vcpus++;
        if (v->state == VCPU_RUNNABLE)
            flags &= ~(uint32_t)XEN_DOMINF_blocked;
        if (v == current)
            flags |= XEN_DOMINF_running;
    }
    if (info->nr_online_vcpus)
        info->flags |= flags;
}

static uint32_t shutdown_code(const struct domain *d)
{
    if (d->is_shut_down)
        return d->shutdown_reason;
    return d->latched_code >= 0 ? (uint32_t)d->latched_code : UINT32_MAX;
}

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    const struct domain_control none = {0}, *control = d->control ? d->control : &none;

    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    describe_vcpus(d, info);
    if (d->is_dying)
        info->flags |= XEN_DOMINF_dying;
    if (d->is_shut_down)
        info->flags |= XEN_DOMINF_shutdown;
    if (d->pause_count)
        info->flags |= XEN_DOMINF_paused;
    if (control->debugged)
        info->flags |= XEN_DOMINF_debugged;
    if (control->flags & XEN_DOMCTL_CDF_xs_domain)
        info->flags |= XEN_DOMINF_xs_domain;
    info->flags |= shutdown_code(d) << XEN_DOMINF_shutdownshift;
    info->tot_pages = d->pages;
    info->max_pages = d->max_pages;
    info->shared_info_frame = d->shared_info_mfn;
    memcpy(info->handle, d->handle, sizeof(info->handle));
    info->gpaddr_bits = GUEST_ADDRESS_BITS;
    info->arch_config.emulation_flags =
        d->hardware_domain ? (uint32_t)XEN_X86_EMU_PIT : control->emulation;
}

/* Who may know of others: the privileged, and XenStore's domain (XSM_XS_PRIV). */
static bool may_look(const struct domain *who)
{
    if (who->hardware_domain)
        return true;
    return who->control && who->control->flags & XEN_DOMCTL_CDF_xs_domain;
}

/* The domain with that id, or else the next one that there is. */
long domctl_getdomaininfo(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct domain *d = call->d;

    if (!d && call->op.domain >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    for (unsigned int i = call->op.domain; !d && i < MAX_DOMAINS; i++)
        d = v->domain->hv->domains[i];
    if (!d)
        return -ESRCH;
    if (!may_look(v->domain))
        return -EPERM;
    domain_info(d, &call->op.u.getdomaininfo);
    call->op.domain = d->id;
    call->copy_back = true;
    return 0;
}

long domctl_setdomainhandle(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    (void)v;
    memcpy(call->d->handle, call->op.u.setdomainhandle.handle, sizeof(call->d->handle));
    return 0;
}

/* Nothing here can be debugged through Xen (gdbsx); the flag is what tools see. */
long domctl_setdebugging(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    if (call->d == v->domain)
        return -EINVAL;
    if (!domain_control(call->d))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    call->d->control->debugged = call->op.u.setdebugging.enable != 0;
    return 0;
}

/* ---- limits and shares ---- */

/* Xen keeps 32 bits. Less than the domain has is allowed: it gets no more, that is all. */
static void set_maximum(struct domain *d, uint64_t pages)
{
    d->max_pages = pages < UINT32_MAX ? pages : UINT32_MAX;
}

void domain_set_maximum(struct domain *d, uint64_t bytes) { set_maximum(d, bytes >> PAGE_SHIFT); }

long domctl_max_mem(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    (void)v;
    set_maximum(call->d, call->op.u.max_mem.max_memkb >> (PAGE_SHIFT - 10));
    return 0;
}

/*
 * Remembered, as Xen's credit2 does; among guests that give up the processor when they like there
 * are no shares to keep.
 */
long domctl_scheduler_op(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_scheduler_op *op = &call->op.u.scheduler_op;
    struct domain_control *control;

    (void)v;
    call->copy_back = true;
    if (op->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    if (op->cmd != XEN_DOMCTL_SCHEDOP_putinfo && op->cmd != XEN_DOMCTL_SCHEDOP_getinfo)
        return -EINVAL; /* parameters of one vCPU are RTDS's */
    control = domain_control(call->d);
    if (!control)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    if (op->cmd == XEN_DOMCTL_SCHEDOP_getinfo) {
        op->u.credit2.weight = control->weight ? control->weight : DEFAULT_WEIGHT;
        op->u.credit2.cap = control->cap;
        return 0;
    }
    if (op->u.credit2.weight)
        control->weight = op->u.credit2.weight;
    control->cap = op->u.credit2.cap;
    return 0;
}

long domctl_setnodeaffinity(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    uint64_t nodes;

    if (bitmap_from_guest(v, &call->op.u.nodeaffinity.nodemap, &nodes, MAX_NODES))
        return -EFAULT;
    if (!nodes)
        return -EINVAL;
    if (!domain_control(call->d))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    /* All of them means again: those of the processors that it may run on. */
    call->d->control->has_nodes = nodes != EVERY_NODE;
    call->d->control->nodes = nodes;
    return 0;
}

long domctl_getnodeaffinity(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct domain_control *control = call->d->control;
    uint64_t nodes = call->d->vcpus[0] ? 1 : EVERY_NODE; /* the only node there is */

    if (control && control->has_nodes)
        nodes = control->nodes;
    return bitmap_to_guest(v, &call->op.u.nodeaffinity.nodemap, nodes, MAX_NODES);
}

/* ---- virtual NUMA: for XENMEM_get_vnumainfo ---- */

static int copy_vnuma(struct vcpu *v, const struct xen_domctl_vnuma *op, struct domain_vnuma *n)
{
    size_t distances = (size_t)n->nodes * n->nodes;

    n->distance = calloc(distances, sizeof(*n->distance));
    n->range = calloc(n->ranges + 1UL, sizeof(*n->range));
    n->vcpu_to_node = calloc(n->vcpus, sizeof(*n->vcpu_to_node));
    if (!n->distance || !n->range || !n->vcpu_to_node)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    if (copy_from_guest(v, n->distance, (uintptr_t)op->vdistance.p, distances * sizeof(uint32_t)))
        return -EFAULT;
    if (copy_from_guest(v, n->range, (uintptr_t)op->vmemrange.p, n->ranges * sizeof(*n->range)))
        return -EFAULT;
    return copy_from_guest(v, n->vcpu_to_node, (uintptr_t)op->vcpu_to_vnode.p,
                           n->vcpus * sizeof(uint32_t));
}

static int check_vnuma(struct vcpu *v, const struct xen_domctl_vnuma *op,
                       const struct domain_vnuma *n)
{
    for (uint32_t i = 0; i < n->vcpus; i++) {
        if (n->vcpu_to_node[i] >= n->nodes)
            return -E2BIG;
    }
    for (uint32_t i = 0; i < n->nodes; i++) {
        uint32_t node;

        if (copy_from_guest(v, &node, (uintptr_t)op->vnode_to_pnode.p + i * sizeof(node),
                            sizeof(node)))
            return -EFAULT;
        if (node >= MAX_NODES)
            return -E2BIG;
    }
    for (uint32_t i = 0; i < n->ranges; i++) {
        if (n->range[i].flags)
            return -EINVAL;
    }
    return 0;
}

long domctl_setvnumainfo(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_vnuma *op = &call->op.u.vnuma;
    struct domain_vnuma *n;
    int error;

    if (op->nr_vcpus != call->d->max_vcpus || op->pad)
        return -EINVAL;
    /* Xen has each of its tables in one page (XSA-77). */
    if (!op->nr_vnodes || op->nr_vnodes > PAGE_SIZE / sizeof(uint32_t) / op->nr_vnodes)
        return -EINVAL;
    if (op->nr_vmemranges > PAGE_SIZE / sizeof(xen_vmemrange_t))
        return -EINVAL;
    n = calloc(1, sizeof(*n));
    if (!n || !domain_control(call->d)) {
        free(n);        /* LCOV_EXCL_LINE: no memory */
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    }
    n->nodes = op->nr_vnodes;
    n->ranges = op->nr_vmemranges;
    n->vcpus = op->nr_vcpus;
    error = copy_vnuma(v, op, n);
    if (!error)
        error = check_vnuma(v, op, n);
    if (error) {
        free_vnuma(n);
        return error;
    }
    free_vnuma(call->d->control->vnuma);
    call->d->control->vnuma = n;
    return 0;
}

/* ---- the way in ---- */

/* Operations for which there need not be a domain: they look for it themselves. */
static bool needs_no_domain(const struct xen_domctl *op)
{
    switch (op->cmd) {
    case XEN_DOMCTL_createdomain:
    case XEN_DOMCTL_getdomaininfo:
        return true;
    case XEN_DOMCTL_test_assign_device:
    case XEN_DOMCTL_vm_event_op:
        return op->domain == DOMID_INVALID;
    case XEN_DOMCTL_assign_device:
    case XEN_DOMCTL_deassign_device:
        return op->domain == DOMID_IO;
    default:
        return false;
    }
}

/* Operations that look at their arguments before they ask who the caller is. */
static bool asks_itself(uint32_t cmd)
{
    switch (cmd) {
    case XEN_DOMCTL_getdomaininfo:
    case XEN_DOMCTL_iomem_permission:
    case XEN_DOMCTL_memory_mapping:
    case XEN_DOMCTL_irq_permission:
    case XEN_DOMCTL_set_target:
    case XEN_DOMCTL_vm_event_op:
    case XEN_DOMCTL_get_device_group:
    case XEN_DOMCTL_ioport_permission:
    case XEN_DOMCTL_ioport_mapping:
    case XEN_DOMCTL_bind_pt_irq:
    case XEN_DOMCTL_unbind_pt_irq:
        return true;
    default:
        return false;
    }
}

long domctl_op(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call call = {0};
    const unsigned long argument = (uintptr_t)&call;
    const struct suboperation *row;
    long result;

    if (copy_from_guest(v, &call.op, a[0], sizeof(call.op)))
        return -EFAULT;
    if (call.op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    if (call.op.cmd != XEN_DOMCTL_createdomain)
        call.d = domain_by_id(v->domain->hv, call.op.domain);
    if (!call.d && !needs_no_domain(&call.op))
        return -ESRCH;
    if (!v->domain->hardware_domain && !asks_itself(call.op.cmd))
        return -EPERM;
    row = hypercall_suboperation(v, __HYPERVISOR_domctl, call.op.cmd);
    if (!row)
        return -ENOSYS;
    result = row->handler ? row->handler(v, &argument) : row->error;
    if (call.copy_back && copy_to_guest(v, a[0], &call.op, sizeof(call.op)))
        return -EFAULT;
    return result;
}
