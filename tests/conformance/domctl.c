/* SPDX-License-Identifier: BSD-3-Clause
 *
 * domctl: domains that are made, asked about, paused and destroyed, but never run. It would catch
 * a shim that takes what Xen refuses, or checks in another order. domctl_run.c runs one.
 */
#include "toolstack.h"

#include <stddef.h>

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vm_event.h>

#include "core/shared_info.h"

#define NOBODY 77 /* no such domain */

static vcpu_guest_context_t context;

static void test_way_in(void)
{
    answers(hypercall(__HYPERVISOR_domctl, HYPERCALL_ARG(WILD_POINTER), 0, 0, 0, 0), -XEN_EFAULT,
            "a wild pointer");
    memset(&op, 0, sizeof op);
    op.cmd = XEN_DOMCTL_getdomaininfo;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION - 1;
    answers(hypercall(__HYPERVISOR_domctl, HYPERCALL_ARG(&op), 0, 0, 0, 0), -XEN_EACCES,
            "another version of the interface");
    answers(domctl_zero(0, 0), -XEN_ENOSYS, "operation 0");
    answers(domctl_zero(9999, 0), -XEN_ENOSYS, "operation 9999");
    answers(domctl_zero(9999, NOBODY), -XEN_ESRCH, "operation 9999 on a domain that is none");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, DOMID_SELF), -XEN_ESRCH,
            "DOMID_SELF is not the number of a domain");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, DOMID_IO), -XEN_ESRCH, "nor is DOMID_IO");
}

/* Creates what must be refused. */
#define refused(error, field, value, text)                                                         \
    do {                                                                                           \
        good_config(1);                                                                            \
        op.u.createdomain.field = (value);                                                         \
        answers(domctl(XEN_DOMCTL_createdomain, 0), -(error), text);                               \
    } while (0)

static void test_bad_configs(void)
{
    refused(XEN_EINVAL, flags, 1U << 20, "a flag that is none");
    refused(XEN_EINVAL, flags, XEN_DOMCTL_CDF_hap, "two-dimensional paging without HVM");
    refused(XEN_EINVAL, flags, XEN_DOMCTL_CDF_nested_virt, "nested HVM in PV");
    refused(XEN_EINVAL, flags, XEN_DOMCTL_CDF_iommu, "an IOMMU that is not there");
    refused(XEN_EINVAL, flags, XEN_DOMCTL_CDF_vpmu, "performance counters that are not there");
    refused(XEN_EINVAL, iommu_opts, 1, "options of an IOMMU that was not asked for");
    refused(XEN_EINVAL, max_vcpus, 0, "no vCPU");
    refused(XEN_EINVAL, max_vcpus, 8193, "8193 vCPUs");
    refused(XEN_EINVAL, vmtrace_size, 4096, "a processor trace");
    refused(XEN_EINVAL, grant_opts, 0x10, "an option of grants that is none");
    refused(XEN_EINVAL, grant_opts, 0, "grant tables of version 0");
    refused(XEN_EINVAL, grant_opts, 3, "grant tables of version 3");
    refused(XEN_EINVAL, max_grant_frames, 0, "no grant frame");
    refused(XEN_EINVAL, max_grant_frames, 65, "65 grant frames");
    refused(XEN_EINVAL, max_maptrack_frames, 1025, "1025 maptrack frames");
    refused(XEN_ESRCH, cpupool_id, 9, "a pool that is none");
    refused(XEN_EINVAL, arch.emulation_flags, 1U << 20, "an emulated device that is none");
    refused(XEN_EOPNOTSUPP, arch.emulation_flags, XEN_X86_EMU_LAPIC, "an emulated local APIC");
    refused(XEN_EINVAL, arch.misc_flags, 8, "a flag of x86 that is none");
}

static void test_create(void)
{
    domid_t domid, next;
    const struct xen_domctl_getdomaininfo *info;

    good_config(2);
    memset(op.u.createdomain.handle, 0x42, sizeof op.u.createdomain.handle);
    answers(domctl(XEN_DOMCTL_createdomain, 0), 0, "create a domain");
    domid = op.domain;
    ok(domid > 0 && domid < DOMID_FIRST_RESERVED, "it has a number");
    info = domain_info(domid);
    ok(info->domain == domid && op.domain == domid, "getdomaininfo is about it");
    ok(info->flags == (XEN_DOMINF_paused | 0xffffU << XEN_DOMINF_shutdownshift),
       "it is paused, and nothing else");
    ok(info->tot_pages == 0 && info->max_pages == 0, "it has no memory, and may have none");
    ok(info->nr_online_vcpus == 0 && info->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID, "no vCPU");
    ok(info->handle[0] == 0x42 && info->handle[15] == 0x42, "its handle");
    ok(info->shared_info_frame != 0, "it has a shared info page");
    ok(info->cpu_time == 0 && info->cpupool == 0 && info->ssidref == 0, "no time, Pool-0");
    ok(info->gpaddr_bits >= 36, "a width of addresses");
    ok(info->arch_config.emulation_flags == 0, "no emulated device");
    good_config(1);
    answers(domctl(XEN_DOMCTL_createdomain, domid), -XEN_EEXIST, "its number is taken");
    good_config(1);
    answers(domctl(XEN_DOMCTL_createdomain, DOMID_SELF), 0, "a reserved number asks for any");
    next = op.domain;
    ok(next == domid + 1, "the next one");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy the first");
    good_config(1);
    answers(domctl(XEN_DOMCTL_createdomain, 0), 0, "and create one more");
    ok(op.domain == next + 1, "numbers are not used again at once");
    domctl_zero(XEN_DOMCTL_destroydomain, op.domain);
    good_config(1);
    op.u.createdomain.flags = XEN_DOMCTL_CDF_xs_domain;
    op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_PIT;
    answers(domctl(XEN_DOMCTL_createdomain, domid), 0, "unless they are asked for");
    ok(op.domain == domid, "it has that number");
    info = domain_info(domid);
    ok(info->flags & XEN_DOMINF_xs_domain, "it is marked as XenStore's domain");
    ok(info->arch_config.emulation_flags == XEN_X86_EMU_PIT, "a PV domain can have a PIT");
    answers(domctl_zero(XEN_DOMCTL_getdomaininfo, 0x7ff0), -XEN_EINVAL,
            "getdomaininfo of a reserved number");
    answers(domctl_zero(XEN_DOMCTL_getdomaininfo, next + 1), -XEN_ESRCH,
            "getdomaininfo beyond the last");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy");
    ok(domain_info(domid)->domain == next, "getdomaininfo of a number that is free: the next");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, next), 0, "destroy the other one");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, next), -XEN_ESRCH, "and once more");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, 0), -XEN_EINVAL, "destroy oneself");
}

