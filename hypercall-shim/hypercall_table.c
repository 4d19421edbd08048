/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The hypercall table: a row for every hypercall and sub-operation of <xen/...> that a PV guest
 * can make, with its handler or with the error that Xen 4.17 gives to it.
 */
#include "domctl.h"
#include "grant_table.h"
#include "handlers.h"

#include <xen/callback.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hypfs.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/version.h>

/* One row a line. */
/* clang-format off */

#define IMPLEMENTED(op, function) [op] = { #op, function, 0 }
#define ANSWERED(op, errno_) [op] = { #op, NULL, -(errno_) }

#define EVTCHNOP_reset_cont 14 /* <xen/event_channel.h> shows it to Xen alone */

static const struct suboperation event_channel_table[] = {
    IMPLEMENTED(EVTCHNOP_bind_interdomain, evtchn_bind_interdomain),
    IMPLEMENTED(EVTCHNOP_bind_virq, evtchn_bind_virq),
    IMPLEMENTED(EVTCHNOP_bind_pirq, evtchn_bind_pirq),
    IMPLEMENTED(EVTCHNOP_close, evtchn_close),
    IMPLEMENTED(EVTCHNOP_send, evtchn_send),
    IMPLEMENTED(EVTCHNOP_status, evtchn_status),
    IMPLEMENTED(EVTCHNOP_alloc_unbound, evtchn_alloc_unbound),
    IMPLEMENTED(EVTCHNOP_bind_ipi, evtchn_bind_ipi),
    IMPLEMENTED(EVTCHNOP_bind_vcpu, evtchn_bind_vcpu),
    IMPLEMENTED(EVTCHNOP_unmask, evtchn_unmask),
    IMPLEMENTED(EVTCHNOP_reset, evtchn_reset),
    IMPLEMENTED(EVTCHNOP_init_control, evtchn_init_control_op),
    IMPLEMENTED(EVTCHNOP_expand_array, evtchn_expand_array_op),
    IMPLEMENTED(EVTCHNOP_set_priority, evtchn_set_priority_op),
    IMPLEMENTED(EVTCHNOP_reset_cont, evtchn_reset_cont),
};

static const struct suboperation sched_table[] = {
    IMPLEMENTED(SCHEDOP_yield, sched_yield_op),
    IMPLEMENTED(SCHEDOP_block, sched_block_op),
    IMPLEMENTED(SCHEDOP_shutdown, sched_shutdown_op),
    IMPLEMENTED(SCHEDOP_poll, sched_poll_op),
    IMPLEMENTED(SCHEDOP_remote_shutdown, sched_remote_shutdown_op),
    IMPLEMENTED(SCHEDOP_shutdown_code, sched_shutdown_code_op),
    IMPLEMENTED(SCHEDOP_watchdog, sched_watchdog_op),
    IMPLEMENTED(SCHEDOP_pin_override, sched_pin_override_op),
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
    IMPLEMENTED(XENMEM_add_to_physmap, memory_add_to_physmap),
    IMPLEMENTED(XENMEM_memory_map, memory_map),
    IMPLEMENTED(XENMEM_machine_memory_map, memory_machine_memory_map),
    IMPLEMENTED(XENMEM_exchange, memory_exchange),
    IMPLEMENTED(XENMEM_machphys_mapping, memory_machphys_mapping),
    IMPLEMENTED(XENMEM_set_memory_map, memory_set_memory_map),
    IMPLEMENTED(XENMEM_maximum_gpfn, memory_maximum_gpfn),
    IMPLEMENTED(XENMEM_remove_from_physmap, memory_remove_from_physmap),
    IMPLEMENTED(XENMEM_set_pod_target, memory_pod_target),
    IMPLEMENTED(XENMEM_get_pod_target, memory_pod_target),
    IMPLEMENTED(XENMEM_get_sharing_freed_pages, memory_sharing_count),
    IMPLEMENTED(XENMEM_get_sharing_shared_pages, memory_sharing_count),
    ANSWERED(XENMEM_paging_op, ENOSYS),  /* Xen is built without */
    IMPLEMENTED(XENMEM_access_op, memory_access),
    IMPLEMENTED(XENMEM_claim_pages, memory_claim_pages),
    ANSWERED(XENMEM_machphys_compat_mfn_list, EOPNOTSUPP), /* no 32-bit PV domains */
    ANSWERED(XENMEM_sharing_op, ENOSYS), /* too */
    IMPLEMENTED(XENMEM_add_to_physmap_batch, memory_add_to_physmap_batch),
    IMPLEMENTED(XENMEM_get_vnumainfo, memory_get_vnumainfo),
    IMPLEMENTED(XENMEM_reserved_device_memory_map, memory_reserved_device_memory_map),
    IMPLEMENTED(XENMEM_acquire_resource, memory_acquire_resource),
};

