/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The hypercalls that programs are made of: which arguments they take, and what may stand in the
 * structs that these point to.
 */
#include "program.h"

#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sysctl.h>
#include <xen/version.h>

/* One template a line. */
/* clang-format off */

#define FIELD(type, member, value, parameter_) \
    { offsetof(type, member), sizeof(((type *)0)->member), value, 0, parameter_ }
#define LIST(type, member, value, bytes) \
    { offsetof(type, member), sizeof(((type *)0)->member), value, bytes, 0 }
#define SHAPE(id, type, ...) \
    static const struct shape id = { #id, sizeof(type), { __VA_ARGS__ } }

/* ---- event channels ---- */
SHAPE(s_alloc_unbound, evtchn_alloc_unbound_t,
      FIELD(evtchn_alloc_unbound_t, dom, V_DOMID, 0), FIELD(evtchn_alloc_unbound_t, remote_dom, V_DOMID, 0));
SHAPE(s_bind_interdomain, evtchn_bind_interdomain_t,
      FIELD(evtchn_bind_interdomain_t, remote_dom, V_DOMID, 0), FIELD(evtchn_bind_interdomain_t, remote_port, V_PORT, 0));
SHAPE(s_bind_virq, evtchn_bind_virq_t,
      FIELD(evtchn_bind_virq_t, virq, V_VIRQ, 0), FIELD(evtchn_bind_virq_t, vcpu, V_VCPU, 0));
SHAPE(s_bind_pirq, evtchn_bind_pirq_t,
      FIELD(evtchn_bind_pirq_t, pirq, V_BELOW, 32), FIELD(evtchn_bind_pirq_t, flags, V_BELOW, 3));
SHAPE(s_bind_ipi, evtchn_bind_ipi_t, FIELD(evtchn_bind_ipi_t, vcpu, V_VCPU, 0));
SHAPE(s_port, evtchn_close_t, FIELD(evtchn_close_t, port, V_PORT, 0));
SHAPE(s_status, evtchn_status_t,
      FIELD(evtchn_status_t, dom, V_DOMID, 0), FIELD(evtchn_status_t, port, V_PORT, 0));
SHAPE(s_bind_vcpu, evtchn_bind_vcpu_t,
      FIELD(evtchn_bind_vcpu_t, port, V_PORT, 0), FIELD(evtchn_bind_vcpu_t, vcpu, V_VCPU, 0));
SHAPE(s_domid, domid_t, { 0, sizeof(domid_t), V_DOMID, 0, 0 });
SHAPE(s_init_control, evtchn_init_control_t,
      FIELD(evtchn_init_control_t, control_gfn, V_FRAME, 0), FIELD(evtchn_init_control_t, offset, V_BELOW, 4096),
      FIELD(evtchn_init_control_t, vcpu, V_VCPU, 0));
SHAPE(s_expand_array, evtchn_expand_array_t, FIELD(evtchn_expand_array_t, array_gfn, V_FRAME, 0));
SHAPE(s_set_priority, evtchn_set_priority_t,
      FIELD(evtchn_set_priority_t, port, V_PORT, 0), FIELD(evtchn_set_priority_t, priority, V_BELOW, 17));

/* ---- scheduling ---- */
SHAPE(s_word, uint32_t, { 0, 4, V_BELOW, 0, 8 });
SHAPE(s_poll, struct sched_poll, LIST(struct sched_poll, ports, V_PORT, 4),
      FIELD(struct sched_poll, nr_ports, V_BELOW, 5), FIELD(struct sched_poll, timeout, V_TIME, 0));
SHAPE(s_remote_shutdown, struct sched_remote_shutdown,
      FIELD(struct sched_remote_shutdown, domain_id, V_DOMID, 0), FIELD(struct sched_remote_shutdown, reason, V_BELOW, 8));
SHAPE(s_watchdog, struct sched_watchdog,
      FIELD(struct sched_watchdog, id, V_BELOW, 4), FIELD(struct sched_watchdog, timeout, V_BELOW, 3));
SHAPE(s_runstate, struct vcpu_register_runstate_memory_area, { 0, 8, V_ADDRESS, 0, 0 });
SHAPE(s_info, struct vcpu_register_vcpu_info,
      FIELD(struct vcpu_register_vcpu_info, mfn, V_FRAME, 0), FIELD(struct vcpu_register_vcpu_info, offset, V_BITS, 2));
SHAPE(s_periodic, struct vcpu_set_periodic_timer, FIELD(struct vcpu_set_periodic_timer, period_ns, V_TIME, 0));
SHAPE(s_singleshot, struct vcpu_set_singleshot_timer,
      FIELD(struct vcpu_set_singleshot_timer, timeout_abs_ns, V_TIME, 0), FIELD(struct vcpu_set_singleshot_timer, flags, V_BELOW, 2));
SHAPE(s_vcpu_context, vcpu_guest_context_t, FIELD(vcpu_guest_context_t, flags, V_BELOW, 64),
      FIELD(vcpu_guest_context_t, user_regs.rip, V_ADDRESS, 0), FIELD(vcpu_guest_context_t, user_regs.rsp, V_ADDRESS, 0),
      { offsetof(vcpu_guest_context_t, ctrlreg[3]), 8, V_ROOT, 0, 0 }, { offsetof(vcpu_guest_context_t, ctrlreg[1]), 8, V_BELOW, 0, 4 },
      FIELD(vcpu_guest_context_t, gdt_ents, V_BELOW, 1200), { offsetof(vcpu_guest_context_t, gdt_frames[0]), 8, V_FRAME, 0, 0 },
      FIELD(vcpu_guest_context_t, ldt_base, V_ADDRESS, 0), FIELD(vcpu_guest_context_t, event_callback_eip, V_ADDRESS, 0),
      FIELD(vcpu_guest_context_t, debugreg[7], V_BITS, 2));

/* ---- memory ---- */
SHAPE(s_reservation, struct xen_memory_reservation, LIST(struct xen_memory_reservation, extent_start, V_FRAME, 8),
      FIELD(struct xen_memory_reservation, nr_extents, V_BELOW, 5), FIELD(struct xen_memory_reservation, extent_order, V_ORDER, 0),
      FIELD(struct xen_memory_reservation, domid, V_DOMID, 0));
SHAPE(s_populate, struct xen_memory_reservation, LIST(struct xen_memory_reservation, extent_start, V_BELOW, 8),
      FIELD(struct xen_memory_reservation, nr_extents, V_BELOW, 5), FIELD(struct xen_memory_reservation, extent_order, V_ORDER, 0),
      FIELD(struct xen_memory_reservation, mem_flags, V_CONSTANT, 0), FIELD(struct xen_memory_reservation, domid, V_SELF, 0));
SHAPE(s_exchange, struct xen_memory_exchange,
      { offsetof(struct xen_memory_exchange, in.extent_start), 8, V_FRAME, 8, 0 },
      FIELD(struct xen_memory_exchange, in.nr_extents, V_BELOW, 5), FIELD(struct xen_memory_exchange, in.extent_order, V_ORDER, 0),
      FIELD(struct xen_memory_exchange, in.domid, V_SELF, 0),
      { offsetof(struct xen_memory_exchange, out.extent_start), 8, V_BELOW, 8, 700 },
      FIELD(struct xen_memory_exchange, out.nr_extents, V_BELOW, 5), FIELD(struct xen_memory_exchange, out.extent_order, V_ORDER, 0),
      FIELD(struct xen_memory_exchange, out.domid, V_SELF, 0));
SHAPE(s_memory_map, struct xen_memory_map, FIELD(struct xen_memory_map, nr_entries, V_BELOW, 4),
      { offsetof(struct xen_memory_map, buffer), 8, V_ADDRESS, 0, 0 });
SHAPE(s_mfn_list, struct xen_machphys_mfn_list, FIELD(struct xen_machphys_mfn_list, max_extents, V_BELOW, 4),
      { offsetof(struct xen_machphys_mfn_list, extent_start), 8, V_ADDRESS, 0, 0 });
SHAPE(s_add_to_physmap, struct xen_add_to_physmap, FIELD(struct xen_add_to_physmap, domid, V_DOMID, 0),
      FIELD(struct xen_add_to_physmap, space, V_BELOW, 6), FIELD(struct xen_add_to_physmap, idx, V_FRAME, 0),
      FIELD(struct xen_add_to_physmap, gpfn, V_FRAME, 0));

/* ---- page tables ---- */
SHAPE(s_update, mmu_update_t, FIELD(mmu_update_t, ptr, V_PLACE, 0), FIELD(mmu_update_t, val, V_ENTRY, 0));
SHAPE(s_pin, struct mmuext_op, FIELD(struct mmuext_op, cmd, V_BELOW, 5), FIELD(struct mmuext_op, arg1.mfn, V_FRAME, 0));
SHAPE(s_ext_frame, struct mmuext_op, FIELD(struct mmuext_op, cmd, V_BELOW, 21), FIELD(struct mmuext_op, arg1.mfn, V_FRAME, 0),
      FIELD(struct mmuext_op, arg2.src_mfn, V_FRAME, 0));
SHAPE(s_ext_address, struct mmuext_op, FIELD(struct mmuext_op, cmd, V_BELOW, 21), FIELD(struct mmuext_op, arg1.linear_addr, V_ADDRESS, 0),
      FIELD(struct mmuext_op, arg2.src_mfn, V_ADDRESS, 0));
SHAPE(s_frames, uint64_t, { 0, 8, V_FRAME, 0, 0 });

/* ---- grant tables ---- */
SHAPE(s_setup, struct gnttab_setup_table, FIELD(struct gnttab_setup_table, dom, V_DOMID, 0),
      FIELD(struct gnttab_setup_table, nr_frames, V_BELOW, 5), LIST(struct gnttab_setup_table, frame_list, V_BITS, 8));
SHAPE(s_map, struct gnttab_map_grant_ref, FIELD(struct gnttab_map_grant_ref, host_addr, V_ADDRESS, 0),
      FIELD(struct gnttab_map_grant_ref, flags, V_BELOW, 16), FIELD(struct gnttab_map_grant_ref, ref, V_REF, 0),
      FIELD(struct gnttab_map_grant_ref, dom, V_DOMID, 0));
SHAPE(s_map_entry, struct gnttab_map_grant_ref, FIELD(struct gnttab_map_grant_ref, host_addr, V_BARE_PLACE, 0),
      FIELD(struct gnttab_map_grant_ref, flags, V_CONSTANT, GNTMAP_host_map | GNTMAP_contains_pte), FIELD(struct gnttab_map_grant_ref, ref, V_REF, 0),
      FIELD(struct gnttab_map_grant_ref, dom, V_DOMID, 0));
SHAPE(s_unmap, struct gnttab_unmap_grant_ref, FIELD(struct gnttab_unmap_grant_ref, host_addr, V_ADDRESS, 0),
      FIELD(struct gnttab_unmap_grant_ref, handle, V_HANDLE, 0), FIELD(struct gnttab_unmap_grant_ref, dev_bus_addr, V_CONSTANT, 0));
SHAPE(s_unmap_entry, struct gnttab_unmap_grant_ref, FIELD(struct gnttab_unmap_grant_ref, host_addr, V_BARE_PLACE, 0),
      FIELD(struct gnttab_unmap_grant_ref, handle, V_HANDLE, 0), FIELD(struct gnttab_unmap_grant_ref, dev_bus_addr, V_CONSTANT, 0));
SHAPE(s_unmap_replace, struct gnttab_unmap_and_replace, FIELD(struct gnttab_unmap_and_replace, host_addr, V_ADDRESS, 0),
      FIELD(struct gnttab_unmap_and_replace, new_addr, V_ADDRESS, 0), FIELD(struct gnttab_unmap_and_replace, handle, V_HANDLE, 0));
SHAPE(s_transfer, struct gnttab_transfer, FIELD(struct gnttab_transfer, mfn, V_FRAME, 0),
      FIELD(struct gnttab_transfer, domid, V_DOMID, 0), FIELD(struct gnttab_transfer, ref, V_REF, 0));
SHAPE(s_copy, struct gnttab_copy, FIELD(struct gnttab_copy, source.u.ref, V_REF, 0), FIELD(struct gnttab_copy, source.domid, V_DOMID, 0),
      FIELD(struct gnttab_copy, source.offset, V_BELOW, 64), FIELD(struct gnttab_copy, dest.u.gmfn, V_FRAME, 0),
      FIELD(struct gnttab_copy, dest.domid, V_DOMID, 0), FIELD(struct gnttab_copy, dest.offset, V_BELOW, 64),
      FIELD(struct gnttab_copy, len, V_BITS, 2), FIELD(struct gnttab_copy, flags, V_BELOW, 4));
SHAPE(s_copy_frame, struct gnttab_copy, FIELD(struct gnttab_copy, source.u.gmfn, V_FRAME, 0), FIELD(struct gnttab_copy, source.domid, V_DOMID, 0),
      FIELD(struct gnttab_copy, dest.u.ref, V_REF, 0), FIELD(struct gnttab_copy, dest.domid, V_DOMID, 0),
      FIELD(struct gnttab_copy, len, V_BITS, 2), FIELD(struct gnttab_copy, flags, V_BELOW, 4));
SHAPE(s_query, struct gnttab_query_size, FIELD(struct gnttab_query_size, dom, V_DOMID, 0));
SHAPE(s_set_version, struct gnttab_set_version, FIELD(struct gnttab_set_version, version, V_BELOW, 4));
SHAPE(s_get_version, struct gnttab_get_version, FIELD(struct gnttab_get_version, dom, V_DOMID, 0));
SHAPE(s_status_frames, struct gnttab_get_status_frames, FIELD(struct gnttab_get_status_frames, nr_frames, V_BELOW, 4),
      FIELD(struct gnttab_get_status_frames, dom, V_DOMID, 0), LIST(struct gnttab_get_status_frames, frame_list, V_BITS, 8));
SHAPE(s_swap, struct gnttab_swap_grant_ref, FIELD(struct gnttab_swap_grant_ref, ref_a, V_REF, 0), FIELD(struct gnttab_swap_grant_ref, ref_b, V_REF, 0));
SHAPE(s_cache, struct gnttab_cache_flush, FIELD(struct gnttab_cache_flush, a.ref, V_REF, 0), FIELD(struct gnttab_cache_flush, offset, V_BELOW, 64),
      FIELD(struct gnttab_cache_flush, length, V_BELOW, 64), FIELD(struct gnttab_cache_flush, op, V_BELOW, 8));

/* ---- traps and the rest ---- */
SHAPE(s_trap, trap_info_t, FIELD(trap_info_t, vector, V_BITS, 1), FIELD(trap_info_t, flags, V_BELOW, 8), FIELD(trap_info_t, cs, V_BITS, 2),
      FIELD(trap_info_t, address, V_ADDRESS, 0));
SHAPE(s_callback, struct callback_register, FIELD(struct callback_register, type, V_BELOW, 9), FIELD(struct callback_register, flags, V_BELOW, 2),
      FIELD(struct callback_register, address, V_ADDRESS, 0));
SHAPE(s_iret, struct iret_context, FIELD(struct iret_context, rflags, V_BITS, 2), FIELD(struct iret_context, rip, V_ADDRESS, 0),
      FIELD(struct iret_context, cs, V_BELOW, 4), FIELD(struct iret_context, flags, V_BITS, 2), FIELD(struct iret_context, rsp, V_ADDRESS, 0));
SHAPE(s_features, xen_feature_info_t, { 0, 4, V_BELOW, 0, 3 });
SHAPE(s_bitmap, struct physdev_set_iobitmap, { 0, 8, V_ADDRESS, 0, 0 }, FIELD(struct physdev_set_iobitmap, nr_ports, V_BITS, 4));

/* ---- tools: whatever their unions hold ---- */
SHAPE(s_domctl, struct xen_domctl, FIELD(struct xen_domctl, cmd, V_BELOW, 90),
      FIELD(struct xen_domctl, interface_version, V_CONSTANT, XEN_DOMCTL_INTERFACE_VERSION), FIELD(struct xen_domctl, domain, V_DOMID, 0),
      { offsetof(struct xen_domctl, u), 8, V_BELOW, 0, 8 }, { offsetof(struct xen_domctl, u) + 8, 8, V_ADDRESS, 0, 0 },
      { offsetof(struct xen_domctl, u) + 16, 8, V_FRAME, 0, 0 }, { offsetof(struct xen_domctl, u) + 24, 8, V_ADDRESS, 0, 0 });
SHAPE(s_domctl_words, struct xen_domctl, FIELD(struct xen_domctl, cmd, V_BELOW, 90),
      FIELD(struct xen_domctl, interface_version, V_CONSTANT, XEN_DOMCTL_INTERFACE_VERSION), FIELD(struct xen_domctl, domain, V_DOMID, 0),
      { offsetof(struct xen_domctl, u), 4, V_BELOW, 0, 4 }, { offsetof(struct xen_domctl, u) + 4, 4, V_BELOW, 0, 4 },
      { offsetof(struct xen_domctl, u) + 8, 8, V_BELOW, 0, 16 }, { offsetof(struct xen_domctl, u) + 16, 8, V_ADDRESS, 0, 0 });
SHAPE(s_sysctl, struct xen_sysctl, FIELD(struct xen_sysctl, cmd, V_BELOW, 32),
      FIELD(struct xen_sysctl, interface_version, V_CONSTANT, XEN_SYSCTL_INTERFACE_VERSION),
      { offsetof(struct xen_sysctl, u), 4, V_FEW, 0, 8 }, { offsetof(struct xen_sysctl, u) + 4, 4, V_BELOW, 0, 64 },
      { offsetof(struct xen_sysctl, u) + 8, 8, V_ADDRESS, 0, 0 }, { offsetof(struct xen_sysctl, u) + 16, 8, V_ADDRESS, 0, 0 });

#define NUMBER(n)        { A_VALUE, V_CONSTANT, n }
#define VALUE(kind, n)   { A_VALUE, kind, n }
#define POINTER          { A_STRUCT, 0, 0 }
#define ARRAY            { A_ARRAY, 0, 0 }
#define COUNT            { A_COUNT, 0, 0 }
#define PDONE            { A_PDONE, 0, 0 }
#define CALL(op, ...)             { #op, __HYPERVISOR_##op, { __VA_ARGS__ }, NULL, false, 0 }
#define WITH(op, shape, ...)      { #op, __HYPERVISOR_##op, { __VA_ARGS__ }, &shape, false, 0 }
#define EVTCHN(sub, shape)        { #sub, __HYPERVISOR_event_channel_op, { NUMBER(EVTCHNOP_##sub), POINTER }, &shape, false, 0 }
#define SCHED(sub, shape)         { #sub, __HYPERVISOR_sched_op, { NUMBER(SCHEDOP_##sub), POINTER }, &shape, false, 0 }
#define VCPU(sub, shape)          { #sub, __HYPERVISOR_vcpu_op, { NUMBER(VCPUOP_##sub), VALUE(V_VCPU, 0), POINTER }, &shape, false, 0 }
#define MEMORY(sub, shape, gives) { #sub, __HYPERVISOR_memory_op, { NUMBER(XENMEM_##sub), POINTER }, &shape, gives, 0 }
#define GRANT(sub, shape, gives)  { #sub, __HYPERVISOR_grant_table_op, { NUMBER(GNTTABOP_##sub), ARRAY, COUNT }, &shape, gives, 0 }
#define ABOUT(sub, shape)         { #sub, __HYPERVISOR_xen_version, { NUMBER(XENVER_##sub), POINTER }, &shape, false, 0 }

const struct call_template call_templates[] = {
    EVTCHN(alloc_unbound, s_alloc_unbound),
    EVTCHN(bind_interdomain, s_bind_interdomain),
    EVTCHN(bind_virq, s_bind_virq),
    EVTCHN(bind_pirq, s_bind_pirq),
    EVTCHN(bind_ipi, s_bind_ipi),
    EVTCHN(close, s_port),
    EVTCHN(send, s_port),
    EVTCHN(unmask, s_port),
    EVTCHN(status, s_status),
    EVTCHN(bind_vcpu, s_bind_vcpu),
    EVTCHN(reset, s_domid),
    EVTCHN(init_control, s_init_control),
    EVTCHN(expand_array, s_expand_array),
    EVTCHN(set_priority, s_set_priority),
    SCHED(yield, s_word),
    SCHED(block, s_word),
    SCHED(shutdown, s_word),
    SCHED(shutdown_code, s_word),
    SCHED(poll, s_poll),
    SCHED(remote_shutdown, s_remote_shutdown),
    SCHED(watchdog, s_watchdog),
    CALL(sched_op_compat, VALUE(V_BELOW, 4), VALUE(V_BELOW, 8)),
    CALL(set_timer_op, VALUE(V_TIME, 0)),
    VCPU(initialise, s_vcpu_context),
    VCPU(up, s_word),
    VCPU(down, s_word),
    VCPU(is_up, s_word),
    VCPU(get_runstate_info, s_word),
    VCPU(register_runstate_memory_area, s_runstate),
    VCPU(register_vcpu_time_memory_area, s_runstate),
    VCPU(set_periodic_timer, s_periodic),
    VCPU(stop_periodic_timer, s_word),
    VCPU(set_singleshot_timer, s_singleshot),
    VCPU(stop_singleshot_timer, s_word),
    VCPU(register_vcpu_info, s_info),
    VCPU(send_nmi, s_word),
    VCPU(get_physid, s_word),
    { "populate_physmap", __HYPERVISOR_memory_op, { NUMBER(XENMEM_populate_physmap), POINTER }, &s_populate, true, 0 },
    MEMORY(increase_reservation, s_populate, true),
    MEMORY(decrease_reservation, s_reservation, false),
    MEMORY(populate_physmap, s_reservation, true),
    MEMORY(exchange, s_exchange, false),
    MEMORY(current_reservation, s_domid, false),
    MEMORY(maximum_reservation, s_domid, false),
    MEMORY(maximum_gpfn, s_domid, false),
    MEMORY(maximum_ram_page, s_word, false),
    MEMORY(memory_map, s_memory_map, false),
    MEMORY(machphys_mapping, s_word, false),
    MEMORY(machphys_mfn_list, s_mfn_list, false),
    MEMORY(add_to_physmap, s_add_to_physmap, false),
    WITH(memory_op, s_reservation, VALUE(V_BITS, 2), POINTER),
    WITH(mmu_update, s_update, ARRAY, COUNT, PDONE, NUMBER(DOMID_SELF)),
    WITH(mmu_update, s_update, ARRAY, COUNT, PDONE, NUMBER(DOMID_SELF)),
    WITH(mmu_update, s_update, ARRAY, COUNT, PDONE, VALUE(V_DOMID, 0)),
    WITH(mmu_update, s_update, ARRAY, VALUE(V_BITS, 4), PDONE, VALUE(V_BITS, 3)),
    WITH(mmuext_op, s_pin, ARRAY, COUNT, PDONE, NUMBER(DOMID_SELF)),
    WITH(mmuext_op, s_pin, ARRAY, COUNT, PDONE, VALUE(V_DOMID, 0)),
    WITH(mmuext_op, s_ext_frame, ARRAY, COUNT, PDONE, NUMBER(DOMID_SELF)),
    WITH(mmuext_op, s_ext_frame, ARRAY, COUNT, PDONE, VALUE(V_DOMID, 0)),
    WITH(mmuext_op, s_ext_address, ARRAY, COUNT, PDONE, NUMBER(DOMID_SELF)),
    CALL(update_va_mapping, VALUE(V_ADDRESS, 0), VALUE(V_ENTRY, 0), VALUE(V_BELOW, 8)),
    CALL(update_va_mapping, VALUE(V_ADDRESS, 0), VALUE(V_ENTRY, 0), VALUE(V_ADDRESS, 0)),
    CALL(update_va_mapping_otherdomain, VALUE(V_ADDRESS, 0), VALUE(V_ENTRY, 0), VALUE(V_BELOW, 8), VALUE(V_DOMID, 0)),
    GRANT(setup_table, s_setup, true),
    GRANT(map_grant_ref, s_map, false),
    GRANT(map_grant_ref, s_map_entry, false),
    GRANT(unmap_grant_ref, s_unmap, false),
    GRANT(unmap_grant_ref, s_unmap_entry, false),
    GRANT(unmap_and_replace, s_unmap_replace, false),
    GRANT(transfer, s_transfer, false),
    GRANT(copy, s_copy, false),
    GRANT(copy, s_copy_frame, false),
    GRANT(query_size, s_query, false),
    GRANT(set_version, s_set_version, false),
    GRANT(get_version, s_get_version, false),
    GRANT(get_status_frames, s_status_frames, true),
    GRANT(swap_grant_ref, s_swap, false),
    GRANT(cache_flush, s_cache, false),
    WITH(grant_table_op, s_copy, VALUE(V_BITS, 2), ARRAY, COUNT),
    WITH(set_trap_table, s_trap, ARRAY),
    CALL(set_trap_table, NUMBER(0)),
    CALL(set_callbacks, VALUE(V_ADDRESS, 0), VALUE(V_ADDRESS, 0), VALUE(V_ADDRESS, 0)),
    WITH(callback_op, s_callback, NUMBER(CALLBACKOP_register), POINTER),
    WITH(callback_op, s_callback, NUMBER(CALLBACKOP_unregister), POINTER),
    WITH(iret, s_iret, POINTER),
    CALL(iret, VALUE(V_ADDRESS, 0)),
    WITH(set_gdt, s_frames, ARRAY, VALUE(V_BITS, 2)),
    CALL(update_descriptor, VALUE(V_BARE_PLACE, 0), VALUE(V_BITS, 8)),
    CALL(set_debugreg, VALUE(V_BELOW, 9), VALUE(V_BITS, 8)),
    CALL(get_debugreg, VALUE(V_BELOW, 9)),
    CALL(set_segment_base, VALUE(V_BELOW, 5), VALUE(V_ADDRESS, 0)),
    CALL(stack_switch, VALUE(V_BITS, 2), VALUE(V_ADDRESS, 0)),
    CALL(fpu_taskswitch, VALUE(V_BELOW, 2)),
    CALL(vm_assist, VALUE(V_BELOW, 3), VALUE(V_BELOW, 40)),
    CALL(console_io, VALUE(V_BELOW, 3), VALUE(V_LENGTH, 300), VALUE(V_ADDRESS, 0)),
    ABOUT(get_features, s_features),
    CALL(xen_version, VALUE(V_BELOW, 13), VALUE(V_ADDRESS, 0)),
    WITH(physdev_op, s_word, NUMBER(PHYSDEVOP_set_iopl), POINTER),
    WITH(physdev_op, s_bitmap, NUMBER(PHYSDEVOP_set_iobitmap), POINTER),
    WITH(physdev_op, s_reservation, VALUE(V_BELOW, 40), POINTER),
    WITH(nmi_op, s_word, VALUE(V_BELOW, 3), POINTER),
    WITH(domctl, s_domctl, POINTER),
    WITH(domctl, s_domctl_words, POINTER),
    WITH(sysctl, s_sysctl, POINTER),
};

/* clang-format on */
const unsigned int call_template_count = sizeof(call_templates) / sizeof(call_templates[0]);
