/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sysctl (<xen/sysctl.h>): the machine as tools see it. Errors and their order as in Xen's
 * common/sysctl.c and what it calls. Processors: sysctl_cpu.c, the log: console_ring.c.
 */
#include "sysctl.h"
#include "domctl.h"
#include "handlers.h"
#include "trap.h"

#include <stdlib.h>

struct machine_control *machine_control(struct hypervisor *hv)
{
    if (!hv->control)
        hv->control = calloc(1, sizeof(*hv->control));
    return hv->control;
}

/* ---- the way in ---- */

long sysctl_op(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call call = {.place = a[0]};
    const unsigned long argument = (uintptr_t)&call;
    const struct suboperation *row;
    long result;

    if (copy_from_guest(v, &call.op, a[0], sizeof(call.op)))
        return -EFAULT;
    if (call.op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!v->domain->hardware_domain)
        return -EPERM;
    row = hypercall_suboperation(v, __HYPERVISOR_sysctl, call.op.cmd);
    if (!row)
        return -ENOSYS;
    if (!row->handler)
        return row->error;
    result = row->handler(v, &argument);
    if ((call.copy_back || !result) && !call.keep_guest &&
        copy_to_guest(v, a[0], &call.op, sizeof(call.op)))
        return -EFAULT;
    return result;
}

/* ---- what there is ---- */

static void describe_processor(const struct hypervisor *hv, struct xen_sysctl_physinfo *op)
{
    /* Words of Xen's x86_capability: 1.edx, 1.ecx, 80000001.edx, 80000001.ecx */
    const struct cpuid_leaf basic = processor_says(hv, 1, 0);
    const struct cpuid_leaf extended = processor_says(hv, 0x80000001, 0);

    op->hw_cap[0] = basic.d;
    op->hw_cap[1] = basic.c;
    op->hw_cap[2] = extended.d;
    op->hw_cap[3] = extended.c;
}

void hypervisor_physinfo(struct hypervisor *hv, struct xen_sysctl_physinfo *op)
{
    memset(op, 0, sizeof(*op));
    op->threads_per_core = 1;
    op->cores_per_socket = 1;
    op->nr_cpus = MACHINE_PROCESSORS;
    op->max_cpu_id = MACHINE_PROCESSORS - 1;
    op->nr_nodes = 1;
    op->max_node_id = MACHINE_NODES - 1;
    op->cpu_khz = time_tsc_khz(hv);
    op->capabilities =
        XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2;
    op->total_pages = hv->frames;
    op->free_pages = page_count_free(hv, 0, hv->frames);
    op->max_mfn = hv->frames - 1;
    describe_processor(hv, op);
}

long sysctl_physinfo(struct vcpu *v, const unsigned long *a)
{
    hypervisor_physinfo(v->domain->hv, &sysctl_call(a)->op.u.physinfo);
    return 0;
}

/* Frames by the width of their addresses; Xen counts in powers of two, from its second zone on. */
long sysctl_availheap(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_availheap *op = &sysctl_call(a)->op.u.availheap;
    struct hypervisor *hv = v->domain->hv;
    uint64_t from = 0, to = hv->frames;

    if (op->min_bitwidth > PAGE_SHIFT + 1)
        from = op->min_bitwidth < 64 ? 1UL << (op->min_bitwidth - PAGE_SHIFT - 1) : UINT64_MAX;
    if (op->max_bitwidth && op->max_bitwidth < 64)
        to = op->max_bitwidth > PAGE_SHIFT ? 1UL << (op->max_bitwidth - PAGE_SHIFT) : 1;
    if (op->node != -1 && op->node != 0)
        to = 0;
    op->avail_bytes = page_count_free(hv, from, to) << PAGE_SHIFT;
    return 0;
}