static const struct suboperation grant_table_table[] = {
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
    IMPLEMENTED(XENNMI_register_callback, nmi_register),
    IMPLEMENTED(XENNMI_unregister_callback, nmi_unregister),
};

static const struct suboperation physdev_table[] = {
    IMPLEMENTED(PHYSDEVOP_IRQ_UNMASK_NOTIFY, physdev_unmask_notify),
    IMPLEMENTED(PHYSDEVOP_irq_status_query, physdev_irq_status_query),
    IMPLEMENTED(PHYSDEVOP_set_iopl, physdev_set_iopl),
    IMPLEMENTED(PHYSDEVOP_set_iobitmap, physdev_set_iobitmap),
    IMPLEMENTED(PHYSDEVOP_apic_read, physdev_apic),
    IMPLEMENTED(PHYSDEVOP_apic_write, physdev_apic),
    IMPLEMENTED(PHYSDEVOP_alloc_irq_vector, physdev_alloc_irq_vector),
    ANSWERED(PHYSDEVOP_free_irq_vector, ENOSYS), /* Xen has none either */
    IMPLEMENTED(PHYSDEVOP_eoi, physdev_eoi),
    IMPLEMENTED(PHYSDEVOP_map_pirq, physdev_map_pirq),
    IMPLEMENTED(PHYSDEVOP_unmap_pirq, physdev_unmap_pirq),
    IMPLEMENTED(PHYSDEVOP_manage_pci_add, physdev_manage_pci),
    IMPLEMENTED(PHYSDEVOP_manage_pci_remove, physdev_manage_pci),
    IMPLEMENTED(PHYSDEVOP_pirq_eoi_gmfn_v1, physdev_pirq_eoi_gmfn),
    IMPLEMENTED(PHYSDEVOP_restore_msi, physdev_restore_msi),
    IMPLEMENTED(PHYSDEVOP_manage_pci_add_ext, physdev_manage_pci_add_ext),
    IMPLEMENTED(PHYSDEVOP_setup_gsi, physdev_setup_gsi),
    IMPLEMENTED(PHYSDEVOP_get_free_pirq, physdev_get_free_pirq),
    IMPLEMENTED(PHYSDEVOP_pci_mmcfg_reserved, physdev_pci_mmcfg_reserved),
    IMPLEMENTED(PHYSDEVOP_pci_device_add, physdev_pci_device_add),
    IMPLEMENTED(PHYSDEVOP_pci_device_remove, physdev_pci_device),
    IMPLEMENTED(PHYSDEVOP_restore_msi_ext, physdev_restore_msi_ext),
    IMPLEMENTED(PHYSDEVOP_pirq_eoi_gmfn_v2, physdev_pirq_eoi_gmfn),
    IMPLEMENTED(PHYSDEVOP_prepare_msix, physdev_pci_device),
    IMPLEMENTED(PHYSDEVOP_release_msix, physdev_pci_device),
    IMPLEMENTED(PHYSDEVOP_dbgp_op, physdev_dbgp_op),
};

