# SPDX-License-Identifier: BSD-3-Clause

# What tests find in their environment
AM_TESTS_ENVIRONMENT = \
	top='$(abs_srcdir)'; export top; \
	bin='$(abs_builddir)/bin'; export bin; \
	GUEST_CC='$(GUEST_CC)'; export GUEST_CC; \
	SANITIZED='$(strip $(HOST_SANITIZE))'; export SANITIZED; \
	HOSTED_ONLY='$(strip $(GUEST_SANITIZE))'; export HOSTED_ONLY; \
	HOSTED_WRAP='$(HOSTED_WRAP)'; export HOSTED_WRAP; \
	NO_XEN='$(NO_XEN)'; export NO_XEN; \
	NO_XEN_DOMAINS='$(NO_XEN_DOMAINS)'; export NO_XEN_DOMAINS; \
	CK_VERBOSITY=normal; export CK_VERBOSITY;

GUEST_CC = $(CC) $(subst $(srcdir)/,$(abs_srcdir)/,$(GUEST_CPPFLAGS)) $(GUEST_CFLAGS)

# Why tests on real Xen are skipped, if they are
if HOSTED_ONLY
NO_XEN = this build is for hosted programs only
else
NO_XEN = $(shell test -r xen/xen || test -n "$$HALVM_XEN" || echo 'no hypervisor: run "make xen-image"'; \
	command -v qemu-system-x86_64 >/dev/null || echo 'no qemu-system-x86_64')
endif

# Why tests with a Linux dom0 are
NO_XEN_DOMAINS = $(strip $(NO_XEN) $(shell test -r xen/dom0/base.cpio || test -n "$$HALVM_XEN_DOM0" || \
	echo 'no initial domain: run "make xen-dom0-image"'))

# Scripts print TAP.
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_COMPILER = bash

# What must hold between two hypercalls
check_LIBRARIES += $(model_library)
model_library = tests/model/libmodel.a
tests_model_libmodel_a_SOURCES = \
	tests/model/frames.c \
	tests/model/grants.c \
	tests/model/memory.c \
	tests/model/mirror.c \
	tests/model/model.c \
	tests/model/model.h \
	tests/model/page_tables.c \
	tests/model/ports.c \
	tests/model/scheduler.c
tests_model_libmodel_a_CPPFLAGS = $(HOST_CPPFLAGS)
tests_model_libmodel_a_CFLAGS = $(HOST_CFLAGS)

# The same after each hypercall of hosted programs (tests/model/link.sh)
watch_sources = tests/model/watch.c tests/model/watch.h
check_LIBRARIES += tests/model/libwatch.a
tests_model_libwatch_a_SOURCES = $(tests_model_libmodel_a_SOURCES) $(watch_sources) tests/model/hosted.c
tests_model_libwatch_a_CPPFLAGS = $(HOSTED_CPPFLAGS)
tests_model_libwatch_a_CFLAGS = $(HOST_CFLAGS)
EXTRA_DIST += tests/model/link.sh

# Units of the shim and sim, on the host, with Check
UNIT_CPPFLAGS = $(HOST_CPPFLAGS) -I$(srcdir)/runtime -I$(srcdir)/tests/unit -I$(srcdir)/tests/model
# The compiler's guesses about sizes of strings are no help where a test means to be wrong.
UNIT_CFLAGS = $(HOST_CFLAGS) -Wno-stringop-truncation -Wno-stringop-overread -Wno-format-truncation
# With @UNIT_WRAP@ every hypercall of a test goes through watch.c, and the model is checked after it.
UNIT_LDADD = @UNIT_WRAP@ $(unit_library) $(model_library) libsim.a libhypercall-shim.a $(unit_library) $(model_library) libsim.a libhypercall-shim.a $(CHECK_LIBS)
unit_tests =
unit_library = tests/unit/libunit.a
tests_unit_libunit_a_SOURCES = \
	$(watch_sources) \
	tests/unit/grant.c \
	tests/unit/grant.h \
	tests/unit/guest.c \
	tests/unit/guest.h \
	tests/unit/trace_file.h \
	tests/unit/xenstore_client.c \
	tests/unit/xenstore_client.h
