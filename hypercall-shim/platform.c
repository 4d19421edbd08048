/* SPDX-License-Identifier: BSD-3-Clause
 *
 * platform_op (<xen/platform.h>): what the initial domain tells the hypervisor of the hardware, and
 * asks of it. There is none but a clock and a processor. Errors and their order as in Xen's
 * arch/x86/platform_hypercall.c.
 */
#include "sysctl.h"
#include "handlers.h"

#include <xen/platform.h>

/* As struct domctl_call. COPY_BACK: all of OP goes back to the guest if the handler returns 0. */
struct platform_call {
    struct xen_platform_op op;
    bool copy_back;
};

static struct platform_call *platform_call(const unsigned long *a)
{
    return (struct platform_call *)(uintptr_t)a[0];
}

long platform_op_op(struct vcpu *v, const unsigned long *a)
{
    struct platform_call call = {0};
    const unsigned long argument = (uintptr_t)&call;
    const struct suboperation *row;
    long result;

    if (copy_from_guest(v, &call.op, a[0], sizeof(call.op)))
        return -EFAULT;
    if (call.op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    if (!v->domain->hardware_domain)
        return -EPERM;
    row = hypercall_suboperation(v, __HYPERVISOR_platform_op, call.op.cmd);
    if (!row)
        return -ENOSYS;
    if (!row->handler)
        return row->error;
    result = row->handler(v, &argument);
    if (!result && call.copy_back && copy_to_guest(v, a[0], &call.op, sizeof(call.op)))
        return -EFAULT;
    return result;
}

/* ---- the clock ---- */

#define SECOND 1000000000UL

/* The wall clock reads SECONDS and NANOSECONDS when the system time is AT: in all domains. */
static void set_wall_clock(struct hypervisor *hv, uint64_t seconds, uint32_t nanoseconds,
                           uint64_t at)
{
    uint64_t wall = seconds * SECOND + nanoseconds - at;

    hv->wall_adjust = (int64_t)(wall - hv->host.wall_clock(hv->host.context));
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        if (hv->domains[i] && !hv->domains[i]->is_dying)
            time_set_wall_clock(hv->domains[i]);
    }
}

long platform_settime32(struct vcpu *v, const unsigned long *a)
{
    const xenpf_settime32_t *op = &platform_call(a)->op.u.settime32;

    set_wall_clock(v->domain->hv, op->secs, op->nsecs, op->system_time);
    return 0;
}

long platform_settime64(struct vcpu *v, const unsigned long *a)
{
    const xenpf_settime64_t *op = &platform_call(a)->op.u.settime64;

    if (op->mbz)
        return -EINVAL;
    set_wall_clock(v->domain->hv, op->secs, op->nsecs, op->system_time);
    return 0;
}

/* ---- memory types (MTRRs): as on a processor without them ---- */

long platform_del_memtype(struct vcpu *v, const unsigned long *a)
{
    const xenpf_del_memtype_t *op = &platform_call(a)->op.u.del_memtype;

    (void)v;
    return op->handle || (int32_t)op->reg < 0 ? -EINVAL : -ENXIO;
}

/* ---- firmware ---- */

long platform_quirk(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    /* Each is about interrupt controllers, which nobody has here. */
    switch (platform_call(a)->op.u.platform_quirk.quirk_id) {
    case QUIRK_NOIRQBALANCING:
    case QUIRK_IOAPIC_BAD_REGSEL:
    case QUIRK_IOAPIC_GOOD_REGSEL:
        return 0;
    default:
        return -EINVAL;
    }
}

/* The BIOS has told nothing about disks and displays, and no shift key is pressed. */
long platform_firmware_info(struct vcpu *v, const unsigned long *a)
{
    struct platform_call *call = platform_call(a);
    xenpf_firmware_info_t *op = &call->op.u.firmware_info;

    (void)v;
    switch (op->type) {
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
    case XEN_FW_VBEDDC_INFO:
        return -ESRCH;
    case XEN_FW_EFI_INFO:
        return -ENOSYS; /* not booted by EFI */
    case XEN_FW_KBD_SHIFT_FLAGS:
        if (op->index)
            return -ESRCH;
        op->u.kbd_shift_flags = 0;
        call->copy_back = true;
        return 0;
    default:
        return -EINVAL;
    }
}

/* As from a Xen that was booted with cpufreq=none. */
long platform_set_processor_pminfo(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return platform_call(a)->op.u.set_pminfo.type <= XEN_PM_PDC ? -ENOSYS : -EINVAL;
}

/* ---- processors ---- */

long platform_get_cpuinfo(struct vcpu *v, const unsigned long *a)
{
    struct platform_call *call = platform_call(a);
    xenpf_pcpuinfo_t *op = &call->op.u.pcpu_info;

    (void)v;
    if (op->xen_cpuid < MACHINE_PROCESSORS) {
        op->apic_id = op->acpi_id = 0;
        op->flags = XEN_PCPU_FLAGS_ONLINE;
    } else {
        op->flags = XEN_PCPU_FLAGS_INVALID;
    }
    op->max_present = MACHINE_PROCESSORS - 1;
    call->copy_back = true;
    return 0;
}