static const struct suboperation hvm_table[] = {
    IMPLEMENTED(HVMOP_set_param, hvm_param),
    IMPLEMENTED(HVMOP_get_param, hvm_param),
    IMPLEMENTED(HVMOP_flush_tlbs, hvm_flush_tlbs),
    IMPLEMENTED(HVMOP_pagetable_dying, hvm_pagetable_dying),
    IMPLEMENTED(HVMOP_get_time, hvm_get_time),
    IMPLEMENTED(HVMOP_xentrace, hvm_xentrace),
    IMPLEMENTED(HVMOP_get_mem_type, hvm_get_mem_type),
    IMPLEMENTED(HVMOP_set_evtchn_upcall_vector, hvm_upcall_vector),
    IMPLEMENTED(HVMOP_guest_request_vm_event, hvm_guest_request),
    ANSWERED(HVMOP_altp2m, EOPNOTSUPP), /* alternative page tables: not on every processor */
};

static const struct suboperation mmuext_table[] = {
    IMPLEMENTED(MMUEXT_PIN_L1_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L2_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L3_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_PIN_L4_TABLE, mmuext_pin),
    IMPLEMENTED(MMUEXT_UNPIN_TABLE, mmuext_unpin),
    IMPLEMENTED(MMUEXT_NEW_BASEPTR, mmuext_new_baseptr),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_LOCAL, mmuext_flush),
    IMPLEMENTED(MMUEXT_INVLPG_LOCAL, mmuext_flush),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_MULTI, mmuext_flush_multi),
    IMPLEMENTED(MMUEXT_INVLPG_MULTI, mmuext_flush_multi),
    IMPLEMENTED(MMUEXT_TLB_FLUSH_ALL, mmuext_flush),
    IMPLEMENTED(MMUEXT_INVLPG_ALL, mmuext_flush),
    IMPLEMENTED(MMUEXT_FLUSH_CACHE, mmuext_flush_cache),
    IMPLEMENTED(MMUEXT_SET_LDT, mmuext_set_ldt),
    IMPLEMENTED(MMUEXT_NEW_USER_BASEPTR, mmuext_new_user_baseptr),
    IMPLEMENTED(MMUEXT_CLEAR_PAGE, mmuext_clear_page),
    IMPLEMENTED(MMUEXT_COPY_PAGE, mmuext_copy_page),
    IMPLEMENTED(MMUEXT_FLUSH_CACHE_GLOBAL, mmuext_flush_cache_global),
    ANSWERED(MMUEXT_MARK_SUPER, EOPNOTSUPP),
    ANSWERED(MMUEXT_UNMARK_SUPER, EOPNOTSUPP),
};

