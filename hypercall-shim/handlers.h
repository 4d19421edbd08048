/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The handlers that the hypercall table names. A holds the arguments as the guest gave them;
 * for the mmuext_ ones it is the struct mmuext_op, copied in. They return what the guest gets.
 */
#ifndef HYPERCALL_SHIM_HANDLERS_H
#define HYPERCALL_SHIM_HANDLERS_H

#include "internal.h"

/* event_channel.c */
hypercall_fn evtchn_alloc_unbound;
hypercall_fn evtchn_bind_interdomain;
hypercall_fn evtchn_bind_virq;
hypercall_fn evtchn_bind_ipi;
hypercall_fn evtchn_close;
hypercall_fn evtchn_send;
hypercall_fn evtchn_status;
hypercall_fn evtchn_unmask;
hypercall_fn evtchn_bind_vcpu;
hypercall_fn evtchn_reset;

/* sched.c */
hypercall_fn sched_yield_op;
hypercall_fn sched_block_op;
hypercall_fn sched_shutdown_op;
hypercall_fn sched_shutdown_compat;
hypercall_fn sched_shutdown_code_op;
hypercall_fn sched_poll_op;
hypercall_fn sched_remote_shutdown_op;
hypercall_fn sched_watchdog_op;
hypercall_fn set_timer_op;

/* vcpu_op.c */
hypercall_fn vcpu_initialise_op;
hypercall_fn vcpu_up_op;
hypercall_fn vcpu_down_op;
hypercall_fn vcpu_is_up_op;
hypercall_fn vcpu_get_runstate_op;
hypercall_fn vcpu_register_runstate_op;
hypercall_fn vcpu_register_time_op;
hypercall_fn vcpu_register_info_op;
hypercall_fn vcpu_stop_periodic_op;
hypercall_fn vcpu_set_periodic_op;
hypercall_fn vcpu_set_singleshot_op;
hypercall_fn vcpu_stop_singleshot_op;
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
hypercall_fn memory_map;
hypercall_fn memory_machphys_mapping;
hypercall_fn memory_machphys_mfn_list;

/* mmu.c */
hypercall_fn mmu_update_op;
hypercall_fn update_va_mapping_op;
hypercall_fn update_va_mapping_otherdomain_op;
hypercall_fn mmuext_pin;
hypercall_fn mmuext_unpin;
hypercall_fn mmuext_new_baseptr;
hypercall_fn mmuext_new_user_baseptr;
hypercall_fn mmuext_flush;
hypercall_fn mmuext_flush_cache;
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
hypercall_fn set_callbacks_op;
hypercall_fn callback_register;
hypercall_fn callback_unregister;
hypercall_fn iret_op;

/* processor.c */
hypercall_fn set_segment_base_op;
hypercall_fn set_debugreg_op;
hypercall_fn get_debugreg_op;
hypercall_fn stack_switch_op;
hypercall_fn fpu_taskswitch_op;
hypercall_fn set_gdt_op;
hypercall_fn update_descriptor_op;
hypercall_fn vm_assist_op;

/* physdev.c */
hypercall_fn physdev_set_iopl;
hypercall_fn physdev_set_iobitmap;
hypercall_fn physdev_get_free_pirq;

/* hypercall.c */
hypercall_fn multicall_op;

#endif
