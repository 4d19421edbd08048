/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments of the hypercalls for events, scheduling, vCPUs, consoles and devices.
 */
#include "describe.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

/* One field a line. */
/* clang-format off */

/* ---- event channels ---- */

static const struct trace_field alloc_unbound_fields[] = {
    TRACE_FIELD(struct evtchn_alloc_unbound, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct evtchn_alloc_unbound, "remote_dom", remote_dom, DOMID, IN),
    TRACE_FIELD(struct evtchn_alloc_unbound, "port", port, DEC, OUT),
};
static const struct trace_field bind_interdomain_fields[] = {
    TRACE_FIELD(struct evtchn_bind_interdomain, "remote_dom", remote_dom, DOMID, IN),
    TRACE_FIELD(struct evtchn_bind_interdomain, "remote_port", remote_port, DEC, IN),
    TRACE_FIELD(struct evtchn_bind_interdomain, "local_port", local_port, DEC, OUT),
};
static const struct trace_field bind_virq_fields[] = {
    TRACE_FIELD(struct evtchn_bind_virq, "virq", virq, VIRQ, IN),
    TRACE_FIELD(struct evtchn_bind_virq, "vcpu", vcpu, DEC, IN),
    TRACE_FIELD(struct evtchn_bind_virq, "port", port, DEC, OUT),
};
static const struct trace_field bind_pirq_fields[] = {
    TRACE_FIELD(struct evtchn_bind_pirq, "pirq", pirq, DEC, IN),
    TRACE_FIELD(struct evtchn_bind_pirq, "flags", flags, HEX, IN),
    TRACE_FIELD(struct evtchn_bind_pirq, "port", port, DEC, OUT),
};
static const struct trace_field bind_ipi_fields[] = {
    TRACE_FIELD(struct evtchn_bind_ipi, "vcpu", vcpu, DEC, IN),
    TRACE_FIELD(struct evtchn_bind_ipi, "port", port, DEC, OUT),
};
static const struct trace_field port_fields[] = {
    TRACE_FIELD(struct evtchn_send, "port", port, DEC, IN),
};
static const struct trace_field evtchn_status_fields[] = {
    TRACE_FIELD(struct evtchn_status, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct evtchn_status, "port", port, DEC, IN),
    TRACE_FIELD(struct evtchn_status, "status", status, DEC, OUT),
    TRACE_FIELD(struct evtchn_status, "vcpu", vcpu, DEC, OUT),
};
static const struct trace_field bind_vcpu_fields[] = {
    TRACE_FIELD(struct evtchn_bind_vcpu, "port", port, DEC, IN),
    TRACE_FIELD(struct evtchn_bind_vcpu, "vcpu", vcpu, DEC, IN),
};
static const struct trace_field reset_fields[] = {
    TRACE_FIELD(struct evtchn_reset, "dom", dom, DOMID, IN),
};
static const struct trace_field init_control_fields[] = {
    TRACE_FIELD(struct evtchn_init_control, "control_gfn", control_gfn, HEX, IN),
    TRACE_FIELD(struct evtchn_init_control, "offset", offset, DEC, IN),
    TRACE_FIELD(struct evtchn_init_control, "vcpu", vcpu, DEC, IN),
    TRACE_FIELD(struct evtchn_init_control, "link_bits", link_bits, DEC, OUT),
};
static const struct trace_field expand_array_fields[] = {
    TRACE_FIELD(struct evtchn_expand_array, "array_gfn", array_gfn, HEX, IN),
};
static const struct trace_field set_priority_fields[] = {
    TRACE_FIELD(struct evtchn_set_priority, "port", port, DEC, IN),
    TRACE_FIELD(struct evtchn_set_priority, "priority", priority, DEC, IN),
};
static const struct trace_struct
    alloc_unbound = TRACE_TYPE(struct evtchn_alloc_unbound, INOUT, alloc_unbound_fields),
    bind_interdomain = TRACE_TYPE(struct evtchn_bind_interdomain, INOUT, bind_interdomain_fields),
    bind_virq = TRACE_TYPE(struct evtchn_bind_virq, INOUT, bind_virq_fields),
    bind_pirq = TRACE_TYPE(struct evtchn_bind_pirq, INOUT, bind_pirq_fields),
    bind_ipi = TRACE_TYPE(struct evtchn_bind_ipi, INOUT, bind_ipi_fields),
    port = TRACE_TYPE(struct evtchn_send, IN, port_fields),
    evtchn_status = TRACE_TYPE(struct evtchn_status, INOUT, evtchn_status_fields),
    bind_vcpu = TRACE_TYPE(struct evtchn_bind_vcpu, IN, bind_vcpu_fields),
    reset = TRACE_TYPE(struct evtchn_reset, IN, reset_fields),
    init_control = TRACE_TYPE(struct evtchn_init_control, INOUT, init_control_fields),
    expand_array = TRACE_TYPE(struct evtchn_expand_array, IN, expand_array_fields),
    set_priority = TRACE_TYPE(struct evtchn_set_priority, IN, set_priority_fields);