static const struct suboperation domctl_table[] = {
    IMPLEMENTED(XEN_DOMCTL_createdomain, domctl_createdomain),
    IMPLEMENTED(XEN_DOMCTL_destroydomain, domctl_destroydomain),
    IMPLEMENTED(XEN_DOMCTL_pausedomain, domctl_pausedomain),
    IMPLEMENTED(XEN_DOMCTL_unpausedomain, domctl_unpausedomain),
    IMPLEMENTED(XEN_DOMCTL_getdomaininfo, domctl_getdomaininfo),
    IMPLEMENTED(XEN_DOMCTL_setvcpuaffinity, domctl_setvcpuaffinity),
    IMPLEMENTED(XEN_DOMCTL_shadow_op, domctl_shadow_op),
    IMPLEMENTED(XEN_DOMCTL_max_mem, domctl_max_mem),
    IMPLEMENTED(XEN_DOMCTL_setvcpucontext, domctl_setvcpucontext),
    IMPLEMENTED(XEN_DOMCTL_getvcpucontext, domctl_getvcpucontext),
    IMPLEMENTED(XEN_DOMCTL_getvcpuinfo, domctl_getvcpuinfo),
    IMPLEMENTED(XEN_DOMCTL_max_vcpus, domctl_max_vcpus),
    IMPLEMENTED(XEN_DOMCTL_scheduler_op, domctl_scheduler_op),
    IMPLEMENTED(XEN_DOMCTL_setdomainhandle, domctl_setdomainhandle),
    IMPLEMENTED(XEN_DOMCTL_setdebugging, domctl_setdebugging),
    IMPLEMENTED(XEN_DOMCTL_irq_permission, domctl_irq_permission),
    IMPLEMENTED(XEN_DOMCTL_iomem_permission, domctl_iomem_permission),
    IMPLEMENTED(XEN_DOMCTL_ioport_permission, domctl_ioport_permission),
    IMPLEMENTED(XEN_DOMCTL_hypercall_init, domctl_hypercall_init),
    IMPLEMENTED(XEN_DOMCTL_soft_reset_cont, domctl_soft_reset),
    IMPLEMENTED(XEN_DOMCTL_settimeoffset, domctl_settimeoffset),
    IMPLEMENTED(XEN_DOMCTL_getvcpuaffinity, domctl_getvcpuaffinity),
    ANSWERED(XEN_DOMCTL_real_mode_area, ENOSYS), /* of PowerPC */
    IMPLEMENTED(XEN_DOMCTL_resumedomain, domctl_resumedomain),
    IMPLEMENTED(XEN_DOMCTL_sendtrigger, domctl_sendtrigger),
    IMPLEMENTED(XEN_DOMCTL_subscribe, domctl_subscribe),
    ANSWERED(XEN_DOMCTL_gethvmcontext, EINVAL), /* of HVM domains */
    ANSWERED(XEN_DOMCTL_sethvmcontext, EINVAL),
    IMPLEMENTED(XEN_DOMCTL_set_address_size, domctl_set_address_size),
    IMPLEMENTED(XEN_DOMCTL_get_address_size, domctl_get_address_size),
    ANSWERED(XEN_DOMCTL_assign_device, EOPNOTSUPP), /* no IOMMU */
    ANSWERED(XEN_DOMCTL_bind_pt_irq, EINVAL), /* of HVM domains */
    IMPLEMENTED(XEN_DOMCTL_memory_mapping, domctl_memory_mapping),
    ANSWERED(XEN_DOMCTL_ioport_mapping, EOPNOTSUPP), /* of HVM domains */
    IMPLEMENTED(XEN_DOMCTL_set_ext_vcpucontext, domctl_set_ext_vcpucontext),
    IMPLEMENTED(XEN_DOMCTL_get_ext_vcpucontext, domctl_get_ext_vcpucontext),
    ANSWERED(XEN_DOMCTL_set_opt_feature, ENOSYS), /* of Itanium */
    ANSWERED(XEN_DOMCTL_test_assign_device, EOPNOTSUPP), /* no IOMMU */
    IMPLEMENTED(XEN_DOMCTL_set_target, domctl_set_target),
    ANSWERED(XEN_DOMCTL_deassign_device, EOPNOTSUPP),
    ANSWERED(XEN_DOMCTL_unbind_pt_irq, EINVAL),
    ANSWERED(XEN_DOMCTL_get_device_group, EOPNOTSUPP),
    ANSWERED(XEN_DOMCTL_debug_op, EINVAL), /* of HVM domains */
    ANSWERED(XEN_DOMCTL_gethvmcontext_partial, EINVAL),
    IMPLEMENTED(XEN_DOMCTL_vm_event_op, domctl_vm_event_op),
    ANSWERED(XEN_DOMCTL_mem_sharing_op, ENOSYS), /* not in Debian's Xen */
    IMPLEMENTED(XEN_DOMCTL_gettscinfo, domctl_gettscinfo),
    IMPLEMENTED(XEN_DOMCTL_settscinfo, domctl_settscinfo),
    IMPLEMENTED(XEN_DOMCTL_getpageframeinfo3, domctl_getpageframeinfo3),
    IMPLEMENTED(XEN_DOMCTL_setvcpuextstate, domctl_setvcpuextstate),
    IMPLEMENTED(XEN_DOMCTL_getvcpuextstate, domctl_getvcpuextstate),
    IMPLEMENTED(XEN_DOMCTL_set_access_required, domctl_set_access_required),
    ANSWERED(XEN_DOMCTL_audit_p2m, ENOSYS), /* only in a Xen for debugging */
    IMPLEMENTED(XEN_DOMCTL_set_virq_handler, domctl_set_virq_handler),
    ANSWERED(XEN_DOMCTL_set_broken_page_p2m, EINVAL), /* of HVM domains */
    IMPLEMENTED(XEN_DOMCTL_setnodeaffinity, domctl_setnodeaffinity),
    IMPLEMENTED(XEN_DOMCTL_getnodeaffinity, domctl_getnodeaffinity),
    ANSWERED(XEN_DOMCTL_cacheflush, ENOSYS), /* of ARM */
    IMPLEMENTED(XEN_DOMCTL_get_vcpu_msrs, domctl_get_vcpu_msrs),
    IMPLEMENTED(XEN_DOMCTL_set_vcpu_msrs, domctl_set_vcpu_msrs),
    IMPLEMENTED(XEN_DOMCTL_setvnumainfo, domctl_setvnumainfo),
    ANSWERED(XEN_DOMCTL_psr_cmt_op, ENODEV), /* the processor has no such monitoring */
    IMPLEMENTED(XEN_DOMCTL_monitor_op, domctl_monitor_op),
    IMPLEMENTED(XEN_DOMCTL_psr_alloc, domctl_psr_alloc),
    IMPLEMENTED(XEN_DOMCTL_soft_reset, domctl_soft_reset),
    ANSWERED(XEN_DOMCTL_vuart_op, ENOSYS), /* of ARM */
    IMPLEMENTED(XEN_DOMCTL_get_cpu_policy, domctl_get_cpu_policy),
    IMPLEMENTED(XEN_DOMCTL_set_cpu_policy, domctl_set_cpu_policy),
    ANSWERED(XEN_DOMCTL_vmtrace_op, EINVAL), /* of HVM domains */
    ANSWERED(XEN_DOMCTL_get_paging_mempool_size, EOPNOTSUPP),
    ANSWERED(XEN_DOMCTL_set_paging_mempool_size, EOPNOTSUPP),
    /* The debugger: Debian's Xen is built without it. */
    [DOMCTL_SLOT_GDBSX + XEN_DOMCTL_gdbsx_guestmemio - 1000] = { "XEN_DOMCTL_gdbsx_guestmemio", NULL, -ENOSYS },
    [DOMCTL_SLOT_GDBSX + XEN_DOMCTL_gdbsx_pausevcpu - 1000] = { "XEN_DOMCTL_gdbsx_pausevcpu", NULL, -ENOSYS },
    [DOMCTL_SLOT_GDBSX + XEN_DOMCTL_gdbsx_unpausevcpu - 1000] = { "XEN_DOMCTL_gdbsx_unpausevcpu", NULL, -ENOSYS },
    [DOMCTL_SLOT_GDBSX + XEN_DOMCTL_gdbsx_domstatus - 1000] = { "XEN_DOMCTL_gdbsx_domstatus", NULL, -ENOSYS },
};

