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

#endif