static const struct trace_call event_channel_calls[] = {
    [EVTCHNOP_alloc_unbound] = TRACE_CALL(TRACE_PTR(1, alloc_unbound)),
    [EVTCHNOP_bind_interdomain] = TRACE_CALL(TRACE_PTR(1, bind_interdomain)),
    [EVTCHNOP_bind_virq] = TRACE_CALL(TRACE_PTR(1, bind_virq)),
    [EVTCHNOP_bind_pirq] = TRACE_CALL(TRACE_PTR(1, bind_pirq)),
    [EVTCHNOP_bind_ipi] = TRACE_CALL(TRACE_PTR(1, bind_ipi)),
    [EVTCHNOP_close] = TRACE_CALL(TRACE_PTR(1, port)),
    [EVTCHNOP_send] = TRACE_CALL(TRACE_PTR(1, port)),
    [EVTCHNOP_unmask] = TRACE_CALL(TRACE_PTR(1, port)),
    [EVTCHNOP_status] = TRACE_CALL(TRACE_PTR(1, evtchn_status)),
    [EVTCHNOP_bind_vcpu] = TRACE_CALL(TRACE_PTR(1, bind_vcpu)),
    [EVTCHNOP_reset] = TRACE_CALL(TRACE_PTR(1, reset)),
    [EVTCHNOP_init_control] = TRACE_CALL(TRACE_PTR(1, init_control)),
    [EVTCHNOP_expand_array] = TRACE_CALL(TRACE_PTR(1, expand_array)),
    [EVTCHNOP_set_priority] = TRACE_CALL(TRACE_PTR(1, set_priority)),
};
#define OPERATION(table, ...)                                                                  \
    { .number = TRACE_NUMBER_REGISTER, .count = TRACE_COUNT(table), .calls = table,            \
      .other = TRACE_CALL(__VA_ARGS__) }
const struct trace_operation trace_op_event_channel =
    OPERATION(event_channel_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));

/* ---- scheduling ---- */

static const struct trace_field shutdown_fields[] = {
    TRACE_FIELD(struct sched_shutdown, "reason", reason, REASON, IN),
};
static const struct trace_field poll_fields[] = {
    TRACE_FIELD(struct sched_poll, "timeout", timeout, TIME, IN),
};
static const struct trace_list poll_lists[] = {
    TRACE_POINTED(struct sched_poll, "ports", ports, nr_ports, sizeof(evtchn_port_t), DEC, IN),
};
static const struct trace_field remote_shutdown_fields[] = {
    TRACE_FIELD(struct sched_remote_shutdown, "domain_id", domain_id, DOMID, IN),
    TRACE_FIELD(struct sched_remote_shutdown, "reason", reason, REASON, IN),
};
static const struct trace_field watchdog_fields[] = {
    TRACE_FIELD(struct sched_watchdog, "id", id, DEC, IN),
    TRACE_FIELD(struct sched_watchdog, "timeout", timeout, DEC, IN),
};
static const struct trace_field pin_override_fields[] = {
    TRACE_FIELD(struct sched_pin_override, "pcpu", pcpu, INT, IN),
};
static const struct trace_struct
    shut = TRACE_TYPE(struct sched_shutdown, IN, shutdown_fields),
    poll = TRACE_TYPE_LISTS(struct sched_poll, IN, poll_fields, poll_lists),
    remote_shutdown = TRACE_TYPE(struct sched_remote_shutdown, IN, remote_shutdown_fields),
    watchdog = TRACE_TYPE(struct sched_watchdog, IN, watchdog_fields),
    pin_override = TRACE_TYPE(struct sched_pin_override, IN, pin_override_fields);

