/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where a program waits, in C or in the RTS: there it also learns what the host's tools ask of the
 * domain. What waits for a moment only, or in the middle of output, calls event_wait().
 */
#ifndef RUNTIME_LIBC_WAIT_H
#define RUNTIME_LIBC_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* event_wait(DEADLINE), before and after it wait_poll(). */
bool wait_for_event(uint64_t deadline);

/*
 * Lets the program have a request that has come: by halvm/shutdown.h if it asked for that, as
 * SIGTERM if it handles that, else as SIGINT. Events have been handled before.
 */
void wait_poll(void);

/*
 * The program has no handler for SIG. True if SIG stands for a request of the tools: the program
 * then ends as by exit(0), not as one that was killed.
 */
bool wait_is_request(int sig);

/*
 * Whether the program takes requests itself; then it has been given the one that is pending, or
 * will take it. Defined by halvm/shutdown.c.
 */
bool shutdown_deliver(void);

#endif
