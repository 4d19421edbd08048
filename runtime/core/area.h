/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Address space for pages that come and go: unlike what memory_reserve() gives, it is used again.
 */
#ifndef RUNTIME_CORE_AREA_H
#define RUNTIME_CORE_AREA_H

#include <stddef.h>

/* COUNT (> 0) pages of address space in a row, with nothing mapped; NULL if there are none left. */
void *area_take(size_t count);

/* Gives COUNT pages from AT on back; nothing is mapped there any more. */
void area_give(void *at, size_t count);

#endif