static void test_self(void)
{
    const struct xen_domctl_getdomaininfo *info = domain_info(0);

    ok((info->flags & 0xff) == XEN_DOMINF_running, "the initial domain is running");
    ok(info->tot_pages > 1000, "it has memory");
    ok(info->nr_online_vcpus == 1 && info->max_vcpu_id == 3, "and four vCPUs, of which one is up");
    ok(info->cpu_time > 0, "it has had the processor");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, 0), -XEN_EINVAL, "pause oneself");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, 0), -XEN_EINVAL, "unpause oneself");
    answers(domctl_zero(XEN_DOMCTL_resumedomain, 0), -XEN_EINVAL, "resume oneself");
    answers(domctl_zero(XEN_DOMCTL_setdebugging, 0), -XEN_EINVAL, "debug oneself");
    answers(domctl_zero(XEN_DOMCTL_soft_reset, 0), -XEN_EINVAL, "reset oneself");
    answers(domctl_zero(XEN_DOMCTL_max_vcpus, 0), -XEN_EINVAL, "change one's vCPUs");
    answers(domctl_zero(XEN_DOMCTL_setvcpucontext, 0), -XEN_EINVAL, "set one's own context");
    answers(domctl_zero(XEN_DOMCTL_getvcpucontext, 0), -XEN_EINVAL, "get one's own context");
    answers(domctl_zero(XEN_DOMCTL_getvcpuextstate, 0), -XEN_EINVAL, "get one's own XSAVE state");
    answers(domctl_zero(XEN_DOMCTL_setvcpuextstate, 0), -XEN_EINVAL, "set one's own XSAVE state");
    answers(domctl_zero(XEN_DOMCTL_get_vcpu_msrs, 0), -XEN_EINVAL, "get one's own MSRs");
    answers(domctl_zero(XEN_DOMCTL_set_vcpu_msrs, 0), -XEN_EINVAL, "set one's own MSRs");
    answers(domctl_zero(XEN_DOMCTL_get_ext_vcpucontext, 0), -XEN_ESRCH,
            "get one's own extended context");
    answers(domctl_zero(XEN_DOMCTL_set_ext_vcpucontext, 0), -XEN_ESRCH,
            "set one's own extended context");
    answers(domctl_zero(XEN_DOMCTL_gettscinfo, 0), -XEN_EINVAL, "get one's own TSC mode");
    answers(domctl_zero(XEN_DOMCTL_settscinfo, 0), -XEN_EINVAL, "set one's own TSC mode");
    answers(domctl_zero(XEN_DOMCTL_shadow_op, 0), -XEN_EINVAL, "shadow oneself");
    answers(domctl_zero(XEN_DOMCTL_monitor_op, 0), -XEN_EPERM, "monitor oneself");
    answers(domctl_zero(XEN_DOMCTL_vm_event_op, 0), -XEN_EINVAL, "listen to oneself");
    answers(domctl_zero(XEN_DOMCTL_set_access_required, 0), -XEN_EPERM,
            "require access of oneself");
    answers(domctl_zero(XEN_DOMCTL_set_cpu_policy, 0), -XEN_EINVAL, "set one's own CPU policy");
    answers(domctl_zero(XEN_DOMCTL_set_target, 0), -XEN_EINVAL, "be one's own target");
    answers(domctl_zero(XEN_DOMCTL_getvcpuinfo, 0), 0, "getvcpuinfo of oneself");
    ok(op.u.getvcpuinfo.online && op.u.getvcpuinfo.running && !op.u.getvcpuinfo.blocked,
       "online and running");
    ok(op.u.getvcpuinfo.cpu == 0 && op.u.getvcpuinfo.cpu_time > 0, "on processor 0");
}

static uint32_t flags(domid_t domid) { return domain_info(domid)->flags & 0xffff; }

static void test_pause(domid_t domid)
{
    int last = 0;

    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), 0, "unpause");
    ok(!(flags(domid) & XEN_DOMINF_paused), "it is not paused");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), -XEN_EINVAL, "once more than paused");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, domid), 0, "pause");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, domid), 0, "pause again");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), 0, "unpause");
    ok(flags(domid) & XEN_DOMINF_paused, "it is still paused: pauses are counted");
    for (int i = 1; i < 255; i++)
        last += domctl_zero(XEN_DOMCTL_pausedomain, domid) != 0;
    ok(last == 0, "up to 255");
    answers(domctl_zero(XEN_DOMCTL_pausedomain, domid), -XEN_EOVERFLOW, "but not 256");
    for (int i = 1; i < 255; i++)
        last += domctl_zero(XEN_DOMCTL_unpausedomain, domid) != 0;
    ok(last == 0 && flags(domid) & XEN_DOMINF_paused, "and down again");
    answers(domctl_zero(XEN_DOMCTL_resumedomain, domid), 0, "resume what has not shut down");
    ok(flags(domid) & XEN_DOMINF_paused, "does not unpause it");
}