static const struct suboperation sysctl_table[] = {
    IMPLEMENTED(XEN_SYSCTL_readconsole, sysctl_readconsole),
    IMPLEMENTED(XEN_SYSCTL_tbuf_op, sysctl_tbuf_op),
    IMPLEMENTED(XEN_SYSCTL_physinfo, sysctl_physinfo),
    IMPLEMENTED(XEN_SYSCTL_sched_id, sysctl_sched_id),
    ANSWERED(XEN_SYSCTL_perfc_op, ENOSYS), /* only in a Xen for debugging */
    IMPLEMENTED(XEN_SYSCTL_getdomaininfolist, sysctl_getdomaininfolist),
    IMPLEMENTED(XEN_SYSCTL_debug_keys, sysctl_debug_keys),
    IMPLEMENTED(XEN_SYSCTL_getcpuinfo, sysctl_getcpuinfo),
    IMPLEMENTED(XEN_SYSCTL_availheap, sysctl_availheap),
    IMPLEMENTED(XEN_SYSCTL_get_pmstat, sysctl_get_pmstat),
    IMPLEMENTED(XEN_SYSCTL_cpu_hotplug, sysctl_cpu_hotplug),
    IMPLEMENTED(XEN_SYSCTL_pm_op, sysctl_pm_op),
    IMPLEMENTED(XEN_SYSCTL_page_offline_op, sysctl_page_offline_op),
    ANSWERED(XEN_SYSCTL_lockprof_op, ENOSYS), /* only in a Xen for debugging */
    IMPLEMENTED(XEN_SYSCTL_cputopoinfo, sysctl_cputopoinfo),
    IMPLEMENTED(XEN_SYSCTL_numainfo, sysctl_numainfo),
    IMPLEMENTED(XEN_SYSCTL_cpupool_op, sysctl_cpupool_op),
    IMPLEMENTED(XEN_SYSCTL_scheduler_op, sysctl_scheduler_op),
    ANSWERED(XEN_SYSCTL_coverage_op, EOPNOTSUPP), /* only in a Xen for debugging */
    ANSWERED(XEN_SYSCTL_psr_cmt_op, ENODEV),
    IMPLEMENTED(XEN_SYSCTL_pcitopoinfo, sysctl_pcitopoinfo),
    IMPLEMENTED(XEN_SYSCTL_psr_alloc, sysctl_psr_alloc),
    IMPLEMENTED(XEN_SYSCTL_get_cpu_levelling_caps, sysctl_get_cpu_levelling_caps),
    IMPLEMENTED(XEN_SYSCTL_get_cpu_featureset, sysctl_get_cpu_featureset),
    IMPLEMENTED(XEN_SYSCTL_livepatch_op, sysctl_livepatch_op),
    IMPLEMENTED(XEN_SYSCTL_get_cpu_policy, sysctl_get_cpu_policy),
};

