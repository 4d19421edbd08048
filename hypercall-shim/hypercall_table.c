/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The hypercall table: a row for every hypercall and sub-operation of <xen/...> that a PV guest
 * can make, with its handler or with the error that Xen 4.17 gives to it.
 */
#define __XEN_TOOLS__ /* for the numbers of operations that only tools may use */
#include "internal.h"
#include "grant_table.h"
#include "handlers.h"

#include <xen/callback.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/version.h>

/* One row a line. */
/* clang-format off */

#define IMPLEMENTED(op, function) [op] = { #op, function, 0 }
#define ANSWERED(op, errno_) [op] = { #op, NULL, -(errno_) }

static const struct suboperation event_channel_table[] = {
    IMPLEMENTED(EVTCHNOP_bind_interdomain, evtchn_bind_interdomain),
    IMPLEMENTED(EVTCHNOP_bind_virq, evtchn_bind_virq),
    ANSWERED(EVTCHNOP_bind_pirq, EPERM), /* no interrupt line belongs to a domain here */
    IMPLEMENTED(EVTCHNOP_close, evtchn_close),
    IMPLEMENTED(EVTCHNOP_send, evtchn_send),
    IMPLEMENTED(EVTCHNOP_status, evtchn_status),
    IMPLEMENTED(EVTCHNOP_alloc_unbound, evtchn_alloc_unbound),
    IMPLEMENTED(EVTCHNOP_bind_ipi, evtchn_bind_ipi),
    IMPLEMENTED(EVTCHNOP_bind_vcpu, evtchn_bind_vcpu),
    IMPLEMENTED(EVTCHNOP_unmask, evtchn_unmask),
    IMPLEMENTED(EVTCHNOP_reset, evtchn_reset),
    /* The FIFO ABI: as from a Xen that does not have it. */
    ANSWERED(EVTCHNOP_init_control, ENOSYS),
    ANSWERED(EVTCHNOP_expand_array, ENOSYS),
    ANSWERED(EVTCHNOP_set_priority, ENOSYS),
};

static const struct suboperation sched_table[] = {
    IMPLEMENTED(SCHEDOP_yield, sched_yield_op),
    IMPLEMENTED(SCHEDOP_block, sched_block_op),
    IMPLEMENTED(SCHEDOP_shutdown, sched_shutdown_op),
    IMPLEMENTED(SCHEDOP_poll, sched_poll_op),
    IMPLEMENTED(SCHEDOP_remote_shutdown, sched_remote_shutdown_op),
    IMPLEMENTED(SCHEDOP_shutdown_code, sched_shutdown_code_op),
    IMPLEMENTED(SCHEDOP_watchdog, sched_watchdog_op),
    ANSWERED(SCHEDOP_pin_override, EPERM), /* only for the hardware domain's ACPI calls */
};

static const struct suboperation sched_compat_table[] = {
    IMPLEMENTED(SCHEDOP_yield, sched_yield_op),
    IMPLEMENTED(SCHEDOP_block, sched_block_op),
    IMPLEMENTED(SCHEDOP_shutdown, sched_shutdown_compat),
};

static const struct suboperation vcpu_table[] = {
    IMPLEMENTED(VCPUOP_initialise, vcpu_initialise_op),
    IMPLEMENTED(VCPUOP_up, vcpu_up_op),
    IMPLEMENTED(VCPUOP_down, vcpu_down_op),
    IMPLEMENTED(VCPUOP_is_up, vcpu_is_up_op),
    IMPLEMENTED(VCPUOP_get_runstate_info, vcpu_get_runstate_op),
    IMPLEMENTED(VCPUOP_register_runstate_memory_area, vcpu_register_runstate_op),
    IMPLEMENTED(VCPUOP_set_periodic_timer, vcpu_set_periodic_op),
    IMPLEMENTED(VCPUOP_stop_periodic_timer, vcpu_stop_periodic_op),
    IMPLEMENTED(VCPUOP_set_singleshot_timer, vcpu_set_singleshot_op),
    IMPLEMENTED(VCPUOP_stop_singleshot_timer, vcpu_stop_singleshot_op),
    IMPLEMENTED(VCPUOP_register_vcpu_info, vcpu_register_info_op),
    IMPLEMENTED(VCPUOP_send_nmi, vcpu_send_nmi_op),
    IMPLEMENTED(VCPUOP_get_physid, vcpu_get_physid_op),
    IMPLEMENTED(VCPUOP_register_vcpu_time_memory_area, vcpu_register_time_op),
};

