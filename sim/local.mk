# SPDX-License-Identifier: BSD-3-Clause

halvm_LIBRARIES += lib/halvm/libsim.a
lib_halvm_libsim_a_SOURCES = \
	sim/clock.c \
	sim/console.c \
	sim/fault.c \
	sim/main.c \
	sim/options.c \
	sim/sim.h \
	sim/symbol.c
lib_halvm_libsim_a_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_libsim_a_CFLAGS = $(HOST_CFLAGS) -Wconversion
lib_halvm_libsim_a_CCASFLAGS = $(HOST_CFLAGS)
