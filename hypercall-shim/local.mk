# SPDX-License-Identifier: BSD-3-Clause

shim_sources = \
	hypercall-shim/address_space.c \
	hypercall-shim/callback.c \
	hypercall-shim/console.c \
	hypercall-shim/console_ring.c \
	hypercall-shim/cpu_policy.c \
	hypercall-shim/cpuid.c \
	hypercall-shim/descriptor.c \
	hypercall-shim/domain.c \
	hypercall-shim/domain_build.c \
	hypercall-shim/domctl.c \
	hypercall-shim/domctl.h \
	hypercall-shim/domctl_context.c \
	hypercall-shim/domctl_machine.c \
	hypercall-shim/domctl_vcpu.c \
	hypercall-shim/emulate.c \
	hypercall-shim/event_2l.c \
	hypercall-shim/event_channel.c \
	hypercall-shim/event_channel.h \
	hypercall-shim/event_fifo.c \
	hypercall-shim/event_host.c \
	hypercall-shim/event_port.c \
	hypercall-shim/grant_copy.c \
	hypercall-shim/grant_map.c \
	hypercall-shim/grant_op.c \
	hypercall-shim/grant_setup.c \
	hypercall-shim/grant_table.c \
	hypercall-shim/grant_table.h \
	hypercall-shim/grant_transfer.c \
	hypercall-shim/grant_version.c \
	hypercall-shim/guest_access.c \
	hypercall-shim/handlers.h \
	hypercall-shim/hvm_op.c \
	hypercall-shim/hypercall.c \
	hypercall-shim/hypercall_entry.S \
	hypercall-shim/hypercall_stack.c \
	hypercall-shim/hypercall_table.c \
	hypercall-shim/hypervisor.c \
	hypercall-shim/hypervisor.h \
	hypercall-shim/hypfs.c \
	hypercall-shim/hypfs.h \
	hypercall-shim/hypfs_tree.c \
	hypercall-shim/instrument.c \
	hypercall-shim/instrument.h \
	hypercall-shim/internal.h \
	hypercall-shim/kexec.c \
	hypercall-shim/memory.c \
	hypercall-shim/memory.h \
	hypercall-shim/memory_exchange.c \
	hypercall-shim/memory_map.c \
	hypercall-shim/mirror.c \
	hypercall-shim/mmu.c \
	hypercall-shim/mmuext.c \
	hypercall-shim/msr.c \
	hypercall-shim/page.c \
	hypercall-shim/page_alloc.c \
	hypercall-shim/page_alloc.h \
	hypercall-shim/page_contents.c \
	hypercall-shim/page_table.c \
	hypercall-shim/page_table.h \
	hypercall-shim/physdev.c \
	hypercall-shim/physmap.c \
	hypercall-shim/platform.c \
	hypercall-shim/port.c \
	hypercall-shim/preempt.c \
	hypercall-shim/preempt.h \
	hypercall-shim/processor.c \
	hypercall-shim/processor_model.c \
	hypercall-shim/runstate.c \
	hypercall-shim/sched.c \
	hypercall-shim/sched.h \
	hypercall-shim/sysctl.c \
	hypercall-shim/sysctl.h \
	hypercall-shim/sysctl_cpu.c \
	hypercall-shim/time.c \
	hypercall-shim/timer.c \
	hypercall-shim/trap.c \
	hypercall-shim/trap.h \
	hypercall-shim/trap_describe.c \
	hypercall-shim/trap_switch.S \
	hypercall-shim/upcall.c \
	hypercall-shim/vcpu.c \
	hypercall-shim/vcpu_op.c \
	hypercall-shim/vcpu_switch.S \
	hypercall-shim/vectors.c \
	hypercall-shim/vectors.h \
	hypercall-shim/version.c \
	hypercall-shim/version.h \
	hypercall-shim/watchdog.c \
	hypercall-shim/writable_page_table.c \
	hypercall-shim/xenoprof.c

# For tests
noinst_LIBRARIES += libhypercall-shim.a
libhypercall_shim_a_SOURCES = $(shim_sources)
libhypercall_shim_a_CPPFLAGS = $(HOST_CPPFLAGS)
libhypercall_shim_a_CFLAGS = $(HOST_CFLAGS) -Wconversion
libhypercall_shim_a_CCASFLAGS = $(HOST_CFLAGS)

# The host's part of hosted programs, with sim/
halvm_LIBRARIES += lib/halvm/libhosted.a
lib_halvm_libhosted_a_SOURCES = $(shim_sources) $(sim_sources) $(xenstore_sources)
lib_halvm_libhosted_a_CPPFLAGS = $(HOSTED_CPPFLAGS)
lib_halvm_libhosted_a_CFLAGS = $(HOST_CFLAGS)
lib_halvm_libhosted_a_CCASFLAGS = $(HOST_CFLAGS)
