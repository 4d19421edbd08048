/* SPDX-License-Identifier: BSD-3-Clause
 *
 * alarm() in a guest that nobody interrupts: whoever waits or looks at the clock raises it.
 */
#ifndef RUNTIME_LIBC_ALARM_H
#define RUNTIME_LIBC_ALARM_H

#include <stdint.h>

/* When SIGALRM is due (clock_monotonic); EVENT_FOREVER if none is. */
uint64_t alarm_deadline(void);

/* Raises SIGALRM if it is due at NOW. */
void alarm_poll(uint64_t now);

#endif