static void test_vcpus(void)
{
    domid_t domid;

    good_config(3);
    domctl(XEN_DOMCTL_createdomain, 0);
    domid = op.domain;
    answers(domctl_zero(XEN_DOMCTL_getvcpuinfo, domid), -XEN_ESRCH, "vCPU 0 before it is made");
    answers(domctl_zero(XEN_DOMCTL_sendtrigger, domid), -XEN_ESRCH, "a trigger for it");
    answers(domctl_zero(XEN_DOMCTL_getvcpucontext, domid), -XEN_EINVAL, "its context");
    answers(domctl_zero(XEN_DOMCTL_getvcpuaffinity, domid), -XEN_ESRCH, "its affinity");
    answers(domctl_zero(XEN_DOMCTL_get_vcpu_msrs, domid), -XEN_ESRCH, "its MSRs");
    answers(domctl_zero(XEN_DOMCTL_getvcpuextstate, domid), -XEN_ESRCH, "its XSAVE state");
    answers(domctl_zero(XEN_DOMCTL_shadow_op, domid), -XEN_EINVAL, "shadow it");
    answers(domctl_zero(XEN_DOMCTL_vm_event_op, domid), -XEN_EINVAL, "listen to it");
    memset(&op, 0, sizeof op);
    op.u.max_vcpus.max = 2;
    answers(domctl(XEN_DOMCTL_max_vcpus, domid), -XEN_EINVAL,
            "another number of vCPUs than it was created for");
    op.u.max_vcpus.max = 3;
    answers(domctl(XEN_DOMCTL_max_vcpus, domid), 0, "the same number");
    op.u.max_vcpus.max = 3;
    answers(domctl(XEN_DOMCTL_max_vcpus, domid), 0, "can be said again");
    ok(domain_info(domid)->max_vcpu_id == 2, "there are three");
    ok(domain_info(domid)->nr_online_vcpus == 0, "none is online");
    answers(domctl_zero(XEN_DOMCTL_getvcpuinfo, domid), 0, "getvcpuinfo");
    ok(!op.u.getvcpuinfo.online && !op.u.getvcpuinfo.running && !op.u.getvcpuinfo.blocked &&
           !op.u.getvcpuinfo.cpu_time,
       "it is down");
    op.u.getvcpuinfo.vcpu = 3;
    answers(domctl(XEN_DOMCTL_getvcpuinfo, domid), -XEN_EINVAL, "getvcpuinfo of vCPU 3");
    answers(domctl_zero(XEN_DOMCTL_getvcpucontext, domid), -XEN_ENODATA, "it has no context yet");
    answers(domctl_zero(XEN_DOMCTL_setvcpucontext, domid), 0, "reset it: a context of NULL");
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_setvcpucontext, domid), -XEN_EFAULT, "a context nowhere");
    op.u.vcpucontext.vcpu = 3;
    answers(domctl(XEN_DOMCTL_setvcpucontext, domid), -XEN_EINVAL, "a context for vCPU 3");
    for (uint32_t trigger = 0; trigger < 6; trigger++) {
        static const long expected[] = {0,           -XEN_ENOSYS, -XEN_ENOSYS,
                                        -XEN_EINVAL, -XEN_EINVAL, -XEN_ENOSYS};

        memset(&op, 0, sizeof op);
        op.u.sendtrigger.trigger = trigger;
        answers(domctl(XEN_DOMCTL_sendtrigger, domid), expected[trigger], "trigger %u", trigger);
    }
    domctl_zero(XEN_DOMCTL_destroydomain, domid);
}

static long set_context(domid_t domid)
{
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return domctl(XEN_DOMCTL_setvcpucontext, domid);
}

static void good_context(void)
{
    memset(&context, 0, sizeof context);
    context.flags = VGCF_in_kernel;
}

#define bad_context(field, value, text)                                                            \
    do {                                                                                           \
        good_context();                                                                            \
        context.field = (value);                                                                   \
        answers(set_context(domid), -XEN_EINVAL, text);                                            \
    } while (0)

static void test_bad_contexts(domid_t domid)
{
    const uint64_t hole = 1UL << 60;

    bad_context(user_regs.rip, hole, "rip is no address");
    bad_context(user_regs.rsp, hole, "rsp is none");
    bad_context(kernel_sp, hole, "kernel_sp is none");
    bad_context(fs_base, hole, "fs_base is none");
    bad_context(gs_base_kernel, hole, "gs_base_kernel is none");
    bad_context(gs_base_user, hole, "gs_base_user is none");
    bad_context(event_callback_eip, hole, "the event callback is none");
    bad_context(failsafe_callback_eip, hole, "the failsafe callback is none");
    bad_context(syscall_callback_eip, hole, "the syscall callback is none");
    bad_context(trap_ctxt[200].address, hole, "a trap handler is none");
    bad_context(ldt_base, 1, "an LDT in the middle of a page");
    bad_context(ldt_base, HYPERVISOR_VIRT_START, "an LDT in Xen");
    bad_context(ldt_ents, 8193, "an LDT that is too large");
    bad_context(gdt_ents, 512 * 16 + 1, "a GDT that is too large");
    bad_context(gdt_ents, 512 * 16, "a GDT over Xen's entries");
    bad_context(gdt_ents, 1, "a GDT in a frame that is not the domain's");
    bad_context(vm_assist, 1UL << 40, "an assist that is none");
    bad_context(flags, 0, "user mode without page tables for it");
    bad_context(ctrlreg[3], 1UL << 12, "page tables that are not the domain's");
    ok(domctl_zero(XEN_DOMCTL_getvcpucontext, domid) == -XEN_ENODATA, "no context was taken");
}

