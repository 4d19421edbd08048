/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The domain's frames and its address space, over PV page tables.
 */
#ifndef RUNTIME_CORE_MEMORY_H
#define RUNTIME_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)

enum memory_access { MEMORY_READ, MEMORY_WRITE, MEMORY_EXECUTE /* and write */ };

/*
 * Address space in the guest's window, not mapped: LEN bytes (a multiple of
 * PAGE_SIZE) at a multiple of ALIGN (a power of two). It is never given back.
 * NULL if the window is used up.
 */
void *memory_reserve(size_t len, size_t align);

/* Bytes of the window that memory_reserve can still give out. */
size_t memory_address_space_left(void);

/*
 * Maps free frames, zeroed as Xen gave them or as they were left, at [VA, VA + LEN)
 * of a reserved range. Returns false, with nothing mapped, if there are too few.
 */
bool memory_commit(void *va, size_t len, enum memory_access access);

/* Unmaps [VA, VA + LEN) and frees its frames. Pages that are not mapped are skipped. */
void memory_decommit(void *va, size_t len);

/* Reserve and commit in one: LEN bytes of zeroes, rounded up to pages, or NULL. */
void *memory_pages(size_t len, enum memory_access access);

/* Changes the access of committed or spare pages. False, with nothing changed, if one is neither.
 */
bool memory_protect(void *va, size_t len, enum memory_access access);

/* The machine frame of the page of ours that is mapped at VA; 0 if none is. */
uint64_t memory_frame(const void *va);

/* Makes the page tables of [VA, VA + LEN), reserved. False if there are too few frames. */
bool memory_tables(void *va, size_t len);

/*
 * Shows COUNT machine frames that are not the domain's own, as Xen lets it, at VA, reserved;
 * nothing may be mapped there. Returns 0 or Xen's negative error, with nothing shown.
 */
int memory_show(void *va, const uint64_t *frames, size_t count);

/*
 * What the initial mapping has behind the boot stack, at least 512 KiB: mapped, zeroes, nobody's.
 * Stores its length; a multiple of PAGE_SIZE, as is the address.
 */
void *memory_spare(size_t *len);

/* The address at which the initial mapping shows pfn 0. */
uintptr_t memory_virt_base(void);

/* The domain's memory, and what of it is free, in bytes, with what Xen would still give it. */
size_t memory_total(void);
size_t memory_free(void);

#endif