tests_unit_libunit_a_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_libunit_a_CFLAGS = $(UNIT_CFLAGS)
unit_tests += tests/unit/test_address_space
tests_unit_test_address_space_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_address_space_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_address_space_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_console
tests_unit_test_console_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_console_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_console_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_core
tests_unit_test_core_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_core_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_domctl
tests_unit_test_domctl_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_domctl_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_domctl_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_dying
tests_unit_test_dying_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_dying_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_dying_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_event_channel
tests_unit_test_event_channel_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_event_channel_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_event_channel_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_event_fifo
tests_unit_test_event_fifo_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_event_fifo_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_event_fifo_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_frames
tests_unit_test_frames_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_frames_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_frames_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_grant_rules
tests_unit_test_grant_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_grant_rules_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_grant_rules_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_grant_table
tests_unit_test_grant_table_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_grant_table_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_grant_table_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_grant_death
tests_unit_test_grant_death_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_grant_death_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_grant_death_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_grant_resource
tests_unit_test_grant_resource_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_grant_resource_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_grant_resource_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_guest_access
tests_unit_test_guest_access_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_guest_access_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_guest_access_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_hypfs
tests_unit_test_hypfs_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_hypfs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_hypfs_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_image
tests_unit_test_image_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_image_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_image_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_memory
tests_unit_test_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_memory_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_malloc
tests_unit_test_malloc_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_malloc_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_malloc_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_options
tests_unit_test_options_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_options_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_options_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_memory_rules
tests_unit_test_memory_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_memory_rules_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_memory_rules_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_page_tables
tests_unit_test_page_tables_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_page_tables_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_page_tables_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_preempt
tests_unit_test_preempt_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_preempt_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_preempt_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_processor
tests_unit_test_processor_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_processor_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_processor_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_ramdisk
tests_unit_test_ramdisk_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_ramdisk_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ramdisk_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_repeatable
tests_unit_test_repeatable_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_repeatable_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_repeatable_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_sched
tests_unit_test_sched_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sched_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_sched_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_small
tests_unit_test_small_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_small_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_small_LDADD = $(UNIT_LDADD)
# The names of the guest's client are those of the store's library too.
unit_tests += tests/unit/test_store_client
tests_unit_test_store_client_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_client_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_client_LDADD = $(CHECK_LIBS)
unit_tests += tests/unit/test_table_writes
tests_unit_test_table_writes_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_table_writes_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_table_writes_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_timer
tests_unit_test_timer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_timer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_timer_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_trap
tests_unit_test_trap_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trap_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_trap_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_trace
tests_unit_test_trace_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trace_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_trace_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_trace_again
tests_unit_test_trace_again_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trace_again_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_trace_again_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_time
tests_unit_test_time_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_time_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_time_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_vcpu
tests_unit_test_vcpu_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_vcpu_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_vcpu_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_vcpu_rules
tests_unit_test_vcpu_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_vcpu_rules_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_vcpu_rules_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_vectors
tests_unit_test_vectors_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_vectors_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_vectors_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_version
tests_unit_test_version_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_version_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_version_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_xenstore
tests_unit_test_xenstore_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_xenstore_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_xenstore_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_xenstore_ring
tests_unit_test_xenstore_ring_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_xenstore_ring_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_xenstore_ring_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_xenstore_transaction
tests_unit_test_xenstore_transaction_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_xenstore_transaction_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_xenstore_transaction_LDADD = $(UNIT_LDADD)
unit_tests += tests/unit/test_xenstore_watch
tests_unit_test_xenstore_watch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_xenstore_watch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_xenstore_watch_LDADD = $(UNIT_LDADD)

if HAVE_CHECK
check_LIBRARIES += $(unit_library)
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
else
check-local:
	@echo 'make check needs the library Check: install Debian 12'"'"'s package check, and configure again' >&2
	@exit 1
endif

# Domains that end at any moment, on a whole host (tests/commands/life.sh)
check_PROGRAMS += tests/life/life
tests_life_life_SOURCES = tests/life/life.c $(host_sources)
tests_life_life_CPPFLAGS = $(HOST_CPPFLAGS) -I$(srcdir)/tests/model
tests_life_life_CFLAGS = $(HOST_CFLAGS) -Wconversion -fPIE
tests_life_life_LDFLAGS = -pie -Wl,-z,now $(COVERAGE_LDFLAGS)
tests_life_life_LDADD = $(model_library) libsim.a libhypercall-shim.a -lxlutil -lxenlight -levent_core

# The host of conformance pairs: two guest images in one executable
check_LIBRARIES += tests/conformance/pairs/host/libhost.a
tests_conformance_pairs_host_libhost_a_SOURCES = tests/conformance/pairs/host/main.c
tests_conformance_pairs_host_libhost_a_CPPFLAGS = $(HOSTED_CPPFLAGS)
tests_conformance_pairs_host_libhost_a_CFLAGS = $(HOST_CFLAGS) -Wconversion
pair_script = tests/conformance/pairs/host/linker.lds
$(pair_script): tests/conformance/pairs/host/pair.lds runtime/arch/hosted/make-hosted-lds.sh
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SHELL) $(srcdir)/runtime/arch/hosted/make-hosted-lds.sh \
		$(srcdir)/tests/conformance/pairs/host/pair.lds $@ $(HOSTED_VERBOSE)
check_DATA += $(pair_script)
CLEANFILES += $(pair_script)

# Changes when what guests are linked with does.
lib/halvm/stamp: $(bin_SCRIPTS) $(halvm_DATA) $(halvm_LIBRARIES)
	$(AM_V_GEN)cat $(bin_SCRIPTS) $(halvm_DATA) $(halvm_LIBRARIES) | sha256sum >$@.tmp; \
	if cmp -s $@.tmp $@; then rm $@.tmp; touch $@; else mv $@.tmp $@; fi