static void test_affinity(domid_t domid)
{
    uint8_t hard[2] = {1, 0xff}, soft[2] = {0, 0xff};

    memset(&op, 0, sizeof op);
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), -XEN_EINVAL, "no affinity asked for");
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), -XEN_EINVAL, "hard affinity to nowhere");
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_SOFT;
    answers(domctl(XEN_DOMCTL_setvcpuaffinity, domid), -XEN_EINVAL, "soft affinity from nowhere");
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
    set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, hard);
    set_xen_guest_handle(op.u.vcpuaffinity.cpumap_soft.bitmap, soft);
    op.u.vcpuaffinity.cpumap_hard.nr_bits = op.u.vcpuaffinity.cpumap_soft.nr_bits = 16;
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), 0, "getvcpuaffinity");
    ok(hard[0] & 1 && soft[0] & 1, "processor 0 is in both");
    hard[0] = 1;
    hard[1] = soft[0] = 0;
    soft[1] = 0x80;
    answers(domctl(XEN_DOMCTL_setvcpuaffinity, domid), 0, "setvcpuaffinity");
    ok(hard[0] == 1 && soft[0] == 0 && soft[1] == 0, "what comes of it");
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), 0, "getvcpuaffinity");
    ok(hard[0] == 1 && soft[0] == 0, "what was set");
    hard[0] = 0;
    answers(domctl(XEN_DOMCTL_setvcpuaffinity, domid), -XEN_EINVAL, "hard affinity to none");
    set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_setvcpuaffinity, domid), -XEN_EFAULT, "from a wild pointer");
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), 0,
            "to a wild pointer: the error is forgotten if the soft one can be told");
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), -XEN_EFAULT, "alone to a wild pointer");
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 0;
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), 0, "no bit goes to a wild pointer");
    op.u.vcpuaffinity.vcpu = 1;
    answers(domctl(XEN_DOMCTL_getvcpuaffinity, domid), -XEN_EINVAL, "of vCPU 1");
}

static void test_nodes(domid_t domid)
{
    uint8_t map[9];

    memset(map, 0xff, sizeof map);
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.nodeaffinity.nodemap.bitmap, map);
    op.u.nodeaffinity.nodemap.nr_bits = 72;
    answers(domctl(XEN_DOMCTL_getnodeaffinity, domid), 0, "getnodeaffinity");
    ok(map[0] == 1 && !map[1] && !map[7] && !map[8], "node 0, as its vCPU");
    map[0] = 3;
    answers(domctl(XEN_DOMCTL_setnodeaffinity, domid), 0, "setnodeaffinity");
    map[0] = 0;
    domctl(XEN_DOMCTL_getnodeaffinity, domid);
    ok(map[0] == 3, "is kept");
    memset(map, 0xff, sizeof map);
    answers(domctl(XEN_DOMCTL_setnodeaffinity, domid), 0, "to all nodes");
    domctl(XEN_DOMCTL_getnodeaffinity, domid);
    ok(map[0] == 1 && !map[1], "means: as its vCPUs");
    memset(map, 0, sizeof map);
    answers(domctl(XEN_DOMCTL_setnodeaffinity, domid), -XEN_EINVAL, "to none");
    set_xen_guest_handle(op.u.nodeaffinity.nodemap.bitmap, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_setnodeaffinity, domid), -XEN_EFAULT, "from a wild pointer");
    answers(domctl(XEN_DOMCTL_getnodeaffinity, domid), -XEN_EFAULT, "to a wild pointer");
}

static void test_numbers(domid_t domid)
{
    memset(&op, 0, sizeof op);
    op.u.max_mem.max_memkb = 4096;
    answers(domctl(XEN_DOMCTL_max_mem, domid), 0, "max_mem");
    ok(domain_info(domid)->max_pages == 1024, "in pages");
    op.u.max_mem.max_memkb = UINT64_MAX;
    domctl(XEN_DOMCTL_max_mem, domid);
    ok(domain_info(domid)->max_pages == UINT32_MAX, "32 bits of them");
    memset(&op, 0, sizeof op);
    op.u.setdomainhandle.handle[3] = 9;
    answers(domctl(XEN_DOMCTL_setdomainhandle, domid), 0, "setdomainhandle");
    ok(domain_info(domid)->handle[3] == 9, "is seen");
    memset(&op, 0, sizeof op);
    op.u.setdebugging.enable = 2;
    answers(domctl(XEN_DOMCTL_setdebugging, domid), 0, "setdebugging");
    ok(flags(domid) & XEN_DOMINF_debugged, "is seen");
    answers(domctl_zero(XEN_DOMCTL_setdebugging, domid), 0, "and off");
    ok(!(flags(domid) & XEN_DOMINF_debugged), "is seen");
    answers(domctl_zero(XEN_DOMCTL_scheduler_op, domid), -XEN_EINVAL, "scheduler 0");
    op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    answers(domctl(XEN_DOMCTL_scheduler_op, domid), 0, "credit2's parameters");
    ok(op.u.scheduler_op.u.credit2.weight == 256 && op.u.scheduler_op.u.credit2.cap == 0,
       "their defaults");
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op.u.scheduler_op.u.credit2.weight = 512;
    op.u.scheduler_op.u.credit2.cap = 50;
    answers(domctl(XEN_DOMCTL_scheduler_op, domid), 0, "set them");
    op.u.scheduler_op.u.credit2.weight = 0;
    op.u.scheduler_op.u.credit2.cap = 40;
    answers(domctl(XEN_DOMCTL_scheduler_op, domid), 0, "a weight of 0 is left out");
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    domctl(XEN_DOMCTL_scheduler_op, domid);
    ok(op.u.scheduler_op.u.credit2.weight == 512 && op.u.scheduler_op.u.credit2.cap == 40,
       "they are kept");
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getvcpuinfo;
    answers(domctl(XEN_DOMCTL_scheduler_op, domid), -XEN_EINVAL, "no parameters of one vCPU");
    op.u.scheduler_op.cmd = 7;
    answers(domctl(XEN_DOMCTL_scheduler_op, domid), -XEN_EINVAL, "an operation that is none");
    answers(domctl_zero(XEN_DOMCTL_get_address_size, domid), 0, "get_address_size");
    ok(op.u.address_size.size == 64, "64");
    answers(domctl(XEN_DOMCTL_set_address_size, domid), 0, "set it to 64");
    op.u.address_size.size = 16;
    answers(domctl(XEN_DOMCTL_set_address_size, domid), -XEN_EINVAL, "set it to 16");
    answers(domctl_zero(XEN_DOMCTL_subscribe, domid), 0, "subscribe to port 0");
}