static const struct trace_call sched_calls[] = {
    [SCHEDOP_yield] = TRACE_CALL_EMPTY,
    [SCHEDOP_block] = TRACE_CALL_EMPTY,
    [SCHEDOP_shutdown] = TRACE_CALL(TRACE_PTR(1, shut)),
    [SCHEDOP_poll] = TRACE_CALL(TRACE_PTR(1, poll)),
    [SCHEDOP_remote_shutdown] = TRACE_CALL(TRACE_PTR(1, remote_shutdown)),
    [SCHEDOP_shutdown_code] = TRACE_CALL(TRACE_PTR(1, shut)),
    [SCHEDOP_watchdog] = TRACE_CALL(TRACE_PTR(1, watchdog)),
    [SCHEDOP_pin_override] = TRACE_CALL(TRACE_PTR(1, pin_override)),
};
const struct trace_operation trace_op_sched =
    OPERATION(sched_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));
static const struct trace_call sched_compat_calls[] = {
    [SCHEDOP_yield] = TRACE_CALL_EMPTY,
    [SCHEDOP_block] = TRACE_CALL_EMPTY,
    [SCHEDOP_shutdown] = TRACE_CALL(TRACE_REG(1, "reason", REASON)),
};
const struct trace_operation trace_op_sched_compat =
    OPERATION(sched_compat_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));

/* ---- vCPUs ---- */

static const struct trace_field runstate_fields[] = {
    TRACE_FIELD(struct vcpu_runstate_info, "state", state, INT, OUT),
    TRACE_FIELD(struct vcpu_runstate_info, "state_entry_time", state_entry_time, TIME, OUT),
    TRACE_FIELD(struct vcpu_runstate_info, "running", time[RUNSTATE_running], TIME, OUT),
    TRACE_FIELD(struct vcpu_runstate_info, "runnable", time[RUNSTATE_runnable], TIME, OUT),
    TRACE_FIELD(struct vcpu_runstate_info, "blocked", time[RUNSTATE_blocked], TIME, OUT),
    TRACE_FIELD(struct vcpu_runstate_info, "offline", time[RUNSTATE_offline], TIME, OUT),
};
static const struct trace_field area_fields[] = {
    TRACE_FIELD(struct vcpu_register_runstate_memory_area, "address", addr.p, HEX, IN),
};
static const struct trace_field periodic_fields[] = {
    TRACE_FIELD(struct vcpu_set_periodic_timer, "period", period_ns, TIME, IN),
};
static const struct trace_field singleshot_fields[] = {
    TRACE_FIELD(struct vcpu_set_singleshot_timer, "timeout", timeout_abs_ns, TIME, IN),
    TRACE_FIELD(struct vcpu_set_singleshot_timer, "flags", flags, HEX, IN),
};
static const struct trace_field register_info_fields[] = {
    TRACE_FIELD(struct vcpu_register_vcpu_info, "mfn", mfn, HEX, IN),
    TRACE_FIELD(struct vcpu_register_vcpu_info, "offset", offset, DEC, IN),
};
static const struct trace_field physid_fields[] = {
    TRACE_FIELD(struct vcpu_get_physid, "phys_id", phys_id, HEX, OUT),
};
static const struct trace_struct
    runstate = TRACE_TYPE(struct vcpu_runstate_info, OUT, runstate_fields),
    area = TRACE_TYPE(struct vcpu_register_runstate_memory_area, IN, area_fields),
    periodic = TRACE_TYPE(struct vcpu_set_periodic_timer, IN, periodic_fields),
    singleshot = TRACE_TYPE(struct vcpu_set_singleshot_timer, IN, singleshot_fields),
    register_info = TRACE_TYPE(struct vcpu_register_vcpu_info, IN, register_info_fields),
    physid = TRACE_TYPE(struct vcpu_get_physid, OUT, physid_fields);
_Static_assert(sizeof(struct vcpu_register_runstate_memory_area) ==
                   sizeof(struct vcpu_register_time_memory_area), "both are an address");