check_DATA += lib/halvm/stamp
CLEANFILES += lib/halvm/stamp

# What tests of commands need beside the shell
check_PROGRAMS += tests/commands/on-terminal tests/commands/to-socket
tests_commands_on_terminal_SOURCES = tests/commands/on_terminal.c
tests_commands_on_terminal_CFLAGS = $(HOST_CFLAGS) -Wconversion
tests_commands_on_terminal_LDADD = -lutil
tests_commands_to_socket_SOURCES = tests/commands/to_socket.c
tests_commands_to_socket_CFLAGS = $(HOST_CFLAGS) -Wconversion

TESTS += \
	tests/sources.sh \
	tests/haskell-hosted.sh \
	tests/haskell-xen.sh \
	tests/conformance/run.sh \
	tests/scenarios.sh \
	tests/xen-domains.sh \
	tests/libc/run.sh \
	tests/commands/bad-input.sh \
	tests/commands/crash.sh \
	tests/commands/daemon.sh \
	tests/commands/daemon_console.sh \
	tests/commands/daemon_domains.sh \
	tests/commands/daemon_memory.sh \
	tests/commands/daemon_trace.sh \
	tests/commands/daemon_xenstore.sh \
	tests/commands/elsewhere.sh \
	tests/commands/faults.sh \
	tests/commands/gdb.sh \
	tests/commands/halvm-ghc.sh \
	tests/commands/hostile.sh \
	tests/commands/life.sh \
	tests/commands/one-guest.sh \
	tests/commands/preempt.sh \
	tests/commands/random.sh \
	tests/commands/registers.sh \
	tests/commands/run.sh \
	tests/commands/seeds.sh \
	tests/commands/trace.sh \
	tests/commands/valgrind.sh \
	tests/commands/xen-domains.sh

# Two domains on real Xen, and Haskell programs as unprivileged ones
check-xen-domu: xen-dom0-image
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/xen-domains.sh

# The long ones
SLOW_TESTS =
check-slow: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(SLOW_TESTS)'

include tests/fuzz/local.mk
include tests/mutants/local.mk

# Speed against the native program; prints a table, never fails on a ratio.
EXTRA_PROGRAMS += tests/bench/exec-time
tests_bench_exec_time_SOURCES = tests/bench/exec_time.c
tests_bench_exec_time_CFLAGS = $(HOST_CFLAGS) -Wconversion
EXTRA_PROGRAMS += tests/bench/domains
tests_bench_domains_SOURCES = tests/bench/domains.c tests/bench/machine.c tests/bench/machine.h
tests_bench_domains_CPPFLAGS = $(HOST_CPPFLAGS)
tests_bench_domains_CFLAGS = $(HOST_CFLAGS) -Wconversion
tests_bench_domains_LDADD = libsim.a libhypercall-shim.a
EXTRA_PROGRAMS += tests/bench/xenstore
tests_bench_xenstore_SOURCES = tests/bench/xenstore.c
tests_bench_xenstore_CPPFLAGS = $(HOST_CPPFLAGS)
tests_bench_xenstore_CFLAGS = $(HOST_CFLAGS) -Wconversion
tests_bench_xenstore_LDADD = libsim.a
# As halvm-run, which is linked in the same way
EXTRA_PROGRAMS += tests/bench/hosts
tests_bench_hosts_SOURCES = $(host_sources) tests/bench/hosts.c
tests_bench_hosts_CPPFLAGS = $(HOST_CPPFLAGS) -I$(srcdir)/sim
tests_bench_hosts_CFLAGS = $(lib_halvm_halvm_run_CFLAGS)
tests_bench_hosts_LDFLAGS = $(lib_halvm_halvm_run_LDFLAGS)
tests_bench_hosts_LDADD = $(lib_halvm_halvm_run_LDADD)
bench_programs = tests/bench/exec-time$(EXEEXT) tests/bench/domains$(EXEEXT) \
	tests/bench/hosts$(EXEEXT) tests/bench/xenstore$(EXEEXT)
CLEANFILES += $(bench_programs)
bench: all $(bench_programs)
	GUEST_CC='$(GUEST_CC)' bash $(srcdir)/tests/bench/bench.sh --bin bin --out tests/bench/out

EXTRA_DIST += \
	tests/sources.sh \
	tests/haskell-hosted.sh \
	tests/haskell-xen.sh \
	tests/commands \
	tests/conformance \
	tests/xen-domains.sh \
	tests/libc \
	tests/life \
	tests/scenarios \
	tests/scenarios.sh \
	tests/haskell \
	tests/bench

# Directories are distributed whole, but not what a build and its tests leave in them.
dist-hook:
	cd $(distdir) && find tests examples fixtures -type f | while read -r file; do \
	    test -e '$(abs_srcdir)'/"$$file" || rm -f "$$file"; done
	cd $(distdir) && rm -rf tests/*/out && find tests examples fixtures -type f \
	    '(' -name '*.log' -o -name '*.trs' -o -name '*.[oa]' ')' -exec rm -f {} +