static void test_numa(domid_t domid)
{
    static uint32_t distance[4] = {10, 20, 20, 10}, vcpu_node[1], node[2];
    static xen_vmemrange_t range[1];

    memset(&op, 0, sizeof op);
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "a topology of no vCPU");
    op.u.vnuma.nr_vcpus = 1;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "of no node");
    op.u.vnuma.nr_vnodes = 33;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "of 33 nodes");
    op.u.vnuma.nr_vnodes = 2;
    op.u.vnuma.nr_vmemranges = 1000;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "of 1000 ranges");
    op.u.vnuma.nr_vmemranges = 1;
    op.u.vnuma.pad = 1;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "with padding");
    op.u.vnuma.pad = 0;
    set_xen_guest_handle(op.u.vnuma.vdistance, WILD_POINTER);
    set_xen_guest_handle(op.u.vnuma.vmemrange, range);
    set_xen_guest_handle(op.u.vnuma.vcpu_to_vnode, vcpu_node);
    set_xen_guest_handle(op.u.vnuma.vnode_to_pnode, node);
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EFAULT, "distances nowhere");
    set_xen_guest_handle(op.u.vnuma.vdistance, distance);
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), 0, "setvnumainfo");
    vcpu_node[0] = 2;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_E2BIG, "a vCPU in a node that is none");
    vcpu_node[0] = 0;
    node[1] = 64;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_E2BIG, "on a node that is none");
    node[1] = 0;
    range[0].flags = 1;
    answers(domctl(XEN_DOMCTL_setvnumainfo, domid), -XEN_EINVAL, "a range with flags");
}

static void test_extended(domid_t domid)
{
    answers(domctl_zero(XEN_DOMCTL_get_ext_vcpucontext, domid), 0, "get_ext_vcpucontext");
    ok(op.u.ext_vcpucontext.size == sizeof(struct xen_domctl_ext_vcpucontext), "its size");
    ok(op.u.ext_vcpucontext.sysenter_callback_eip == 0, "no sysenter callback");
    op.u.ext_vcpucontext.vcpu = 1;
    answers(domctl(XEN_DOMCTL_get_ext_vcpucontext, domid), -XEN_ESRCH, "of vCPU 1");
    answers(domctl_zero(XEN_DOMCTL_set_ext_vcpucontext, domid), -XEN_EINVAL, "one of size 0");
    op.u.ext_vcpucontext.size =
        offsetof(struct xen_domctl_ext_vcpucontext, syscall32_callback_eip) + 24;
    op.u.ext_vcpucontext.sysenter_callback_eip = 1UL << 60;
    answers(domctl(XEN_DOMCTL_set_ext_vcpucontext, domid), -XEN_EINVAL, "a callback nowhere");
    op.u.ext_vcpucontext.sysenter_callback_eip = 0x5000;
    op.u.ext_vcpucontext.sysenter_callback_cs = 0xe030;
    op.u.ext_vcpucontext.syscall32_disables_events = 1;
    answers(domctl(XEN_DOMCTL_set_ext_vcpucontext, domid), 0, "set_ext_vcpucontext");
    domctl_zero(XEN_DOMCTL_get_ext_vcpucontext, domid);
    ok(op.u.ext_vcpucontext.sysenter_callback_eip == 0x5000, "is kept");
    ok(op.u.ext_vcpucontext.syscall32_disables_events == 1, "its flags too");
    ok(op.u.ext_vcpucontext.sysenter_callback_cs == 0xe033, "but in ring 3");
    answers(domctl_zero(XEN_DOMCTL_getvcpuextstate, domid), 0, "the size of the XSAVE state");
    ok(op.u.vcpuextstate.size >= 16, "a header at least");
    op.u.vcpuextstate.vcpu = 1;
    answers(domctl(XEN_DOMCTL_getvcpuextstate, domid), -XEN_ESRCH, "of vCPU 1");
    answers(domctl_zero(XEN_DOMCTL_setvcpuextstate, domid), -XEN_EINVAL, "one without a header");
    op.u.vcpuextstate.size = 16;
    answers(domctl(XEN_DOMCTL_setvcpuextstate, domid), -XEN_EFAULT, "one from nowhere");
    op.u.vcpuextstate.size = 1 << 20;
    answers(domctl(XEN_DOMCTL_setvcpuextstate, domid), -XEN_EINVAL, "one that is too long");
    memset(&context, 0, sizeof context);
    op.u.vcpuextstate.size = 16;
    set_xen_guest_handle(op.u.vcpuextstate.buffer, (void *)&context);
    answers(domctl(XEN_DOMCTL_setvcpuextstate, domid), 0, "an empty one");
    answers(domctl_zero(XEN_DOMCTL_get_vcpu_msrs, domid), 0, "how many MSRs");
    ok(op.u.vcpu_msrs.msr_count >= 7, "seven, or more on some processors");
    set_xen_guest_handle(op.u.vcpu_msrs.msrs, (void *)&context);
    answers(domctl(XEN_DOMCTL_get_vcpu_msrs, domid), 0, "the MSRs");
    ok(op.u.vcpu_msrs.msr_count == 0, "a new vCPU has none");
    answers(domctl(XEN_DOMCTL_set_vcpu_msrs, domid), 0, "set none");
    op.u.vcpu_msrs.msr_count = 100;
    answers(domctl(XEN_DOMCTL_set_vcpu_msrs, domid), -XEN_EINVAL, "set 100");
    op.u.vcpu_msrs.msr_count = 1;
    answers(domctl(XEN_DOMCTL_set_vcpu_msrs, domid), -XEN_EINVAL, "set MSR 0");
    ok(op.u.vcpu_msrs.msr_count == 0, "the first is the wrong one");
    op.u.vcpu_msrs.msr_count = 1;
    set_xen_guest_handle(op.u.vcpu_msrs.msrs, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_set_vcpu_msrs, domid), -XEN_EFAULT, "from nowhere");
}

