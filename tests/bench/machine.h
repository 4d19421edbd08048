/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A machine to measure: domains whose guests are C functions, under the clock of hosted programs.
 */
#ifndef TESTS_BENCH_MACHINE_H
#define TESTS_BENCH_MACHINE_H

#include "internal.h"

extern struct hypervisor *hv;

void machine_start(unsigned int mib);
void machine_stop(void);

/* A domain of 4 MiB, the least there is, in which FUNCTION(ARGUMENT) will run. */
#define GUEST_MIB 4U
struct domain *guest_create(void (*function)(void *), void *argument);
/* Until all guests have ended. */
void machine_run(void);

/* For guest functions: page NUMBER, of 200, of the guest's image. */
void *guest_page(unsigned int number);

/* Ends the process, saying why. */
void die(const char *what) __attribute__((noreturn));

/* Nanoseconds of CLOCK_MONOTONIC. */
double now(void);
/* BEST (0: none yet) becomes TIME, if that is less. */
void least(double *best, double time);

#endif
