/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The domain's free frames, as runs of pfns.
 */
#ifndef RUNTIME_CORE_FRAME_H
#define RUNTIME_CORE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t pfn_t;
typedef uint64_t mfn_t;

/* Takes up to COUNT (> 0) frames that follow each other; stores the first. 0 if none is free. */
size_t frame_take(size_t count, pfn_t *first);

/* Gives frames back (or for the first time). */
void frame_give(pfn_t first, size_t count);

size_t frame_free_count(void);

#endif