static void test_time(domid_t domid)
{
    memset(&op, 0, sizeof op);
    op.u.settimeoffset.time_offset_seconds = 3600;
    answers(domctl(XEN_DOMCTL_settimeoffset, domid), 0, "settimeoffset");
    answers(domctl_zero(XEN_DOMCTL_gettscinfo, domid), 0, "gettscinfo");
    ok(op.u.tsc_info.tsc_mode == 0 && op.u.tsc_info.incarnation == 1, "the default mode");
    ok(op.u.tsc_info.gtsc_khz > 100000, "more than 100 MHz");
    memset(&op, 0, sizeof op);
    op.u.tsc_info.tsc_mode = 2;
    op.u.tsc_info.incarnation = 4;
    answers(domctl(XEN_DOMCTL_settscinfo, domid), 0, "never emulate the TSC");
    domctl_zero(XEN_DOMCTL_gettscinfo, domid);
    ok(op.u.tsc_info.tsc_mode == 2 && op.u.tsc_info.incarnation == 5, "is kept, and counted");
    ok(!op.u.tsc_info.gtsc_khz && !op.u.tsc_info.elapsed_nsec, "without a time");
    op.u.tsc_info.tsc_mode = 3;
    answers(domctl(XEN_DOMCTL_settscinfo, domid), -XEN_EINVAL, "mode 3");
    answers(domctl_zero(XEN_DOMCTL_settscinfo, domid), 0, "the default mode");
}

static void test_policy(domid_t domid)
{
    static xen_cpuid_leaf_t leaves[400];
    static xen_msr_entry_t msrs[8];
    uint32_t count;

    answers(domctl_zero(XEN_DOMCTL_get_cpu_policy, domid), 0, "how large a CPU policy can be");
    ok(op.u.cpu_policy.nr_leaves > 50 && op.u.cpu_policy.nr_leaves < 400, "many leaves");
    ok(op.u.cpu_policy.nr_msrs == 2, "two MSRs");
    set_xen_guest_handle(op.u.cpu_policy.leaves, leaves);
    set_xen_guest_handle(op.u.cpu_policy.msrs, msrs);
    op.u.cpu_policy.nr_leaves = 400;
    op.u.cpu_policy.nr_msrs = 8;
    answers(domctl(XEN_DOMCTL_get_cpu_policy, domid), 0, "get_cpu_policy");
    count = op.u.cpu_policy.nr_leaves;
    ok(count > 10 && count < 400 && op.u.cpu_policy.nr_msrs == 2, "as many as there are");
    ok(leaves[0].leaf == 0 && leaves[0].subleaf == XEN_CPUID_NO_SUBLEAF, "leaf 0 is the first");
    ok(leaves[count - 1].leaf >= 0x80000000, "an extended one is the last");
    ok(msrs[0].idx == 0xce && msrs[1].idx == 0x10a, "which MSRs");
    op.u.cpu_policy.nr_leaves = 3;
    answers(domctl(XEN_DOMCTL_get_cpu_policy, domid), -XEN_ENOBUFS, "place for three leaves");
    op.u.cpu_policy.nr_leaves = 400;
    op.u.cpu_policy.nr_msrs = 1;
    answers(domctl(XEN_DOMCTL_get_cpu_policy, domid), -XEN_ENOBUFS, "place for one MSR");
    set_xen_guest_handle(op.u.cpu_policy.leaves, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_get_cpu_policy, domid), -XEN_EFAULT, "leaves to nowhere");
    set_xen_guest_handle(op.u.cpu_policy.leaves, leaves);
    set_xen_guest_handle(op.u.cpu_policy.msrs, WILD_POINTER);
    op.u.cpu_policy.nr_leaves = 400;
    op.u.cpu_policy.nr_msrs = 2;
    answers(domctl(XEN_DOMCTL_get_cpu_policy, domid), -XEN_EFAULT, "MSRs to nowhere");
    answers(domctl_zero(XEN_DOMCTL_set_cpu_policy, domid), -XEN_EEXIST,
            "a policy for a domain that has been unpaused");
}

