/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the host's tools ask of the domain: the node control/shutdown (Xen's
 * docs/misc/xenstore-paths). The request is acknowledged as Linux does, by writing an empty value,
 * and then waits here until the program takes it. "suspend", which a domain that says
 * feature-suspend = 0 is not expected to answer, and unknown requests are left as they are.
 */
#ifndef RUNTIME_CORE_CONTROL_H
#define RUNTIME_CORE_CONTROL_H

#include <stdbool.h>

/*
 * Sets the watch, and that of target.h, and says what the domain can do, if there is a store;
 * nothing waits. Only the first call does something: it belongs where a program waits, not where it
 * starts.
 */
void control_start(void);
bool control_started(void);

/* Takes a request that has come: SHUTDOWN_* (<xen/sched.h>), or -1. */
int control_take(void);

/* Whether there is one to be taken. */
bool control_pending(void);

/* What the domain's end shall be: the last request that has come, or -1 if there was none. */
int control_reason(void);

/* The program's own choice. */
void control_set_reason(int reason);

#endif
