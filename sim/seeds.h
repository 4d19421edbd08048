/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SIM_SEEDS_H
#define SIM_SEEDS_H

#include <stdint.h>

/* Some seeds, each of them a run. */
struct seeds {
    uint64_t first, last; /* 0: none; else first <= last */
    unsigned int jobs;    /* how many at a time; at least 1 */
};

/*
 * Makes a process for each seed and returns the seed there, with nothing on standard input and what
 * is written kept aside. Where it was called it does not return: when all processes have ended it
 * prints what those wrote that have not ended well, in the order of the seeds, then one line on
 * standard error, and exits with 0 if all have ended well, and with 1 if not. PROGRAM begins the
 * lines. A process that cannot be made ends it all with status 2.
 */
uint64_t seeds_fork(const struct seeds *seeds, const char *program);

#endif