static void test_io(domid_t domid)
{
    memset(&op, 0, sizeof op);
    op.u.iomem_permission.first_mfn = UINT64_MAX;
    op.u.iomem_permission.nr_mfns = 2;
    answers(domctl(XEN_DOMCTL_iomem_permission, domid), -XEN_EINVAL, "I/O memory over the end");
    answers(domctl_zero(XEN_DOMCTL_iomem_permission, domid), -XEN_EPERM, "all I/O memory");
    answers(domctl_zero(XEN_DOMCTL_ioport_permission, domid), -XEN_EINVAL, "no port");
    op.u.ioport_permission.first_port = 0xffff;
    op.u.ioport_permission.nr_ports = 2;
    answers(domctl(XEN_DOMCTL_ioport_permission, domid), -XEN_EINVAL, "port 65536");
    op.u.ioport_permission.first_port = 0x20;
    answers(domctl(XEN_DOMCTL_ioport_permission, domid), -XEN_EPERM,
            "the interrupt controller's ports");
    answers(domctl_zero(XEN_DOMCTL_irq_permission, domid), -XEN_EPERM, "a line that is nobody's");
    op.u.irq_permission.pirq = 1 << 20;
    answers(domctl(XEN_DOMCTL_irq_permission, domid), -XEN_EINVAL, "a line that is none");
    answers(domctl_zero(XEN_DOMCTL_memory_mapping, domid), -XEN_EINVAL, "map no I/O memory");
    op.u.memory_mapping.nr_mfns = 1;
    answers(domctl(XEN_DOMCTL_memory_mapping, domid), 0, "nothing to map for a PV domain");
    op.u.memory_mapping.first_mfn = 1UL << 50;
    answers(domctl(XEN_DOMCTL_memory_mapping, domid), -XEN_EINVAL, "beyond the last address");
    op.u.memory_mapping.first_mfn = 0;
    op.u.memory_mapping.nr_mfns = 2;
    op.u.memory_mapping.first_gfn = UINT64_MAX;
    answers(domctl(XEN_DOMCTL_memory_mapping, domid), -XEN_EINVAL, "at the end of all frames");
    answers(domctl_zero(XEN_DOMCTL_ioport_mapping, domid), -XEN_EOPNOTSUPP, "map ports");
    answers(domctl_zero(XEN_DOMCTL_bind_pt_irq, domid), -XEN_EINVAL, "bind a line");
    answers(domctl_zero(XEN_DOMCTL_unbind_pt_irq, domid), -XEN_EINVAL, "unbind a line");
    answers(domctl_zero(XEN_DOMCTL_assign_device, domid), -XEN_EOPNOTSUPP, "assign a device");
    answers(domctl_zero(XEN_DOMCTL_assign_device, DOMID_IO), -XEN_EOPNOTSUPP, "to DOMID_IO");
    answers(domctl_zero(XEN_DOMCTL_assign_device, DOMID_INVALID), -XEN_ESRCH, "to DOMID_INVALID");
    answers(domctl_zero(XEN_DOMCTL_deassign_device, domid), -XEN_EOPNOTSUPP, "deassign it");
    answers(domctl_zero(XEN_DOMCTL_test_assign_device, domid), -XEN_EOPNOTSUPP, "could it be");
    answers(domctl_zero(XEN_DOMCTL_test_assign_device, DOMID_INVALID), -XEN_EOPNOTSUPP,
            "is it assigned at all");
    answers(domctl_zero(XEN_DOMCTL_get_device_group, domid), -XEN_EOPNOTSUPP, "its group");
}

static void test_virqs(domid_t domid)
{
    memset(&op, 0, sizeof op);
    op.u.set_virq_handler.virq = VIRQ_TIMER;
    answers(domctl(XEN_DOMCTL_set_virq_handler, domid), -XEN_EINVAL,
            "a handler for a VIRQ that each vCPU has");
    op.u.set_virq_handler.virq = NR_VIRQS;
    answers(domctl(XEN_DOMCTL_set_virq_handler, domid), -XEN_EINVAL, "for one that is none");
    op.u.set_virq_handler.virq = VIRQ_DOM_EXC;
    answers(domctl(XEN_DOMCTL_set_virq_handler, domid), 0, "for VIRQ_DOM_EXC");
    answers(domctl(XEN_DOMCTL_set_virq_handler, domid), 0, "again");
    answers(domctl(XEN_DOMCTL_set_virq_handler, 0), 0, "and back");
}