static const struct suboperation memory_table[] = {
    IMPLEMENTED(XENMEM_increase_reservation, memory_increase_reservation),
    IMPLEMENTED(XENMEM_decrease_reservation, memory_decrease_reservation),
    IMPLEMENTED(XENMEM_maximum_ram_page, memory_maximum_ram_page),
    IMPLEMENTED(XENMEM_current_reservation, memory_current_reservation),
    IMPLEMENTED(XENMEM_maximum_reservation, memory_maximum_reservation),
    IMPLEMENTED(XENMEM_machphys_mfn_list, memory_machphys_mfn_list),
    IMPLEMENTED(XENMEM_populate_physmap, memory_populate_physmap),
    ANSWERED(XENMEM_add_to_physmap, EACCES), /* only in translated domains */
    IMPLEMENTED(XENMEM_memory_map, memory_map),
    ANSWERED(XENMEM_machine_memory_map, EPERM),
    ANSWERED(XENMEM_exchange, ENOSYS),
    IMPLEMENTED(XENMEM_machphys_mapping, memory_machphys_mapping),
    ANSWERED(XENMEM_set_memory_map, EPERM),
    IMPLEMENTED(XENMEM_maximum_gpfn, memory_maximum_gpfn),
    ANSWERED(XENMEM_remove_from_physmap, EACCES), /* as add_to_physmap */
    ANSWERED(XENMEM_set_pod_target, EPERM),
    ANSWERED(XENMEM_get_pod_target, EPERM),
    ANSWERED(XENMEM_get_sharing_freed_pages, EPERM),
    ANSWERED(XENMEM_get_sharing_shared_pages, EPERM),
    ANSWERED(XENMEM_paging_op, EPERM),
    ANSWERED(XENMEM_access_op, EPERM),
    ANSWERED(XENMEM_claim_pages, EPERM),
    ANSWERED(XENMEM_machphys_compat_mfn_list, EINVAL),
    ANSWERED(XENMEM_sharing_op, EPERM),
    ANSWERED(XENMEM_add_to_physmap_batch, EACCES),
    ANSWERED(XENMEM_get_vnumainfo, EOPNOTSUPP), /* no virtual NUMA */
    ANSWERED(XENMEM_reserved_device_memory_map, EPERM),
    ANSWERED(XENMEM_acquire_resource, EPERM),
};

const struct suboperation grant_table_table[] = {
    IMPLEMENTED(GNTTABOP_map_grant_ref, grant_map_grant_ref),
    IMPLEMENTED(GNTTABOP_unmap_grant_ref, grant_unmap_grant_ref),
    IMPLEMENTED(GNTTABOP_setup_table, grant_setup_table),
    ANSWERED(GNTTABOP_dump_table, ENOSYS), /* has been no operation for long */
    IMPLEMENTED(GNTTABOP_transfer, grant_transfer),
    IMPLEMENTED(GNTTABOP_copy, grant_copy),
    IMPLEMENTED(GNTTABOP_query_size, grant_query_size),
    IMPLEMENTED(GNTTABOP_unmap_and_replace, grant_unmap_and_replace),
    IMPLEMENTED(GNTTABOP_set_version, grant_set_version),
    IMPLEMENTED(GNTTABOP_get_status_frames, grant_get_status_frames),
    IMPLEMENTED(GNTTABOP_get_version, grant_get_version),
    IMPLEMENTED(GNTTABOP_swap_grant_ref, grant_swap_grant_ref),
    IMPLEMENTED(GNTTABOP_cache_flush, grant_cache_flush),
};
const unsigned int grant_table_count = sizeof(grant_table_table) / sizeof(grant_table_table[0]);

static const struct suboperation version_table[] = {
    IMPLEMENTED(XENVER_version, version_version),
    IMPLEMENTED(XENVER_extraversion, version_extraversion),
    IMPLEMENTED(XENVER_compile_info, version_compile_info),
    IMPLEMENTED(XENVER_capabilities, version_capabilities),
    IMPLEMENTED(XENVER_changeset, version_changeset),
    IMPLEMENTED(XENVER_platform_parameters, version_platform_parameters),
    IMPLEMENTED(XENVER_get_features, version_get_features),
    IMPLEMENTED(XENVER_pagesize, version_pagesize),
    IMPLEMENTED(XENVER_guest_handle, version_guest_handle),
    IMPLEMENTED(XENVER_commandline, version_commandline),
    IMPLEMENTED(XENVER_build_id, version_build_id),
};

