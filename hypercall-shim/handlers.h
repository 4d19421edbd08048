/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The handlers that the hypercall table names. A holds the arguments as the guest gave them;
 * for the mmuext_ ones it is the struct mmuext_op, copied in. They return what the guest gets.
 */
#ifndef HYPERCALL_SHIM_HANDLERS_H
#define HYPERCALL_SHIM_HANDLERS_H

#include "internal.h"

/* event_channel.c, event_fifo.c */
hypercall_fn evtchn_alloc_unbound;
hypercall_fn evtchn_bind_interdomain;
hypercall_fn evtchn_bind_virq;
hypercall_fn evtchn_bind_ipi;
hypercall_fn evtchn_bind_pirq;
hypercall_fn evtchn_close;
hypercall_fn evtchn_send;
hypercall_fn evtchn_status;
hypercall_fn evtchn_unmask;
hypercall_fn evtchn_bind_vcpu;
hypercall_fn evtchn_reset;
hypercall_fn evtchn_reset_cont;
hypercall_fn evtchn_init_control_op;
hypercall_fn evtchn_expand_array_op;
hypercall_fn evtchn_set_priority_op;
hypercall_fn event_channel_op_compat;

/* sched.c */
hypercall_fn sched_yield_op;
hypercall_fn sched_block_op;
hypercall_fn sched_shutdown_op;
hypercall_fn sched_shutdown_compat;
hypercall_fn sched_shutdown_code_op;
hypercall_fn sched_poll_op;
hypercall_fn sched_remote_shutdown_op;
hypercall_fn sched_pin_override_op;

/* watchdog.c */
hypercall_fn sched_watchdog_op;

/* runstate.c */
hypercall_fn vcpu_get_runstate_op;
hypercall_fn vcpu_register_runstate_op;

/* time.c */
hypercall_fn set_timer_op;
hypercall_fn vcpu_register_time_op;
hypercall_fn vcpu_stop_periodic_op;
hypercall_fn vcpu_set_periodic_op;
hypercall_fn vcpu_set_singleshot_op;
hypercall_fn vcpu_stop_singleshot_op;

/* vcpu_op.c */
hypercall_fn vcpu_unknown_op;
hypercall_fn vcpu_initialise_op;
hypercall_fn vcpu_up_op;
hypercall_fn vcpu_down_op;
hypercall_fn vcpu_is_up_op;
hypercall_fn vcpu_register_info_op;
hypercall_fn vcpu_send_nmi_op;
hypercall_fn vcpu_get_physid_op;

/* grant_op.c, grant_setup.c, grant_version.c, grant_map.c, grant_copy.c, grant_transfer.c */
hypercall_fn grant_table_op_op;
hypercall_fn grant_setup_table;
hypercall_fn grant_query_size;
hypercall_fn grant_get_status_frames;
hypercall_fn grant_swap_grant_ref;
hypercall_fn grant_cache_flush;
hypercall_fn grant_set_version;
hypercall_fn grant_get_version;
hypercall_fn grant_map_grant_ref;
hypercall_fn grant_unmap_grant_ref;
hypercall_fn grant_unmap_and_replace;
hypercall_fn grant_copy;
hypercall_fn grant_transfer;

/* memory.c */
hypercall_fn memory_populate_physmap;
hypercall_fn memory_increase_reservation;
hypercall_fn memory_decrease_reservation;
hypercall_fn memory_current_reservation;
hypercall_fn memory_maximum_reservation;
hypercall_fn memory_maximum_gpfn;
hypercall_fn memory_maximum_ram_page;
hypercall_fn memory_claim_pages;

/* memory_exchange.c */
hypercall_fn memory_exchange;

/* memory_map.c */
hypercall_fn memory_map;
hypercall_fn memory_set_memory_map;
hypercall_fn memory_machine_memory_map;
hypercall_fn memory_machphys_mapping;
hypercall_fn memory_machphys_mfn_list;

/* physmap.c */
hypercall_fn memory_add_to_physmap;
hypercall_fn memory_add_to_physmap_batch;
hypercall_fn memory_remove_from_physmap;
hypercall_fn memory_pod_target;
hypercall_fn memory_sharing_count;
hypercall_fn memory_access;
hypercall_fn memory_get_vnumainfo;
hypercall_fn memory_reserved_device_memory_map;
hypercall_fn memory_acquire_resource;

