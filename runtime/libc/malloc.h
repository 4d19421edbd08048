/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The C heap's calls that no C header declares.
 */
#ifndef RUNTIME_LIBC_MALLOC_H
#define RUNTIME_LIBC_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Reserves the heap's addresses; before the first malloc(). Called by libc_start(). */
void malloc_start(void);

/* Bytes of the domain's memory that the heap holds now. */
size_t malloc_committed(void);

/* Whether P lies in the heap's range. */
bool malloc_owns(const void *p);

void *memalign(size_t align, size_t len);
size_t malloc_usable_size(void *p);

#endif