long platform_get_cpu_version(struct vcpu *v, const unsigned long *a)
{
    struct platform_call *call = platform_call(a);
    xenpf_pcpu_version_t *op = &call->op.u.pcpu_version;

    op->family = op->model = op->stepping = 0;
    memset(op->vendor_id, 0, sizeof(op->vendor_id));
    if (op->xen_cpuid < MACHINE_PROCESSORS)
        cpu_policy_model(v->domain->hv, op->vendor_id, &op->family, &op->model, &op->stepping);
    op->max_present = MACHINE_PROCESSORS - 1;
    call->copy_back = true;
    return 0;
}

long platform_cpu_online(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return platform_call(a)->op.u.cpu_ol.cpuid < MACHINE_PROCESSORS ? 0 : -EINVAL;
}

long platform_cpu_offline(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return platform_call(a)->op.u.cpu_ol.cpuid ? -EINVAL : -EOPNOTSUPP; /* not the first one */
}

#define APIC_IDS       0x8000U /* Xen's MAX_APICS */
#define PROXIMITY_LAST 255U

long platform_cpu_hotadd(struct vcpu *v, const unsigned long *a)
{
    const xenpf_cpu_hotadd_t *op = &platform_call(a)->op.u.cpu_add;

    (void)v;
    if (op->apic_id >= APIC_IDS || op->pxm > PROXIMITY_LAST)
        return -EINVAL;
    return op->apic_id ? -ENOSPC : -EEXIST;
}

long platform_core_parking(struct vcpu *v, const unsigned long *a)
{
    struct platform_call *call = platform_call(a);
    xenpf_core_parking_t *op = &call->op.u.core_parking;

    (void)v;
    switch (op->type) {
    case XEN_CORE_PARKING_SET:
        return 0; /* all but one may sleep, so none */
    case XEN_CORE_PARKING_GET:
        op->idle_nums = 0;
        call->copy_back = true;
        return 0;
    default:
        return -EINVAL;
    }
}

/* ---- resources: MSRs that may be read, in one go ---- */

#define RESOURCES_MAX 3U /* Xen's RESOURCE_ACCESS_MAX_ENTRIES */
#define MSR_TSC       0x10U

static int check_resource(const xenpf_resource_entry_t *entry)
{
    if (entry->rsvd)
        return -EINVAL;
    if (entry->u.cmd != XEN_RESOURCE_OP_MSR_READ && entry->u.cmd != XEN_RESOURCE_OP_MSR_WRITE)
        return -EOPNOTSUPP;
    if (entry->idx >> 32)
        return -EINVAL;
    return entry->u.cmd == XEN_RESOURCE_OP_MSR_READ && entry->idx == MSR_TSC ? 0 : -EPERM;
}

/* How many of the COUNT entries can be served; the next one says why not. */
static uint32_t check_resources(xenpf_resource_entry_t *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        int error = check_resource(&entries[i]);

        if (error) {
            entries[i].u.ret = error;
            return i;
        }
    }
    return count;
}

long platform_resource_op(struct vcpu *v, const unsigned long *a)
{
    const xenpf_resource_op_t *op = &platform_call(a)->op.u.resource_op;
    xenpf_resource_entry_t entries[RESOURCES_MAX];
    uint64_t place = (uintptr_t)op->entries.p;
    uint32_t done, told;

    if (op->nr_entries > RESOURCES_MAX)
        return -EINVAL;
    if (copy_from_guest(v, entries, place, op->nr_entries * sizeof(entries[0])))
        return -EFAULT;
    done = check_resources(entries, op->nr_entries);
    if (done && op->cpu >= MACHINE_PROCESSORS)
        return -ENODEV;
    for (uint32_t i = 0; i < done; i++) {
        entries[i].val = hypervisor_now(v->domain->hv); /* Xen shows its time, not the counter */
        entries[i].u.ret = 0;
    }
    told = done < op->nr_entries ? done + 1 : op->nr_entries;
    if (copy_to_guest(v, place, entries, told * sizeof(entries[0])))
        return -EFAULT;
    return done;
}

/* The hypervisor's symbols: it has none to show, so the first is behind the last. */
long platform_get_symbol(struct vcpu *v, const unsigned long *a)
{
    struct platform_call *call = platform_call(a);
    xenpf_symdata_t *op = &call->op.u.symdata;
    const char none = '\0';

    if (op->symnum)
        return -ERANGE;
    if (copy_to_guest(v, (uintptr_t)op->name.p, &none, op->namelen ? 1 : 0))
        return -EFAULT;
    op->namelen = 1;
    op->address = 0;
    op->type = 0;
    call->copy_back = true;
    return 0;
}
