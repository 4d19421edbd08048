/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments of the hypercalls of tools: domctl, sysctl, platform_op. Of their structs the main
 * fields, each time with the domain, if it is about one.
 */
#include "describe.h"

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__
#endif
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/platform.h>
#include <xen/sysctl.h>

/* One field a line. */
/* clang-format off */

/* Of the part PART of the union in struct TYPE. */
#define PART_TYPE(type, part, direction, fields_)                                              \
    {                                                                                          \
        .size = offsetof(type, u) + sizeof(((type *)NULL)->u.part), .way = TRACE_##direction,  \
        .field_count = TRACE_COUNT(fields_), .fields = fields_                                 \
    }
#define DOMCTL(text, member, how, direction) TRACE_FIELD(struct xen_domctl, text, u.member, how, direction)
#define DOMAIN TRACE_FIELD(struct xen_domctl, "domain", domain, DOMID, IN)

static const struct trace_field create_fields[] = {
    TRACE_FIELD(struct xen_domctl, "domain", domain, DOMID, INOUT),
    DOMCTL("handle", createdomain.handle, UUID, IN),
    DOMCTL("flags", createdomain.flags, HEX, IN),
    DOMCTL("max_vcpus", createdomain.max_vcpus, DEC, IN),
    DOMCTL("max_evtchn_port", createdomain.max_evtchn_port, DEC, IN),
    DOMCTL("max_grant_frames", createdomain.max_grant_frames, INT, IN),
    DOMCTL("max_maptrack_frames", createdomain.max_maptrack_frames, INT, IN),
    DOMCTL("grant_opts", createdomain.grant_opts, HEX, IN),
};
static const struct trace_field domain_fields[] = {DOMAIN};
static const struct trace_field info_fields[] = {
    DOMAIN,
    DOMCTL("domain", getdomaininfo.domain, DOMID, OUT),
    DOMCTL("flags", getdomaininfo.flags, HEX, OUT),
    DOMCTL("tot_pages", getdomaininfo.tot_pages, DEC, OUT),
    DOMCTL("max_pages", getdomaininfo.max_pages, DEC, OUT),
    DOMCTL("cpu_time", getdomaininfo.cpu_time, TIME, OUT),
    DOMCTL("nr_online_vcpus", getdomaininfo.nr_online_vcpus, DEC, OUT),
};
static const struct trace_field affinity_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", vcpuaffinity.vcpu, DEC, IN),
    DOMCTL("flags", vcpuaffinity.flags, HEX, INOUT),
};
static const struct trace_field shadow_fields[] = {
    DOMAIN,
    DOMCTL("op", shadow_op.op, DEC, IN),
};
static const struct trace_field max_mem_fields[] = {
    DOMAIN,
    DOMCTL("max_memkb", max_mem.max_memkb, DEC, IN),
};
static const struct trace_field context_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", vcpucontext.vcpu, DEC, IN),
};
static const struct trace_field vcpuinfo_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", getvcpuinfo.vcpu, DEC, IN),
    DOMCTL("online", getvcpuinfo.online, DEC, OUT),
    DOMCTL("blocked", getvcpuinfo.blocked, DEC, OUT),
    DOMCTL("running", getvcpuinfo.running, DEC, OUT),
    DOMCTL("cpu_time", getvcpuinfo.cpu_time, TIME, OUT),
};
static const struct trace_field max_vcpus_fields[] = {
    DOMAIN,
    DOMCTL("max", max_vcpus.max, DEC, IN),
};
static const struct trace_field scheduler_fields[] = {
    DOMAIN,
    DOMCTL("sched_id", scheduler_op.sched_id, DEC, IN),
    DOMCTL("cmd", scheduler_op.cmd, DEC, IN),
};
static const struct trace_field set_handle_fields[] = {
    DOMAIN,
    DOMCTL("handle", setdomainhandle.handle, UUID, IN),
};
static const struct trace_field debugging_fields[] = {
    DOMAIN,
    DOMCTL("enable", setdebugging.enable, DEC, IN),
};
static const struct trace_field irq_fields[] = {
    DOMAIN,
    DOMCTL("pirq", irq_permission.pirq, DEC, IN),
    DOMCTL("allow_access", irq_permission.allow_access, DEC, IN),
};
static const struct trace_field iomem_fields[] = {
    DOMAIN,
    DOMCTL("first_mfn", iomem_permission.first_mfn, HEX, IN),
    DOMCTL("nr_mfns", iomem_permission.nr_mfns, DEC, IN),
    DOMCTL("allow_access", iomem_permission.allow_access, DEC, IN),
};
static const struct trace_field ioport_fields[] = {
    DOMAIN,
    DOMCTL("first_port", ioport_permission.first_port, HEX, IN),
    DOMCTL("nr_ports", ioport_permission.nr_ports, DEC, IN),
    DOMCTL("allow_access", ioport_permission.allow_access, DEC, IN),
};
static const struct trace_field hypercall_init_fields[] = {
    DOMAIN,
    DOMCTL("gmfn", hypercall_init.gmfn, HEX, IN),
};
static const struct trace_field timeoffset_fields[] = {
    DOMAIN,
    DOMCTL("time_offset_seconds", settimeoffset.time_offset_seconds, INT, IN),
};
static const struct trace_field trigger_fields[] = {
    DOMAIN,
    DOMCTL("trigger", sendtrigger.trigger, DEC, IN),
    DOMCTL("vcpu", sendtrigger.vcpu, DEC, IN),
};
static const struct trace_field subscribe_fields[] = {
    DOMAIN,
    DOMCTL("port", subscribe.port, DEC, IN),
};
static const struct trace_field address_size_fields[] = {
    DOMAIN,
    DOMCTL("size", address_size.size, DEC, INOUT),
};
static const struct trace_field mapping_fields[] = {
    DOMAIN,
    DOMCTL("first_gfn", memory_mapping.first_gfn, HEX, IN),
    DOMCTL("first_mfn", memory_mapping.first_mfn, HEX, IN),
    DOMCTL("nr_mfns", memory_mapping.nr_mfns, DEC, IN),
    DOMCTL("add_mapping", memory_mapping.add_mapping, DEC, IN),
};
static const struct trace_field ext_context_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", ext_vcpucontext.vcpu, DEC, IN),
    DOMCTL("size", ext_vcpucontext.size, DEC, INOUT),
};
static const struct trace_field target_fields[] = {
    DOMAIN,
    DOMCTL("target", set_target.target, DOMID, IN),
};
static const struct trace_field tsc_fields[] = {
    DOMAIN,
    DOMCTL("tsc_mode", tsc_info.tsc_mode, DEC, INOUT),
    DOMCTL("gtsc_khz", tsc_info.gtsc_khz, DEC, INOUT),
    DOMCTL("incarnation", tsc_info.incarnation, DEC, INOUT),
    DOMCTL("elapsed_nsec", tsc_info.elapsed_nsec, TIME, INOUT),
};
static const struct trace_field frames_fields[] = {
    DOMAIN,
    DOMCTL("num", getpageframeinfo3.num, DEC, IN),
};
static const struct trace_field extstate_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", vcpuextstate.vcpu, DEC, IN),
    DOMCTL("xfeature_mask", vcpuextstate.xfeature_mask, HEX, INOUT),
    DOMCTL("size", vcpuextstate.size, DEC, INOUT),
};
static const struct trace_field msrs_fields[] = {
    DOMAIN,
    DOMCTL("vcpu", vcpu_msrs.vcpu, DEC, IN),
    DOMCTL("msr_count", vcpu_msrs.msr_count, DEC, INOUT),
};
static const struct trace_field virq_fields[] = {
    DOMAIN,
    DOMCTL("virq", set_virq_handler.virq, VIRQ, IN),
};
static const struct trace_field vnuma_fields[] = {
    DOMAIN,
    DOMCTL("nr_vnodes", vnuma.nr_vnodes, DEC, IN),
    DOMCTL("nr_vmemranges", vnuma.nr_vmemranges, DEC, IN),
    DOMCTL("nr_vcpus", vnuma.nr_vcpus, DEC, IN),
};
static const struct trace_field policy_fields[] = {
    DOMAIN,
    DOMCTL("nr_leaves", cpu_policy.nr_leaves, DEC, INOUT),
    DOMCTL("nr_msrs", cpu_policy.nr_msrs, DEC, INOUT),
};
#define PART(name, part, direction) name = PART_TYPE(struct xen_domctl, part, direction, name##_fields)
static const struct trace_struct
    PART(create, createdomain, INOUT),
    domain = {.size = offsetof(struct xen_domctl, u), .way = TRACE_IN, .field_count = 1, .fields = domain_fields},
    PART(info, getdomaininfo, INOUT),
    PART(affinity, vcpuaffinity, INOUT),
    PART(shadow, shadow_op, IN),
    PART(max_mem, max_mem, IN),
    PART(context, vcpucontext, IN),
    PART(vcpuinfo, getvcpuinfo, INOUT),
    PART(max_vcpus, max_vcpus, IN),
    PART(scheduler, scheduler_op, IN),
    PART(set_handle, setdomainhandle, IN),
    PART(debugging, setdebugging, IN),
    PART(irq, irq_permission, IN),
    PART(iomem, iomem_permission, IN),
    PART(ioport, ioport_permission, IN),
    PART(hypercall_init, hypercall_init, IN),
    PART(timeoffset, settimeoffset, IN),
    PART(trigger, sendtrigger, IN),
    PART(subscribe, subscribe, IN),
    PART(address_size, address_size, INOUT),
    PART(mapping, memory_mapping, IN),
    PART(ext_context, ext_vcpucontext, INOUT),
    PART(target, set_target, IN),
    PART(tsc, tsc_info, INOUT),
    PART(frames, getpageframeinfo3, IN),
    PART(extstate, vcpuextstate, INOUT),
    PART(msrs, vcpu_msrs, INOUT),
    PART(virq, set_virq_handler, IN),
    PART(vnuma, vnuma, IN),
    PART(policy, cpu_policy, INOUT);

