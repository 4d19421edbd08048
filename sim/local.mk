# SPDX-License-Identifier: BSD-3-Clause

sim_sources = \
	sim/clock.c \
	sim/console.c \
	sim/fault.c \
	sim/main.c \
	sim/options.c \
	sim/record.c \
	sim/sim.h \
	sim/symbol.c \
	sim/symbol.h

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

# For tests
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = $(sim_sources) $(xenstore_sources)
libsim_a_CPPFLAGS = $(HOST_CPPFLAGS)
libsim_a_CFLAGS = $(HOST_CFLAGS) -Wconversion
