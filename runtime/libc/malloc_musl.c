/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The names by which musl's own members call malloc() and its kin.
 */
#include <stdlib.h>

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t n, size_t len);
void *__libc_realloc(void *p, size_t len);
void __libc_free(void *p);

void *__libc_malloc(size_t len) { return malloc(len); }

void *__libc_calloc(size_t n, size_t len) { return calloc(n, len); }

void *__libc_realloc(void *p, size_t len) { return realloc(p, len); }

void __libc_free(void *p) { free(p); }
