/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Random numbers for the libc itself.
 */
#ifndef RUNTIME_LIBC_RANDOM_H
#define RUNTIME_LIBC_RANDOM_H

#include <stddef.h>

/*
 * Fills BUF with random bytes: from the processor's generator if the hypervisor shows one, else
 * from a hash of the domain's handle, its command line and the clock, which is not good enough for
 * secrets.
 */
void random_bytes(void *buf, size_t len);

#endif
