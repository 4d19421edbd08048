/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The heap's memory: address space at first, frames block by block.
 */
#include "rts_private.h"

#include "core/memory.h"

/* The RTS prints what it was doing and ends with 251 when this many bytes cannot be had. */
extern void OutOfHeapHook(W_ request, W_ heap_size);

static uintptr_t heap_start;
static size_t heap_len;

void osMemInit(void) {}

/* LEN is what the RTS would like, 1 TiB; what it gets is the rest of the domain's window. */
void *osReserveHeapMemory(void *start STG_UNUSED, W_ *len)
{
    void *heap;
    size_t room = memory_address_space_left() / 4 * 3 & ~(size_t)MBLOCK_MASK;

    if (*len > room)
        *len = room;
    heap = memory_reserve(*len, MBLOCK_SIZE);
    if (!heap)
        barf("no address space for a heap of %" FMT_Word " bytes", *len);
    heap_start = (uintptr_t)heap;
    heap_len = *len;
    return heap;
}

void osCommitMemory(void *at, W_ size)
{
    if (memory_commit(at, size, MEMORY_WRITE))
        return;
    errorBelch("out of memory (requested %" FMT_Word " bytes; the domain has %lu MiB)", size,
               (unsigned long)(memory_total() >> 20));
    stg_exit(EXIT_HEAPOVERFLOW);
}

void osDecommitMemory(void *at, W_ size) { memory_decommit(at, size); }

void osReleaseHeapMemory(void)
{ /* The domain is about to end, and its memory with it. */
}

StgWord64 getPhysicalMemorySize(void) { return memory_total(); }

size_t getPageSize(void) { return PAGE_SIZE; }

uint32_t osNumaNodes(void) { return 1; }

uint64_t osNumaMask(void) { return 1; }

bool osNumaAvailable(void) { return false; }

bool osBuiltWithNumaSupport(void) { return false; }

void osBindMBlocksToNode(void *addr STG_UNUSED, StgWord size STG_UNUSED, uint32_t node STG_UNUSED)
{
}