#define TOOL(struct_) TRACE_CALL(TRACE_PTR(0, struct_))
static const struct trace_call domctl_calls[] = {
    [XEN_DOMCTL_createdomain] = TOOL(create),
    [XEN_DOMCTL_getdomaininfo] = TOOL(info),
    [XEN_DOMCTL_setvcpuaffinity] = TOOL(affinity),
    [XEN_DOMCTL_shadow_op] = TOOL(shadow),
    [XEN_DOMCTL_max_mem] = TOOL(max_mem),
    [XEN_DOMCTL_setvcpucontext] = TOOL(context),
    [XEN_DOMCTL_getvcpucontext] = TOOL(context),
    [XEN_DOMCTL_getvcpuinfo] = TOOL(vcpuinfo),
    [XEN_DOMCTL_max_vcpus] = TOOL(max_vcpus),
    [XEN_DOMCTL_scheduler_op] = TOOL(scheduler),
    [XEN_DOMCTL_setdomainhandle] = TOOL(set_handle),
    [XEN_DOMCTL_setdebugging] = TOOL(debugging),
    [XEN_DOMCTL_irq_permission] = TOOL(irq),
    [XEN_DOMCTL_iomem_permission] = TOOL(iomem),
    [XEN_DOMCTL_ioport_permission] = TOOL(ioport),
    [XEN_DOMCTL_hypercall_init] = TOOL(hypercall_init),
    [XEN_DOMCTL_settimeoffset] = TOOL(timeoffset),
    [XEN_DOMCTL_getvcpuaffinity] = TOOL(affinity),
    [XEN_DOMCTL_sendtrigger] = TOOL(trigger),
    [XEN_DOMCTL_subscribe] = TOOL(subscribe),
    [XEN_DOMCTL_set_address_size] = TOOL(address_size),
    [XEN_DOMCTL_get_address_size] = TOOL(address_size),
    [XEN_DOMCTL_memory_mapping] = TOOL(mapping),
    [XEN_DOMCTL_set_ext_vcpucontext] = TOOL(ext_context),
    [XEN_DOMCTL_get_ext_vcpucontext] = TOOL(ext_context),
    [XEN_DOMCTL_set_target] = TOOL(target),
    [XEN_DOMCTL_gettscinfo] = TOOL(tsc),
    [XEN_DOMCTL_settscinfo] = TOOL(tsc),
    [XEN_DOMCTL_getpageframeinfo3] = TOOL(frames),
    [XEN_DOMCTL_setvcpuextstate] = TOOL(extstate),
    [XEN_DOMCTL_getvcpuextstate] = TOOL(extstate),
    [XEN_DOMCTL_get_vcpu_msrs] = TOOL(msrs),
    [XEN_DOMCTL_set_vcpu_msrs] = TOOL(msrs),
    [XEN_DOMCTL_set_virq_handler] = TOOL(virq),
    [XEN_DOMCTL_setvnumainfo] = TOOL(vnuma),
    [XEN_DOMCTL_get_cpu_policy] = TOOL(policy),
    [XEN_DOMCTL_set_cpu_policy] = TOOL(policy),
};
/* All others: which domain. */
const struct trace_operation trace_op_domctl = {
    .number = TRACE_NUMBER_MEMORY,
    .count = TRACE_COUNT(domctl_calls),
    .calls = domctl_calls,
    .other = TOOL(domain),
};