long sysctl_getdomaininfolist(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_getdomaininfolist *op = &sysctl_call(a)->op.u.getdomaininfolist;
    struct hypervisor *hv = v->domain->hv;
    uint64_t to = (uintptr_t)op->buffer.p;
    uint32_t count = 0;

    for (unsigned int i = op->first_domain; i < MAX_DOMAINS && count < op->max_domains; i++) {
        struct xen_domctl_getdomaininfo info;

        if (!hv->domains[i])
            continue;
        domain_info(hv->domains[i], &info);
        if (copy_to_guest(v, to + count * sizeof(info), &info, sizeof(info)))
            return -EFAULT;
        count++;
    }
    op->num_domains = count;
    return 0;
}

/* Distances of nodes: to itself, in ACPI's units. */
#define LOCAL_DISTANCE 10U

long sysctl_numainfo(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    struct xen_sysctl_numainfo *op = &call->op.u.numainfo;
    struct hypervisor *hv = v->domain->hv;
    const xen_sysctl_meminfo_t memory = {.memsize = hv->frames << PAGE_SHIFT,
                                         .memfree = page_count_free(hv, 0, hv->frames)
                                                    << PAGE_SHIFT};
    const uint32_t distance = LOCAL_DISTANCE;

    call->keep_guest = true; /* but for the number */
    if (op->num_nodes > 0) {
        if (op->meminfo.p && copy_to_guest(v, (uintptr_t)op->meminfo.p, &memory, sizeof(memory)))
            return -EFAULT;
        if (op->distance.p &&
            copy_to_guest(v, (uintptr_t)op->distance.p, &distance, sizeof(distance)))
            return -EFAULT;
    }
    /* Who only asks how many there are gets that; who has no place is told that nothing came. */
    if (op->num_nodes > 1 || (!op->meminfo.p && !op->distance.p)) {
        op->num_nodes = 1;
        return copy_to_guest(v, call->place + offsetof(struct xen_sysctl, u.numainfo.num_nodes),
                             &op->num_nodes, sizeof(op->num_nodes));
    }
    return 0;
}

/* There is no device: none that is asked for is known. */
long sysctl_pcitopoinfo(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    const struct xen_sysctl_pcitopoinfo *op = &call->op.u.pcitopoinfo;

    call->keep_guest = true;
    if (!op->devs.p || !op->nodes.p)
        return -EINVAL;
    for (uint32_t i = 0; i < op->num_devs; i++) {
        physdev_pci_device_t device;
        const uint32_t node = XEN_INVALID_DEV;

        if (copy_from_guest(v, &device, (uintptr_t)op->devs.p + i * sizeof(device), sizeof(device)))
            return -EFAULT;
        if (copy_to_guest(v, (uintptr_t)op->nodes.p + i * sizeof(node), &node, sizeof(node)))
            return -EFAULT;
    }
    return 0;
}

/*
 * Whether frames are out of use: none ever is. To take one out is refused as of a frame that is
 * not ordinary memory.
 */
#define PAGES_AT_ONCE 1024U

long sysctl_page_offline_op(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    const struct xen_sysctl_page_offline_op *op = &call->op.u.page_offline;
    uint32_t status[PAGES_AT_ONCE];
    uint64_t count = (uint64_t)op->end - op->start + 1;
    long result = 0;

    call->keep_guest = true;
    if (op->end < op->start)
        return -EINVAL;
    if (count > PAGES_AT_ONCE)
        return -ENOMEM;
    /* Each byte, as Xen 4.17 has it (XEN_SYSCTL_page_offline_op in its common/sysctl.c). */
    memset(status, PG_OFFLINE_INVALID, count * sizeof(status[0]));
    for (uint64_t i = 0; i < count && !result; i++) {
        if (op->cmd == sysctl_query_page_offline && op->start + i < v->domain->hv->frames)
            status[i] = 0;
        else
            result = -EINVAL;
    }
    if (copy_to_guest(v, (uintptr_t)op->status.p, status, count * sizeof(status[0])))
        return -EFAULT;
    return result;
}

/* ---- debugging the hypervisor ---- */

static void dump_domains(struct hypervisor *hv)
{
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (d)
            hypervisor_log(hv, HYPERVISOR_LOG_ERROR, "d%u: %lu pages, %u vCPUs, pause count %u%s%s",
                           d->id, (unsigned long)d->pages, d->vcpu_count, d->pause_count,
                           d->is_shut_down ? ", shut down" : "", d->is_dying ? ", dying" : "");
    }
}