/* mmu.c */
hypercall_fn mmu_update_op;
hypercall_fn update_va_mapping_op;
hypercall_fn update_va_mapping_otherdomain_op;

/* mmuext.c */
hypercall_fn mmuext_pin;
hypercall_fn mmuext_unpin;
hypercall_fn mmuext_new_baseptr;
hypercall_fn mmuext_new_user_baseptr;
hypercall_fn mmuext_flush;
hypercall_fn mmuext_flush_multi;
hypercall_fn mmuext_flush_cache;
hypercall_fn mmuext_flush_cache_global;
hypercall_fn mmuext_set_ldt;
hypercall_fn mmuext_clear_page;
hypercall_fn mmuext_copy_page;
hypercall_fn mmuext_op_op;

/* console.c */
hypercall_fn console_io_write;
hypercall_fn console_io_read;

/* version.c */
hypercall_fn version_version;
hypercall_fn version_extraversion;
hypercall_fn version_compile_info;
hypercall_fn version_capabilities;
hypercall_fn version_changeset;
hypercall_fn version_platform_parameters;
hypercall_fn version_get_features;
hypercall_fn version_pagesize;
hypercall_fn version_guest_handle;
hypercall_fn version_commandline;
hypercall_fn version_build_id;

/* trap.c */
hypercall_fn set_trap_table_op;

/* callback.c */
hypercall_fn set_callbacks_op;
hypercall_fn callback_register;
hypercall_fn callback_unregister;
hypercall_fn nmi_register;
hypercall_fn nmi_unregister;

/* upcall.c */
hypercall_fn iret_op;

/* processor.c */
hypercall_fn set_segment_base_op;
hypercall_fn set_debugreg_op;
hypercall_fn get_debugreg_op;
hypercall_fn stack_switch_op;
hypercall_fn fpu_taskswitch_op;
hypercall_fn vm_assist_op;

/* descriptor.c */
hypercall_fn set_gdt_op;
hypercall_fn update_descriptor_op;

/* physdev.c */
hypercall_fn physdev_set_iopl;
hypercall_fn physdev_set_iobitmap;
hypercall_fn physdev_get_free_pirq;
hypercall_fn physdev_unmask_notify;
hypercall_fn physdev_irq_status_query;
hypercall_fn physdev_apic;
hypercall_fn physdev_alloc_irq_vector;
hypercall_fn physdev_eoi;
hypercall_fn physdev_map_pirq;
hypercall_fn physdev_unmap_pirq;
hypercall_fn physdev_manage_pci;
hypercall_fn physdev_restore_msi;
hypercall_fn physdev_manage_pci_add_ext;
hypercall_fn physdev_setup_gsi;
hypercall_fn physdev_pci_mmcfg_reserved;
hypercall_fn physdev_pci_device_add;
hypercall_fn physdev_pci_device;
hypercall_fn physdev_restore_msi_ext;
hypercall_fn physdev_pirq_eoi_gmfn;
hypercall_fn physdev_dbgp_op;
hypercall_fn physdev_compat;

/* hvm_op.c */
hypercall_fn hvm_param;
hypercall_fn hvm_flush_tlbs;
hypercall_fn hvm_pagetable_dying;
hypercall_fn hvm_get_time;
hypercall_fn hvm_xentrace;
hypercall_fn hvm_get_mem_type;
hypercall_fn hvm_upcall_vector;
hypercall_fn hvm_guest_request;
hypercall_fn dm_op_op;

/* kexec.c */
hypercall_fn kexec_op_op;

/* hypfs.c */
hypercall_fn hypfs_get_version;
hypercall_fn hypfs_read;
hypercall_fn hypfs_write_contents;
hypercall_fn hypfs_unknown_op;

/* xenoprof.c */
hypercall_fn xenoprof_op_op;

/* domctl.c: a[0] is a struct domctl_call * (domctl.h) */
hypercall_fn domctl_op;
hypercall_fn domctl_createdomain;
hypercall_fn domctl_destroydomain;
hypercall_fn domctl_pausedomain;
hypercall_fn domctl_unpausedomain;
hypercall_fn domctl_getdomaininfo;
hypercall_fn domctl_max_mem;
hypercall_fn domctl_scheduler_op;
hypercall_fn domctl_setdomainhandle;
hypercall_fn domctl_setdebugging;
hypercall_fn domctl_resumedomain;
hypercall_fn domctl_setnodeaffinity;
hypercall_fn domctl_getnodeaffinity;
hypercall_fn domctl_setvnumainfo;
hypercall_fn domctl_soft_reset;