static const struct suboperation platform_table[] = {
    IMPLEMENTED(XENPF_settime32, platform_settime32),
    IMPLEMENTED(XENPF_settime64, platform_settime64),
    ANSWERED(XENPF_add_memtype, ENXIO), /* as of a processor without MTRRs */
    IMPLEMENTED(XENPF_del_memtype, platform_del_memtype),
    ANSWERED(XENPF_read_memtype, EINVAL),
    ANSWERED(XENPF_microcode_update, EINVAL), /* the processor is the host's */
    IMPLEMENTED(XENPF_platform_quirk, platform_quirk),
    ANSWERED(XENPF_efi_runtime_call, ENOSYS), /* not booted by EFI */
    IMPLEMENTED(XENPF_firmware_info, platform_firmware_info),
    ANSWERED(XENPF_enter_acpi_sleep, EPERM), /* no ACPI */
    ANSWERED(XENPF_change_freq, ENOSYS), /* only if dom0 managed frequencies */
    ANSWERED(XENPF_getidletime, ENOSYS), /* as above */
    IMPLEMENTED(XENPF_set_processor_pminfo, platform_set_processor_pminfo),
    IMPLEMENTED(XENPF_get_cpuinfo, platform_get_cpuinfo),
    IMPLEMENTED(XENPF_get_cpu_version, platform_get_cpu_version),
    IMPLEMENTED(XENPF_cpu_online, platform_cpu_online),
    IMPLEMENTED(XENPF_cpu_offline, platform_cpu_offline),
    IMPLEMENTED(XENPF_cpu_hotadd, platform_cpu_hotadd),
    ANSWERED(XENPF_mem_hotadd, EINVAL), /* no place for more */
    IMPLEMENTED(XENPF_core_parking, platform_core_parking),
    IMPLEMENTED(XENPF_resource_op, platform_resource_op),
    IMPLEMENTED(XENPF_get_symbol, platform_get_symbol),
};

static const struct suboperation hypfs_table[] = {
    IMPLEMENTED(XEN_HYPFS_OP_get_version, hypfs_get_version),
    IMPLEMENTED(XEN_HYPFS_OP_read, hypfs_read),
    IMPLEMENTED(XEN_HYPFS_OP_write_contents, hypfs_write_contents),
};