/* ---- sysctl ---- */

#define SYSCTL(text, member, how, direction) TRACE_FIELD(struct xen_sysctl, text, u.member, how, direction)

static const struct trace_field readconsole_fields[] = {
    SYSCTL("clear", readconsole.clear, DEC, IN),
    SYSCTL("incremental", readconsole.incremental, DEC, IN),
    SYSCTL("index", readconsole.index, DEC, INOUT),
    SYSCTL("count", readconsole.count, DEC, INOUT),
};
static const struct trace_field tbuf_fields[] = {
    SYSCTL("cmd", tbuf_op.cmd, DEC, IN),
};
static const struct trace_field physinfo_fields[] = {
    SYSCTL("nr_cpus", physinfo.nr_cpus, DEC, OUT),
    SYSCTL("max_cpu_id", physinfo.max_cpu_id, DEC, OUT),
    SYSCTL("total_pages", physinfo.total_pages, DEC, OUT),
    SYSCTL("free_pages", physinfo.free_pages, DEC, OUT),
    SYSCTL("outstanding_pages", physinfo.outstanding_pages, DEC, OUT),
};
static const struct trace_field sched_id_fields[] = {
    SYSCTL("sched_id", sched_id.sched_id, DEC, OUT),
};
static const struct trace_field infolist_fields[] = {
    SYSCTL("first_domain", getdomaininfolist.first_domain, DOMID, IN),
    SYSCTL("max_domains", getdomaininfolist.max_domains, DEC, IN),
    SYSCTL("num_domains", getdomaininfolist.num_domains, DEC, OUT),
};
static const struct trace_field debug_keys_fields[] = {
    SYSCTL("nr_keys", debug_keys.nr_keys, DEC, IN),
};
static const struct trace_field cpuinfo_fields[] = {
    SYSCTL("max_cpus", getcpuinfo.max_cpus, DEC, IN),
    SYSCTL("nr_cpus", getcpuinfo.nr_cpus, DEC, OUT),
};
static const struct trace_field availheap_fields[] = {
    SYSCTL("min_bitwidth", availheap.min_bitwidth, DEC, IN),
    SYSCTL("max_bitwidth", availheap.max_bitwidth, DEC, IN),
    SYSCTL("node", availheap.node, INT, IN),
    SYSCTL("avail_bytes", availheap.avail_bytes, DEC, OUT),
};
static const struct trace_field hotplug_fields[] = {
    SYSCTL("cpu", cpu_hotplug.cpu, DEC, IN),
    SYSCTL("op", cpu_hotplug.op, DEC, IN),
};
static const struct trace_field offline_fields[] = {
    SYSCTL("cmd", page_offline.cmd, DEC, IN),
    SYSCTL("start", page_offline.start, HEX, IN),
    SYSCTL("end", page_offline.end, HEX, IN),
};
static const struct trace_field cputopo_fields[] = {
    SYSCTL("num_cpus", cputopoinfo.num_cpus, DEC, INOUT),
};
static const struct trace_field numainfo_fields[] = {
    SYSCTL("num_nodes", numainfo.num_nodes, DEC, INOUT),
};
static const struct trace_field cpupool_fields[] = {
    SYSCTL("op", cpupool_op.op, DEC, IN),
    SYSCTL("cpupool_id", cpupool_op.cpupool_id, DEC, INOUT),
    SYSCTL("sched_id", cpupool_op.sched_id, DEC, INOUT),
    SYSCTL("domid", cpupool_op.domid, DOMID, IN),
    SYSCTL("cpu", cpupool_op.cpu, DEC, IN),
    SYSCTL("n_dom", cpupool_op.n_dom, DEC, OUT),
};
static const struct trace_field sysctl_scheduler_fields[] = {
    SYSCTL("cpupool_id", scheduler_op.cpupool_id, DEC, IN),
    SYSCTL("sched_id", scheduler_op.sched_id, DEC, IN),
    SYSCTL("cmd", scheduler_op.cmd, DEC, IN),
};
static const struct trace_field command_fields[] = {
    TRACE_FIELD(struct xen_sysctl, "cmd", cmd, DEC, IN),
};
#undef PART
#define PART(name, part, direction) name = PART_TYPE(struct xen_sysctl, part, direction, name##_fields)
static const struct trace_struct
    PART(readconsole, readconsole, INOUT),
    PART(tbuf, tbuf_op, IN),
    PART(physinfo, physinfo, OUT),
    PART(sched_id, sched_id, OUT),
    PART(infolist, getdomaininfolist, INOUT),
    PART(debug_keys, debug_keys, IN),
    PART(cpuinfo, getcpuinfo, INOUT),
    PART(availheap, availheap, INOUT),
    PART(hotplug, cpu_hotplug, IN),
    PART(offline, page_offline, IN),
    PART(cputopo, cputopoinfo, INOUT),
    PART(numainfo, numainfo, INOUT),
    PART(cpupool, cpupool_op, INOUT),
    PART(sysctl_scheduler, scheduler_op, IN),
    command = {.size = offsetof(struct xen_sysctl, u), .way = TRACE_IN, .field_count = 1, .fields = command_fields};