#define VCPU TRACE_REG(1, "vcpu", DEC)
static const struct trace_call vcpu_calls[] = {
    [VCPUOP_initialise] = TRACE_CALL(VCPU, TRACE_REG(2, "context", HEX)),
    [VCPUOP_up] = TRACE_CALL(VCPU),
    [VCPUOP_down] = TRACE_CALL(VCPU),
    [VCPUOP_is_up] = TRACE_CALL(VCPU),
    [VCPUOP_get_runstate_info] = TRACE_CALL(VCPU, TRACE_PTR(2, runstate)),
    [VCPUOP_register_runstate_memory_area] = TRACE_CALL(VCPU, TRACE_PTR(2, area)),
    [VCPUOP_set_periodic_timer] = TRACE_CALL(VCPU, TRACE_PTR(2, periodic)),
    [VCPUOP_stop_periodic_timer] = TRACE_CALL(VCPU),
    [VCPUOP_set_singleshot_timer] = TRACE_CALL(VCPU, TRACE_PTR(2, singleshot)),
    [VCPUOP_stop_singleshot_timer] = TRACE_CALL(VCPU),
    [VCPUOP_register_vcpu_info] = TRACE_CALL(VCPU, TRACE_PTR(2, register_info)),
    [VCPUOP_send_nmi] = TRACE_CALL(VCPU),
    [VCPUOP_get_physid] = TRACE_CALL(VCPU, TRACE_PTR(2, physid)),
    [VCPUOP_register_vcpu_time_memory_area] = TRACE_CALL(VCPU, TRACE_PTR(2, area)),
};
const struct trace_operation trace_op_vcpu =
    OPERATION(vcpu_calls, TRACE_REG(0, "cmd", DEC), VCPU, TRACE_REG(2, "arg", HEX));

/* ---- the version, the console ---- */

static const struct trace_field extraversion_fields[] = {
    {.name = "extraversion", .size = sizeof(xen_extraversion_t), .format = TRACE_STRING, .way = TRACE_OUT},
};
static const struct trace_field compile_fields[] = {
    TRACE_FIELD(struct xen_compile_info, "compiler", compiler, STRING, OUT),
    TRACE_FIELD(struct xen_compile_info, "by", compile_by, STRING, OUT),
    TRACE_FIELD(struct xen_compile_info, "domain", compile_domain, STRING, OUT),
    TRACE_FIELD(struct xen_compile_info, "date", compile_date, STRING, OUT),
};
static const struct trace_field capabilities_fields[] = {
    {.name = "capabilities", .size = sizeof(xen_capabilities_info_t), .format = TRACE_STRING, .way = TRACE_OUT},
};
static const struct trace_field changeset_fields[] = {
    {.name = "changeset", .size = sizeof(xen_changeset_info_t), .format = TRACE_STRING, .way = TRACE_OUT},
};
static const struct trace_field parameters_fields[] = {
    TRACE_FIELD(struct xen_platform_parameters, "virt_start", virt_start, HEX, OUT),
};
static const struct trace_field features_fields[] = {
    TRACE_FIELD(struct xen_feature_info, "submap_idx", submap_idx, DEC, IN),
    TRACE_FIELD(struct xen_feature_info, "submap", submap, HEX, OUT),
};
static const struct trace_field handle_fields[] = {
    {.name = "handle", .size = sizeof(xen_domain_handle_t), .format = TRACE_UUID, .way = TRACE_OUT},
};
static const struct trace_field commandline_fields[] = {
    {.name = "commandline", .size = sizeof(xen_commandline_t), .format = TRACE_STRING, .way = TRACE_OUT},
};
static const struct trace_struct
    extraversion = TRACE_TYPE(xen_extraversion_t, OUT, extraversion_fields),
    compile = TRACE_TYPE(struct xen_compile_info, OUT, compile_fields),
    capabilities = TRACE_TYPE(xen_capabilities_info_t, OUT, capabilities_fields),
    changeset = TRACE_TYPE(xen_changeset_info_t, OUT, changeset_fields),
    parameters = TRACE_TYPE(struct xen_platform_parameters, OUT, parameters_fields),
    features = TRACE_TYPE(struct xen_feature_info, INOUT, features_fields),
    handle = TRACE_TYPE(xen_domain_handle_t, OUT, handle_fields),
    commandline = TRACE_TYPE(xen_commandline_t, OUT, commandline_fields);