/* Keys that this hypervisor knows; like Xen it ignores others. What they say goes to the log. */
static void debug_key(struct hypervisor *hv, char key)
{
    switch (key) {
    case 'h':
        hypervisor_log(hv, HYPERVISOR_LOG_ERROR, "key h: this list; key q: domains");
        break;
    case 'q':
        dump_domains(hv);
        break;
    default:
        break;
    }
}

long sysctl_debug_keys(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    const struct xen_sysctl_debug_keys *op = &call->op.u.debug_keys;

    call->keep_guest = true;
    for (uint32_t i = 0; i < op->nr_keys; i++) {
        char key;

        if (copy_from_guest(v, &key, (uintptr_t)op->keys.p + i, 1))
            return -EFAULT;
        debug_key(v->domain->hv, key);
    }
    return 0;
}

/* Trace buffers: there are none, as in a Xen that was booted without tbuf_size. */
#define TRACE_ALL 0x0ffff000U /* TRC_ALL of <xen/trace.h> */

long sysctl_tbuf_op(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_tbuf_op *op = &sysctl_call(a)->op.u.tbuf_op;
    struct machine_control *control = machine_control(v->domain->hv);
    uint64_t processors;

    if (!control)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    switch (op->cmd) {
    case XEN_SYSCTL_TBUFOP_get_info:
        op->evt_mask = control->has_trace_mask ? control->trace_mask : TRACE_ALL;
        op->buffer_mfn = 0;
        op->size = 0;
        return 0;
    case XEN_SYSCTL_TBUFOP_set_cpu_mask:
        return bitmap_from_guest(v, &op->cpu_mask, &processors, MACHINE_PROCESSORS);
    case XEN_SYSCTL_TBUFOP_set_evt_mask:
        control->trace_mask = op->evt_mask;
        control->has_trace_mask = true;
        return 0;
    case XEN_SYSCTL_TBUFOP_set_size:
        return -ENOMEM;
    case XEN_SYSCTL_TBUFOP_enable:
        return -EINVAL; /* not before there are buffers */
    case XEN_SYSCTL_TBUFOP_disable:
        return 0;
    default:
        return -EINVAL;
    }
}

/* ---- live patches: this hypervisor takes none, and so has none ---- */

static int patch_name_ok(struct vcpu *v, const struct xen_livepatch_name *name)
{
    char text[XEN_LIVEPATCH_NAME_SIZE];

    if (!name->size || name->size > sizeof(text))
        return -EINVAL;
    if (name->pad[0] || name->pad[1] || name->pad[2])
        return -EINVAL;
    if (copy_from_guest(v, text, (uintptr_t)name->name.p, name->size))
        return -EFAULT;
    return text[name->size - 1] ? -EINVAL : 0;
}

static long list_patches(struct xen_sysctl_livepatch_list *list)
{
    if (list->nr > 1024)
        return -E2BIG;
    if (list->pad)
        return -EINVAL;
    list->nr = 0;
    list->name_total_size = list->metadata_total_size = 0;
    list->version = 0;
    return 0;
}

long sysctl_livepatch_op(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    struct xen_sysctl_livepatch_op *op = &call->op.u.livepatch;
    int error;

    call->copy_back = true;
    if (op->pad)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_SYSCTL_LIVEPATCH_UPLOAD:
        return -EINVAL; /* nothing is a patch for it */
    case XEN_SYSCTL_LIVEPATCH_GET:
        error = patch_name_ok(v, &op->u.get.name);
        return error ? error : -ENOENT;
    case XEN_SYSCTL_LIVEPATCH_LIST:
        return list_patches(&op->u.list);
    case XEN_SYSCTL_LIVEPATCH_ACTION:
        error = op->u.action.pad ? -EINVAL : patch_name_ok(v, &op->u.action.name);
        return error ? error : -ENOENT;
    default:
        return -EOPNOTSUPP;
    }
}