/* What is for domains of other kinds, or for a Xen that was built in another way. */
static void test_others(domid_t domid)
{
    static const struct {
        const char *name;
        uint32_t cmd;
        long error;
    } all[] = {
#define ROW(op, error) {#op, XEN_DOMCTL_##op, -(error)}
        ROW(real_mode_area, XEN_ENOSYS),
        ROW(gethvmcontext, XEN_EINVAL),
        ROW(sethvmcontext, XEN_EINVAL),
        ROW(gethvmcontext_partial, XEN_EINVAL),
        ROW(set_opt_feature, XEN_ENOSYS),
        ROW(debug_op, XEN_EINVAL),
        ROW(mem_sharing_op, XEN_ENOSYS),
        ROW(audit_p2m, XEN_ENOSYS),
        ROW(set_broken_page_p2m, XEN_EINVAL),
        ROW(cacheflush, XEN_ENOSYS),
        ROW(psr_cmt_op, XEN_ENODEV),
        ROW(psr_alloc, XEN_ENODEV),
        ROW(vuart_op, XEN_ENOSYS),
        ROW(vmtrace_op, XEN_EINVAL),
        ROW(get_paging_mempool_size, XEN_EOPNOTSUPP),
        ROW(set_paging_mempool_size, XEN_EOPNOTSUPP),
        ROW(gdbsx_guestmemio, XEN_ENOSYS),
        ROW(gdbsx_pausevcpu, XEN_ENOSYS),
        ROW(gdbsx_unpausevcpu, XEN_ENOSYS),
        ROW(gdbsx_domstatus, XEN_ENOSYS),
        ROW(set_access_required, 0),
        ROW(monitor_op, XEN_EOPNOTSUPP),
        ROW(set_target, XEN_EOPNOTSUPP),
        ROW(shadow_op, XEN_EINVAL),
        ROW(vm_event_op, XEN_ENOSYS),
    };

    for (unsigned int i = 0; i < sizeof all / sizeof all[0]; i++)
        answers(domctl_zero(all[i].cmd, domid), all[i].error, "%s", all[i].name);
    memset(&op, 0, sizeof op);
    op.u.set_target.target = NOBODY;
    answers(domctl(XEN_DOMCTL_set_target, domid), -XEN_ESRCH, "a target that is none");
    memset(&op, 0, sizeof op);
    op.u.psr_alloc.cmd = 99;
    answers(domctl(XEN_DOMCTL_psr_alloc, domid), -XEN_EOPNOTSUPP, "psr_alloc 99");
    memset(&op, 0, sizeof op);
    op.u.monitor_op.op = XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES;
    op.u.monitor_op.event = 5;
    answers(domctl(XEN_DOMCTL_monitor_op, domid), 0, "what can be monitored");
    ok(op.u.monitor_op.event == 0, "nothing of a PV domain");
    op.u.monitor_op.op = XEN_DOMCTL_MONITOR_OP_ENABLE;
    op.u.monitor_op.event = 32;
    answers(domctl(XEN_DOMCTL_monitor_op, domid), -XEN_EINVAL, "event 32");
    op.u.monitor_op.op = 99;
    answers(domctl(XEN_DOMCTL_monitor_op, domid), -XEN_EOPNOTSUPP, "monitor_op 99");
    memset(&op, 0, sizeof op);
    op.u.vm_event_op.op = XEN_VM_EVENT_GET_VERSION;
    answers(domctl(XEN_DOMCTL_vm_event_op, DOMID_INVALID), 0, "the version of vm_event");
    ok(op.u.vm_event_op.u.version == VM_EVENT_INTERFACE_VERSION, "is the header's");
    answers(domctl_zero(XEN_DOMCTL_vm_event_op, DOMID_INVALID), -XEN_ESRCH,
            "another vm_event_op needs a domain");
    memset(&op, 0, sizeof op);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_CLEAN;
    op.u.shadow_op.mode = 0x80;
    answers(domctl(XEN_DOMCTL_shadow_op, domid), -XEN_EINVAL, "a mode of cleaning that is none");
    op.u.shadow_op.op = 99;
    answers(domctl(XEN_DOMCTL_shadow_op, domid), -XEN_EINVAL, "shadow_op 99");
    answers(domctl_zero(XEN_DOMCTL_soft_reset, domid), -XEN_EINVAL,
            "reset a domain that has not shut down");
    answers(domctl_zero(23, domid), -XEN_EINVAL, "go on with resetting it");
}

/* How a PV domain without vCPUs dies of a reset. */
static void test_reset(void)
{
    domid_t domid;

    good_config(1);
    domctl(XEN_DOMCTL_createdomain, 0);
    domid = op.domain;
    answers(domctl_zero(23, domid), -XEN_EBUSY, "go on with a reset that was not begun");
    answers(domctl_zero(XEN_DOMCTL_soft_reset, domid), -XEN_EINVAL, "reset a PV domain");
    ok(flags(domid) == (XEN_DOMINF_paused | XEN_DOMINF_shutdown), "it has been crashed by that");
    ok(domain_info(domid)->flags >> XEN_DOMINF_shutdownshift == SHUTDOWN_crash, "it says so");
    answers(domctl_zero(XEN_DOMCTL_resumedomain, domid), 0, "resume it");
    ok(flags(domid) == XEN_DOMINF_paused, "it has not shut down any more");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), 0, "unpause it");
    answers(domctl_zero(XEN_DOMCTL_soft_reset, domid), -XEN_EINVAL, "reset it while it runs");
    ok(flags(domid) == 0, "does nothing");
    domctl_zero(XEN_DOMCTL_destroydomain, domid);
}

static void test_nobody(void)
{
    int others = 0;

    for (uint32_t cmd = 0; cmd < 1010; cmd++) {
        /* Those that need none: create, info, and one that looks for a device. */
        if (cmd == XEN_DOMCTL_createdomain || cmd == XEN_DOMCTL_getdomaininfo)
            continue;
        others += domctl_zero(cmd, NOBODY) != -XEN_ESRCH;
    }
    ok(others == 0, "all others want a domain");
}

int main(void)
{
    domid_t domid;

    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    test_way_in();
    test_bad_configs();
    test_create();
    test_self();
    test_vcpus();
    domid = new_domain(1);
    ok(domid > 0, "a domain with a vCPU");
    answers(domctl_zero(XEN_DOMCTL_set_cpu_policy, domid), 0, "an empty CPU policy");
    test_pause(domid);
    test_bad_contexts(domid);
    test_affinity(domid);
    test_nodes(domid);
    test_numbers(domid);
    test_numa(domid);
    test_extended(domid);
    test_time(domid);
    test_policy(domid);
    test_io(domid);
    test_virqs(domid);
    test_others(domid);
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy it");
    test_reset();
    test_nobody();
    return tap_done();
}