#define DIRECT(op, function) [__HYPERVISOR_##op] = { .name = #op, .handler = function }
#define REFUSED(op, errno_) [__HYPERVISOR_##op] = { .name = #op, .error = -(errno_) }
#define TABLE(op, t, argument, unknown)                                                        \
    [__HYPERVISOR_##op] = { .name = #op, .sub = t, .sub_count = sizeof(t) / sizeof((t)[0]),    \
                            .sub_argument = argument, .sub_mask = UINT32_MAX,                  \
                            .sub_error = -(unknown) }
/* The handler reads the number from a struct, and looks in T (hypercall_suboperation). */
#define INNER(op, function, t)                                                                 \
    [__HYPERVISOR_##op] = { .name = #op, .handler = function, .sub = t,                        \
                            .sub_count = sizeof(t) / sizeof((t)[0]) }

const struct hypercall_row hypercall_table[] = {
    DIRECT(set_trap_table, set_trap_table_op),
    DIRECT(mmu_update, mmu_update_op),
    DIRECT(set_gdt, set_gdt_op),
    DIRECT(stack_switch, stack_switch_op),
    DIRECT(set_callbacks, set_callbacks_op),
    DIRECT(fpu_taskswitch, fpu_taskswitch_op),
    TABLE(sched_op_compat, sched_compat_table, 0, ENOSYS),
    INNER(platform_op, platform_op_op, platform_table),
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
    DIRECT(event_channel_op_compat, event_channel_op_compat),
    TABLE(xen_version, version_table, 0, ENOSYS),
    TABLE(console_io, console_table, 0, ENOSYS),
    DIRECT(physdev_op_compat, physdev_compat), /* the ABI before 3.2.2 */
    INNER(grant_table_op, grant_table_op_op, grant_table_table),
    DIRECT(vm_assist, vm_assist_op),
    DIRECT(update_va_mapping_otherdomain, update_va_mapping_otherdomain_op),
    DIRECT(iret, iret_op),
    [__HYPERVISOR_vcpu_op] = { .name = "vcpu_op", .sub = vcpu_table,
                               .sub_count = sizeof(vcpu_table) / sizeof(vcpu_table[0]),
                               .sub_mask = ~0UL, .unknown = vcpu_unknown_op },
    DIRECT(set_segment_base, set_segment_base_op),
    INNER(mmuext_op, mmuext_op_op, mmuext_table),
    REFUSED(xsm_op, ENOSYS), /* no XSM policy module */
    TABLE(nmi_op, nmi_table, 0, ENOSYS),
    TABLE(sched_op, sched_table, 0, ENOSYS),
    TABLE(callback_op, callback_table, 0, ENOSYS),
    DIRECT(xenoprof_op, xenoprof_op_op),
    TABLE(event_channel_op, event_channel_table, 0, ENOSYS),
    TABLE(physdev_op, physdev_table, 0, ENOSYS),
    [__HYPERVISOR_hvm_op] = { .name = "hvm_op", .sub = hvm_table,
                              .sub_count = sizeof(hvm_table) / sizeof(hvm_table[0]),
                              .sub_mask = ~0UL, .sub_error = -ENOSYS },
    INNER(sysctl, sysctl_op, sysctl_table),
    INNER(domctl, domctl_op, domctl_table),
    DIRECT(kexec_op, kexec_op_op),
    REFUSED(tmem_op, ENOSYS), /* removed from Xen in 4.13 */
    REFUSED(argo_op, ENOSYS), /* Xen's default is argo=0 */
    REFUSED(xenpmu_op, EOPNOTSUPP), /* Xen's default is vpmu=0 */
    DIRECT(dm_op, dm_op_op),
    [__HYPERVISOR_hypfs_op] = { .name = "hypfs_op", .sub = hypfs_table,
                                .sub_count = sizeof(hypfs_table) / sizeof(hypfs_table[0]),
                                .sub_mask = UINT32_MAX, .unknown = hypfs_unknown_op },
};

/* clang-format on */
const unsigned int hypercall_count = sizeof(hypercall_table) / sizeof(hypercall_table[0]);
