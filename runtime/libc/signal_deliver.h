/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What raise() and kill() ask before they look at C's handlers.
 */
#ifndef RUNTIME_LIBC_SIGNAL_DELIVER_H
#define RUNTIME_LIBC_SIGNAL_DELIVER_H

#include <stdbool.h>

/*
 * Gives SIG to Haskell's handler for it, if there is one; true if that is done or SIG is ignored
 * by Haskell. Defined by runtime/rts; libc has a weak one for programs without Haskell.
 */
bool signal_deliver(int sig);

/* Whether the program has a handler for SIG, in Haskell or in C. */
bool signal_handled(int sig);

/* Whether Haskell has one. Defined as signal_deliver is. */
bool signal_handled_by_haskell(int sig);

#endif