static const struct trace_call version_calls[] = {
    [XENVER_version] = TRACE_CALL_EMPTY,
    [XENVER_extraversion] = TRACE_CALL(TRACE_PTR(1, extraversion)),
    [XENVER_compile_info] = TRACE_CALL(TRACE_PTR(1, compile)),
    [XENVER_capabilities] = TRACE_CALL(TRACE_PTR(1, capabilities)),
    [XENVER_changeset] = TRACE_CALL(TRACE_PTR(1, changeset)),
    [XENVER_platform_parameters] = TRACE_CALL(TRACE_PTR(1, parameters)),
    [XENVER_get_features] = TRACE_CALL(TRACE_PTR(1, features)),
    [XENVER_pagesize] = TRACE_CALL_EMPTY,
    [XENVER_guest_handle] = TRACE_CALL(TRACE_PTR(1, handle)),
    [XENVER_commandline] = TRACE_CALL(TRACE_PTR(1, commandline)),
};
const struct trace_operation trace_op_version =
    OPERATION(version_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));

static const struct trace_call console_calls[] = {
    [CONSOLEIO_write] = TRACE_CALL(TRACE_TXT(2, 1)),
    [CONSOLEIO_read] = TRACE_CALL(TRACE_REG(1, "count", DEC), TRACE_REG(2, "buffer", HEX)),
};
const struct trace_operation trace_op_console =
    OPERATION(console_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "count", DEC),
              TRACE_REG(2, "buffer", HEX));

/* ---- callbacks ---- */

static const struct trace_field callback_fields[] = {
    TRACE_FIELD(struct callback_register, "type", type, DEC, IN),
    TRACE_FIELD(struct callback_register, "flags", flags, HEX, IN),
    TRACE_FIELD(struct callback_register, "address", address, HEX, IN),
};
static const struct trace_field uncallback_fields[] = {
    TRACE_FIELD(struct callback_unregister, "type", type, DEC, IN),
};
static const struct trace_field nmi_fields[] = {
    TRACE_FIELD(struct xennmi_callback, "handler_address", handler_address, HEX, IN),
};
static const struct trace_struct
    callback = TRACE_TYPE(struct callback_register, IN, callback_fields),
    uncallback = TRACE_TYPE(struct callback_unregister, IN, uncallback_fields),
    nmi = TRACE_TYPE(struct xennmi_callback, IN, nmi_fields);

static const struct trace_call callback_calls[] = {
    [CALLBACKOP_register] = TRACE_CALL(TRACE_PTR(1, callback)),
    [CALLBACKOP_unregister] = TRACE_CALL(TRACE_PTR(1, uncallback)),
};
const struct trace_operation trace_op_callback =
    OPERATION(callback_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));
static const struct trace_call nmi_calls[] = {
    [XENNMI_register_callback] = TRACE_CALL(TRACE_PTR(1, nmi)),
    [XENNMI_unregister_callback] = TRACE_CALL_EMPTY,
};
const struct trace_operation trace_op_nmi =
    OPERATION(nmi_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));

/* ---- devices ---- */

