/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SIM_NEAREST_H
#define SIM_NEAREST_H

#include <stddef.h>

/* Of COUNT NAMES the one that WORD is most likely meant to be, or NULL if none is like it. */
const char *nearest(const char *word, const char *const *names, size_t count);

#endif