/* domctl_vcpu.c: a[0] is a struct domctl_call * (domctl.h) */
hypercall_fn domctl_setvcpuaffinity;
hypercall_fn domctl_getvcpuaffinity;
hypercall_fn domctl_setvcpucontext;
hypercall_fn domctl_getvcpucontext;
hypercall_fn domctl_getvcpuinfo;
hypercall_fn domctl_max_vcpus;
hypercall_fn domctl_sendtrigger;
hypercall_fn domctl_set_ext_vcpucontext;
hypercall_fn domctl_get_ext_vcpucontext;
hypercall_fn domctl_setvcpuextstate;
hypercall_fn domctl_getvcpuextstate;
hypercall_fn domctl_get_vcpu_msrs;
hypercall_fn domctl_set_vcpu_msrs;

/* domctl_machine.c: a[0] is a struct domctl_call * (domctl.h) */
hypercall_fn domctl_shadow_op;
hypercall_fn domctl_irq_permission;
hypercall_fn domctl_iomem_permission;
hypercall_fn domctl_ioport_permission;
hypercall_fn domctl_hypercall_init;
hypercall_fn domctl_settimeoffset;
hypercall_fn domctl_subscribe;
hypercall_fn domctl_set_address_size;
hypercall_fn domctl_get_address_size;
hypercall_fn domctl_memory_mapping;
hypercall_fn domctl_set_target;
hypercall_fn domctl_vm_event_op;
hypercall_fn domctl_gettscinfo;
hypercall_fn domctl_settscinfo;
hypercall_fn domctl_getpageframeinfo3;
hypercall_fn domctl_set_access_required;
hypercall_fn domctl_set_virq_handler;
hypercall_fn domctl_monitor_op;
hypercall_fn domctl_psr_alloc;
hypercall_fn domctl_get_cpu_policy;
hypercall_fn domctl_set_cpu_policy;

/* sysctl.c, sysctl_cpu.c, console_ring.c: a[0] is a struct sysctl_call * (sysctl.h) */
hypercall_fn sysctl_op;
hypercall_fn sysctl_readconsole;
hypercall_fn sysctl_tbuf_op;
hypercall_fn sysctl_physinfo;
hypercall_fn sysctl_sched_id;
hypercall_fn sysctl_getdomaininfolist;
hypercall_fn sysctl_debug_keys;
hypercall_fn sysctl_getcpuinfo;
hypercall_fn sysctl_availheap;
hypercall_fn sysctl_get_pmstat;
hypercall_fn sysctl_cpu_hotplug;
hypercall_fn sysctl_pm_op;
hypercall_fn sysctl_page_offline_op;
hypercall_fn sysctl_cputopoinfo;
hypercall_fn sysctl_numainfo;
hypercall_fn sysctl_cpupool_op;
hypercall_fn sysctl_scheduler_op;
hypercall_fn sysctl_pcitopoinfo;
hypercall_fn sysctl_psr_alloc;
hypercall_fn sysctl_get_cpu_levelling_caps;
hypercall_fn sysctl_get_cpu_featureset;
hypercall_fn sysctl_livepatch_op;
hypercall_fn sysctl_get_cpu_policy;

/* platform.c: a[0] is a struct platform_call * */
hypercall_fn platform_op_op;
hypercall_fn platform_settime32;
hypercall_fn platform_settime64;
hypercall_fn platform_del_memtype;
hypercall_fn platform_quirk;
hypercall_fn platform_firmware_info;
hypercall_fn platform_set_processor_pminfo;
hypercall_fn platform_get_cpuinfo;
hypercall_fn platform_get_cpu_version;
hypercall_fn platform_cpu_online;
hypercall_fn platform_cpu_offline;
hypercall_fn platform_cpu_hotadd;
hypercall_fn platform_core_parking;
hypercall_fn platform_resource_op;
hypercall_fn platform_get_symbol;

/* hypercall.c */
hypercall_fn multicall_op;

#endif