static const struct trace_field eoi_fields[] = {
    TRACE_FIELD(struct physdev_eoi, "irq", irq, DEC, IN),
};
static const struct trace_field eoi_gmfn_fields[] = {
    TRACE_FIELD(struct physdev_pirq_eoi_gmfn, "gmfn", gmfn, HEX, IN),
};
static const struct trace_field irq_status_fields[] = {
    TRACE_FIELD(struct physdev_irq_status_query, "irq", irq, DEC, IN),
    TRACE_FIELD(struct physdev_irq_status_query, "flags", flags, HEX, OUT),
};
static const struct trace_field iopl_fields[] = {
    TRACE_FIELD(struct physdev_set_iopl, "iopl", iopl, DEC, IN),
};
static const struct trace_field iobitmap_fields[] = {
    TRACE_FIELD(struct physdev_set_iobitmap, "bitmap", bitmap, HEX, IN),
    TRACE_FIELD(struct physdev_set_iobitmap, "nr_ports", nr_ports, DEC, IN),
};
static const struct trace_field apic_fields[] = {
    TRACE_FIELD(struct physdev_apic, "apic_physbase", apic_physbase, HEX, IN),
    TRACE_FIELD(struct physdev_apic, "reg", reg, HEX, IN),
    TRACE_FIELD(struct physdev_apic, "value", value, HEX, INOUT),
};
static const struct trace_field irq_fields[] = {
    TRACE_FIELD(struct physdev_irq, "irq", irq, DEC, IN),
    TRACE_FIELD(struct physdev_irq, "vector", vector, DEC, INOUT),
};
static const struct trace_field map_pirq_fields[] = {
    TRACE_FIELD(struct physdev_map_pirq, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct physdev_map_pirq, "type", type, INT, IN),
    TRACE_FIELD(struct physdev_map_pirq, "index", index, INT, IN),
    TRACE_FIELD(struct physdev_map_pirq, "pirq", pirq, INT, INOUT),
};
static const struct trace_field unmap_pirq_fields[] = {
    TRACE_FIELD(struct physdev_unmap_pirq, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct physdev_unmap_pirq, "pirq", pirq, INT, IN),
};
static const struct trace_field setup_gsi_fields[] = {
    TRACE_FIELD(struct physdev_setup_gsi, "gsi", gsi, INT, IN),
    TRACE_FIELD(struct physdev_setup_gsi, "triggering", triggering, DEC, IN),
    TRACE_FIELD(struct physdev_setup_gsi, "polarity", polarity, DEC, IN),
};
static const struct trace_field free_pirq_fields[] = {
    TRACE_FIELD(struct physdev_get_free_pirq, "type", type, INT, IN),
    TRACE_FIELD(struct physdev_get_free_pirq, "pirq", pirq, DEC, OUT),
};
static const struct trace_field mmcfg_fields[] = {
    TRACE_FIELD(struct physdev_pci_mmcfg_reserved, "address", address, HEX, IN),
    TRACE_FIELD(struct physdev_pci_mmcfg_reserved, "segment", segment, DEC, IN),
    TRACE_FIELD(struct physdev_pci_mmcfg_reserved, "start_bus", start_bus, DEC, IN),
    TRACE_FIELD(struct physdev_pci_mmcfg_reserved, "end_bus", end_bus, DEC, IN),
    TRACE_FIELD(struct physdev_pci_mmcfg_reserved, "flags", flags, HEX, IN),
};
static const struct trace_field pci_add_fields[] = {
    TRACE_FIELD(struct physdev_pci_device_add, "seg", seg, DEC, IN),
    TRACE_FIELD(struct physdev_pci_device_add, "bus", bus, HEX, IN),
    TRACE_FIELD(struct physdev_pci_device_add, "devfn", devfn, HEX, IN),
    TRACE_FIELD(struct physdev_pci_device_add, "flags", flags, HEX, IN),
};
static const struct trace_field manage_pci_fields[] = {
    TRACE_FIELD(struct physdev_manage_pci, "bus", bus, HEX, IN),
    TRACE_FIELD(struct physdev_manage_pci, "devfn", devfn, HEX, IN),
};
static const struct trace_field pci_fields[] = {
    TRACE_FIELD(struct physdev_pci_device, "seg", seg, DEC, IN),
    TRACE_FIELD(struct physdev_pci_device, "bus", bus, HEX, IN),
    TRACE_FIELD(struct physdev_pci_device, "devfn", devfn, HEX, IN),
};
static const struct trace_field dbgp_fields[] = {
    TRACE_FIELD(struct physdev_dbgp_op, "op", op, DEC, IN),
    TRACE_FIELD(struct physdev_dbgp_op, "bus", bus, DEC, IN),
};
static const struct trace_struct
    eoi = TRACE_TYPE(struct physdev_eoi, IN, eoi_fields),
    eoi_gmfn = TRACE_TYPE(struct physdev_pirq_eoi_gmfn, IN, eoi_gmfn_fields),
    irq_status = TRACE_TYPE(struct physdev_irq_status_query, INOUT, irq_status_fields),
    iopl = TRACE_TYPE(struct physdev_set_iopl, IN, iopl_fields),
    iobitmap = TRACE_TYPE(struct physdev_set_iobitmap, IN, iobitmap_fields),
    apic = TRACE_TYPE(struct physdev_apic, INOUT, apic_fields),
    irq = TRACE_TYPE(struct physdev_irq, INOUT, irq_fields),
    map_pirq = TRACE_TYPE(struct physdev_map_pirq, INOUT, map_pirq_fields),
    unmap_pirq = TRACE_TYPE(struct physdev_unmap_pirq, IN, unmap_pirq_fields),
    setup_gsi = TRACE_TYPE(struct physdev_setup_gsi, IN, setup_gsi_fields),
    free_pirq = TRACE_TYPE(struct physdev_get_free_pirq, INOUT, free_pirq_fields),
    mmcfg = TRACE_TYPE(struct physdev_pci_mmcfg_reserved, IN, mmcfg_fields),
    pci_add = TRACE_TYPE(struct physdev_pci_device_add, IN, pci_add_fields),
    manage_pci = TRACE_TYPE(struct physdev_manage_pci, IN, manage_pci_fields),
    pci = TRACE_TYPE(struct physdev_pci_device, IN, pci_fields),
    dbgp = TRACE_TYPE(struct physdev_dbgp_op, IN, dbgp_fields);

