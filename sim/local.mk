# SPDX-License-Identifier: BSD-3-Clause

sim_sources = \
	sim/addresses.c \
	sim/clock.c \
	sim/command_line.c \
	sim/console.c \
	sim/console_lines.c \
	sim/counter.c \
	sim/crash.c \
	sim/descriptors.c \
	sim/fault.c \
	sim/machine.c \
	sim/main.c \
	sim/nearest.c \
	sim/nearest.h \
	sim/options.c \
	sim/preempt.c \
	sim/ramdisk.c \
	sim/record.c \
	sim/signal_frame.c \
	sim/signal_frame.h \
	sim/sim.h \
	sim/store.c \
	sim/symbol.c \
	sim/symbol.h \
	sim/trace/describe.c \
	sim/trace/describe.h \
	sim/trace/describe_events.c \
	sim/trace/describe_memory.c \
	sim/trace/describe_tools.c \
	sim/trace/format.h \
	sim/trace/last.c \
	sim/trace/record.c \
	sim/trace/trace.h \
	sim/trace/write.c \
	sim/trace/write.h

# XenStore
xenstore_sources = \
	sim/xenstore/connection.c \
	sim/xenstore/control.c \
	sim/xenstore/hash.c \
	sim/xenstore/hash.h \
	sim/xenstore/local.c \
	sim/xenstore/node.c \
	sim/xenstore/permission.c \
	sim/xenstore/quota.c \
	sim/xenstore/rate.c \
	sim/xenstore/request.c \
	sim/xenstore/request_domain.c \
	sim/xenstore/request_tree.c \
	sim/xenstore/ring.c \
	sim/xenstore/store.c \
	sim/xenstore/store.h \
	sim/xenstore/store_domain.c \
	sim/xenstore/toolstack.c \
	sim/xenstore/transaction.c \
	sim/xenstore/view.c \
	sim/xenstore/watch.c \
	sim/xenstore/xenstore.h

# What loads images, which hosted programs do not
image_sources = \
	sim/config.h \
	sim/config_keys.c \
	sim/image.c \
	sim/image.h \
	sim/image_move.c \
	sim/image_notes.c \
	sim/image_template.c

# What reads traces
trace_sources = \
	sim/trace/join.c \
	sim/trace/lines.c \
	sim/trace/lines.h \
	sim/trace/read.c \
	sim/trace/read.h \
	sim/trace/text.c \
	sim/trace/text.h \
	sim/trace/text_call.c \
	sim/trace/text_call.h

# A whole host, for halvm run
host_sources = \
	sim/config.c \
	sim/config_devices.c \
	sim/host.c \
	sim/host.h \
	sim/host_loop.c \
	sim/host_memory.c \
	sim/host_trace.c

# The daemon, and the commands that come to it
daemon_sources = \
	sim/config_json.c \
	sim/daemon/commands.c \
	sim/daemon/connect.c \
	sim/daemon/connect.h \
	sim/daemon/console_log.c \
	sim/daemon/create.c \
	sim/daemon/daemon.c \
	sim/daemon/daemon.h \
	sim/daemon/describe.c \
	sim/daemon/details.c \
	sim/daemon/memory.c \
	sim/daemon/place.c \
	sim/daemon/place.h \
	sim/daemon/protocol.h \
	sim/daemon/server.c \
	sim/daemon/store_socket.c \
	sim/daemon/terminal.c
client_sources = \
	sim/config.c \
	sim/config_devices.c \
	sim/daemon/client.c \
	sim/daemon/client.h \
	sim/daemon/client_create.c \
	sim/daemon/client_xenstore.c \
	sim/daemon/connect.c \
	sim/daemon/connect.h \
	sim/daemon/place.c \
	sim/daemon/place.h \
	sim/daemon/protocol.h \
	sim/daemon/terminal.c

# For tests, and for halvm-run
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = $(sim_sources) $(image_sources) $(xenstore_sources) $(trace_sources)
libsim_a_CPPFLAGS = $(HOST_CPPFLAGS)
libsim_a_CFLAGS = $(HOST_CFLAGS) -Wconversion

# The low 2 GiB are for images: position independent, it is far from there. All functions are bound
# at the start, and not while a guest waits.
halvm_PROGRAMS += lib/halvm/halvm-run
lib_halvm_halvm_run_SOURCES = $(host_sources) sim/run.c sim/seeds.c sim/seeds.h
lib_halvm_halvm_run_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_halvm_run_CFLAGS = $(HOST_CFLAGS) -Wconversion -fPIE
lib_halvm_halvm_run_LDFLAGS = -pie -Wl,-z,now $(COVERAGE_LDFLAGS)
lib_halvm_halvm_run_LDADD = libsim.a libhypercall-shim.a -lxlutil -lxenlight -levent_core

halvm_PROGRAMS += lib/halvm/halvm-daemon
lib_halvm_halvm_daemon_SOURCES = $(host_sources) $(daemon_sources)
lib_halvm_halvm_daemon_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_halvm_daemon_CFLAGS = $(HOST_CFLAGS) -Wconversion -fPIE
lib_halvm_halvm_daemon_LDFLAGS = -pie -Wl,-z,now $(COVERAGE_LDFLAGS)
lib_halvm_halvm_daemon_LDADD = libsim.a libhypercall-shim.a -lxlutil -lxenlight -levent_core

halvm_PROGRAMS += lib/halvm/halvm-control
lib_halvm_halvm_control_SOURCES = $(client_sources)
lib_halvm_halvm_control_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_halvm_control_CFLAGS = $(HOST_CFLAGS) -Wconversion
lib_halvm_halvm_control_LDADD = libsim.a libhypercall-shim.a -lxlutil -lxenlight -lxenstore

halvm_PROGRAMS += lib/halvm/halvm-trace
lib_halvm_halvm_trace_SOURCES = \
	sim/trace/chrome.c \
	sim/trace/compare.c \
	sim/trace/print.c \
	sim/trace/summary.c \
	sim/trace/tool.c \
	sim/trace/tool.h
lib_halvm_halvm_trace_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_halvm_trace_CFLAGS = $(HOST_CFLAGS) -Wconversion
lib_halvm_halvm_trace_LDADD = libsim.a libhypercall-shim.a
