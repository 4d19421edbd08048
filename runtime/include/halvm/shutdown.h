/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the host's tools ask of the domain ("xl shutdown", "xl reboot"), and its end.
 *
 * A program that calls nothing of this gets a request as SIGTERM if it handles that signal, in
 * Haskell or in C, else as SIGINT: in Haskell that is the exception UserInterrupt in the main
 * thread, as after Ctrl-C. If it has no handler, or has had its UserInterrupt, it ends as by
 * exit(0). However it ends after a request, the domain's end is of the kind that was asked for. A
 * request to crash is obeyed at once, one to suspend not at all.
 *
 * Programs get requests when they wait, in the C library or in GHC's runtime system, or when that
 * takes its tick, but not in a loop of C's.
 */
#ifndef HALVM_SHUTDOWN_H
#define HALVM_SHUTDOWN_H

/* Kinds, as SHUTDOWN_* of <xen/sched.h> */
enum halvm_shutdown { HALVM_POWEROFF = 0, HALVM_REBOOT = 1, HALVM_CRASH = 3 };

/*
 * From now on HANDLER gets requests. It is called where the program waits: it may call all of C,
 * but no Haskell. NULL: as at first.
 */
void halvm_shutdown_handler(void (*handler)(int kind));

/*
 * From now on requests wait to be taken, and no signal comes. Returns a descriptor that can be
 * read from while there is one, the same each time, or a negative error number as in <errno.h>.
 */
int halvm_shutdown_descriptor(void);

/* The last request that has come, which is taken, or -1. */
int halvm_shutdown_take(void);

/* Ends the domain so, as exit(STATUS) does. */
void halvm_shutdown(int kind, int status) __attribute__((noreturn));

#endif