static const struct suboperation console_table[] = {
    IMPLEMENTED(CONSOLEIO_write, console_io_write),
    IMPLEMENTED(CONSOLEIO_read, console_io_read),
};

static const struct suboperation callback_table[] = {
    IMPLEMENTED(CALLBACKOP_register, callback_register),
    IMPLEMENTED(CALLBACKOP_unregister, callback_unregister),
};

static const struct suboperation nmi_table[] = {
    ANSWERED(XENNMI_register_callback, ENOSYS), /* no NMI can be delivered: design.md */
    ANSWERED(XENNMI_unregister_callback, ENOSYS),
};

static const struct suboperation physdev_table[] = {
    ANSWERED(PHYSDEVOP_IRQ_UNMASK_NOTIFY, EINVAL), /* the oldest numbers: no such line */
    ANSWERED(PHYSDEVOP_eoi, EINVAL), /* no such interrupt line */
    ANSWERED(PHYSDEVOP_irq_status_query, EINVAL),
    IMPLEMENTED(PHYSDEVOP_set_iopl, physdev_set_iopl),
    IMPLEMENTED(PHYSDEVOP_set_iobitmap, physdev_set_iobitmap),
    ANSWERED(PHYSDEVOP_apic_read, EPERM),
    ANSWERED(PHYSDEVOP_apic_write, EPERM),
    ANSWERED(PHYSDEVOP_alloc_irq_vector, EPERM),
    ANSWERED(PHYSDEVOP_free_irq_vector, EPERM),
    ANSWERED(PHYSDEVOP_map_pirq, EPERM),
    ANSWERED(PHYSDEVOP_unmap_pirq, EINVAL),
    ANSWERED(PHYSDEVOP_manage_pci_add, EPERM),
    ANSWERED(PHYSDEVOP_manage_pci_remove, EPERM),
    ANSWERED(PHYSDEVOP_pirq_eoi_gmfn_v1, EINVAL),
    ANSWERED(PHYSDEVOP_restore_msi, EPERM),
    ANSWERED(PHYSDEVOP_manage_pci_add_ext, EPERM),
    ANSWERED(PHYSDEVOP_setup_gsi, EPERM),
    IMPLEMENTED(PHYSDEVOP_get_free_pirq, physdev_get_free_pirq),
    ANSWERED(PHYSDEVOP_pci_mmcfg_reserved, EPERM),
    ANSWERED(PHYSDEVOP_pci_device_add, EPERM),
    ANSWERED(PHYSDEVOP_pci_device_remove, EPERM),
    ANSWERED(PHYSDEVOP_restore_msi_ext, EPERM),
    ANSWERED(PHYSDEVOP_pirq_eoi_gmfn_v2, EINVAL),
    ANSWERED(PHYSDEVOP_prepare_msix, EPERM),
    ANSWERED(PHYSDEVOP_release_msix, EPERM),
    ANSWERED(PHYSDEVOP_dbgp_op, EPERM),
};

const struct suboperation mmuext_table[] = {
    IMPLEMENTED(MMUEXT_PIN_L1_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L2_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L3_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L4_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_UNPIN_TABLE, mmuext_unpin),
    IMPLEMENTED(MMUEXT_NEW_BASEPTR, mmuext_new_baseptr),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_LOCAL, mmuext_flush),
    IMPLEMENTED(MMUEXT_INVLPG_LOCAL, mmuext_flush),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_MULTI, mmuext_flush),
    IMPLEMENTED(MMUEXT_INVLPG_MULTI, mmuext_flush),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_ALL, mmuext_flush),
    IMPLEMENTED(MMUEXT_INVLPG_ALL, mmuext_flush),
    IMPLEMENTED(MMUEXT_FLUSH_CACHE, mmuext_flush_cache),
    IMPLEMENTED(MMUEXT_SET_LDT, mmuext_set_ldt),
    IMPLEMENTED(MMUEXT_NEW_USER_BASEPTR, mmuext_new_user_baseptr),
    IMPLEMENTED(MMUEXT_CLEAR_PAGE, mmuext_clear_page),
    IMPLEMENTED(MMUEXT_COPY_PAGE, mmuext_copy_page),
    IMPLEMENTED(MMUEXT_FLUSH_CACHE_GLOBAL, mmuext_flush_cache),
    ANSWERED(MMUEXT_MARK_SUPER, EOPNOTSUPP),
    ANSWERED(MMUEXT_UNMARK_SUPER, EOPNOTSUPP),
};
const unsigned int mmuext_count = sizeof(mmuext_table) / sizeof(mmuext_table[0]);