static const struct trace_call physdev_calls[] = {
    [PHYSDEVOP_IRQ_UNMASK_NOTIFY] = TRACE_CALL_EMPTY,
    [PHYSDEVOP_irq_status_query] = TRACE_CALL(TRACE_PTR(1, irq_status)),
    [PHYSDEVOP_set_iopl] = TRACE_CALL(TRACE_PTR(1, iopl)),
    [PHYSDEVOP_set_iobitmap] = TRACE_CALL(TRACE_PTR(1, iobitmap)),
    [PHYSDEVOP_apic_read] = TRACE_CALL(TRACE_PTR(1, apic)),
    [PHYSDEVOP_apic_write] = TRACE_CALL(TRACE_PTR(1, apic)),
    [PHYSDEVOP_alloc_irq_vector] = TRACE_CALL(TRACE_PTR(1, irq)),
    [PHYSDEVOP_free_irq_vector] = TRACE_CALL(TRACE_PTR(1, irq)),
    [PHYSDEVOP_eoi] = TRACE_CALL(TRACE_PTR(1, eoi)),
    [PHYSDEVOP_map_pirq] = TRACE_CALL(TRACE_PTR(1, map_pirq)),
    [PHYSDEVOP_unmap_pirq] = TRACE_CALL(TRACE_PTR(1, unmap_pirq)),
    [PHYSDEVOP_manage_pci_add] = TRACE_CALL(TRACE_PTR(1, manage_pci)),
    [PHYSDEVOP_manage_pci_remove] = TRACE_CALL(TRACE_PTR(1, manage_pci)),
    [PHYSDEVOP_pirq_eoi_gmfn_v1] = TRACE_CALL(TRACE_PTR(1, eoi_gmfn)),
    [PHYSDEVOP_restore_msi] = TRACE_CALL(TRACE_PTR(1, manage_pci)),
    [PHYSDEVOP_manage_pci_add_ext] = TRACE_CALL(TRACE_PTR(1, manage_pci)),
    [PHYSDEVOP_setup_gsi] = TRACE_CALL(TRACE_PTR(1, setup_gsi)),
    [PHYSDEVOP_get_free_pirq] = TRACE_CALL(TRACE_PTR(1, free_pirq)),
    [PHYSDEVOP_pci_mmcfg_reserved] = TRACE_CALL(TRACE_PTR(1, mmcfg)),
    [PHYSDEVOP_pci_device_add] = TRACE_CALL(TRACE_PTR(1, pci_add)),
    [PHYSDEVOP_pci_device_remove] = TRACE_CALL(TRACE_PTR(1, pci)),
    [PHYSDEVOP_restore_msi_ext] = TRACE_CALL(TRACE_PTR(1, pci)),
    [PHYSDEVOP_pirq_eoi_gmfn_v2] = TRACE_CALL(TRACE_PTR(1, eoi_gmfn)),
    [PHYSDEVOP_prepare_msix] = TRACE_CALL(TRACE_PTR(1, pci)),
    [PHYSDEVOP_release_msix] = TRACE_CALL(TRACE_PTR(1, pci)),
    [PHYSDEVOP_dbgp_op] = TRACE_CALL(TRACE_PTR(1, dbgp)),
};
const struct trace_operation trace_op_physdev =
    OPERATION(physdev_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));

static const struct trace_field hvm_param_fields[] = {
    TRACE_FIELD(struct xen_hvm_param, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_hvm_param, "index", index, DEC, IN),
    TRACE_FIELD(struct xen_hvm_param, "value", value, HEX, INOUT),
};
static const struct trace_struct
    hvm_param = TRACE_TYPE(struct xen_hvm_param, INOUT, hvm_param_fields);
static const struct trace_call hvm_calls[] = {
    [HVMOP_set_param] = TRACE_CALL(TRACE_PTR(1, hvm_param)),
    [HVMOP_get_param] = TRACE_CALL(TRACE_PTR(1, hvm_param)),
};
const struct trace_operation trace_op_hvm =
    OPERATION(hvm_calls, TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "arg", HEX));
