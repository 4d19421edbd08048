# SPDX-License-Identifier: BSD-3-Clause

# The part of a guest that is the same for every way of GHC's runtime system
noinst_LIBRARIES += libguest.a
libguest_a_SOURCES = \
	runtime/core/area.c \
	runtime/core/area.h \
	runtime/core/call_main.S \
	runtime/core/clock.c \
	runtime/core/clock.h \
	runtime/core/console.c \
	runtime/core/console.h \
	runtime/core/control.c \
	runtime/core/control.h \
	runtime/core/domain.h \
	runtime/core/event.c \
	runtime/core/event.h \
	runtime/core/format.c \
	runtime/core/format.h \
	runtime/core/frame.c \
	runtime/core/frame.h \
	runtime/core/grant_table.c \
	runtime/core/grant_table.h \
	runtime/core/hypercall.h \
	runtime/core/memory.c \
	runtime/core/memory.h \
	runtime/core/physmap.c \
	runtime/core/physmap.h \
	runtime/core/shared_info.h \
	runtime/core/shutdown.c \
	runtime/core/start.c \
	runtime/core/start.h \
	runtime/core/target.c \
	runtime/core/target.h \
	runtime/core/trap.c \
	runtime/core/trap.h \
	runtime/core/trap_entry.S \
	runtime/core/xenbus.c \
	runtime/core/xenbus.h \
	runtime/core/xenstore.c \
	runtime/core/xenstore.h \
	runtime/core/xenstore_call.c \
	runtime/drivers/ramdisk.c \
	runtime/drivers/ramdisk.h \
	runtime/halvm/event.c \
	runtime/halvm/grant.c \
	runtime/halvm/shutdown.c \
	runtime/halvm/xenstore.c \
	runtime/libc/alarm.c \
	runtime/libc/alarm.h \
	runtime/libc/calendar.c \
	runtime/libc/chk.c \
	runtime/libc/chk.h \
	runtime/libc/console.c \
	runtime/libc/descriptor.c \
	runtime/libc/descriptor.h \
	runtime/libc/device.h \
	runtime/libc/dl.c \
	runtime/libc/errno.c \
	runtime/libc/ffi.c \
	runtime/libc/file.c \
	runtime/libc/file_stream.h \
	runtime/libc/iconv.c \
	runtime/libc/locale.c \
	runtime/libc/lock.c \
	runtime/libc/malloc.c \
	runtime/libc/malloc.h \
	runtime/libc/malloc_musl.c \
	runtime/libc/mman.c \
	runtime/libc/multibyte.c \
	runtime/libc/network.c \
	runtime/libc/poll.c \
	runtime/libc/process.c \
	runtime/libc/random.c \
	runtime/libc/random.h \
	runtime/libc/readonly.c \
	runtime/libc/signal.c \
	runtime/libc/signal_deliver.h \
	runtime/libc/spawn.c \
	runtime/libc/stdio.c \
	runtime/libc/time.c \
	runtime/libc/utf8.h \
	runtime/libc/wait.c \
	runtime/libc/wait.h
libguest_a_CPPFLAGS = $(GUEST_CPPFLAGS)
libguest_a_CFLAGS = $(GUEST_CFLAGS)
libguest_a_CCASFLAGS = $(GUEST_CFLAGS)

# What programs may call: C with "#include <halvm/...>", Haskell with foreign imports
halvmincludedir = $(halvmdir)/include/halvm
halvm_headers = \
	runtime/include/halvm/event.h \
	runtime/include/halvm/grant.h \
	runtime/include/halvm/shutdown.h \
	runtime/include/halvm/xenstore.h
halvminclude_HEADERS = $(halvm_headers)
lib/halvm/include/stamp: $(halvm_headers)
	$(AM_V_GEN)$(MKDIR_P) lib/halvm/include/halvm && \
		for header in $(halvm_headers); do \
			cp $(srcdir)/$$header lib/halvm/include/halvm/ || exit; \
		done && touch $@
noinst_DATA += lib/halvm/include/stamp

# GHC's operating-system layer, once a way
rts_sources = \
	runtime/rts/ExecPage.c \
	runtime/rts/FileLock.c \
	runtime/rts/GetTime.c \
	runtime/rts/Itimer.c \
	runtime/rts/Linker.c \
	runtime/rts/OSMem.c \
	runtime/rts/OSThreads.c \
	runtime/rts/Select.c \
	runtime/rts/Signals.c \
	runtime/rts/TTY.c \
	runtime/rts/hooks.c \
	runtime/rts/rts_private.h \
	runtime/rts/stg_run.S