#define DIRECT(op, function) [__HYPERVISOR_##op] = { .name = #op, .handler = function }
#define REFUSED(op, errno_) [__HYPERVISOR_##op] = { .name = #op, .error = -(errno_) }
#define TABLE(op, t, argument, unknown)                                                        \
    [__HYPERVISOR_##op] = { .name = #op, .sub = t, .sub_count = sizeof(t) / sizeof((t)[0]),    \
                            .sub_argument = argument, .sub_mask = ~0UL, .sub_error = -(unknown) }

const struct hypercall_row hypercall_table[] = {
    DIRECT(set_trap_table, set_trap_table_op),
    DIRECT(mmu_update, mmu_update_op),
    DIRECT(set_gdt, set_gdt_op),
    DIRECT(stack_switch, stack_switch_op),
    DIRECT(set_callbacks, set_callbacks_op),
    DIRECT(fpu_taskswitch, fpu_taskswitch_op),
    TABLE(sched_op_compat, sched_compat_table, 0, ENOSYS),
    REFUSED(platform_op, EPERM), /* for the privileged */
    DIRECT(set_debugreg, set_debugreg_op),
    DIRECT(get_debugreg, get_debugreg_op),
    DIRECT(update_descriptor, update_descriptor_op),
    [__HYPERVISOR_memory_op] = { .name = "memory_op", .sub = memory_table,
                                 .sub_count = sizeof(memory_table) / sizeof(memory_table[0]),
                                 .sub_mask = 63, /* the rest is the start extent */
                                 .sub_error = -ENOSYS },
    DIRECT(multicall, multicall_op),
    DIRECT(update_va_mapping, update_va_mapping_op),
    DIRECT(set_timer_op, set_timer_op),
    REFUSED(event_channel_op_compat, ENOSYS), /* the ABI before 3.2.2: arguments in one struct */
    TABLE(xen_version, version_table, 0, ENOSYS),
    TABLE(console_io, console_table, 0, ENOSYS),
    REFUSED(physdev_op_compat, ENOSYS), /* the ABI before 3.2.2 */
    DIRECT(grant_table_op, grant_table_op_op),
    DIRECT(vm_assist, vm_assist_op),
    DIRECT(update_va_mapping_otherdomain, update_va_mapping_otherdomain_op),
    DIRECT(iret, iret_op),
    TABLE(vcpu_op, vcpu_table, 0, ENOSYS),
    DIRECT(set_segment_base, set_segment_base_op),
    DIRECT(mmuext_op, mmuext_op_op),
    REFUSED(xsm_op, ENOSYS), /* no XSM policy module */
    TABLE(nmi_op, nmi_table, 0, ENOSYS),
    TABLE(sched_op, sched_table, 0, ENOSYS),
    TABLE(callback_op, callback_table, 0, ENOSYS),
    REFUSED(xenoprof_op, ENOSYS),
    TABLE(event_channel_op, event_channel_table, 0, ENOSYS),
    TABLE(physdev_op, physdev_table, 0, ENOSYS),
    REFUSED(hvm_op, ENOSYS),  /* for a PV domain the parameters do not exist */
    REFUSED(sysctl, EPERM),   /* for the privileged */
    REFUSED(domctl, EPERM),   /* for the privileged */
    REFUSED(kexec_op, EPERM), /* for the privileged */
    REFUSED(tmem_op, ENOSYS), /* removed from Xen in 4.13 */
    REFUSED(argo_op, ENOSYS), /* Xen's default is argo=0 */
    REFUSED(xenpmu_op, EOPNOTSUPP), /* Xen's default is vpmu=0 */
    REFUSED(dm_op, EPERM),    /* for the device models of HVM domains */
    REFUSED(hypfs_op, EPERM), /* for the privileged */
};

/* clang-format on */
const unsigned int hypercall_count = sizeof(hypercall_table) / sizeof(hypercall_table[0]);
