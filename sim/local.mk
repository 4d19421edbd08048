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

# For tests
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = $(sim_sources)
libsim_a_CPPFLAGS = $(HOST_CPPFLAGS)
libsim_a_CFLAGS = $(HOST_CFLAGS) -Wconversion