static const struct trace_call sysctl_calls[] = {
    [XEN_SYSCTL_readconsole] = TOOL(readconsole),
    [XEN_SYSCTL_tbuf_op] = TOOL(tbuf),
    [XEN_SYSCTL_physinfo] = TOOL(physinfo),
    [XEN_SYSCTL_sched_id] = TOOL(sched_id),
    [XEN_SYSCTL_getdomaininfolist] = TOOL(infolist),
    [XEN_SYSCTL_debug_keys] = TOOL(debug_keys),
    [XEN_SYSCTL_getcpuinfo] = TOOL(cpuinfo),
    [XEN_SYSCTL_availheap] = TOOL(availheap),
    [XEN_SYSCTL_cpu_hotplug] = TOOL(hotplug),
    [XEN_SYSCTL_page_offline_op] = TOOL(offline),
    [XEN_SYSCTL_cputopoinfo] = TOOL(cputopo),
    [XEN_SYSCTL_numainfo] = TOOL(numainfo),
    [XEN_SYSCTL_cpupool_op] = TOOL(cpupool),
    [XEN_SYSCTL_scheduler_op] = TOOL(sysctl_scheduler),
};
const struct trace_operation trace_op_sysctl = {
    .number = TRACE_NUMBER_MEMORY,
    .count = TRACE_COUNT(sysctl_calls),
    .calls = sysctl_calls,
    .other = TOOL(command),
};

/* ---- platform_op ---- */

#define PLATFORM(text, member, how, direction) TRACE_FIELD(struct xen_platform_op, text, u.member, how, direction)

static const struct trace_field settime_fields[] = {
    PLATFORM("secs", settime64.secs, DEC, IN),
    PLATFORM("nsecs", settime64.nsecs, DEC, IN),
    PLATFORM("system_time", settime64.system_time, TIME, IN),
};
static const struct trace_field platform_command_fields[] = {
    TRACE_FIELD(struct xen_platform_op, "cmd", cmd, DEC, IN),
};
static const struct trace_struct
    settime = PART_TYPE(struct xen_platform_op, settime64, IN, settime_fields),
    platform_command = {.size = offsetof(struct xen_platform_op, u), .way = TRACE_IN, .field_count = 1, .fields = platform_command_fields};

static const struct trace_call platform_calls[] = {
    [XENPF_settime64] = TOOL(settime),
};
const struct trace_operation trace_op_platform = {
    .number = TRACE_NUMBER_MEMORY,
    .count = TRACE_COUNT(platform_calls),
    .calls = platform_calls,
    .other = TOOL(platform_command),
};