RTS_CPPFLAGS = $(GUEST_CPPFLAGS) -isystem $(GHC_LIBDIR)/include -I$(srcdir)/runtime/rts
noinst_LIBRARIES += libguest-rts.a
libguest_rts_a_SOURCES = $(rts_sources)
libguest_rts_a_CPPFLAGS = $(RTS_CPPFLAGS)
libguest_rts_a_CFLAGS = $(GUEST_CFLAGS)
libguest_rts_a_CCASFLAGS = $(GUEST_CFLAGS)
noinst_LIBRARIES += libguest-rts-debug.a
libguest_rts_debug_a_SOURCES = $(rts_sources)
libguest_rts_debug_a_CPPFLAGS = $(RTS_CPPFLAGS) -DDEBUG
libguest_rts_debug_a_CFLAGS = $(GUEST_CFLAGS)
libguest_rts_debug_a_CCASFLAGS = $(GUEST_CFLAGS)
noinst_LIBRARIES += libguest-rts-prof.a
libguest_rts_prof_a_SOURCES = $(rts_sources)
libguest_rts_prof_a_CPPFLAGS = $(RTS_CPPFLAGS) -DPROFILING
libguest_rts_prof_a_CFLAGS = $(GUEST_CFLAGS)
libguest_rts_prof_a_CCASFLAGS = $(GUEST_CFLAGS)
noinst_LIBRARIES += libguest-rts-debug-prof.a
libguest_rts_debug_prof_a_SOURCES = $(rts_sources)
libguest_rts_debug_prof_a_CPPFLAGS = $(RTS_CPPFLAGS) -DDEBUG -DPROFILING
libguest_rts_debug_prof_a_CFLAGS = $(GUEST_CFLAGS)
libguest_rts_debug_prof_a_CCASFLAGS = $(GUEST_CFLAGS)

# Where a guest is entered: all that differs between the two links
noinst_LIBRARIES += libarch-hosted.a
libarch_hosted_a_SOURCES = \
	runtime/arch/hosted/entry.S
libarch_hosted_a_CPPFLAGS = $(GUEST_CPPFLAGS)
libarch_hosted_a_CFLAGS = $(GUEST_CFLAGS)
libarch_hosted_a_CCASFLAGS = $(GUEST_CFLAGS)
noinst_LIBRARIES += libarch-xen.a
libarch_xen_a_SOURCES = \
	runtime/arch/xen/entry.S
libarch_xen_a_CPPFLAGS = $(GUEST_CPPFLAGS)
libarch_xen_a_CFLAGS = $(GUEST_CFLAGS)
libarch_xen_a_CCASFLAGS = $(GUEST_CFLAGS)

guest_objects = \
	lib/halvm/guest.o \
	lib/halvm/guest-rts.o \
	lib/halvm/guest-rts-debug.o \
	lib/halvm/guest-rts-prof.o \
	lib/halvm/guest-rts-debug-prof.o \
	lib/halvm/entry-hosted.o \
	lib/halvm/entry-xen.o
lib/halvm/guest.o: libguest.a
	$(JOIN) libguest.a
lib/halvm/guest-rts.o: libguest-rts.a
	$(JOIN) libguest-rts.a
lib/halvm/guest-rts-debug.o: libguest-rts-debug.a
	$(JOIN) libguest-rts-debug.a
lib/halvm/guest-rts-prof.o: libguest-rts-prof.a
	$(JOIN) libguest-rts-prof.a
lib/halvm/guest-rts-debug-prof.o: libguest-rts-debug-prof.a
	$(JOIN) libguest-rts-debug-prof.a
lib/halvm/entry-hosted.o: libarch-hosted.a
	$(JOIN) libarch-hosted.a
lib/halvm/entry-xen.o: libarch-xen.a
	$(JOIN) libarch-xen.a

# The members of musl's libc.a that a guest may use
lib/halvm/libmuslpure.a: runtime/libc/purify.sh
	$(AM_V_GEN)$(MKDIR_P) $(@D) && AR='$(AR)' $(SHELL) $(srcdir)/runtime/libc/purify.sh \
		$(MUSL_LIBC) $@

linker_scripts = lib/halvm/merge.lds lib/halvm/hosted.lds lib/halvm/pv.lds
lib/halvm/merge.lds: runtime/arch/merge.lds
	$(STAGE)
lib/halvm/hosted.lds: runtime/arch/hosted/hosted.lds runtime/arch/hosted/make-hosted-lds.sh
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SHELL) $(srcdir)/runtime/arch/hosted/make-hosted-lds.sh \
		$(srcdir)/runtime/arch/hosted/hosted.lds $@ $(HOSTED_VERBOSE)
lib/halvm/pv.lds: runtime/arch/xen/pv.lds
	$(STAGE)
STAGE = $(AM_V_GEN)$(MKDIR_P) $(@D) && cp $< $@.tmp && mv $@.tmp $@

halvm_DATA += $(guest_objects) $(linker_scripts) lib/halvm/libmuslpure.a lib/halvm/config.sh
CLEANFILES += $(guest_objects) $(linker_scripts) lib/halvm/libmuslpure.a
EXTRA_DIST += \
	runtime/libc/purify.sh \
	runtime/arch/hosted/make-hosted-lds.sh \
	runtime/arch/merge.lds \
	runtime/arch/hosted/hosted.lds \
	runtime/arch/xen/pv.lds
